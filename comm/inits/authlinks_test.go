package inits_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

const authPage = "/wxcomponent/authpage"

// visit is a merchant's way to WeChat's page, begun at a link.
type visit struct {
	id    string
	query url.Values // of WeChat's page
}

func (c *client) visit(link string) visit {
	c.t.Helper()
	begun := get[struct{ URL, Visit string }](c, authPage+"/authurl?type=pc&link="+link)
	at, err := url.Parse(begun.URL)
	require.NoError(c.t, err)
	return visit{begun.Visit, at.Query()}
}

func (c *client) makeLink(link obj) (id string) {
	c.t.Helper()
	e := c.call(http.MethodPut, adminAPI+"/auth-link", asJSON(c.t, link))
	require.Zero(c.t, e.Code, e.raw)
	return e.data(c.t)["id"].(string)
}

// TestAccountIsNotBoundToAnotherTenant: what a link was made for comes back with the account, and
// the merchant goes on to no other address than those that are allowed.
func TestAccountIsNotBoundToAnotherTenant(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()))
		wechat.SetTarget(s.base)
		admin := s.admin()
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		_, accounts := wechat.Accounts(wxsim.AccountFilter{Kind: wxsim.MiniProgram})
		state := func(appid string) string {
			list := get[struct{ Records []struct{ State string } }](admin, adminAPI+"/authorizer-list?appid="+appid).Records
			if len(list) == 0 {
				return "not there"
			}
			return list[0].State
		}
		admin.wantPost(adminAPI+"/auth-redirects", obj{"allowed": list{"https://shop.example/back/"}}, done())

		seven := admin.makeLink(obj{
			"name": "七号店", "state": "tenant-7", "redirectUrl": "https://shop.example/back/done?x=1", "authType": 2, "categoryIds": list{18, 25},
		})
		eight := admin.makeLink(obj{"state": "tenant-8"})
		first, other := s.visit(seven), s.visit(eight)
		require.Equal(t, [2]string{"2", "18|25"}, [2]string{first.query.Get("auth_type"), first.query.Get("category_id_list")})
		require.Equal(t, [2]string{"6", ""}, [2]string{other.query.Get("auth_type"), other.query.Get("category_id_list")})

		authorization, err := wechat.Authorize(t.Context(), accounts[0].AppID, wxsim.AuthorizeOptions{
			PreAuthCode: first.query.Get("pre_auth_code"), Silent: true, // the merchant is faster than the event
		})
		require.NoError(t, err)
		var landed struct{ RedirectURL string }
		require.NoError(t, json.Unmarshal(s.wantPost(authPage+"/landing", obj{"visit": first.id, "authCode": authorization.AuthCode}, data(obj{
			"account":     obj{"appid": accounts[0].AppID, "nickName": matching(".*"), "headImg": matching(".*")},
			"redirectUrl": anyText(),
		})), &landed))
		require.Equal(t, "https://shop.example/back/done?appid="+accounts[0].AppID+"&state=tenant-7&x=1", landed.RedirectURL)
		require.Equal(t, "tenant-7", state(accounts[0].AppID))

		// This merchant closes the browser, and comes back when the event has long been there.
		late, err := wechat.Authorize(t.Context(), accounts[1].AppID, wxsim.AuthorizeOptions{PreAuthCode: other.query.Get("pre_auth_code")})
		require.NoError(t, err)
		eventually(t, "the event binds the account", func() bool { return state(accounts[1].AppID) == "tenant-8" })
		s.wantPost(authPage+"/landing", obj{"visit": other.id, "authCode": late.AuthCode}, data(obj{
			"account": obj{"appid": accounts[1].AppID, "nickName": matching(".*"), "headImg": matching(".*")},
		}))
		require.Equal(t, "tenant-8", state(accounts[1].AppID))

		admin.wantPost(adminAPI+"/auth-redirects", obj{"allowed": list{}}, done())
		admin.wantPost(adminAPI+"/auth-redirects", obj{}, done())
		admin.wantGet(adminAPI+"/auth-redirects", data(obj{"allowed": list{}}))
		again := s.call(http.MethodPost, authPage+"/landing", asJSON(t, obj{"visit": first.id, "authCode": authorization.AuthCode}))
		require.Zero(t, again.Code, again.raw)
		require.NotContains(t, again.data(t), "redirectUrl", "an address that is no longer allowed")
		s.wantPost(authPage+"/landing", obj{"visit": "made-up", "authCode": authorization.AuthCode}, refused(1001, "visit: does not exist", "visit"))
		e := s.call(http.MethodPost, authPage+"/landing", asJSON(t, obj{"visit": other.id, "authCode": "made-up"}))
		require.Equal(t, 61009, e.WX.Errcode, e.raw)
		admin.wantAnswer(http.MethodDelete, adminAPI+"/auth-link?id="+seven, "", done())
		s.wantGet(authPage+"/authurl?type=pc&link="+seven, refused(1001, "link: does not exist", "link"))
	})
}

// TestMerchantOfTheGeneralLinkGoesOn: to the address of the component info, as it was entered, with what
// WeChat added to ours.
func TestMerchantOfTheGeneralLinkGoesOn(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()))
		wechat.SetTarget(s.base)
		admin := s.admin()
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		_, accounts := wechat.Accounts(wxsim.AccountFilter{Kind: wxsim.MiniProgram})
		appid := accounts[0].AppID
		land := func(link string, expiresIn any) (address string) {
			v := s.visit(link)
			authorization, err := wechat.Authorize(t.Context(), appid, wxsim.AuthorizeOptions{
				PreAuthCode: v.query.Get("pre_auth_code"), Silent: true,
			})
			require.NoError(t, err)
			e := s.call(http.MethodPost, authPage+"/landing",
				asJSON(t, obj{"visit": v.id, "authCode": authorization.AuthCode, "expiresIn": expiresIn}))
			require.Zero(t, e.Code, e.raw)
			address, _ = e.data(t)["redirectUrl"].(string)
			return strings.ReplaceAll(address, url.QueryEscape(authorization.AuthCode), "CODE")
		}
		require.Empty(t, land("", 600), "there is no address")
		for entered, want := range map[string]string{
			"https://shop.example":                                   "https://shop.example?auth_code=CODE&expires_in=600",
			"https://shop.example/back?":                             "https://shop.example/back?auth_code=CODE&expires_in=600",
			"http://shop.example/b%2Fc?z=1&a=%e4%bd%a0+b&z=2":        "http://shop.example/b%2Fc?z=1&a=%e4%bd%a0+b&z=2&auth_code=CODE&expires_in=600",
			"https://shop.example/app?from=wx#/done?tab=1":           "https://shop.example/app?from=wx&auth_code=CODE&expires_in=600#/done?tab=1",
			"https://shop.example/x/../back?redirect=https://a.b/?c": "https://shop.example/x/../back?redirect=https://a.b/?c&auth_code=CODE&expires_in=600",
		} {
			admin.wantPost(adminAPI+"/componentinfo", obj{"name": "n", "desc": "d", "redirectUrl": entered}, done())
			require.Equal(t, want, land("", "600"))
		}
		require.NotContains(t, land("", 0), "expires_in", "WeChat did not say")
		require.Empty(t, land(admin.makeLink(obj{"state": "tenant-7"}), 600), "a link has an address of its own, or none")
		admin.wantPost(adminAPI+"/auth-redirects", obj{"allowed": list{"https://shop.example/"}}, done())
		require.Equal(t, "https://shop.example/own?appid="+appid, land(admin.makeLink(obj{"redirectUrl": "https://shop.example/own"}), 600))
	})
}

// TestNoTypeOfAccountIsRefusedBeforeACodeIsMade: codes are few.
func TestNoTypeOfAccountIsRefusedBeforeACodeIsMade(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	s := start(t, onSQLite(t).with(wechat.settings()))
	wechat.SetTarget(s.base)
	require.True(t, wechat.PushTicket(t.Context()).Accepted)
	for _, query := range []string{"authType=0", "authType=7", "authType=-1", "authType=x", "authType=00", "authType=0&link=any", "bizAppid=wx1%20"} {
		require.Equal(t, 1001, s.call(http.MethodGet, authPage+"/authurl?type=pc&"+query, "").Code, query)
	}
	require.Zero(t, wechat.Calls("/cgi-bin/component/api_create_preauthcode").Count)
	for _, query := range []string{"", "authType=", "authType=1", "authType=6"} {
		require.Zero(t, s.call(http.MethodGet, authPage+"/authurl?type=pc&"+query, "").Code, query)
	}
}

func TestMerchantsAreNotSentToStrangers(t *testing.T) {
	t.Parallel()
	s := start(t, onSQLite(t).with(localAdmin()))
	admin := s.admin()
	admin.wantPost(adminAPI+"/auth-redirects", obj{"allowed": list{"https://shop.example/back", "https://other.example"}}, done())
	for _, address := range []string{
		"https://shop.example.evil/back", "https://evil.example/?https://shop.example/back", "https://shop.example@evil.example/back",
		"https://shop.example:8443/back", "https://shop.example/backdoor", "https://shop.example/back/../x", "https://shop.example/back/%2e%2e/x",
		"http://shop.example/back", "//shop.example/back", "javascript:alert(1)//https://shop.example/back", "https://evil.example",
		"https:\\\\evil.example/back", "https://shop.example\\@evil.example/back",
	} {
		e := admin.call(http.MethodPut, adminAPI+"/auth-link", asJSON(t, obj{"redirectUrl": address}))
		require.Equal(t, 1001, e.Code, address)
		require.Equal(t, "redirectUrl", e.Field, address)
	}
	for _, address := range []string{"https://shop.example/back", "https://SHOP.example/back/a?b=c", "https://other.example/any", "https://other.example"} {
		require.Zero(t, admin.call(http.MethodPut, adminAPI+"/auth-link", asJSON(t, obj{"redirectUrl": address})).Code, address)
	}
	for _, bad := range []obj{{"authType": 7}, {"bizAppid": "wx 1"}, {"categoryIds": list{0}}, {"validDays": -1}} {
		require.Equal(t, 1001, admin.call(http.MethodPut, adminAPI+"/auth-link", asJSON(t, bad)).Code, bad)
	}
}
