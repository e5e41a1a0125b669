package token_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/token"
)

const (
	componentAppID = "wxcomponent0000001"
	accountAppID   = "wxaccount000000001"
)

// fakeWeChat answers token calls; each override replaces one path's answer.
type fakeWeChat struct {
	mu        sync.Mutex
	calls     map[string]int
	bodies    map[string][]map[string]any
	override  map[string]func(n int, body map[string]any) any
	delay     time.Duration
	expiresIn int
	issued    int
	valid     map[string]string // appid ("" = component) to its only valid token
}

func newFakeWeChat() *fakeWeChat {
	return &fakeWeChat{
		calls: map[string]int{}, bodies: map[string][]map[string]any{}, valid: map[string]string{},
		override: map[string]func(int, map[string]any) any{}, expiresIn: 7200,
	}
}

const (
	pathComponent = "/cgi-bin/component/api_component_token"
	pathAccount   = "/cgi-bin/component/api_authorizer_token"
	pathInfo      = "/cgi-bin/component/api_get_authorizer_info"
	pathPages     = "/wxa/get_page"
)

type raw string // an answer that is not JSON, with HTTP 502

func (f *fakeWeChat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	f.mu.Lock()
	delay := f.delay
	f.mu.Unlock()
	pause(delay)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[r.URL.Path]++
	f.bodies[r.URL.Path] = append(f.bodies[r.URL.Path], body)
	answer := f.answer(r, body)
	if text, ok := answer.(raw); ok {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, string(text))
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (f *fakeWeChat) answer(r *http.Request, body map[string]any) any {
	if o := f.override[r.URL.Path]; o != nil {
		if a := o(f.calls[r.URL.Path], body); a != nil {
			return a
		}
	}
	used := r.URL.Query().Get("access_token")
	switch r.URL.Path {
	case pathComponent:
		return map[string]any{"component_access_token": f.issue(""), "expires_in": f.expiresIn}
	case pathAccount:
		if used != f.valid[""] {
			return refusal(40001)
		}
		return map[string]any{
			"authorizer_access_token": f.issue(body["authorizer_appid"].(string)), "expires_in": f.expiresIn,
			"authorizer_refresh_token": body["authorizer_refresh_token"],
		}
	case pathPages:
		if used != f.valid[accountAppID] {
			return refusal(40001)
		}
		return map[string]any{"page_list": []string{"index"}}
	}
	return refusal(404)
}

func (f *fakeWeChat) issue(appid string) string {
	f.issued++
	f.valid[appid] = fmt.Sprintf("token-%s-%d", appid, f.issued)
	return f.valid[appid]
}

func (f *fakeWeChat) count(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[path]
}

func (f *fakeWeChat) set(path string, o func(n int, body map[string]any) any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.override[path] = o
}

// void makes the account's token invalid, as a refresh by another program does.
func (f *fakeWeChat) void(appid string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.valid[appid] = "other"
}

func refusal(code int) map[string]any {
	return map[string]any{"errcode": code, "errmsg": "refused rid: 6423-1"}
}

// RoundTrip serves without a network, so that the whole test can run in a synctest bubble.
func (f *fakeWeChat) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	in := r.Clone(r.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	done := make(chan *http.Response, 1)
	go func() {
		w := httptest.NewRecorder()
		f.ServeHTTP(w, in)
		done <- w.Result()
	}()
	select {
	case resp := <-done:
		return resp, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// pause lets the bubble's time pass for the caller alone, beside the test's own goroutine.
func pause(d time.Duration) { time.Sleep(d) } //nolint:forbidigo // not a wait of the test's

// fakeStore is what the instances share.
type fakeStore struct {
	mu     sync.Mutex
	ticket string
	tokens map[string]token.Token
	leases map[string]fakeLease
	fence  int64
	reads  int
	delay  time.Duration // between a read and its result
	fail   error         // of reads
	putErr error
	onPut  func()
}

type fakeLease struct {
	owner string
	fence int64
	ends  time.Time
}

func newFakeStore() *fakeStore {
	return &fakeStore{ticket: "ticket@@@1", tokens: map[string]token.Token{}, leases: map[string]fakeLease{}}
}

func (s *fakeStore) Now(context.Context) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now(), s.fail
}

func (s *fakeStore) Ticket(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ticket, s.fail
}

// TokenGet keeps no lifetime, as a table without that column.
func (s *fakeStore) TokenGet(_ context.Context, appid string) (token.Token, error) {
	s.mu.Lock()
	s.reads++
	t, err, delay := s.tokens[appid], s.fail, s.delay
	s.mu.Unlock()
	t.Lifetime = 0
	pause(delay)
	return t, err
}

func (s *fakeStore) TokenPut(_ context.Context, appid string, t token.Token, l token.Lease) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onPut != nil {
		s.onPut()
	}
	if have := s.leases[l.Name]; have.owner != l.Owner || have.fence != l.Fence {
		return token.ErrFenced
	}
	if s.putErr != nil {
		return s.putErr
	}
	s.tokens[appid] = t
	return nil
}

func (s *fakeStore) TokenDelete(_ context.Context, appid string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, appid)
	return nil
}

func (s *fakeStore) LeaseTake(_ context.Context, name, owner string, ttl time.Duration) (int64, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if have, ok := s.leases[name]; ok && time.Now().Before(have.ends) {
		return 0, false, s.fail
	}
	s.fence++
	s.leases[name] = fakeLease{owner: owner, fence: s.fence, ends: time.Now().Add(ttl)}
	return s.fence, true, s.fail
}

func (s *fakeStore) LeaseRelease(_ context.Context, name, owner string, fence int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if have := s.leases[name]; have.owner == owner && have.fence == fence {
		delete(s.leases, name)
	}
	return s.fail
}

func (s *fakeStore) with(change func(*fakeStore)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// fakeAccounts holds refresh tokens; an appid that is not in it is not authorized.
type fakeAccounts struct {
	mu     sync.Mutex
	tokens map[string]string
	panics bool
}

func (a *fakeAccounts) RefreshToken(_ context.Context, appid string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.panics {
		panic("broken")
	}
	t, ok := a.tokens[appid]
	if !ok {
		return "", errno.Param("appid", "is not authorized")
	}
	return t, nil
}

func (a *fakeAccounts) RefreshTokenPut(_ context.Context, appid, refreshToken string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens[appid] = refreshToken
	return nil
}

func (a *fakeAccounts) remove(appid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tokens, appid)
}

type fakePlatform struct {
	mu     sync.Mutex
	secret log.Secret
}

func (p *fakePlatform) Secret() (log.Secret, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.secret == "" {
		return "", errno.New(errno.NotConfigured, "WX_SECRET is not set")
	}
	return p.secret, nil
}

// rig is a fake WeChat, a store and everything else that instances share.
type rig struct {
	t        *testing.T
	wechat   *fakeWeChat
	store    *fakeStore
	accounts *fakeAccounts
	platform *fakePlatform
	renewed  func(ctx context.Context, appid string, failure error)
}

// bubble runs a test with a clock that stands still while anything runs.
func bubble(t *testing.T, test func(*testing.T, *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, &rig{
			t: t, wechat: newFakeWeChat(), store: newFakeStore(),
			accounts: &fakeAccounts{tokens: map[string]string{accountAppID: "refresh-1"}},
			platform: &fakePlatform{secret: "secret"},
		})
	})
}

func (r *rig) instance() *token.Centre { return r.instanceWith(nil, nil) }

func (r *rig) instanceWith(clock func() time.Time, cloudBase *wx.CloudBase) *token.Centre {
	c := token.New(r.t.Context(), token.Deps{
		WX: wx.New(wx.Options{
			Platform: wx.Platform{AppID: componentAppID}, APIBase: "https://api.example", CloudBase: cloudBase,
			HTTP: &http.Client{Transport: r.wechat}, Log: zap.NewNop(),
		}),
		Platform: r.platform, Store: r.store, Accounts: r.accounts, Clock: clock, Renewed: r.renewed, Log: zap.NewNop(),
	})
	r.t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func (r *rig) value(c *token.Centre, appid string) string {
	r.t.Helper()
	v, err := c.AccessToken(r.t.Context(), appid)
	require.NoError(r.t, err)
	return v
}

var errDown = errors.New("database is down")
