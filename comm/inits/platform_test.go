package inits_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
)

// platform is a simulated WeChat with the platform of these tests. It has more patience than WeChat.
type platform struct {
	*wxsim.Sim
	url  string
	gate gate
}

func newPlatform(t *testing.T, settings wxsim.Settings) *platform {
	t.Helper()
	settings.PushTimeout, settings.ReplyLimit = wxsim.Duration(waittest.Limit), wxsim.Duration(waittest.Limit)
	sim, err := wxsim.New(wxsim.Config{
		AppID: appID, Secret: appSecret, Token: pushToken, AESKey: aesKey, Accounts: 6, Seed: 1, Settings: settings,
	})
	require.NoError(t, err)
	p := &platform{Sim: sim}
	srv := httptest.NewServer(p.gate.before(sim.Handler()))
	p.url = srv.URL
	t.Cleanup(srv.Close)
	t.Cleanup(sim.Wait)
	return p
}

// settings are the platform's as the service is given them.
func (p *platform) settings() environment {
	return environment{
		"WX_APPID": appID, "WX_SECRET": appSecret, "WX_TOKEN": pushToken, "WX_AES_KEY": aesKey,
		"WX_API_BASE": p.url, "WX_PC_AUTH_BASE": p.url, "WX_H5_AUTH_BASE": p.url,
		"ADMIN_USERNAME": adminName, "ADMIN_PASSWORD": adminPassword,
	}
}

// stranger returns an account that has not authorized the platform.
func (p *platform) stranger(t *testing.T) wxsim.Account {
	t.Helper()
	no := false
	_, list := p.Accounts(wxsim.AccountFilter{Kind: wxsim.Official, Authorized: &no})
	require.NotEmpty(t, list)
	return list[0]
}

// gate stands before WeChat and can keep calls waiting.
type gate struct {
	mu   sync.Mutex
	held map[string]*hold // by path; "" is every path
}

type hold struct {
	arrived chan struct{} // has a value for each call that came
	open    chan struct{} // closed when they go on
}

func (g *gate) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		h := g.held[r.URL.Path]
		if h == nil {
			h = g.held[""]
		}
		g.mu.Unlock()
		if h != nil {
			h.arrived <- struct{}{}
			<-h.open
		}
		next.ServeHTTP(w, r)
	})
}

// hold keeps calls of a path waiting, of every path with "", until they are let go or the test ends.
func (g *gate) hold(t *testing.T, path string) (arrived <-chan struct{}, letGo func()) {
	h := &hold{arrived: make(chan struct{}, 1000), open: make(chan struct{})}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = map[string]*hold{path: h}
	letGo = sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.held = nil
		close(h.open)
	})
	t.Cleanup(letGo)
	return h.arrived, letGo
}
