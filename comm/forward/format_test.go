package forward

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
)

func TestBodyOfATarget(t *testing.T) {
	const push = `<xml><CreateTime>1411034505</CreateTime><L><Id>1</Id></L><Name>12306</Name></xml>`
	for name, tt := range map[string]struct {
		target Target
		body   string
		want   string
		format payload.Format
	}{
		"raw":                 {Target{Format: Raw}, push, push, payload.XML},
		"a rule's":            {Target{}, push, push, payload.XML},
		"json":                {Target{Format: AsJSON}, push, `{"CreateTime":1411034505,"L":{"Id":"1"},"Name":"12306"}`, payload.JSON},
		"json with a list":    {Target{Format: AsJSON, Lists: []string{"L"}}, push, `{"CreateTime":1411034505,"L":[{"Id":"1"}],"Name":"12306"}`, payload.JSON},
		"raw that is cut":     {Target{Format: Raw}, "<xml><a>1</a><b>\xff", "<xml><a>1</a><b>\xff", payload.XML},
		"json of what is cut": {Target{Format: AsJSON}, "<xml><a>1</a><b>\xff", `{"a":"1"}`, payload.JSON},
		"json of nothing":     {Target{Format: AsJSON}, "success", `{"raw":"success"}`, payload.JSON},
	} {
		t.Run(name, func(t *testing.T) {
			body, format := tt.target.bodyFor(&Message{Body: tt.body, Format: payload.XML})
			require.Equal(t, tt.want, body)
			require.Equal(t, tt.format, format)
		})
	}
}

// A message comes out of the queue as it went in, byte for byte.
func TestMessageInTheQueue(t *testing.T) {
	c := codec{sealer: hiding{}}
	for _, body := range []string{"<xml>&你好😀</xml>", "\x00\x1d\u2028", "\xff\xfe<", ""} {
		in := Message{Identity: "i", Body: body, Format: payload.XML}
		for _, in.secret = range []bool{false, true} {
			text, err := c.encode(&in)
			require.NoError(t, err)
			require.Equal(t, body, in.Body)
			out, err := c.decode(text)
			require.NoError(t, err)
			require.Equal(t, in, out)
		}
	}
}

// hiding is a sealer that ends up with what nobody can read at a glance.
type hiding struct{}

func (hiding) Seal(plain, aad string) (string, error) {
	return base64.StdEncoding.EncodeToString([]byte(aad + plain)), nil
}

func (hiding) Open(sealed, aad string) (string, error) {
	plain, err := base64.StdEncoding.DecodeString(sealed)
	return strings.TrimPrefix(string(plain), aad), err
}

func FuzzJSONOfAPushHoldsItsTexts(f *testing.F) {
	f.Add("<xml><a><![CDATA[x]]></a><b>1</b></xml>")
	f.Add(`{"MsgId":12345678901234567890}`)
	f.Fuzz(func(t *testing.T, body string) {
		out, format := (&Target{Format: AsJSON}).bodyFor(&Message{Body: body})
		require.Equal(t, payload.JSON, format)
		require.True(t, json.Valid([]byte(out)), out)
		p := event.Parse(event.Biz, []byte(body))
		again := event.Parse(event.Biz, []byte(out))
		if c := strings.TrimSpace(p.Field("Content")); c != "" && strings.Count(body, "Content") == 1 {
			require.Equal(t, c, strings.TrimSpace(again.Field("Content")))
		}
	})
}

// A filter sees every entry of a list, and says which one decided.
func TestFilterOnAList(t *testing.T) {
	push := event.Parse(event.Biz, []byte(`<xml><L><S>accept</S></L><L><S>reject</S></L><L><S>ban</S></L></xml>`))
	for _, c := range []struct {
		filter Filter
		found  string
		entry  int
		want   bool
	}{
		{Filter{"L.S", Equals, "reject"}, "reject", 2, true},
		{Filter{"l.s", Contains, "an"}, "ban", 3, true},
		{Filter{"L.S", StartsWith, "x"}, "accept", 1, false},
		{Filter{"L.S", Like, "*t"}, "accept", 1, true},
		{Filter{"L.S", EqualsNot, "ban"}, "ban", 3, false},
		{Filter{"L.S", ContainsNot, "x"}, "accept", 1, true},
		{Filter{"L.T", Equals, "x"}, "", 0, false},
		{Filter{"L.T", EqualsNot, "x"}, "", 0, true},
	} {
		conditions := Conditions{Filters: []Filter{c.filter}}
		require.Equal(t, c.want, conditions.Match(push, nil), c.filter)
		require.Equal(t, []Check{{
			Field: c.filter.Field, Wanted: string(c.filter.Op) + " " + c.filter.Value, Found: c.found, Entry: c.entry, Matched: c.want,
		}}, conditions.Explain(push, nil))
	}
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
	push := event.Parse(event.Biz, []byte(`{"MsgType":"event","Event":"CLICK","EventKey":"menu_1","Content":"hello world","n":{"m":"deep"}}`))
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
