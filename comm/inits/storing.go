package inits

import (
	"slices"

	"wxcomponent/comm/forward"
)

// pushWriters is how many transactions store pushes at the same time: a second one is there to go on
// while the first is being flushed.
const pushWriters = 2

// nudgeFor tells those who do work of the kinds that some was put in.
func (a *app) nudgeFor(kinds []string) {
	if slices.ContainsFunc(kinds, forward.IsDelivery) {
		a.forward.Nudge()
	}
	if slices.ContainsFunc(kinds, func(kind string) bool { return !forward.IsDelivery(kind) }) {
		a.queue.Nudge()
	}
}
