package faulttest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
)

// patientCall is how long calls of a target may take in a short run: as long as can be set. A late answer
// is no more than that then.
const patientCall = time.Minute

const leftPath = "/left"

// sink is a target that notes every forward.
type sink struct {
	name   string
	target int64    // its id
	only   []string // accounts whose pushes it gets; none: it gets all
	since  int64    // id of the last push before those that it gets
	port   int
	server *httptest.Server
	open   atomic.Int64  // connections
	delay  time.Duration // until it has taken a push; one whose caller is gone by then it does not take

	held atomic.Int64 // calls that wait until the sink lets go

	mu     sync.Mutex
	calls  []forwarded
	behave http.HandlerFunc // nil: takes everything
	gate   chan struct{}    // closed when it lets go; nil: it holds no calls
}

// forwarded is one call.
type forwarded struct {
	id      int64
	attempt int
	at      time.Time
	lag     time.Duration // since the push came in
	taken   time.Time     // when it was answered well; zero: it was not
}

// newSink opens a target; at is an address, "" for any.
func newSink(t testing.TB, name, at string, behave http.HandlerFunc) *sink {
	t.Helper()
	s := &sink{name: name, behave: behave}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if at != "" {
		ln, err := net.Listen("tcp", at)
		require.NoError(t, err)
		_ = s.server.Listener.Close()
		s.server.Listener = ln
	}
	s.server.Config.ConnState = s.count
	s.server.Start()
	s.port = portOf(t, s.server.Listener.Addr().String())
	t.Cleanup(func() {
		s.letGo()
		s.server.CloseClientConnections()
		s.server.Close()
	})
	return s
}

// count follows the connections. One counts until its last request has been served.
func (s *sink) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.open.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}

func portOf(t testing.TB, address string) int {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	return must(strconv.Atoi(port))
}

var messageID = regexp.MustCompile(`"MsgId":(\d+)`)

// idOf finds the id of a push in its body.
func idOf(body string) int64 {
	found := messageID.FindStringSubmatch(body)
	if found == nil {
		return 0
	}
	return must(strconv.ParseInt(found[1], 10, 64))
}

func (s *sink) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == leftPath {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller died
	}
	now := time.Now()
	c := forwarded{id: idOf(string(body)), at: now}
	c.attempt, _ = strconv.Atoi(r.Header.Get("X-Wxcomponent-Attempt"))
	if ms, err := strconv.ParseInt(r.Header.Get("X-Wxcomponent-Received"), 10, 64); err == nil {
		c.lag = now.Sub(time.UnixMilli(ms))
	}
	s.mu.Lock()
	behave, gate := s.behave, s.gate
	n := len(s.calls)
	s.calls = append(s.calls, c)
	s.mu.Unlock()
	if gate != nil && !s.wait(r, gate) {
		return
	}
	if behave != nil {
		behave(w, r)
		return
	}
	if !waits(r, s.delay) {
		return
	}
	s.mu.Lock()
	s.calls[n].taken = time.Now()
	s.mu.Unlock()
	_, _ = io.WriteString(w, "success")
}

// hold keeps the calls that come from now on waiting until the sink lets go. One whose caller is gone
// by then it does not take.
func (s *sink) hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = make(chan struct{})
}

func (s *sink) letGo() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate != nil {
		close(s.gate)
		s.gate = nil
	}
}

// wait tells whether the caller is still there when the sink lets go.
func (s *sink) wait(r *http.Request, gate <-chan struct{}) bool {
	s.held.Add(1)
	defer s.held.Add(-1)
	select {
	case <-r.Context().Done():
		return false
	case <-gate:
		return true
	}
}

// holds waits until so many calls wait for the sink.
func (s *sink) holds(t testing.TB, n int) {
	t.Helper()
	waittest.Until(t, func() bool { return s.held.Load() >= int64(n) }, "%s is called", s.name)
}

// wants tells whether it gets a push of an account.
func (s *sink) wants(id int64, account string) bool {
	return id > s.since && (len(s.only) == 0 || slices.Contains(s.only, account))
}

// waits tells whether the caller is still there after a while.
func waits(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
		return false
	case <-timer.C:
		return true
	}
}

// turn changes how it behaves.
func (s *sink) turn(behave http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behave = behave
}

func (s *sink) all() []forwarded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]forwarded(nil), s.calls...)
}

// twice tells whether the sink has taken a push more than once.
func (s *sink) twice() bool {
	for _, n := range s.taken() {
		if n > 1 {
			return true
		}
	}
	return false
}

// takenAfter counts the pushes that the sink has taken of those that were sent after one.
func (s *sink) takenAfter(push int64) (n int) {
	for id := range s.taken() {
		if id > push {
			n++
		}
	}
	return n
}

// taken counts how often each push was taken.
func (s *sink) taken() map[int64]int {
	out := make(map[int64]int)
	for _, c := range s.all() {
		if !c.taken.IsZero() {
			out[c.id]++
		}
	}
	return out
}

// againWithout counts the calls with pushes that the sink had taken before, other than those that it
// had taken before one of the kills, their outcomes may have been lost with it. In a short run the
// sink's answer may have come too late for the service: it was right to call again then.
func (s *sink) againWithout(kills []time.Time, works map[int64]delivery, full bool) (n int) {
	last, late := map[int64]time.Time{}, map[int64]int{}
	for _, c := range s.all() {
		before, known := last[c.id]
		lost := func(kill time.Time) bool { return kill.After(before) && kill.Before(c.at) }
		if known && !slices.ContainsFunc(kills, lost) {
			if late[c.id]++; full || late[c.id] > works[c.id].late {
				n++
			}
		}
		if !c.taken.IsZero() {
			last[c.id] = c.at
		}
	}
	return n
}

// left waits until the sink has read all that a caller who died had sent: its connections were there
// before this one, and are known to the sink once this one is answered.
func (s *sink) left(t testing.TB) {
	t.Helper()
	req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+leftPath, nil))
	req.Close = true
	res, err := s.server.Client().Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	waittest.Until(t, func() bool { return s.open.Load() == 0 }, "a dead service is no longer connected")
}

// lags are the times from the arrival of pushes to their first forward, of those called within a
// span of time.
func (s *sink) lags(from, to time.Time) (lags []time.Duration) {
	for _, c := range s.all() {
		if c.attempt <= 1 && !c.at.Before(from) && c.at.Before(to) {
			lags = append(lags, c.lag)
		}
	}
	return lags
}

// hang answers nothing until the caller gives up or the test is over.
func hang(over <-chan struct{}) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}
}
