package forward

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"wxcomponent/comm/queue"
	"wxcomponent/db/model"
)

const (
	recordBatch = 200
	recordBytes = 1 << 20 // of answers in one transaction: servers bound the size of a statement
)

// ledger writes attempts together with what becomes of their deliveries, those of many handlers in
// one transaction: while one is under way the next batch gathers. To a queue it is the store of its
// work.
type ledger struct {
	queue.Store
	store   DeliveryStore
	timeout time.Duration // of a transaction
	retry   func()        // told when a delivery was put off
	made    sync.Map      // id of work → *model.Attempt, until its outcome is written
	back    sync.Map      // id of work that is given back as if it had not been taken

	mu      sync.Mutex
	waiting []*entry
	writing bool
	writers sync.WaitGroup
}

type entry struct {
	outcome model.Outcome
	result  chan recorded
}

type recorded struct {
	held bool
	err  error
}

func newLedger(store Store, timeout time.Duration, retry func()) *ledger {
	return &ledger{Store: store, store: store, timeout: timeout, retry: retry}
}

// note keeps an attempt until the queue says what becomes of its work.
func (l *ledger) note(a *model.Attempt) { l.made.Store(a.WorkID, a) }

func (l *ledger) attemptOf(work int64) *model.Attempt {
	v, _ := l.made.LoadAndDelete(work)
	a, _ := v.(*model.Attempt)
	return a
}

// giveBack says that the failure that the queue reports next of some work was no attempt.
func (l *ledger) giveBack(work int64) { l.back.Store(work, nil) }

// WorkDone implements queue.Store.
func (l *ledger) WorkDone(ctx context.Context, item model.Work) (bool, error) {
	return l.end(ctx, model.Outcome{Work: item, State: model.WorkDone})
}

// WorkRetry implements queue.Store.
func (l *ledger) WorkRetry(ctx context.Context, item model.Work, after time.Duration, lastError string) (bool, error) {
	if _, ok := l.back.LoadAndDelete(item.ID); ok {
		return l.WorkRelease(ctx, item)
	}
	held, err := l.end(ctx, model.Outcome{Work: item, State: model.WorkReady, After: after, Error: lastError})
	if held {
		l.retry()
	}
	return held, err
}

// WorkDead implements queue.Store.
func (l *ledger) WorkDead(ctx context.Context, item model.Work, lastError string) (bool, error) {
	return l.end(ctx, model.Outcome{Work: item, State: model.WorkDead, Error: lastError})
}

func (l *ledger) end(ctx context.Context, o model.Outcome) (bool, error) {
	o.Attempt = l.attemptOf(o.Work.ID)
	held, err := l.record(ctx, o)
	if err != nil && o.Attempt != nil {
		l.note(o.Attempt) // the queue tries again
	}
	return held, err
}

// record returns when the outcome is written.
func (l *ledger) record(ctx context.Context, o model.Outcome) (bool, error) {
	e := &entry{outcome: o, result: make(chan recorded, 1)}
	l.mu.Lock()
	l.waiting = append(l.waiting, e)
	if !l.writing {
		l.writing = true
		l.writers.Go(func() { l.write(context.WithoutCancel(ctx)) })
	}
	l.mu.Unlock()
	select {
	case r := <-e.result:
		return r.held, r.err
	case <-ctx.Done():
		return false, fmt.Errorf("wait for the attempt to be recorded: %w", ctx.Err())
	}
}

// write commits batches until nobody waits.
func (l *ledger) write(ctx context.Context) {
	for {
		batch := l.next()
		if len(batch) == 0 {
			return
		}
		l.commit(ctx, batch)
	}
}

// next takes a batch; when there is none, whoever comes next starts a new writer.
func (l *ledger) next() []*entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, size := 0, 0
	for n < len(l.waiting) && n < recordBatch && size < recordBytes {
		if a := l.waiting[n].outcome.Attempt; a != nil {
			size += len(a.Answer)
		}
		n++
	}
	batch := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	if n == 0 {
		l.waiting, l.writing = nil, false
	}
	return batch
}

// commit writes a batch. When that fails each is tried alone, so that one that cannot be written
// does not keep the others from it.
func (l *ledger) commit(ctx context.Context, batch []*entry) {
	outcomes := make([]model.Outcome, len(batch))
	for i, e := range batch {
		outcomes[i] = e.outcome
	}
	held, err := l.tryRecord(ctx, outcomes)
	if err != nil && len(batch) > 1 && !errors.Is(err, context.DeadlineExceeded) {
		for i := range batch {
			l.commit(ctx, batch[i:i+1])
		}
		return
	}
	for i, e := range batch {
		e.result <- recorded{held: err == nil && held[i], err: err}
	}
}

func (l *ledger) tryRecord(ctx context.Context, outcomes []model.Outcome) (held []bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("recording attempts panicked: %v", p)
		}
	}()
	return l.store.ForwardRecord(ctx, outcomes)
}

// inOrder is the ledger for a target whose deliveries wait for each other.
type inOrder struct{ *ledger }

// WorkTake implements queue.Store.
func (l inOrder) WorkTake(ctx context.Context, kinds []string, owner string, lease time.Duration, n int) ([]model.Work, error) {
	if len(kinds) != 1 || n < 1 {
		return nil, nil
	}
	return l.store.ForwardTakeFirst(ctx, kinds[0], owner, lease)
}

// wait returns when everything has been written.
func (l *ledger) wait() { l.writers.Wait() }
