package wxsim_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
)

const tokenPath = "/cgi-bin/component/api_create_preauthcode"

// run runs the simulator until the test ends.
func run(t *testing.T, s *wxsim.Sim) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

func TestFaultAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		fault  wxsim.Fault
		status int
		kind   string
		body   string
	}{
		"errcode":   {wxsim.Fault{Errcode: 45009, Errmsg: "limit"}, 200, "application/json", `"errcode":45009`},
		"status":    {wxsim.Fault{Status: 502}, 502, "text/plain", "Bad Gateway"},
		"html":      {wxsim.Fault{HTML: true}, 200, "text/html", "<html>"},
		"body":      {wxsim.Fault{Body: "x", ContentType: "text/x"}, 200, "text/x", "x"},
		"truncated": {wxsim.Fault{Truncated: true}, 200, "application/json", `{"errcode"`},
		"delay":     {wxsim.Fault{Delay: wxsim.Duration(time.Millisecond)}, 200, "application/json", `"errcode":41001`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t)
			tc.fault.Path = tokenPath
			require.NoError(t, p.SetFault(tc.fault))
			resp, raw := p.do(http.MethodPost, tokenPath, nil)
			require.Equal(t, tc.status, resp.StatusCode)
			require.Contains(t, resp.Header.Get("Content-Type"), tc.kind)
			require.Contains(t, string(raw), tc.body)
			if tc.fault.Truncated {
				require.False(t, strings.HasSuffix(string(raw), "}"))
			}
		})
	}
}

func TestFaultsEndAndBegin(t *testing.T) {
	p := newPlatform(t)
	require.NoError(t, p.SetFault(wxsim.Fault{Path: "*", Errcode: -1, Skip: 1, Times: 2}))
	codes := []int{}
	for range 4 {
		codes = append(codes, errcode(p.post(tokenPath, nil)))
	}
	require.Equal(t, []int{41001, -1, -1, 41001}, codes)
	require.Empty(t, p.Faults())
	require.Equal(t, 4, p.Calls(tokenPath).Count)
}

func TestFaultOfOneAccount(t *testing.T) {
	p := newPlatform(t)
	a, b := p.account(wxsim.MiniProgram), p.account(wxsim.Official)
	cat := p.componentToken()
	aat := p.accountToken(cat, a)
	require.NoError(t, p.SetFault(wxsim.Fault{Path: "*", AppID: a.AppID, Errcode: -1}))
	info := func(a wxsim.Account) int {
		return errcode(p.post("/cgi-bin/component/api_get_authorizer_info?access_token="+cat, fields{"component_appid": appID, "authorizer_appid": a.AppID}))
	}
	require.Equal(t, -1, info(a))
	require.Equal(t, 0, info(b))
	require.Equal(t, -1, errcode(p.call(http.MethodGet, "/wxa/get_category?access_token="+aat, nil)))
}

func TestLostAnswerTakesEffect(t *testing.T) {
	p := newPlatform(t)
	a := p.account(wxsim.MiniProgram)
	cat := p.componentToken()
	aat := p.accountToken(cat, a)
	refresh := "/cgi-bin/component/api_authorizer_token?access_token=" + cat
	body := fields{"component_appid": appID, "authorizer_appid": a.AppID, "authorizer_refresh_token": a.RefreshToken}
	ask := func() int { return errcode(p.call(http.MethodGet, "/wxa/get_category?access_token="+aat, nil)) }

	require.NoError(t, p.SetFault(wxsim.Fault{Path: "/cgi-bin/component/api_authorizer_token", Status: 502, Times: 1}))
	p.do(http.MethodPost, refresh, body)
	require.Equal(t, 0, ask(), "the request was not carried out")
	require.NoError(t, p.SetFault(wxsim.Fault{Path: "/cgi-bin/component/api_authorizer_token", Status: 502, Times: 1, Executed: true}))
	p.do(http.MethodPost, refresh, body)
	require.Equal(t, 40001, ask(), "it was, and its answer is lost")
}

func TestConnectionFaults(t *testing.T) {
	p := newPlatform(t)
	try := func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+tokenPath, nil)
		if err != nil {
			return err
		}
		resp, err := p.client.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	require.NoError(t, p.SetFault(wxsim.Fault{Path: tokenPath, Hang: true, Times: 1}))
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	ended := make(chan error, 1)
	go func() { ended <- try(ctx) }()
	waittest.Until(t, func() bool { return len(p.Faults()) == 0 }, "the call does not hang")
	require.NoError(t, try(t.Context()), "the next call is answered")
	require.Empty(t, ended, "and this one is not")
	giveUp()
	require.ErrorIs(t, waittest.Receive(t, ended, "the end of the call"), context.Canceled)

	require.NoError(t, p.SetFault(wxsim.Fault{Path: tokenPath, Reset: true, Times: 1}))
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Limit)
	defer cancel()
	err := try(ctx)
	require.Error(t, err)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, try(ctx))
}

func TestWrongFaultsAreRefused(t *testing.T) {
	p := newPlatform(t)
	for _, f := range []wxsim.Fault{
		{Path: tokenPath}, {Path: "x", Errcode: 1}, {Path: "*", Status: 99}, {Path: "*", Errcode: 1, Times: -1}, {Errcode: 1},
	} {
		require.Error(t, p.SetFault(f), "%+v", f)
	}
	require.Empty(t, p.Faults())
}

func TestCallsAreCounted(t *testing.T) {
	p := newPlatform(t)
	p.post(tokenPath+"?a=1", "{}")
	p.do(http.MethodPost, "/wxa/unheard_of", nil)
	got := p.Calls(tokenPath)
	require.Equal(t, 1, got.Count)
	require.Equal(t, 1, got.MaxInFlight)
	require.Equal(t, "a=1", got.LastQuery)
	require.Equal(t, "{}", got.LastBody)
	require.Equal(t, 1, p.Calls("/wxa/unheard_of").Count)
	p.ResetCalls()
	require.Zero(t, p.Calls(tokenPath).Count)
}

// serve has the simulator serve itself, and returns what ends that.
func (p *platform) serve() (end func()) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	p.t.Cleanup(cancel)
	addr := make(chan net.Addr, 1)
	ended := make(chan error, 1)
	go func() { ended <- p.ListenAndServe(ctx, "127.0.0.1:0", func(a net.Addr) { addr <- a }) }()
	p.url = "http://" + waittest.Receive(p.t, addr, "the address").String()
	return func() {
		cancel()
		require.NoError(p.t, waittest.Receive(p.t, ended, "the end"))
	}
}

// up is nil while the simulator answers.
func (p *platform) up() error {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+"/_sim/state", nil)
	require.NoError(p.t, err)
	resp, err := p.client.Do(req)
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return err
}

func TestOutageRefusesConnections(t *testing.T) {
	p := newPlatform(t, func(c *wxsim.Config) { c.OutageGrace = waittest.Limit })
	require.Error(t, p.Outage(time.Second), "a test server cannot stop listening")

	end := p.serve()
	require.NoError(t, p.up())
	resp, answer := p.do(http.MethodPost, "/_sim/outage", fields{"duration": "1h"})
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", answer)
	waittest.Until(t, func() bool { return errors.Is(p.up(), syscall.ECONNREFUSED) }, "it still takes connections")
	end()
}

func TestOutageEnds(t *testing.T) {
	p := newPlatform(t)
	end := p.serve()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "GET /_sim/state HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1)) // it has been answered
	require.NoError(t, err)
	require.NoError(t, p.Outage(time.Millisecond))
	_, err = io.Copy(io.Discard, conn)
	require.NoError(t, err, "the outage ends the connection")
	waittest.Until(t, func() bool { return p.up() == nil }, "it does not listen again")
	end()
}
