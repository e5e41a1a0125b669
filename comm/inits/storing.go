package inits

import "wxcomponent/comm/forward"

// pushWriters is how many transactions store pushes at the same time: a second one is there to go on
// while the first is being flushed.
const pushWriters = 2

// nudgeFor tells those who do work of the kinds that some was put in.
func (a *app) nudgeFor(kinds []string) {
	deliveries := 0
	for _, kind := range kinds {
		if forward.IsDelivery(kind) {
			deliveries++
		}
	}
	if deliveries > 0 {
		a.forward.Nudge()
	}
	if deliveries < len(kinds) {
		a.queue.Nudge()
	}
}
