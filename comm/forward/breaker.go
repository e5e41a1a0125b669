package forward

import (
	"context"
	"sync"
	"time"
)

// When a target is given a rest: at least breakerCalls within breakerWindow of which
// breakerPercent failed. After the rest one call tries whether it is well again.
const (
	breakerWindow  = time.Minute
	breakerCalls   = 5
	breakerPercent = 70
	breakerRest    = 30 * time.Second
	trialTime      = 2 * time.Minute // longer than any call
)

// BreakerState is how a target is treated.
type BreakerState string

// The states of a breaker.
const (
	BreakerClosed   BreakerState = "closed"    // it is called
	BreakerOpen     BreakerState = "open"      // it is left alone
	BreakerHalfOpen BreakerState = "half-open" // one call tries it
)

// turning is how a call changed the state of a breaker, as far as people care.
type turning int

const (
	noTurn turning = iota
	turnedOpen
	turnedClosed
)

// breaker keeps the failures of a target from costing more than a few calls. The deliveries that
// wait for it keep their attempts.
type breaker struct {
	now  func() time.Time
	rest time.Duration

	mu       sync.Mutex
	state    BreakerState
	since    time.Time // start of the window, or of the rest
	calls    int
	failures int
	changed  chan struct{} // closed at the next change of state
}

func newBreaker(now func() time.Time, rest time.Duration) *breaker {
	return &breaker{now: now, rest: rest, state: BreakerClosed, since: now(), changed: make(chan struct{})}
}

// wait returns when the target may be called, or ctx ends. Whoever was let through reports with
// done.
func (b *breaker) wait(ctx context.Context) error {
	for {
		ok, pause, changed := b.enter()
		if ok {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// try tells whether the target may be called now.
func (b *breaker) try() bool {
	ok, _, _ := b.enter()
	return ok
}

func (b *breaker) enter() (ok bool, pause time.Duration, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	switch b.state {
	case BreakerClosed:
		return true, 0, nil
	case BreakerOpen:
		if left := b.since.Add(b.rest).Sub(now); left > 0 {
			return false, left, b.changed
		}
		b.turn(BreakerHalfOpen)
		return true, 0, nil
	default: // another call is trying it
		if now.Sub(b.since) > trialTime {
			b.since = now // that call was lost
			return true, 0, nil
		}
		return false, b.rest, b.changed
	}
}

// done reports how a call went. A call that says nothing about the target, because it was cut off
// from here, counts as neither.
func (b *breaker) done(ok, counts bool) turning {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == BreakerHalfOpen:
		return b.afterTrial(ok, counts)
	case b.state == BreakerOpen, !counts:
		return noTurn
	}
	if b.now().Sub(b.since) > breakerWindow {
		b.since, b.calls, b.failures = b.now(), 0, 0
	}
	b.calls++
	if !ok {
		b.failures++
	}
	if b.calls < breakerCalls || b.failures*100 < b.calls*breakerPercent {
		return noTurn
	}
	b.turn(BreakerOpen)
	return turnedOpen
}

func (b *breaker) afterTrial(ok, counts bool) turning {
	if ok {
		b.turn(BreakerClosed)
		return turnedClosed
	}
	b.turn(BreakerOpen)
	if !counts {
		b.since = b.now().Add(-b.rest) // somebody else may try at once
	}
	return noTurn
}

func (b *breaker) turn(to BreakerState) {
	b.state, b.since, b.calls, b.failures = to, b.now(), 0, 0
	close(b.changed)
	b.changed = make(chan struct{})
}

// get returns the state and when it began.
func (b *breaker) get() (BreakerState, time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state, b.since
}
