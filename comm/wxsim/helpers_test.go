package wxsim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
)

const (
	appID    = "wx1234567890abcdef"
	secret   = "the-app-secret"
	token    = "the-message-token"
	aesKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	otherKey = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"
)

// clock is a time that only moves when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// push is what the product got.
type push struct {
	path   string
	header http.Header
	query  map[string][]string
	plain  string
	fields payload.Document
}

// product stands for the service under test: it decrypts pushes as the real one has to.
type product struct {
	t     *testing.T
	crypt *encrypt.MsgCrypt

	mu     sync.Mutex
	pushes []push
	answer func(push) (status int, body string) // nil: success
}

func newProduct(t *testing.T) *product {
	t.Helper()
	crypt, err := encrypt.NewMsgCrypt(appID, token, aesKey, otherKey)
	require.NoError(t, err)
	return &product{t: t, crypt: crypt}
}

func (p *product) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	q := r.URL.Query()
	if r.Method == http.MethodGet {
		if !p.crypt.VerifyURL(q.Get("signature"), q.Get("timestamp"), q.Get("nonce")) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, q.Get("echostr"))
		return
	}
	got := push{path: r.URL.Path, header: r.Header, query: q, plain: string(body)}
	if r.Header.Get("x-wx-source") == "" {
		env, err := encrypt.ParseEnvelope(body)
		if err == nil {
			var plain []byte
			plain, _, err = p.crypt.Decrypt(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), env.Encrypt)
			got.plain = string(plain)
		}
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
	}
	doc := payload.Parse([]byte(got.plain))
	if doc.Defect != "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	got.fields = doc
	p.mu.Lock()
	p.pushes = append(p.pushes, got)
	answer := p.answer
	p.mu.Unlock()
	status, text := http.StatusOK, "success"
	if answer != nil {
		status, text = answer(got)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func (p *product) on(answer func(push) (int, string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

func (p *product) got() []push {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]push(nil), p.pushes...)
}

func (p *product) last() push {
	all := p.got()
	require.NotEmpty(p.t, all)
	return all[len(all)-1]
}

// reply is a passive text reply to a push, encrypted as the push was.
func (p *product) reply(to push, content string) string {
	plain := "<xml><ToUserName><![CDATA[" + to.fields.Get("FromUserName") + "]]></ToUserName><FromUserName><![CDATA[" +
		to.fields.Get("ToUserName") + "]]></FromUserName><CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[" +
		content + "]]></Content></xml>"
	body, err := p.crypt.EncryptReply([]byte(plain), "1700000000", "n", 0, payload.XML)
	require.NoError(p.t, err)
	return string(body)
}

// platform is a simulator that is served, with the product behind it.
type platform struct {
	*wxsim.Sim
	t       *testing.T
	url     string
	client  *http.Client
	product *product
	clock   *clock
}

// newPlatform returns one that has the patience of tests.
func newPlatform(t *testing.T, change ...func(*wxsim.Config)) *platform {
	t.Helper()
	p := makePlatform(t)
	product := httptest.NewServer(p.product)
	t.Cleanup(product.Close)
	p.start(wxsim.Config{Now: p.clock.Now, Settings: wxsim.Settings{
		Target: product.URL, PushTimeout: wxsim.Duration(waittest.Limit), ReplyLimit: wxsim.Duration(waittest.Limit),
	}}, change)
	srv := httptest.NewServer(p.Handler())
	t.Cleanup(srv.Close)
	t.Cleanup(p.Wait)
	p.url, p.client = srv.URL, http.DefaultClient
	return p
}

// inBubble runs a test with the clock of testing/synctest, and with the simulator's own limits. There
// are no connections: while anybody waits for one, that clock stands still.
func inBubble(t *testing.T, test func(t *testing.T, p *platform), change ...func(*wxsim.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := makePlatform(t)
		p.start(wxsim.Config{Transport: direct{p.product}, Settings: wxsim.Settings{Target: "http://product"}}, change)
		p.url, p.client = "http://localhost", &http.Client{Transport: direct{p.Handler()}}
		test(t, p)
	})
}

func makePlatform(t *testing.T) *platform {
	t.Helper()
	return &platform{t: t, product: newProduct(t), clock: &clock{now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}}
}

func (p *platform) start(cfg wxsim.Config, change []func(*wxsim.Config)) {
	p.t.Helper()
	cfg.AppID, cfg.Secret, cfg.Token, cfg.AESKey, cfg.Authorized, cfg.Seed = appID, secret, token, aesKey, 4, 1
	for _, c := range change {
		c(&cfg)
	}
	sim, err := wxsim.New(cfg)
	require.NoError(p.t, err)
	p.Sim = sim
}

// direct carries calls to a handler without a connection.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	in := httptest.NewRequestWithContext(req.Context(), req.Method, req.URL.String(), req.Body)
	in.Header, in.ContentLength = req.Header, req.ContentLength
	w, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(done)
		d.handler.ServeHTTP(w, in)
	}()
	select {
	case <-done:
		return w.Result(), nil
	case <-req.Context().Done():
		return nil, context.Cause(req.Context())
	}
}

type fields = map[string]any

// do asks the simulator and returns the answer with its body.
func (p *platform) do(method, path string, body any) (*http.Response, []byte) {
	p.t.Helper()
	var data io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		data = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		require.NoError(p.t, err)
		data = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, data)
	require.NoError(p.t, err)
	resp, err := p.client.Do(req)
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return resp, raw
}

// call asks for JSON; numbers are float64.
func (p *platform) call(method, path string, body any) fields {
	p.t.Helper()
	_, raw := p.do(method, path, body)
	return p.decode(raw)
}

func (p *platform) decode(raw []byte) fields {
	p.t.Helper()
	var out fields
	require.NoError(p.t, json.Unmarshal(raw, &out), "%s", raw)
	return out
}

func (p *platform) answerTo(req *http.Request) fields {
	p.t.Helper()
	resp, err := p.client.Do(req)
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return p.decode(raw)
}

func (p *platform) post(path string, body any) fields {
	p.t.Helper()
	return p.call(http.MethodPost, path, body)
}

// ok is post for what must succeed.
func (p *platform) ok(path string, body any) fields {
	p.t.Helper()
	out := p.post(path, body)
	require.Contains(p.t, []any{nil, float64(0)}, out["errcode"], "%v", out)
	return out
}

func errcode(out fields) int {
	code, _ := out["errcode"].(float64)
	return int(code)
}

// ticket pushes a ticket and returns what the product got.
func (p *platform) ticket() string {
	p.t.Helper()
	require.True(p.t, p.PushTicket(p.t.Context()).Accepted)
	return p.product.last().fields.Get("ComponentVerifyTicket")
}

func (p *platform) componentToken() string {
	p.t.Helper()
	return p.ok("/cgi-bin/component/api_component_token", fields{
		"component_appid": appID, "component_appsecret": secret, "component_verify_ticket": p.ticket(),
	})["component_access_token"].(string)
}

// account returns an authorized account of a kind.
func (p *platform) account(kind string) wxsim.Account {
	p.t.Helper()
	yes := true
	_, list := p.Accounts(wxsim.AccountFilter{Kind: kind, Authorized: &yes})
	require.NotEmpty(p.t, list)
	return list[0]
}

func (p *platform) stranger() wxsim.Account {
	p.t.Helper()
	no := false
	_, list := p.Accounts(wxsim.AccountFilter{Authorized: &no})
	require.NotEmpty(p.t, list)
	return list[0]
}

// accountToken refreshes the account's token with component token cat.
func (p *platform) accountToken(cat string, a wxsim.Account) string {
	p.t.Helper()
	return p.ok("/cgi-bin/component/api_authorizer_token?access_token="+cat, fields{
		"component_appid": appID, "authorizer_appid": a.AppID, "authorizer_refresh_token": a.RefreshToken,
	})["authorizer_access_token"].(string)
}

// as returns the query with the token of a freshly refreshed account.
func (p *platform) as(a wxsim.Account) string {
	p.t.Helper()
	return "?access_token=" + p.accountToken(p.componentToken(), a)
}
