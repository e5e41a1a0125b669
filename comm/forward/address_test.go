package forward

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wx/event"
)

func TestLocalAddress(t *testing.T) {
	for path, want := range map[string]string{
		"":                          "http://127.0.0.1:8000",
		"/":                         "http://127.0.0.1:8000/",
		"/wxcallback/biz/$APPID$/x": "http://127.0.0.1:8000/wxcallback/biz/wx1/x",
		"/x?account=$APPID$&m=a@b":  "http://127.0.0.1:8000/x?account=wx1&m=a@b",
		"/中文/%E4%B8%AD":             "http://127.0.0.1:8000/%E4%B8%AD%E6%96%87/%E4%B8%AD",
		"/a%20b":                    "http://127.0.0.1:8000/a%20b",
		"/a..b/.c":                  "http://127.0.0.1:8000/a..b/.c",
	} {
		a, err := LocalAddress(8000, path)
		require.NoError(t, err, path)
		u, err := a.For("wx1")
		require.NoError(t, err, path)
		require.Equal(t, want, u.String())
	}
}

func TestPathIsRefused(t *testing.T) {
	for _, path := range []string{
		"x", "@host:1/x", "/@host", "/a%40b", "/a%2540b", "//host/x", "/a//b", "/a%2f/b", "/..", "/../x", "/a/./b",
		"/%2e%2e/x", "/%252e%252e/x", "/a%5cb", `/a\b`, "/a b", "/a\tb", "/a\x00b", "/a%00b", "/a%0d%0aHost:x", "/a#b",
		"/%zz", "/%", "/" + strings.Repeat("x", 2000), "http://x/", "/\u007f", "?x", "/%25252525",
	} {
		_, err := LocalAddress(8000, path)
		require.Error(t, err, path)
	}
	for _, port := range []int{0, -1, 65536} {
		_, err := LocalAddress(port, "/")
		require.Error(t, err)
	}
}

func TestAppIDThatCouldBendAnAddressIsRefused(t *testing.T) {
	a, err := LocalAddress(8000, "/biz/$APPID$/x")
	require.NoError(t, err)
	for _, appid := range []string{"", "a/../admin", "a%2F..%2Fadmin", "@host", "a b", "a?b", strings.Repeat("a", 65), "é"} {
		_, err := a.For(appid)
		require.Error(t, err, appid)
	}
}

func FuzzLocalAddressNeverLeavesHostAndPort(f *testing.F) {
	for _, seed := range []string{"/x", "@h:1/x", "//h/", "/%2e%2e/", "/$APPID$?a=b", "/a\\@b", "/%40", "/;@x", "/[::1]"} {
		f.Add(seed, "wx1")
	}
	f.Fuzz(func(t *testing.T, path, appid string) {
		a, err := LocalAddress(8000, path)
		if err != nil {
			return
		}
		u, err := a.For(appid)
		if err != nil {
			return
		}
		require.Equal(t, "127.0.0.1:8000", u.Host)
		require.Equal(t, "http", u.Scheme)
		require.Nil(t, u.User)
		require.NotContains(t, u.Path, "..\\")
		require.NotContains(t, u.String(), "\n")
		require.True(t, u.Path == "" || strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(u.Path, "//"), u.Path)
	})
}

func FuzzRemoteAddressKeepsItsHost(f *testing.F) {
	f.Add("https://example.com/x?$APPID$", "wx1")
	f.Add("http://a@b:1/", "x")
	f.Fuzz(func(t *testing.T, raw, appid string) {
		a, err := RemoteAddress(raw)
		if err != nil {
			return
		}
		u, err := a.For(appid)
		if err != nil {
			return
		}
		require.Equal(t, a.host, u.Host)
		require.Contains(t, []string{"http", "https"}, u.Scheme)
	})
}

func TestPattern(t *testing.T) {
	info := func(what string) *event.Push { return &event.Push{Channel: event.Component, InfoType: what} }
	biz := func(kind, what string) *event.Push {
		return &event.Push{Channel: event.Biz, MsgType: kind, Event: what}
	}
	for _, c := range []struct {
		pattern Pattern
		push    *event.Push
		want    bool
	}{
		{Pattern{InfoType: "authorized"}, info("authorized"), true},
		{Pattern{InfoType: "authorized"}, info("unauthorized"), false},
		{Pattern{InfoType: "*"}, info("anything"), true},
		{Pattern{InfoType: "*"}, biz("text", ""), false},
		{Pattern{InfoType: "authorized"}, biz("authorized", ""), false},
		{Pattern{MsgType: "text"}, biz("text", ""), true},
		{Pattern{MsgType: "text"}, info("text"), false},
		{Pattern{MsgType: "event"}, biz("event", "subscribe"), true},
		{Pattern{MsgType: "event", Event: "*"}, biz("event", "subscribe"), true},
		{Pattern{Event: "subscribe"}, biz("event", "subscribe"), true},
		{Pattern{Event: "subscribe"}, biz("event", "Subscribe"), false},
		{Pattern{MsgType: "event", Event: "a_b"}, biz("event_a", "b"), false},
		{Pattern{MsgType: "*"}, biz("", ""), true},
		{Pattern{Event: "*"}, biz("text", ""), true},
		{Pattern{InfoType: "*", MsgType: "*"}, info("x"), true},
		{Pattern{InfoType: "*", MsgType: "*"}, biz("x", ""), true},
		{Pattern{InfoType: "authorized", MsgType: "text"}, info("authorized"), false},
		{Pattern{InfoType: "authorized", MsgType: "text"}, biz("text", ""), false},
		{Pattern{}, biz("text", ""), false},
		{Pattern{}, info("x"), false},
	} {
		require.Equal(t, c.want, c.pattern.Match(c.push), "%+v %+v", c.pattern, c.push)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "-5": 0, "x": 0, " 7 ": 7 * time.Second, "99999999999999": 0,
		"Thu, 01 Jan 2026 00:01:00 GMT": time.Minute, "Wed, 31 Dec 2025 00:01:00 GMT": 0,
	} {
		require.Equal(t, want, retryAfter(value, now), value)
	}
}

func TestHeaderTextCannotEndTheHeader(t *testing.T) {
	require.Equal(t, "aX-Evil:1", headerText("a\r\nX-Evil: 1"))
	require.Equal(t, "", headerText("事件"))
	require.Len(t, headerText(strings.Repeat("x", 1000)), 128)
}
