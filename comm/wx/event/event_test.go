package event_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
)

const scanXML = `<xml><ToUserName><![CDATA[gh_870576f3c6f9]]></ToUserName>
<FromUserName><![CDATA[oia2TjjewbmiOUlr6X-1crbLOvLw]]></FromUserName>
<CreateTime>1409659813</CreateTime>
<MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[scancode_push]]></Event>
<EventKey><![CDATA[6]]></EventKey>
<ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType>
<ScanResult><![CDATA[https://example.com/p/1?a=1&b=2]]></ScanResult></ScanCodeInfo>
</xml>`

const scanJSON = `{"EventKey":6,"ToUserName":"gh_870576f3c6f9","FromUserName":"oia2TjjewbmiOUlr6X-1crbLOvLw",
"CreateTime":"1409659813","MsgType":"event","Event":"scancode_push","Ticket":null,
"ScanCodeInfo":{"ScanResult":"https:\/\/example.com\/p\/1?a=1&b=2","ScanType":"qrcode"}}`

var created = time.Unix(1409659813, 0).UTC()

func parse(t *testing.T, channel event.Channel, body string) *event.Push {
	t.Helper()
	p := event.Parse(channel, []byte(body))
	require.Empty(t, p.Defect)
	return p
}

func TestParse(t *testing.T) {
	tests := map[string]struct {
		channel event.Channel
		body    string
		want    event.Push
	}{
		"xml event": {event.Biz, scanXML, event.Push{
			ToUserName: "gh_870576f3c6f9", FromUserName: "oia2TjjewbmiOUlr6X-1crbLOvLw", MsgType: "event",
			Event: "scancode_push", EventKey: "6", CreatedAt: created, Format: payload.XML,
		}},
		"json event": {event.Biz, scanJSON, event.Push{
			ToUserName: "gh_870576f3c6f9", FromUserName: "oia2TjjewbmiOUlr6X-1crbLOvLw", MsgType: "event",
			Event: "scancode_push", EventKey: "6", CreatedAt: created, Format: payload.JSON,
		}},
		"authorized": {
			event.Component,
			`{"AppId":"wxcomp","CreateTime":1409659813,"InfoType":"authorized","AuthorizerAppid":"wxacc","AuthorizationCode":"c"}`,
			event.Push{AppID: "wxcomp", InfoType: "authorized", CreatedAt: created, Format: payload.JSON},
		},
		"unknown info type": {
			event.Component, `<xml><InfoType>brand_new</InfoType></xml>`,
			event.Push{InfoType: "brand_new", Format: payload.XML},
		},
		"id past 2^53": {
			event.Biz, `{"MsgId":23637352235060881,"MsgType":"text","Content":"hi 😀"}`,
			event.Push{MsgID: "23637352235060881", MsgType: "text", Format: payload.JSON},
		},
		"id as text, other spelling": {
			event.Biz, `{"MsgID":"18446744073709551615","MsgType":"event"}`,
			event.Push{MsgID: "18446744073709551615", MsgType: "event", Format: payload.JSON},
		},
		"id zero is none":       {event.Biz, `{"MsgId":0}`, event.Push{Format: payload.JSON}},
		"time that is no time":  {event.Biz, `{"CreateTime":"soon"}`, event.Push{Format: payload.JSON}},
		"time in milliseconds":  {event.Biz, `{"CreateTime":1409659813000}`, event.Push{Format: payload.JSON}},
		"time before 1970":      {event.Biz, `{"CreateTime":-5}`, event.Push{Format: payload.JSON}},
		"types that are wrong":  {event.Biz, `{"MsgType":1,"Event":true,"ToUserName":null}`, event.Push{MsgType: "1", Event: "true", Format: payload.JSON}},
		"fields that are lists": {event.Biz, `{"Event":["a","b"],"MsgType":{"x":1}}`, event.Push{Event: "a", Format: payload.JSON}},
		"no fields":             {event.Component, `{}`, event.Push{Format: payload.JSON}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := parse(t, tt.channel, tt.body)
			require.Equal(t, tt.body, got.Body)
			got.Fields = nil
			tt.want.Channel, tt.want.Body = tt.channel, tt.body
			require.Equal(t, tt.want, *got)
		})
	}
}

// What cannot be read in full is a push all the same, with what could be read of it.
func TestParseWithDefect(t *testing.T) {
	for body, want := range map[string]event.Push{
		"success":                                {},
		"{":                                      {},
		`<!DOCTYPE x><xml/>`:                     {},
		`<xml><MsgType>text</MsgType><Content>x`: {MsgType: "text", Format: payload.XML},
		`{"MsgType":"text","Content":"x`:         {MsgType: "text", Format: payload.JSON},
	} {
		got := event.Parse(event.Biz, []byte(body))
		require.NotEmpty(t, got.Defect)
		got.Fields, got.Defect = nil, ""
		want.Channel, want.Body = event.Biz, body
		require.Equal(t, want, *got)
	}
}

func TestField(t *testing.T) {
	p := parse(t, event.Biz, scanXML)
	require.Equal(t, "qrcode", p.Field("ScanCodeInfo.ScanType"))
	require.Equal(t, "qrcode", p.Field("scancodeinfo.scantype"))
	require.Equal(t, "6", p.Field("nothing", "EventKey", "Event"))
	require.Empty(t, p.Field("ScanType"))
	require.Empty(t, p.Field())
}

func TestPushWithAListIsAboutEachAccount(t *testing.T) {
	both := []string{"wx1", "wx2"}
	for body, want := range map[string][]string{
		`{"AppId":"wxcomp","InfoType":"order_path_apply_result_notify","list":[{"appid":"wx1","ret_code":0},{"appid":" wx2 ","ret_code":1},{"appid":"wx1"}]}`: both,
		`<xml><AppId>wxcomp</AppId><list><appid>wx1</appid><audit_id>1</audit_id></list><list><appid>wx2</appid></list></xml>`:                                both,
		`<xml><AppId>wxcomp</AppId><list><item><appid>wx1</appid></item><item><appid>wx2</appid></item></list></xml>`:                                         both,
		`{"AppId":"wxcomp","list":{"appid":"wx1"}}`:                 {"wx1"},
		`{"AppId":"wxcomp","list":[]}`:                              nil,
		`{"AppId":"wxcomp","appid":"wx0","list":[{"appid":"wx1"}]}`: {"wx0"},
		`{"AppId":"wxcomp","info":{"appid":"wx1"}}`:                 nil,
	} {
		require.Equal(t, want, parse(t, event.Component, body).AccountAppIDs(), body)
	}
}

func TestAccountAppID(t *testing.T) {
	tests := map[string]string{
		`{"AppId":"wxcomp","AuthorizerAppid":"wxacc"}`:           "wxacc",
		`{"AppId":"wxcomp","authorizer_appid":"wxacc"}`:          "wxacc",
		`{"AppId":"wxcomp","verify_appid":"wxacc"}`:              "wxacc",
		`<xml><AppId>wxcomp</AppId><appid>wxacc</appid></xml>`:   "wxacc",
		`<xml><appid> wxacc </appid><AppId>wxcomp</AppId></xml>`: "wxacc",
		`{"AppId":"wxcomp","ComponentVerifyTicket":"ticket@@@"}`: "",
	}
	for body, want := range tests {
		require.Equal(t, want, parse(t, event.Component, body).AccountAppID(), body)
	}
	p := parse(t, event.Biz, `{"AppId":"wx-of-a-linked-program"}`)
	p.AppID = "wxacc"
	require.Equal(t, "wxacc", p.AccountAppID())
}

func identity(t *testing.T, channel event.Channel, appid, body string) string {
	t.Helper()
	p := parse(t, channel, body)
	if channel == event.Biz {
		p.AppID = appid
	}
	id := p.Identity()
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{32}$`, id)
	return id
}

func TestIdentityOfARepetition(t *testing.T) {
	require.Equal(t, identity(t, event.Biz, "wxa", scanXML), identity(t, event.Biz, "wxa", scanJSON))
	require.True(t, strings.HasPrefix(identity(t, event.Biz, "wxa", scanXML), fmt.Sprintf("%08x-", created.Unix())))
	require.Equal(t,
		identity(t, event.Biz, "wxa", `{"FromUserName":"u","CreateTime":5,"MsgType":"text","MsgId":7,"Content":"x"}`),
		identity(t, event.Biz, "wxa", `<xml><MsgId>7</MsgId><FromUserName>u</FromUserName><MsgType>text</MsgType><CreateTime>5</CreateTime></xml>`))
	require.Equal(t,
		identity(t, event.Component, "", `{"AppId":"c","CreateTime":5,"InfoType":"component_verify_ticket","ComponentVerifyTicket":"t","L":["a","b"]}`),
		identity(t, event.Component, "", `<xml><AppId>c</AppId><InfoType>component_verify_ticket</InfoType><L>a</L><L>b</L><CreateTime>5</CreateTime><ComponentVerifyTicket>t</ComponentVerifyTicket><E/></xml>`))
}

// Each of these is another push than all the others.
func TestIdentityKeepsPushesApart(t *testing.T) {
	pushes := []struct {
		channel event.Channel
		appid   string
		body    string
	}{
		{event.Biz, "wxa", `{"FromUserName":"u","CreateTime":5,"MsgType":"event","Event":"CLICK","EventKey":"1"}`},
		{event.Biz, "wxa", `{"FromUserName":"u","CreateTime":5,"MsgType":"event","Event":"CLICK","EventKey":"2"}`},
		{event.Biz, "wxa", `{"FromUserName":"u","CreateTime":5,"MsgType":"event","Event":"VIEW","EventKey":"1"}`},
		{event.Biz, "wxa", `{"FromUserName":"v","CreateTime":5,"MsgType":"event","Event":"CLICK","EventKey":"1"}`},
		{event.Biz, "wxa", `{"FromUserName":"u","CreateTime":6,"MsgType":"event","Event":"CLICK","EventKey":"1"}`},
		{event.Biz, "wxb", `{"FromUserName":"u","CreateTime":5,"MsgType":"event","Event":"CLICK","EventKey":"1"}`},
		{event.Component, "", `{"FromUserName":"u","CreateTime":5,"MsgType":"event","Event":"CLICK","EventKey":"1"}`},
		{event.Biz, "wxa", `{"FromUserName":"u","CreateTime":5,"MsgType":"text","MsgId":1}`},
		{event.Biz, "wxa", `{"FromUserName":"u","CreateTime":5,"MsgType":"text","MsgId":2}`},
		{event.Biz, "wxa", `{"FromUserName":"v","CreateTime":5,"MsgType":"text","MsgId":1}`},
		{event.Biz, "wxa", `{"FromUserName":"u","CreateTime":6,"MsgType":"text","MsgId":1}`},
		{event.Biz, "wxa", `{"FromUserName":"u","CreateTime":5,"MsgType":"event","Event":"text","MsgId":1}`},
		{event.Biz, "wxa", `{"A":"1","B":"2"}`},
		{event.Biz, "wxa", `{"A":"1B","":"2"}`},
		{event.Biz, "wxa", `{"A":["1","2"]}`},
		{event.Biz, "wxa", `{"A":["2","1"]}`},
		{event.Biz, "wxa", `{"L":[{"t":"a","s":"accept"},{"t":"b","s":"reject"}]}`},
		{event.Biz, "wxa", `{"L":[{"t":"a","s":"reject"},{"t":"b","s":"accept"}]}`},
		{event.Biz, "wxa", `{"L":[{"t":"a"},{"s":"x"}]}`},
		{event.Biz, "wxa", `{"L":[{"t":"a","s":"x"}]}`},
		{event.Component, "", `{"AppId":"c","CreateTime":5,"InfoType":"unauthorized","AuthorizerAppid":"wxa"}`},
		{event.Component, "", `{"AppId":"c","CreateTime":5,"InfoType":"unauthorized","AuthorizerAppid":"wxb"}`},
		{event.Component, "", `{"AppId":"c","CreateTime":5,"InfoType":"component_verify_ticket","ComponentVerifyTicket":"t1"}`},
		{event.Component, "", `{"AppId":"c","CreateTime":5,"InfoType":"component_verify_ticket","ComponentVerifyTicket":"t2"}`},
	}
	seen := map[string]string{}
	for _, p := range pushes {
		id := identity(t, p.channel, p.appid, p.body)
		require.Empty(t, seen[id], p.body)
		seen[id] = p.body
	}
}

// Of a push that could not be read in full every byte counts: what differs may be in the rest.
func TestIdentityOfWhatCannotBeRead(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 20, 0, 0, time.UTC)
	key := func(body string) string {
		p := event.Parse(event.Biz, []byte(body))
		p.AppID, p.ReceivedAt = "wxa", at
		return p.Identity()
	}
	bodies := []string{
		"", "success", "<xml><MsgId>1</MsgId><A>", "<xml><MsgId>1</MsgId><B>", `{"CreateTime":5,"A":"x`, `{"CreateTime":5,"A":"y`,
		"{\"A\":\"\xff\"}", "{\"A\":\"\xfe\"}",
	}
	seen := map[string]bool{}
	for _, body := range bodies {
		require.Equal(t, key(body), key(body))
		require.False(t, seen[key(body)], body)
		seen[key(body)] = true
	}
}

func TestIdentityWithoutATime(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 20, 0, 0, time.UTC)
	key := func(received time.Time) string {
		p := parse(t, event.Component, `{"InfoType":"unauthorized","AuthorizerAppid":"wxa"}`)
		p.ReceivedAt = received
		return p.Identity()
	}
	require.Equal(t, key(at), key(at.Add(15*time.Second)))
	require.NotEqual(t, key(at), key(at.Add(24*time.Hour)))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(scanXML))
	f.Add([]byte(scanJSON))
	f.Add([]byte("<xml><A><![CDATA[a]]><b>]]></A></xml>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := event.Parse(event.Component, body)
		require.Equal(t, string(body), p.Body)
		require.Len(t, p.Identity(), 41)
		require.True(t, json.Valid([]byte(event.JSON(p.Body, []string{"A"}))))
		_ = p.AccountAppID()
	})
}

func BenchmarkParseAndIdentity(b *testing.B) {
	for name, body := range map[string]string{"xml": scanXML, "json": scanJSON} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				_ = event.Parse(event.Biz, []byte(body)).Identity()
			}
		})
	}
}
