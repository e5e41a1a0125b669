package releasecheck

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/log"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
)

// The texts of WeChat's check.
const (
	textMessage   = "TESTCOMPONENT_MSG_TYPE_TEXT"
	codeMessage   = "QUERY_AUTH_CODE:"
	textSuffix    = "_callback"
	eventSuffix   = "from_callback"
	messageSuffix = "_from_api"
)

// Answer is what WeChat gets for a push of the check. The body may be empty: that is an answer too.
type Answer struct {
	Body        []byte
	ContentType string
}

// request is what a push of the check asks for.
type request struct {
	step  Step
	reply string     // the text of a passive reply; StepText and StepEvent
	code  log.Secret // to be exchanged; StepCode
}

// accounts are those of the check by their appids.
type accounts map[string]authorizer.TestAccount

func newAccounts() accounts {
	all := accounts{}
	for _, a := range authorizer.TestAccounts() {
		all[a.AppID] = a
	}
	return all
}

// read tells what a push asks for, false when it is not of the check. The account must be one of
// WeChat's by the address of the push and by the name inside it: the address alone is not signed.
func (a accounts) read(p *event.Push) (request, bool) {
	if p.Channel != event.Biz {
		return request{}, false
	}
	account, ok := a[p.AppID]
	if !ok || account.UserName != p.ToUserName || p.FromUserName == "" {
		return request{}, false
	}
	switch {
	case p.MsgType == "text":
		return readText(strings.TrimSpace(p.Field("Content")))
	case p.MsgType == "event" && p.Event != "" && !account.MiniProgram: // a mini program has no passive replies
		return request{step: StepEvent, reply: p.Event + eventSuffix}, true
	}
	return request{}, false
}

func readText(content string) (request, bool) {
	if content == textMessage {
		return request{step: StepText, reply: content + textSuffix}, true
	}
	code, ok := strings.CutPrefix(content, codeMessage)
	code = strings.TrimSpace(code)
	if !ok || code == "" {
		return request{}, false
	}
	return request{step: StepCode, code: log.Secret(code)}, true
}

// answer is the same for every delivery of the push, on every instance.
func (r request) answer(p *event.Push) Answer {
	if r.step == StepCode {
		return Answer{Body: []byte{}, ContentType: "text/plain; charset=utf-8"}
	}
	at := p.CreatedAt
	if at.IsZero() {
		at = p.ReceivedAt
	}
	if p.Format == payload.JSON {
		return Answer{Body: jsonReply(p, at, r.reply), ContentType: "application/json; charset=utf-8"}
	}
	return Answer{Body: xmlReply(p, at, r.reply), ContentType: "text/xml; charset=utf-8"}
}

func jsonReply(p *event.Push, at time.Time, text string) []byte {
	body, _ := json.Marshal(struct { // texts and numbers always encode
		ToUserName, FromUserName string
		CreateTime               int64
		MsgType, Content         string
	}{p.FromUserName, p.ToUserName, at.Unix(), "text", text})
	return body
}

func xmlReply(p *event.Push, at time.Time, text string) []byte {
	return fmt.Appendf(nil, "<xml><ToUserName>%s</ToUserName><FromUserName>%s</FromUserName><CreateTime>%s</CreateTime>"+
		"<MsgType>%s</MsgType><Content>%s</Content></xml>",
		cdata(p.FromUserName), cdata(p.ToUserName), strconv.FormatInt(at.Unix(), 10), cdata("text"), cdata(text))
}

// cdata writes text as WeChat does. A text that holds the end of a section is spread over two.
func cdata(text string) string {
	return "<![CDATA[" + strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>") + "]]>"
}
