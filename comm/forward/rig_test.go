package forward_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/event"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/log"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/queue"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// plainSealer keeps secrets as they are, so that tests see that they pass through it.
type plainSealer struct{}

func (plainSealer) Seal(plain, aad string) (string, error) { return "enc1:" + aad + "|" + plain, nil }

func (plainSealer) Open(sealed, aad string) (string, error) {
	prefix := "enc1:" + aad + "|"
	if len(sealed) < len(prefix) || sealed[:len(prefix)] != prefix {
		return "", fmt.Errorf("%q is not sealed for %s", sealed, aad)
	}
	return sealed[len(prefix):], nil
}

// rig is an installation as far as forwarding is concerned.
type rig struct {
	*forward.Service
	t     *testing.T
	store *dao.Store
	stop  func()
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newRig(t, d, nil)) })
}

// fast is a schedule for tests: its pauses are so short that a test can wait for all of them.
func fast() []time.Duration {
	return []time.Duration{0, 30 * time.Millisecond, 30 * time.Millisecond, 30 * time.Millisecond}
}

func newRig(t *testing.T, d *db.DB, change func(*forward.Deps)) *rig {
	t.Helper()
	r := &rig{t: t, store: dao.New(d, plainSealer{})}
	deps := forwardDeps(r, t.Name()+strconv.Itoa(os.Getpid()))
	deps.TextMode = payload.XML
	if change != nil {
		change(&deps)
	}
	r.Service = forward.New(deps)
	require.NoError(t, r.Live().Refresh(t.Context()))
	r.stop = run(t, r.Service)
	return r
}

// message is a text message of an account, as the receiver hands it on.
func message(t *testing.T, appid, text string) *event.Push {
	t.Helper()
	p, err := event.Parse(event.Biz, []byte(fmt.Sprintf("<xml><ToUserName><![CDATA[gh_1]]></ToUserName>"+
		"<FromUserName><![CDATA[user]]></FromUserName><CreateTime>%d</CreateTime><MsgType><![CDATA[text]]></MsgType>"+
		"<Content><![CDATA[%s]]></Content><MsgId>%d</MsgId></xml>", time.Now().Unix(), text, time.Now().UnixNano())))
	require.NoError(t, err)
	p.AppID, p.ReceivedAt = appid, time.Now().UTC()
	return p
}

// occurrence is an event, of an account when what is no InfoType.
func occurrence(t *testing.T, channel event.Channel, fields string) *event.Push {
	t.Helper()
	p, err := event.Parse(channel, []byte("<xml>"+fields+"<CreateTime>"+strconv.FormatInt(time.Now().Unix(), 10)+"</CreateTime></xml>"))
	require.NoError(t, err)
	p.ReceivedAt = time.Now().UTC()
	if channel == event.Biz {
		p.AppID = "wxacc"
	}
	return p
}

// receive stores a push with its planned work, as ingest does, and tells whether it was there before.
func (r *rig) receive(p *event.Push) bool {
	r.t.Helper()
	row := model.Push{
		Channel: model.ChannelBiz, Identity: p.Identity(), ReceiveTime: p.ReceivedAt, CreateTime: p.CreatedAt,
		AppID: p.AppID, MsgType: p.MsgType, Event: p.Event, InfoType: p.InfoType, Body: p.Body, Work: r.Plan(p),
	}
	if p.Channel == event.Component {
		row.Channel = model.ChannelComponent
	}
	dup, err := r.store.PushInsert(r.t.Context(), []model.Push{row})
	require.NoError(r.t, err)
	r.Nudge()
	return dup[0]
}

// ask receives a push and asks for the answer to it, as the receiver does.
func (r *rig) ask(p *event.Push, limit time.Duration) (string, bool) {
	r.t.Helper()
	a, ok := r.Reply(r.t.Context(), asked(p, r.receive(p), limit))
	return string(a.Body), ok
}

func asked(p *event.Push, duplicate bool, limit time.Duration) forward.Asked {
	return forward.Asked{Push: p, Request: &http.Request{URL: &url.URL{}}, Duplicate: duplicate, Deadline: time.Now().Add(limit)}
}

// rule adds an open rule that leads to a server.
func (r *rig) rule(p forward.Pattern, mode forward.Mode, server *receiver, change ...func(*forward.RuleEntry)) int {
	r.t.Helper()
	e := forward.RuleEntry{
		Name: "rule", Pattern: p, Open: true,
		Data: forward.RuleData{Port: server.port, Path: "/push/$APPID$", Mode: mode},
	}
	for _, c := range change {
		c(&e)
	}
	id, err := r.AddRule(r.t.Context(), e)
	require.NoError(r.t, err)
	return id
}

func texts() forward.Pattern { return forward.Pattern{MsgType: "text"} }

// receiver is a target that keeps what it gets.
type receiver struct {
	*httptest.Server
	port int

	mu     sync.Mutex
	got    []received
	answer http.HandlerFunc
}

type received struct {
	path, query, body string
	header            http.Header
	at                time.Time
}

func newReceiver(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	s := &receiver{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		s.mu.Lock()
		s.got = append(s.got, received{req.URL.Path, req.URL.RawQuery, string(body), req.Header.Clone(), time.Now()})
		answer := s.answer
		s.mu.Unlock()
		if answer != nil {
			answer(w, req)
		}
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	s.port, err = strconv.Atoi(u.Port())
	require.NoError(t, err)
	return s
}

func (s *receiver) turn(answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *receiver) all() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

func (s *receiver) count() int { return len(s.all()) }

// gets waits until the target has got n pushes, and a moment longer to see that there are no more.
func (s *receiver) gets(t *testing.T, n int) []received {
	t.Helper()
	require.Eventually(t, func() bool { return s.count() >= n }, 10*time.Second, 5*time.Millisecond, "got %d", s.count())
	time.Sleep(50 * time.Millisecond)
	require.Equal(t, n, s.count())
	return s.all()
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// hang answers nothing until the test is over.
func hang(t *testing.T) http.HandlerFunc {
	t.Helper()
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return func(_ http.ResponseWriter, req *http.Request) {
		select {
		case <-over:
		case <-req.Context().Done():
		}
	}
}

// attempts are the recorded calls, oldest first.
func (r *rig) attempts(target string) []model.Attempt {
	r.t.Helper()
	list, err := r.store.AttemptList(r.t.Context(), model.AttemptFilter{Target: target, Limit: 100})
	require.NoError(r.t, err)
	out := make([]model.Attempt, 0, len(list.Rows))
	for i := len(list.Rows) - 1; i >= 0; i-- {
		out = append(out, list.Rows[i])
	}
	return out
}

func key(rule int) string { return "r" + strconv.Itoa(rule) }

// states counts the deliveries to a rule's target by state.
func (r *rig) states(rule int) map[model.WorkState]int64 {
	r.t.Helper()
	n := make(map[model.WorkState]int64)
	for _, kind := range []string{"deliver:", "hold:"} {
		counts, err := r.store.WorkCounts(r.t.Context(), model.WorkFilter{Kind: kind + key(rule)})
		require.NoError(r.t, err)
		for state, c := range counts {
			if c > 0 {
				n[state] += c
			}
		}
	}
	return n
}

func (r *rig) ends(rule int, want map[model.WorkState]int64) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		got := r.states(rule)
		if len(got) != len(want) {
			return false
		}
		for s, n := range want {
			if got[s] != n {
				return false
			}
		}
		return true
	}, 10*time.Second, 10*time.Millisecond, "deliveries: %v", r.states(rule))
}

func forwardDeps(r *rig, owner string) forward.Deps {
	return forward.Deps{
		Store: r.store, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Owner: owner, Version: "test",
		TextMode: payload.JSON, Schedule: fast(), Rest: 300 * time.Millisecond, Now: time.Now,
	}
}

// run runs a service until the test ends or stop is called.
func run(t *testing.T, s *forward.Service) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func secretOf(s string) log.Secret { return log.Secret(s) }

func zapNop() *zap.Logger { return zap.NewNop() }

// runQueue runs a queue until the test ends.
func runQueue(t *testing.T, q *queue.Queue) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); q.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}
