package forward

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
)

const (
	shownAnswer = 40 // characters of an answer that the reason shows
	byteMark    = "\ufeff"

	transferMsgType = "transfer_customer_service"
	newsMsgType     = "news"
)

// replyParts are the parts without which a passive reply is none, by its MsgType, besides those that
// every reply has.
//
// The source of all but the last is WeChat's page on passive replies (Passive_user_reply_message),
// where they are marked as required; of the last, the pages on customer service of official accounts
// and of mini programs, which want nothing more.
func replyParts(msgType string) (parts []string, known bool) {
	switch msgType {
	case "text":
		return []string{"Content"}, true
	case "image":
		return []string{"Image.MediaId"}, true
	case "voice":
		return []string{"Voice.MediaId"}, true
	case "video":
		return []string{"Video.MediaId"}, true
	case "music":
		return []string{"Music.ThumbMediaId"}, true
	case newsMsgType:
		return []string{"ArticleCount"}, true // and the articles, see checkNews
	case transferMsgType:
		return nil, true
	}
	return nil, false
}

// answerKind is the form of an answer that an event has of its own.
type answerKind int

const (
	passive answerKind = iota // none of its own
	errCode                   // ErrCode and ErrMsg
	result                    // the event with ResultCode and ResultMsg
)

// ownAnswer tells which form WeChat documents for the answer to an event.
func ownAnswer(name string) answerKind {
	for _, own := range [...]struct {
		pattern string
		kind    answerKind
	}{
		{"xpay_*", errCode},                  // virtual payment: goods and coins to be delivered, refunds
		{"minigame_*", errCode},              // the same of mini games
		{"*_waybill", result},                // logistics assistant, for carriers: logistics.onAddOrder, onCancelOrder
		{"get_quota", result},                // logistics.onGetQuota
		{"check_biz", result},                // logistics.onCheckBusiness
		{"transport_*", result},              // instant delivery, for carriers: immediateDelivery.onOrderAdd and others
		{"get_pre_auth_code", result},        // immediateDelivery.onPreAuthCodeGet
		{"get_auth_info", result},            // immediateDelivery.onAuthInfoGet
		{"mock_update_order_status", result}, // immediateDelivery.onMockUpdateOrder
	} {
		if ok, err := path.Match(own.pattern, strings.ToLower(name)); ok && err == nil {
			return own.kind
		}
	}
	return passive
}

// saysNothing tells whether an answer means "success", in these words or in none.
func saysNothing(body []byte) bool {
	text := strings.TrimSpace(string(body))
	return text == "" || text == success
}

// replyTo returns what of an answer WeChat gets as the reply to a push, or why it is no reply: WeChat
// would tell the user that the service is out of order. A byte order mark before a reply is left
// out, everything else stays as it is. mini is asked only where the kind of account matters.
func replyTo(push *event.Push, body []byte, mini func() bool) ([]byte, error) {
	if push.Channel != event.Biz {
		return nil, errors.New("an authorization event is answered with success alone")
	}
	body = bytes.TrimPrefix(body, []byte(byteMark))
	doc, err := readReply(body)
	if err != nil {
		return nil, err
	}
	switch ownAnswer(push.Event) {
	case errCode:
		return body, doc.checkErrCode()
	case result:
		return body, doc.checkResult(push)
	case passive:
	}
	return body, doc.checkPassive(push, mini)
}

// reply is an answer that has been read.
type reply struct{ payload.Document }

// readReply reads an answer that is one document without a defect.
func readReply(body []byte) (reply, error) {
	doc := payload.Parse(body)
	if doc.Defect != "" || !wellFormed(doc.Format, body) {
		return reply{}, errors.New("it is neither XML nor a JSON object in good form")
	}
	if doc.Format == payload.XML {
		text := strings.TrimSpace(string(body))
		if strings.HasPrefix(text, "<?xml") && !bytes.HasPrefix(body, []byte("<?xml")) {
			return reply{}, errors.New("something stands before its XML declaration")
		}
		if !strings.HasSuffix(text, "</xml>") {
			return reply{}, errors.New("its outermost element is not xml")
		}
	}
	return reply{doc}, nil
}

// wellFormed tells whether everybody can read an answer: WeChat is not as lenient as our reader.
func wellFormed(format payload.Format, body []byte) bool {
	if format == payload.JSON {
		return json.Valid(body)
	}
	for dec := xml.NewDecoder(bytes.NewReader(body)); ; {
		if _, err := dec.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// part is the value at a path. WeChat's names are told apart by case.
func (r reply) part(at string) string {
	for i := range r.Fields {
		if r.Fields[i].Path == at {
			return r.Fields[i].Value
		}
	}
	return ""
}

func (r reply) lacks(at string) bool { return strings.TrimSpace(r.part(at)) == "" }

func (r reply) checkErrCode() error { return r.checkNumber("ErrCode") }

// checkResult checks the answer of a carrier, which repeats the event. Its members are written in
// capitals by the one interface and in small letters by the other.
func (r reply) checkResult(push *event.Push) error {
	if r.part("MsgType") != "event" || !strings.EqualFold(r.part("Event"), push.Event) {
		return fmt.Errorf("the answer to %s repeats MsgType and Event", clip(push.Event, shownAnswer))
	}
	if r.checkNumber("resultcode") == nil {
		return nil
	}
	return r.checkNumber("ResultCode")
}

func (r reply) checkNumber(at string) error {
	if _, err := strconv.Atoi(strings.TrimSpace(r.part(at))); err != nil {
		return fmt.Errorf("the answer to this event has a number as %s", at)
	}
	return nil
}

// checkPassive checks a passive reply.
func (r reply) checkPassive(push *event.Push, mini func() bool) error {
	if r.Format == payload.JSON && push.Format == payload.XML {
		return errors.New("a push in XML is not answered in JSON")
	}
	msgType := r.part("MsgType")
	parts, known := replyParts(msgType)
	switch {
	case msgType == "":
		return errors.New("MsgType is missing")
	case !known:
		return errors.New("its MsgType is none that WeChat takes as a reply")
	}
	for _, at := range slices.Concat([]string{"ToUserName", "FromUserName", "CreateTime"}, parts) {
		if r.lacks(at) {
			return fmt.Errorf("%s is missing or empty", at)
		}
	}
	if err := r.checkParties(push); err != nil {
		return err
	}
	if msgType == newsMsgType {
		if err := r.checkNews(); err != nil {
			return err
		}
	}
	if (msgType != transferMsgType || push.MsgType == "event") && mini() {
		return errors.New("a mini program may answer a message with " + transferMsgType + " alone, and an event with nothing")
	}
	return nil
}

// checkParties sees that the reply goes back where the push came from: WeChat takes no other.
func (r reply) checkParties(push *event.Push) error {
	if push.FromUserName != "" && r.part("ToUserName") != push.FromUserName {
		return errors.New("ToUserName is not the sender of the push")
	}
	if push.ToUserName != "" && r.part("FromUserName") != push.ToUserName {
		return errors.New("FromUserName is not the receiver of the push")
	}
	if _, err := strconv.ParseInt(strings.TrimSpace(r.part("CreateTime")), 10, 64); err != nil {
		return errors.New("CreateTime is not a number")
	}
	return nil
}

// checkNews counts the articles: each has a title and an address.
func (r reply) checkNews() error {
	count, err := strconv.Atoi(strings.TrimSpace(r.part("ArticleCount")))
	if err != nil || count < 1 {
		return errors.New("ArticleCount is not a number above 0")
	}
	for _, name := range [...]string{"Title", "Url"} {
		if n := r.articlesWith(name); n != count {
			return fmt.Errorf("ArticleCount is %d, but %d articles have a %s", count, n, name)
		}
	}
	return nil
}

// articlesWith counts the articles that have a part. In JSON they may stand in the list itself.
func (r reply) articlesWith(name string) (n int) {
	for i := range r.Fields {
		at := r.Fields[i].Path
		inList := at == "Articles.item."+name || r.Format == payload.JSON && at == "Articles."+name
		if inList && strings.TrimSpace(r.Fields[i].Value) != "" {
			n++
		}
	}
	return n
}

// beginningOf shows the first characters of an answer, those that cannot be seen as their escapes.
func beginningOf(body []byte) string {
	text := []rune(strings.ToValidUTF8(string(body[:min(len(body), 4*shownAnswer)]), "\ufffd"))
	return strconv.QuoteToGraphic(string(text[:min(len(text), shownAnswer)]))
}
