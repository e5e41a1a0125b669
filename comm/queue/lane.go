package queue

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// lane is a kind and how many of its handlers run on this instance. Only the taking loop enters.
type lane struct {
	kind Kind
	busy atomic.Int64
}

func newLane(k Kind) *lane {
	k.Concurrency = max(k.Concurrency, 1)
	k.Batch = min(max(k.Batch, 1), k.Concurrency)
	orElse(&k.Timeout, defaultTimeout)
	if k.Backoff == nil {
		k.Backoff = Exponential(time.Second, 10*time.Minute)
	}
	return &lane{kind: k}
}

// room is how many more items may be taken now.
func (l *lane) room() int {
	free := l.kind.Concurrency - int(l.busy.Load())
	if free < l.kind.Batch {
		return 0
	}
	return free
}

func (l *lane) enter() { l.busy.Add(1) }

// leave tells whether the lane had no room until now.
func (l *lane) leave() bool { return l.busy.Add(-1) == int64(l.kind.Concurrency-l.kind.Batch) }

// Exponential doubles the pause from first up to limit.
func Exponential(first, limit time.Duration) func(attempt int) time.Duration {
	return func(attempt int) time.Duration {
		d := first
		for ; attempt > 1 && d < limit; attempt-- {
			d *= 2
		}
		return min(d, limit)
	}
}

// Steps goes through a fixed list of pauses; the last one repeats.
func Steps(pauses ...time.Duration) func(attempt int) time.Duration {
	return func(attempt int) time.Duration {
		if len(pauses) == 0 {
			return time.Second
		}
		return pauses[min(max(attempt, 1), len(pauses))-1]
	}
}

// jitter moves d by up to 15 % either way, so that what failed together is not retried together.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.85 + 0.3*rand.Float64())) //nolint:gosec // spread, not secrecy
}
