package wxsim_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

// page opens an authorization page.
func (p *platform) page(path string, q url.Values) string {
	p.t.Helper()
	_, raw := p.do(http.MethodGet, path+"?"+q.Encode(), nil)
	return string(raw)
}

func (p *platform) preAuthCode() string {
	p.t.Helper()
	return p.ok("/cgi-bin/component/api_create_preauthcode?access_token="+p.componentToken(), fields{"component_appid": appID})["pre_auth_code"].(string)
}

func (p *platform) query(change ...string) url.Values {
	q := url.Values{
		"component_appid": {appID}, "pre_auth_code": {p.preAuthCode()}, "auth_type": {"3"},
		"redirect_uri": {"https://provider.example.com/back?state=a%20b#/redirectPage"},
	}
	for i := 0; i < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	return q
}

// submit presses a button of the page.
func (p *platform) submit(q url.Values, form url.Values) (status int, location, body string) {
	p.t.Helper()
	for k, v := range q {
		form[k] = v
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+"/_auth", strings.NewReader(form.Encode()))
	require.NoError(p.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(req)
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return resp.StatusCode, resp.Header.Get("Location"), string(raw)
}

func TestAuthorizationPageOffersTheRightAccounts(t *testing.T) {
	p := newPlatform(t)
	frozen := p.account(wxsim.MiniProgram)
	require.NoError(t, p.SetAccountStatus(frozen.AppID, 19))
	radios := regexp.MustCompile(`name="appid" value="(wx[0-9a-f]+)"`)
	for name, tc := range map[string]struct {
		path   string
		change []string
		kinds  []string
	}{
		"both":         {"/cgi-bin/componentloginpage", nil, []string{wxsim.Official, wxsim.MiniProgram}},
		"official":     {"/wxaopen/safe/bindcomponent", []string{"auth_type", "1"}, []string{wxsim.Official}},
		"mini program": {"/safe/bindcomponent", []string{"auth_type", "2"}, []string{wxsim.MiniProgram}},
		"one account":  {"/cgi-bin/componentloginpage", []string{"biz_appid", p.stranger().AppID}, []string{p.stranger().Kind}},
		"none":         {"/cgi-bin/componentloginpage", []string{"biz_appid", "wx0"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			kinds := map[string]bool{}
			for _, m := range radios.FindAllStringSubmatch(p.page(tc.path, p.query(tc.change...)), -1) {
				a, ok := p.Account(m[1])
				require.True(t, ok)
				require.False(t, a.ReleaseCheck)
				require.NotEqual(t, frozen.AppID, a.AppID)
				kinds[a.Kind] = true
			}
			require.Len(t, kinds, len(tc.kinds))
			for _, k := range tc.kinds {
				require.True(t, kinds[k])
			}
		})
	}
}

func TestAuthorizationPageRefusesWrongLinks(t *testing.T) {
	p := newPlatform(t, func(c *wxsim.Config) { c.Settings.RedirectHost = "provider.example.com" })
	for name, change := range map[string][]string{
		"component_appid": {"component_appid", "wx0"},
		"pre_auth_code":   {"pre_auth_code", "preauthcode@@@x"},
		"no redirect_uri": {"redirect_uri", ""},
		"script":          {"redirect_uri", "javascript:alert(1)"},
		"other host":      {"redirect_uri", "https://elsewhere.example.com/"},
		"auth_type":       {"auth_type", "9"},
		"category":        {"category_id_list", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, p.page("/cgi-bin/componentloginpage", p.query(change...)), "无法授权")
		})
	}
	q := p.query()
	p.clock.Advance(30 * time.Minute)
	require.Contains(t, p.page("/cgi-bin/componentloginpage", q), "已失效")
}

func TestApprovalPushesAndRedirects(t *testing.T) {
	p := newPlatform(t)
	a := p.stranger()
	q := p.query("action", "bindcomponent") // the H5 link carries one
	status, location, _ := p.submit(q, url.Values{"decision": {"approve"}, "appid": {a.AppID}, "func-" + a.AppID: {"18", "17"}, "func-wx0": {"1"}})
	require.Equal(t, http.StatusFound, status)
	u, err := url.Parse(location)
	require.NoError(t, err)
	require.Equal(t, "/redirectPage", u.Fragment)
	require.Equal(t, "a b", u.Query().Get("state"))
	require.Equal(t, "3600", u.Query().Get("expires_in"))
	code := u.Query().Get("auth_code")
	require.NotEmpty(t, code)

	p.Wait()
	event := p.product.last()
	require.Equal(t, "/wxcallback/component", event.path)
	require.Equal(t, "authorized", event.fields.Get("InfoType"))
	require.Equal(t, a.AppID, event.fields.Get("AuthorizerAppid"))
	require.Equal(t, code, event.fields.Get("AuthorizationCode"))
	require.Equal(t, q.Get("pre_auth_code"), event.fields.Get("PreAuthCode"))
	now, _ := p.Account(a.AppID)
	require.Equal(t, []int{18, 17}, now.Funcs)

	_, _, body := p.submit(q, url.Values{"decision": {"approve"}, "appid": {a.AppID}})
	require.Contains(t, body, "pre_auth_code", "a code is for one authorization")
}

func TestRefusalAuthorizesNothing(t *testing.T) {
	p := newPlatform(t)
	a := p.stranger()
	before := len(p.product.got()) + 1 // the ticket for the pre-auth code
	status, location, body := p.submit(p.query(), url.Values{"decision": {"refuse"}, "appid": {a.AppID}})
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, location)
	require.Contains(t, body, "已取消授权")
	now, _ := p.Account(a.AppID)
	require.False(t, now.Authorized)
	p.Wait()
	require.Len(t, p.product.got(), before)
}

func TestUpdateIsPushedOnlyWhenTheSetsChanged(t *testing.T) {
	p := newPlatform(t)
	a := p.account(wxsim.MiniProgram)
	same, err := p.Authorize(t.Context(), a.AppID, wxsim.AuthorizeOptions{})
	require.NoError(t, err)
	require.Empty(t, same.InfoType)
	require.Nil(t, same.Push)
	less, err := p.Authorize(t.Context(), a.AppID, wxsim.AuthorizeOptions{Funcs: []int{17}})
	require.NoError(t, err)
	require.Equal(t, "updateauthorized", less.InfoType)
	require.True(t, less.Push.Accepted)
	now, _ := p.Account(a.AppID)
	require.Equal(t, a.RefreshToken, now.RefreshToken, "it stays while the authorization stands")

	require.NoError(t, p.Unauthorize(t.Context(), a.AppID, false))
	require.Equal(t, "unauthorized", p.product.last().fields.Get("InfoType"))
	again, err := p.Authorize(t.Context(), a.AppID, wxsim.AuthorizeOptions{})
	require.NoError(t, err)
	require.Equal(t, "authorized", again.InfoType)
	now, _ = p.Account(a.AppID)
	require.NotEqual(t, a.RefreshToken, now.RefreshToken)
}

func TestFastRegistrationBringsACode(t *testing.T) {
	p := newPlatform(t)
	a, res := p.FastRegister(t.Context())
	require.True(t, res.Accepted)
	event := p.product.last().fields
	require.Equal(t, "notify_third_fasteregister", event.Get("InfoType"))
	require.Equal(t, a.AppID, event.Get("appid"))
	require.NotEmpty(t, event.Get("info.legal_persona_name"))
	out := p.ok("/cgi-bin/component/api_query_auth?access_token="+p.componentToken(), fields{
		"component_appid": appID, "authorization_code": event.Get("auth_code"),
	})
	require.Equal(t, a.AppID, out["authorization_info"].(fields)["authorizer_appid"])
}
