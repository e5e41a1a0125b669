package forward_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/event"
	"wxcomponent/comm/forward"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

const weChatLimit = 4500 * time.Millisecond

func TestAnswerOfASynchronousTargetIsPassedOn(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, "<xml>reply</xml>")
		})
		id := r.rule(texts(), forward.Sync, s)
		p := message(t, "wxacc", "hello")
		in := httptest.NewRequest(http.MethodPost, "/wxcallback/biz/wxacc?signature=s&openid=o&msg_signature=m&encrypt_type=aes", nil)
		in.Header = http.Header{
			"X-Wx-Source": {"wx"}, "Content-Type": {"text/xml"}, "Cookie": {"a=b"}, "Connection": {"X-Hop"},
			"X-Hop": {"1"}, "Webhook-Signature": {"forged"}, "X-Wxcomponent-Appid": {"forged"},
		}
		waiting := asked(p, r.receive(p), weChatLimit)
		waiting.Request = in
		a, ok := r.Reply(t.Context(), waiting)
		require.True(t, ok)
		require.Equal(t, "<xml>reply</xml>", string(a.Body))
		require.Equal(t, "text/xml", a.ContentType)

		got := s.gets(t, 1)[0]
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
	r := newRig(t, dbtest.SQLite(t), nil)
	for _, text := range []string{"", "success", " success\n"} {
		s := newReceiver(t, say(text))
		id := r.rule(texts(), forward.Sync, s)
		_, ok := r.ask(message(t, "wxacc", "x"), weChatLimit)
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
			s := newReceiver(t, answer)
			id := r.rule(texts(), forward.Sync, s)
			begin := time.Now()
			_, ok := r.ask(message(t, "wxacc", name), weChatLimit)
			require.False(t, ok, name)
			require.Less(t, time.Since(begin), 2*time.Second, name)
			s.turn(nil)
			r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
			require.GreaterOrEqual(t, s.count(), 2, name)
			require.False(t, r.attempts(key(id))[0].OK, name)
			require.NoError(t, r.DeleteRule(t.Context(), id))
		}
	})
}

// An answer that WeChat cannot have is not passed on; the target has taken the push nevertheless.
func TestAnswerThatIsNoTextIsNotPassedOn(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), nil)
	for why, answer := range map[string]http.HandlerFunc{
		"the answer is not text": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte{0x89, 'P', 'N', 'G'})
		},
		"the answer is not text ":         say("\xff\xfe"),
		"the answer is larger than 1 MiB": say(strings.Repeat("x", 1<<20+1)),
	} {
		s := newReceiver(t, answer)
		id := r.rule(texts(), forward.Sync, s)
		_, ok := r.ask(message(t, "wxacc", "x"), weChatLimit)
		require.False(t, ok)
		r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
		s.gets(t, 1)
		require.Equal(t, strings.TrimSpace(why), r.attempts(key(id))[0].Error)
		require.NoError(t, r.DeleteRule(t.Context(), id))
	}
}

func TestTargetThatRefusesConnectionsIsNoErrorForWeChat(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), nil)
	s := newReceiver(t, nil)
	s.Close()
	id := r.rule(texts(), forward.Sync, s)
	_, ok := r.ask(message(t, "wxacc", "x"), weChatLimit)
	require.False(t, ok)
	r.ends(id, map[model.WorkState]int64{model.WorkDead: 1})
}

func TestSlowTargetDoesNotDelayTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, hang(t))
		id := r.rule(texts(), forward.Sync, s, func(e *forward.RuleEntry) { e.Data.TimeoutMS = 300 })
		begin := time.Now()
		_, ok := r.ask(message(t, "wxacc", "x"), weChatLimit)
		require.False(t, ok)
		require.WithinDuration(t, begin.Add(300*time.Millisecond), time.Now(), 400*time.Millisecond)
		s.turn(nil)
		r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})

		s.turn(hang(t)) // and where the target may take longer, WeChat's own limit counts
		begin = time.Now()
		require.NoError(t, r.SetRule(t.Context(), forward.RuleEntry{
			ID: id, Pattern: texts(), Open: true, Data: forward.RuleData{Port: s.port, Path: "/", TimeoutMS: 30_000},
		}))
		_, ok = r.ask(message(t, "wxacc", "y"), time.Second)
		require.False(t, ok)
		require.Less(t, time.Since(begin), 1500*time.Millisecond)
	})
}

// WeChat repeats a push while the first delivery still waits.
func TestRepeatedPushCallsTheTargetOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		goOn := make(chan struct{})
		s := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
			<-goOn
			_, _ = io.WriteString(w, "<xml>once</xml>")
		})
		r.rule(texts(), forward.Sync, s)
		p := message(t, "wxacc", "x")
		var answers sync.Map
		var group sync.WaitGroup
		for i := range 3 {
			dup := r.receive(p)
			require.Equal(t, i > 0, dup)
			group.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if i == 0 {
					time.AfterFunc(50*time.Millisecond, cancel) // WeChat hangs up
				}
				a, ok := r.Reply(ctx, asked(p, dup, weChatLimit))
				answers.Store(i, [2]any{string(a.Body), ok})
			})
			require.Eventually(t, func() bool { return s.count() == 1 }, time.Second, time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		close(goOn)
		group.Wait()
		for i, want := range [][2]any{{"", false}, {"<xml>once</xml>", true}, {"<xml>once</xml>", true}} {
			got, _ := answers.Load(i)
			require.Equal(t, want, got, i)
		}
		a, ok := r.Reply(t.Context(), asked(p, true, weChatLimit)) // also after the first was answered
		require.True(t, ok)
		require.Equal(t, "<xml>once</xml>", string(a.Body))
		s.gets(t, 1)
	})
}

func TestRepeatedPushOnAnotherInstanceIsNotAsked(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, say("<xml/>"))
		r.rule(texts(), forward.Sync, s)
		p := message(t, "wxacc", "x")
		r.receive(p)
		other := forward.New(forwardDeps(r, "other"))
		require.NoError(t, other.Live().Refresh(t.Context()))
		_, ok := other.Reply(t.Context(), asked(p, true, weChatLimit))
		require.False(t, ok)
		require.Zero(t, s.count())
	})
}

func TestUnwellSynchronousTargetIsNotWaitedFor(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), func(d *forward.Deps) {
		d.Rest = time.Hour
		d.Schedule = []time.Duration{0, time.Hour}
	})
	s := newReceiver(t, status(http.StatusInternalServerError))
	id := r.rule(texts(), forward.Sync, s)
	for range 10 {
		_, ok := r.ask(message(t, "wxacc", "x"), weChatLimit)
		require.False(t, ok)
	}
	require.Less(t, s.count(), 10)
	require.Eventually(t, func() bool { return sum(r.states(id)) == 10 }, 5*time.Second, 10*time.Millisecond)
}

func sum(states map[model.WorkState]int64) (n int64) {
	for _, c := range states {
		n += c
	}
	return n
}

func TestMostSpecificRuleAnswers(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), nil)
	wide, narrow := newReceiver(t, say("wide")), newReceiver(t, say("narrow"))
	r.rule(forward.Pattern{MsgType: "event"}, forward.Sync, wide)
	r.rule(forward.Pattern{MsgType: "event", Event: "a_b"}, forward.Sync, narrow)
	r.rule(forward.Pattern{MsgType: "event_a", Event: "b"}, forward.Sync, wide)

	ask := func(kind, what string) string {
		p := occurrence(t, event.Biz, "<MsgType>"+kind+"</MsgType><Event>"+what+"</Event>")
		text, ok := r.ask(p, weChatLimit)
		require.True(t, ok)
		return text
	}
	require.Equal(t, "narrow", ask("event", "a_b"))
	require.Equal(t, "wide", ask("event", "other"))
	require.Equal(t, "wide", ask("event_a", "b"))
}

func TestQueryOfARuleStays(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), nil)
	s := newReceiver(t, say("ok"))
	r.rule(texts(), forward.Sync, s, func(e *forward.RuleEntry) { e.Data.Path = "/a%20b?own=$APPID$" })
	in := &http.Request{URL: &url.URL{RawQuery: "x=1"}}
	p := message(t, "wxacc", "x")
	waiting := asked(p, r.receive(p), weChatLimit)
	waiting.Request = in
	_, ok := r.Reply(t.Context(), waiting)
	require.True(t, ok)
	got := s.gets(t, 1)[0]
	require.Equal(t, "/a b", got.path)
	require.Equal(t, "own=wxacc&x=1", got.query)
}
