package forward

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

const (
	sampleAppID   = "wxtestappid"
	sampleAccount = "gh_test00000000"
	sampleUser    = "oTEST-user-000000000000000"
	sampleID      = "test-"
)

// TestRule calls a rule's target with a sample of what the rule is about, marked as a test, and
// returns its answer as text.
func (s *Service) TestRule(ctx context.Context, id int) (string, error) {
	e, err := s.Rule(ctx, id)
	if err != nil {
		return "", err
	}
	if !e.Open {
		return "", errno.New(errno.BadState, "the rule is switched off")
	}
	target, err := s.targetOf(e)
	if err != nil {
		return "", errno.Param(fieldPrefix+"path", err.Error())
	}
	m := s.sample(e.Pattern)
	return s.test(ctx, target, &m, e.Data.Mode == Sync)
}

// test calls a target with a sample. Its answer is cut at 20 kB. Where WeChat would wait for it, the
// recorded attempt tells when WeChat would not get it.
func (s *Service) test(ctx context.Context, target *Target, m *Message, waits bool) (string, error) {
	r := request{target: target, message: m, attempt: 1, test: true, limit: keptAnswer}
	a := s.sendWithin(ctx, r)
	failure := a.failure()
	made := s.attempt(r, a, failure, model.CauseTest)
	if waits && failure == nil {
		made.Error = s.wouldBeRefused(ctx, r, a)
	}
	s.settle(ctx, model.Outcome{Attempt: made})
	text := readable(a.body)
	if failure == nil {
		return text, nil
	}
	why := failure.Error()
	if text != "" {
		why += ": " + text
	}
	return "", &errno.Error{Code: errno.CallFailed, Message: failure.Error(), Data: why, Cause: failure}
}

// wouldBeRefused tells why WeChat would not get the answer to a sample, "" when it would.
func (s *Service) wouldBeRefused(ctx context.Context, r request, a *answer) string {
	r.push = event.Parse(r.message.Channel, []byte(r.message.Body))
	if _, unfit := s.replyOf(ctx, r, a); unfit != nil {
		return refusal(unfit, a.body)
	}
	return ""
}

// sample is a push as WeChat might send it, of the kind that a pattern is about.
func (s *Service) sample(p Pattern) Message {
	now := s.deps.Now()
	fields := sampleFields(p, now)
	m := Message{
		Identity: sampleID + strconv.FormatInt(now.UnixNano(), 36), AppID: sampleAppID,
		Channel: event.Biz, Format: s.deps.TextMode, ReceivedMS: now.UnixMilli(),
	}
	if p.component() {
		m.Channel = event.Component
	}
	for _, f := range fields {
		if f.name == "InfoType" || f.name == "Event" || f.name == "MsgType" && m.Event == "" {
			m.Event = f.value
		}
	}
	if m.Format == payload.JSON {
		m.Body = sampleJSON(fields)
	} else {
		m.Format, m.Body = payload.XML, sampleXML(fields)
	}
	return m
}

type sampleField struct {
	name, value string
	number      bool
}

func sampleFields(p Pattern, now time.Time) []sampleField {
	at := sampleField{"CreateTime", strconv.FormatInt(now.Unix(), 10), true}
	mark := sampleField{name: "Test", value: "this is a test of a forwarding rule, nothing has happened"}
	if p.component() {
		info := concrete(p.InfoType, "authorized")
		return append([]sampleField{{name: "AppId", value: sampleAppID}, at, {name: "InfoType", value: info}},
			append(componentFields(info, now), mark)...)
	}
	kind := concrete(p.MsgType, "text")
	if !isAny(p.Event) {
		kind = concrete(p.MsgType, "event")
	}
	fields := []sampleField{
		{name: "ToUserName", value: sampleAccount},
		{name: "FromUserName", value: sampleUser},
		at,
		{name: "MsgType", value: kind},
	}
	if kind == "event" || !isAny(p.Event) {
		what := concrete(p.Event, "subscribe")
		fields = append(append(fields, sampleField{name: "Event", value: what}), eventFields(what)...)
	} else {
		fields = append(append(fields, messageFields(kind)...),
			sampleField{"MsgId", "2" + strconv.FormatInt(now.UnixMicro(), 10), true})
	}
	return append(fields, mark)
}

func concrete(pattern, fallback string) string {
	if isAny(pattern) {
		return fallback
	}
	return pattern
}

func componentFields(info string, now time.Time) []sampleField {
	expires := sampleField{"AuthorizationCodeExpiredTime", strconv.FormatInt(now.Add(time.Hour).Unix(), 10), true}
	account := sampleField{name: "AuthorizerAppid", value: sampleAppID}
	switch info {
	case "component_verify_ticket":
		return []sampleField{{name: "ComponentVerifyTicket", value: "ticket@@@test"}}
	case "authorized", "updateauthorized":
		return []sampleField{
			account,
			{name: "AuthorizationCode", value: "queryauthcode@@@test"},
			expires,
			{name: "PreAuthCode", value: "preauthcode@@@test"},
		}
	case "notify_third_fasteregister", "notify_third_fastregisterbetaapp":
		return []sampleField{
			{name: "appid", value: sampleAppID},
			{"status", "0", true},
			{name: "auth_code", value: "test"},
			{name: "msg", value: "OK"},
		}
	default:
		return []sampleField{account}
	}
}

func messageFields(kind string) []sampleField {
	media := sampleField{name: "MediaId", value: "test-media-id"}
	switch kind {
	case "text":
		return []sampleField{{name: "Content", value: "测试消息 test"}}
	case "image":
		return []sampleField{{name: "PicUrl", value: "https://example.com/test.jpg"}, media}
	case "voice":
		return []sampleField{media, {name: "Format", value: "amr"}}
	case "video", "shortvideo":
		return []sampleField{media, {name: "ThumbMediaId", value: "test-thumb-id"}}
	case "location":
		return []sampleField{
			{"Location_X", "23.134521", true},
			{"Location_Y", "113.358803", true},
			{"Scale", "20", true},
			{name: "Label", value: "测试位置"},
		}
	case "link":
		return []sampleField{
			{name: "Title", value: "test"},
			{name: "Description", value: "test"},
			{name: "Url", value: "https://example.com/"},
		}
	default:
		return nil
	}
}

func eventFields(what string) []sampleField {
	switch what {
	case "subscribe", "SCAN":
		return []sampleField{{name: "EventKey", value: "test"}, {name: "Ticket", value: "test"}}
	case "CLICK":
		return []sampleField{{name: "EventKey", value: "test"}}
	case "VIEW":
		return []sampleField{{name: "EventKey", value: "https://example.com/"}}
	case "weapp_audit_success":
		return []sampleField{{"SuccTime", "1700000000", true}}
	case "weapp_audit_fail":
		return []sampleField{{name: "Reason", value: "测试"}, {"FailTime", "1700000000", true}, {name: "ScreenShot", value: ""}}
	case "weapp_audit_delay":
		return []sampleField{{name: "Reason", value: "测试"}, {"DelayTime", "1700000000", true}}
	default:
		return nil
	}
}

func sampleXML(fields []sampleField) string {
	var b strings.Builder
	b.WriteString("<xml>")
	for _, f := range fields {
		value := "<![CDATA[" + strings.ReplaceAll(f.value, "]]>", "]]]]><![CDATA[>") + "]]>"
		if f.number {
			value = f.value
		}
		fmt.Fprintf(&b, "<%s>%s</%s>", f.name, value, f.name)
	}
	b.WriteString("</xml>")
	return b.String()
}

func sampleJSON(fields []sampleField) string {
	var b bytes.Buffer
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := json.Marshal(f.value)
		if f.number || err != nil {
			value = []byte(f.value)
		}
		fmt.Fprintf(&b, "%q:%s", f.name, value)
	}
	return "{" + b.String() + "}"
}
