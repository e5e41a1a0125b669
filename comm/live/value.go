// Package live holds state that every instance keeps in memory: rules, switches, settings.
//
// A Value is an immutable snapshot that readers take without a lock. A Watcher reads one revision
// number from the database once a second and reloads every value when it has changed, so that a
// change made on any instance is in force on all of them within about a second. The instance that
// makes the change calls Refresh and has it at once.
package live

import (
	"context"
	"fmt"
	"sync/atomic"
)

// Value is a snapshot of type T that is replaced as a whole. T must not be changed by those who
// read it.
type Value[T any] struct {
	load    func(ctx context.Context) (T, error)
	current atomic.Pointer[T]
	loading chan struct{} // holds one token while a load runs
}

// NewValue returns a value that load fills. Until the first successful Refresh, Get returns the
// zero T.
func NewValue[T any](load func(ctx context.Context) (T, error)) *Value[T] {
	return &Value[T]{load: load, loading: make(chan struct{}, 1)}
}

// Get returns the current snapshot. It never blocks.
func (v *Value[T]) Get() T {
	if p := v.current.Load(); p != nil {
		return *p
	}
	var zero T
	return zero
}

// Refresh loads a new snapshot and puts it in place. When loading fails the old snapshot stays.
// Refreshes run one after another: a snapshot is never replaced by one that was read earlier.
func (v *Value[T]) Refresh(ctx context.Context) error {
	select {
	case v.loading <- struct{}{}:
		defer func() { <-v.loading }()
	case <-ctx.Done():
		return fmt.Errorf("wait for a running reload: %w", ctx.Err())
	}
	next, err := v.load(ctx)
	if err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	v.current.Store(&next)
	return nil
}
