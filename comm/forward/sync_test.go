package forward_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

func TestAnswerOfASynchronousTargetIsPassedOn(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, textReply("hi 😀"))
		})
		id := r.rule(texts(), forward.Sync, s)
		p := message(t, "wxacc", "hello")
		in := httptest.NewRequest(http.MethodPost, "/wxcallback/biz/wxacc?signature=s&openid=o&msg_signature=m&encrypt_type=aes", nil)
		in.Header = http.Header{
			"X-Wx-Source": {"wx"}, "Content-Type": {"text/xml"}, "Cookie": {"a=b"}, "Connection": {"X-Hop"},
			"X-Hop": {"1"}, "Webhook-Signature": {"forged"}, "X-Wxcomponent-Appid": {"forged"},
		}
		waiting := asked(p, r.receive(p))
		waiting.Request = in
		a, ok := r.Reply(t.Context(), waiting)
		require.True(t, ok)
		require.Equal(t, textReply("hi 😀"), string(a.Body))
		require.Equal(t, "text/xml", a.ContentType)

		got := r.gets(s, 1)[0]
		require.Equal(t, p.Body, got.body)
		require.Equal(t, "signature=s&openid=o", got.query)
		require.Equal(t, "wx", got.header.Get("X-Wx-Source"))
		require.Equal(t, "text/xml", got.header.Get("Content-Type"))
		require.Equal(t, "wxacc", got.header.Get("X-Wxcomponent-Appid"))
		for _, name := range []string{"Cookie", "X-Hop", "Webhook-Signature"} {
			require.Empty(t, got.header.Get(name), name)
		}
		r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
		require.Equal(t, model.CauseSync, r.attempts(key(id))[0].Cause)
	})
}

func TestSuccessAndNothingAreTheUsualAnswer(t *testing.T) {
	r := single(t, nil)
	for _, text := range []string{"", "success", " success\n"} {
		s := r.receiver(say(text))
		id := r.rule(texts(), forward.Sync, s)
		_, ok := r.ask(message(t, "wxacc", "x"))
		require.False(t, ok)
		r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
		require.NoError(t, r.DeleteRule(t.Context(), id))
	}
}

// Whatever a target does wrong, WeChat gets "success" in time and the target gets the push again.
func TestBrokenTargetIsNoErrorForWeChat(t *testing.T) {
	broken := map[string]http.HandlerFunc{
		"error":    status(http.StatusInternalServerError),
		"redirect": status(http.StatusFound),
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "<xml>")
			panic(http.ErrAbortHandler)
		},
		"reset": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	each(t, func(t *testing.T, r *rig) {
		for name, answer := range broken {
			s := r.receiver(nil)
			s.turn(func(w http.ResponseWriter, req *http.Request) {
				s.turn(nil)
				answer(w, req)
			}) // once
			id := r.rule(texts(), forward.Sync, s)
			_, ok := r.ask(message(t, "wxacc", name))
			require.False(t, ok, name)
			r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
			r.gets(s, 2)
			require.False(t, r.attempts(key(id))[0].OK, name)
			require.NoError(t, r.DeleteRule(t.Context(), id))
		}
	})
}

// An answer that WeChat cannot have is not passed on; the target has taken the push nevertheless.
func TestAnswerThatIsNoTextIsNotPassedOn(t *testing.T) {
	r := single(t, nil)
	for why, answer := range map[string]http.HandlerFunc{
		"the answer is not text": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte{0x89, 'P', 'N', 'G'})
		},
		"the answer is not text ":         say("\xff\xfe"),
		"the answer is larger than 1 MiB": say(strings.Repeat("x", 1<<20+1)),
	} {
		s := r.receiver(answer)
		id := r.rule(texts(), forward.Sync, s)
		_, ok := r.ask(message(t, "wxacc", "x"))
		require.False(t, ok)
		r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
		r.gets(s, 1)
		require.Contains(t, r.attempts(key(id))[0].Error, strings.TrimSpace(why))
		require.NoError(t, r.DeleteRule(t.Context(), id))
	}
}

func TestTargetThatRefusesConnectionsIsNoErrorForWeChat(t *testing.T) {
	r := single(t, nil)
	id := r.rule(texts(), forward.Sync, &receiver{port: 1}) // nobody listens there, or can by chance
	_, ok := r.ask(message(t, "wxacc", "x"))
	require.False(t, ok)
	r.ends(id, map[model.WorkState]int64{model.WorkDead: 1})
}

// How long it is waited for is TestSlowTargetIsWaitedForWithinItsLimits.
func TestSlowTargetGetsThePushAfterTheAnswer(t *testing.T) {
	eachWith(t, func(d *forward.Deps) { d.Schedule = lazy() }, func(t *testing.T, r *rig) {
		var hanging atomic.Int32
		s := r.receiver(func(w http.ResponseWriter, req *http.Request) {
			if hanging.Add(-1) >= 0 {
				r.hang(w, req)
			}
		})
		id := r.rule(texts(), forward.Sync, s, func(e *forward.RuleEntry) { e.Data.TimeoutMS = 200 })
		delivers := func(n int64) {
			waittest.Until(t, func() bool {
				r.comeDue(key(id))
				return r.states(id)[model.WorkDone] == n
			}, "%d are delivered: %v", n, func() any { return r.states(id) })
		}
		hanging.Store(1)
		_, ok := r.ask(message(t, "wxacc", "x"))
		require.False(t, ok)
		// A busy machine may not come so far in the time that the target has, from the queue as well.
		require.NoError(t, r.SetRule(t.Context(), forward.RuleEntry{
			ID: id, Pattern: texts(), Open: true, Data: forward.RuleData{Port: s.port, Path: "/", TimeoutMS: 30_000},
		}))
		delivers(1)

		hanging.Store(1) // and where the target may take longer, WeChat's own limit counts
		p := message(t, "wxacc", "y")
		waiting := asked(p, r.receive(p))
		waiting.Deadline = time.Now().Add(300 * time.Millisecond)
		_, ok = r.Reply(t.Context(), waiting)
		require.False(t, ok)
		delivers(2)
	})
}

// waiter is a context that tells when somebody waits for its end.
type waiter struct {
	context.Context
	waits func()
}

func (w waiter) Done() <-chan struct{} {
	w.waits()
	return w.Context.Done()
}

// WeChat repeats a push while the first delivery still waits.
func TestRepeatedPushCallsTheTargetOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		goOn := make(chan struct{})
		s := r.receiver(r.until(goOn, say(textReply("once"))))
		r.rule(texts(), forward.Sync, s)
		p := message(t, "wxacc", "x")
		type reply struct {
			body string
			ok   bool
		}
		ask := func(repeated bool) (hangUp context.CancelFunc, answer <-chan reply) {
			require.Equal(t, repeated, r.receive(p))
			ctx, cancel := context.WithCancel(t.Context())
			waits, answers := make(chan struct{}), make(chan reply, 1)
			go func() {
				a, ok := r.Reply(waiter{ctx, sync.OnceFunc(func() { close(waits) })}, asked(p, repeated))
				answers <- reply{string(a.Body), ok}
			}()
			waittest.Receive(t, waits, "the push waits for the answer")
			return cancel, answers
		}
		hangUp, first := ask(false)
		s.calls(t, 1)
		hangUp()
		require.Equal(t, reply{"", false}, waittest.Receive(t, first, "WeChat has hung up"))
		_, second := ask(true)
		_, third := ask(true)
		close(goOn)
		for _, again := range []<-chan reply{second, third} {
			require.Equal(t, reply{textReply("once"), true}, waittest.Receive(t, again, "a repetition is answered"))
		}
		a, ok := r.Reply(t.Context(), asked(p, true)) // also after the first was answered
		require.True(t, ok)
		require.Equal(t, textReply("once"), string(a.Body))
		r.gets(s, 1)
	})
}

func TestRepeatedPushOnAnotherInstanceIsNotAsked(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(say("<xml/>"))
		r.rule(texts(), forward.Sync, s)
		p := message(t, "wxacc", "x")
		r.receive(p)
		_, ok := r.another(nil).Reply(t.Context(), asked(p, true))
		require.False(t, ok)
		require.Zero(t, s.count())
	})
}

func TestUnwellSynchronousTargetIsNotWaitedFor(t *testing.T) {
	r := single(t, func(d *forward.Deps) {
		d.Rest = time.Hour
		d.Schedule = []time.Duration{0, time.Hour}
	})
	s := r.receiver(status(http.StatusInternalServerError))
	id := r.rule(texts(), forward.Sync, s)
	for range 10 {
		_, ok := r.ask(message(t, "wxacc", "x"))
		require.False(t, ok)
	}
	require.Less(t, s.count(), 10)
	waittest.Until(t, func() bool { return len(r.rows(key(id))) == 10 }, "all wait in the queue")
	for state := range r.states(id) {
		require.False(t, state.Ended())
	}
}

func TestMostSpecificRuleAnswers(t *testing.T) {
	r := single(t, nil)
	wide, narrow := r.receiver(say(textReply("wide"))), r.receiver(say(textReply("narrow")))
	r.rule(forward.Pattern{MsgType: "event"}, forward.Sync, wide)
	r.rule(forward.Pattern{MsgType: "event", Event: "a_b"}, forward.Sync, narrow)
	r.rule(forward.Pattern{MsgType: "event_a", Event: "b"}, forward.Sync, wide)

	ask := func(kind, what string) string {
		p := occurrence(t, event.Biz, "<FromUserName>user</FromUserName><ToUserName>gh_1</ToUserName><MsgType>"+kind+"</MsgType><Event>"+what+"</Event>")
		text, ok := r.ask(p)
		require.True(t, ok)
		return text
	}
	require.Equal(t, textReply("narrow"), ask("event", "a_b"))
	require.Equal(t, textReply("wide"), ask("event", "other"))
	require.Equal(t, textReply("wide"), ask("event_a", "b"))
}

func TestQueryOfARuleStays(t *testing.T) {
	r := single(t, nil)
	s := r.receiver(say(textReply("ok")))
	r.rule(texts(), forward.Sync, s, func(e *forward.RuleEntry) { e.Data.Path = "/a%20b?own=$APPID$" })
	in := &http.Request{URL: &url.URL{RawQuery: "x=1"}}
	p := message(t, "wxacc", "x")
	waiting := asked(p, r.receive(p))
	waiting.Request = in
	_, ok := r.Reply(t.Context(), waiting)
	require.True(t, ok)
	got := r.gets(s, 1)[0]
	require.Equal(t, "/a b", got.path)
	require.Equal(t, "own=wxacc&x=1", got.query)
}
