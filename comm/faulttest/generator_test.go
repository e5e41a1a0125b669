package faulttest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	hangUp    = 8 * time.Second // WeChat has hung up by then; it shows how late the answer was
	sendings  = 3               // of one push, by WeChat
	tryPause  = time.Second
	accounts  = 20
	askedOne  = "wxasked" // the account whose pushes are answered by a synchronous target
	askedPart = 10        // one in so many pushes is for it
	again     = 20        // one in so many pushes is sent again though it was answered
	firstID   = 2_400_000_000_000_000_000
)

// generator sends pushes at a rate as WeChat does: again when the answer is late or not "success",
// and now and then again although it was.
type generator struct {
	address string
	rate    int
	client  *http.Client
	ledger  *ledger
	asked   bool // some pushes are for the account askedOne
	tries   int  // how often a push is sent that is not taken

	mu     sync.Mutex
	random *rand.Rand
	last   int64
	calls  []callMade
}

// callMade is one request with a push.
type callMade struct {
	began, ended time.Time
	ok           bool // answered "success"
}

func newGenerator(t testing.TB, p *product, pl plan) *generator {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second}
	t.Cleanup(transport.CloseIdleConnections)
	return &generator{
		address: p.public, rate: pl.rate, client: &http.Client{Timeout: hangUp, Transport: transport},
		ledger: newLedger(t), tries: sendings, random: rand.New(rand.NewPCG(pl.seed, 1)), last: firstID + int64(pl.seed)*1_000_000,
	}
}

// run sends until ctx ends, then waits for the pushes under way.
func (g *generator) run(ctx context.Context) {
	var pushes sync.WaitGroup
	begin := time.Now()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for sent := 0; ; {
		select {
		case <-ctx.Done():
			pushes.Wait()
			return
		case <-ticker.C:
		}
		for due := int(time.Since(begin).Seconds() * float64(g.rate)); sent < due; sent++ {
			id, account, twice := g.next()
			pushes.Go(func() { g.push(id, account, twice) })
		}
	}
}

// runFor sends for a while.
func (g *generator) runFor(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	g.run(ctx)
}

func accountOf(n int) string { return fmt.Sprintf("wx%016d", n) }

func (g *generator) next() (id int64, account string, twice bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last++
	account = accountOf(g.random.IntN(accounts))
	if g.asked && g.random.IntN(askedPart) == 0 {
		account = askedOne
	}
	return g.last, account, g.random.IntN(again) == 0
}

// push sends one push until it is taken or was sent often enough, and tells the ledger when it was taken.
func (g *generator) push(id int64, account string, twice bool) {
	body := fmt.Sprintf(`{"ToUserName":"gh_0123456789ab","FromUserName":"oFault","CreateTime":%d,"MsgType":"text",`+
		`"Content":"你好，请问什么时候发货？","MsgId":%d}`, time.Now().Unix(), id)
	taken := false
	for try := range g.tries {
		if try > 0 {
			time.Sleep(tryPause)
		}
		if g.send(account, body) {
			if !taken {
				g.ledger.acknowledged(id, account)
			}
			taken = true
			if !twice {
				return
			}
			twice = false
		} else if taken {
			return
		}
	}
}

func (g *generator) send(account, body string) bool {
	made := callMade{began: time.Now()}
	made.ok = g.request(account, body)
	made.ended = time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, made)
	return made.ok
}

func (g *generator) request(account, body string) bool {
	req := must(http.NewRequestWithContext(context.Background(), http.MethodPost,
		"http://"+g.address+"/wxcallback/biz/"+account, strings.NewReader(body)))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Wx-Source", "fault")
	res, err := g.client.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return err == nil && res.StatusCode == http.StatusOK && string(text) == "success"
}

// callsWithin are those that ended within a span of time.
func (g *generator) callsWithin(from, to time.Time) []callMade {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []callMade
	for _, c := range g.calls {
		if !c.ended.Before(from) && c.ended.Before(to) {
			out = append(out, c)
		}
	}
	return out
}

// longest is how long the slowest call took, whatever its answer.
func longest(calls []callMade) (most time.Duration) {
	for _, c := range calls {
		most = max(most, c.ended.Sub(c.began))
	}
	return most
}

// p99 is how long all but the slowest hundredth took.
func p99(durations []time.Duration) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	slices.Sort(durations)
	return durations[min(len(durations)*99/100, len(durations)-1)]
}

// acknowledgeTimes are the times that successful calls took.
func acknowledgeTimes(calls []callMade) (times []time.Duration) {
	for _, c := range calls {
		if c.ok {
			times = append(times, c.ended.Sub(c.began))
		}
	}
	return times
}

// firstSuccess is when the first push was taken that was sent after a moment.
func firstSuccess(calls []callMade, after time.Time) (first time.Time, found bool) {
	for _, c := range calls {
		if c.ok && c.began.After(after) && (!found || c.ended.Before(first)) {
			first, found = c.ended, true
		}
	}
	return first, found
}

// ledger is where the generator writes down what was acknowledged, on disk before anything else
// happens to the push: one writer flushes what has gathered.
type ledger struct {
	t       testing.TB
	file    *os.File
	waiting chan entry
	done    chan struct{}
}

type entry struct {
	line    string
	written chan struct{}
}

func newLedger(t testing.TB) *ledger {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "ledger"))
	require.NoError(t, err)
	l := &ledger{t: t, file: file, waiting: make(chan entry, 10_000), done: make(chan struct{})}
	go l.write()
	t.Cleanup(func() {
		close(l.waiting)
		<-l.done
		_ = file.Close()
	})
	return l
}

func (l *ledger) acknowledged(id int64, account string) {
	e := entry{line: strconv.FormatInt(id, 10) + " " + account + "\n", written: make(chan struct{})}
	l.waiting <- e
	<-e.written
}

func (l *ledger) write() {
	defer close(l.done)
	for e := range l.waiting {
		batch := []entry{e}
		for len(l.waiting) > 0 {
			batch = append(batch, <-l.waiting)
		}
		var text strings.Builder
		for _, e := range batch {
			text.WriteString(e.line)
		}
		_, err := l.file.WriteString(text.String())
		if err == nil {
			err = l.file.Sync()
		}
		if err != nil {
			l.t.Errorf("write the ledger: %v", err)
		}
		for _, e := range batch {
			close(e.written)
		}
	}
}

// read returns the accounts of the pushes that were acknowledged, by id.
func (l *ledger) read() map[int64]string {
	l.t.Helper()
	file, err := os.Open(l.file.Name())
	require.NoError(l.t, err)
	defer file.Close()
	out := make(map[int64]string)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var id int64
		var account string
		_, err := fmt.Sscan(lines.Text(), &id, &account)
		require.NoError(l.t, err)
		out[id] = account
	}
	return out
}
