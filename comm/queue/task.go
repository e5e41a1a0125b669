package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Why the context of a handler may end before its attempt's time is up; context.Cause returns one
// of these.
var (
	ErrCancelled = errors.New("the work was cancelled, or its lease was lost")
	ErrStopping  = errors.New("the instance is stopping")
)

// errGaveNoAnswer stands for an attempt that ended with its process.
var errGaveNoAnswer = errors.New("the process ended during the last attempt")

// retryError and deadError are what a handler says about a failure besides that it happened.
type (
	retryError struct {
		error
		after time.Duration
	}
	deadError struct{ error }
)

func (e retryError) Unwrap() error { return e.error }
func (e deadError) Unwrap() error  { return e.error }

// RetryAfter makes the queue try again after d, to the letter, instead of the kind's own pause. The
// attempt counts.
func RetryAfter(d time.Duration, err error) error { return retryError{error: err, after: d} }

// Dead makes the queue give up at once: another attempt could not succeed.
func Dead(err error) error { return deadError{error: err} }

// Task is an item in the hands of its handler.
type Task struct {
	ID       int64
	Kind     string
	Key      string // unique among unfinished items; may be empty
	Group    string
	Payload  string
	Attempt  int    // of this run, counted from 1
	Progress string // as the last attempt left it

	save func(ctx context.Context, progress string) error
}

// Decode reads a payload that was made of a JSON value. A payload that does not fit kills the
// item: it would not fit next time either.
func (t *Task) Decode(to any) error {
	if err := json.Unmarshal([]byte(t.Payload), to); err != nil {
		return Dead(fmt.Errorf("read the payload: %w", err))
	}
	return nil
}

// SetProgress stores how far the work has come, as text for people or as a handler's own JSON. It
// fails with ErrCancelled when the item is no longer this handler's.
func (t *Task) SetProgress(ctx context.Context, progress string) error {
	if err := t.save(ctx, progress); err != nil {
		return fmt.Errorf("store progress: %w", err)
	}
	t.Progress = progress
	return nil
}
