package forward

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wx/event"
)

// FuzzExplanationAgreesWithTheMatch holds that a push meets all conditions exactly when each of
// them is explained as met, and that a set routes it so.
func FuzzExplanationAgreesWithTheMatch(f *testing.F) {
	f.Add("VIP", "华东", "wxacc", "wx*", "text", "te*", "hello", "ell", uint8(0))
	f.Add("", "VIP", "wxacc", "", "event", "*", "", "x", uint8(5))
	f.Fuzz(func(t *testing.T, tag, wanted, appid, account, msgType, pattern, content, value string, op uint8) {
		body, err := json.Marshal(map[string]string{"MsgType": msgType, "Content": content})
		require.NoError(t, err)
		p := event.Parse(event.Biz, body)
		p.AppID = appid
		ops := []FilterOp{Contains, ContainsNot, Equals, EqualsNot, StartsWith, Like}
		c := Conditions{MsgType: pattern, Filters: []Filter{{"Content", ops[int(op)%len(ops)], value}}}
		if wanted != "" {
			c.Tags = []string{wanted, "another"}
		}
		if account != "" {
			c.Accounts = []string{account}
		}
		tags := []string{tag}
		met := c.Match(p, tags)
		all := true
		for _, k := range c.Explain(p, tags) {
			all = all && k.Matched
		}
		require.Equal(t, met, all)
		target := &Target{Key: "t1"}
		set := newSet(nil, []Branch{{Conditions: c, Mode: Async, Targets: []*Target{target}}}, map[string][]string{appid: tags}, nil)
		require.Equal(t, met, len(set.Match(p).Async) == 1)
	})
}

// BenchmarkMatchByTags is what a push costs where a hundred thousand accounts have tags.
func BenchmarkMatchByTags(b *testing.B) {
	p := event.Parse(event.Biz, []byte(`{"MsgType":"text","Content":"hi"}`))
	p.AppID = "wx99999"
	tags := make(map[string][]string)
	for i := range 100_000 {
		tags["wx"+strconv.Itoa(i)] = []string{"VIP"}
	}
	target := &Target{Key: "t1"}
	branches := make([]Branch, 20)
	for i := range branches {
		branches[i] = Branch{Conditions: Conditions{Tags: []string{"新客", "VIP"}}, Targets: []*Target{target}}
	}
	set := newSet(nil, branches, tags, []*Target{target})
	for b.Loop() {
		set.Match(p)
	}
}
