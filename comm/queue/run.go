package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/db/model"
)

const (
	recordTries  = 3
	recordPause  = 500 * time.Millisecond
	lastErrorMax = 1000 // characters, as the column
)

// run is one item under its handler.
type run struct {
	lane        *lane
	item        model.Work
	log         *zap.Logger
	cancel      context.CancelCauseFunc // ends the handler's context
	leasedUntil time.Time               // by this process's clock, taken before the lease began: never too late
}

// handle runs one attempt and records its outcome. ctx is the handler's.
func (q *Queue) handle(ctx context.Context, r *run) {
	err := q.call(ctx, r)
	cause := context.Cause(ctx)
	ctx = context.WithoutCancel(ctx) // the outcome counts however the attempt ended
	switch {
	case err == nil:
		q.record(ctx, r, func(ctx context.Context) (bool, error) { return q.store.WorkDone(ctx, r.item) })
		q.again(ctx, r)
	case errors.Is(cause, ErrCancelled):
		r.log.Info("work cancelled, or taken over by another instance")
	case errors.Is(cause, ErrStopping):
		q.record(ctx, r, func(ctx context.Context) (bool, error) { return q.store.WorkRelease(ctx, r.item) })
	default:
		q.fail(ctx, r, err)
	}
}

// again puts in the next item of a periodic kind.
func (q *Queue) again(ctx context.Context, r *run) {
	kind := r.lane.kind
	if kind.Every <= 0 {
		return
	}
	if err := q.addPeriodic(ctx, kind, jitter(kind.Every)); err != nil {
		r.log.Warn("the next periodic item could not be put in, it will come a minute late at most", zap.Error(err))
	}
}

// call turns a panic into an error.
func (q *Queue) call(ctx context.Context, r *run) (err error) {
	kind := r.lane.kind
	if kind.MaxAttempts > 0 && r.item.Attempt > kind.MaxAttempts {
		return Dead(errGaveNoAnswer)
	}
	ctx, cancel := context.WithTimeout(ctx, kind.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("a handler panicked", zap.Any("panic", p), zap.Stack("stack"))
			err = fmt.Errorf("the handler panicked: %v", p)
		}
	}()
	return kind.Handle(ctx, q.task(r))
}

func (q *Queue) task(r *run) *Task {
	t := &Task{
		ID: r.item.ID, Kind: r.item.Kind, Group: r.item.Grp, Payload: r.item.Payload,
		Attempt: r.item.Attempt, Progress: r.item.Progress,
	}
	if r.item.Key != nil {
		t.Key = *r.item.Key
	}
	t.save = func(ctx context.Context, progress string) error {
		held, err := q.store.WorkProgress(ctx, r.item, progress)
		if err == nil && !held {
			r.cancel(ErrCancelled)
			return ErrCancelled
		}
		return err
	}
	return t
}

// fail puts the item back for another attempt, or gives it up.
func (q *Queue) fail(ctx context.Context, r *run, err error) {
	kind, text := r.lane.kind, lastError(err)
	_, dead := errors.AsType[deadError](err)
	if dead || kind.MaxAttempts > 0 && r.item.Attempt >= kind.MaxAttempts {
		r.log.Error("work given up", zap.Error(err))
		q.record(ctx, r, func(ctx context.Context) (bool, error) { return q.store.WorkDead(ctx, r.item, text) })
		return
	}
	pause := jitter(kind.Backoff(r.item.Attempt))
	if own, ok := errors.AsType[retryError](err); ok {
		pause = own.after
	}
	r.log.Warn("work failed, will be tried again", zap.Error(err), zap.Duration("after", pause))
	q.record(ctx, r, func(ctx context.Context) (bool, error) { return q.store.WorkRetry(ctx, r.item, pause, text) })
}

// record writes an outcome. While the database cannot take it, it is tried again; should it be
// lost after all, the lease ends and the item runs once more.
func (q *Queue) record(ctx context.Context, r *run, write func(ctx context.Context) (bool, error)) {
	for try := 1; ; try++ {
		held, err := q.bounded(ctx, write)
		if err == nil && !held {
			r.log.Info("the outcome of work came too late: cancelled, or taken over by another instance")
		}
		if err == nil {
			return
		}
		if try == recordTries {
			r.log.Error("the outcome of work could not be recorded, it will run again", zap.Error(err))
			return
		}
		wait(ctx.Done(), recordPause)
	}
}

func (q *Queue) bounded(ctx context.Context, write func(ctx context.Context) (bool, error)) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, q.opt.StoreTimeout)
	defer cancel()
	return write(ctx)
}

// lastError is the text kept with a failed item.
func lastError(err error) string {
	runes := []rune(err.Error())
	return string(runes[:min(len(runes), lastErrorMax)])
}
