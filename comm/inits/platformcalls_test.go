package inits_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

func TestTicketPushIsStartedAndQuotasAreReset(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()).with(environment{"WX_PLAIN_CALLBACK": "on"}))
		wechat.SetTarget(s.base)
		admin := s.admin()
		require.True(t, wechat.PushTicket(t.Context()).Accepted)

		require.NoError(t, wechat.Configure(func(set *wxsim.Settings) { set.TicketStopped = true }))
		admin.post("/wxcomponent/admin/start-push-ticket", obj{})
		require.False(t, wechat.Settings().TicketStopped)

		admin.post("/wxcomponent/admin/clear-quota", obj{})
		require.Equal(t, 1, wechat.Calls("/cgi-bin/clear_quota").Count)
		admin.post("/wxcomponent/admin/clear-quota", obj{"bySecret": true})
		require.Equal(t, 1, wechat.Calls("/cgi-bin/component/clear_quota/v2").Count)

		require.NoError(t, wechat.SetFault(wxsim.Fault{Path: "/cgi-bin/clear_quota", Errcode: 48006, Errmsg: "forbid to clear quota"}))
		refused := admin.call(http.MethodPost, "/wxcomponent/admin/clear-quota", "{}")
		require.Equal(t, 1002, refused.Code)
		require.Contains(t, refused.raw, "48006")
	})
}
