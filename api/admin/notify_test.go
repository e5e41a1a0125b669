package admin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api"
	"wxcomponent/api/admin"
	"wxcomponent/comm/console/notify"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

func notifyRoutes(t *testing.T) func(c *caller) []api.Route {
	return func(c *caller) []api.Route {
		n := notify.New(notify.Deps{
			Store: c.store,
			Guard: outgoing.Limits{AllowPrivate: true}, IsTest: func(string) bool { return false },
			Log: zap.NewNop(), Now: time.Now, Nudge: func() {}, Call: waittest.Limit,
		})
		require.NoError(t, n.Live().Refresh(t.Context()))
		return admin.NewNotify(n).Routes()
	}
}

func TestNotifyChannels(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		answer := `{"errcode":0,"errmsg":"ok"}`
		robot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		defer robot.Close()
		c := newCaller(t, d, notifyRoutes(t))
		require.Contains(t, c.call("GET", "/admin/notify-channel-list", ""), `"data":{"channels":[],"kinds":["ticket.missing",`)
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"messages":[]}}`, c.call("GET", "/admin/notify-message-list", ""))

		address := robot.URL + "/robot/send?access_token=0123456789abcdef"
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"id":1}}`, c.call("PUT", "/admin/notify-channel",
			`{"name":"运维群","kind":"dingtalk","url":"`+address+`","secret":"SEC0123456789abcdef","events":["audit.rejected","ticket.missing"],"enabled":true,"extra":1}`))
		require.Regexp(t, `"data":{"id":2,"secret":"whsec_.{32}"}`, c.call("PUT", "/admin/notify-channel",
			`{"name":"程序","kind":"webhook","url":"`+robot.URL+`/hook","language":"en","events":["account.authorized"]}`))
		list := c.call("GET", "/admin/notify-channel-list", "")
		require.Regexp(t, `"channels":\[{"id":1,"name":"运维群","kind":"dingtalk","url":"http://127.0.0.1:\d+/…cdef","secret":"SEC01\*{11}cdef",`+
			`"language":"zh","events":\["ticket.missing","audit.rejected"\],"enabled":true,"missed":0,"lastOk":false,"createTime":1\d{9},"updateTime":1\d{9}}`, list)
		require.NotContains(t, list, "0123456789")

		require.JSONEq(t, ok, c.call("POST", "/admin/notify-test", `{"id":1}`))
		answer = `{"errcode":310000,"errmsg":"sign not match"}`
		refused := `{"code":1010,"errorMsg":"errcode 310000: sign not match","data":"errcode 310000: sign not match"}`
		require.JSONEq(t, refused, c.call("POST", "/admin/notify-test", `{"id":"1"}`))
		require.Regexp(t, `"lastTime":1\d{9},"lastOk":false,"lastError":"errcode 310000: sign not match"`, c.call("GET", "/admin/notify-channel-list", ""))
		require.Regexp(t, `"messages":\[{"id":"2","channelId":1,"state":"failed","test":true,"events":0,"title":"【微管家】测试通知","body":".*",`+
			`"error":"errcode 310000: sign not match","attempt":1,.*{"id":"1","channelId":1,"state":"sent"`, c.call("GET", "/admin/notify-message-list", ""))
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"events":0}}`, c.call("POST", "/admin/notify-resend", `{"id":1}`))

		require.JSONEq(t, ok, c.call("POST", "/admin/notify-channel", `{"id":1,"name":"改名","kind":"dingtalk","events":["audit.rejected"],"enabled":0,"dropSecret":true}`))
		require.Contains(t, c.call("GET", "/admin/notify-channel-list", ""), `"name":"改名","kind":"dingtalk","url":"http://127.0.0.1`)
		require.Contains(t, c.call("POST", "/admin/notify-resend", `{"id":1}`), `"code":1008`)
		require.JSONEq(t, `{"code":1001,"errorMsg":"events: must name at least one","data":"events: must name at least one","field":"events"}`,
			c.call("POST", "/admin/notify-channel", `{"id":1,"name":"x","kind":"dingtalk","events":[]}`))
		require.JSONEq(t, ok, c.call("DELETE", "/admin/notify-channel?id=2", ""))
		require.Contains(t, c.call("DELETE", "/admin/notify-channel?id=2", ""), `"code":1001`)

		require.JSONEq(t, ok, c.call("POST", "/admin/notify-settings", `{"baseUrl":"https://wx.example.com/"}`))
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"baseUrl":"https://wx.example.com"}}`, c.call("GET", "/admin/notify-settings", ""))
		require.Equal(t, []string{
			"notifyChannel.add channel 1", "notifyChannel.add channel 2", "notifyChannel.test channel 1", "notifyChannel.resend channel 1",
			"notifyChannel.change channel 1", "notifyChannel.delete channel 2", "notifySettings.change ",
		}, c.audit.lines)
	})
}
