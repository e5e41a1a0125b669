package forward_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/log"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// atOnce is how many tests go on at the same time. They mostly wait.
const atOnce = 4

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", strconv.Itoa(atOnce))
	os.Exit(dbtest.Main(m))
}

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

// rig is an installation as far as forwarding is concerned. Nothing that takes part in it ends
// because it takes long.
type rig struct {
	*forward.Service
	t     *testing.T
	db    *db.DB
	store *dao.Store
	clock *clock // of the services, as far as it is not the database's
	// cancel begins what stop ends.
	cancel, stop func()

	over  chan struct{} // closed at the end of the test
	stops []func()
	end   func()
}

// each runs a test on both databases, beside other tests.
func each(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	eachWith(t, nil, test)
}

func eachWith(t *testing.T, change func(*forward.Deps), test func(t *testing.T, r *rig)) {
	t.Helper()
	t.Parallel()
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "mysql": dbtest.MySQL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newRig(t, open(t), change))
		})
	}
}

// single is a rig for a test to which the database does not matter, which runs beside other tests.
func single(t *testing.T, change func(*forward.Deps)) *rig {
	t.Helper()
	t.Parallel()
	return newRig(t, dbtest.SQLite(t), change)
}

// fast is a schedule for tests: its pauses are so short that a test can wait for all of them.
func fast() []time.Duration {
	return []time.Duration{0, time.Millisecond, time.Millisecond, time.Millisecond}
}

// lazy is a schedule with pauses that never go by themselves; see rig.comeDue.
func lazy() []time.Duration { return []time.Duration{0, time.Hour, 2 * time.Hour, 4 * time.Hour} }

func newRig(t *testing.T, d *db.DB, change func(*forward.Deps)) *rig {
	t.Helper()
	r := &rig{t: t, db: d, store: dao.New(d, plainSealer{}).WithPatience(waittest.Limit), clock: &clock{}, over: make(chan struct{})}
	deps := forwardDeps(r, t.Name()+strconv.Itoa(os.Getpid()))
	deps.TextMode = payload.XML
	if change != nil {
		change(&deps)
	}
	r.end = sync.OnceFunc(func() {
		close(r.over)
		for _, stop := range r.stops {
			stop()
		}
	})
	t.Cleanup(r.end)
	r.Service = forward.New(deps)
	require.NoError(t, r.Live().Refresh(t.Context()))
	r.cancel, r.stop = r.run(r.Service)
	return r
}

func forwardDeps(r *rig, owner string) forward.Deps {
	return forward.Deps{
		Store: r.store, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Owner: owner, Version: "test",
		TextMode: payload.JSON, Schedule: fast(), Rest: time.Millisecond, Now: r.clock.now,
		SyncTimeout: waittest.Limit, StoreTimeout: waittest.Limit,
	}
}

// another is a second instance on the same database. It has the rules in force, and is not run.
func (r *rig) another(change func(*forward.Deps)) *forward.Service {
	r.t.Helper()
	deps := forwardDeps(r, "other")
	if change != nil {
		change(&deps)
	}
	s := forward.New(deps)
	require.NoError(r.t, s.Live().Refresh(r.t.Context()))
	return s
}

// become puts another instance in the place of this one.
func (r *rig) become(change func(*forward.Deps)) {
	r.t.Helper()
	r.stop()
	r.Service = r.another(change)
	r.cancel, r.stop = r.run(r.Service)
}

// run runs a service until the test ends or stop is called, which waits for the calls under way.
func (r *rig) run(s *forward.Service) (cancel, stop func()) {
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	r.stops = append(r.stops, stop)
	return cancel, stop
}

// clock tells the time, and stands still once it was stopped.
type clock struct {
	mu      sync.Mutex
	stopped time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped.IsZero() {
		return time.Now()
	}
	return c.stopped
}

// pass stops the clock, and puts it on.
func (c *clock) pass(d time.Duration) {
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = now.Add(d)
}

var messages atomic.Int64

// message is a text message of an account, as the receiver hands it on.
func message(t *testing.T, appid, text string) *event.Push {
	t.Helper()
	p := event.Parse(event.Biz, []byte(fmt.Sprintf("<xml><ToUserName><![CDATA[gh_1]]></ToUserName>"+
		"<FromUserName><![CDATA[user]]></FromUserName><CreateTime>%d</CreateTime><MsgType><![CDATA[text]]></MsgType>"+
		"<Content><![CDATA[%s]]></Content><MsgId>%d</MsgId></xml>", time.Now().Unix(), text, messages.Add(1))))
	p.AppID, p.ReceivedAt = appid, time.Now().UTC()
	return p
}

// occurrence is an event, of an account when what is no InfoType.
func occurrence(t *testing.T, channel event.Channel, fields string) *event.Push {
	t.Helper()
	p := event.Parse(channel, []byte("<xml>"+fields+"<CreateTime>"+strconv.FormatInt(time.Now().Unix(), 10)+"</CreateTime></xml>"))
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
func (r *rig) ask(p *event.Push) (string, bool) {
	r.t.Helper()
	a, ok := r.Reply(r.t.Context(), asked(p, r.receive(p)))
	return string(a.Body), ok
}

func asked(p *event.Push, duplicate bool) forward.Asked {
	return forward.Asked{
		Push: p, Request: &http.Request{URL: &url.URL{}}, Duplicate: duplicate, Deadline: time.Now().Add(waittest.Limit),
	}
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

// gets waits until the target has got n pushes and nothing is left to be delivered to anybody. It has
// got no more then.
func (r *rig) gets(s *receiver, n int) []received {
	r.t.Helper()
	s.calls(r.t, n)
	waittest.Until(r.t, func() bool { return r.unfinished() == 0 }, "nothing is left to be delivered")
	require.Equal(r.t, n, s.count())
	return s.all()
}

// unfinished counts the deliveries that have not ended.
func (r *rig) unfinished() int64 {
	r.t.Helper()
	bundles, _, err := r.store.WorkBundles(r.t.Context())
	require.NoError(r.t, err)
	var kinds []string
	for _, prefix := range []string{"hold:", "deliver:"} { // in this order: deliveries go from one to the other
		some, err := r.store.ForwardKinds(r.t.Context(), prefix)
		require.NoError(r.t, err)
		for _, kind := range some {
			_, key, _ := strings.Cut(kind, ":")
			kinds = append(kinds, "hold:"+key, "deliver:"+key)
		}
	}
	if len(kinds) == 0 {
		return int64(len(bundles))
	}
	slices.Sort(kinds)
	counts, err := r.store.ForwardCounts(r.t.Context(), slices.Compact(kinds))
	require.NoError(r.t, err)
	return counts.Pending + int64(len(bundles))
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
	for _, kind := range []string{"hold:", "deliver:"} { // as they go from one to the other
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
	waittest.Until(r.t, func() bool { return maps.Equal(want, r.states(rule)) }, "deliveries: %v, but %v",
		want, func() any { return r.states(rule) })
}

func secretOf(s string) log.Secret { return log.Secret(s) }
