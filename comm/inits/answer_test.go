package inits_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// obj and list are JSON as tests write it down. A match in them stands for what differs from run to
// run; every member has to be named.
type (
	obj  = map[string]any
	list = []any
)

// match is a value that cannot be known beforehand.
type match struct {
	name  string
	holds func(got any) bool
}

// MarshalJSON shows what was wanted, where it was not there.
func (m match) MarshalJSON() ([]byte, error) { return json.Marshal(m.name) }

// matching is text of a form.
func matching(pattern string) match {
	form := regexp.MustCompile("^(?s:" + pattern + ")$")
	return match{"≈ text like " + pattern, func(got any) bool {
		text, is := got.(string)
		return is && form.MatchString(text)
	}}
}

// anyText is some text that is not empty.
func anyText() match { return matching(".+") }

// longID is an id as text, for readers whose numbers end at 2^53.
func longID() match { return matching("[1-9][0-9]*") }

// anyNumber is a number above 0.
func anyNumber() match { return numberFrom("≈ a number", 1, 1<<62) }

// now is a time in seconds around the present.
func now() match { return after(0) }

// after is a time in seconds, so long from now. It allows for a busy machine.
func after(d time.Duration) match {
	at := time.Now().Add(d).Unix()
	return numberFrom("≈ "+d.String()+" from now", at-600, at+600)
}

func numberFrom(name string, least, most int64) match {
	return match{name, func(got any) bool {
		number, is := got.(json.Number)
		if !is {
			return false
		}
		n, err := number.Int64()
		return err == nil && n >= least && n <= most
	}}
}

// picture is a JPEG in base64.
func picture() match {
	return match{"≈ a picture", func(got any) bool {
		text, _ := got.(string)
		data, err := base64.StdEncoding.DecodeString(text)
		return err == nil && bytes.HasPrefix(data, []byte{0xff, 0xd8, 0xff})
	}}
}

// done is the answer to what has worked and has nothing to tell.
func done() obj { return obj{"code": 0, "errorMsg": "OK"} }

// data is the answer with what was asked for.
func data(v any) obj { return obj{"code": 0, "errorMsg": "OK", "data": v} }

// refused is the answer with a code and its reason; field is the parameter at fault, if any.
func refused(code int, why, field string) obj {
	o := obj{"code": code, "errorMsg": why, "data": why}
	if field != "" {
		o["field"] = field
	}
	return o
}

// wantAnswer compares the whole answer and returns its data.
func (c *client) wantAnswer(method, path, body string, want obj) json.RawMessage {
	c.t.Helper()
	e := c.call(method, path, body)
	require.Equal(c.t, http.StatusOK, e.Status, "%s %s", method, path)
	requireSame(c.t, want, e.raw, method+" "+path)
	return e.Data
}

func (c *client) wantGet(path string, want obj) json.RawMessage {
	c.t.Helper()
	return c.wantAnswer(http.MethodGet, path, "", want)
}

func (c *client) wantPost(path string, body any, want obj) json.RawMessage {
	c.t.Helper()
	return c.wantAnswer(http.MethodPost, path, asJSON(c.t, body), want)
}

// requireSame compares JSON with what is wanted, down to the last member.
func requireSame(t *testing.T, want any, got, what string) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(got))
	dec.UseNumber()
	var tree any
	require.NoError(t, dec.Decode(&tree), "%s: %s", what, got)
	w, g := settle(want, tree)
	require.Equal(t, indented(t, w), indented(t, g), what)
}

// settle replaces what a match holds for by the match, on the side that was got.
func settle(want, got any) (w, g any) {
	switch want := want.(type) {
	case match:
		if want.holds(got) {
			return want, want
		}
		return want, got
	case obj:
		have, is := got.(obj)
		if !is {
			return want, got
		}
		w, g := obj{}, maps.Clone(have)
		for name, v := range want {
			w[name], g[name] = settle(v, have[name])
			if _, there := have[name]; !there {
				delete(g, name)
			}
		}
		return w, g
	case list:
		have, is := got.(list)
		if !is || len(have) != len(want) {
			return want, got
		}
		w, g := make(list, len(want)), make(list, len(want))
		for i := range want {
			w[i], g[i] = settle(want[i], have[i])
		}
		return w, g
	}
	return want, got
}

func indented(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	return string(text)
}
