package db

// Waiting is how many transactions wait for the writer.
func Waiting(d *DB) int {
	d.group.mu.Lock()
	defer d.group.mu.Unlock()
	return len(d.group.waiting)
}
