package forward

import (
	"context"
	"strings"
	"time"
)

const (
	unbundleBatch = 200 // bundles in one transaction
	lookBundles   = 25 * time.Millisecond
	// enoughDue is how many due deliveries a lane needs no more beside: it does not run out of them
	// before it is looked after again.
	enoughDue = 256
	// pressed is how long ago the newest bundle may have been made for pushes to be coming in faster
	// than they can be worked on, and besidePushes how many bundles a second are put in meanwhile: they
	// must not take from the pushes what these need to be stored in time.
	pressed      = 500 * time.Millisecond
	besidePushes = 550
)

// unbundle puts in deliveries that were stored in bundles, as far as a lane can use them, and returns
// when to look again. While more pushes come in than targets take, the others stay where they cost
// nothing.
func (d *dispatcher) unbundle(ctx context.Context) (next time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	lists, age, err := d.s.deps.Store.WorkBundles(ctx)
	if err != nil || len(lists) == 0 {
		return lookEvery, err
	}
	for _, kinds := range lists {
		wanted, err := d.wanted(ctx, kinds)
		if err != nil {
			return lookEvery, err
		}
		most := d.mostNow(age)
		if !wanted || most == 0 {
			continue
		}
		if _, err := d.s.deps.Store.WorkUnbundle(ctx, kinds, most); err != nil {
			return lookEvery, err
		}
		for _, kind := range kinds {
			if l := d.lanes[strings.TrimPrefix(kind, deliverKind)]; l != nil {
				l.queue.Nudge()
			}
		}
	}
	return lookBundles, nil // lanes use up what they have
}

// mostNow is how many bundles may be put in now, when the newest is of the given age.
func (d *dispatcher) mostNow(age time.Duration) int {
	if age > pressed {
		return unbundleBatch
	}
	n := min(int(d.pace.Tokens()), unbundleBatch)
	if n < 1 || !d.pace.AllowN(time.Now(), n) {
		return 0
	}
	return n
}

// wanted tells whether a lane for one of the kinds runs out of deliveries, or none of them has a
// lane at all: those wait as single deliveries, for people to see.
func (d *dispatcher) wanted(ctx context.Context, kinds []string) (bool, error) {
	open := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		if d.lanes[strings.TrimPrefix(kind, deliverKind)] != nil {
			open = append(open, kind)
		}
	}
	if len(open) == 0 {
		return true, nil
	}
	due, err := d.s.deps.Store.WorkDue(ctx, open, enoughDue)
	for _, kind := range open {
		if due[kind] < enoughDue {
			return true, err
		}
	}
	return false, err
}
