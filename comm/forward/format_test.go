package forward

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/event"
	"wxcomponent/comm/payload"
)

func TestXMLAsJSON(t *testing.T) {
	for in, want := range map[string]string{
		`<xml><MsgId>6054768590064713728</MsgId><CreateTime>1411034505</CreateTime><Content><![CDATA[123]]></Content></xml>`: `{"MsgId":"6054768590064713728","CreateTime":1411034505,"Content":"123"}`,
		`<xml><AuditId>1</AuditId><status>0</status><n>-5</n><z>007</z><f>1.5</f></xml>`:                                     `{"AuditId":"1","status":0,"n":-5,"z":"007","f":"1.5"}`,
		`<xml><a><b><![CDATA[<x>&"]]></b><c/></a></xml>`:                                                                     `{"a":{"b":"<x>&\"","c":""}}`,
		"<xml>\n <l>1</l>\n <l>2</l><o>x</o><l><k>3</k></l>\n</xml>":                                                         `{"l":[1,2,{"k":3}],"o":"x"}`,
		`<?xml version="1.0"?><xml><e>&lt;你好 😀&gt;</e></xml>`:                                                                `{"e":"<你好 😀>"}`,
		`<xml></xml>`:                            `{}`,
		`<xml><n>12345678901234567</n></xml>`:    `{"n":"12345678901234567"}`,
		`<xml><q>  <![CDATA[ kept ]]></q></xml>`: `{"q":" kept "}`,
	} {
		got, err := jsonOfXML(in)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestLongNumbersOfJSONBecomeStrings(t *testing.T) {
	for in, want := range map[string]string{
		`{"MsgId": 6054768590064713728, "s":"6054768590064713728\"", "t":1411034505}`: `{"MsgId": "6054768590064713728", "s":"6054768590064713728\"", "t":1411034505}`,
		`{"a":[1,-12345678901234567,1.2345678901234567e3]}`:                           `{"a":[1,"-12345678901234567",1.2345678901234567e3]}`,
	} {
		got, err := safeJSON(in)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestBodyThatCannotBeConvertedIsSentAsItIs(t *testing.T) {
	target := &Target{Format: AsJSON}
	body, format := target.bodyFor(&Message{Body: "<xml><a></xml>", Format: payload.XML})
	require.Equal(t, "<xml><a></xml>", body)
	require.Equal(t, payload.XML, format)
}

func FuzzJSONOfAPushHoldsItsTexts(f *testing.F) {
	f.Add("<xml><a><![CDATA[x]]></a><b>1</b></xml>")
	f.Add(`{"MsgId":12345678901234567890}`)
	f.Fuzz(func(t *testing.T, body string) {
		p, err := event.Parse(event.Biz, []byte(body))
		if err != nil {
			return
		}
		out, format := (&Target{Format: AsJSON}).bodyFor(&Message{Body: p.Body, Format: p.Format})
		if format != payload.JSON {
			return
		}
		require.True(t, json.Valid([]byte(out)), out)
		again, err := event.Parse(event.Biz, []byte(out))
		if err != nil {
			return // such as an empty name, which JSON can hold and a push cannot
		}
		if c := strings.TrimSpace(p.Field("Content")); c != "" && strings.Count(body, "Content") == 1 {
			require.Equal(t, c, strings.TrimSpace(again.Field("Content")))
		}
	})
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "x", true},
		{"*", "", true},
		{"a", "a", true},
		{"a", "ab", false},
		{"a*", "ab", true},
		{"*b", "ab", true},
		{"a*c", "abc", true},
		{"a*c", "ac", true},
		{"a*c", "ab", false},
		{"*b*", "abc", true},
		{"a**c", "abc", true},
		{"weapp_audit_*", "weapp_audit_success", true},
		{"a*a", "a", false},
		{"*ab*ab*", "abab", true},
		{"*ab*ab*", "ab", false},
	} {
		require.Equal(t, c.want, glob(c.pattern, c.text), "%q %q", c.pattern, c.text)
	}
}

func TestExplanationAgreesWithTheMatch(t *testing.T) {
	push, err := event.Parse(event.Biz, []byte(`{"MsgType":"event","Event":"CLICK","EventKey":"menu_1","Content":"hello world","n":{"m":"deep"}}`))
	require.NoError(t, err)
	push.AppID = "wxacc"
	tags := []string{"VIP", "华东"}
	for _, c := range []struct {
		conditions Conditions
		want       bool
		checks     int
	}{
		{Conditions{}, true, 0},
		{Conditions{Channel: event.Biz, Accounts: []string{"wxother", "wxa*"}}, true, 2},
		{Conditions{Channel: event.Component}, false, 1},
		{Conditions{Accounts: []string{"wxother"}}, false, 1},
		{Conditions{Tags: []string{"新客", "VIP"}}, true, 1},
		{Conditions{Tags: []string{"vip", "华"}}, false, 1},
		{Conditions{Tags: []string{"VIP"}, Accounts: []string{"wxother"}}, false, 2},
		{Conditions{MsgType: "event", Event: "CL*", EventKey: "menu_*"}, true, 3},
		{Conditions{InfoType: "authorized"}, false, 1},
		{Conditions{Filters: []Filter{{"Content", Contains, "world"}, {"", Contains, "menu_1"}, {"n.m", Equals, "deep"}}}, true, 3},
		{Conditions{Filters: []Filter{{"Content", ContainsNot, "world"}}}, false, 1},
		{Conditions{Filters: []Filter{{"Content", StartsWith, "hello"}, {"Content", EqualsNot, "x"}, {"Content", Like, "h*d"}}}, true, 3},
		{Conditions{Filters: []Filter{{"Content", "nonsense", "hello"}}}, false, 1},
	} {
		require.Equal(t, c.want, c.conditions.Match(push, tags), "%+v", c.conditions)
		checks := c.conditions.Explain(push, tags)
		require.Len(t, checks, c.checks)
		all := true
		for _, k := range checks {
			all = all && k.Matched
		}
		require.Equal(t, c.want, all, "%+v", checks)
	}
}
