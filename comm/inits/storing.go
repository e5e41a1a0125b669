package inits

import (
	"wxcomponent/comm/forward"
	"wxcomponent/db"
)

// storing is how pushes are stored: in how many transactions at the same time, and how many in one. A
// MySQL server is busy with a few. SQLite writes one at a time and commits those that wait together, so
// that a second one is there to go with what else waits. It copies every page that a transaction has
// touched: those that take along what comes in meanwhile cost less.
func storing(d db.Dialect) (writers, batch int) {
	if d == db.SQLite {
		return 2, 256
	}
	return 3, 96
}

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
