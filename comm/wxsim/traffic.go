package wxsim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

// Traffic says what users do: how often, to whom, how long.
type Traffic struct {
	Rate        float64  `json:"rate"`        // messages a second; 0 = as fast as Concurrency allows
	Concurrency int      `json:"concurrency"` // pushes under way at one time; default 16
	Count       int64    `json:"count"`       // messages in all; 0 = no end
	Duration    Duration `json:"duration"`    // 0 = no end
	Attempts    int      `json:"attempts"`    // of one push; default Settings.PushAttempts
	Kinds       []string `json:"kinds"`       // MsgTypes and Events in turn; default a mix of both

	// OnAck is called for every message that the product took, with its MsgId, or 0 for an event.
	// Many goroutines call it at once.
	OnAck func(appID string, msgID int64) `json:"-"`
}

func (t *Traffic) setDefaults() error {
	if t.Rate < 0 || t.Concurrency < 0 || t.Count < 0 || t.Duration < 0 || t.Attempts < 0 {
		return errors.New("rate, concurrency, count, duration and attempts must not be negative")
	}
	t.Concurrency = cmp.Or(t.Concurrency, 16)
	if t.Concurrency > 4096 {
		return errors.New("concurrency must not be above 4096")
	}
	if len(t.Kinds) == 0 {
		t.Kinds = []string{
			"text", "text", "image", "text", "CLICK", "text", "voice", "subscribe", "text", "VIEW", "location", "text",
			"SCAN", "text", "link", "user_enter_tempsession", "text", "video", "miniprogrampage", "unsubscribe",
		}
	}
	return nil
}

// TrafficReport counts what came of it. Latencies are those of single attempts.
type TrafficReport struct {
	Running  bool     `json:"running"`
	Sent     int64    `json:"sent"`     // messages
	Accepted int64    `json:"accepted"` // of them, acknowledged
	Attempts int64    `json:"attempts"` // with repetitions
	Replies  int64    `json:"replies"`  // passive replies that users got
	Elapsed  Duration `json:"elapsed"`
	P50      Duration `json:"p50"`
	P90      Duration `json:"p90"`
	P99      Duration `json:"p99"`
	Max      Duration `json:"max"`
}

// PerSecond is the rate of acknowledged messages.
func (r TrafficReport) PerSecond() float64 {
	if r.Elapsed == 0 {
		return 0
	}
	return float64(r.Accepted) / time.Duration(r.Elapsed).Seconds()
}

// histogram counts durations in buckets that grow by an eighth of a power of two, so a figure read
// from it is at most 12 % too high.
type histogram struct {
	buckets [512]atomic.Int64
	max     atomic.Int64
}

func bucketOf(ns int64) int {
	u := uint64(max(ns, 8))
	exp := bits.Len64(u) - 4
	return exp*8 + int(u>>exp)&7 //nolint:gosec // below 512
}

// bucketEnd is the smallest duration above bucket i.
func bucketEnd(i int) int64 { return int64(8+i%8+1) << (i / 8) }

func (h *histogram) add(d time.Duration) {
	h.buckets[bucketOf(int64(d))].Add(1)
	for old := h.max.Load(); int64(d) > old; old = h.max.Load() {
		if h.max.CompareAndSwap(old, int64(d)) {
			return
		}
	}
}

// quantile returns the duration below which the share q of all lies.
func (h *histogram) quantile(q float64) Duration {
	var all int64
	for i := range h.buckets {
		all += h.buckets[i].Load()
	}
	var seen int64
	for i := range h.buckets {
		seen += h.buckets[i].Load()
		if seen > 0 && float64(seen) >= q*float64(all) {
			return Duration(min(bucketEnd(i), h.max.Load()))
		}
	}
	return 0
}

// load is traffic under way.
type load struct {
	Traffic
	sim      *Sim
	accounts atomic.Pointer[[]string] // appids of those who take part
	started  time.Time
	next     atomic.Int64 // messages begun
	sent     atomic.Int64
	accepted atomic.Int64
	attempts atomic.Int64
	replies  atomic.Int64
	latency  histogram
}

// Load sends traffic until its count, its duration or ctx ends, and reports it. While no account
// is authorized, or no target is set, it waits.
func (s *Sim) Load(ctx context.Context, t Traffic) (TrafficReport, error) {
	l, err := s.newLoad(t)
	if err != nil {
		return TrafficReport{}, err
	}
	l.run(ctx)
	return l.report(false), nil
}

func (s *Sim) newLoad(t Traffic) (*load, error) {
	if err := t.setDefaults(); err != nil {
		return nil, err
	}
	l := &load{Traffic: t, sim: s, started: time.Now()}
	l.refresh()
	return l, nil
}

// refresh finds the accounts that stand authorized now.
func (l *load) refresh() {
	l.sim.mu.Lock()
	defer l.sim.mu.Unlock()
	list := []string{}
	for _, a := range l.sim.accounts.order {
		if a.Authorized && !a.ReleaseCheck {
			list = append(list, a.AppID)
		}
	}
	l.accounts.Store(&list)
}

// watch follows authorizations and withdrawals until ctx ends.
func (l *load) watch(ctx context.Context) {
	for ctx.Err() == nil {
		sleep(ctx, time.Second)
		l.refresh()
	}
}

func (l *load) run(ctx context.Context) {
	clock := ctx
	if l.Duration > 0 {
		var cancel context.CancelFunc
		clock, cancel = context.WithTimeout(ctx, l.Duration.std())
		defer cancel()
	}
	var wg, side sync.WaitGroup
	watch, stop := context.WithCancel(ctx)
	side.Go(func() { l.watch(watch) })
	for range l.Concurrency {
		wg.Go(func() {
			for l.turn(ctx, clock) {
			}
		})
	}
	wg.Wait()
	stop()
	side.Wait()
}

// turn sends one message when its time has come; false when there are no more. What is under way
// when clock, the time allowed, ends is still sent to its end; what is when ctx ends is not.
func (l *load) turn(ctx, clock context.Context) bool {
	n := l.next.Add(1) - 1
	if l.Count > 0 && n >= l.Count {
		return false
	}
	if l.Rate > 0 {
		due := l.started.Add(time.Duration(float64(n) / l.Rate * float64(time.Second)))
		if wait := time.Until(due); wait > 0 {
			sleep(clock, wait)
		}
	}
	if clock.Err() != nil {
		return false
	}
	p, msgID, ok := l.message(n)
	if !ok { // nobody to write to as yet
		sleep(clock, time.Second)
		return true
	}
	l.sent.Add(1)
	res := l.sim.deliver(ctx, p)
	for _, a := range res.Attempts {
		l.latency.add(a.Duration.std())
	}
	l.attempts.Add(int64(len(res.Attempts)))
	if res.Reply != nil {
		l.replies.Add(1)
	}
	if res.Accepted {
		l.accepted.Add(1)
		if l.OnAck != nil {
			l.OnAck(p.appID, msgID)
		}
	}
	return true
}

// message makes the n-th message: another account, kind and user each time.
func (l *load) message(n int64) (p outgoing, msgID int64, ok bool) {
	accounts := *l.accounts.Load()
	if len(accounts) == 0 {
		return p, 0, false
	}
	appID := accounts[n%int64(len(accounts))]
	spec := PushSpec{AppID: appID, OpenID: openID(appID, int(n%1_000_000)), Attempts: l.Attempts}
	kind := l.Kinds[n%int64(len(l.Kinds))]
	switch kind {
	case "text":
		spec.Content = chatter(n)
	case "image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage":
		spec.MsgType = kind
	default:
		spec.Event = kind
	}
	if spec.Event == "" {
		msgID = l.sim.records.msgIDs.Add(1)
		spec.MsgID = msgID
	}
	p, err := l.sim.prepare(spec)
	return p, msgID, err == nil
}

func chatter(n int64) string {
	texts := [...]string{
		"你好，请问今天营业到几点？😊", "想订一张靠窗的位子，两个人🙏", "优惠券怎么用不了了？", "发货了吗？单号多少📦",
		"太好吃了，下次还来😋", "可以开发票吗", "地址改一下：解放东路 18 号 3 单元", "会员积分什么时候到账呀", "🎉🎉🎉",
		"请问支持七天无理由退货吗？", "周六下午三点还有空吗", "小朋友几岁可以玩👶", "hello, do you speak English?", "人工客服",
	}
	return fmt.Sprintf("%s（%d）", texts[n%int64(len(texts))], n+1)
}

func (l *load) report(running bool) TrafficReport {
	return TrafficReport{
		Running: running, Sent: l.sent.Load(), Accepted: l.accepted.Load(), Attempts: l.attempts.Load(), Replies: l.replies.Load(),
		Elapsed: Duration(time.Since(l.started)), P50: l.latency.quantile(0.5), P90: l.latency.quantile(0.9),
		P99: l.latency.quantile(0.99), Max: Duration(l.latency.max.Load()),
	}
}

// trafficRunner holds the traffic that [Sim.Run] sends beside everything else.
type trafficRunner struct {
	wake chan struct{} // there is traffic to begin with

	mu     sync.Mutex
	load   *load              // what is wanted; nil for none
	cancel context.CancelFunc // ends what runs
	last   TrafficReport
}

// StartTraffic has [Sim.Run] send traffic, in place of what it sends already, until its end or
// [Sim.StopTraffic].
func (s *Sim) StartTraffic(t Traffic) error {
	l, err := s.newLoad(t)
	if err != nil {
		return err
	}
	s.StopTraffic()
	s.traffic.mu.Lock()
	defer s.traffic.mu.Unlock()
	s.traffic.load = l
	select {
	case s.traffic.wake <- struct{}{}:
	default: // it is awake
	}
	return nil
}

// StopTraffic ends the traffic. What is under way is given up.
func (s *Sim) StopTraffic() {
	s.traffic.mu.Lock()
	defer s.traffic.mu.Unlock()
	if s.traffic.cancel != nil {
		s.traffic.cancel()
	}
	s.traffic.load = nil
}

// TrafficReport reports the running traffic, or the last.
func (s *Sim) TrafficReport() TrafficReport {
	s.traffic.mu.Lock()
	defer s.traffic.mu.Unlock()
	if s.traffic.load != nil {
		return s.traffic.load.report(true)
	}
	return s.traffic.last
}

func (s *Sim) runTraffic(ctx context.Context) {
	for ctx.Err() == nil {
		l, stop := s.traffic.begin(ctx)
		if l == nil {
			select {
			case <-ctx.Done():
			case <-s.traffic.wake:
			}
			continue
		}
		l.run(stop)
		s.traffic.end(l)
	}
}

func (r *trafficRunner) begin(ctx context.Context) (*load, context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.load == nil {
		return nil, nil
	}
	ctx, r.cancel = context.WithCancel(ctx)
	r.load.started = time.Now()
	return r.load, ctx
}

func (r *trafficRunner) end(l *load) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cancel()
	r.cancel, r.last = nil, l.report(false)
	if r.load == l {
		r.load = nil
	}
}
