package admin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api"
	"wxcomponent/api/admin"
	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/push/react"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/event"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// weappWorld is agency development on a real database, against the simulator, behind the router.
type weappWorld struct {
	t       *testing.T
	db      *db.DB
	store   *dao.Store
	sim     *wxsim.Sim
	service *weapp.Service
	url     string
	client  *http.Client
	wechat  *gate // between the service and WeChat
	rows    *rows
	events  *react.Handler
	waiting []*queue.Task // reactions to events
	trail   *trail
	told    *trail // what people are told of audits
	clock   *weappClock
	appid   string // of a mini program with agency development
}

// clock stands still until it is moved; it begins at the present.
type weappClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *weappClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *weappClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// trail is an audit trail in memory.
type trail struct {
	mu    sync.Mutex
	lines []string
}

func (a *trail) Record(_ context.Context, action, object string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines = append(a.lines, action+" "+object)
	return nil
}

// plain is a sealer that leaves everything as it is.
type plain struct{}

func (plain) Seal(text, _ string) (string, error) { return text, nil }
func (plain) Open(text, _ string) (string, error) { return text, nil }

// eachWeapp runs a test on both kinds of database.
func eachWeapp(t *testing.T, test func(t *testing.T, w *weappWorld)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		test(t, newWeappWorld(t, d))
	})
}

func newWeappWorld(t *testing.T, d *db.DB) *weappWorld {
	t.Helper()
	return makeWeappWorld(t, d, sockets{t}, waittest.Limit)
}

// makeWeappWorld gives calls of WeChat's API patience, 0 for as long as the service itself has.
func makeWeappWorld(t *testing.T, d *db.DB, net network, patience time.Duration) *weappWorld {
	t.Helper()
	w := &weappWorld{
		t: t, db: d, store: dao.New(d, plain{}).WithPatience(waittest.Limit), trail: &trail{}, told: &trail{}, clock: &weappClock{now: time.Now()},
		wechat: &gate{RoundTripper: net.transport()}, client: &http.Client{Transport: net.transport()},
	}
	w.rows = &rows{Store: w.store, leases: map[string]time.Duration{}}
	sim, err := wxsim.New(wxsim.Config{
		AppID: "wx1234567890abcdef", Secret: "secret", Plain: true, Authorized: 4, Seed: 1, Now: w.clock.Now, Transport: net.transport(),
		Settings: wxsim.Settings{
			Target: net.serve(http.HandlerFunc(w.push)), PushAttempts: 1, PushTimeout: wxsim.Duration(waittest.Limit),
		},
	})
	require.NoError(t, err)
	w.sim = sim

	base := wx.New(wx.Options{
		Platform: wx.Platform{AppID: "wx1234567890abcdef"}, APIBase: net.serve(sim.Handler()), Patience: patience,
		HTTP: &http.Client{Transport: w.wechat}, Log: zap.NewNop(),
	})
	client := base.As(&weappTokens{base: base, sim: sim, ticket: w.ticket(net)})
	w.service = weapp.New(weapp.Deps{
		Rows: w.rows, WeChat: client,
		Tell: func(ctx context.Context, appid string, v weapp.Verdict) error {
			what := "review"
			if v.Code {
				what = "audit"
			}
			return w.told.Record(ctx, appid, fmt.Sprint(what, " ", v.State, " ", v.Reason))
		},
		Nudge: func() {}, Now: w.clock.Now, Log: zap.NewNop(),
	})
	w.events = react.New(react.Deps{Audits: w.service, Sealer: plain{}, Log: zap.NewNop()})
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	frame := api.Frame{Auditor: w.trail, Least: waittest.Limit}
	frame.Mount(engine.Group("/wxcomponent"), api.Admin, admin.NewWeapp(w.service).Routes())
	w.url = net.serve(engine)
	w.authorize(t)
	return w
}

// authorize stores the simulator's authorized mini programs and names one of them.
func (w *weappWorld) authorize(t *testing.T) {
	t.Helper()
	yes := true
	_, accounts := w.sim.Accounts(wxsim.AccountFilter{Kind: wxsim.MiniProgram, Authorized: &yes})
	require.NotEmpty(t, accounts)
	for _, a := range accounts {
		w.addAccount(a.AppID, a.NickName, authorizer.FormatPermissions(a.Funcs))
		w.appid = a.AppID
	}
}

func (w *weappWorld) addAccount(appid, name, funcs string) {
	w.t.Helper()
	_, err := w.store.AuthorizerSaveToken(w.t.Context(), model.Grant{
		AppID: appid, RefreshToken: "r", FuncInfo: funcs, AuthTime: w.clock.Now(), EventMS: 1,
	})
	require.NoError(w.t, err)
	_, err = w.store.AuthorizerSaveDetails(w.t.Context(), model.AuthorizerDetails{AppID: appid, IfGrantRev: 1, NickName: name})
	require.NoError(w.t, err)
}

// ticket has the simulator push one.
func (w *weappWorld) ticket(net network) string {
	w.t.Helper()
	got := make(chan string, 1)
	pushes := net.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var body struct{ ComponentVerifyTicket string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			w.t.Error(err)
		}
		_, _ = io.WriteString(rw, "success")
		got <- body.ComponentVerifyTicket
	}))
	target := w.sim.Settings().Target
	w.sim.SetTarget(pushes)
	defer w.sim.SetTarget(target)
	require.True(w.t, w.sim.PushTicket(w.t.Context()).Accepted)
	return <-got
}

// push does what the service does about a push of the simulator's.
func (w *weappWorld) push(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Error(err)
	}
	p := event.Parse(event.Biz, body)
	p.AppID, p.ReceivedAt = strings.TrimPrefix(r.URL.Path, "/wxcallback/biz/"), w.clock.Now()
	for _, item := range w.events.Plan(p) {
		w.waiting = append(w.waiting, &queue.Task{Kind: item.Kind, Payload: item.Payload})
	}
	_, _ = io.WriteString(rw, "success")
}

// weappTokens gets tokens from the simulator, anew for each call of a kind.
type weappTokens struct {
	base   *wx.Client
	sim    *wxsim.Sim
	ticket string

	mu    sync.Mutex
	known map[string]string
}

func (s *weappTokens) AccessToken(ctx context.Context, appid string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		grant, err := s.base.ComponentToken(ctx, "secret", s.ticket)
		if err != nil {
			return "", err
		}
		s.known = map[string]string{"": grant.Token}
	}
	if s.known[appid] == "" {
		account, _ := s.sim.Account(appid)
		grant, _, err := s.base.As(weappToken(s.known[""])).AuthorizerToken(ctx, appid, account.RefreshToken)
		if err != nil {
			return "", err
		}
		s.known[appid] = grant.Token
	}
	return s.known[appid], nil
}

func (s *weappTokens) Invalidate(string, string) {}
func (s *weappTokens) Unhealed(string)           {}

type weappToken string

func (f weappToken) AccessToken(context.Context, string) (string, error) { return string(f), nil }
func (weappToken) Invalidate(string, string)                             {}
func (weappToken) Unhealed(string)                                       {}

// weappAnswer is an envelope.
type weappAnswer struct {
	Code     int
	ErrorMsg string
	Data     json.RawMessage
	Field    string
	WX       *struct {
		ErrCode int
		Hint    string
	}
}

func (a weappAnswer) into(t *testing.T, data any) {
	t.Helper()
	require.Zero(t, a.Code, "%s %s", a.ErrorMsg, a.Data)
	require.NoError(t, json.Unmarshal(a.Data, data), "%s", a.Data)
}

func (w *weappWorld) get(path string) weappAnswer { return w.call(http.MethodGet, path, "", "") }

func (w *weappWorld) post(path, body string) weappAnswer {
	return w.call(http.MethodPost, path, "application/json", body)
}

// ok posts and wants success.
func (w *weappWorld) ok(path, body string) weappAnswer {
	w.t.Helper()
	a := w.post(path, body)
	require.Zero(w.t, a.Code, "%s: %s %s", path, a.ErrorMsg, a.Data)
	return a
}

func (w *weappWorld) call(method, path, contentType, body string) weappAnswer {
	w.t.Helper()
	return w.send(method, path, contentType, strings.NewReader(body))
}

// send wants exactly one JSON document.
func (w *weappWorld) send(method, path, contentType string, body io.Reader) weappAnswer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+"/wxcomponent/admin"+path, body)
	require.NoError(w.t, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := w.client.Do(req)
	require.NoError(w.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, res.StatusCode, "%s", text)
	var a weappAnswer
	require.NoError(w.t, json.Unmarshal(text, &a), "%s", text)
	return a
}

// upload sends a file in the form's field "media".
func (w *weappWorld) upload(query string, content []byte) weappAnswer {
	w.t.Helper()
	var form bytes.Buffer
	form.Grow(len(content) + 1<<10)
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("media", "照片.png")
	require.NoError(w.t, err)
	_, err = part.Write(content)
	require.NoError(w.t, err)
	require.NoError(w.t, m.Close())
	return w.send(http.MethodPost, "/upload-media?"+query, m.FormDataContentType(), &form)
}

// work handles the items of a kind that are in the queue, whenever they are due.
func (w *weappWorld) work(kind string) (handled int) {
	w.t.Helper()
	ctx := w.t.Context()
	require.NoError(w.t, w.db.Write.WithContext(ctx).Exec("UPDATE work SET nextms = 0 WHERE state = 0").Error)
	items, err := w.store.WorkTake(ctx, []string{kind}, "test", time.Minute, 50)
	require.NoError(w.t, err)
	for _, k := range w.service.QueueKinds() {
		for _, item := range items {
			if k.Name == item.Kind {
				handled++
				require.NoError(w.t, k.Handle(ctx, &queue.Task{Kind: item.Kind, Payload: item.Payload}))
				_, err = w.store.WorkDone(ctx, item)
				require.NoError(w.t, err)
			}
		}
	}
	return handled
}

// react runs the reactions that wait, and returns how many of them are to be tried again.
func (w *weappWorld) react() (again int) {
	w.t.Helper()
	tasks := w.waiting
	w.waiting = nil
	for _, task := range tasks {
		if w.events.Handle(w.t.Context(), task) != nil {
			w.waiting = append(w.waiting, task)
		}
	}
	return len(w.waiting)
}

func (w *weappWorld) calls() (n int) {
	for _, c := range w.sim.AllCalls() {
		n += c.Count
	}
	return n
}

// newWeappWorldSQLite is for tests in which the database plays no part.
func newWeappWorldSQLite(t *testing.T) *weappWorld {
	t.Helper()
	t.Parallel()
	return newWeappWorld(t, dbtest.SQLite(t))
}
