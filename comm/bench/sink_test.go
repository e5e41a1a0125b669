//go:build bench

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	sinkAddress = "WXCOMPONENT_BENCH_SINK" // address: run as the programs that deliveries go to

	hangPath = "/hang" // of the sink that never answers in time
	hangTime = 30 * time.Second

	receivedHeader = "x-wxcomponent-received"
)

// sink counts the deliveries that came to one path, and how long after its push each came.
type sink struct {
	mu   sync.Mutex
	lags []time.Duration
}

// arrivals are the deliveries of a path since they were last forgotten.
type arrivals struct {
	Count    int
	P50, P99 time.Duration // of the time since the push was received
}

// sinks are the programs that deliveries go to, each with a path of its own.
type sinks struct {
	mu    sync.Mutex
	paths map[string]*sink
}

func (s *sinks) at(path string) *sink {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paths[path] == nil {
		s.paths[path] = &sink{}
	}
	return s.paths[path]
}

func (s *sinks) deliver(_ http.ResponseWriter, r *http.Request) {
	now := time.Now()
	if r.URL.Path == hangPath {
		select {
		case <-time.After(hangTime):
		case <-r.Context().Done():
		}
	}
	received, _ := strconv.ParseInt(r.Header.Get(receivedHeader), 10, 64)
	to := s.at(r.URL.Path)
	to.mu.Lock()
	defer to.mu.Unlock()
	to.lags = append(to.lags, now.Sub(time.UnixMilli(received)))
}

func (s *sinks) report(w http.ResponseWriter, r *http.Request) {
	from := s.at(r.URL.Query().Get("path"))
	from.mu.Lock()
	lags := slices.Clone(from.lags)
	from.mu.Unlock()
	slices.Sort(lags)
	r1 := result{latencies: lags}
	_ = json.NewEncoder(w).Encode(arrivals{len(lags), r1.quantile(.5), r1.quantile(.99)})
}

func (s *sinks) forget(http.ResponseWriter, *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.paths)
}

func serveSinks(address string) error {
	s := &sinks{paths: map[string]*sink{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /arrivals", s.report)
	mux.HandleFunc("DELETE /arrivals", s.forget)
	mux.HandleFunc("POST /", s.deliver)
	return http.ListenAndServe(address, mux)
}

// sinkProcess is the sinks in a process of their own, so that they are no part of what is measured.
type sinkProcess struct {
	*process
	port int
}

func startSinks(t testing.TB) sinkProcess {
	t.Helper()
	address := freeAddress(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), sinkAddress+"="+address)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	return sinkProcess{start(t, address, "/healthz", cmd), n}
}

func (p sinkProcess) ask(ctx context.Context, t testing.TB, method, path string) arrivals {
	t.Helper()
	var a arrivals
	require.NoError(t, askJSON(ctx, method, fmt.Sprintf("http://%s/arrivals?path=%s", p.address, path), "", &a))
	return a
}

func (p sinkProcess) arrivals(t testing.TB, path string) arrivals {
	t.Helper()
	return p.ask(t.Context(), t, http.MethodGet, path)
}

func (p sinkProcess) forget(t testing.TB) {
	t.Helper()
	p.ask(t.Context(), t, http.MethodDelete, "")
}

// fewest is how many deliveries came to the path that got the fewest.
func (p sinkProcess) fewest(t testing.TB, paths []string) int {
	t.Helper()
	least := -1
	for _, path := range paths {
		if n := p.arrivals(t, path).Count; least < 0 || n < least {
			least = n
		}
	}
	return least
}
