package forward_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

func TestPushReachesEveryAsynchronousTargetOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		a, b, other := r.receiver(nil), r.receiver(nil), r.receiver(nil)
		ra := r.rule(texts(), forward.Async, a)
		rb := r.rule(forward.Pattern{MsgType: "*"}, forward.Async, b)
		r.rule(forward.Pattern{InfoType: "authorized"}, forward.Async, other)

		p := message(t, "wxacc", "hi 😀 ]]]]><![CDATA[>")
		r.receive(p)
		r.receive(p) // WeChat pushes again
		for _, s := range []*receiver{a, b} {
			got := r.gets(s, 1)[0]
			require.Equal(t, "/push/wxacc", got.path)
			require.Equal(t, p.Body, got.body)
			require.Equal(t, p.Identity(), got.header.Get("Webhook-Id"))
			require.Equal(t, "text/xml; charset=utf-8", got.header.Get("Content-Type"))
			require.Equal(t, "wxacc", got.header.Get("X-Wxcomponent-Appid"))
			require.Equal(t, "biz", got.header.Get("X-Wxcomponent-Channel"))
			require.Equal(t, "text", got.header.Get("X-Wxcomponent-Event"))
			require.Equal(t, "1", got.header.Get("X-Wxcomponent-Attempt"))
		}
		require.Zero(t, other.count())
		r.ends(ra, map[model.WorkState]int64{model.WorkDone: 1})
		r.ends(rb, map[model.WorkState]int64{model.WorkDone: 1})
		made := r.attempts(key(ra))
		require.Len(t, made, 1)
		require.True(t, made[0].OK)
		require.Equal(t, 200, made[0].Status)
		require.Equal(t, p.Identity(), made[0].Identity)
		require.Equal(t, model.CausePush, made[0].Cause)
	})
}

// A target that is down for a while gets everything when it is back.
func TestEventIsNotLostWhileItsTargetIsDown(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(nil)
		id := r.rule(texts(), forward.Async, s)
		s.turn(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			s.turn(nil)
		})
		r.receive(message(t, "wxacc", "1"))
		got := r.gets(s, 2)
		require.Equal(t, got[0].body, got[1].body)
		require.Equal(t, got[0].header.Get("Webhook-Id"), got[1].header.Get("Webhook-Id"))
		require.Equal(t, "2", got[1].header.Get("X-Wxcomponent-Attempt"))
		r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
		made := r.attempts(key(id))
		require.Len(t, made, 2)
		require.Equal(t, "the target answered HTTP 502", made[0].Error)
	})
}

func TestDeliveryThatNeverSucceedsIsGivenUpAndVisible(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not today", http.StatusTeapot) })
		id := r.rule(texts(), forward.Async, s)
		p := message(t, "wxacc", "1")
		r.receive(p)
		r.gets(s, len(fast()))
		r.ends(id, map[model.WorkState]int64{model.WorkDead: 1})
		page, err := r.store.WorkList(t.Context(), model.WorkFilter{Group: p.Identity(), Limit: 10})
		require.NoError(t, err)
		require.Len(t, page.Rows, 1)
		require.Equal(t, "the target answered HTTP 418", page.Rows[0].LastError)
		for i, a := range r.attempts(key(id)) {
			require.Equal(t, i+1, a.Attempt)
			require.Equal(t, "not today\n", a.Answer)
		}
	})
}

func TestRedirectIsNotFollowed(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		elsewhere := r.receiver(nil)
		s := r.receiver(func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, elsewhere.URL, http.StatusTemporaryRedirect)
		})
		id := r.rule(texts(), forward.Async, s)
		r.receive(message(t, "wxacc", "1"))
		r.ends(id, map[model.WorkState]int64{model.WorkDead: 1})
		require.Zero(t, elsewhere.count())
		require.Equal(t, http.StatusTemporaryRedirect, r.attempts(key(id))[0].Status)
	})
}

func TestTargetThatIsGoneIsSwitchedOff(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(status(http.StatusGone))
		id := r.rule(texts(), forward.Async, s)
		r.receive(message(t, "wxacc", "1"))
		waittest.Until(t, func() bool { return len(r.Plan(message(t, "wxacc", "2"))) == 0 }, "nothing is planned for it")
		e, err := r.Rule(t.Context(), id)
		require.NoError(t, err)
		require.False(t, e.Open)
		r.putOff(key(id), 1)
		// Another delivery goes through all attempts that this one would have had.
		failing := r.rule(forward.Pattern{MsgType: "event"}, forward.Async, r.receiver(status(http.StatusBadGateway)))
		r.receive(occurrence(t, event.Biz, "<MsgType>event</MsgType>"))
		r.ends(failing, map[model.WorkState]int64{model.WorkDead: 1})
		r.stop()
		require.Equal(t, 1, s.count())
		r.ends(id, map[model.WorkState]int64{model.WorkReady: 1}) // kept, should it come back
		require.Equal(t, 1, r.rows(key(id))[0].Attempt)
	})
}

// rows are the deliveries from the queue to a target, oldest first.
func (r *rig) rows(target string) []model.Work {
	r.t.Helper()
	list, err := r.store.WorkList(r.t.Context(), model.WorkFilter{Kind: "deliver:" + target, Limit: 100})
	require.NoError(r.t, err)
	slices.Reverse(list.Rows)
	return list.Rows
}

// putOff waits until the only delivery to a target waits for another attempt, and returns the pause.
// Both ends of it are of one moment of the database's clock.
func (r *rig) putOff(target string, attempts int) time.Duration {
	r.t.Helper()
	var w model.Work
	waittest.Until(r.t, func() bool {
		rows := r.rows(target)
		require.LessOrEqual(r.t, len(rows), 1)
		if len(rows) == 1 {
			w = rows[0]
		}
		return w.State == model.WorkReady && w.Attempt == attempts
	}, "attempt %d has failed: %+v", attempts, func() any { return w })
	return time.Duration(w.NextMS-w.UpdateMS) * time.Millisecond
}

func TestTargetMayAskForTwiceThePause(t *testing.T) {
	eachWith(t, func(d *forward.Deps) { d.Schedule = lazy() }, func(t *testing.T, r *rig) {
		var asks atomic.Value
		asks.Store("5400")
		s := r.receiver(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", asks.Load().(string))
			w.WriteHeader(http.StatusTooManyRequests)
		})
		id := r.rule(texts(), forward.Async, s)
		r.receive(message(t, "wxacc", "1"))
		require.Equal(t, 90*time.Minute, r.putOff(key(id), 1), "as long as it asked for")
		asks.Store("86400")
		r.comeDue(key(id))
		require.Equal(t, 4*time.Hour, r.putOff(key(id), 2), "no longer than twice the pause")
		asks.Store("60")
		r.comeDue(key(id))
		require.InDelta(t, 4*time.Hour, r.putOff(key(id), 3), .15*float64(4*time.Hour), "no shorter than the pause")
		require.Equal(t, 3, s.count())
	})
}

func TestHugeAnswerIsCutOff(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(func(w http.ResponseWriter, _ *http.Request) {
			block := make([]byte, 64<<10)
			for range 1 << 14 { // 1 GiB, were it read
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		})
		id := r.rule(texts(), forward.Async, s)
		r.receive(message(t, "wxacc", "1"))
		r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
		require.LessOrEqual(t, len([]rune(r.attempts(key(id))[0].Answer)), 20_000)
	})
}

func TestHangingTargetDoesNotDelayAnother(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		slow, healthy := r.receiver(r.hang), r.receiver(nil)
		one := r.target(slow, func(e *forward.TargetEntry) { e.Concurrency, e.TimeoutMS = 1, 60_000 })
		r.branch(forward.Conditions{}, forward.Async, false, one)
		r.rule(texts(), forward.Async, healthy)
		const pushes = 20
		r.receive(message(t, "wxacc", "x"))
		slow.calls(t, 1)
		for range pushes - 1 {
			r.receive(message(t, "wxacc", "x"))
		}
		// Sharing its lane with the other, it would wait for a minute for each of them.
		healthy.calls(t, pushes)
		require.LessOrEqual(t, slow.count(), 2, "the first hangs")
	})
}

func TestUnwellTargetIsLeftAloneAndDrainedWhenItIsWell(t *testing.T) {
	eachWith(t, resting, func(t *testing.T, r *rig) {
		const pushes, turns = 60, 16
		r.clock.pass(0) // no rest ends by itself
		s, well := r.receiver(status(http.StatusInternalServerError)), r.receiver(nil)
		id := r.rule(texts(), forward.Async, s)
		r.rule(forward.Pattern{MsgType: "*"}, forward.Async, well)
		for range pushes {
			r.receive(message(t, "wxacc", "x"))
		}
		well.calls(t, pushes) // in the time for as many calls
		r.rests(key(id))
		require.LessOrEqual(t, s.count(), 4+turns, "no more than were under way when the fifth failed")
		require.NotContains(t, r.states(id), model.WorkDone)
		s.turn(nil)
		r.clock.pass(time.Hour)
		waittest.Until(t, func() bool {
			r.comeDue(key(id))
			return r.states(id)[model.WorkDone] == pushes
		}, "all are delivered: %v", func() any { return r.states(id) })
	})
}

// comeDue makes the deliveries due that wait for another attempt.
func (r *rig) comeDue(target string) {
	r.t.Helper()
	for _, w := range r.rows(target) {
		if w.State == model.WorkReady && w.NextMS > w.UpdateMS {
			require.NoError(r.t, r.db.Write.Exec("UPDATE work SET nextms = 0 WHERE id = ? AND state = ?", w.ID, w.State).Error)
		}
	}
	r.Nudge()
}

// resting has the rests of targets end soon after the rig's clock says so, and nothing tried again by
// itself.
func resting(d *forward.Deps) { d.Rest, d.Schedule = 20*time.Millisecond, lazy() }

// rests waits until a target is given a rest.
func (r *rig) rests(target string) {
	r.t.Helper()
	waittest.Until(r.t, func() bool {
		h, err := r.Health(r.t.Context(), target, time.Now(), time.Now(), time.Minute)
		require.NoError(r.t, err)
		return h.Breaker == forward.BreakerOpen
	}, "%s is given a rest", target)
}

func TestWorkOfADeadInstanceIsDeliveredByAnother(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(nil)
		id := r.rule(texts(), forward.Async, s)
		r.stop()
		r.receive(message(t, "wxacc", "1")) // stored, and then the process dies
		r.run(r.another(nil))
		r.gets(s, 1)
		r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
	})
}

func TestComponentEventsGoToTheirOwnRules(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(nil)
		r.rule(forward.Pattern{InfoType: "unauthorized"}, forward.Async, s)
		r.receive(occurrence(t, event.Component, "<AppId>wxplat</AppId><InfoType>authorized</InfoType><AuthorizerAppid>wxacc</AuthorizerAppid>"))
		r.receive(occurrence(t, event.Component, "<AppId>wxplat</AppId><InfoType>unauthorized</InfoType><AuthorizerAppid>wxacc</AuthorizerAppid>"))
		require.Equal(t, "/push/wxacc", r.gets(s, 1)[0].path)
	})
}

// Whatever a target answers wrongly is a failed attempt, and the next one follows. When it does is
// TestAttemptsComeWhenTheyAreDue.
func TestBadAnswersAreFailuresAndAreTriedAgain(t *testing.T) {
	r := single(t, func(d *forward.Deps) { d.Guard.AllowPrivate = true })
	tls := httptest.NewTLSServer(http.NotFoundHandler()) // nobody trusts its certificate
	t.Cleanup(tls.Close)
	for name, bad := range map[string]struct {
		answer  http.HandlerFunc
		timeout int64 // milliseconds
		says    string
	}{
		"error":    {answer: status(http.StatusInternalServerError), says: "HTTP 500"},
		"redirect": {answer: status(http.StatusMovedPermanently), says: "HTTP 301"},
		"reset":    {answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		"drip":     {answer: r.hang, timeout: 100, says: "did not answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			s := r.receiver(bad.answer)
			id := r.rule(forward.Pattern{MsgType: "text", Event: name}, forward.Async, s, func(e *forward.RuleEntry) {
				e.Data.TimeoutMS = bad.timeout
			})
			r.receive(occurrence(t, event.Biz, "<MsgType>text</MsgType><Event>"+name+"</Event>"))
			r.ends(id, map[model.WorkState]int64{model.WorkDead: 1})
			made := r.attempts(key(id))
			require.Len(t, made, len(fast()))
			for _, a := range made {
				require.NotEmpty(t, a.Error)
				require.Contains(t, a.Error, bad.says)
			}
			if bad.timeout == 0 { // else a call may end before the target hears of it
				require.Equal(t, len(fast()), s.count())
			}
		})
	}
	t.Run("certificate", func(t *testing.T) {
		id := r.rule(texts(), forward.Async, r.receiver(nil), func(e *forward.RuleEntry) {
			e.Data = forward.RuleData{URL: tls.URL, Mode: forward.Async}
		})
		r.receive(message(t, "wxacc", "x"))
		r.ends(id, map[model.WorkState]int64{model.WorkDead: 1})
		made := r.attempts(key(id))
		require.True(t, slices.ContainsFunc(made, func(a model.Attempt) bool { return strings.Contains(a.Error, "certificate") }), made)
	})
}

func TestAcceptedPushWhoseAnswerBreaksOffIsDelivered(t *testing.T) {
	r := single(t, nil)
	s := r.receiver(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	id := r.rule(texts(), forward.Async, s)
	r.receive(message(t, "wxacc", "x"))
	r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
	require.Equal(t, "half", r.attempts(key(id))[0].Answer)
}
