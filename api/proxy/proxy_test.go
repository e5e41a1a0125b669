package proxy_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api/proxy"
	"wxcomponent/comm/console/settings"
	"wxcomponent/comm/waittest"
)

type fixed settings.Proxy

func (f fixed) Get() settings.Proxy { return settings.Proxy(f) }

// listener gives out connections whose time limits run out when the test says so.
type listener struct {
	net.Listener
	mu    sync.Mutex
	conns []*conn
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, &conn{Conn: c})
	return l.conns[len(l.conns)-1], nil
}

// pass has the limits run out that end within that time.
func (l *listener) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.pass(d)
	}
}

type conn struct {
	net.Conn
	mu          sync.Mutex
	read, write time.Time // the limits in force
}

func (c *conn) SetReadDeadline(at time.Time) error {
	return c.limit(&c.read, at, c.Conn.SetReadDeadline)
}

func (c *conn) SetWriteDeadline(at time.Time) error {
	return c.limit(&c.write, at, c.Conn.SetWriteDeadline)
}

func (c *conn) SetDeadline(at time.Time) error {
	return errors.Join(c.SetReadDeadline(at), c.SetWriteDeadline(at))
}

func (c *conn) limit(inForce *time.Time, at time.Time, set func(time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	*inForce = time.Time{}
	if at.After(time.Now()) {
		*inForce = at
		return set(time.Time{})
	}
	return set(at) // none, or one that interrupts
}

func (c *conn) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	past, then := time.Unix(1, 0), time.Now().Add(d)
	if !c.read.IsZero() && c.read.Before(then) {
		_ = c.Conn.SetReadDeadline(past)
	}
	if !c.write.IsZero() && c.write.Before(then) {
		_ = c.Conn.SetWriteDeadline(past)
	}
}

// front serves a proxy to target and 418 where it is off, behind a listener with time limits.
func front(t *testing.T, target string) (address string, pass func(time.Duration)) {
	t.Helper()
	p := proxy.New(fixed{Open: target != "", URL: target}, http.DefaultTransport, zap.NewNop())
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.Serve(w, r) {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = time.Hour, time.Hour
	l := &listener{Listener: srv.Listener}
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL, l.pass
}

func service(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func read(t *testing.T, res *http.Response, err error) string {
	t.Helper()
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(body)
}

func TestSwitchedOff(t *testing.T) {
	base, _ := front(t, "")
	res, err := http.Get(base + "/anything")
	read(t, res, err)
	require.Equal(t, http.StatusTeapot, res.StatusCode)
}

func TestRequestReachesTheServiceAsItCame(t *testing.T) {
	base, _ := front(t, service(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Own", "kept")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, "%s %s %s host=%s for=%s proto=%s", r.Method, r.RequestURI, body, r.Host,
			r.Header.Get("X-Forwarded-For"), r.Header.Get("X-Forwarded-Proto"))
	}))
	req, err := http.NewRequest(http.MethodPatch, base+"/a%2Fb//c;d?q=%20&empty=&semi;colon=1", strings.NewReader("body"))
	require.NoError(t, err)
	req.Host = "shop.example.com"
	req.Header.Set("X-Forwarded-For", "198.51.100.7")
	req.Header.Set("X-Forwarded-Proto", "https")
	res, err := http.DefaultClient.Do(req)
	text := read(t, res, err)
	require.Equal(t, http.StatusCreated, res.StatusCode)
	require.Equal(t, "kept", res.Header.Get("X-Own"))
	require.Equal(t, "PATCH /a%2Fb//c;d?q=%20&empty=&semi;colon=1 body host=shop.example.com for=198.51.100.7, 127.0.0.1 proto=https", text)
}

// TestAnswerStreams holds that lines come as they are sent, and for longer than the listener allows.
func TestAnswerStreams(t *testing.T) {
	next := make(chan string)
	base, pass := front(t, service(t, func(w http.ResponseWriter, _ *http.Request) {
		for line := range next {
			_, _ = fmt.Fprintln(w, line)
			_ = http.NewResponseController(w).Flush()
		}
	}))
	var once sync.Once
	end := func() { once.Do(func() { close(next) }) }
	defer end()
	go func() { next <- "line 0" }()
	res, err := http.Get(base + "/stream")
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	for i := range 4 {
		require.True(t, lines.Scan(), "line %d: %v", i, lines.Err())
		require.Equal(t, fmt.Sprint("line ", i), lines.Text())
		pass(2 * time.Hour)
		next <- fmt.Sprint("line ", i+1)
	}
	end()
}

func TestSlowUpload(t *testing.T) {
	var got atomic.Int64
	base, pass := front(t, service(t, func(w http.ResponseWriter, r *http.Request) {
		var body []byte
		part := make([]byte, 100)
		for {
			n, err := r.Body.Read(part)
			body = append(body, part[:n]...)
			got.Add(int64(n))
			if err != nil {
				_, _ = fmt.Fprintf(w, "%s%v", body, err)
				return
			}
		}
	}))
	out, in := io.Pipe()
	answered := make(chan string, 1)
	go func() {
		res, err := http.Post(base, "text/plain", out)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer func() { _ = res.Body.Close() }()
		text, _ := io.ReadAll(res.Body)
		answered <- string(text)
	}()
	for i := range int64(4) {
		_, err := io.WriteString(in, "part ")
		require.NoError(t, err)
		waittest.Until(t, func() bool { return got.Load() == 5*(i+1) || len(answered) > 0 }, "part %d does not come through", i)
		pass(30 * time.Second) // a minute would be too long between two parts
	}
	require.NoError(t, in.Close())
	require.Equal(t, "part part part part EOF", waittest.Receive(t, answered, "the answer"))
}

func TestHalfSentBodyDoesNotStayForEver(t *testing.T) {
	came, ended := make(chan struct{}), make(chan error, 1)
	base, pass := front(t, service(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadFull(r.Body, make([]byte, 4))
		close(came)
		_, err := io.Copy(io.Discard, r.Body)
		ended <- err
	}))
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(base, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	require.NoError(t, err)
	waittest.Receive(t, came, "the half")
	closed := make(chan error, 1)
	go func() {
		_, err := io.ReadAll(conn)
		closed <- err
	}()
	waittest.Until(t, func() bool { pass(2 * time.Minute); return len(closed) > 0 }, "the sender is still waited for")
	require.NoError(t, <-closed)
	require.Error(t, waittest.Receive(t, ended, "the end of the request at the service"))
}

func TestWebSocket(t *testing.T) {
	base, pass := front(t, service(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		for {
			kind, text, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			_ = conn.Write(r.Context(), kind, append([]byte("echo "), text...))
		}
	}))
	conn, _, err := websocket.Dial(t.Context(), base+"/socket", nil)
	require.NoError(t, err)
	defer func() { _ = conn.CloseNow() }()
	for range 3 {
		pass(2 * time.Hour)
		require.NoError(t, conn.Write(t.Context(), websocket.MessageText, []byte("hi")))
		_, text, err := conn.Read(t.Context())
		require.NoError(t, err)
		require.Equal(t, "echo hi", string(text))
	}
}

func TestDeadServiceIsABadGatewayPage(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, ln.Close())
	base, _ := front(t, "http://"+ln.Addr().String())
	res, err := http.Get(base + "/page?secret=1")
	text := read(t, res, err)
	require.Equal(t, http.StatusBadGateway, res.StatusCode)
	require.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
	require.Contains(t, text, "服务暂不可用")
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	require.NotContains(t, text, port)
}

func TestAnswerThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	base, _ := front(t, service(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "part")
	}))
	res, err := http.Get(base)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	_, err = io.ReadAll(res.Body)
	require.Error(t, err)
}
