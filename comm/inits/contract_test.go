package inits_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/wxsim"
)

// adminAPI is where the endpoints that need a login are.
const adminAPI = "/wxcomponent/admin"

// contract is a service whose kept endpoints are asked one after the other, whole answers compared.
type contract struct {
	t       *testing.T
	env     environment
	wechat  *platform
	s       *service
	admin   *client
	shop    wxsim.Account // an official account that has authorized the platform
	mini    wxsim.Account // a mini program that has
	secrets []string      // what must not be in the log
}

// TestKeptEndpoints asks every endpoint that programs made for the template rely on, as they do.
func TestKeptEndpoints(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		env := database.with(wechat.settings()).with(environment{
			"WX_PLAIN_CALLBACK": "on", "LOG_LEVEL": "debug", "HOSTNAME": "myservice-001-abc",
		})
		s := start(t, env)
		wechat.SetTarget(s.base)
		c := &contract{t: t, env: env, wechat: wechat, s: s}
		c.secrets = append(c.secrets, adminPassword, auth.Sent(adminPassword), appSecret)
		c.login()
		c.nothingYet()
		c.ticketAndComponentToken()
		c.sync()
		c.accounts()
		c.records()
		c.settings()
		c.proxy()
		c.rules()
		c.authorizationPage()
		c.agencyDevelopment()
		c.user()

		require.NoError(t, s.stop())
		requireLogWithout(t, s.out.String(), append(c.secrets, mark)...)
	})
}

// login logs in as the template's page does; the token is one of twelve hours.
func (c *contract) login() {
	c.t.Helper()
	token := data(obj{"jwt": matching(`[\w-]+\.[\w-]+\.[\w-]+`)})
	credentials := obj{"username": adminName, "password": auth.Sent(adminPassword), "remember": true}
	c.s.wantAnswer(http.MethodPut, "/wxcomponent/auth", asJSON(c.t, obj{"username": adminName, "password": "x"}),
		obj{"code": 1006, "errorMsg": "wrong user name or password"})
	c.s.wantAnswer(http.MethodPut, "/wxcomponent/auth", asJSON(c.t, obj{"username": adminName}),
		refused(1001, "password: is required", "password"))
	var given struct{ JWT string }
	earliest := time.Now().Add(12*time.Hour - time.Second) // it counts in seconds
	require.NoError(c.t, json.Unmarshal(c.s.wantAnswer(http.MethodPut, "/wxcomponent/auth", asJSON(c.t, credentials), token), &given))
	latest := time.Now().Add(12 * time.Hour)
	var claims jwt.RegisteredClaims
	head, _, err := jwt.NewParser().ParseUnverified(given.JWT, &claims)
	require.NoError(c.t, err)
	require.Equal(c.t, "HS256", head.Method.Alg())
	require.Equal(c.t, "wxcomponent", claims.Issuer)
	require.True(c.t, claims.ExpiresAt.After(earliest) && !claims.ExpiresAt.After(latest), "%s", claims.ExpiresAt)
	c.admin = c.s.as(given.JWT)
	c.admin.wantGet(adminAPI+"/refresh-auth", token)
	c.secrets = append(c.secrets, given.JWT)
	for token, want := range map[string]obj{
		"": {"code": 1000, "errorMsg": "not authorized"}, "x": {"code": 1004, "errorMsg": "invalid token"},
	} {
		c.s.as(token).wantGet(adminAPI+"/refresh-auth", want)
	}
}

// nothingYet asks before WeChat has pushed or a merchant has come.
func (c *contract) nothingYet() {
	c.t.Helper()
	noTicket := obj{"code": 1007, "errorMsg": "no component_verify_ticket yet"}
	for _, path := range []string{"/ticket", "/component-access-token"} {
		c.admin.wantGet(adminAPI+path, noTicket)
		c.s.inner.wantGet("/inner"+path, noTicket)
	}
	for _, path := range []string{"/wx-component-records", "/wx-biz-records", "/authorizer-list", "/dev-weapp-list"} {
		c.admin.wantGet(adminAPI+path, data(obj{"total": 0, "records": list{}}))
	}
	c.admin.wantGet(adminAPI+"/callback-proxy-rule-list?offset=0&limit=999&type=1", data(obj{"total": 0, "rules": list{}}))
	c.admin.wantGet(adminAPI+"/proxy", data(obj{"open": false, "port": 0, "url": ""}))
	c.s.wantGet("/wxcomponent/authpage/componentinfo", data(obj{"appid": appID, "name": "", "desc": "", "redirectUrl": ""}))
	c.s.wantGet("/wxcomponent/authpage/preauthcode", noTicket)
}

func (c *contract) ticketAndComponentToken() {
	c.t.Helper()
	require.True(c.t, c.wechat.PushTicket(c.t.Context()).Accepted)
	var ticket struct{ Ticket string }
	want := data(obj{"ticket": matching("ticket@@@.+")})
	require.NoError(c.t, json.Unmarshal(c.admin.wantGet(adminAPI+"/ticket", want), &ticket))
	c.s.inner.wantGet("/inner/ticket", data(obj{"ticket": ticket.Ticket}))
	var token tokenData
	want = data(obj{"token": anyText(), "expireTime": after(2 * time.Hour)})
	require.NoError(c.t, json.Unmarshal(c.admin.wantGet(adminAPI+"/component-access-token", want), &token))
	c.s.inner.wantGet("/inner/component-access-token", data(obj{"token": token.Token, "expireTime": token.ExpireTime}))
	c.admin.wantGet(adminAPI+"/cloudbase-access-token", refused(1101, "cloud hosting's access token is not in use here (WX_CLOUDBASE_TOKEN)", ""))
	c.secrets = append(c.secrets, ticket.Ticket, token.Token)
}

// sync has the accounts pulled that stand in WeChat's list.
func (c *contract) sync() {
	c.t.Helper()
	for _, account := range c.wechat.AddAccounts(2, true) {
		if account.Kind == wxsim.MiniProgram {
			c.mini = account
		} else {
			c.shop = account
		}
	}
	_, letGo := c.wechat.gate.hold(c.t, "/cgi-bin/component/api_get_authorizer_list") // so that the job does not end
	var job struct{ JobID string }
	require.NoError(c.t, json.Unmarshal(c.admin.wantPost(adminAPI+"/pull-authorizer-list", nil, data(obj{"jobId": longID()})), &job))
	c.admin.wantPost(adminAPI+"/pull-authorizer-list", nil, data(obj{"jobId": job.JobID}))
	letGo()
	eventually(c.t, "the sync has ended", func() bool {
		return get[struct{ State string }](c.admin, adminAPI+"/pull-authorizer-job?id="+job.JobID).State == "done"
	})
	c.admin.wantGet(adminAPI+"/pull-authorizer-job", data(obj{
		"jobId": job.JobID, "state": "done", "createTime": now(), "updateTime": now(),
		"progress": obj{"total": 2, "done": 2, "failed": 0, "page": 1, "added": 2, "vanished": 0, "incomplete": false, "errors": list{}, "beganMs": anyNumber()},
	}))
}

// account is an account as the list shows it.
func (c *contract) account(a wxsim.Account) obj {
	funcs, kind, name := "", 1, "subscription"
	for _, id := range a.Funcs {
		funcs += "|" + strconv.Itoa(id)
	}
	switch {
	case a.Kind == wxsim.MiniProgram:
		kind, name = 0, "miniProgram"
	case a.ServiceType == 2:
		name = "service"
	}
	return obj{
		"id": anyNumber(), "appid": a.AppID, "appType": kind, "kind": name, "serviceType": a.ServiceType, "nickName": a.NickName,
		"userName": a.UserName, "headImg": c.wechat.url + "/_img/head/" + a.AppID + ".svg",
		"qrcodeUrl": c.wechat.url + "/_img/qrcode/" + a.AppID + ".png", "principalName": a.PrincipalName,
		"refreshToken": a.RefreshToken[:5] + "***********" + a.RefreshToken[len(a.RefreshToken)-4:],
		"funcInfo":     funcs, "verifyInfo": a.VerifyType, "authTime": a.AuthTime.Unix(), "registerType": a.RegisterType,
		"accountStatus": 1, "basicConfig": obj{"isPhoneConfigured": kind == 0, "isEmailConfigured": kind == 0 && a.VerifyType == 0},
		"status": "authorized", "statusTime": now(), "detailsTime": now(), "state": "", "tags": list{},
	}
}

// accounts reads the stored accounts, which asks WeChat for nothing, and their tokens.
func (c *contract) accounts() {
	c.t.Helper()
	c.wechat.ResetCalls()
	both := data(obj{"total": 2, "records": list{c.account(c.mini), c.account(c.shop)}})
	if c.shop.AuthTime.After(c.mini.AuthTime) {
		both = data(obj{"total": 2, "records": list{c.account(c.shop), c.account(c.mini)}})
	}
	for range 10 {
		c.admin.wantGet(adminAPI+"/authorizer-list?offset=0&limit=20", both)
	}
	c.admin.wantGet(adminAPI+"/authorizer-list?limit=1&appid="+c.shop.AppID, data(obj{"total": 1, "records": list{c.account(c.shop)}}))
	c.admin.wantGet(adminAPI+"/authorizer-list?appid=wxnone", data(obj{"total": 0, "records": list{}}))
	require.Empty(c.t, c.wechat.AllCalls(), "views of the list call WeChat")
	c.admin.wantGet(adminAPI+"/authorizer-list?limit=21", refused(1001, "limit: must be at most 20", "limit"))
	c.admin.wantGet(adminAPI+"/authorizer-list?limit=0", refused(1001, "limit: must be at least 1", "limit"))
	c.admin.wantGet(adminAPI+"/authorizer-list?offset=-1", refused(1001, "offset: must be at least 0", "offset"))

	query := "?appid=" + c.shop.AppID
	var token tokenData
	want := data(obj{"token": anyText(), "expireTime": after(2 * time.Hour)})
	require.NoError(c.t, json.Unmarshal(c.admin.wantGet(adminAPI+"/authorizer-access-token"+query, want), &token))
	c.s.inner.wantGet("/inner/authorizer-access-token"+query, data(obj{"token": token.Token, "expireTime": token.ExpireTime}))
	c.wechat.ResetCalls()
	for _, bad := range []string{"", "?appid=", "?appid=wxnone"} {
		e := c.admin.call(http.MethodGet, adminAPI+"/authorizer-access-token"+bad, "")
		require.Equal(c.t, 1001, e.Code, bad)
		require.Equal(c.t, "appid", e.Field, bad)
	}
	require.Empty(c.t, c.wechat.AllCalls())
	known, _ := c.wechat.Account(c.shop.AppID)
	c.admin.wantGet(adminAPI+"/authorizer-refresh-token"+query, data(obj{"refreshToken": known.RefreshToken}))
	c.secrets = append(c.secrets, token.Token, known.RefreshToken)
	var trail int
	require.NoError(c.t, databaseBeside(c.t, c.env).Read.Raw("SELECT COUNT(*) FROM audit_trail WHERE username = ? AND object = ? AND action = ?",
		adminName, c.shop.AppID, "authorizer.refresh-token").Scan(&trail).Error)
	require.Equal(c.t, 1, trail, "who has seen a refresh token is written down")
}

// records reads what was pushed, in the template's way and by cursor.
func (c *contract) records() {
	c.t.Helper()
	path := "/wxcallback/biz/" + c.shop.AppID
	bodies := []string{
		`{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1700000001,"MsgType":"text","Content":"你好 😀","MsgId":1}`,
		`{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":"1700000002","MsgType":"event","Event":"subscribe","EventKey":""}`,
	}
	for _, body := range bodies {
		_, answer, err := c.s.pushPlain(path, body)
		require.NoError(c.t, err)
		require.Equal(c.t, "success", answer)
	}
	record := func(created int, kind, event, body string) obj {
		return obj{
			"id": anyNumber(), "receiveTime": now(), "createTime": created, "appid": c.shop.AppID, "toUserName": "gh_1",
			"msgType": kind, "event": event, "postBody": body,
		}
	}
	text, event := record(1700000001, "text", "", bodies[0]), record(1700000002, "event", "subscribe", bodies[1])
	c.admin.wantGet(bizRecords+"?startTime=0&endTime=0&appid="+c.shop.AppID+"&offset=0&limit=15", data(obj{
		"total": 2, "records": list{event, text},
	}))
	c.admin.wantGet(bizRecords+"?msgType=event", data(obj{"total": 1, "records": list{event}}))
	c.admin.wantGet(bizRecords+"?event=subscribe&", data(obj{"total": 1, "records": list{event}}))
	c.admin.wantGet(bizRecords+"?endTime=1700000000", data(obj{"total": 0, "records": list{}}))
	var first struct{ NextCursor string }
	require.NoError(c.t, json.Unmarshal(c.admin.wantGet(bizRecords+"?limit=1", data(obj{
		"total": 2, "records": list{event}, "nextCursor": anyText(),
	})), &first))
	c.admin.wantGet(bizRecords+"?limit=1&cursor="+url.QueryEscape(first.NextCursor), data(obj{"total": 2, "records": list{text}}))
	c.admin.wantGet(componentRecords+"?infoType=component_verify_ticket", data(obj{"total": 1, "records": list{obj{
		"id": 1, "receiveTime": now(), "createTime": now(), "infoType": "component_verify_ticket",
		"postBody": matching(`<xml>.*component_verify_ticket.*</xml>`),
	}}}))
	c.admin.wantGet(componentRecords+"?infoType=authorized", data(obj{"total": 0, "records": list{}}))
	c.admin.wantGet(componentRecords+"?limit=-1", refused(1001, "limit: must be at least 1", "limit"))
	c.admin.wantGet(componentRecords+"?startTime=x", refused(1001, "startTime: must be a number", "startTime"))
}

func (c *contract) settings() {
	c.t.Helper()
	c.admin.wantGet(adminAPI+"/callback-config", data(obj{
		"envId": "", "service": "myservice", "componentPath": "/wxcallback/component", "bizPath": "/wxcallback/biz/$APPID$",
		"textMode": "xml",
	}))
	c.admin.wantGet(adminAPI+"/secret", data(obj{"secret": "MARKE***********cdef"}))
	next := "0123456789abcdef" + mark + "56789"
	c.admin.wantPost(adminAPI+"/secret", obj{"secret": next}, done())
	c.admin.wantGet(adminAPI+"/secret", data(obj{"secret": "01234***********6789"}))
	c.admin.wantPost(adminAPI+"/secret", obj{}, refused(1001, "secret: is required", "secret"))
	c.admin.wantPost(adminAPI+"/secret", obj{"secret": appSecret}, done())
	c.admin.wantPost(adminAPI+"/componentinfo",
		obj{"appid": appID, "name": "小店", "desc": "说明 😀", "redirectUrl": "https://example.com/back"}, done())
	c.s.wantGet("/wxcomponent/authpage/componentinfo", data(obj{
		"appid": appID, "name": "小店", "desc": "说明 😀", "redirectUrl": "https://example.com/back",
	}))
}

func (c *contract) proxy() {
	c.t.Helper()
	c.admin.wantPost(adminAPI+"/proxy", obj{"open": true, "port": "65000"}, done())
	c.admin.wantGet(adminAPI+"/proxy", data(obj{"open": true, "port": 65000, "url": "http://127.0.0.1:65000"}))
	c.admin.wantPost(adminAPI+"/proxy", obj{"open": false, "port": 65000}, done())
	c.admin.wantGet(adminAPI+"/proxy", data(obj{"open": false, "port": 65000, "url": "http://127.0.0.1:65000"}))
}

// authorizationPage is what the merchant's pages ask for.
func (c *contract) authorizationPage() {
	c.t.Helper()
	var code struct{ PreAuthCode string }
	require.NoError(c.t, json.Unmarshal(c.s.wantGet("/wxcomponent/authpage/preauthcode",
		data(obj{"preAuthCode": matching("preauthcode@@@.+")})), &code))
	var visit struct{ URL string }
	for page, prefix := range map[string]string{"pc": "/cgi-bin/componentloginpage?", "h5": "/wxaopen/safe/bindcomponent?"} {
		require.NoError(c.t, json.Unmarshal(c.s.wantGet("/wxcomponent/authpage/authurl?authType=2&bizAppid=wx7&type="+page, data(obj{
			"url": matching(".+"), "expiresIn": 1800, "visit": matching("[0-9a-f]{32}"),
		})), &visit))
		require.True(c.t, strings.HasPrefix(visit.URL, c.wechat.url+prefix), visit.URL)
		at, err := url.Parse(visit.URL)
		require.NoError(c.t, err)
		q := at.Query()
		require.Equal(c.t, [3]string{appID, "2", "wx7"}, [3]string{q.Get("component_appid"), q.Get("auth_type"), q.Get("biz_appid")})
		require.NotEqual(c.t, code.PreAuthCode, q.Get("pre_auth_code"), "a code is made for each visit")
		require.Contains(c.t, q.Get("redirect_uri"), "#/redirectPage")
	}
	for _, bad := range []string{"", "type=tv", "type=pc&authType=7"} {
		require.Equal(c.t, 1001, c.s.call(http.MethodGet, "/wxcomponent/authpage/authurl?"+bad, "").Code, bad)
	}
	c.secrets = append(c.secrets, code.PreAuthCode)
}

// user changes name and password, each of which ends the login.
func (c *contract) user() {
	c.t.Helper()
	const longer = mark + " a password of more than twenty characters 密码"
	c.admin.wantPost(adminAPI+"/userpwd", obj{"oldPassword": auth.Sent("no"), "password": auth.Sent(longer)},
		refused(1005, "the old password is wrong", ""))
	c.admin.wantPost(adminAPI+"/userpwd", obj{"oldPassword": auth.Sent(adminPassword), "password": auth.Sent(longer), "username": "x"}, done())
	ended := obj{"code": 1003, "errorMsg": "login expired"}
	c.admin.wantGet(adminAPI+"/refresh-auth", ended)
	token, code := c.s.login(adminName, longer)
	require.Zero(c.t, code)
	c.admin = c.s.as(token)
	c.admin.wantPost(adminAPI+"/username", obj{"username": strings.Repeat("名", 33)},
		refused(1001, "username: must have 1 to 32 characters", "username"))
	c.admin.wantPost(adminAPI+"/username", obj{"username": "renamed"}, done())
	c.admin.wantGet(adminAPI+"/refresh-auth", ended)
	_, code = c.s.login("renamed", longer)
	require.Zero(c.t, code)
	c.secrets = append(c.secrets, longer, auth.Sent(longer), auth.Sent(auth.Sent(longer)), token)
}
