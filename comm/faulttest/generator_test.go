package faulttest

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wxcomponent/comm/waittest"
)

const (
	hangUp    = 8 * time.Second // WeChat has hung up by then; it shows how late the answer was
	sendings  = 3               // of one push, by WeChat
	tryPause  = time.Second
	manyTries = 1000 // of a push that the rest of a short run is about
	stepSize  = 25   // pushes that a short run waits for before it goes on
	// fewAnswers is so many that it cannot be that each is to a push that is sent again later.
	fewAnswers = 5
	underMost  = 32 // pushes of a short run that are under way at the same time
	accounts   = 20
	askedOne   = "wxasked" // the account whose pushes are answered by a synchronous target
	askedPart  = 10        // one in so many pushes is for it
	again      = 20        // one in so many pushes is sent again though it was answered
	firstID    = 2_400_000_000_000_000_000
)

// generator sends pushes at a rate as WeChat does: again when the answer is late or not "success",
// and now and then again although it was. In a short run it is more patient than WeChat, so that a
// late answer is no more than that, and leaves out what would come before others have been answered.
type generator struct {
	t       testing.TB
	pl      plan
	address string
	client  *http.Client
	ledger  *ledger
	asked   bool          // some pushes are for the account askedOne
	tries   int           // how often a push is sent that is not taken
	places  chan struct{} // for the pushes under way; nil: there may be any number

	mu     sync.Mutex
	random *rand.Rand
	last   int64
	taken  int // pushes that were acknowledged
	calls  []*callMade
}

// callMade is one request with a push.
type callMade struct {
	id           int64
	began, ended time.Time // ended is zero while it is under way
	ok           bool      // answered "success"
}

func newGenerator(t testing.TB, p *product, pl plan) *generator {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second}
	t.Cleanup(transport.CloseIdleConnections)
	g := &generator{
		t: t, pl: pl, address: p.public, client: &http.Client{Timeout: pl.pick(hangUp, waittest.Limit), Transport: transport},
		ledger: newLedger(t), tries: sendings, random: rand.New(rand.NewPCG(pl.seed, 1)), last: firstID + int64(pl.seed)*1_000_000,
	}
	if !pl.full {
		g.places = make(chan struct{}, underMost)
	}
	return g
}

// start begins to send. rest ends that, and waits for the pushes under way.
func (g *generator) start() (rest func()) {
	ctx, stop := context.WithCancel(g.t.Context())
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		g.run(ctx)
	}()
	return func() {
		stop()
		<-sent
	}
}

// step lets pushes come: for a time in a full run, until some more have been taken in a short one.
func (g *generator) step(full time.Duration) {
	g.t.Helper()
	if g.pl.full {
		time.Sleep(full)
		return
	}
	before := g.acknowledged()
	waittest.Until(g.t, func() bool { return g.acknowledged() >= before+stepSize }, "pushes are taken")
}

// steps sends for as long as a step takes.
func (g *generator) steps(full time.Duration) {
	g.t.Helper()
	rest := g.start()
	defer rest()
	g.step(full)
}

func (g *generator) acknowledged() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.taken
}

// newest is the push that was sent last.
func (g *generator) newest() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.last
}

// enter tells whether there is a place for one more push.
func (g *generator) enter() bool {
	if g.places == nil {
		return true
	}
	select {
	case g.places <- struct{}{}:
		return true
	default:
		return false
	}
}

func (g *generator) leave() {
	if g.places != nil {
		<-g.places
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
		for due := int(time.Since(begin).Seconds() * float64(g.pl.rate)); sent < due; sent++ {
			if !g.enter() {
				continue
			}
			id, account, twice := g.next()
			pushes.Go(func() {
				defer g.leave()
				g.push(id, account, twice)
			})
		}
	}
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
			time.Sleep(g.pl.pick(tryPause, tryPause/10))
		}
		if g.send(id, account, body) {
			if !taken {
				g.ledger.acknowledged(id, account)
				g.mu.Lock()
				g.taken++
				g.mu.Unlock()
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

func (g *generator) send(id int64, account, body string) bool {
	made := &callMade{id: id, began: time.Now()}
	g.mu.Lock()
	g.calls = append(g.calls, made)
	g.mu.Unlock()
	ok := g.request(account, body)
	g.mu.Lock()
	defer g.mu.Unlock()
	made.ended, made.ok = time.Now(), ok
	return ok
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
	return g.callsThat(func(c callMade) bool {
		return !c.ended.IsZero() && !c.ended.Before(from) && c.ended.Before(to)
	})
}

// callsSince are those that began after a moment, also if they have not ended.
func (g *generator) callsSince(from time.Time) []callMade {
	return g.callsThat(func(c callMade) bool { return c.began.After(from) })
}

func (g *generator) callsThat(are func(c callMade) bool) (out []callMade) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.calls {
		if are(*c) {
			out = append(out, *c)
		}
	}
	return out
}

// answered waits for answers to pushes that were sent after a moment, whatever they are, and returns how
// many of them say that the push was taken.
func (g *generator) answered(since time.Time) (ok int) {
	g.t.Helper()
	ended := 0
	waittest.Until(g.t, func() bool {
		ended, ok = 0, 0
		for _, c := range g.callsSince(since) {
			if !c.ended.IsZero() {
				ended++
			}
			if c.ok {
				ok++
			}
		}
		return ended >= fewAnswers
	}, "pushes are answered")
	return ok
}

// longestWay is the longest time from when a push was sent until it reached a target first, of all that did.
func (g *generator) longestWay(to *sink) (most time.Duration) {
	reached := map[int64]time.Time{}
	for _, c := range to.all() {
		if _, known := reached[c.id]; !known {
			reached[c.id] = c.at
		}
	}
	for _, c := range g.callsSince(time.Time{}) {
		if at, known := reached[c.id]; known {
			most = max(most, at.Sub(c.began))
		}
	}
	return most
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
