package inits_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

// TestAnswerThatIsNoReplyDoesNotReachWeChat: WeChat would tell the user that the service is out of
// order.
func TestAnswerThatIsNoReplyDoesNotReachWeChat(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	s := start(t, onSQLite(t).with(wechat.settings()).with(environment{"WX_PLAIN_CALLBACK": "on"}))
	own, admin := newReceiver(t, ""), s.admin()
	admin.addRule(own, obj{"msgType": "text"})
	for i, answer := range []string{
		`"success"`, "SUCCESS", "ok", `{"code":0,"msg":"ok"}`, "null", "<!DOCTYPE html><html><body>please log in</body></html>",
		passive(""), "\ufeffsuccess", "<br /><b>Warning</b>: x" + passive("hi"), "[]", passive("a") + passive("b"),
	} {
		own.say(200, answer)
		status, got, err := s.pushPlain("/wxcallback/biz/wx1", message(int64(i+1)))
		require.NoError(t, err)
		require.Equal(t, 200, status)
		require.Equal(t, "success", got, answer)
	}
	own.say(200, passive("hi 😀"))
	_, got, err := s.pushPlain("/wxcallback/biz/wx1", message(100))
	require.NoError(t, err)
	require.Equal(t, passive("hi 😀"), got)
}
