package forward_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/event"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/payload"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestDeletedRuleDoesNotFire(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, say("reply"))
		id := r.rule(texts(), forward.Sync, s)
		require.NoError(t, r.DeleteRule(t.Context(), id))
		_, ok := r.ask(message(t, "wxacc", "x"), weChatLimit)
		require.False(t, ok)
		require.Zero(t, s.count())
	})
}

func TestWaitingDeliveriesOfADeletedRuleGoNowhere(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, nil)
		id := r.rule(texts(), forward.Async, s)
		r.stop()
		for range 3 {
			r.receive(message(t, "wxacc", "x"))
		}
		require.NoError(t, r.DeleteRule(t.Context(), id))
		r.ends(id, map[model.WorkState]int64{model.WorkCancelled: 3})
	})
}

func TestEditedRuleDoesNotFireOnTheOldEvent(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, say("reply"))
		id := r.rule(forward.Pattern{MsgType: "event", Event: "e1"}, forward.Sync, s)
		e, err := r.Rule(t.Context(), id)
		require.NoError(t, err)
		e.Pattern.Event = "e2"
		require.NoError(t, r.SetRule(t.Context(), e))
		_, ok := r.ask(occurrence(t, event.Biz, "<MsgType>event</MsgType><Event>e1</Event>"), weChatLimit)
		require.False(t, ok)
		_, ok = r.ask(occurrence(t, event.Biz, "<MsgType>event</MsgType><Event>e2</Event>"), weChatLimit)
		require.True(t, ok)
	})
}

func TestUnknownRuleIsNotMadeByAChange(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, say("reply"))
		e := forward.RuleEntry{ID: 99999, Pattern: texts(), Open: true, Data: forward.RuleData{Port: s.port, Path: "/"}}
		isParam(t, "id", r.SetRule(t.Context(), e))
		isParam(t, "id", r.DeleteRule(t.Context(), 99999))
		_, err := r.TestRule(t.Context(), 99999)
		isParam(t, "id", err)
		_, ok := r.ask(message(t, "wxacc", "x"), weChatLimit)
		require.False(t, ok)
		require.Zero(t, s.count())
	})
}

func isParam(t *testing.T, field string, err error) {
	t.Helper()
	e := errno.As(err)
	require.Equal(t, errno.BadParam, e.Code, "%v", err)
	require.Equal(t, field, e.Field)
}

func TestTwoRulesCannotBeForTheSameEvent(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, nil)
		r.rule(texts(), forward.Sync, s)
		other := r.rule(forward.Pattern{MsgType: "image"}, forward.Sync, s)
		e := forward.RuleEntry{Pattern: texts(), Data: forward.RuleData{Port: 80, Path: "/"}}
		_, err := r.AddRule(t.Context(), e)
		isParam(t, "", err)
		e.ID = other
		isParam(t, "", r.SetRule(t.Context(), e))
		e.Pattern = forward.Pattern{}
		_, err = r.AddRule(t.Context(), e)
		isParam(t, "", err)
	})
}

func TestOtherInstancesLearnOfChanges(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, say("reply"))
		before, err := r.store.RevisionGet(t.Context())
		require.NoError(t, err)
		id := r.rule(texts(), forward.Sync, s)
		changed, err := r.store.RevisionGet(t.Context())
		require.NoError(t, err)
		require.Greater(t, changed, before)
		require.NoError(t, r.DeleteRule(t.Context(), id))
		deleted, err := r.store.RevisionGet(t.Context())
		require.NoError(t, err)
		require.Greater(t, deleted, changed)
	})
}

func TestPathDoesNotLeaveHostAndPort(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), nil)
	for _, path := range []string{"@evil:80/x", "x", "//evil/", "/..//x", "/a/../b", "/%2e%2e/x", "/%40x", "/a\\b", "/a\r\nHost: x", "/ a"} {
		_, err := r.AddRule(t.Context(), forward.RuleEntry{
			Pattern: texts(), Open: true, Data: forward.RuleData{Port: 8000, Path: path},
		})
		isParam(t, "data.path", err)
	}
}

func TestBadRulesAreRefused(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), func(d *forward.Deps) { d.Guard.OwnPorts = []int{8081} })
	good := forward.RuleData{Port: 8000, Path: "/"}
	for field, change := range map[string]func(*forward.RuleEntry){
		"data.port":      func(e *forward.RuleEntry) { e.Data.Port = 0 },
		"data.mode":      func(e *forward.RuleEntry) { e.Data.Mode = "later" },
		"data.timeoutMs": func(e *forward.RuleEntry) { e.Data.TimeoutMS = 30_001 },
		"data.secret":    func(e *forward.RuleEntry) { e.Secret = "whsec_not base64" },
		"name":           func(e *forward.RuleEntry) { e.Name = strings.Repeat("名", 65) },
		"event":          func(e *forward.RuleEntry) { e.Pattern.Event = strings.Repeat("x", 65) },
	} {
		e := forward.RuleEntry{Pattern: texts(), Data: good}
		change(&e)
		_, err := r.AddRule(t.Context(), e)
		isParam(t, field, err)
	}
	own := forward.RuleEntry{Pattern: texts(), Data: forward.RuleData{Port: 8081, Path: "/inner/ticket"}}
	_, err := r.AddRule(t.Context(), own)
	isParam(t, "data.port", err)
}

func TestTargetsInsideTheNetworkAreRefused(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), nil)
	for _, address := range []string{
		"http://127.0.0.1/", "http://localhost:9/", "http://[::1]/", "http://10.0.0.1/", "http://169.254.169.254/latest",
		"http://[::ffff:10.0.0.1]/", "http://0.0.0.0/", "http://[fe80::1]/", "http://[64:ff9b::7f00:1]/", "http://192.168.1.1/",
		"ftp://example.com/", "http://user:pw@example.com/", "http:///x", "http://example.com/#f", "http://$APPID$.example.com/",
		"http://exa mple.com/", "javascript:alert(1)", "http://example.com:99999/",
	} {
		_, err := r.AddRule(t.Context(), forward.RuleEntry{Pattern: texts(), Data: forward.RuleData{URL: address}})
		isParam(t, "data.url", err)
	}
}

// A name that meant another address when the rule was saved is checked when it is dialled.
func TestAddressIsCheckedWhenItIsDialled(t *testing.T) {
	d := dbtest.SQLite(t)
	r := newRig(t, d, func(d *forward.Deps) { d.Guard.AllowPrivate = true })
	s := newReceiver(t, say("secret"))
	id := r.rule(texts(), forward.Sync, s, func(e *forward.RuleEntry) {
		e.Data = forward.RuleData{URL: fmt.Sprintf("http://localhost:%d/", s.port)}
	})
	answer, err := r.TestRule(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "secret", answer)

	deps := forwardDeps(r, "strict")
	strict := forward.New(deps)
	require.NoError(t, strict.Live().Refresh(t.Context()))
	_, err = strict.TestRule(t.Context(), id)
	require.True(t, errno.Is(err, errno.CallFailed), "%v", err)
	require.ErrorIs(t, err, outgoing.ErrForbidden)

	deps = forwardDeps(r, "own")
	deps.Guard = outgoing.Limits{AllowPrivate: true, OwnPorts: []int{s.port}}
	own := forward.New(deps)
	_, err = own.TestRule(t.Context(), id)
	require.ErrorIs(t, err, outgoing.ErrForbidden)
	s.gets(t, 1)
}

func TestEnvironmentsProxyIsNotUsed(t *testing.T) {
	proxy := newReceiver(t, say("proxied"))
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	r := newRig(t, dbtest.SQLite(t), nil)
	id := r.rule(texts(), forward.Sync, newReceiver(t, nil), func(e *forward.RuleEntry) {
		e.Data = forward.RuleData{URL: "http://does-not-exist.invalid/"}
	})
	_, err := r.TestRule(t.Context(), id)
	require.Error(t, err)
	require.Zero(t, proxy.count())
}

func TestDeliveriesAreSigned(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, secret := range []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "any text of mine"} {
			s := newReceiver(t, nil)
			id := r.rule(texts(), forward.Async, s, func(e *forward.RuleEntry) { e.Secret = "x" })
			e, err := r.Rule(t.Context(), id)
			require.NoError(t, err)
			e.Secret = "" // no longer
			e.Secret = secretOf(secret)
			require.NoError(t, r.SetRule(t.Context(), e))
			r.receive(message(t, "wxacc", "signed 你好"))
			got := s.gets(t, 1)[0]
			verifier, err := webhooks.NewWebhookRaw([]byte(secret))
			if strings.HasPrefix(secret, "whsec_") {
				verifier, err = webhooks.NewWebhook(secret)
			}
			require.NoError(t, err)
			require.NoError(t, verifier.Verify([]byte(got.body), got.header))
			require.Error(t, verifier.Verify([]byte(got.body+" "), got.header))
			require.NoError(t, r.DeleteRule(t.Context(), id))
		}
	})
}

func TestSampleIsOneThatWeChatMightSend(t *testing.T) {
	for _, format := range []payload.Format{payload.XML, payload.JSON} {
		r := newRig(t, dbtest.SQLite(t), func(d *forward.Deps) { d.TextMode = format })
		for _, p := range []forward.Pattern{
			{InfoType: "component_verify_ticket"},
			{InfoType: "authorized"},
			{InfoType: "*"},
			{InfoType: "a]]>b"},
			{MsgType: "text"},
			{MsgType: "location"},
			{MsgType: "event", Event: "weapp_audit_fail"},
			{Event: "subscribe"},
			{MsgType: "*"},
		} {
			s := newReceiver(t, say("got it"))
			id := r.rule(p, forward.Sync, s)
			answer, err := r.TestRule(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, "got it", answer)
			got := s.gets(t, 1)[0]
			require.Equal(t, "/push/wxtestappid", got.path)
			require.Equal(t, "1", got.header.Get("X-Wxcomponent-Test"))
			channel := event.Biz
			if p.InfoType != "" {
				channel = event.Component
			}
			push, err := event.Parse(channel, []byte(got.body))
			require.NoError(t, err, got.body)
			require.Equal(t, format, push.Format)
			require.NotEmpty(t, push.Field("Test"))
			push.AppID = "wxtestappid"
			require.True(t, p.Match(push), got.body)
			require.NoError(t, r.DeleteRule(t.Context(), id))
		}
	}
}

func TestTestOfARuleSaysWhatWentWrong(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), nil)
	s := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "short and stout")
	})
	id := r.rule(texts(), forward.Sync, s)
	_, err := r.TestRule(t.Context(), id)
	e := errno.As(err)
	require.Equal(t, errno.CallFailed, e.Code)
	require.Equal(t, "the target answered HTTP 418: short and stout", e.Data)

	known, err := r.Rule(t.Context(), id)
	require.NoError(t, err)
	known.Open = false
	require.NoError(t, r.SetRule(t.Context(), known))
	_, err = r.TestRule(t.Context(), id)
	require.True(t, errno.Is(err, errno.BadState))
	_, ok := r.ask(message(t, "wxacc", "x"), time.Second)
	require.False(t, ok)
	require.Equal(t, 1, s.count())
}

// A rule that the template's own page wrote in a way that cannot be used does not fire, and does
// not keep the others from it.
func TestRuleThatAnotherProgramWroteBadlyDoesNotFire(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := newReceiver(t, say("reply"))
		for i, info := range []string{`{"port":80,"path":"@evil:80/x"}`, `{"port":0,"path":"/"}`, `no json`, ``} {
			_, err := r.store.RuleCreate(t.Context(), model.Rule{
				MsgType: "text", Event: fmt.Sprint(i), Type: model.RuleHTTP, Open: true, Info: info,
			})
			require.NoError(t, err)
		}
		_, err := r.store.RuleCreate(t.Context(), model.Rule{
			MsgType: "text", Type: model.RuleHTTP, Open: true, Info: fmt.Sprintf(`{"port":%d,"path":"/x"}`, s.port),
		})
		require.NoError(t, err)
		require.NoError(t, r.Live().Refresh(t.Context()))
		text, ok := r.ask(message(t, "wxacc", "x"), weChatLimit)
		require.True(t, ok)
		require.Equal(t, "reply", text)
		list, total, err := r.Rules(t.Context(), 2, 0, 10)
		require.NoError(t, err)
		require.Len(t, list, 5)
		require.EqualValues(t, 5, total)
	})
}

func TestServiceWithoutADatabaseForwardsNothingAndDoesNotFail(t *testing.T) {
	d := dbtest.SQLite(t)
	r := newRig(t, d, nil)
	require.NoError(t, d.Close())
	_, err := r.AddRule(t.Context(), forward.RuleEntry{Pattern: texts(), Data: forward.RuleData{Port: 80, Path: "/"}})
	require.Error(t, err)
	require.False(t, errors.Is(err, context.Canceled))
	time.Sleep(20 * time.Millisecond)
	require.Nil(t, r.Plan(message(t, "wxacc", "x")))
}
