// Package bench measures the built service from outside, as `make bench` does: pushes per second
// that are durably stored, list pages of a million rows, memory, and the time to start. It holds
// tests only, behind the build tag "bench", and prints its figures as Markdown.
//
// Load generator, service and database share one machine, so figures count as ratios to what was
// measured beside them in the same run: a handler that reads the same pushes and stores nothing,
// and plain inserts of the same rows.
package bench
