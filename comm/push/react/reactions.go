package react

import (
	"context"
	"strconv"
	"strings"
	"time"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/log"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/event"
)

// reaction is what is done about one InfoType or Event.
type reaction struct {
	fields []string                 // of the push, kept for run
	only   func(p *event.Push) bool // nil: every such push
	run    func(context.Context, *Push) error
}

// componentReactions are the reactions to authorization events. The ticket is not here: it is
// taken where the push arrives.
func (h *Handler) componentReactions() map[string]reaction {
	grant := []string{fieldCode, fieldCodeExpires, fieldPreAuthCode}
	return map[string]reaction{
		"authorized":                 {fields: grant, run: h.authorized},
		"updateauthorized":           {fields: grant, run: h.updated},
		"unauthorized":               {run: h.unauthorized},
		"notify_third_fasteregister": {fields: []string{fieldFastCode}, only: registrationSucceeded, run: h.registered},
	}
}

// bizReactions are the reactions to events of authorized accounts.
func (h *Handler) bizReactions() map[string]reaction {
	if h.deps.Audits == nil {
		return nil
	}
	return map[string]reaction{
		"weapp_audit_success": {fields: []string{"SuccTime"}, run: h.auditEnded(wx.AuditApproved, "SuccTime")},
		"weapp_audit_fail":    {fields: []string{"Reason", "ScreenShot", "FailTime"}, run: h.auditEnded(wx.AuditRejected, "FailTime")},
		"weapp_audit_delay":   {fields: []string{"Reason", "DelayTime"}, run: h.auditEnded(wx.AuditDelayed, "DelayTime")},
	}
}

// Fields of authorization events.
const (
	fieldCode        = "AuthorizationCode"
	fieldCodeExpires = "AuthorizationCodeExpiredTime"
	fieldPreAuthCode = "PreAuthCode"
	fieldFastCode    = "auth_code"
)

func (h *Handler) authorized(ctx context.Context, p *Push) error {
	return h.deps.Accounts.Authorized(ctx, grantOf(p, fieldCode, authorizer.HistoryAuthorized))
}

func (h *Handler) updated(ctx context.Context, p *Push) error {
	return h.deps.Accounts.Authorized(ctx, grantOf(p, fieldCode, authorizer.HistoryUpdated))
}

// registered is a mini program that the platform had registered; it comes with an authorization
// (notify_third_fasteregister).
func (h *Handler) registered(ctx context.Context, p *Push) error {
	return h.deps.Accounts.Authorized(ctx, grantOf(p, fieldFastCode, authorizer.HistoryAuthorized))
}

// registrationSucceeded tells whether there is an account now: other states bring none.
func registrationSucceeded(p *event.Push) bool {
	return strings.TrimSpace(p.Field("status")) == "0" && p.Field(fieldFastCode) != ""
}

func (h *Handler) unauthorized(ctx context.Context, p *Push) error {
	return h.deps.Accounts.Unauthorized(ctx, p.AppID, p.at())
}

// codeLife is how long an authorization code is good when WeChat does not say.
const codeLife = time.Hour

func grantOf(p *Push, codeField, kind string) authorizer.AuthEvent {
	return authorizer.AuthEvent{
		AppID:       p.AppID,
		Kind:        kind,
		Code:        log.Secret(p.Fields[codeField]),
		CodeExpires: codeExpires(p.Fields[fieldCodeExpires], p.at()),
		PreAuthCode: log.Secret(p.Fields[fieldPreAuthCode]),
		CreatedAt:   p.at(),
	}
}

// codeExpires reads AuthorizationCodeExpiredTime, which WeChat sends as a time (unix seconds) and
// documents as a number of seconds.
func codeExpires(text string, from time.Time) time.Time {
	const firstTime = 1_000_000_000 // smaller numbers are durations
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	switch {
	case err != nil || n <= 0 || n > 1<<33:
		return from.Add(codeLife)
	case n < firstTime:
		return from.Add(min(time.Duration(n)*time.Second, 24*time.Hour))
	}
	return time.Unix(n, 0).UTC()
}

func (h *Handler) auditEnded(state int, timeField string) func(context.Context, *Push) error {
	return func(ctx context.Context, p *Push) error {
		at := p.at()
		if n, err := strconv.ParseInt(strings.TrimSpace(p.Fields[timeField]), 10, 64); err == nil && n > 0 && n < 1<<33 {
			at = p.notLater(time.Unix(n, 0).UTC())
		}
		return h.deps.Audits.AuditResult(ctx, p.AppID, weapp.AuditOutcome{
			State: state, Reason: p.Fields["Reason"], ScreenShot: p.Fields["ScreenShot"], At: at, ReceivedAt: p.ReceivedAt,
		})
	}
}
