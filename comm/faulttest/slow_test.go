package faulttest

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"wxcomponent/db/dbtest"
)

const (
	neverRested  = "a target that keeps failing was not given a rest in time"
	calledAnyway = "a target was called while it had its rest"
	probedOften  = "a target that is well again was tried too often before it was believed"
	heldUp       = "a healthy target was held up by others"
)

// One target hangs and one is dead, beside a healthy one.
func TestUnwellTargetsBesideAHealthyOne(t *testing.T) {
	parallel(t)
	t.Run("sqlite", func(t *testing.T) { unwellTargets(t, "") })
	t.Run("control", func(t *testing.T) { unwellTargets(t, "no-rest", calledAnyway) })
}

// rests is how long a target that keeps failing is left alone, and how long a call of one that
// hangs takes: as it is in production in a full run, shorter else.
func rests(pl plan) (rest, hanging time.Duration) {
	if pl.full {
		return 30 * time.Second, 15 * time.Second
	}
	return 1500 * time.Millisecond, 500 * time.Millisecond
}

func unwellTargets(t *testing.T, defects string, expected ...string) {
	pl := planned(t, defects, plan{rate: 50, time: 5 * time.Second}, plan{rate: 200, time: time.Minute})
	r := newReport(t, pl, defects)
	rest, hanging := rests(pl)
	if !pl.full && defects == "" {
		defects = fmt.Sprintf("rest=%s", rest)
	}
	database := dbtest.EmptySQLite(t) // a disk that others use would hold up everybody
	database.SQLitePath = filepath.Join(filepath.Dir(database.SQLitePath), fileName)
	p := newProduct(t, database, defects)
	p.start()
	a := login(t, p)
	over := make(chan struct{})
	healthy, slow := newSink(t, "healthy", "", nil), newSink(t, "hanging", "", hang(over))
	t.Cleanup(func() { close(over) }) // before the sinks are closed
	healthy.delay = 5 * time.Millisecond
	deadAddress := freeAddress(t)
	fields := func(name string, port int) map[string]any {
		return map[string]any{
			"name": name, "port": port, "path": "/", "timeoutMs": hanging.Milliseconds(), "pauses": []int{1, 2, 4, 8, 16, 16, 16, 16},
		}
	}
	healthy.target = a.target(fields("healthy", healthy.port))
	slow.target = a.target(fields("hanging", slow.port))
	dead := a.target(fields("dead", portOf(t, deadAddress)))

	a.rule("async", nil, healthy.target)
	g := newGenerator(t, p, pl)
	begin := time.Now()
	g.runFor(t.Context(), pl.pick(20*time.Second, 2*time.Second))
	alone := r.time("lag_alone_p99", p99(healthy.lags(begin, time.Now())))

	slow.since = g.last
	a.rule("async", nil, slow.target, dead)
	outage := time.Now()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		g.runFor(t.Context(), pl.time+2*rest)
	}()
	opened := map[int64]time.Time{}
	for time.Since(outage) < pl.time { // nobody looks at the targets who need not: that costs too
		for _, id := range []int64{slow.target, dead} {
			if !opened[id].IsZero() {
				continue
			}
			if h, err := a.health(id); err == nil && h.Health.Breaker != "closed" {
				opened[id] = time.Now()
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	recovery := time.Now()
	r.rested(a, map[string]int64{"hanging": slow.target, "dead": dead}, opened, outage, recovery, rest+hanging/2)
	beside := r.time("lag_beside_p99", p99(healthy.lags(outage, recovery)))
	r.check(beside <= max(2*alone, 20*time.Millisecond) || !pl.full, heldUp, "p99 %s instead of %s", beside, alone)
	r.check(beside <= pl.pick(2*time.Second, 5*time.Second), heldUp, "p99 %s", beside)
	answer := r.time("answer_p99", p99(acknowledgeTimes(g.callsWithin(outage, recovery))))
	r.check(answer <= pl.pick(200*time.Millisecond, 3*time.Second), slowAnswer, "p99 %s", answer)

	slow.turn(nil)
	alive := newSink(t, "dead", deadAddress, nil)
	alive.target, alive.since = dead, slow.since
	<-sent
	drain, drained := a.drained(2*patience, healthy.target, slow.target, dead)
	r.time("drain", drain)
	r.check(drained, notDrained, "after %s", drain)
	for _, s := range []*sink{slow, alive} {
		n := s.triesBeforeFirstTaken(recovery)
		r.Counts[s.name+"_probes_on_recovery"] = int64(n)
		r.check(n <= 5, probedOften, "%d calls of %s", n, s.name)
	}
	p.stop()
	r.nothingLost(g.ledger.read(), read(t, database, healthy.target, slow.target, dead), healthy, slow, alive)
	r.close(expected...)
}

// rested looks whether the targets were given their rests, and were left alone in them.
func (r *report) rested(a *admin, targets map[string]int64, opened map[int64]time.Time, from, to time.Time, rest time.Duration) {
	for name, id := range targets {
		at, ok := opened[id]
		r.check(ok && at.Sub(from) <= 30*time.Second, neverRested, "%s", name)
		if !ok {
			continue
		}
		r.time(name+"_opened", at.Sub(from))
		calls := 0
		for _, made := range a.attempts(id) {
			if made.Time > at.UnixMilli() {
				calls++
			}
		}
		allowed := int(to.Sub(at)/rest) + 2
		r.Counts[name+"_calls_while_open"] = int64(calls)
		r.check(calls <= allowed, calledAnyway, "%s: %d times, %d would be right", name, calls, allowed)
	}
}

// triesBeforeFirstTaken counts the calls that began after the target was well again and before it
// had answered the first of them.
func (s *sink) triesBeforeFirstTaken(since time.Time) (n int) {
	var first time.Time
	for _, c := range s.all() {
		if c.at.After(since) && !c.taken.IsZero() && (first.IsZero() || c.taken.Before(first)) {
			first = c.taken
		}
	}
	for _, c := range s.all() {
		if c.at.After(since) && c.at.Before(first) {
			n++
		}
	}
	return n
}
