package forward_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// replyHead is what every reply to the pushes of these tests has.
const replyHead = "<ToUserName><![CDATA[user]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName><CreateTime>1</CreateTime>"

const (
	jsonHead     = `"ToUserName":"user","FromUserName":"gh_1","CreateTime":1,`
	transferring = "<xml>" + replyHead + "<MsgType>transfer_customer_service</MsgType></xml>"
)

// textReply is a good reply to a message.
func textReply(text string) string {
	return "<xml>" + replyHead + "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[" + text + "]]></Content></xml>"
}

func replyOf(kind, parts string) string {
	return "<xml>" + replyHead + "<MsgType><![CDATA[" + kind + "]]></MsgType>" + parts + "</xml>"
}

// push is one of the account gh_1 from the user.
func push(t testing.TB, format payload.Format, what string) *event.Push {
	t.Helper()
	body := "<xml><ToUserName>gh_1</ToUserName><FromUserName>user</FromUserName><MsgType>text</MsgType><MsgId>1</MsgId></xml>"
	if what != "" {
		body = "<xml><ToUserName>gh_1</ToUserName><FromUserName>user</FromUserName><MsgType>event</MsgType><Event>" + what + "</Event></xml>"
	}
	p := event.Parse(event.Biz, []byte(body))
	p.Format = format
	return p
}

func TestRepliesOfTheRightFormAreGood(t *testing.T) {
	const articles = "<Articles><item><Title>a</Title><Url>http://a/</Url></item><item><Title>b</Title><Description/><Url>http://b/</Url></item></Articles>"
	for name, tt := range map[string]struct {
		format payload.Format
		event  string
		mini   bool
		answer string
	}{
		"text":                     {answer: textReply("hi 😀")},
		"text with a prologue":     {answer: `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + textReply("hi") + "\n"},
		"image":                    {answer: replyOf("image", "<Image><MediaId>m</MediaId></Image>")},
		"voice":                    {answer: replyOf("voice", "<Voice><MediaId>m</MediaId></Voice>")},
		"video":                    {answer: replyOf("video", "<Video><MediaId>m</MediaId><Title/></Video>")},
		"music":                    {answer: replyOf("music", "<Music><Title/><ThumbMediaId>m</ThumbMediaId></Music>")},
		"news":                     {answer: replyOf("news", "<ArticleCount>2</ArticleCount>"+articles)},
		"customer service":         {answer: transferring},
		"a mini program's":         {mini: true, answer: transferring},
		"to an event":              {event: "subscribe", answer: textReply("hi")},
		"XML to JSON":              {format: payload.JSON, answer: textReply("hi")},
		"JSON":                     {format: payload.JSON, answer: `{` + jsonHead + `"MsgType":"text","Content":"hi"}`},
		"a mini program's in JSON": {format: payload.JSON, mini: true, answer: `{` + jsonHead + `"MsgType":"transfer_customer_service"}`},
		"news in JSON": {format: payload.JSON, answer: `{` + jsonHead +
			`"MsgType":"news","ArticleCount":1,"Articles":[{"Title":"a","Description":"","PicUrl":"","Url":"http://a/"}]}`},
		"of virtual payment":          {event: "xpay_goods_deliver_notify", mini: true, answer: `{"ErrCode":0,"ErrMsg":"success"}`},
		"of virtual payment, not yet": {event: "xpay_goods_deliver_notify", mini: true, answer: `{"ErrCode":-1,"ErrMsg":"again"}`},
		"of virtual payment in XML":   {event: "xpay_coin_pay_notify", answer: "<xml><ErrCode>0</ErrCode><ErrMsg>success</ErrMsg></xml>"},
		"of a carrier": {
			event: "cancel_waybill", mini: true,
			answer: "<xml>" + replyHead + "<MsgType>event</MsgType><Event>CANCEL_WAYBILL</Event><ResultCode>0</ResultCode></xml>",
		},
		"of instant delivery": {
			event: "transport_readd_order", mini: true,
			answer: `{"MsgType":"event","Event":"transport_readd_order","resultcode":0,"resultmsg":"ok"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.format == "" {
				tt.format = payload.XML
			}
			body, err := forward.ReplyTo(push(t, tt.format, tt.event), []byte(tt.answer), func() bool { return tt.mini })
			require.NoError(t, err)
			require.Equal(t, tt.answer, string(body))
		})
	}
}

func TestByteOrderMarkBeforeAReplyIsLeftOut(t *testing.T) {
	body, err := forward.ReplyTo(push(t, payload.XML, ""), []byte("\ufeff"+textReply("hi")), func() bool { return false })
	require.NoError(t, err)
	require.Equal(t, textReply("hi"), string(body))
}

// badAnswers are answers to an XML message of an official account that are no replies, with a part of
// the reason.
func badAnswers() map[string]string {
	return map[string]string{
		`"success"`:                        "neither XML nor",
		"SUCCESS":                          "neither XML nor",
		"ok":                               "neither XML nor",
		`{"code":0,"msg":"ok"}`:            "a push in XML is not answered in JSON",
		"null":                             "neither XML nor",
		"\ufeffsuccess":                    "neither XML nor",
		`[{"MsgType":"text"}]`:             "neither XML nor",
		"success<xml/>":                    "neither XML nor",
		"<!DOCTYPE html><html></html>":     "neither XML nor",
		"<html><body>log in</body></html>": "outermost",
		"<br /><b>Warning</b>: x" + textReply("hi"):   "neither XML nor",
		textReply("hi") + textReply("hi"):             "neither XML nor",
		textReply("hi") + "<!-- 3 ms -->":             "outermost",
		"\n<?xml version=\"1.0\"?>" + textReply("hi"): "before its XML declaration",
		strings.TrimSuffix(textReply("hi"), "</xml>"): "neither XML nor",
		textReply(""):                                       "Content is missing",
		textReply(" "):                                      "Content is missing",
		replyOf("text", ""):                                 "Content is missing",
		replyOf("text", "<content>hi</content>"):            "Content is missing",
		replyOf("image", "<MediaId>m</MediaId>"):            "Image.MediaId is missing",
		replyOf("voice", ""):                                "Voice.MediaId is missing",
		replyOf("video", "<Video/>"):                        "Video.MediaId is missing",
		replyOf("music", "<Music><Title>x</Title></Music>"): "Music.ThumbMediaId is missing",
		replyOf("news", "<ArticleCount>0</ArticleCount>"):   "ArticleCount is not a number above 0",
		replyOf("news", "<ArticleCount>2</ArticleCount><Articles><item><Title>a</Title><Url>u</Url></item></Articles>"): "ArticleCount is 2, but 1",
		replyOf("link", "<Title>x</Title>"):                                                  "its MsgType is none",
		replyOf("TEXT", "<Content>hi</Content>"):                                             "its MsgType is none",
		"<xml>" + replyHead + "<Content>hi</Content></xml>":                                  "MsgType is missing",
		"<xml><MsgType>text</MsgType><Content>hi</Content></xml>":                            "ToUserName is missing",
		strings.Replace(textReply("hi"), "[user]", "[other]", 1):                             "ToUserName is not the sender",
		strings.Replace(textReply("hi"), "[gh_1]", "[gh_2]", 1):                              "FromUserName is not the receiver",
		strings.NewReplacer("[gh_1]", "[user]", "[user]", "[gh_1]").Replace(textReply("hi")): "ToUserName is not the sender",
		strings.Replace(textReply("hi"), "<CreateTime>1<", "<CreateTime>now<", 1):            "CreateTime is not a number",
	}
}

func TestAnswersThatAreNoReplies(t *testing.T) {
	official, mini := func() bool { return false }, func() bool { return true }
	refused := func(p *event.Push, answer string, mini func() bool, why string) {
		t.Helper()
		_, err := forward.ReplyTo(p, []byte(answer), mini)
		require.ErrorContains(t, err, why, answer)
	}
	for answer, why := range badAnswers() {
		refused(push(t, payload.XML, ""), answer, official, why)
	}
	refused(push(t, payload.XML, ""), textReply("hi"), mini, "a mini program may answer")
	refused(push(t, payload.XML, "user_enter_tempsession"), transferring, mini, "a mini program may answer")
	refused(push(t, payload.XML, "xpay_goods_deliver_notify"), textReply("hi"), mini, "a number as ErrCode")
	refused(push(t, payload.XML, "xpay_goods_deliver_notify"), "<xml><x>1</x></xml>", mini, "a number as ErrCode")
	refused(push(t, payload.XML, "xpay_goods_deliver_notify"), `{"ErrCode":"none"}`, mini, "a number as ErrCode")
	refused(push(t, payload.XML, "subscribe"), `{"ErrCode":0,"ErrMsg":"success"}`, official, "a push in XML is not answered in JSON")
	refused(push(t, payload.JSON, "subscribe"), `{"ErrCode":0,"ErrMsg":"success"}`, official, "MsgType is missing")
	refused(push(t, payload.XML, "add_waybill"), `{"MsgType":"event","Event":"get_quota","ResultCode":0}`, mini, "repeats MsgType")
	refused(push(t, payload.XML, "add_waybill"), `{"MsgType":"event","Event":"add_waybill"}`, mini, "a number as ResultCode")
	ticket := event.Parse(event.Component, []byte("<xml><InfoType>unauthorized</InfoType></xml>"))
	refused(ticket, textReply("hi"), official, "answered with success alone")
}

// What is no reply never reaches WeChat, whatever it is; the target has taken the push all the same,
// and the attempt tells why.
func TestOnlyRepliesReachWeChat(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(nil)
		id := r.rule(texts(), forward.Sync, s)
		n := int64(0)
		for answer, why := range badAnswers() {
			s.turn(say(answer))
			_, ok := r.ask(message(t, "wxacc", "x"))
			require.False(t, ok, answer)
			n++
			r.ends(id, map[model.WorkState]int64{model.WorkDone: n})
			made := r.attempts(key(id))
			last := made[len(made)-1]
			require.True(t, last.OK)
			require.Contains(t, last.Error, why, answer)
			require.Contains(t, last.Error, "WeChat got success")
			require.NotContains(t, last.Error, "\n")
		}
		r.gets(s, int(n)) // once each
	})
}

func TestReasonShowsOnlyTheBeginningOfAnAnswer(t *testing.T) {
	r := single(t, nil)
	s := r.receiver(say("<p>\n\ufeff\u202e" + strings.Repeat("长", 100) + "hidden"))
	id := r.rule(texts(), forward.Sync, s)
	_, ok := r.ask(message(t, "wxacc", "x"))
	require.False(t, ok)
	r.ends(id, map[model.WorkState]int64{model.WorkDone: 1})
	why := r.attempts(key(id))[0].Error
	require.Contains(t, why, `"<p>\n\ufeff\u202e`+strings.Repeat("长", 34)+`"`)
	require.NotContains(t, why, "hidden")
}

func TestKindOfAccountIsAskedOnlyWhereItMatters(t *testing.T) {
	asked := make(chan string, 10)
	r := single(t, func(d *forward.Deps) {
		d.MiniProgram = func(_ context.Context, appid string) bool {
			asked <- appid
			return appid == "wxmini"
		}
	})
	s := r.receiver(nil)
	r.rule(texts(), forward.Sync, s)
	for _, answer := range []string{"", "success", "ok", transferring} {
		s.turn(say(answer))
		_, ok := r.ask(message(t, "wxmini", "x"))
		require.Equal(t, answer == transferring, ok, answer)
	}
	require.Empty(t, asked)
	s.turn(say(textReply("hi")))
	_, ok := r.ask(message(t, "wxmini", "x"))
	require.False(t, ok)
	text, ok := r.ask(message(t, "wxofficial", "x"))
	require.True(t, ok)
	require.Equal(t, textReply("hi"), text)
	require.Equal(t, []string{"wxmini", "wxofficial"}, []string{<-asked, <-asked})
}

func TestTestOfARuleTellsThatWeChatWouldNotGetTheAnswer(t *testing.T) {
	r := single(t, nil)
	for _, mode := range []forward.Mode{forward.Sync, forward.Async} {
		s := r.receiver(say("ok"))
		id := r.rule(texts(), mode, s)
		answer, err := r.TestRule(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "ok", answer)
		why := r.attempts(key(id))[0].Error
		require.Equal(t, mode == forward.Sync, strings.Contains(why, "the answer is no reply"), why)
		require.NoError(t, r.DeleteRule(t.Context(), id))
	}
}

// FuzzOnlyRepliesReachWeChat: whatever a target answers, WeChat gets nothing but a document of the
// form that it takes, as the target wrote it.
func FuzzOnlyRepliesReachWeChat(f *testing.F) {
	for answer := range badAnswers() {
		f.Add([]byte(answer), false)
	}
	f.Add([]byte(textReply("hi")), false)
	f.Add([]byte(transferring), true)
	f.Add([]byte("\ufeff"+transferring), true)
	f.Fuzz(func(t *testing.T, answer []byte, mini bool) {
		body, err := forward.ReplyTo(push(t, payload.XML, ""), answer, func() bool { return mini })
		if err != nil {
			return
		}
		require.True(t, bytes.HasSuffix(answer, body))
		require.LessOrEqual(t, len(answer)-len(body), len("\ufeff"))
		doc := payload.Parse(body)
		require.Empty(t, doc.Defect)
		require.Equal(t, payload.XML, doc.Format)
		require.Equal(t, "user", doc.Get("ToUserName"))
		require.Equal(t, "gh_1", doc.Get("FromUserName"))
		kind := doc.Get("MsgType")
		require.Contains(t, []string{"text", "image", "voice", "video", "music", "news", "transfer_customer_service"}, kind)
		if mini {
			require.Equal(t, "transfer_customer_service", kind)
		}
		if kind == "text" {
			require.NotEmpty(t, strings.TrimSpace(doc.Get("Content")))
		}
	})
}
