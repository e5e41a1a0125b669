package wxcallback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/log"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
)

const (
	appID  = "wx1111111111111111"
	token  = log.Secret("push-token")
	key    = log.Secret("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
	keyOld = log.Secret("ABCDEFGhijklmnopqrstuvwxyz0123456789abcdefg")
)

// recorder takes pushes as the ingest does, or fails as it was told to.
type recorder struct {
	mu      sync.Mutex
	pushes  []*event.Push
	tickets []string
	err     error
	lost    error // of tickets
}

func (r *recorder) Store(_ context.Context, p *event.Push) (ingest.Result, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return ingest.Result{}, r.err
	}
	for _, have := range r.pushes {
		if have.Identity() == p.Identity() {
			return ingest.Result{Duplicate: true}, nil
		}
	}
	r.pushes = append(r.pushes, p)
	return ingest.Result{}, nil
}

func (r *recorder) TicketSave(_ context.Context, ticket string, _ time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost == nil {
		r.tickets = append(r.tickets, ticket)
	}
	return r.lost
}

type credentials struct{ crypt *encrypt.MsgCrypt }

func (c credentials) Crypt() *encrypt.MsgCrypt { return c.crypt }

// rig is the endpoints behind a real server.
type rig struct {
	*recorder
	t      *testing.T
	url    string
	crypt  *encrypt.MsgCrypt
	reg    *prometheus.Registry
	logs   *observer.ObservedLogs
	client *http.Client

	handler http.Handler
}

func crypt(t testing.TB, id string, token, key, previous log.Secret) *encrypt.MsgCrypt {
	t.Helper()
	c, err := encrypt.NewMsgCrypt(id, token, key, previous)
	require.NoError(t, err)
	return c
}

func newRig(t *testing.T, change func(*wxcallback.Deps)) *rig {
	t.Helper()
	r, handler := makeRig(t, func(d *wxcallback.Deps) {
		d.BodyTime, d.TicketTime = waittest.Limit, waittest.Limit
		if change != nil {
			change(d)
		}
	})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	r.url, r.client = server.URL, server.Client()
	return r
}

// inBubble runs a test with the clock of testing/synctest, and without connections.
func inBubble(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r, handler := makeRig(t, nil)
		r.url, r.client = "http://service", &http.Client{Transport: direct{handler}}
		test(t, r)
	})
}

// direct carries requests to a handler without a connection.
type direct struct{ http.Handler }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	in := httptest.NewRequestWithContext(req.Context(), req.Method, req.URL.String(), req.Body)
	in.Header = req.Header
	w := httptest.NewRecorder()
	d.ServeHTTP(w, in)
	return w.Result(), nil
}

func makeRig(t *testing.T, change func(*wxcallback.Deps)) (*rig, http.Handler) {
	t.Helper()
	gin.SetMode(gin.TestMode)
	core, logs := observer.New(zapcore.DebugLevel)
	r := &rig{recorder: &recorder{}, t: t, reg: prometheus.NewRegistry(), logs: logs, crypt: crypt(t, appID, token, key, "")}
	d := wxcallback.Deps{
		Log: zap.New(core), Metrics: r.reg, Credentials: credentials{crypt(t, appID, token, key, keyOld)},
		Ingest: r.recorder, Tickets: r.recorder, Plain: true,
	}
	if change != nil {
		change(&d)
	}
	e := gin.New()
	wxcallback.New(d).Register(e.Group("/wxcallback"))
	r.handler = e
	return r, e
}

// signed is a timestamp as WeChat signs it now.
func signed() string { return strconv.FormatInt(time.Now().Unix(), 10) }

type answer struct {
	status int
	body   string
	header http.Header
}

func (r *rig) do(method, path string, header http.Header, body io.Reader) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, body)
	require.NoError(r.t, err)
	for name, v := range header {
		req.Header[name] = v
	}
	res, err := r.client.Do(req)
	require.NoError(r.t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	require.NoError(r.t, err)
	return answer{res.StatusCode, string(got), res.Header}
}

// plain pushes a body in clear, as the gateway of cloud hosting does.
func (r *rig) plain(path, body string) answer {
	r.t.Helper()
	return r.do(http.MethodPost, path, http.Header{"X-Wx-Source": {"wx_http"}}, strings.NewReader(body))
}

// sealed pushes a body encrypted by c.
func (r *rig) sealed(c *encrypt.MsgCrypt, path, body string, format payload.Format) answer {
	r.t.Helper()
	outer, q, err := c.EncryptPush([]byte(body), encrypt.Envelope{Format: format, ToUserName: "gh_1"}, signed(), "n1")
	require.NoError(r.t, err)
	return r.do(http.MethodPost, path+"?"+q.Encode(), nil, bytes.NewReader(outer))
}

func (a answer) isSuccess(t *testing.T) {
	t.Helper()
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.Equal(t, "success", a.body)
	require.Equal(t, "text/plain; charset=utf-8", a.header.Get("Content-Type"))
}

func (a answer) isRefused(t *testing.T, status, code int) {
	t.Helper()
	require.Equal(t, status, a.status, a.body)
	var got struct {
		Code     int    `json:"code"`
		ErrorMsg string `json:"errorMsg"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &got), a.body)
	require.Equal(t, code, got.Code)
	require.NotEmpty(t, got.ErrorMsg)
}

// counted reads one counter of a vector; no labels mean the sum of all.
func (r *rig) counted(name string, labels ...string) int {
	r.t.Helper()
	families, err := r.reg.Gather()
	require.NoError(r.t, err)
	sum := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var values []string
			for _, l := range m.GetLabel() {
				values = append(values, l.GetValue())
			}
			if f.GetName() == name && (len(labels) == 0 || slices.Equal(values, labels)) {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return int(sum)
}
