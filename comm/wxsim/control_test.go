package wxsim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

func TestControlOverHTTP(t *testing.T) {
	p := newPlatform(t)
	a := p.stranger()
	account := "/_sim/accounts/" + a.AppID
	require.Equal(t, appID, p.call(http.MethodGet, "/_sim/state", nil)["appid"])
	require.Equal(t, "authorized", p.post(account+"/authorize", nil)["infoType"])
	require.Equal(t, true, p.call(http.MethodGet, account, nil)["authorized"])
	before := p.call(http.MethodGet, account, nil)["refreshToken"]
	require.NotEqual(t, before, p.post(account+"/refresh-token", nil)["refreshToken"])
	require.EqualValues(t, 16, p.post(account+"/status", fields{"accountStatus": 16})["accountStatus"])
	require.Equal(t, false, p.post(account+"/unauthorize", fields{"silent": true})["authorized"])

	require.EqualValues(t, 3, p.post("/_sim/accounts", fields{"count": 3, "authorized": true})["total"])
	require.EqualValues(t, 7, p.call(http.MethodGet, "/_sim/accounts?authorized=true&limit=2", nil)["total"])
	require.Equal(t, "5s", p.post("/_sim/settings", fields{"tokenOverlap": "5s"})["tokenOverlap"])
	require.Equal(t, true, p.post("/_sim/ticket", nil)["accepted"])
	require.Equal(t, http.StatusOK, p.status(http.MethodPost, "/_sim/check-url", fields{"appid": a.AppID}))
	require.Equal(t, otherKey, p.post("/_sim/rotate-key", fields{"aesKey": otherKey})["aesKey"])
	require.Equal(t, true, p.post("/_sim/rotate-key", fields{"usePrevious": true})["usePrevious"])
	require.Equal(t, wxsim.MiniProgram, p.post("/_sim/fast-register", nil)["kind"])
	require.Equal(t, http.StatusOK, p.status(http.MethodPost, "/_sim/faults", []fields{{"path": "*", "hang": true}}))
	p.call(http.MethodDelete, "/_sim/faults", nil)
	require.Equal(t, http.StatusOK, p.status(http.MethodGet, "/_sim/push?limit=1", nil))
	require.Equal(t, http.StatusOK, p.status(http.MethodDelete, "/_sim/replies", nil))
	require.Equal(t, http.StatusOK, p.status(http.MethodGet, "/_sim/messages", nil))
	p.post("/cgi-bin/clear_quota", nil)
	require.EqualValues(t, 1, p.call(http.MethodGet, "/_sim/calls?path=/cgi-bin/clear_quota", nil)["count"])
	require.Contains(t, p.call(http.MethodGet, "/_sim/calls", nil), "/cgi-bin/clear_quota")
}

func TestAuditIsDecidedOverHTTP(t *testing.T) {
	d := newDev(t)
	d.commit("1.0")
	d.do200("/wxa/submit_audit", fields{})
	require.Equal(t, http.StatusBadRequest, d.status(http.MethodPost, "/_sim/audit", fields{"appid": d.app.AppID, "decision": "x"}))
	require.Equal(t, http.StatusBadRequest, d.status(http.MethodPost, "/_sim/audit", fields{"appid": d.app.AppID}))
	require.Equal(t, "weapp_audit_delay", d.post("/_sim/audit", fields{"appid": d.app.AppID, "decision": "delay"})["kind"])
	require.Equal(t, "weapp_audit_success", d.post("/_sim/audit", fields{"appid": d.app.AppID, "decision": "approve"})["kind"])
	require.Equal(t, http.StatusBadRequest, d.status(http.MethodPost, "/_sim/audit", fields{"appid": d.app.AppID, "decision": "reject"}))
	privacy := fields{"appid": d.app.AppID, "decision": "approve", "of": "privacy"}
	require.Equal(t, "weapp_audit_success", d.post("/_sim/audit", privacy)["kind"], "no audit of code need run for that")
	require.Equal(t, http.StatusBadRequest, d.status(http.MethodPost, "/_sim/audit", fields{"appid": d.app.AppID, "decision": "approve", "of": "x"}))
}

func TestWrongControlsAreRefused(t *testing.T) {
	p := newPlatform(t)
	before := p.Settings()
	for path, body := range map[string]any{
		"/_sim/settings":               fields{"target": "http://other", "pushAttempts": 0},
		"/_sim/settings?":              fields{"target": "http://other", "nonsense": 1},
		"/_sim/push":                   fields{"appid": "wx0"},
		"/_sim/push?1":                 fields{"channel": "x"},
		"/_sim/push?2":                 fields{"channel": "component"},
		"/_sim/accounts":               fields{"count": 0},
		"/_sim/accounts/wx0/authorize": nil,
		"/_sim/accounts/wx0/x":         nil,
		"/_sim/faults":                 "{",
		"/_sim/releasecheck":           fields{"group": 9},
		"/_sim/rotate-key":             fields{"aesKey": "x"},
		"/_sim/outage":                 fields{"duration": "0s"},
	} {
		require.Equal(t, http.StatusBadRequest, p.status(http.MethodPost, path, body), path)
	}
	require.Equal(t, before, p.Settings())
}

func TestControlPageShowsTheState(t *testing.T) {
	d := newDev(t)
	d.commit("9.9.9")
	d.do200("/wxa/submit_audit", fields{})
	require.NoError(t, d.SetFault(wxsim.Fault{Path: "/wxa/release", Errcode: -1, Times: 3}))
	resp, raw := d.do(http.MethodGet, "/", nil)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	page := string(raw)
	require.Contains(t, page, d.app.NickName)
	require.Contains(t, page, "9.9.9")
	require.Contains(t, page, `data-audit="approve"`)
	require.Contains(t, page, "errcode -1")
	require.Contains(t, page, "component_verify_ticket")
	require.Equal(t, http.StatusNotFound, d.status(http.MethodGet, "/nothing", nil))
}

func TestOtherSitesCannotControl(t *testing.T) {
	p := newPlatform(t, func(c *wxsim.Config) { c.Hosts = []string{"simulator"} })
	for name, tt := range map[string]struct {
		host   string
		header map[string]string
		status int
	}{
		"program":         {status: http.StatusOK},
		"localhost":       {host: "localhost:8090", status: http.StatusOK},
		"configured":      {host: "simulator:8090", status: http.StatusOK},
		"own page":        {host: "localhost:8090", header: map[string]string{"Origin": "http://localhost:8090", "Sec-Fetch-Site": "same-origin"}, status: http.StatusOK},
		"address bar":     {header: map[string]string{"Sec-Fetch-Site": "none"}, status: http.StatusOK},
		"foreign name":    {host: "evil.example:8090", status: http.StatusForbidden},
		"its own foreign": {host: "evil.example:8090", header: map[string]string{"Origin": "http://evil.example:8090"}, status: http.StatusForbidden},
		"other site":      {header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: http.StatusForbidden},
		"same site":       {header: map[string]string{"Sec-Fetch-Site": "same-site"}, status: http.StatusForbidden},
		"other origin":    {host: "localhost:8090", header: map[string]string{"Origin": "http://evil.example"}, status: http.StatusForbidden},
		"other port":      {host: "localhost:8090", header: map[string]string{"Origin": "http://localhost:8080"}, status: http.StatusForbidden},
		"sandboxed page":  {host: "localhost:8090", header: map[string]string{"Origin": "null"}, status: http.StatusForbidden},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			req, err := http.NewRequestWithContext(t.Context(), method, p.url+"/_sim/settings", strings.NewReader("{}"))
			require.NoError(t, err)
			req.Host = tt.host
			for k, v := range tt.header {
				req.Header.Set(k, v)
			}
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			_ = resp.Body.Close()
			require.Equal(t, tt.status, resp.StatusCode, "%s: %s", name, method)
		}
	}
}

func TestWrongConfigurationIsRefused(t *testing.T) {
	for name, c := range map[string]wxsim.Config{
		"nothing": {},
		"no key":  {AppID: appID, Secret: secret, Token: token},
		"format":  {AppID: appID, Secret: secret, Plain: true, Settings: wxsim.Settings{Format: "yaml"}},
	} {
		_, err := wxsim.New(c)
		require.Error(t, err, name)
	}
	_, err := wxsim.New(wxsim.Config{AppID: appID, Secret: secret, Plain: true})
	require.NoError(t, err)
}
