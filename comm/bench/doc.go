// Package bench measures the built service from outside, as `make bench` does: pushes per second
// that are durably stored, list pages of a million rows, memory, and the time to start; deliveries
// to targets beside that, one of which may hang; the cost of taking work beside millions of delivered
// rows; lists of ten thousand accounts, and a sync. It holds tests only, behind the build tag "bench",
// and prints its figures as Markdown. BENCH_SECONDS, BENCH_ROWS and BENCH_DELIVERED make it smaller
// for a quick look; -run '^TestBench$/SQLite/forwarding' runs a part of it.
//
// Load generator, service and database share one machine, so figures count as ratios to what was
// measured beside them in the same run: the same service, made to acknowledge pushes without storing
// them, and plain inserts of the same rows.
package bench
