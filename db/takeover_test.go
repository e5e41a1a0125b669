package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/config"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

const (
	templateTimes = "createtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP," +
		" updatetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"
	templatePush = "id INT UNSIGNED NOT NULL AUTO_INCREMENT, receivetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP," +
		" createtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, %s postbody TEXT NOT NULL, PRIMARY KEY (id), INDEX (receivetime)"
	utf8 = " ENGINE=InnoDB DEFAULT CHARSET=utf8"
)

// templateSchema is what the template's own start makes: three-byte utf8, narrow columns.
func templateSchema(withCounter bool) []string {
	name := func(column string) string { return column + " VARCHAR(64) NOT NULL DEFAULT ''," }
	list := []string{
		"CREATE TABLE wxcallback_component (" + fmt.Sprintf(templatePush, name("infotype")) + ")" + utf8,
		"CREATE TABLE wxcallback_biz (" +
			fmt.Sprintf(templatePush, name("tousername")+name("appid")+name("msgtype")+name("event")) + ")" + utf8,
		"CREATE TABLE comm (`key` VARCHAR(64) NOT NULL, value TEXT NOT NULL, " + templateTimes + ", PRIMARY KEY (`key`))" + utf8,
		"CREATE TABLE user (id INT NOT NULL AUTO_INCREMENT, username VARCHAR(32) NOT NULL, password VARCHAR(64) NOT NULL, " +
			templateTimes + ", PRIMARY KEY (id), UNIQUE KEY user_username_uindex (username))" + utf8,
		// authtime as old servers make it of "TIMESTAMP NOT NULL": it changes with every update
		"CREATE TABLE authorizers (id INT NOT NULL AUTO_INCREMENT, appid VARCHAR(32) NOT NULL, apptype INT NOT NULL DEFAULT 0," +
			" servicetype INT NOT NULL DEFAULT 0, nickname VARCHAR(32) NOT NULL DEFAULT '', username VARCHAR(32) NOT NULL DEFAULT ''," +
			" headimg VARCHAR(256) NOT NULL DEFAULT '', qrcodeurl VARCHAR(256) NOT NULL DEFAULT ''," +
			" principalname VARCHAR(64) NOT NULL DEFAULT '', refreshtoken VARCHAR(128) NOT NULL DEFAULT ''," +
			" funcinfo VARCHAR(128) NOT NULL DEFAULT '', verifyinfo INT NOT NULL DEFAULT -1," +
			" authtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP," +
			" updatetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP," +
			" PRIMARY KEY (id), UNIQUE KEY authorizers_appid_uindex (appid))" + utf8,
		"CREATE TABLE wxcallback_rules (id INT UNSIGNED NOT NULL AUTO_INCREMENT, " + name("name") + name("infotype") +
			name("msgtype") + name("event") + " type INT NOT NULL DEFAULT 0, open INT NOT NULL DEFAULT 0, info TEXT NOT NULL, " +
			templateTimes + ", PRIMARY KEY (id), UNIQUE KEY (infotype, msgtype, event))" + utf8,
		"CREATE TABLE wxtoken (id INT UNSIGNED NOT NULL AUTO_INCREMENT, type INT NOT NULL DEFAULT 0," +
			" appid VARCHAR(128) NOT NULL DEFAULT '', token TEXT NOT NULL," +
			" expiretime TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00', " + templateTimes +
			", PRIMARY KEY (id), UNIQUE KEY appid_uindex (appid))" + utf8,
	}
	if withCounter {
		list = append(list, "CREATE TABLE counter (id INT UNSIGNED NOT NULL AUTO_INCREMENT, `key` VARCHAR(64) NOT NULL,"+
			" value INT NOT NULL DEFAULT 0, "+templateTimes+", PRIMARY KEY (id), UNIQUE KEY (`key`))"+utf8)
	}
	return list
}

func templateRows() []string {
	return []string{
		"SET time_zone = '+00:00'",
		"INSERT INTO wxcallback_component (receivetime, createtime, infotype, postbody) VALUES" +
			" ('2024-01-02 03:04:05', '2024-01-02 03:04:04', 'component_verify_ticket', '{\"old\":1}')",
		"INSERT INTO wxcallback_biz (receivetime, createtime, tousername, appid, msgtype, event, postbody) VALUES" +
			" ('2024-01-02 03:04:05', '0000-00-00 00:00:00', 'gh_1', 'wx1', 'event', 'subscribe', '旧')",
		"INSERT INTO comm (`key`, value) VALUES ('ticket', 'ticket@@@plain'), ('secret', 'b2xk')," +
			" ('authinfo', '{\"name\":\"平台\"}'), ('proxy', '{\"open\":true,\"port\":3000}')",
		"INSERT INTO user (username, password) VALUES ('root', 'e10adc3949ba59abbe56e057f20f883e')",
		"INSERT INTO authorizers (appid, apptype, nickname, refreshtoken, funcinfo, verifyinfo, authtime) VALUES" +
			" ('wx1', 1, '名字', 'refreshtoken@@@1', '|1|18', 0, '2023-05-06 07:08:09'), ('wx2', 0, '', '', '|1|118|', -1," +
			" '2023-05-06 07:08:10')",
		"INSERT INTO wxcallback_rules (name, infotype, msgtype, event, type, open, info) VALUES" +
			" ('规则', '', 'event', 'subscribe', 1, 1, '{\"port\":8090,\"path\":\"/x\"}')",
		"INSERT INTO wxtoken (type, appid, token, expiretime) VALUES (2, '', 'plain component token', '2024-01-02 05:04:05')," +
			" (1, 'wx1', 'plain', '0000-00-00 00:00:00')",
	}
}

func templateDatabase(t *testing.T, withCounter bool) config.MySQL {
	t.Helper()
	conf := dbtest.EmptyMySQL(t)
	dbtest.Exec(t, conf, "ALTER DATABASE "+conf.Database+" CHARACTER SET utf8")
	dbtest.Exec(t, conf, templateSchema(withCounter)...)
	dbtest.Exec(t, conf, templateRows()...)
	return conf
}

type plain struct{}

func (plain) Seal(s, _ string) (string, error) { return "enc1:" + s, nil }
func (plain) Open(s, _ string) (string, error) { return strings.TrimPrefix(s, "enc1:"), nil }

func TestTakeOver(t *testing.T) {
	t.Parallel()
	for _, withCounter := range []bool{true, false} {
		t.Run(fmt.Sprintf("counter=%t", withCounter), func(t *testing.T) {
			conf := templateDatabase(t, withCounter)
			d := dbtest.Open(t, db.Options{MySQL: conf})
			s := dao.New(d, plain{}).WithPatience(waittest.Limit)
			requireOldRows(t, s)
			requireNewRowsFit(t, s)
			require.NoError(t, db.MigrateOnline(t.Context(), d))
			require.NoError(t, db.MigrateOnline(t.Context(), d))
			requireTemplateGoesOn(t, conf, s)
		})
	}
}

func TestTakeOverKnowsTestAccounts(t *testing.T) {
	t.Parallel()
	conf := templateDatabase(t, true)
	dbtest.Exec(t, conf, "SET time_zone = '+00:00'", "INSERT INTO authorizers (appid, nickname, authtime) VALUES"+
		" ('wx570bc396a51b8ff8', 'test', '2023-05-06 07:08:09')")
	s := dao.New(dbtest.Open(t, db.Options{MySQL: conf}), plain{}).WithPatience(waittest.Limit)
	for appid, test := range map[string]bool{"wx570bc396a51b8ff8": true, "wx1": false} {
		account, err := s.AuthorizerGet(t.Context(), appid)
		require.NoError(t, err)
		require.Equal(t, test, account.IsTest, appid)
		require.Equal(t, time.Date(2023, 5, 6, 7, 8, 9, 0, time.UTC), account.AuthTime.UTC(), appid)
	}
}

func requireOldRows(t *testing.T, s *dao.Store) {
	t.Helper()
	ctx := t.Context()
	for key, want := range map[string]string{"ticket": "ticket@@@plain", "authinfo": `{"name":"平台"}`} {
		got, err := s.KVGet(ctx, key)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	secret, err := s.KVSecretGet(ctx, "secret")
	require.NoError(t, err)
	require.Equal(t, "b2xk", secret)
	u, err := s.UserByName(ctx, "root")
	require.NoError(t, err)
	require.Zero(t, u.Epoch)

	a, err := s.AuthorizerGet(ctx, "wx1")
	require.NoError(t, err)
	require.Equal(t, "refreshtoken@@@1", a.RefreshToken)
	require.Equal(t, model.Authorized, a.Status)
	require.Equal(t, time.Date(2023, 5, 6, 7, 8, 9, 0, time.UTC), a.AuthTime)
	agency, err := s.AuthorizerList(ctx, model.AuthorizerFilter{Permission: 18, Limit: 10})
	require.NoError(t, err)
	require.Len(t, agency.Rows, 1)

	rules, err := s.RuleOpenList(ctx)
	require.NoError(t, err)
	require.Len(t, rules, 1)
	require.Equal(t, "规则", rules[0].Name)
	token, err := s.TokenGet(ctx, model.TokenComponent, "")
	require.NoError(t, err)
	require.Equal(t, "plain component token", token.Token)
	token, err = s.TokenGet(ctx, model.TokenAuthorizer, "wx1")
	require.NoError(t, err)
	require.True(t, token.ExpireTime.IsZero())

	events, err := s.ComponentRecordList(ctx, model.ComponentRecordFilter{Limit: 5})
	require.NoError(t, err)
	require.Equal(t, `{"old":1}`, events.Rows[0].PostBody)
	require.Equal(t, time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), events.Rows[0].ReceiveTime)
}

func requireNewRowsFit(t *testing.T, s *dao.Store) {
	t.Helper()
	ctx := t.Context()
	emoji, long := "hi 😀", strings.Repeat("长文", 12_000)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	_, err := s.PushInsert(ctx, []model.Push{
		{Channel: model.ChannelBiz, Identity: "1", ReceiveTime: at.Add(time.Second), AppID: "wx1", Event: "😀", Body: emoji},
		{Channel: model.ChannelBiz, Identity: "2", ReceiveTime: at, AppID: "wx1", Body: long},
		{Channel: model.ChannelComponent, Identity: "3", ReceiveTime: at, InfoType: "updateauthorized", Body: emoji + long},
	})
	require.NoError(t, err)
	list, err := s.BizRecordList(ctx, model.BizRecordFilter{AppID: "wx1", From: at, Limit: 5})
	require.NoError(t, err)
	require.Len(t, list.Rows, 2)
	require.True(t, emoji == list.Rows[0].PostBody && long == list.Rows[1].PostBody)
	require.Equal(t, at, list.Rows[1].ReceiveTime)
	list, err = s.BizRecordList(ctx, model.BizRecordFilter{Event: "😀", Limit: 5})
	require.NoError(t, err)
	require.Len(t, list.Rows, 1)

	before, err := s.AuthorizerGet(ctx, "wx2")
	require.NoError(t, err)
	_, err = s.AuthorizerSaveDetails(ctx, model.AuthorizerDetails{
		AppID: "wx2", NickName: strings.Repeat("😀名", 50), FuncInfo: "|" + strings.Repeat("100|", 200),
	})
	require.NoError(t, err)
	after, err := s.AuthorizerGet(ctx, "wx2")
	require.NoError(t, err)
	require.Equal(t, before.AuthTime, after.AuthTime, "no column changes by itself")
	require.Equal(t, strings.Repeat("😀名", 50), after.NickName)
	_, err = s.CounterHit(ctx, "k", time.Hour)
	require.NoError(t, err)
	require.NoError(t, s.KVPut(ctx, "authinfo", "😀"))
}

// requireTemplateGoesOn writes as the template does, which may run beside us.
func requireTemplateGoesOn(t *testing.T, conf config.MySQL, s *dao.Store) {
	t.Helper()
	dbtest.Exec(t, conf, "SET sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE'",
		"INSERT INTO authorizers (appid, apptype, servicetype, nickname, username, headimg, qrcodeurl, principalname,"+
			" refreshtoken, funcinfo, verifyinfo, authtime) VALUES ('wx3', 0, 0, 'n', 'u', '', '', '', 'r', '|18|', 0, NOW())",
		"INSERT INTO wxcallback_biz (receivetime, createtime, tousername, appid, msgtype, event, postbody)"+
			" VALUES (NOW(), NOW(), 'a', 'wx3', 'text', '', 'b')",
		"INSERT INTO wxcallback_component (infotype, postbody) VALUES ('x', 'y')",
		"INSERT INTO user (username, password) VALUES ('second', 'x')",
		"INSERT INTO wxcallback_rules (name, infotype, type, open, info) VALUES ('r', 'x', 1, 1, '{}')",
		"INSERT INTO wxtoken (type, appid, token, expiretime) VALUES (1, 'wx3', 't', NOW())",
		"INSERT INTO counter (`key`, value) VALUES ('a', 1)")
	list, err := s.BizRecordList(t.Context(), model.BizRecordFilter{AppID: "wx3", Limit: 5})
	require.NoError(t, err)
	require.Equal(t, "b", list.Rows[0].PostBody)
	a, err := s.AuthorizerGet(t.Context(), "wx3")
	require.NoError(t, err)
	require.Equal(t, model.Authorized, a.Status)
}
