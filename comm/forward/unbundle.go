package forward

import (
	"context"
	"slices"
	"strings"
	"time"
)

const (
	unbundleBatch = 200 // pushes in one transaction, or those of one bundle
	besideBatch   = 128 // so many while pushes press
	lookBundles   = 25 * time.Millisecond
	lookPressed   = 100 * time.Millisecond // between looks while pushes press
	// enoughDue is how many due deliveries a lane needs no more beside: it does not run out of them
	// before it is looked after again.
	enoughDue = 256
	// pressed is how long after a crowd of pushes more of them are expected, faster than they can be
	// worked on. Meanwhile besidePushes deliveries a second are made, to all targets together, and
	// besideAtOnce of them in a moment: they must not take from the pushes what these need to be stored
	// in time.
	pressed      = 500 * time.Millisecond
	besidePushes = 520
	besideAtOnce = 130
)

// unbundle puts in deliveries that were stored in bundles, as far as a lane can use them, and returns
// when to look again, and how long to let pass even if more work comes. While more pushes come in than
// targets take, the others stay where they cost nothing.
func (d *dispatcher) unbundle(ctx context.Context) (next, apart time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.s.deps.StoreTimeout)
	defer cancel()
	lists, crowd, err := d.s.deps.Store.WorkBundles(ctx)
	if err != nil || len(lists) == 0 {
		return lookEvery, lookApart, err
	}
	next, apart = lookBundles, lookApart // lanes use up what they have
	made := d.s.made.Swap(0)
	most, pressing := unbundleBatch, crowd <= pressed
	if pressing {
		most, apart = besideBatch, lookPressed
		d.pace.ReserveN(time.Now(), min(int(made), besideAtOnce))
	}
	for _, kinds := range lists {
		if pressing && d.pace.Tokens() < 1 {
			break
		}
		hungry, err := d.hungry(ctx, kinds)
		if err != nil {
			return lookEvery, lookApart, err
		}
		if !hungry {
			continue
		}
		if _, err := d.s.deps.Store.WorkUnbundle(ctx, kinds, most); err != nil {
			return lookEvery, lookApart, err
		}
		for _, kind := range kinds {
			if l := d.lanes[strings.TrimPrefix(kind, deliverKind)]; l != nil {
				l.queue.Nudge()
			}
		}
	}
	return next, apart, nil
}

// hungry tells whether a lane for one of the kinds runs out of deliveries. Where no kind has a lane at
// all it does: those wait as single deliveries, for people to see.
func (d *dispatcher) hungry(ctx context.Context, kinds []string) (bool, error) {
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
	return slices.ContainsFunc(open, func(kind string) bool { return due[kind] < enoughDue }), err
}
