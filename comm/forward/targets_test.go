package forward_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// target adds a target that is a server.
func (r *rig) target(s *receiver, change ...func(*forward.TargetEntry)) int64 {
	r.t.Helper()
	e := forward.TargetEntry{Name: "target", Port: s.port, Path: "/push/$APPID$"}
	for _, c := range change {
		c(&e)
	}
	id, _, err := r.AddTarget(r.t.Context(), e)
	require.NoError(r.t, err)
	return id
}

// branch adds an open branch.
func (r *rig) branch(c forward.Conditions, mode forward.Mode, stop bool, targets ...int64) int64 {
	r.t.Helper()
	id, err := r.AddBranch(r.t.Context(), forward.BranchEntry{
		Name: "branch", Open: true, Mode: mode, Stop: stop, Conditions: c, Targets: targets,
	})
	require.NoError(r.t, err)
	return id
}

func own(id int64) string { return fmt.Sprintf("t%d", id) }

func TestBranchesLeadToSeveralTargets(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		a, b, c, d := r.receiver(nil), r.receiver(nil), r.receiver(nil), r.receiver(nil)
		ta, tb, tc, td := r.target(a), r.target(b), r.target(c), r.target(d)
		r.branch(forward.Conditions{Accounts: []string{"wxone"}}, forward.Async, false, ta, tb)
		r.branch(forward.Conditions{Filters: []forward.Filter{{Field: "Content", Op: forward.Contains, Value: "urgent"}}},
			forward.Async, true, tb, tc)
		r.branch(forward.Conditions{}, forward.Async, false, td)

		r.receive(message(t, "wxone", "urgent"))
		r.receive(message(t, "wxtwo", "dull"))
		r.gets(a, 1)
		r.gets(b, 1) // named by two branches, gets it once
		r.gets(c, 1)
		require.Equal(t, "/push/wxtwo", r.gets(d, 1)[0].path)
		p := message(t, "wxone", "urgent")
		require.Len(t, r.Plan(p), 3)
	})
}

func TestSynchronousBranchAnswersUnlessARuleDoes(t *testing.T) {
	r := single(t, nil)
	a, b := r.receiver(say(textReply("branch"))), r.receiver(say(textReply("rule")))
	id := r.target(a)
	r.branch(forward.Conditions{}, forward.Sync, false, id)
	text, ok := r.ask(message(t, "wxacc", "x"))
	require.True(t, ok)
	require.Equal(t, textReply("branch"), text)
	r.rule(texts(), forward.Sync, b)
	text, ok = r.ask(message(t, "wxacc", "x"))
	require.True(t, ok)
	require.Equal(t, textReply("rule"), text)
	r.gets(a, 2) // the other target still gets it, from the queue
}

func TestEventsOfAPausedTargetAreKept(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s, other := r.receiver(nil), r.receiver(nil)
		id := r.target(s)
		r.branch(forward.Conditions{}, forward.Sync, false, id)
		r.branch(forward.Conditions{}, forward.Async, false, r.target(other))
		require.NoError(t, r.PauseTarget(t.Context(), id, true, "maintenance"))
		for range 3 {
			_, ok := r.ask(message(t, "wxacc", "x"))
			require.False(t, ok)
		}
		other.calls(t, 3) // the same pushes
		r.stop()
		require.Zero(t, s.count())
		e, err := r.Target(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "maintenance", e.PauseReason)
		require.False(t, e.PausedAt.IsZero())
		h, err := r.Health(t.Context(), own(id), time.Now().Add(-time.Hour), time.Now(), time.Minute)
		require.NoError(t, err)
		require.EqualValues(t, 3, h.Pending)

		require.NoError(t, r.PauseTarget(t.Context(), id, false, ""))
		r.become(nil)
		r.gets(s, 3)
	})
}

// Deliveries that wait for an unwell target lose no attempt when it is paused and resumed.
func TestPausingAnUnwellTargetCostsNoAttempt(t *testing.T) {
	r := single(t, resting)
	r.clock.pass(0) // no rest ends by itself
	s := r.receiver(status(http.StatusInternalServerError))
	id := r.target(s)
	r.branch(forward.Conditions{}, forward.Async, false, id)
	const pushes, turns = 30, 16
	for range pushes {
		r.receive(message(t, "wxacc", "x"))
	}
	r.rests(own(id))
	in := func(state model.WorkState) int {
		counts, err := r.store.WorkCounts(t.Context(), model.WorkFilter{Kind: "deliver:" + own(id)})
		require.NoError(t, err)
		return int(counts[state])
	}
	waittest.Until(t, func() bool {
		return s.count() == len(r.attempts(own(id))) && in(model.WorkLeased) > 0
	}, "it is not called any more, and others wait in its lane")
	require.NoError(t, r.PauseTarget(t.Context(), id, true, ""))
	waittest.Until(t, func() bool { return in(model.WorkReady) == pushes }, "its lane has given them back")
	failed := s.count()
	require.LessOrEqual(t, failed, 4+turns, "no more than were under way when the fifth failed")
	s.turn(nil)
	r.clock.pass(time.Hour)
	require.NoError(t, r.PauseTarget(t.Context(), id, false, ""))
	waittest.Until(t, func() bool {
		r.comeDue(own(id))
		return r.unfinished() == 0
	}, "all end")
	attempts := 0
	for _, w := range r.rows(own(id)) {
		require.Equal(t, model.WorkDone, w.State)
		attempts += w.Attempt
	}
	require.Equal(t, pushes+failed, attempts)
	require.Equal(t, pushes+failed, s.count())
}

func TestOrderedTargetGetsPushesOneAfterTheOther(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		var failures atomic.Int32
		s := r.receiver(func(w http.ResponseWriter, _ *http.Request) {
			if failures.Add(1) <= 3 {
				w.WriteHeader(http.StatusBadGateway)
			}
		})
		id := r.target(s, func(e *forward.TargetEntry) { e.Ordered = true })
		r.branch(forward.Conditions{}, forward.Async, false, id)
		other := r.another(nil)
		r.run(other)
		const pushes = 8
		for i := range pushes {
			r.receive(message(t, "wxacc", fmt.Sprintf("number %d.", i)))
			other.Nudge()
		}
		got := r.gets(s, pushes+3)
		for i, want := range []int{0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7} {
			require.Contains(t, got[i].body, fmt.Sprintf("number %d.", want), i)
		}
	})
}

func TestBodyIsConvertedForTargetsThatWantJSON(t *testing.T) {
	r := single(t, nil)
	s := r.receiver(nil)
	id := r.target(s, func(e *forward.TargetEntry) { e.Format = forward.AsJSON })
	r.branch(forward.Conditions{}, forward.Async, false, id)
	p := message(t, "wxacc", "hi")
	r.receive(p)
	got := r.gets(s, 1)[0]
	require.JSONEq(t, fmt.Sprintf(`{"ToUserName":"gh_1","FromUserName":"user","CreateTime":%d,"MsgType":"text","Content":"hi","MsgId":"%s"}`,
		p.CreatedAt.Unix(), p.MsgID), got.body)
	require.Equal(t, "application/json; charset=utf-8", got.header.Get("Content-Type"))
}

func TestOldAndNewSecretSignDuringTheOverlap(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(nil)
		id, first, err := r.AddTarget(t.Context(), forward.TargetEntry{Name: "t", Port: s.port, Path: "/"})
		require.NoError(t, err)
		r.branch(forward.Conditions{}, forward.Async, false, id)
		second, err := r.RotateSecret(t.Context(), id, "", time.Hour)
		require.NoError(t, err)
		require.NotEqual(t, first.Reveal(), second.Reveal())
		r.receive(message(t, "wxacc", "x"))
		got := r.gets(s, 1)[0]
		for _, secret := range []string{first.Reveal(), second.Reveal()} {
			verifier, err := webhooks.NewWebhook(secret)
			require.NoError(t, err)
			require.NoError(t, verifier.Verify([]byte(got.body), got.header))
		}
		_, err = r.RotateSecret(t.Context(), id, "", 0) // at once
		require.NoError(t, err)
		r.receive(message(t, "wxacc", "y"))
		got = r.gets(s, 2)[1]
		require.Len(t, strings.Fields(got.header.Get("Webhook-Signature")), 1)
	})
}

func TestTargetThatOnlyFailsForDaysIsPaused(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.clock.pass(0)
		s := r.receiver(status(http.StatusInternalServerError))
		id := r.target(s)
		r.branch(forward.Conditions{}, forward.Async, false, id)
		notices := make(chan forward.Notice, 10)
		r.become(func(d *forward.Deps) {
			d.Schedule = lazy()
			d.Notify = func(_ context.Context, n forward.Notice) { notices <- n }
		})
		r.receive(message(t, "wxacc", "x"))
		for day := range 2 {
			r.putOff(own(id), day+1)
			require.Empty(t, notices, "not after %d days", 4*day)
			r.clock.pass(4 * 24 * time.Hour)
			r.comeDue(own(id))
		}
		n := waittest.Receive(t, notices, "the target is paused")
		require.Equal(t, forward.NoticePaused, n.Kind)
		require.Equal(t, own(id), n.Target)
		e, err := r.Target(t.Context(), id)
		require.NoError(t, err)
		require.Contains(t, e.PauseReason, "every call has failed")
		require.Empty(t, e.Secrets[0].ExpireMS)
		list, _, err := r.Deliveries(t.Context(), forward.DeliveryQuery{State: forward.Pending, Limit: 10})
		require.NoError(t, err)
		require.Len(t, list, 1)
	})
}

func TestTargetInUseIsNotDeleted(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(nil)
		id := r.target(s)
		b := r.branch(forward.Conditions{}, forward.Async, false, id)
		require.True(t, errno.Is(r.DeleteTarget(t.Context(), id), errno.BadState))
		require.NoError(t, r.DeleteBranch(t.Context(), b))
		require.NoError(t, r.DeleteTarget(t.Context(), id))
		isParam(t, "id", r.DeleteTarget(t.Context(), id))
		isParam(t, "id", r.DeleteBranch(t.Context(), b))
		isParam(t, "id", r.PauseTarget(t.Context(), id, true, ""))
		_, err := r.RotateSecret(t.Context(), id, "", 0)
		isParam(t, "id", err)
		secrets, err := r.store.ForwardSecretList(t.Context())
		require.NoError(t, err)
		require.Empty(t, secrets)
	})
}

func TestBadTargetsAndBranchesAreRefused(t *testing.T) {
	r := single(t, nil)
	for field, change := range map[string]func(*forward.TargetEntry){
		"name":        func(e *forward.TargetEntry) { e.Name = "" },
		"port":        func(e *forward.TargetEntry) { e.Port = 70000 },
		"path":        func(e *forward.TargetEntry) { e.Path = "@x" },
		"url":         func(e *forward.TargetEntry) { e.URL = "http://10.0.0.1/" },
		"format":      func(e *forward.TargetEntry) { e.Format = "xml" },
		"timeoutMs":   func(e *forward.TargetEntry) { e.TimeoutMS = 1 },
		"concurrency": func(e *forward.TargetEntry) { e.Concurrency = 1000 },
		"rate":        func(e *forward.TargetEntry) { e.Rate = -1 },
		"pauses":      func(e *forward.TargetEntry) { e.Pauses = []int64{0} },
	} {
		e := forward.TargetEntry{Name: "t", Port: 80, Path: "/"}
		change(&e)
		_, _, err := r.AddTarget(t.Context(), e)
		isParam(t, field, err)
	}
	id := r.target(r.receiver(nil))
	for field, change := range map[string]func(*forward.BranchEntry){
		"name":                     func(e *forward.BranchEntry) { e.Name = strings.Repeat("x", 65) },
		"mode":                     func(e *forward.BranchEntry) { e.Mode = "x" },
		"targets":                  func(e *forward.BranchEntry) { e.Targets = []int64{id, 77} },
		"conditions.channel":       func(e *forward.BranchEntry) { e.Conditions.Channel = "x" },
		"conditions.accounts":      func(e *forward.BranchEntry) { e.Conditions.Accounts = []string{""} },
		"conditions.filters[0].op": func(e *forward.BranchEntry) { e.Conditions.Filters = []forward.Filter{{Value: "x"}} },
		"conditions.filters[0]":    func(e *forward.BranchEntry) { e.Conditions.Filters = []forward.Filter{{Op: forward.Equals}} },
		"conditions.eventKey":      func(e *forward.BranchEntry) { e.Conditions.EventKey = strings.Repeat("x", 201) },
	} {
		e := forward.BranchEntry{Name: "b", Targets: []int64{id}}
		change(&e)
		_, err := r.AddBranch(t.Context(), e)
		isParam(t, field, err)
	}
	isParam(t, "ids", r.OrderBranches(t.Context(), []int64{5}))
}

func TestOrderOfBranches(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		id := r.target(r.receiver(nil))
		a := r.branch(forward.Conditions{}, forward.Async, true, id)
		b := r.branch(forward.Conditions{}, forward.Async, true, id)
		c := r.branch(forward.Conditions{}, forward.Async, true, id)
		require.NoError(t, r.OrderBranches(t.Context(), []int64{c, a}))
		list, err := r.Branches(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int64{c, a, b}, []int64{list[0].ID, list[1].ID, list[2].ID})
	})
}

func TestDryRunSendsNothingAndSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(say("x"))
		rule := r.rule(forward.Pattern{MsgType: "text"}, forward.Sync, s)
		id := r.target(s)
		r.branch(forward.Conditions{Accounts: []string{"wxother"}}, forward.Async, true, id)
		hit := r.branch(forward.Conditions{MsgType: "te*"}, forward.Async, true, id)
		miss := r.branch(forward.Conditions{}, forward.Async, false, id)
		x, err := r.Explain(t.Context(), event.Biz, "wxacc", `{"MsgType":"text","Content":"hi"}`)
		require.NoError(t, err)
		require.Equal(t, key(rule), x.Route.Sync.Key)
		require.Len(t, x.Route.Async, 1)
		require.Len(t, x.Verdicts, 4)
		require.True(t, x.Verdicts[0].Matched)
		require.False(t, x.Verdicts[1].Matched)
		require.Equal(t, []forward.Check{{Field: "account", Wanted: "wxother", Found: "wxacc"}}, x.Verdicts[1].Checks)
		require.Equal(t, hit, x.Verdicts[2].ID)
		require.True(t, x.Verdicts[2].Matched)
		require.Equal(t, miss, x.Verdicts[3].ID)
		require.False(t, x.Verdicts[3].Reached)
		require.Zero(t, s.count())
		_, err = r.Explain(t.Context(), event.Biz, "wxacc", "nonsense")
		isParam(t, "body", err)

		r.receive(message(t, "wxacc", "stored"))
		stored, err := r.ExplainStored(t.Context(), event.Biz, 1)
		require.NoError(t, err)
		require.Equal(t, "wxacc", stored.Push.AppID)
		require.Equal(t, key(rule), stored.Route.Sync.Key)
		_, err = r.ExplainStored(t.Context(), event.Biz, 99)
		isParam(t, "id", err)
	})
}

func TestStatisticsOfATargetAreCounted(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(nil)
		id := r.target(s)
		r.branch(forward.Conditions{}, forward.Async, false, id)
		for range 4 {
			r.receive(message(t, "wxacc", "x"))
		}
		r.awaitDeliveries(own(id), forward.Delivered, 4)
		r.stop() // writes what was gathered
		h, err := r.Health(t.Context(), own(id), time.Now().Add(-time.Hour), time.Now().Add(time.Hour), 3*time.Hour)
		require.NoError(t, err)
		var n int64
		for _, st := range h.Stats {
			n += st.Delivered
		}
		require.EqualValues(t, 4, n)
		require.Equal(t, forward.BreakerClosed, h.Breaker)
	})
}
