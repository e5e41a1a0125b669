package inits_test

import (
	"crypto/aes"
	"crypto/cipher"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/config"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

//go:embed testdata/template.sql
var templateDump string

// templateSecret encrypts an AppSecret as the template does.
func templateSecret(t *testing.T, secret, databasePassword string) string {
	t.Helper()
	key := []byte(auth.Sent(databasePassword)) // the hex MD5, its 32 digits are the key
	block, err := aes.NewCipher(key)
	require.NoError(t, err)
	pad := aes.BlockSize - len(secret)%aes.BlockSize
	text := []byte(secret + strings.Repeat(string(rune(pad)), pad))
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(text, text)
	return base64.StdEncoding.EncodeToString(text)
}

// grant gives a database a login of its own.
func grant(t *testing.T, conf config.MySQL, password string) environment {
	t.Helper()
	user := "u" + strings.TrimPrefix(conf.Database, "test_")
	dbtest.Exec(t, conf,
		"CREATE USER IF NOT EXISTS "+user+" IDENTIFIED BY '"+password+"'", "ALTER USER "+user+" IDENTIFIED BY '"+password+"'",
		"GRANT ALL ON "+conf.Database+".* TO "+user)
	return environment{
		"MYSQL_ADDRESS": conf.Address, "MYSQL_USERNAME": user, "MYSQL_PASSWORD": password, "MYSQL_DATABASE": conf.Database,
	}
}

// templateDatabase is a database that the template has left behind, with the login that it used.
func templateDatabase(t *testing.T, databasePassword string) (environment, config.MySQL) {
	t.Helper()
	conf := dbtest.EmptyMySQL(t)
	dump := strings.NewReplacer(
		"{SECRET}", templateSecret(t, appSecret, databasePassword), "{PASSWORD}", auth.Sent(auth.Sent(adminPassword)),
	).Replace(templateDump)
	dbtest.Exec(t, conf, strings.Split(strings.TrimSuffix(strings.TrimSpace(dump), ";"), ";\n")...)
	return grant(t, conf, databasePassword), conf
}

// TestTakeOver switches from the template to this service: with the four MYSQL_ variables and
// nothing else that the template did not have.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{Format: wxsim.FormatPlain})
	const databasePassword = mark + "databasepassword"
	database, conf := templateDatabase(t, databasePassword)
	env := database.with(environment{
		"WX_APPID": appID, "WX_API_BASE": wechat.url, "WX_PLAIN_CALLBACK": "on", "LOG_LEVEL": "debug",
	})
	s := start(t, env)
	wechat.SetTarget(s.base)
	passwordHash := func() string { return column(t, conf, "SELECT password FROM user") }

	require.Len(t, passwordHash(), 32)
	_, code := s.login("root", "a wrong one")
	require.Equal(t, 1006, code)
	token, code := s.login("root", adminPassword)
	require.Zero(t, code)
	require.Regexp(t, `^\$2`, passwordHash())
	require.LessOrEqual(t, len(passwordHash()), 64)
	_, code = s.login("root", databasePassword)
	require.Equal(t, 1006, code, "the database's login is not the administrator's")
	_, code = s.login("root", adminPassword)
	require.Zero(t, code)
	admin := s.as(token)

	requireOldRows(t, s, admin)
	sealed := column(t, conf, "SELECT value FROM comm WHERE `key` = 'secret'")
	require.NotContains(t, sealed, appSecret)
	require.True(t, strings.HasPrefix(sealed, "enc1:"), "the AppSecret is not sealed anew")
	require.True(t, wechat.PushTicket(t.Context()).Accepted)
	eventually(t, "a component token is made with the old AppSecret", func() bool {
		return admin.call(http.MethodGet, "/wxcomponent/admin/component-access-token", "").Code == 0
	})

	const text = `{"ToUserName":"gh_old","FromUserName":"o1","CreateTime":1700000000,"MsgType":"text","Content":"新 😀","MsgId":1}`
	_, answer, err := s.pushPlain("/wxcallback/biz/wxold", text)
	require.NoError(t, err)
	require.Equal(t, "success", answer)
	require.Equal(t, text, get[recordPage](admin, bizRecords+"?appid=wxold").Records[0].PostBody)

	require.NoError(t, s.stop())
	for _, secret := range []string{databasePassword, appSecret, "ticket@@@old", "refreshtoken@@@old", "componenttoken@@@old", "authorizertoken@@@old"} {
		require.NotContains(t, s.out.String(), secret)
	}
	requireNewDatabasePasswordChangesNothing(t, env.with(grant(t, conf, "another-password")), token)
}

func requireOldRows(t *testing.T, s *service, admin *client) {
	t.Helper()
	const prefix = "/wxcomponent/admin/"
	require.Equal(t, map[string]string{"ticket": "ticket@@@old"}, get[map[string]string](admin, prefix+"ticket"))
	require.Equal(t, "MARKE***********cdef", get[map[string]string](admin, prefix+"secret")["secret"])
	require.Equal(t, map[string]string{
		"appid": appID, "name": "平台", "desc": "说明", "redirectUrl": "https://example.com/back",
	}, get[map[string]string](s.client, "/wxcomponent/authpage/componentinfo"))
	proxy := get[struct {
		Open bool
		Port int
	}](admin, prefix+"proxy")
	require.False(t, proxy.Open)
	require.Equal(t, 3000, proxy.Port)

	events := get[recordPage](admin, componentRecords)
	require.Len(t, events.Records, 1)
	require.Equal(t, [2]int64{1704164645, 1704164644}, [2]int64{events.Records[0].ReceiveTime, events.Records[0].CreateTime})
	messages := get[recordPage](admin, bizRecords+"?appid=wxold")
	require.Len(t, messages.Records, 1)
	require.Equal(t, `{"Content":"旧的"}`, messages.Records[0].PostBody)
	admin.wantGet(bizRecords+"?appid=wxtimeless", data(obj{"total": 1, "records": list{obj{
		"id": 2, "receiveTime": 1704164647, "createTime": 0, "appid": "wxtimeless", "toUserName": "gh_old", "msgType": "text",
		"event": "", "postBody": "{}",
	}}}))

	type rule struct {
		Name, MsgType, Event string
		Open                 int
		Data                 struct {
			Port int
			Path string
		}
	}
	rules := get[struct{ Rules []rule }](admin, prefix+"callback-proxy-rule-list?offset=0&limit=999&type=2").Rules
	require.Len(t, rules, 1)
	want := rule{Name: "规则", MsgType: "event", Event: "subscribe", Open: 1}
	want.Data.Port, want.Data.Path = 8090, "/x/$APPID$"
	require.Equal(t, want, rules[0])

	accounts := get[struct {
		Records []struct {
			AppID, NickName, FuncInfo string
			AuthTime                  int64
		}
	}](admin, prefix+"authorizer-list?limit=20")
	require.Len(t, accounts.Records, 1)
	require.Equal(t, "名字", accounts.Records[0].NickName)
	require.Equal(t, int64(1683356889), accounts.Records[0].AuthTime)
	require.Equal(t, "refreshtoken@@@old", get[map[string]string](admin, prefix+"authorizer-refresh-token?appid=wxold")["refreshToken"])
}

// TestChosenRetentionCountsAtOnce: what was asked for is done, whoever stored the rows.
func TestChosenRetentionCountsAtOnce(t *testing.T) {
	t.Parallel()
	database, _ := templateDatabase(t, "")
	s := start(t, database.with(environment{"WX_API_BASE": "http://127.0.0.1:1", "RETENTION_DAYS": "365"}))
	token, code := s.login("root", adminPassword)
	require.Zero(t, code)
	for _, list := range []string{bizRecords, componentRecords} {
		eventually(t, "old messages are deleted", func() bool { return get[recordPage](s.as(token), list).Total == 0 })
	}
}

// requireNewDatabasePasswordChangesNothing: no key hangs on the database's password.
func requireNewDatabasePasswordChangesNothing(t *testing.T, env environment, token string) {
	t.Helper()
	s := start(t, env)
	require.Zero(t, s.code(token))
	require.Equal(t, "MARKE***********cdef", get[map[string]string](s.as(token), "/wxcomponent/admin/secret")["secret"])
	require.Equal(t, int64(3), get[recordPage](s.as(token), bizRecords).Total)
	_, code := s.login("root", "another-password")
	require.Equal(t, 1006, code)
}

// column reads one value as any other program would.
func column(t *testing.T, conf config.MySQL, query string) string {
	t.Helper()
	d := dbtest.Open(t, db.Options{MySQL: conf})
	var value string
	require.NoError(t, d.Read.Raw(query).Scan(&value).Error)
	return value
}

// TestSecretOfAnUnknownPasswordIsNotUsed: the template's AppSecret is lost when the password of the
// database has changed since, which must be said and not sent to WeChat as if it were one.
func TestSecretOfAnUnknownPasswordIsNotUsed(t *testing.T) {
	t.Parallel()
	database, conf := templateDatabase(t, "the old password")
	s := start(t, database.with(grant(t, conf, "the new password")).with(environment{
		"WX_APPID": appID, "WX_API_BASE": "http://127.0.0.1:1",
	}))
	token, code := s.login("root", adminPassword)
	require.Zero(t, code)
	require.Empty(t, get[map[string]string](s.as(token), "/wxcomponent/admin/secret")["secret"])
	e := s.as(token).call(http.MethodGet, "/wxcomponent/admin/component-access-token", "")
	require.Equal(t, 1101, e.Code, e.raw)
	require.Contains(t, s.out.String(), "AppSecret")

	job := s.as(token).call(http.MethodPost, adminAPI+"/pull-authorizer-list", "").data(t)["jobId"].(string)
	eventually(t, "the sync tells why it cannot be", func() bool {
		progress := s.as(token).call(http.MethodGet, adminAPI+"/pull-authorizer-job?id="+job, "").data(t)["progress"].(obj)
		return len(progress["errors"].(list)) > 0
	})
	require.Zero(t, s.code(token), "the service goes on")
	require.EqualValues(t, 1, get[recordPage](s.as(token), adminAPI+"/authorizer-list").Total)
}
