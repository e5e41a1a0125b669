package forward

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"wxcomponent/comm/queue"
)

const (
	lookEvery = time.Second           // an idle service looks for due deliveries
	lookApart = 10 * time.Millisecond // looks at least, however many pushes come
	// holdMargin is how much longer than any synchronous call takes a delivery stands behind it.
	holdMargin = 5500 * time.Millisecond
	holdBatch  = 500

	storeTimeout = 5 * time.Second // of one statement

	lanePoll    = 15 * time.Second // a lane is woken when something is due; this is if that fails
	laneLease   = 20 * time.Second // how long the deliveries of an instance that died lie still
	laneGrace   = 5 * time.Second
	laneTimeout = 24 * time.Hour // of a delivery that waits for an unwell target; the call has its own

	// inHand is how many deliveries a lane has in hand for each that its target may be called for at a
	// time: the others wait for their turn, or for what became of them to be written, so that one
	// transaction takes and one ends many of them. Those in hand are what an instance that is killed
	// may have made without a record.
	inHand = 2
)

// lane serves one target.
type lane struct {
	shape laneShape
	queue *queue.Queue
	stop  context.CancelFunc
}

// laneShape is what a lane has to be made anew for.
type laneShape struct {
	concurrency int
	ordered     bool
}

// dispatcher keeps one lane for each target and wakes those that have something to do.
type dispatcher struct {
	s       *Service
	set     *Set // that the lanes are made for
	lanes   map[string]*lane
	pace    *rate.Limiter // of deliveries that are made while pushes press
	running sync.WaitGroup
	failing bool
}

// Nudge makes the service look for due deliveries at once. It never blocks.
func (s *Service) Nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends. Then it waits for the calls under way, gives back the deliveries
// that it cannot end, and writes what became of the others.
func (s *Service) Run(ctx context.Context) {
	d := &dispatcher{s: s, lanes: make(map[string]*lane), pace: rate.NewLimiter(besidePushes, besideAtOnce)}
	var counting sync.WaitGroup
	counting.Go(func() { s.stats.keep(ctx, s.flushStats) })
	d.serve(ctx)
	d.running.Wait() // the lanes' contexts ended with ctx
	s.after.Wait()
	s.ledger.wait()
	counting.Wait()
	s.flushStats(context.WithoutCancel(ctx))
}

func (d *dispatcher) serve(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.s.wake:
		case <-timer.C:
		}
		d.adapt(ctx)
		apart := lookApart
		next, err := d.look(ctx)
		if err == nil {
			var soon time.Duration
			soon, apart, err = d.unbundle(ctx)
			next = min(next, soon)
		}
		d.note(ctx, err)
		if !pauseFor(ctx, apart) {
			return
		}
		timer.Reset(next)
	}
}

func pauseFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// note logs that deliveries cannot be looked for, or can be again, once for each.
func (d *dispatcher) note(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
		return
	case err != nil && !d.failing:
		d.s.deps.Log.Warn("cannot look for due deliveries; trying again every second", zap.Error(err))
	case err == nil && d.failing:
		d.s.deps.Log.Info("due deliveries can be looked for again")
	}
	d.failing = err != nil
}

// adapt makes the lanes those of the targets in force.
func (d *dispatcher) adapt(ctx context.Context) {
	set := d.s.set.Get()
	if set == nil || set == d.set {
		return
	}
	for key, l := range d.lanes {
		if t := set.Target(key); t == nil || t.Paused || l.shape != (laneShape{t.Concurrency, t.Ordered}) {
			l.stop()
			delete(d.lanes, key)
		}
	}
	for key, t := range set.targets {
		if d.lanes[key] == nil && !t.Paused {
			d.open(ctx, t)
		}
	}
	d.set = set
}

func (d *dispatcher) open(ctx context.Context, t *Target) {
	key := t.Key
	var store queue.Store = d.s.ledger
	hand := inHand * t.Concurrency
	if t.Ordered {
		store, hand = inOrder{d.s.ledger}, 1 // there is none to take before that one has ended
	}
	laneCtx, stop := context.WithCancel(ctx)
	calls := make(turns, t.Concurrency)
	q, err := queue.New(store, d.s.deps.Log, queue.Options{
		Owner: d.s.deps.Owner, Poll: lanePoll, Lease: laneLease, Grace: laneGrace,
		StoreTimeout: d.s.deps.StoreTimeout,
	}, queue.Kind{
		Name: deliverKind + key, Concurrency: hand, Batch: (hand + 1) / 2, Timeout: laneTimeout,
		Handle: func(ctx context.Context, task *queue.Task) error { return d.s.deliver(ctx, laneCtx, calls, key, task) },
	})
	if err != nil {
		stop()
		d.s.deps.Log.Error("cannot deliver to a target", zap.String("target", key), zap.Error(err))
		return
	}
	d.lanes[key] = &lane{shape: laneShape{t.Concurrency, t.Ordered}, queue: q, stop: stop}
	d.running.Go(func() { q.Run(laneCtx) })
}

// look wakes the lanes that have something due and returns when to look again.
func (d *dispatcher) look(ctx context.Context) (next time.Duration, err error) {
	next = lookEvery
	if len(d.lanes) == 0 {
		return next, nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.s.deps.StoreTimeout)
	defer cancel()
	kinds := make([]string, 0, 2*len(d.lanes))
	for key := range d.lanes {
		kinds = append(kinds, deliverKind+key, holdKind+key)
	}
	due, err := d.s.deps.Store.ForwardDue(ctx, kinds)
	if err != nil {
		return next, err
	}
	for kind, in := range due {
		if key, held := strings.CutPrefix(kind, holdKind); held {
			if in += d.holdTime(); in <= 0 {
				err = d.promote(ctx, key)
			}
		} else if in <= 0 {
			d.lanes[strings.TrimPrefix(kind, deliverKind)].queue.Nudge()
		}
		if in > 0 {
			next = min(next, in)
		}
	}
	return next, err
}

func (d *dispatcher) holdTime() time.Duration { return d.s.deps.SyncTimeout + holdMargin }

// promote frees the deliveries whose call was never settled: the process that made it died.
func (d *dispatcher) promote(ctx context.Context, key string) error {
	n, err := d.s.deps.Store.ForwardPromote(ctx, holdKind+key, deliverKind+key, d.holdTime(), holdBatch)
	if err == nil && n > 0 {
		d.s.deps.Log.Info("pushes whose target was not heard of are delivered from the queue",
			zap.String("target", key), zap.Int64("count", n))
		d.s.Nudge()
	}
	return err
}
