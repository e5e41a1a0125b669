package forward_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// bubble is an installation in a bubble of testing/synctest, for tests of when something happens.
type bubble struct {
	*forward.Service
	t      *testing.T
	tables *memory

	mu    sync.Mutex
	calls []time.Time // of the target, by their beginnings
}

// newBubble has one target, which answers as it is told.
func newBubble(t *testing.T, tables *memory, schedule []time.Duration, answer tripper) *bubble {
	t.Helper()
	b := &bubble{t: t, tables: tables}
	b.Service = forward.New(forward.Deps{
		Store: tables, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Owner: "me", Schedule: schedule, Now: time.Now,
		Transport: func(http.RoundTripper) http.RoundTripper {
			return tripper(func(req *http.Request) (*http.Response, error) {
				b.mu.Lock()
				b.calls = append(b.calls, time.Now())
				b.mu.Unlock()
				return answer(req)
			})
		},
	})
	require.NoError(t, b.Live().Refresh(t.Context()))
	return b
}

func (b *bubble) run() {
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); b.Run(ctx) }()
	b.t.Cleanup(func() { cancel(); <-done })
}

func (b *bubble) receive(p *event.Push) {
	b.tables.add(b.Plan(p))
	b.Nudge()
}

func (b *bubble) called() []time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]time.Time(nil), b.calls...)
}

type tripper func(req *http.Request) (*http.Response, error)

func (f tripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func answers(code int) tripper {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{}, Body: http.NoBody}, nil
	}
}

// hangs answers nothing until its caller gives up.
func hangs(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func breaks(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset") }

// ruled are tables with one rule, which leads texts to where its info says.
func ruled(info string) *memory {
	return &memory{rules: []model.Rule{{ID: 1, MsgType: "text", Type: model.RuleHTTP, Open: true, Info: info}}}
}

func TestSlowTargetIsWaitedForWithinItsLimits(t *testing.T) {
	for name, c := range map[string]struct {
		answer   tripper
		info     string
		deadline time.Duration
		most     time.Duration // that WeChat waits
		calls    int
	}{
		"its own limit":            {hangs, `{"port":8000,"path":"/","timeoutMs":300}`, 4500 * time.Millisecond, 300 * time.Millisecond, 1},
		"WeChat's, where it is":    {hangs, `{"port":8000,"path":"/","timeoutMs":30000}`, time.Second, time.Second, 1},
		"what WeChat bears":        {hangs, `{"port":8000,"path":"/","timeoutMs":30000}`, time.Hour, 4500 * time.Millisecond, 1},
		"too little to begin":      {hangs, `{"port":8000,"path":"/"}`, 200 * time.Millisecond, 0, 0},
		"an error is no time":      {answers(http.StatusInternalServerError), `{"port":8000,"path":"/"}`, time.Second, 0, 1},
		"a broken call is no time": {breaks, `{"port":8000,"path":"/"}`, time.Second, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, ruled(c.info), fast(), c.answer)
				p := message(t, "wxacc", "x")
				b.receive(p)
				waiting, begin := asked(p, false), time.Now()
				waiting.Deadline = begin.Add(c.deadline)
				_, ok := b.Reply(t.Context(), waiting)
				require.False(t, ok)
				end := time.Now()
				require.LessOrEqual(t, end.Sub(begin), c.most)
				require.GreaterOrEqual(t, end.Sub(begin), c.most-100*time.Millisecond, "the target has its time")
				synctest.Wait()
				require.Len(t, b.called(), c.calls)
				require.Equal(t, "deliver:r1", b.tables.get(0).Kind, "it goes to the queue")
			})
		})
	}
}

// The process that asked the target may die before it hears of an answer.
func TestPushWhoseCallIsNotHeardOfIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, ruled(`{"port":8000,"path":"/"}`), fast(), answers(http.StatusOK))
		b.run()
		b.receive(message(t, "wxacc", "x"))
		waittest.Pass(9900 * time.Millisecond)
		require.Empty(t, b.called(), "a call may take that long")
		waittest.Pass(200 * time.Millisecond)
		require.Len(t, b.called(), 1)
		require.Equal(t, model.WorkDone, b.tables.get(0).State)
	})
}

func TestAttemptsComeWhenTheyAreDue(t *testing.T) {
	schedule := []time.Duration{0, 5 * time.Second, 30 * time.Second, 2 * time.Minute}
	for name, c := range map[string]struct {
		answer tripper
		takes  time.Duration
	}{
		"error":    {answers(http.StatusInternalServerError), 0},
		"redirect": {answers(http.StatusMovedPermanently), 0},
		"reset":    {breaks, 0},
		"hanging":  {hangs, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, ruled(`{"port":8000,"path":"/","mode":"async"}`), schedule, c.answer)
				b.run()
				begin := time.Now()
				b.receive(message(t, "wxacc", "x"))
				waittest.Pass(5 * time.Minute)
				at := b.called()
				require.Len(t, at, len(schedule))
				require.Less(t, at[0].Sub(begin), 20*time.Millisecond)
				for i, pause := range schedule[1:] {
					took := at[i+1].Sub(at[i].Add(c.takes))
					require.InDelta(t, pause, took, .15*float64(pause)+float64(20*time.Millisecond), "attempt %d", i+2)
				}
				require.Equal(t, model.WorkDead, b.tables.get(0).State)
			})
		})
	}
}

func TestRateOfATargetIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tables := &memory{targets: []model.ForwardTarget{{ID: 1, Name: "target", Port: 8000, Path: "/", RateLimit: 20}}}
		b := newBubble(t, tables, fast(), answers(http.StatusOK))
		b.run()
		for range 11 {
			b.receive(message(t, "wxacc", "x"))
		}
		waittest.Pass(time.Minute)
		at := b.called()
		require.Len(t, at, 11)
		for i := range at {
			require.InDelta(t, time.Duration(i)*50*time.Millisecond, at[i].Sub(at[0]), float64(time.Millisecond))
		}
	})
}
