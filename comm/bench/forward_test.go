//go:build bench

package bench

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	pairs     = 3   // how often load with and without targets alternate
	usualRate = 500 // pushes a second beside a target that hangs
	drainTime = 5 * time.Minute
	drainLook = 100 * time.Millisecond
)

// healthyPaths are the targets that answer at once.
func healthyPaths() []string { return []string{"/a", "/b", "/c"} }

// forwarding is a service with targets, and the programs behind them.
type forwarding struct {
	*process
	admin admin
	sinks sinkProcess
}

func startForwarding(t testing.TB, e engine) forwarding {
	t.Helper()
	p := service(t, e.fresh(t))
	return forwarding{p, login(t, p), startSinks(t)}
}

// target adds one and returns its id.
func (f forwarding) target(t testing.TB, path string) int64 {
	t.Helper()
	var added struct{ ID int64 }
	body := fmt.Sprintf(`{"name":%q,"port":%d,"path":%q,"timeoutMs":%d}`, path, f.sinks.port, path, hangTime.Milliseconds())
	require.NoError(t, f.admin.call(t.Context(), http.MethodPut, "/admin/forward-target", body, &added))
	return added.ID
}

// rule leads every message to the targets once it is opened.
func (f forwarding) rule(t testing.TB, targets ...int64) int64 {
	t.Helper()
	var added struct{ ID int64 }
	require.NoError(t, f.admin.call(t.Context(), http.MethodPut, "/admin/forward-rule", ruleBody(t, 0, false, targets), &added))
	return added.ID
}

func ruleBody(t testing.TB, id int64, open bool, targets []int64) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"id": id, "name": "all", "open": open, "mode": "async", "targets": targets, "conditions": map[string]string{"channel": "biz"},
	})
	require.NoError(t, err)
	return string(body)
}

// open switches a rule on or off.
func (f forwarding) open(t testing.TB, rule int64, open bool, targets ...int64) {
	t.Helper()
	require.NoError(t, f.admin.call(t.Context(), http.MethodPost, "/admin/forward-rule", ruleBody(t, rule, open, targets), nil))
}

// drain waits until every path has had as many deliveries and returns how many there were a second,
// of one path.
func (f forwarding) drain(t testing.TB, paths []string, pushed int) float64 {
	t.Helper()
	begin, before := time.Now(), f.sinks.fewest(t, paths)
	for ; ; time.Sleep(drainLook) {
		n := f.sinks.fewest(t, paths)
		if n >= pushed {
			return float64(n-before) / time.Since(begin).Seconds()
		}
		require.Less(t, time.Since(begin), drainTime, "%d of %d deliveries were made", n, pushed)
	}
}

// forwardLoad is what a run at full load with three targets came to.
type forwardLoad struct {
	alone, with result
	delivered   float64 // a second to each target, while pushes came in
	drained     float64 // a second to each target, after that
	// Processor time of the service for a push without targets, and for a delivery.
	perPush, perDelivery time.Duration
}

// ratio is the rate of pushes with targets, as a part of the rate without.
func (l forwardLoad) ratio() float64 { return l.with.rate() / l.alone.rate() }

// fullLoad pushes over 256 connections, without targets and with three.
func (f forwarding) fullLoad(t testing.TB, rule int64, targets []int64) forwardLoad {
	t.Helper()
	push := load{address: f.address, connections: 256, duration: seconds(), requests: plainPushes}
	run := func() result {
		r, err := push.run(t.Context())
		require.NoError(t, err)
		return r
	}
	begin := f.worked(t)
	alone := run()
	perPush := (f.worked(t) - begin) / time.Duration(len(alone.latencies))
	f.open(t, rule, true, targets...)
	defer f.open(t, rule, false, targets...)
	f.sinks.forget(t)
	with := run()
	before := f.sinks.fewest(t, healthyPaths())
	begin = f.worked(t)
	drained := f.drain(t, healthyPaths(), len(with.latencies))
	made := max(len(healthyPaths())*(len(with.latencies)-before), 1)
	return forwardLoad{
		alone: alone, with: with, delivered: float64(before) / with.elapsed.Seconds(), drained: drained,
		perPush: perPush, perDelivery: (f.worked(t) - begin) / time.Duration(made),
	}
}

// lagAt pushes at a rate and returns how late the deliveries to the first path came.
func (f forwarding) lagAt(t testing.TB, rate float64, paths []string) (arrivals, result) {
	t.Helper()
	f.sinks.forget(t)
	r, err := load{address: f.address, connections: 16, duration: 2 * seconds(), rate: rate, requests: plainPushes}.run(t.Context())
	require.NoError(t, err)
	f.drain(t, paths, len(r.latencies))
	return f.sinks.arrivals(t, paths[0]), r
}

// forwarding measures pushes that go on to targets.
func (r report) forwarding(t *testing.T, e engine) {
	r.printf("\n### Forwarding, %s\n\nLoad generator, service, targets and database share this machine's processors.\n\n", e.name)
	drained := r.forwardFullLoad(t, e)
	r.forwardUnwell(t, e)
	r.forwardHalfLoad(t, e, drained/2)
	r.forwardHanging(t, e)
}

func (r report) forwardFullLoad(t *testing.T, e engine) (drained float64) {
	f := startForwarding(t, e)
	var targets []int64
	for _, path := range healthyPaths() {
		targets = append(targets, f.target(t, path))
	}
	rule := f.rule(t, targets...)
	_, err := load{address: f.address, connections: 256, duration: warmUp, requests: plainPushes}.run(t.Context())
	require.NoError(t, err)
	r.printf("| 256 connections | stored/s, no target | stored/s, 3 targets | part | p99, 3 targets | delivered/s to each, meanwhile | delivered/s to each, afterwards | processor time of a push | of a delivery |\n" +
		"|---|---|---|---|---|---|---|---|---|\n")
	var runs []forwardLoad
	for i := range pairs {
		l := f.fullLoad(t, rule, targets)
		runs = append(runs, l)
		r.printf("| %d | %.0f | %.0f | %.0f %% | %s | %.0f | %.0f | %s | %s |\n", i+1, l.alone.rate(), l.with.rate(), 100*l.ratio(),
			ms(l.with.quantile(.99)), l.delivered, l.drained, ms(l.perPush), ms(l.perDelivery))
	}
	middle := median(runs)
	r.printf("\nWith three targets %.0f %% of the pushes without (median).\n", 100*middle.ratio())
	return middle.drained
}

func median(runs []forwardLoad) forwardLoad {
	slices.SortFunc(runs, func(a, b forwardLoad) int { return cmp.Compare(a.ratio(), b.ratio()) })
	return runs[len(runs)/2]
}

// forwardUnwell is full load with three targets of which only one is well.
func (r report) forwardUnwell(t *testing.T, e engine) {
	f := startForwarding(t, e)
	targets := []int64{f.target(t, healthyPaths()[0]), f.target(t, hangPath), f.target(t, hangPath)}
	rule := f.rule(t, targets...)
	push := load{address: f.address, connections: 256, duration: seconds(), requests: plainPushes}
	var runs []forwardLoad
	for range pairs {
		var l forwardLoad
		var err error
		l.alone, err = push.run(t.Context())
		require.NoError(t, err)
		f.open(t, rule, true, targets...)
		f.sinks.forget(t)
		begin := time.Now()
		l.with, err = push.run(t.Context())
		require.NoError(t, err)
		l.delivered = float64(f.sinks.fewest(t, healthyPaths()[:1])) / time.Since(begin).Seconds()
		f.open(t, rule, false, targets...)
		f.drain(t, healthyPaths()[:1], len(l.with.latencies))
		runs = append(runs, l)
	}
	l := median(runs)
	r.printf("\nWith three targets of which one is well and two hang: %.0f %% of the pushes without (%.0f/s of %.0f/s, median), "+
		"%.0f deliveries/s to the one.\n", 100*l.ratio(), l.with.rate(), l.alone.rate(), l.delivered)
}

func (r report) forwardHalfLoad(t *testing.T, e engine, rate float64) {
	f := startForwarding(t, e)
	var targets []int64
	for _, path := range healthyPaths() {
		targets = append(targets, f.target(t, path))
	}
	f.open(t, f.rule(t, targets...), true, targets...)
	lag, _ := f.lagAt(t, rate, healthyPaths())
	r.printf("\nAt half of what three targets take, %.0f pushes/s: delivered %s after the push (p50), %s (p99).\n",
		rate, ms(lag.P50), ms(lag.P99))
}

func (r report) forwardHanging(t *testing.T, e engine) {
	f := startForwarding(t, e)
	healthy, hanging := f.target(t, healthyPaths()[0]), f.target(t, hangPath)
	rule := f.rule(t, healthy)
	r.printf("\n| %d pushes/s to a healthy target | alone p50 | p99 | beside one that hangs %s p50 | p99 | p99 ÷ p99 |\n|---|---|---|---|---|---|\n",
		usualRate, hangTime)
	for i := range pairs {
		f.open(t, rule, true, healthy)
		alone, _ := f.lagAt(t, usualRate, healthyPaths()[:1])
		f.open(t, rule, true, healthy, hanging)
		beside, _ := f.lagAt(t, usualRate, healthyPaths()[:1])
		r.printf("| %d | %s | %s | %s | %s | %.2f |\n", i+1, ms(alone.P50), ms(alone.P99), ms(beside.P50), ms(beside.P99),
			beside.P99.Seconds()/alone.P99.Seconds())
	}
}
