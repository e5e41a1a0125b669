package wxsim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// PushSpec describes a push. What is left out is filled with what WeChat sends for the kind.
type PushSpec struct {
	Channel    string         `json:"channel"`    // component or biz; default: by InfoType
	AppID      string         `json:"appid"`      // the account
	InfoType   string         `json:"infoType"`   // of an authorization event
	MsgType    string         `json:"msgType"`    // of a message; default event when Event is set, else text
	Event      string         `json:"event"`      // of an event
	OpenID     string         `json:"openid"`     // the user; default the account's first
	Content    string         `json:"content"`    // of a text
	CreateTime int64          `json:"createTime"` // seconds; default now
	MsgID      int64          `json:"msgId"`      // default a new one
	Fields     map[string]any `json:"fields"`     // further elements, or other values for usual ones
	Raw        string         `json:"raw"`        // the whole plain text, sent as it is
	Format     Format         `json:"format"`     // default Settings.Format
	Attempts   int            `json:"attempts"`   // default Settings.PushAttempts
}

// Push sends what spec describes and waits for WeChat's attempts to end. An error means that the
// description is wrong; how the product took the push is in the result.
func (s *Sim) Push(ctx context.Context, spec PushSpec) (PushResult, error) {
	p, err := s.prepare(spec)
	if err != nil {
		return PushResult{}, err
	}
	return s.send(ctx, p), nil
}

func (s *Sim) prepare(spec PushSpec) (outgoing, error) {
	if spec.Channel == "" {
		spec.Channel = ChannelBiz
		if spec.InfoType != "" {
			spec.Channel = ChannelComponent
		}
	}
	now := s.now()
	if spec.CreateTime == 0 {
		spec.CreateTime = now.Unix()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settings.Target == "" {
		return outgoing{}, errors.New("no target is set to push to")
	}
	if spec.Format == "" {
		spec.Format = s.settings.Format
	}
	switch spec.Channel {
	case ChannelComponent:
		return s.componentPush(spec)
	case ChannelBiz:
		return s.bizPush(spec, now)
	}
	return outgoing{}, fmt.Errorf("channel must be component or biz, not %q", spec.Channel)
}

func (s *Sim) componentPush(spec PushSpec) (outgoing, error) {
	if spec.InfoType == "" && spec.Raw == "" {
		return outgoing{}, errors.New("infoType is missing")
	}
	fields := Fields{{"AppId", s.appID}, {"CreateTime", spec.CreateTime}, {"InfoType", spec.InfoType}}
	fields = append(fields, sampleComponent(spec.InfoType, spec.AppID)...)
	p := outgoing{channel: ChannelComponent, appID: s.appID, kind: spec.InfoType, attempts: spec.Attempts}
	if spec.AppID != "" {
		p.appID = spec.AppID
	}
	return p.written(spec, fields)
}

func (s *Sim) bizPush(spec PushSpec, now time.Time) (outgoing, error) {
	a := s.accounts.byID[spec.AppID]
	if a == nil {
		return outgoing{}, fmt.Errorf("appid %q: %w", spec.AppID, errNoAccount)
	}
	if spec.MsgType == "" {
		spec.MsgType = "text"
		if spec.Event != "" {
			spec.MsgType = "event"
		}
	}
	if spec.OpenID == "" {
		spec.OpenID = openID(a.AppID, 0)
	}
	fields := Fields{
		{"ToUserName", a.UserName},
		{"FromUserName", spec.OpenID},
		{"CreateTime", spec.CreateTime},
		{"MsgType", spec.MsgType},
	}
	p := outgoing{
		channel: ChannelBiz, appID: a.AppID, userName: a.UserName, openID: spec.OpenID, kind: spec.MsgType,
		replies: a.Kind == Official, attempts: spec.Attempts,
	}
	if spec.MsgType == "event" {
		p.kind = spec.Event
		fields = append(append(fields, Field{"Event", spec.Event}), sampleEvent(spec.Event, a, now)...)
		return p.written(spec, fields)
	}
	if spec.MsgID == 0 {
		spec.MsgID = s.records.msgIDs.Add(1)
	}
	fields = append(fields, sampleMessage(spec.MsgType, spec.Content, a)...)
	return p.written(spec, append(fields, Field{"MsgId", spec.MsgID}))
}

// written adds the plain text.
func (p outgoing) written(spec PushSpec, fields Fields) (outgoing, error) {
	p.format = spec.Format
	if spec.Raw != "" {
		p.plain = []byte(spec.Raw)
		return p, nil
	}
	fields = fields.with(spec.Fields)
	if spec.Format == FormatXML {
		p.plain = fields.XML()
		return p, nil
	}
	var err error
	p.plain, err = json.Marshal(fields)
	return p, err
}

// openID names the n-th user of an account.
func openID(appID string, n int) string {
	return fmt.Sprintf("o%07x%012x%08x", hashOf(appID)&0xfffffff, hashOf(fmt.Sprint(appID, n))&0xffffffffffff, uint32(n)) //nolint:gosec // an id
}

// PushTicket pushes a new component_verify_ticket.
func (s *Sim) PushTicket(ctx context.Context) PushResult {
	s.mu.Lock()
	value := s.tokens.newTicket(s.now())
	s.mu.Unlock()
	return s.pushComponent(ctx, "", "component_verify_ticket", Fields{{"ComponentVerifyTicket", value}})
}

// pushComponent sends an authorization event with just these fields.
func (s *Sim) pushComponent(ctx context.Context, appID, infoType string, fields Fields) PushResult {
	set, now := s.Settings(), s.now()
	p := outgoing{channel: ChannelComponent, appID: appID, kind: infoType}
	if appID == "" {
		p.appID = s.appID
	}
	all := append(Fields{{"AppId", s.appID}, {"CreateTime", now.Unix()}, {"InfoType", infoType}}, fields...)
	p, err := p.written(PushSpec{Format: set.Format}, all)
	if err != nil || set.Target == "" {
		return PushResult{Channel: ChannelComponent, AppID: p.appID, Kind: infoType}
	}
	return s.send(ctx, p)
}

var errNoAudit = errors.New("no version of the mini program is being audited")

// ApproveAudit passes the running audit and pushes weapp_audit_success.
func (s *Sim) ApproveAudit(ctx context.Context, appID string) (PushResult, error) {
	return s.decide(ctx, appID, auditApproved, "")
}

// RejectAudit fails the running audit with a reason, which may hold HTML as WeChat's do, and
// pushes weapp_audit_fail.
func (s *Sim) RejectAudit(ctx context.Context, appID, reason string) (PushResult, error) {
	return s.decide(ctx, appID, auditRejected, reason)
}

// DelayAudit puts the running audit off and pushes weapp_audit_delay.
func (s *Sim) DelayAudit(ctx context.Context, appID, reason string) (PushResult, error) {
	return s.decide(ctx, appID, auditDelayed, reason)
}

// ReviewPrivacy ends the review of an account's privacy statement: it pushes the event that an audit of
// code ends with, and changes no audit.
func (s *Sim) ReviewPrivacy(ctx context.Context, appID string, approved bool, reason string) (PushResult, error) {
	status := auditRejected
	if approved {
		status = auditApproved
	}
	return s.review(ctx, appID, status, reason)
}

func (s *Sim) review(ctx context.Context, appID string, status int, reason string) (PushResult, error) {
	if _, ok := s.Account(appID); !ok {
		return PushResult{}, errNoAccount
	}
	if reason == "" && status != auditApproved {
		reason = "用户隐私保护指引的内容不完整，请补充后重新提交。"
	}
	event, fields := reviewEvent(status, reason, "", s.now())
	return s.Push(ctx, PushSpec{AppID: appID, Event: event, OpenID: openID(appID, 0), Fields: fields.asMap()})
}

func (s *Sim) decide(ctx context.Context, appID string, status int, reason string) (PushResult, error) {
	if reason == "" && status != auditApproved {
		reason = "1:小程序内容不符合规则:<br>(1):你的小程序「首页」涉及未选择的类目，请补充后重新提交。<br>"
	}
	var spec PushSpec
	err := s.change(appID, func(a *account) error {
		event, fields, err := a.weapp.decideAudit(status, reason, s.now())
		if err != nil {
			return err
		}
		spec = PushSpec{AppID: appID, Event: event, OpenID: openID(appID, 0), Fields: fields.asMap()}
		return nil
	})
	if err != nil {
		return PushResult{}, err
	}
	return s.Push(ctx, spec)
}

// runAudits approves what has waited for Settings.AutoAudit.
func (s *Sim) runAudits(ctx context.Context) {
	for ctx.Err() == nil {
		for _, appID := range s.dueAudits() {
			_, _ = s.ApproveAudit(ctx, appID) // only one that was decided meanwhile can fail
		}
		sleep(ctx, 500*time.Millisecond)
	}
}

func (s *Sim) dueAudits() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := s.settings.AutoAudit.std()
	if wait == 0 {
		return nil
	}
	var due []string
	for _, a := range s.accounts.order {
		if w := a.weapp; w != nil && w.audit != nil && w.audit.status == auditPending && s.now().Sub(w.audit.submitted) >= wait {
			due = append(due, a.AppID)
		}
	}
	return due
}
