package forward_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestDeletedRuleDoesNotFire(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(say(textReply("reply")))
		id := r.rule(texts(), forward.Sync, s)
		require.NoError(t, r.DeleteRule(t.Context(), id))
		_, ok := r.ask(message(t, "wxacc", "x"))
		require.False(t, ok)
		require.Zero(t, s.count())
	})
}

func TestWaitingDeliveriesOfADeletedRuleGoNowhere(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(nil)
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
		s := r.receiver(say(textReply("reply")))
		id := r.rule(forward.Pattern{MsgType: "event", Event: "e1"}, forward.Sync, s)
		e, err := r.Rule(t.Context(), id)
		require.NoError(t, err)
		e.Pattern.Event = "e2"
		require.NoError(t, r.SetRule(t.Context(), e))
		_, ok := r.ask(occurrence(t, event.Biz, "<MsgType>event</MsgType><Event>e1</Event>"))
		require.False(t, ok)
		_, ok = r.ask(occurrence(t, event.Biz, "<MsgType>event</MsgType><Event>e2</Event>"))
		require.True(t, ok)
	})
}

func TestUnknownRuleIsNotMadeByAChange(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(say(textReply("reply")))
		e := forward.RuleEntry{ID: 99999, Pattern: texts(), Open: true, Data: forward.RuleData{Port: s.port, Path: "/"}}
		isParam(t, "id", r.SetRule(t.Context(), e))
		isParam(t, "id", r.DeleteRule(t.Context(), 99999))
		_, err := r.TestRule(t.Context(), 99999)
		isParam(t, "id", err)
		_, ok := r.ask(message(t, "wxacc", "x"))
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
		s := r.receiver(nil)
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
		s := r.receiver(say(textReply("reply")))
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
	r := single(t, nil)
	for _, path := range []string{"@evil:80/x", "x", "//evil/", "/..//x", "/a/../b", "/%2e%2e/x", "/%40x", "/a\\b", "/a\r\nHost: x", "/ a"} {
		_, err := r.AddRule(t.Context(), forward.RuleEntry{
			Pattern: texts(), Open: true, Data: forward.RuleData{Port: 8000, Path: path},
		})
		isParam(t, "data.path", err)
	}
}

func TestBadRulesAreRefused(t *testing.T) {
	r := single(t, func(d *forward.Deps) { d.Guard.OwnPorts = []int{8081} })
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
	r := single(t, nil)
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
	r := single(t, func(d *forward.Deps) { d.Guard.AllowPrivate = true })
	s := r.receiver(say("secret"))
	id := r.rule(texts(), forward.Sync, s, func(e *forward.RuleEntry) {
		e.Data = forward.RuleData{URL: fmt.Sprintf("http://localhost:%d/", s.port)}
	})
	answer, err := r.TestRule(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "secret", answer)

	strict := r.another(nil)
	_, err = strict.TestRule(t.Context(), id)
	require.True(t, errno.Is(err, errno.CallFailed), "%v", err)
	require.ErrorIs(t, err, outgoing.ErrForbidden)

	own := r.another(func(d *forward.Deps) { d.Guard = outgoing.Limits{AllowPrivate: true, OwnPorts: []int{s.port}} })
	_, err = own.TestRule(t.Context(), id)
	require.ErrorIs(t, err, outgoing.ErrForbidden)
	r.gets(s, 1)
}

func TestEnvironmentsProxyIsNotUsed(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), func(d *forward.Deps) { d.Guard.AllowPrivate = true }) // the proxy as well
	proxy := r.receiver(say("proxied"))
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	id := r.rule(texts(), forward.Sync, r.receiver(nil), func(e *forward.RuleEntry) {
		e.Data = forward.RuleData{URL: "http://does-not-exist.invalid/"}
	})
	_, err := r.TestRule(t.Context(), id)
	require.Error(t, err)
	require.Zero(t, proxy.count())
}

func TestDeliveriesAreSigned(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, secret := range []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "any text of mine"} {
			s := r.receiver(nil)
			id := r.rule(texts(), forward.Async, s, func(e *forward.RuleEntry) { e.Secret = "x" })
			e, err := r.Rule(t.Context(), id)
			require.NoError(t, err)
			e.Secret = "" // no longer
			e.Secret = secretOf(secret)
			require.NoError(t, r.SetRule(t.Context(), e))
			r.receive(message(t, "wxacc", "signed 你好"))
			got := r.gets(s, 1)[0]
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
	t.Parallel()
	for _, format := range []payload.Format{payload.XML, payload.JSON} {
		r := newRig(t, dbtest.SQLite(t), func(d *forward.Deps) { d.TextMode = format })
		s := r.receiver(say("got it"))
		for i, p := range []forward.Pattern{
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
			id := r.rule(p, forward.Sync, s)
			answer, err := r.TestRule(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, "got it", answer)
			got := r.gets(s, i+1)[i]
			require.Equal(t, "/push/wxtestappid", got.path)
			require.Equal(t, "1", got.header.Get("X-Wxcomponent-Test"))
			channel := event.Biz
			if p.InfoType != "" {
				channel = event.Component
			}
			push := event.Parse(channel, []byte(got.body))
			require.Equal(t, format, push.Format)
			require.NotEmpty(t, push.Field("Test"))
			push.AppID = "wxtestappid"
			require.True(t, p.Match(push), got.body)
			require.NoError(t, r.DeleteRule(t.Context(), id))
		}
	}
}

func TestTestOfARuleSaysWhatWentWrong(t *testing.T) {
	r := single(t, nil)
	s := r.receiver(func(w http.ResponseWriter, _ *http.Request) {
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
	_, ok := r.ask(message(t, "wxacc", "x"))
	require.False(t, ok)
	require.Equal(t, 1, s.count())
}

// A rule that the template's own page wrote in a way that cannot be used does not fire, and does
// not keep the others from it.
func TestRuleThatAnotherProgramWroteBadlyDoesNotFire(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(say(textReply("reply")))
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
		text, ok := r.ask(message(t, "wxacc", "x"))
		require.True(t, ok)
		require.Equal(t, textReply("reply"), text)
		list, total, err := r.Rules(t.Context(), 2, 0, 10)
		require.NoError(t, err)
		require.Len(t, list, 5)
		require.EqualValues(t, 5, total)
	})
}

func TestServiceWithoutADatabaseForwardsNothingAndDoesNotFail(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	r := single(t, func(d *forward.Deps) { d.Log = zap.New(core) })
	require.NoError(t, r.db.Close())
	_, err := r.AddRule(t.Context(), forward.RuleEntry{Pattern: texts(), Data: forward.RuleData{Port: 80, Path: "/"}})
	require.Error(t, err)
	require.False(t, errors.Is(err, context.Canceled))
	r.Nudge()
	waittest.Until(t, func() bool {
		return logs.FilterMessageSnippet("cannot look for due deliveries").Len() > 0
	}, "it looks in vain")
	require.Nil(t, r.Plan(message(t, "wxacc", "x")))
}
