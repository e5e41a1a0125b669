package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/httputils"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
)

// network is what lies between the service, the simulator and their callers.
type network interface {
	serve(h http.Handler) (url string)
	transport() http.RoundTripper
}

// sockets are the host's.
type sockets struct{ t *testing.T }

func (s sockets) serve(h http.Handler) string {
	server := httptest.NewServer(h)
	s.t.Cleanup(server.Close)
	return server.URL
}

func (s sockets) transport() http.RoundTripper {
	client := httputils.NewClient(zap.NewNop())
	s.t.Cleanup(client.CloseIdleConnections)
	return client.Transport
}

// direct has calls come to a handler without a connection, for bubbles of testing/synctest: while
// anybody waits for a connection, their clocks stand still.
type direct map[string]http.Handler

func (d direct) serve(h http.Handler) string {
	host := fmt.Sprint("host-", len(d))
	d[host] = h
	return "http://" + host
}

func (d direct) transport() http.RoundTripper { return d }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	in := httptest.NewRequestWithContext(req.Context(), req.Method, req.URL.String(), req.Body)
	in.Header, in.ContentLength = req.Header, req.ContentLength
	w, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(done)
		d[req.URL.Host].ServeHTTP(w, in)
	}()
	select {
	case <-done:
		return w.Result(), nil
	case <-req.Context().Done():
		return nil, context.Cause(req.Context())
	}
}

// weappInBubble runs a test with a clock that goes on when there is nothing left to do.
func weappInBubble(t *testing.T, test func(t *testing.T, w *weappWorld)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, makeWeappWorld(t, dbtest.SQLite(t), direct{}, 0)) })
}

// rows is a store whose leases outlive the test. It notes how long they were to be.
type rows struct {
	*dao.Store
	mu     sync.Mutex
	leases map[string]time.Duration
}

func (r *rows) LeaseTake(ctx context.Context, name, owner string, ttl time.Duration) (fence int64, ok bool, err error) {
	r.mu.Lock()
	r.leases[name] = ttl
	r.mu.Unlock()
	return r.Store.LeaseTake(ctx, name, owner, ttl+time.Hour)
}

func (r *rows) LeaseRelease(ctx context.Context, name, owner string, fence int64) error {
	return r.Store.LeaseRelease(context.WithoutCancel(ctx), name, owner, fence)
}

// gate lets calls through, and holds one answer when it is told to.
type gate struct {
	http.RoundTripper
	mu      sync.Mutex
	path    string // whose next answer is held; empty for none
	arrived chan struct{}
	open    chan struct{}
}

// hold has the next answer on a path wait until it is let go. Something comes from arrived once it is
// there.
func (g *gate) hold(t *testing.T, path string) (arrived <-chan struct{}, letGo func()) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.path, g.arrived, g.open = path, make(chan struct{}, 1), make(chan struct{})
	open := g.open
	letGo = sync.OnceFunc(func() { close(open) })
	t.Cleanup(letGo)
	return g.arrived, letGo
}

func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	g.mu.Lock()
	held := g.path == req.URL.Path
	if held {
		g.path = ""
	}
	arrived, open := g.arrived, g.open
	g.mu.Unlock()
	resp, err := g.RoundTripper.RoundTrip(req)
	if held {
		arrived <- struct{}{}
		<-open
	}
	return resp, err
}
