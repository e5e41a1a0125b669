package forward_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/event"
	"wxcomponent/comm/forward"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestPushReachesEveryAsynchronousTargetOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		a, b, other := newReceiver(t, nil), newReceiver(t, nil), newReceiver(t, nil)
		ra := r.rule(texts(), forward.Async, a)
		rb := r.rule(forward.Pattern{MsgType: "*"}, forward.Async, b)
		r.rule(forward.Pattern{InfoType: "authorized"}, forward.Async, other)

		p := message(t, "wxacc", "hi 😀 ]]]]><![CDATA[>")
		r.receive(p)
		r.receive(p) // WeChat pushes again
		for _, s := range []*receiver{a, b} {
			got := s.gets(t, 1)[0]
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
		s := newReceiver(t, nil)
		id := r.rule(texts(), forward.Async, s)
		s.turn(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			s.turn(nil)
		})
		r.receive(message(t, "wxacc", "1"))
		got := s.gets(t, 2)
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
		s := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not today", http.StatusTeapot) })
		id := r.rule(texts(), forward.Async, s)
		p := message(t, "wxacc", "1")
		r.receive(p)
		s.gets(t, len(fast()))
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
		elsewhere := newReceiver(t, nil)
		s := newReceiver(t, func(w http.ResponseWriter, req *http.Request) {
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
		s := newReceiver(t, status(http.StatusGone))
		id := r.rule(texts(), forward.Async, s)
		r.receive(message(t, "wxacc", "1"))
		require.Eventually(t, func() bool {
			return len(r.Plan(message(t, "wxacc", "2"))) == 0
		}, 5*time.Second, 10*time.Millisecond)
		e, err := r.Rule(t.Context(), id)
		require.NoError(t, err)
		require.False(t, e.Open)
		time.Sleep(200 * time.Millisecond) // long enough for all further attempts
		require.Equal(t, 1, s.count())
		r.ends(id, map[model.WorkState]int64{model.WorkReady: 1}) // kept, should it come back
	})
}

func TestTargetMayAskForTwiceThePause(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		r.rule(texts(), forward.Async, s)
		r.receive(message(t, "wxacc", "1"))
		got := s.gets(t, len(fast()))
		for i := 1; i < len(got); i++ {
			pause := got[i].at.Sub(got[i-1].at)
			require.Greater(t, pause, 50*time.Millisecond) // twice 30 ms, less jitter
		}
	})
}

func TestHugeAnswerIsCutOff(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
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
		slow, healthy := newReceiver(t, hang(t)), newReceiver(t, nil)
		r.rule(texts(), forward.Async, slow)
		r.rule(forward.Pattern{MsgType: "*"}, forward.Async, healthy)
		const pushes = 60
		for range pushes {
			r.receive(message(t, "wxacc", "x"))
		}
		// Sharing its lane with the other, it would wait for time-outs of 15 s, four times over.
		require.Eventually(t, func() bool { return healthy.count() == pushes }, 10*time.Second, 5*time.Millisecond)
	})
}

func TestUnwellTargetIsLeftAloneAndDrainedWhenItIsWell(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, status(http.StatusInternalServerError))
		id := r.rule(texts(), forward.Async, s)
		const pushes = 60
		for range pushes {
			r.receive(message(t, "wxacc", "x"))
		}
		time.Sleep(250 * time.Millisecond) // less than a rest
		called := s.count()
		require.Less(t, called, 40, "the breaker did not open")
		s.turn(nil)
		r.ends(id, map[model.WorkState]int64{model.WorkDone: pushes})
	})
}

func TestWorkOfADeadInstanceIsDeliveredByAnother(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, nil)
		id := r.rule(texts(), forward.Async, s)
		r.stop()
		r.receive(message(t, "wxacc", "1")) // stored, and then the process dies
		next := forward.New(forwardDeps(r, "other"))
		require.NoError(t, next.Live().Refresh(t.Context()))
		run(t, next)
		s.gets(t, 1)
		r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
	})
}

func TestComponentEventsGoToTheirOwnRules(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, nil)
		r.rule(forward.Pattern{InfoType: "unauthorized"}, forward.Async, s)
		r.receive(occurrence(t, event.Component, "<AppId>wxplat</AppId><InfoType>authorized</InfoType><AuthorizerAppid>wxacc</AuthorizerAppid>"))
		r.receive(occurrence(t, event.Component, "<AppId>wxplat</AppId><InfoType>unauthorized</InfoType><AuthorizerAppid>wxacc</AuthorizerAppid>"))
		require.Equal(t, "/push/wxacc", s.gets(t, 1)[0].path)
	})
}

// Whatever a target answers wrongly is a failed attempt, and the next one comes when it is due.
func TestBadAnswersAreFailuresAndAreTriedAgainInTime(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), func(d *forward.Deps) {
		d.Schedule = []time.Duration{0, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond}
	})
	tls := httptest.NewTLSServer(http.NotFoundHandler()) // nobody trusts its certificate
	t.Cleanup(tls.Close)
	answers := map[string]http.HandlerFunc{
		"error":    status(http.StatusInternalServerError),
		"redirect": status(http.StatusMovedPermanently),
		"reset":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"drip": func(w http.ResponseWriter, req *http.Request) {
			for req.Context().Err() == nil { // never comes to the end of the headers' time
				time.Sleep(50 * time.Millisecond)
			}
			w.WriteHeader(http.StatusOK)
		},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			s := newReceiver(t, answer)
			id := r.rule(forward.Pattern{MsgType: "text", Event: name}, forward.Async, s, func(e *forward.RuleEntry) {
				e.Data.TimeoutMS = 100
			})
			r.receive(occurrence(t, event.Biz, "<MsgType>text</MsgType><Event>"+name+"</Event>"))
			got := s.gets(t, 4)
			for i, pause := range []time.Duration{200, 400, 800} {
				pause *= time.Millisecond
				took := got[i+1].at.Sub(got[i].at)
				require.Greater(t, took, pause*8/10)
				require.Less(t, took, pause*12/10+2*time.Second) // a busy machine
			}
			r.ends(id, map[model.WorkState]int64{model.WorkDead: 1})
		})
	}
	t.Run("certificate", func(t *testing.T) {
		private := newRig(t, dbtest.SQLite(t), func(d *forward.Deps) { d.Guard.AllowPrivate = true })
		id := private.rule(texts(), forward.Async, newReceiver(t, nil), func(e *forward.RuleEntry) {
			e.Data = forward.RuleData{URL: tls.URL, Mode: forward.Async}
		})
		private.receive(message(t, "wxacc", "x"))
		private.ends(id, map[model.WorkState]int64{model.WorkDead: 1})
		require.Contains(t, private.attempts(key(id))[0].Error, "certificate")
	})
}

func TestAcceptedPushWhoseAnswerBreaksOffIsDelivered(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), nil)
	s := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
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
