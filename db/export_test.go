package db

import "time"

// Waiting is how many transactions wait for the writer.
func Waiting(d *DB) int {
	d.group.mu.Lock()
	defer d.group.mu.Unlock()
	return len(d.group.waiting)
}

// Patient has migrations never take a lease for one that a dead process left, and ask for it soon again.
func Patient(d *DB) {
	d.lease = leaseTimes{ttl: time.Hour, poll: 100 * time.Millisecond}
}
