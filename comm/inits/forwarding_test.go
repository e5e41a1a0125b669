package inits_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db/dbtest"
)

// addRule adds an open rule that leads to a receiver, and returns its id.
func (c *client) addRule(to *receiver, rule obj) int {
	c.t.Helper()
	where := obj{"port": portOf(c.t, to.URL), "path": "/in/$APPID$"}
	if mode, ok := rule["mode"]; ok {
		where["mode"] = mode
	}
	e := c.call(http.MethodPut, adminAPI+"/callback-proxy-rule", asJSON(c.t, with(with(rule, "open", 1), "data", where)))
	require.Zero(c.t, e.Code, e.raw)
	return int(e.data(c.t)["id"].(float64))
}

// TestPushReachesTheProviderAndItsReplyTheUser: whatever a message holds, the provider's program
// gets it as it was written, and what that answers reaches the user, encrypted as the push was.
func TestPushReachesTheProviderAndItsReplyTheUser(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()).with(environment{"WX_PLAIN_CALLBACK": "on"}))
		wechat.SetTarget(s.base)
		account, admin := wechat.stranger(t), s.admin()
		const openid = "o-user"
		reply := fmt.Sprintf(`<xml><ToUserName>%s</ToUserName><FromUserName>%s</FromUserName><CreateTime>1</CreateTime>`+
			`<MsgType>text</MsgType><Content>收到 😀</Content></xml>`, openid, account.UserName)
		own, log := newReceiver(t, reply), newReceiver(t, "")
		admin.addRule(own, obj{"msgType": "text"})
		admin.addRule(log, obj{"msgType": "*", "mode": "async"})

		contents := []string{"hi 😀", strings.Repeat("长文😀", 7_000)} // the second is larger than a TEXT column
		for i, content := range contents {
			for _, format := range []wxsim.Format{wxsim.FormatXML, wxsim.FormatJSON, wxsim.FormatPlain} {
				res, err := wechat.Push(t.Context(), wxsim.PushSpec{AppID: account.AppID, OpenID: openid, Content: content, Format: format})
				require.NoError(t, err)
				require.True(t, res.Accepted, "%+v", res)
				require.Len(t, res.Attempts, 1)
				require.Equal(t, "收到 😀", res.Reply.Content)
				got := own.got()
				require.Len(t, got, i*3+slices.Index([]wxsim.Format{wxsim.FormatXML, wxsim.FormatJSON, wxsim.FormatPlain}, format)+1)
				require.Contains(t, got[len(got)-1], content)
				require.Equal(t, "/in/"+account.AppID, own.lastPath())
			}
		}
		eventually(t, "every push is delivered to the asynchronous target", func() bool { return len(log.got()) == 6 })
		require.ElementsMatch(t, own.got(), log.got())

		for _, appid := range []string{"a%2F..%2Fadmin", "..%2Fx", "@192.0.2.1:80", "a%00", "%20", "%3Fa"} {
			status, _, err := s.pushPlain("/wxcallback/biz/"+appid, message(1))
			require.NoError(t, err)
			require.NotEqual(t, http.StatusOK, status, appid)
		}
		require.Len(t, own.got(), 6, "an account's id leads to another path")

		own.Close() // a target that is down is no error for WeChat
		res, err := wechat.Push(t.Context(), wxsim.PushSpec{AppID: account.AppID, OpenID: openid})
		require.NoError(t, err)
		require.True(t, res.Accepted, "%+v", res)
		require.Nil(t, res.Reply)
		eventually(t, "it reaches the asynchronous target", func() bool { return len(log.got()) == 7 })
		require.NoError(t, s.stop())
		require.Len(t, log.got(), 7, "once each")
	})
}

// TestOtherInstanceDoesNotGoOnWithOldState: what is changed at one instance counts at the other.
func TestOtherInstanceDoesNotGoOnWithOldState(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	env := onMySQL(dbtest.EmptyMySQL(t)).with(wechat.settings()).with(environment{"WX_PLAIN_CALLBACK": "on"})
	a, b := start(t, env), start(t, env)
	admin := a.admin()
	sent := int64(0)
	reply := func(to *service) string {
		sent++
		_, answer, err := to.pushPlain("/wxcallback/biz/wx1", message(sent))
		require.NoError(t, err)
		return answer
	}
	require.Equal(t, "success", reply(b)) // so that it has looked for rules
	id := admin.addRule(newReceiver(t, passive("old")), obj{"msgType": "text"})
	require.Equal(t, passive("old"), reply(a), "in force at once where it was made")
	eventually(t, "the rule is in force at the other instance", func() bool { return reply(b) == passive("old") })

	to := newReceiver(t, passive("new"))
	admin.post(adminAPI+"/callback-proxy-rule", obj{"id": id, "msgType": "text", "open": 1, "data": obj{"port": portOf(t, to.URL), "path": "/"}})
	require.Equal(t, passive("new"), reply(a))
	eventually(t, "the change is in force at the other instance", func() bool { return reply(b) == passive("new") })
	require.Zero(t, admin.call(http.MethodDelete, adminAPI+fmt.Sprintf("/callback-proxy-rule?id=%d", id), "").Code)
	require.Equal(t, "success", reply(a))
	eventually(t, "the rule is gone at the other instance", func() bool { return reply(b) == "success" })

	for range 3 { // each ticket is pushed to one instance and asked of the other
		wechat.SetTarget(a.base)
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		require.Equal(t, get[obj](a.inner, "/inner/ticket"), get[obj](b.inner, "/inner/ticket"))
	}
}

// TestForgedPushChangesNothing: outside cloud hosting the header that its gateway sets proves nothing.
func TestForgedPushChangesNothing(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	s := start(t, onSQLite(t).with(wechat.settings()))
	wechat.SetTarget(s.base)
	admin := s.admin()
	require.True(t, wechat.PushTicket(t.Context()).Accepted)
	account := wechat.stranger(t)
	_, err := wechat.Authorize(t.Context(), account.AppID, wxsim.AuthorizeOptions{})
	require.NoError(t, err)
	total := func() int64 { return get[recordPage](admin, adminAPI+"/authorizer-list").Total }
	eventually(t, "the account is there", func() bool { return total() == 1 })
	for _, body := range []string{
		`{"InfoType":"unauthorized","CreateTime":4000000000,"AuthorizerAppid":"` + account.AppID + `"}`,
		`{"InfoType":"component_verify_ticket","CreateTime":4000000000,"ComponentVerifyTicket":"forged"}`,
	} {
		status, answer, err := s.pushPlain("/wxcallback/component", body)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, status)
		require.Contains(t, answer, `"code":1000`)
	}
	require.EqualValues(t, 1, total())
	require.NotEqual(t, "forged", get[map[string]string](admin, adminAPI+"/ticket")["ticket"])
	require.EqualValues(t, 2, get[recordPage](admin, componentRecords).Total, "the ticket and the authorization")
}

// TestHangingWeChatDoesNotDelayTheAnswer: what has to be asked of WeChat is asked after the answer, or
// there would be none, for the program has all patience here.
func TestHangingWeChatDoesNotDelayTheAnswer(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	s := start(t, onSQLite(t).with(wechat.settings()))
	wechat.SetTarget(s.base)
	require.True(t, wechat.PushTicket(t.Context()).Accepted)
	arrived, letGo := wechat.gate.hold(t, "")
	authorization, err := wechat.Authorize(t.Context(), wechat.stranger(t).AppID, wxsim.AuthorizeOptions{})
	require.NoError(t, err)
	require.True(t, authorization.Push.Accepted)
	require.Len(t, authorization.Push.Attempts, 1)
	waittest.Receive(t, arrived, "WeChat is asked")
	letGo()
}

// passive is a text reply to a message of the harness.
func passive(text string) string {
	return "<xml><ToUserName>o1</ToUserName><FromUserName>gh_1</FromUserName><CreateTime>1</CreateTime>" +
		"<MsgType>text</MsgType><Content>" + text + "</Content></xml>"
}
