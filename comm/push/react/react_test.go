package react_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/push/react"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// recorder takes what reactions do.
type recorder struct {
	granted []authorizer.AuthEvent
	ended   []string
	audits  []weapp.AuditOutcome
	fail    error
}

func (r *recorder) Authorized(_ context.Context, ev authorizer.AuthEvent) error {
	r.granted = append(r.granted, ev)
	return r.fail
}

func (r *recorder) Unauthorized(_ context.Context, appid string, at time.Time) error {
	r.ended = append(r.ended, fmt.Sprint(appid, "@", at.Unix()))
	return r.fail
}

func (r *recorder) AuditResult(_ context.Context, appid string, o weapp.AuditOutcome) error {
	o.Reason = appid + ": " + o.Reason
	r.audits = append(r.audits, o)
	return r.fail
}

// testSealer only looks like encryption.
type testSealer struct{ fail error }

func (s testSealer) Seal(plain, aad string) (string, error) {
	return "enc1:" + base64.StdEncoding.EncodeToString([]byte(aad+"\n"+plain)), s.fail
}

func (testSealer) Open(sealed, aad string) (string, error) {
	encoded, ok := strings.CutPrefix(sealed, "enc1:")
	if !ok {
		return sealed, nil
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	plain, ok := strings.CutPrefix(string(text), aad+"\n")
	if err != nil || !ok {
		return "", errors.New("cannot open")
	}
	return plain, nil
}

var received = time.Unix(1_800_000_005, 0).UTC()

func parse(t *testing.T, channel event.Channel, body string) *event.Push {
	t.Helper()
	p := event.Parse(channel, []byte(body))
	p.ReceivedAt = received
	if channel == event.Biz {
		p.AppID = "wxbiz"
	}
	return p
}

func run(t *testing.T, h *react.Handler, work model.Work) error {
	t.Helper()
	return h.Handle(t.Context(), &queue.Task{Payload: work.Payload})
}

func TestReactions(t *testing.T) {
	at := time.Unix(1_800_000_000, 0).UTC()
	for name, c := range map[string]struct {
		channel event.Channel
		body    string
		want    recorder
	}{
		"authorized, XML": {
			event.Component,
			`<xml><AppId>wxplatform</AppId><CreateTime>1800000000</CreateTime><InfoType>authorized</InfoType>` +
				`<AuthorizerAppid>wx1</AuthorizerAppid><AuthorizationCode>code-secret</AuthorizationCode>` +
				`<AuthorizationCodeExpiredTime>1800003600</AuthorizationCodeExpiredTime><PreAuthCode>pre</PreAuthCode></xml>`,
			recorder{granted: []authorizer.AuthEvent{{
				AppID: "wx1", Kind: "authorized", Code: "code-secret", CodeExpires: at.Add(time.Hour), PreAuthCode: "pre", CreatedAt: at,
			}}},
		},
		"updateauthorized, JSON, a duration for a time": {
			event.Component,
			`{"AppId":"wxplatform","CreateTime":1800000000,"InfoType":"updateauthorized","AuthorizerAppid":"wx1",` +
				`"AuthorizationCode":"code-secret","AuthorizationCodeExpiredTime":"600"}`,
			recorder{granted: []authorizer.AuthEvent{{
				AppID: "wx1", Kind: "updated", Code: "code-secret", CodeExpires: at.Add(10 * time.Minute), CreatedAt: at,
			}}},
		},
		"authorized, without times": {
			event.Component,
			`{"AppId":"wxplatform","InfoType":"authorized","AuthorizerAppid":"wx1","AuthorizationCode":"code-secret"}`,
			recorder{granted: []authorizer.AuthEvent{{
				AppID: "wx1", Kind: "authorized", Code: "code-secret", CodeExpires: received.Add(time.Hour), CreatedAt: received,
			}}},
		},
		"authorized, dated in the future": {
			event.Component,
			`{"AppId":"wxplatform","CreateTime":1900000000,"InfoType":"authorized","AuthorizerAppid":"wx1","AuthorizationCode":"code-secret"}`,
			recorder{granted: []authorizer.AuthEvent{{
				AppID: "wx1", Kind: "authorized", Code: "code-secret", CodeExpires: received.Add(time.Hour), CreatedAt: received,
			}}},
		},
		"unauthorized, dated in the future": {
			event.Component,
			`<xml><AppId>wxplatform</AppId><CreateTime>4102444800</CreateTime><InfoType>unauthorized</InfoType><AuthorizerAppid>wx1</AuthorizerAppid></xml>`,
			recorder{ended: []string{"wx1@1800000005"}},
		},
		"unauthorized in the second in which it arrived": {
			event.Component,
			`{"AppId":"wxplatform","CreateTime":1800000005,"InfoType":"unauthorized","AuthorizerAppid":"wx1"}`,
			recorder{ended: []string{"wx1@1800000005"}},
		},
		"approved audit, dated in the future": {
			event.Biz,
			`{"ToUserName":"gh_1","CreateTime":1800000000,"MsgType":"event","Event":"weapp_audit_success","SuccTime":1900000000}`,
			recorder{audits: []weapp.AuditOutcome{{State: wx.AuditApproved, Reason: "wxbiz: ", At: received, ReceivedAt: received}}},
		},
		"unauthorized": {
			event.Component,
			`{"AppId":"wxplatform","CreateTime":"1800000000","InfoType":"unauthorized","AuthorizerAppid":"wx1"}`,
			recorder{ended: []string{"wx1@1800000000"}},
		},
		"fast registration is not ignored": {
			event.Component,
			`<xml><AppId>wxplatform</AppId><CreateTime>1800000000</CreateTime><InfoType>notify_third_fasteregister</InfoType>` +
				`<appid>wxfast</appid><status><![CDATA[0]]></status><auth_code>code-secret</auth_code><msg>OK</msg>` +
				`<info><name>店</name></info></xml>`,
			recorder{granted: []authorizer.AuthEvent{{
				AppID: "wxfast", Kind: "authorized", Code: "code-secret", CodeExpires: at.Add(time.Hour), CreatedAt: at,
			}}},
		},
		"failed registration": {
			event.Component,
			`<xml><AppId>wxplatform</AppId><CreateTime>1800000000</CreateTime><InfoType>notify_third_fasteregister</InfoType>` +
				`<appid>wxfast</appid><status>100001</status><auth_code>code-secret</auth_code></xml>`,
			recorder{},
		},
		"the ticket is taken elsewhere": {
			event.Component, `{"AppId":"wxplatform","InfoType":"component_verify_ticket","ComponentVerifyTicket":"t"}`, recorder{},
		},
		"unknown event": {
			event.Component, `{"AppId":"wxplatform","InfoType":"something_new","AuthorizerAppid":"wx1"}`, recorder{},
		},
		"an appid that no account can have": {
			event.Component, `{"InfoType":"unauthorized","AuthorizerAppid":"` + strings.Repeat("x", 33) + `"}`, recorder{},
		},
		"approved audit": {
			event.Biz,
			`{"ToUserName":"gh_1","FromUserName":"o","CreateTime":1800000000,"MsgType":"event","Event":"weapp_audit_success","SuccTime":1800000001}`,
			recorder{audits: []weapp.AuditOutcome{{State: wx.AuditApproved, Reason: "wxbiz: ", At: at.Add(time.Second), ReceivedAt: received}}},
		},
		"rejected audit": {
			event.Biz,
			`<xml><ToUserName>gh_1</ToUserName><FromUserName>o</FromUserName><CreateTime>1800000000</CreateTime><MsgType>event</MsgType>` +
				`<Event>weapp_audit_fail</Event><Reason>1. no</Reason><FailTime>1800000002</FailTime><ScreenShot>a|b</ScreenShot></xml>`,
			recorder{audits: []weapp.AuditOutcome{{
				State: wx.AuditRejected, Reason: "wxbiz: 1. no", ScreenShot: "a|b", At: at.Add(2 * time.Second), ReceivedAt: received,
			}}},
		},
		"delayed audit": {
			event.Biz,
			`{"ToUserName":"gh_1","CreateTime":1800000000,"MsgType":"event","Event":"WEAPP_AUDIT_DELAY","Reason":"later"}`,
			recorder{audits: []weapp.AuditOutcome{{State: wx.AuditDelayed, Reason: "wxbiz: later", At: at, ReceivedAt: received}}},
		},
		"a text that looks like an event": {
			event.Biz, `{"ToUserName":"gh_1","MsgType":"text","Event":"weapp_audit_success"}`, recorder{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got recorder
			h := react.New(react.Deps{Accounts: &got, Audits: &got, Sealer: testSealer{}, Log: zap.NewNop()})
			push := parse(t, c.channel, c.body)
			work := h.Plan(push)
			for _, w := range work {
				require.Equal(t, react.Kind, w.Kind)
				require.Equal(t, react.Kind+":"+push.Identity(), *w.UKey)
				require.NotContains(t, w.Payload, "code-secret", "a code that still works must not lie about")
				require.NoError(t, run(t, h, w))
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestFailureIsReported(t *testing.T) {
	got := &recorder{fail: errors.New("WeChat is away")}
	h := react.New(react.Deps{Accounts: got, Sealer: testSealer{}, Log: zap.NewNop()})
	work := h.Plan(parse(t, event.Component, `{"InfoType":"unauthorized","AuthorizerAppid":"wx1","CreateTime":1}`))
	require.ErrorContains(t, run(t, h, work[0]), "WeChat is away")
}

func TestEventIsNotLostWhenSealingFails(t *testing.T) {
	var got recorder
	h := react.New(react.Deps{Accounts: &got, Sealer: testSealer{fail: errors.New("no randomness")}, Log: zap.NewNop()})
	work := h.Plan(parse(t, event.Component, `{"InfoType":"unauthorized","AuthorizerAppid":"wx1","CreateTime":1}`))
	require.NoError(t, run(t, h, work[0]))
	require.Len(t, got.ended, 1)
}

func TestWorkThatCannotBeReadIsNotTriedForEver(t *testing.T) {
	h := react.New(react.Deps{Accounts: &recorder{}, Sealer: testSealer{}, Log: zap.NewNop()})
	require.Error(t, h.Handle(t.Context(), &queue.Task{Payload: "garbage"}))
	require.Error(t, h.Handle(t.Context(), &queue.Task{Payload: `{"Name":"from_a_newer_version"}`}))
}

func TestAuditsAreLeftAloneWithoutTheirHandler(t *testing.T) {
	h := react.New(react.Deps{Accounts: &recorder{}, Sealer: testSealer{}, Log: zap.NewNop()})
	require.Empty(t, h.Plan(parse(t, event.Biz, `{"MsgType":"event","Event":"weapp_audit_success"}`)))
}
