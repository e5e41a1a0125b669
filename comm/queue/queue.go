// Package queue is the one durable work queue: everything that must happen once and survive a
// restart runs from it, on whichever instance takes it first.
//
// An item is a row. Taking it leases it to this instance under a fencing number; the lease is
// renewed while the handler runs, and the outcome is written only while the fence still holds. An
// instance that dies leaves its items to the others when the leases end, so a handler runs at
// least once and must bear running again. Lease times are the database's clock.
package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/log"
	"wxcomponent/db/model"
)

const (
	pollEvery      = time.Second      // how long an idle queue waits before it looks again
	leaseTime      = 30 * time.Second // how long the work of a dead instance lies still
	checkEvery     = time.Second      // how soon a cancelled item's handler is told
	storeTimeout   = 5 * time.Second  // of one statement
	defaultTimeout = 30 * time.Second
	defaultGrace   = 8 * time.Second
)

// Kind is one sort of work.
type Kind struct {
	Name        string
	Concurrency int           // items handled at the same time on one instance; 0 means 1
	Batch       int           // more items are taken when so many places are free; 0 means 1
	Timeout     time.Duration // of one attempt; 0 means 30 s
	MaxAttempts int           // the item is dead after that many; 0 means no limit
	// Backoff is the pause after the given failed attempt, counted from 1; the queue adds jitter.
	// nil means Exponential(time.Second, 10*time.Minute).
	Backoff func(attempt int) time.Duration
	// Every makes the kind periodic: one item for the whole installation, handled at once when the
	// installation starts for the first time, and again this long after it was last handled. An
	// instance that starts in the very moment in which another ends it may handle it once more.
	Every  time.Duration
	Handle func(ctx context.Context, task *Task) error
}

// Options are the settings of a queue; zero values mean the defaults.
type Options struct {
	Owner string        // names this instance; different for every process
	Poll  time.Duration // pause between two looks at an idle queue
	Lease time.Duration // how long an item stays with an instance that no longer renews it
	Grace time.Duration // how long Run waits for running handlers after its context has ended
	Check time.Duration // how soon the handler of a cancelled item is told
	// StoreTimeout is that of one statement; a hanging database must not hang the queue.
	StoreTimeout time.Duration
}

// Queue takes work and runs its handlers.
type Queue struct {
	store Store
	log   *zap.Logger
	opt   Options
	lanes []*lane
	wake  chan struct{}

	mu      sync.Mutex
	running map[int64]*run
	done    sync.WaitGroup // one for every running handler
	failing bool           // the store could not be read last time, and that has been logged
}

// New returns a queue for the kinds. It handles nothing until Run.
func New(store Store, l *zap.Logger, opt Options, kinds ...Kind) (*Queue, error) {
	if opt.Owner == "" {
		return nil, errors.New("queue: an owner is needed")
	}
	orElse(&opt.Poll, pollEvery)
	orElse(&opt.Lease, leaseTime)
	orElse(&opt.Grace, defaultGrace)
	orElse(&opt.Check, checkEvery)
	orElse(&opt.StoreTimeout, storeTimeout)
	q := &Queue{store: store, log: l, opt: opt, wake: make(chan struct{}, 1), running: map[int64]*run{}}
	seen := map[string]bool{}
	for _, k := range kinds {
		if k.Name == "" || k.Handle == nil || seen[k.Name] {
			return nil, fmt.Errorf("queue: kind %q needs a handler and a name of its own", k.Name)
		}
		seen[k.Name] = true
		q.lanes = append(q.lanes, newLane(k))
	}
	return q, nil
}

func orElse(d *time.Duration, fallback time.Duration) {
	if *d <= 0 {
		*d = fallback
	}
}

// Nudge makes the queue look for work at once instead of at its next poll. It never blocks.
func (q *Queue) Nudge() {
	select {
	case q.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// Run takes and handles work until ctx ends. Then it takes no more, waits up to Options.Grace for
// the running handlers, cancels those that are left and gives their items back.
func (q *Queue) Run(ctx context.Context) {
	work := context.WithoutCancel(ctx) // a stop must let handlers finish
	var keeper sync.WaitGroup
	keeping, stopKeeping := context.WithCancel(work)
	keeper.Go(func() { q.keepLeases(keeping) })

	q.takeUntil(ctx, work)
	q.stop(work)
	stopKeeping()
	keeper.Wait()
}

// takeUntil looks for work whenever it is woken, and at least once per poll, until ctx ends.
func (q *Queue) takeUntil(ctx, work context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var seeded time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-timer.C:
		}
		if ctx.Err() != nil {
			return
		}
		err := q.seedAfter(ctx, &seeded)
		if err == nil {
			err = q.fill(ctx, work)
		}
		q.note(ctx, err)
		timer.Reset(q.opt.Poll)
	}
}

// note logs that work can no longer be taken, or can be again, once for each.
func (q *Queue) note(ctx context.Context, err error) {
	switch {
	case err != nil && ctx.Err() != nil:
		return // stopping
	case err != nil && !q.failing:
		q.log.Warn("cannot take work; trying again every second", zap.Error(err))
	case err == nil && q.failing:
		q.log.Info("work can be taken again")
	}
	q.failing = err != nil
}

// fill takes as much as there is room for. Idle, that is one read: the first look asks for all
// kinds at once, but for no more items than the fullest kind has room for, since they may all be
// of that kind. Only when that look came back full are the kinds asked one by one.
func (q *Queue) fill(ctx, work context.Context) error {
	names, room := q.room()
	if len(names) == 0 {
		return nil // the next handler that ends wakes the queue
	}
	n, err := q.take(ctx, work, names, room)
	if err != nil || n < room {
		return err
	}
	for _, l := range q.lanes {
		for room := l.room(); room > 0; room = l.room() {
			n, err := q.take(ctx, work, []string{l.kind.Name}, room)
			if err != nil {
				return err
			}
			if n < room {
				break
			}
		}
	}
	return nil
}

// room names the kinds that can take more, and the least that any of them can take.
func (q *Queue) room() (names []string, least int) {
	for _, l := range q.lanes {
		free := l.room()
		if free == 0 {
			continue
		}
		if len(names) == 0 || free < least {
			least = free
		}
		names = append(names, l.kind.Name)
	}
	return names, least
}

// take leases up to n items of the kinds and starts their handlers.
func (q *Queue) take(ctx, work context.Context, kinds []string, n int) (int, error) {
	// Items that were leased must be started: the statement is not cut off by a stop.
	storeCtx, cancel := context.WithTimeout(work, q.opt.StoreTimeout)
	defer cancel()
	if ctx.Err() != nil {
		return 0, nil
	}
	leasedUntil := time.Now().Add(q.opt.Lease)
	items, err := q.store.WorkTake(storeCtx, kinds, q.opt.Owner, q.opt.Lease, n)
	if err != nil {
		return 0, fmt.Errorf("take work: %w", err)
	}
	for i := range items {
		q.start(work, items[i], leasedUntil)
	}
	return len(items), nil
}

func (q *Queue) start(work context.Context, item model.Work, leasedUntil time.Time) {
	l := q.lane(item.Kind)
	if l == nil {
		return // not a kind that was asked for; its lease ends by itself
	}
	ctx, cancel := context.WithCancelCause(log.With(work,
		zap.String("work", item.Kind), zap.Int64("workId", item.ID), zap.Int("attempt", item.Attempt)))
	r := &run{lane: l, item: item, log: log.From(ctx, q.log), cancel: cancel, leasedUntil: leasedUntil}
	l.enter()
	q.mu.Lock()
	q.running[item.ID] = r
	q.mu.Unlock()
	q.done.Go(func() {
		defer func() {
			cancel(nil)
			q.forget(r)
			if l.leave() {
				q.Nudge() // more may be due: a kind that has room has taken all there was
			}
		}()
		q.handle(ctx, r)
	})
}

// forget leaves alone a later run of the same item, taken again after its lease was lost.
func (q *Queue) forget(r *run) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running[r.item.ID] == r {
		delete(q.running, r.item.ID)
	}
}

func (q *Queue) lane(kind string) *lane {
	for _, l := range q.lanes {
		if l.kind.Name == kind {
			return l
		}
	}
	return nil
}
