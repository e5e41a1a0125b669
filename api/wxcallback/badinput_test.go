package wxcallback_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/waittest"
)

func TestBadInput(t *testing.T) {
	t.Parallel()
	outer, q, err := crypt(t, appID, token, key, "").EncryptPush([]byte(text), encrypt.Envelope{Format: payload.XML}, signed(), "n1")
	require.NoError(t, err)
	good := "/wxcallback/biz/wxacc?" + q.Encode()
	with := func(name, value string) string {
		changed := url.Values{}
		for k, v := range q {
			changed[k] = v
		}
		changed.Set(name, value)
		return "/wxcallback/biz/wxacc?" + changed.Encode()
	}
	foreign := func(c *encrypt.MsgCrypt, plain string) (string, string) {
		body, q, err := c.EncryptPush([]byte(plain), encrypt.Envelope{Format: payload.XML}, signed(), "n1")
		require.NoError(t, err)
		return "/wxcallback/biz/wxacc?" + q.Encode(), string(body)
	}
	otherAppPath, otherAppBody := foreign(crypt(t, "wx2222222222222222", token, key, ""), text)
	otherKeyPath, otherKeyBody := foreign(crypt(t, appID, token, "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", ""), text)
	otherTokenPath, otherTokenBody := foreign(crypt(t, appID, "guess", key, ""), text)

	source := http.Header{"X-Wx-Source": {"wx_http"}}
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>`
	tests := []struct {
		name, path, body string
		header           http.Header
		status, code     int
	}{
		{"no header, no signature", "/wxcallback/biz/wxacc", text, nil, 401, 1000},
		{"garbage without header", "/wxcallback/component", "garbage", nil, 401, 1000},
		{"wrong signature", with("msg_signature", strings.Repeat("0", 40)), string(outer), nil, 401, 1000},
		{"only the url's signature", with("msg_signature", ""), string(outer), nil, 401, 1000},
		{"other timestamp", with("timestamp", "1"+signed()), string(outer), nil, 401, 1000},
		{"cut cipher text", good, string(outer[:len(outer)/2]) + "]]></Encrypt></xml>", nil, 401, 1000},
		{"no cipher text", good, `<xml><ToUserName>gh_1</ToUserName></xml>`, nil, 401, 1000},
		{"other appid inside", otherAppPath, otherAppBody, nil, 401, 1000},
		{"other key", otherKeyPath, otherKeyBody, nil, 401, 1000},
		{"other token", otherTokenPath, otherTokenBody, nil, 401, 1000},
		{"envelope that is neither JSON nor XML", good, "Encrypt=abc", nil, 400, 1001},
		{"plain text", "/wxcallback/biz/wxacc", "success", source, 400, 1001},
		{"empty", "/wxcallback/biz/wxacc", "", source, 400, 1001},
		{"JSON cut before the first field", "/wxcallback/component", `{"InfoType":"auth`, source, 400, 1001},
		{"XML cut before the first field", "/wxcallback/component", `<xml><InfoType>auth`, source, 400, 1001},
		{"deep JSON", "/wxcallback/component", strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000), source, 400, 1001},
		{"deep XML", "/wxcallback/component", strings.Repeat("<a>", 100_000) + strings.Repeat("</a>", 100_000), source, 400, 1001},
		{"entity bomb", "/wxcallback/component", bomb, source, 400, 1001},
		{"huge body", "/wxcallback/component", `{"a":"` + strings.Repeat("x", 1<<20) + `"}`, source, 413, 1001},
		{"appid with a slash", "/wxcallback/biz/a%20b", text, source, 400, 1001},
		{"appid with a host", "/wxcallback/biz/@evil:80", text, source, 400, 1001},
		{"appid not filled in", "/wxcallback/biz/$APPID$", text, source, 400, 1001},
		{"appid too long", "/wxcallback/biz/" + strings.Repeat("a", 65), text, source, 400, 1001},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil)
			r.do(http.MethodPost, tt.path, tt.header, strings.NewReader(tt.body)).isRefused(t, tt.status, tt.code)
			require.Empty(t, r.pushes)
			require.Empty(t, r.tickets)
			require.Equal(t, 1, r.counted("wxcomponent_pushes_refused_total"))
		})
	}
}

func TestHugeBodyIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	sent := &zeros{}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/wxcallback/component", io.LimitReader(sent, 200<<20))
	require.NoError(t, err)
	req.Header.Set("X-Wx-Source", "wx_http")
	if res, err := r.client.Do(req); err == nil { // else the server hung up while we were still sending
		defer res.Body.Close()
		require.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)
	}
	require.Less(t, sent.n.Load(), int64(32<<20), "what is on its way in buffers may be more than what is read")
	require.Empty(t, r.pushes)
}

// zeros has no end. It counts what is read of it.
type zeros struct{ n atomic.Int64 }

func (z *zeros) Read(p []byte) (int, error) {
	clear(p)
	z.n.Add(int64(len(p)))
	return len(p), nil
}

func TestSlowSenderIsCutOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *wxcallback.Deps) { d.BodyTime = 50 * time.Millisecond })
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /wxcallback/component HTTP/1.1\r\nHost: x\r\nX-Wx-Source: a\r\nContent-Length: 100\r\n\r\n{")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(waittest.Limit)))
	got, err := io.ReadAll(conn) // ends when the server closes the connection
	require.NoError(t, err)
	require.Contains(t, string(got), "408")
}

// slowSender promises a large body and sends what needs room among the large ones, and no more.
func (r *rig) slowSender(t *testing.T) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "POST /wxcallback/component HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"+
		strings.Repeat("x", 17<<10))
	require.NoError(t, err)
}

func TestSlowSendersDoNotKeepLargePushesOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for range 40 {
		r.slowSender(t)
	}
	for range 3 {
		r.plain("/wxcallback/component", `{"InfoType":"x","Pad":"`+strings.Repeat("p", 100<<10)+`"}`).isSuccess(t)
	}
	require.Zero(t, r.counted("wxcomponent_pushes_refused_total"))
}

func TestOneAddressDoesNotTakeAllMemory(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *wxcallback.Deps) { d.BodyTime = 10 * waittest.Limit })
	for range 300 {
		r.slowSender(t)
	}
	waittest.Until(t, func() bool {
		return r.counted("wxcomponent_pushes_refused_total", "component", "busy_address") > 0
	}, "senders of the address are refused")
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/wxcallback/component",
		strings.NewReader(`{"InfoType":"x","Pad":"`+strings.Repeat("p", 100<<10)+`"}`))
	req.Header.Set("X-Wx-Source", "a")
	req.RemoteAddr = "192.0.2.77:1"
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	require.Equal(t, "success", w.Body.String(), "another address has room")
}

func TestLargeBodyComesAtALeastRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in which the clock stands still
		for sent, allowed := range map[int]time.Duration{
			17 << 10: time.Second + 4*time.Second*17/128, 64 << 10: 3 * time.Second, 200 << 10: 5 * time.Second,
		} {
			_, handler := makeRig(t, nil)
			l := &limited{ResponseRecorder: httptest.NewRecorder(), Reader: strings.NewReader(strings.Repeat("x", sent))}
			handler.ServeHTTP(l, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/wxcallback/component", l))
			require.Equal(t, http.StatusRequestTimeout, l.Code)
			require.Equal(t, time.Now().Add(allowed), l.end, "%d bytes", sent)
		}
	})
}

// limited is a request whose time has run out after what there is.
type limited struct {
	*httptest.ResponseRecorder
	io.Reader
	end time.Time
}

func (l *limited) SetReadDeadline(at time.Time) error {
	l.end = at
	return nil
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

func TestBodyHasFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in which the clock stands still
		_, handler := makeRig(t, nil)
		l := &limited{ResponseRecorder: httptest.NewRecorder(), Reader: strings.NewReader("{")}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/wxcallback/component", l)
		req.Header.Set("X-Wx-Source", "a")
		handler.ServeHTTP(l, req)
		require.Equal(t, http.StatusRequestTimeout, l.Code)
		require.Equal(t, time.Now().Add(5*time.Second), l.end)
	})
}
