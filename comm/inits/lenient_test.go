package inits_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

// TestDetailsWithBareControlCharactersAreStored has WeChat tell of an account whose texts hold
// characters that JSON does not allow in a text.
func TestDetailsWithBareControlCharactersAreStored(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()).with(environment{"WX_PLAIN_CALLBACK": "on"}))
		wechat.SetTarget(s.base)
		admin := s.admin()
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		merchant := wechat.stranger(t)
		require.NoError(t, wechat.SetFault(wxsim.Fault{
			Path: "/cgi-bin/component/api_get_authorizer_info",
			Body: fmt.Sprintf("\ufeff"+`{"authorizer_info":{"nick_name":"Case`+"\b"+`Shop","head_img":"","service_type_info":{"id":0},`+
				`"verify_type_info":{"id":0},"user_name":"gh_case06","principal_name":"P","alias":{"odd":1},"qrcode_url":"",`+
				`"signature":"one`+"\n"+`two`+"\xff"+`","MiniProgramInfo":{"network":{},"categories":[],"visit_status":0}},`+
				`"authorization_info":{"authorizer_appid":%q,"authorizer_refresh_token":"RT06","func_info":[{"funcscope_category":{"id":18}}]}}`,
				merchant.AppID),
		}))
		authorize(t, wechat, []*service{s}, merchant.AppID)

		type record struct {
			NickName, PrincipalName, UserName string
			AppType                           int
		}
		want := record{NickName: "Case\bShop", PrincipalName: "P", UserName: "gh_case06", AppType: 0}
		eventually(t, "the account's details are not stored", func() bool {
			list := get[struct{ Records []record }](admin, "/wxcomponent/admin/authorizer-list?offset=0&limit=20&appid="+merchant.AppID)
			return len(list.Records) == 1 && list.Records[0] == want
		})
	})
}
