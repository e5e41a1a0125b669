package wxsim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

func TestComponentTokenWantsRightCredentials(t *testing.T) {
	p := newPlatform(t)
	good := p.ticket()
	for name, tc := range map[string]struct {
		appid, secret, ticket string
		want                  int
	}{
		"good":          {appID, secret, good, 0},
		"no appid":      {"", secret, good, 41002},
		"other appid":   {"wx0", secret, good, 40013},
		"no secret":     {appID, "", good, 41004},
		"wrong secret":  {appID, "x", good, 40125},
		"no ticket":     {appID, secret, "", 61006},
		"unknown":       {appID, secret, "ticket@@@x", 61006},
		"pre auth code": {appID, secret, "preauthcode@@@x", 61006},
	} {
		t.Run(name, func(t *testing.T) {
			out := p.post("/cgi-bin/component/api_component_token", fields{
				"component_appid": tc.appid, "component_appsecret": tc.secret, "component_verify_ticket": tc.ticket,
			})
			require.Equal(t, tc.want, errcode(out), "%v", out)
			if tc.want == 0 {
				require.EqualValues(t, 7200, out["expires_in"])
				require.NotContains(t, out, "errcode")
			} else {
				require.Contains(t, out["errmsg"], " rid: ")
			}
		})
	}
}

func TestTicketIsGoodUntilTwoNewerOnesAndFor12Hours(t *testing.T) {
	p := newPlatform(t)
	ask := func(ticket string) int {
		return errcode(p.post("/cgi-bin/component/api_component_token", fields{
			"component_appid": appID, "component_appsecret": secret, "component_verify_ticket": ticket,
		}))
	}
	first := p.ticket()
	second := p.ticket()
	require.Equal(t, 0, ask(first))
	p.ticket()
	require.Equal(t, 61005, ask(first))
	require.Equal(t, 0, ask(second))
	p.clock.Advance(12*time.Hour + time.Second)
	require.Equal(t, 61005, ask(second))
}

func TestTokenChecks(t *testing.T) {
	p := newPlatform(t)
	mini := p.account(wxsim.MiniProgram)
	cat := p.componentToken()
	aat := p.accountToken(cat, mini)
	const list, page = "/cgi-bin/component/api_get_authorizer_list", "/wxa/get_category"
	for name, tc := range map[string]struct {
		method, path, query string
		want                int
	}{
		"component":             {"POST", list, "?access_token=" + cat, 0},
		"older parameter":       {"POST", list, "?component_access_token=" + cat, 0},
		"missing":               {"POST", list, "", 41001},
		"unknown":               {"POST", list, "?access_token=x", 40001},
		"account's":             {"POST", list, "?access_token=" + aat, 48001},
		"account":               {"GET", page, "?access_token=" + aat, 0},
		"platform's":            {"GET", page, "?access_token=" + cat, 48001},
		"account, old name":     {"GET", page, "?component_access_token=" + aat, 41001},
		"cloudbase, not set":    {"POST", list, "?cloudbase_access_token=x", 40001},
		"get instead of post":   {"GET", list, "?access_token=" + cat, 43002},
		"post instead of get":   {"POST", page, "?access_token=" + aat, 43001},
		"body that is no JSON":  {"POST", list, "?access_token=" + cat + "&bad", 47001},
		"platform's, no sample": {"GET", "/wxa/gettemplatelist", "?access_token=" + cat, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var body any = fields{"component_appid": appID, "offset": 0, "count": 10}
			if tc.want == 47001 {
				body = "{"
			}
			require.Equal(t, tc.want, errcode(p.call(tc.method, tc.path+tc.query, body)))
		})
	}
}

func TestSupersededAndExpiredTokens(t *testing.T) {
	p := newPlatform(t)
	mini := p.account(wxsim.MiniProgram)
	ask := func(token string) int {
		return errcode(p.call(http.MethodGet, "/wxa/get_category?access_token="+token, nil))
	}
	cat := p.componentToken()
	old := p.accountToken(cat, mini)
	fresh := p.accountToken(cat, mini)
	require.Equal(t, 40001, ask(old), "refreshing voids the old token")
	require.Equal(t, 0, ask(fresh))

	require.NoError(t, p.Configure(func(s *wxsim.Settings) { s.TokenOverlap = wxsim.Duration(time.Minute) }))
	newest := p.accountToken(cat, mini)
	require.Equal(t, 0, ask(fresh), "within the overlap")
	p.clock.Advance(time.Minute)
	require.Equal(t, 40001, ask(fresh))
	p.clock.Advance(2 * time.Hour)
	require.Equal(t, 42001, ask(newest))
}

func TestCloudBaseTokenStandsForBoth(t *testing.T) {
	p := newPlatform(t, func(c *wxsim.Config) { c.Settings.CloudBaseToken = "cloud" })
	mini := p.account(wxsim.MiniProgram)
	require.Equal(t, 0, errcode(p.call(http.MethodGet, "/wxa/gettemplatelist?cloudbase_access_token=cloud", nil)))
	require.Equal(t, 0, errcode(p.call(http.MethodGet, "/wxa/get_category?cloudbase_access_token=cloud@"+mini.AppID, nil)))
	require.Equal(t, 48001, errcode(p.call(http.MethodGet, "/wxa/get_category?cloudbase_access_token=cloud", nil)))
}

func TestRefreshTokenChanges(t *testing.T) {
	p := newPlatform(t)
	a := p.account(wxsim.Official)
	cat := p.componentToken()
	refresh := func(token string) fields {
		return p.post("/cgi-bin/component/api_authorizer_token?access_token="+cat, fields{
			"component_appid": appID, "authorizer_appid": a.AppID, "authorizer_refresh_token": token,
		})
	}
	require.Equal(t, a.RefreshToken, refresh(a.RefreshToken)["authorizer_refresh_token"])
	changed, err := p.ChangeRefreshToken(a.AppID)
	require.NoError(t, err)
	require.Equal(t, 61023, errcode(refresh(a.RefreshToken)))

	require.NoError(t, p.Configure(func(s *wxsim.Settings) { s.RotateRefreshToken = true }))
	rotated := refresh(changed)["authorizer_refresh_token"].(string)
	require.NotEqual(t, changed, rotated)
	require.Equal(t, 61023, errcode(refresh(changed)))
	require.Equal(t, 0, errcode(refresh(rotated)))

	require.NoError(t, p.Unauthorize(t.Context(), a.AppID, true))
	require.Equal(t, 61003, errcode(refresh(rotated)))
}

func TestAuthorizationCodeIsExchangedOnce(t *testing.T) {
	p := newPlatform(t)
	a := p.stranger()
	cat := p.componentToken()
	exchange := func(code string) fields {
		return p.post("/cgi-bin/component/api_query_auth?access_token="+cat, fields{"component_appid": appID, "authorization_code": code})
	}
	auth, err := p.Authorize(t.Context(), a.AppID, wxsim.AuthorizeOptions{})
	require.NoError(t, err)
	require.Equal(t, "", p.listed(cat, a.AppID)["refresh_token"], "not exchanged as yet")
	info := exchange(auth.AuthCode)["authorization_info"].(fields)
	require.Equal(t, a.AppID, info["authorizer_appid"])
	require.Equal(t, info["authorizer_refresh_token"], p.listed(cat, a.AppID)["refresh_token"])
	require.EqualValues(t, 7200, info["expires_in"])
	require.NotEmpty(t, info["func_info"])
	require.Equal(t, 61009, errcode(exchange(auth.AuthCode)))
	require.Equal(t, 61009, errcode(exchange("preauthcode@@@x")))

	again, err := p.Authorize(t.Context(), a.AppID, wxsim.AuthorizeOptions{})
	require.NoError(t, err)
	p.clock.Advance(time.Hour)
	require.Equal(t, 61010, errcode(exchange(again.AuthCode)))
}

func TestAccountWithoutRightsGetsNoTokens(t *testing.T) {
	p := newPlatform(t)
	auth, err := p.Authorize(t.Context(), p.stranger().AppID, wxsim.AuthorizeOptions{Funcs: []int{}})
	require.NoError(t, err)
	out := p.ok("/cgi-bin/component/api_query_auth?access_token="+p.componentToken(), fields{"component_appid": appID, "authorization_code": auth.AuthCode})
	info := out["authorization_info"].(fields)
	require.NotContains(t, info, "authorizer_access_token")
	require.NotContains(t, info, "authorizer_refresh_token")
}

// listed returns the account's entry of the list, nil when there is none.
func (p *platform) listed(cat, want string) fields {
	out := p.ok("/cgi-bin/component/api_get_authorizer_list?access_token="+cat, fields{"component_appid": appID, "offset": 0, "count": 500})
	for _, e := range out["list"].([]any) {
		if e := e.(fields); e["authorizer_appid"] == want {
			return e
		}
	}
	return nil
}

func TestAccountListIsPaged(t *testing.T) {
	p := newPlatform(t)
	p.AddAccounts(1200, true)
	cat := p.componentToken()
	page := func(offset, count int) fields {
		return p.post("/cgi-bin/component/api_get_authorizer_list?access_token="+cat, fields{"component_appid": appID, "offset": offset, "count": count})
	}
	seen := map[any]bool{}
	for offset := 0; ; offset += 500 {
		out := page(offset, 500)
		require.EqualValues(t, 1204, out["total_count"])
		list := out["list"].([]any)
		if len(list) == 0 {
			break
		}
		for _, e := range list {
			require.NotEmpty(t, e.(fields)["refresh_token"])
			seen[e.(fields)["authorizer_appid"]] = true
		}
	}
	require.Len(t, seen, 1204)
	require.Equal(t, 40097, errcode(page(0, 501)))
	require.Equal(t, 40097, errcode(page(-1, 10)))
}

func TestAccountInfoShapes(t *testing.T) {
	p := newPlatform(t)
	cat := p.componentToken()
	info := func(a wxsim.Account) fields {
		return p.post("/cgi-bin/component/api_get_authorizer_info?access_token="+cat, fields{"component_appid": appID, "authorizer_appid": a.AppID})
	}
	official := info(p.account(wxsim.Official))["authorizer_info"].(fields)
	require.NotContains(t, official, "MiniProgramInfo")
	require.True(t, strings.HasPrefix(official["user_name"].(string), "gh_"))

	out := info(p.account(wxsim.MiniProgram))
	mini := out["authorizer_info"].(fields)
	require.Contains(t, mini["MiniProgramInfo"], "network")
	require.NotEmpty(t, mini["principal_name"])
	require.NotEmpty(t, out["authorization_info"].(fields)["authorizer_refresh_token"])
	for _, image := range []string{"head_img", "qrcode_url"} {
		resp, _ := p.do(http.MethodGet, strings.TrimPrefix(mini[image].(string), p.url), nil)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Contains(t, resp.Header.Get("Content-Type"), "image/")
	}
	require.Equal(t, 61003, errcode(info(p.stranger())))
}

func TestOptions(t *testing.T) {
	p := newPlatform(t)
	q := p.as(p.account(wxsim.Official))
	require.Equal(t, "0", p.ok("/cgi-bin/component/get_authorizer_option"+q, fields{"option_name": "location_report"})["option_value"])
	p.ok("/cgi-bin/component/set_authorizer_option"+q, fields{"option_name": "location_report", "option_value": "2"})
	require.Equal(t, "2", p.ok("/cgi-bin/component/get_authorizer_option"+q, fields{"option_name": "location_report"})["option_value"])
	require.Equal(t, 61013, errcode(p.post("/cgi-bin/component/set_authorizer_option"+q, fields{"option_name": "customer_service", "option_value": "2"})))
	require.Equal(t, 61012, errcode(p.post("/cgi-bin/component/get_authorizer_option"+q, fields{"option_name": "x"})))
}

func TestQuotaIsSpentAndCleared(t *testing.T) {
	const path = "/cgi-bin/component/api_create_preauthcode"
	p := newPlatform(t, func(c *wxsim.Config) { c.Settings.DailyLimits = map[string]int{path: 2} })
	q := "?access_token=" + p.componentToken()
	body := fields{"component_appid": appID}
	p.ok(path+q, body)
	p.ok(path+q, body)
	require.Equal(t, 45009, errcode(p.post(path+q, body)))
	quota := p.ok("/cgi-bin/openapi/quota/get"+q, fields{"cgi_path": path})["quota"].(fields)
	require.Equal(t, fields{"daily_limit": 2.0, "used": 2.0, "remain": 0.0}, quota)
	v2 := fields{"component_appid": appID, "appsecret": secret}
	for range 9 {
		p.ok("/cgi-bin/component/clear_quota/v2", v2)
	}
	p.ok("/cgi-bin/clear_quota"+q, fields{"appid": appID})
	p.ok(path+q, body)
	require.Equal(t, 48006, errcode(p.post("/cgi-bin/component/clear_quota/v2", v2)))
}

func TestCallersOutsideTheWhiteList(t *testing.T) {
	p := newPlatform(t, func(c *wxsim.Config) { c.Settings.AllowedIPs = []string{"192.0.2.1"} })
	out := p.post("/cgi-bin/component/api_component_token", fields{})
	require.Equal(t, 61004, errcode(out))
	require.Contains(t, out["errmsg"], "requestIP: 127.0.0.1")
}

func TestRidIsFoundAgain(t *testing.T) {
	p := newPlatform(t)
	q := "?access_token=" + p.componentToken()
	_, rid, _ := strings.Cut(p.post("/cgi-bin/component/api_create_preauthcode", nil)["errmsg"].(string), "rid: ")
	found := p.ok("/cgi-bin/openapi/rid/get"+q, fields{"rid": rid})["request"].(fields)
	require.Equal(t, "/cgi-bin/component/api_create_preauthcode", found["request_url"])
	require.Contains(t, found["response_body"], "41001")
	require.Equal(t, 76001, errcode(p.post("/cgi-bin/openapi/rid/get"+q, fields{"rid": "x"})))
}

func TestStoppedTicketsAreStartedAgain(t *testing.T) {
	p := newPlatform(t, func(c *wxsim.Config) { c.Settings.TicketStopped = true })
	body := fields{"component_appid": appID, "component_secret": secret}
	require.Equal(t, "ok", p.ok("/cgi-bin/component/api_start_push_ticket", body)["errmsg"])
	require.Equal(t, "in a normal state", p.ok("/cgi-bin/component/api_start_push_ticket", body)["errmsg"])
	require.False(t, p.Settings().TicketStopped)
	body["component_secret"] = "x"
	require.Equal(t, 40125, errcode(p.post("/cgi-bin/component/api_start_push_ticket", body)))
}

func TestSameSeedMakesTheSameAccounts(t *testing.T) {
	a, b := newPlatform(t), newPlatform(t)
	_, one := a.Accounts(wxsim.AccountFilter{Limit: 100})
	_, two := b.Accounts(wxsim.AccountFilter{Limit: 100})
	require.Len(t, one, 12)
	for i := range one {
		require.Equal(t, one[i].AppID, two[i].AppID)
		require.Equal(t, one[i].NickName, two[i].NickName)
	}
}
