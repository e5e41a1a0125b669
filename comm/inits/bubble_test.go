package inits_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/config"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db/dao"
)

// bubble is a program in a bubble of testing/synctest, asked without a network.
type bubble struct {
	t       *testing.T
	handler http.Handler
	store   *dao.Store
}

// inBubble runs a test on a program whose clock goes on when there is nothing left to do.
func inBubble(t *testing.T, env environment, wechat http.Handler, test func(t *testing.T, b *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg, err := config.Load(config.Options{Getenv: func(name string) string { return env[name] }, Dir: t.TempDir()})
		require.NoError(t, err)
		p := program(env, &output{})
		handler, store, stop, err := p.Public(t.Context(), cfg, straight{wechat})
		require.NoError(t, err)
		test(t, &bubble{t, handler, store})
		require.NoError(t, stop())
	})
}

// straight leads calls to a handler.
type straight struct{ to http.Handler }

func (s straight) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	s.to.ServeHTTP(w, req)
	return w.Result(), nil
}

// code is what a request from an address is answered with.
func (b *bubble) code(method, path, body, from string) int {
	b.t.Helper()
	req := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	req.RemoteAddr = from + ":1000"
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, req)
	var e envelope
	require.NoError(b.t, json.Unmarshal(w.Body.Bytes(), &e), "%s", w.Body)
	return e.Code
}

func (b *bubble) login(password, from string) int {
	b.t.Helper()
	return b.code(http.MethodPut, "/wxcomponent/auth", asJSON(b.t, obj{"username": adminName, "password": auth.Sent(password)}), from)
}

// TestGuessingFromManyAddressesIsSlow, and does not lock out who has logged in before.
func TestGuessingFromManyAddressesIsSlow(t *testing.T) {
	t.Parallel()
	inBubble(t, onSQLite(t).with(localAdmin()), http.NotFoundHandler(), func(t *testing.T, b *bubble) {
		require.Zero(t, b.login(adminPassword, "192.0.2.1"))
		begin, address := time.Now(), 0
		guess := func(times, want int) {
			t.Helper()
			for range times {
				address++
				require.Equal(t, want, b.login("guess", fmt.Sprintf("198.51.100.%d", address)))
			}
		}
		guess(10, 1006)
		guess(5, 1100)
		require.True(t, time.Now().Equal(begin), "the first are not slowed down")
		require.Zero(t, b.login(adminPassword, "192.0.2.1"))
		waittest.Pass(15*time.Minute - time.Second)
		guess(1, 1100)
		waittest.Pass(time.Second)
		guess(10, 1006)
		guess(1, 1100)
		waittest.Pass(15 * time.Minute)
		begin = time.Now()
		guess(1, 1006)
		require.True(t, time.Now().Equal(begin.Add(100*time.Millisecond)), "the delay rises from here on")
		require.Zero(t, b.login(adminPassword, "203.0.113.1"), "another address is locked out although guesses are left")
	})
}

// TestStrangersDoNotUseUpTheCodes: pre-auth codes are limited by WeChat, and anybody may ask.
func TestStrangersDoNotUseUpTheCodes(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{Format: wxsim.FormatPlain})
	var pushed struct{ ComponentVerifyTicket string }
	pushes := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = json.NewDecoder(r.Body).Decode(&pushed)
	}))
	t.Cleanup(pushes.Close)
	wechat.SetTarget(pushes.URL)
	_ = wechat.PushTicket(t.Context())
	require.NotEmpty(t, pushed.ComponentVerifyTicket)
	env := onSQLite(t).with(localAdmin()).with(environment{"WX_APPID": appID, "WX_SECRET": appSecret})
	inBubble(t, env, wechat.Handler(), func(t *testing.T, b *bubble) {
		require.NoError(t, b.store.TicketSave(t.Context(), pushed.ComponentVerifyTicket, time.Now()))
		given := 0
		ask := func(times int) (fresh int) {
			for i := range times {
				path := []string{"/preauthcode", "/authurl?type=pc"}[i%2]
				if code := b.code(http.MethodGet, authPage+path, "", "192.0.2.1"); code == 0 {
					fresh++
				} else {
					require.Equal(t, 1100, code)
				}
			}
			given += fresh
			require.Equal(t, given, wechat.Calls("/cgi-bin/component/api_create_preauthcode").Count)
			return fresh
		}
		require.Equal(t, 20, ask(40), "so many at once")
		waittest.Pass(2*time.Second - time.Millisecond)
		require.Zero(t, ask(1))
		waittest.Pass(time.Millisecond)
		require.Equal(t, 1, ask(10), "one every two seconds")
		waittest.Pass(time.Minute)
		require.Equal(t, 20, ask(40))
	})
}

// TestManyAddressesDoNotUseUpTheCodes: however many strangers ask, WeChat is asked so often only.
func TestManyAddressesDoNotUseUpTheCodes(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{Format: wxsim.FormatPlain})
	var pushed struct{ ComponentVerifyTicket string }
	pushes := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = json.NewDecoder(r.Body).Decode(&pushed)
	}))
	t.Cleanup(pushes.Close)
	wechat.SetTarget(pushes.URL)
	_ = wechat.PushTicket(t.Context())
	env := onSQLite(t).with(localAdmin()).with(environment{"WX_APPID": appID, "WX_SECRET": appSecret})
	inBubble(t, env, wechat.Handler(), func(t *testing.T, b *bubble) {
		require.NoError(t, b.store.TicketSave(t.Context(), pushed.ComponentVerifyTicket, time.Now()))
		ask := func() (fresh int) {
			for i := range 200 {
				if b.code(http.MethodGet, authPage+"/preauthcode", "", fmt.Sprintf("198.51.100.%d", i)) == 0 {
					fresh++
				}
			}
			return fresh
		}
		require.Equal(t, 120, ask())
		require.Equal(t, 120, wechat.Calls("/cgi-bin/component/api_create_preauthcode").Count)
		waittest.Pass(time.Minute + time.Second)
		require.Equal(t, 80, min(ask(), 80), "a minute later merchants are served again")
	})
}
