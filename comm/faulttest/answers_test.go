package faulttest

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/waittest"
)

const (
	followed   = "a redirect was followed"
	readMore   = "more of an answer was read than is kept"
	grew       = "memory grew with the answers of targets"
	wrongState = "a delivery ended in the wrong state"
	wrongTime  = "a delivery was tried again at the wrong time"
	wrongCalls = "a target was not called as often as its answers ask for"

	keptAnswer  = 20_000  // bytes of an answer that are read and kept
	inTransit   = 1 << 20 // bytes that may be under way in buffers of the system when a reader stops
	mayGrow     = 50 << 20
	bigAccount  = "wxbig"
	callTimeout = time.Second // of a target here
	dripTimeout = 5 * time.Second
)

// Targets answer in every bad way there is.
func TestBadAnswers(t *testing.T) {
	parallel(t)
	t.Run("sqlite", func(t *testing.T) { badAnswers(t, "") })
	t.Run("control", func(t *testing.T) {
		badAnswers(t, "trusting,retry-at-once", followed, readMore, grew, wrongState, wrongTime)
	})
}

// badAnswer is a way to answer, and what has to become of the delivery.
type badAnswer struct {
	name   string
	behave http.HandlerFunc
	calls  int // that are right
	ends   string
	pauses []int         // seconds, between the calls
	limit  time.Duration // of a call in a short run, when it is to run out; else there is time enough
}

// The ends of a delivery.
const (
	endsDelivered = "delivered"
	endsDead      = "dead"
	endsWaiting   = "waiting" // its target is switched off
)

// badServers are what the answers need besides their targets.
type badServers struct {
	trap   *httptest.Server // where redirects lead to
	caught atomic.Int64
	secure *httptest.Server // with a certificate that nobody knows
	length int64            // of the large answer
	sent   atomic.Int64     // most bytes of it that got away in one call
	large  sync.WaitGroup   // calls that are given it
}

func newBadServers(t *testing.T, length int64) *badServers {
	t.Helper()
	b := &badServers{length: length}
	b.trap = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { b.caught.Add(1) }))
	b.secure = httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { b.caught.Add(1) }))
	b.secure.Config.ErrorLog = zap.NewStdLog(zap.NewNop())
	b.secure.StartTLS()
	t.Cleanup(b.trap.Close)
	t.Cleanup(b.secure.Close)
	return b
}

func badAnswers(t *testing.T, defects string, expected ...string) {
	pl := planned(t, defects, plan{rate: 15}, plan{rate: 20, time: 30 * time.Second})
	length, bigPushes, pauses := int64(1)<<30, 20, []int{1, 2, 1}
	if pl.full {
		pauses = []int{8, 10, 12}
	}
	if defects != "" {
		// It will be in memory as a whole, and no pause will be waited for, however long it is.
		length, bigPushes, pauses = 64<<20, 1, []int{60, 120, 60}
	}
	r := newReport(t, pl, defects)
	database := sqlite(t)
	p := newProduct(t, database, defects)
	p.start()
	a := login(t, p)
	servers := newBadServers(t, length)
	answers := servers.answers(pauses)
	sinks, ids := make([]*sink, len(answers)), make([]int64, len(answers)+1)
	for i, b := range answers {
		sinks[i] = newSink(t, b.name, "", b.behave)
		limit := pl.pick(callTimeout, cmp.Or(b.limit, patientCall))
		if defects != "" && b.limit > 0 {
			limit = callTimeout / 2 // what becomes of such calls is not what is looked for
		}
		sinks[i].target = a.target(map[string]any{
			"name": b.name, "port": sinks[i].port, "path": "/", "timeoutMs": limit.Milliseconds(), "pauses": pauses,
		})
		ids[i] = sinks[i].target
	}
	secure := a.target(map[string]any{"name": "secure", "url": servers.secure.URL, "pauses": pauses})
	ids[len(answers)] = secure
	healthy := newSink(t, "healthy", "", nil)
	healthy.target = a.target(map[string]any{"name": "healthy", "port": healthy.port, "path": "/"})
	big := newSink(t, "big", "", servers.giveLarge)
	big.target = a.target(map[string]any{
		"name": "big", "port": big.port, "path": "/", "timeoutMs": pl.pick(0, patientCall).Milliseconds(),
	})
	a.rule("async", []string{"wxone"}, ids...)
	a.rule("async", []string{bigAccount}, big.target)
	a.rule("async", nil, healthy.target)

	g := newGenerator(t, p, pl)
	g.steps(time.Second) // the service is warm when its memory is looked at
	before, _ := p.resident()
	if !pl.full {
		g.tries = manyTries
	}
	g.push(g.last+1, "wxone", false)
	for i := range bigPushes {
		g.push(g.last+2+int64(i), bigAccount, false)
	}
	g.last += int64(2 + bigPushes)
	rest := g.start()
	g.step(pl.time)
	limit := pl.pick(time.Minute, waittest.Limit)
	_, drained := a.drained(limit, append(without(ids, answers, endsWaiting), big.target)...)
	rest()
	_, all := a.drained(limit, healthy.target)
	r.check(drained && all, notDrained, "after %s", limit)
	servers.large.Wait()

	slack := pl.pick(0, 5*time.Second+5*g.longestWay(healthy))
	for i, b := range answers {
		r.answered(slack, a, b, sinks[i].target, len(sinks[i].all()))
	}
	r.answered(slack, a, badAnswer{name: "secure", calls: len(pauses) + 1, ends: endsDead, pauses: pauses}, secure, -1)
	_, most := p.resident()
	r.Figures["memory_growth_mb"] = float64(most-before) / (1 << 20)
	r.check(most-before <= mayGrow, grew, "by %d bytes", most-before)
	r.Counts["large_answer_sent"], r.Counts["large_answers"] = servers.sent.Load(), int64(len(big.all()))
	r.check(servers.sent.Load() <= inTransit, readMore, "%d bytes got away", servers.sent.Load())
	for _, made := range a.attempts(big.target) {
		r.check(made.OK && len(made.Answer) <= keptAnswer, readMore, "%d bytes are kept, %s", len(made.Answer), made.Error)
	}
	r.check(servers.caught.Load() == 0, followed, "%d times", servers.caught.Load())
	p.stop()
	r.nothingLost(g.ledger.read(), read(t, database, healthy.target), healthy)
	r.close(expected...)
}

// without leaves out the targets whose deliveries do not end.
func without(ids []int64, answers []badAnswer, ends string) (out []int64) {
	for i, id := range ids {
		if i >= len(answers) || answers[i].ends != ends {
			out = append(out, id)
		}
	}
	return out
}

// answered compares the calls of a target with those that its answers ask for. They may be late by a
// fifth, and some slack: in a short run as much as a push may be late, of those that reached a healthy
// target at the same time.
func (r *report) answered(slack time.Duration, a *admin, b badAnswer, id int64, seen int) {
	r.t.Helper()
	if b.ends == endsWaiting { // nobody has waited for it so far
		waittest.Until(r.t, func() bool { return len(a.attempts(id)) > 0 }, "%s is called", b.name)
	}
	h, err := a.health(id)
	require.NoError(r.t, err)
	ends := endsDelivered
	switch {
	case h.Health.Dead > 0:
		ends = endsDead
	case h.Health.Pending > 0 && h.Paused:
		ends = endsWaiting
	case h.Health.Pending > 0:
		ends = "pending"
	}
	attempts := a.attempts(id)
	for !r.Full && b.limit == dripTimeout && len(attempts) > 1 && attempts[0].Status == 0 {
		attempts, seen = attempts[1:], -1 // not even the beginning of the answer came in time
	}
	r.check(ends == b.ends, wrongState, "%s: %s instead of %s, %+v", b.name, ends, b.ends, attempts)
	r.check(len(attempts) == b.calls && (seen < 0 || seen == b.calls), wrongCalls,
		"%s: %d calls are recorded and %d were made instead of %d", b.name, len(attempts), seen, b.calls)
	late := 1.2
	for i := 1; i < len(attempts) && i <= len(b.pauses); i++ {
		last := attempts[i-1]
		pause := time.Duration(attempts[i].Time-last.Time-last.DurationMS) * time.Millisecond
		due := time.Duration(b.pauses[i-1]) * time.Second
		off := float64(pause)/float64(due) - 1
		if worst := r.Figures["pause_off_percent"]; abs(off)*100 > worst {
			r.Figures["pause_off_percent"] = abs(off) * 100
		}
		r.check(pause >= due*8/10 && float64(pause) <= late*float64(due)+float64(slack), wrongTime,
			"%s: %s after attempt %d instead of %s", b.name, pause, i, due)
	}
}

func abs(x float64) float64 { return max(x, -x) }

// answers are the bad ways. A target that asks for more time than the pause is given up to twice
// the pause.
func (b *badServers) answers(pauses []int) []badAnswer {
	all := len(pauses) + 1
	asked := pauses[0]*2 - pauses[0]/3
	var busy atomic.Int64
	return []badAnswer{
		{"500", status(http.StatusInternalServerError), all, endsDead, pauses, 0},
		{"429", func(w http.ResponseWriter, _ *http.Request) {
			if busy.Add(1) == 1 {
				w.Header().Set("Retry-After", strconv.Itoa(asked))
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, 2, endsDelivered, []int{asked}, 0},
		{"301", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", b.trap.URL)
			w.WriteHeader(http.StatusMovedPermanently)
		}, all, endsDead, pauses, 0},
		{"410", status(http.StatusGone), 1, endsWaiting, nil, 0},
		{"reset", taken(func(conn *net.TCPConn) { _ = conn.SetLinger(0) }), all, endsDead, pauses, 0},
		{"half", taken(func(conn *net.TCPConn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly the beginning")
		}), 1, endsDelivered, nil, 0},
		{"dripping", func(w http.ResponseWriter, r *http.Request) {
			drip(r, func() bool {
				_, err := io.WriteString(w, ".")
				return err == nil && http.NewResponseController(w).Flush() == nil
			})
		}, 1, endsDelivered, nil, dripTimeout},
		{"dripping head", taken(func(conn *net.TCPConn) {
			for _, c := range "HTTP/1.1 200 OK" {
				if _, err := io.WriteString(conn, string(c)); err != nil {
					return
				}
				time.Sleep(callTimeout / 4)
			}
		}), all, endsDead, pauses, callTimeout / 2},
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// taken answers on the bare connection, and closes it then.
func taken(answer func(conn *net.TCPConn)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		if tcp, ok := conn.(*net.TCPConn); ok {
			answer(tcp)
		}
	}
}

// drip does something every second until the caller is gone.
func drip(r *http.Request, do func() bool) {
	for do() && waits(r, time.Second) {
	}
}

// giveLarge answers with more than anybody wants to have.
func (b *badServers) giveLarge(w http.ResponseWriter, r *http.Request) {
	b.large.Add(1)
	defer b.large.Done()
	taken(func(conn *net.TCPConn) {
		_ = conn.SetWriteBuffer(16 << 10)
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", b.length)
		block := make([]byte, 16<<10)
		for i := range block {
			block[i] = 'x'
		}
		sent := int64(0)
		for sent < b.length {
			n, err := conn.Write(block)
			sent += int64(n)
			if err != nil {
				break
			}
		}
		for {
			most := b.sent.Load()
			if sent <= most || b.sent.CompareAndSwap(most, sent) {
				return
			}
		}
	})(w, r)
}
