package live

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
)

const (
	pollEvery   = time.Second
	pollTimeout = 5 * time.Second // a database that hangs must not stop the watcher for good
)

// Revisions reads the number that every change of shared state raises.
type Revisions interface {
	RevisionGet(ctx context.Context) (int64, error)
}

// Refresher is what a Watcher reloads; every *Value is one.
type Refresher interface {
	Refresh(ctx context.Context) error
}

// Watcher reloads the values it was given when the revision changes.
type Watcher struct {
	revisions Revisions
	log       *zap.Logger
	values    []*watched
	seen      int64
	started   bool // whether seen is a revision that was read
	failing   bool // the last read of the revision failed, and that has been logged
}

// watched is one value and what is known of it.
type watched struct {
	name    string
	value   Refresher
	stale   bool // a reload is due
	failing bool // the last reload failed, and that has been logged
}

// NewWatcher returns a watcher without values.
func NewWatcher(revisions Revisions, log *zap.Logger) *Watcher {
	return &Watcher{revisions: revisions, log: log}
}

// Add registers a value under the name that the log calls it by. It must be called before Run.
func (w *Watcher) Add(name string, value Refresher) {
	w.values = append(w.values, &watched{name: name, value: value})
}

// Run polls until ctx ends. Its first successful poll loads every value, whatever was loaded
// before, so that no change between start and Run is missed.
func (w *Watcher) Run(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		w.pollOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// pollOnce reads the revision before it reloads: a change that lands between the two is seen next
// time.
func (w *Watcher) pollOnce(parent context.Context) {
	ctx, cancel := context.WithTimeout(parent, pollTimeout)
	defer cancel()
	revision, err := w.revisions.RevisionGet(ctx)
	if parent.Err() != nil {
		return // the program is stopping: no failure worth a line
	}
	w.noteRead(err)
	if err != nil {
		return
	}
	if !w.started || revision != w.seen {
		w.started, w.seen = true, revision
		for _, v := range w.values {
			v.stale = true
		}
	}
	for _, v := range w.values {
		if v.stale {
			w.reload(ctx, v)
		}
	}
}

// noteRead logs that the revision can no longer be read, or can be again, once for each.
func (w *Watcher) noteRead(err error) {
	switch {
	case err != nil && !w.failing:
		w.log.Warn("cannot read the revision of shared state; keeping what is known", zap.Error(err))
	case err == nil && w.failing:
		w.log.Info("the revision of shared state can be read again")
	}
	w.failing = err != nil
}

func (w *Watcher) reload(ctx context.Context, v *watched) {
	err := refresh(ctx, v.value)
	switch {
	case err != nil && !v.failing:
		w.log.Warn("reload failed; keeping the old state and trying again", zap.String("value", v.name), zap.Error(err))
	case err == nil && v.failing:
		w.log.Info("reload succeeded again", zap.String("value", v.name))
	}
	v.failing = err != nil
	v.stale = err != nil
}

// refresh turns a panic of a loader into an error: one bad value must not end the watcher.
func refresh(ctx context.Context, value Refresher) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reload panicked: %v", p)
		}
	}()
	return value.Refresh(ctx)
}
