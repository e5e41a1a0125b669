package queue

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"wxcomponent/db/model"
)

// keepLeases renews the leases of what is running and ends the handlers of items that are no
// longer this instance's, until ctx ends.
func (q *Queue) keepLeases(ctx context.Context) {
	ticker := time.NewTicker(q.opt.Check)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			q.renew(ctx)
		}
	}
}

func (q *Queue) renew(ctx context.Context) {
	runs := q.snapshot()
	if len(runs) == 0 {
		return
	}
	items := make([]model.Work, len(runs))
	for i, r := range runs {
		items[i] = r.item
	}
	ctx, cancel := context.WithTimeout(ctx, q.opt.StoreTimeout)
	defer cancel()
	ids, renewedUntil, err := q.look(ctx, items, runs)
	if err != nil {
		q.endExpired(runs, err)
		return
	}
	held := make(map[int64]bool, len(ids))
	for _, id := range ids {
		held[id] = true
	}
	for _, r := range runs {
		if !held[r.item.ID] {
			r.cancel(ErrCancelled)
			continue
		}
		if !renewedUntil.IsZero() {
			r.leasedUntil = renewedUntil
		}
	}
}

// look returns which items are still held. It prolongs their leases when a third of one of them has
// gone by; in between, looking costs no write.
func (q *Queue) look(ctx context.Context, items []model.Work, runs []*run) (held []int64, until time.Time, err error) {
	soon := time.Now().Add(q.opt.Lease * 2 / 3)
	if !slices.ContainsFunc(runs, func(r *run) bool { return r.leasedUntil.Before(soon) }) {
		held, err = q.store.WorkHeld(ctx, q.opt.Owner, items)
		return held, time.Time{}, err
	}
	until = time.Now().Add(q.opt.Lease)
	held, err = q.store.WorkRenew(ctx, q.opt.Owner, items, q.opt.Lease)
	return held, until, err
}

// endExpired stops handlers whose lease ran out while it could not be renewed: another instance
// may have the items by now.
func (q *Queue) endExpired(runs []*run, err error) {
	for _, r := range runs {
		if time.Now().After(r.leasedUntil) {
			r.log.Warn("the lease of work could not be renewed in time", zap.Error(err))
			r.cancel(ErrCancelled)
		}
	}
}

func (q *Queue) snapshot() []*run {
	q.mu.Lock()
	defer q.mu.Unlock()
	runs := make([]*run, 0, len(q.running))
	for _, r := range q.running {
		runs = append(runs, r)
	}
	return runs
}

// stop waits for the running handlers, ends those that take too long, and gives back the items of
// those that do not heed even that.
func (q *Queue) stop(work context.Context) {
	idle := make(chan struct{})
	go func() {
		q.done.Wait()
		close(idle)
	}()
	if wait(idle, q.opt.Grace) {
		return
	}
	for _, r := range q.snapshot() {
		r.cancel(ErrStopping)
	}
	if wait(idle, time.Second) {
		return
	}
	for _, r := range q.snapshot() {
		_, err := q.bounded(work, func(ctx context.Context) (bool, error) { return q.store.WorkRelease(ctx, r.item) })
		r.log.Warn("a handler did not stop in time, its work was given back", zap.NamedError("releaseError", err))
	}
}

func wait(done <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
