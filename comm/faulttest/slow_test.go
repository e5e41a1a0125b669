package faulttest

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
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

// The rest of a target that keeps failing and the time for a call of one that hangs, as they are in
// production, for a full run, and shorter ones.
const (
	fullRest, fullHanging   = 30 * time.Second, 15 * time.Second
	shortRest, shortHanging = 2 * time.Second, 500 * time.Millisecond

	callsAtOnce = 16 // of one target
	// callsBeforeRest is how many calls of a target may be made until it gets its first rest: the fifth
	// failure brings it, and what else the service has in hand may be past the point by then.
	callsBeforeRest = 4 + workers
	probesMost      = 5 // calls of a target that is well again before the first is answered
)

// unwell are the targets of a run.
type unwell struct {
	t             *testing.T
	pl            plan
	r             *report
	database      db.Options
	product       *product
	admin         *admin
	g             *generator
	healthy, slow *sink
	dead          int64
	deadAddress   string
}

func unwellTargets(t *testing.T, defects string, expected ...string) {
	pl := planned(t, defects, plan{rate: 60}, plan{rate: 200, time: time.Minute})
	u := &unwell{t: t, pl: pl, r: newReport(t, pl, defects), deadAddress: reserve(t)}
	if !pl.full && defects == "" {
		defects = fmt.Sprintf("rest=%s", shortRest)
	}
	u.database = dbtest.EmptySQLite(t) // a disk that others use would hold up everybody
	u.database.SQLitePath = filepath.Join(filepath.Dir(u.database.SQLitePath), fileName)
	u.product = newProduct(t, u.database, defects)
	u.product.start()
	u.admin = login(t, u.product)
	over := make(chan struct{})
	u.healthy, u.slow = newSink(t, "healthy", "", nil), newSink(t, "hanging", "", hang(over))
	t.Cleanup(func() { close(over) }) // before the sinks are closed
	u.healthy.delay = 5 * time.Millisecond
	u.healthy.target = u.target("healthy", u.healthy.port, pl.pick(fullHanging, patientCall))
	u.slow.target = u.target("hanging", u.slow.port, pl.pick(fullHanging, shortHanging))
	u.dead = u.target("dead", portOf(t, u.deadAddress), pl.pick(fullHanging, shortHanging))
	u.admin.rule("async", nil, u.healthy.target)
	u.g = newGenerator(t, u.product, pl)
	if pl.full {
		u.full()
	} else {
		u.short()
	}
	u.r.close(expected...)
}

func (u *unwell) target(name string, port int, limit time.Duration) int64 {
	u.t.Helper()
	return u.admin.target(map[string]any{
		"name": name, "port": port, "path": "/", "timeoutMs": limit.Milliseconds(), "pauses": []int{1, 2, 4, 8, 16, 16, 16, 16},
	})
}

// full compares the times of the healthy target without the others and beside them.
func (u *unwell) full() {
	u.t.Helper()
	begin := time.Now()
	u.g.steps(20 * time.Second)
	alone := u.r.time("lag_alone_p99", p99(u.healthy.lags(begin, time.Now())))

	u.slow.since = u.g.last
	u.admin.rule("async", nil, u.slow.target, u.dead)
	outage := time.Now()
	rest := u.g.start()
	opened := map[int64]time.Time{}
	for time.Since(outage) < u.pl.time { // nobody looks at the targets who need not: that costs too
		u.look(opened)
		time.Sleep(askEvery)
	}
	recovery := time.Now()
	u.r.rested(u.admin, map[string]int64{"hanging": u.slow.target, "dead": u.dead}, opened, outage, recovery, fullRest+fullHanging/2)
	beside := u.r.time("lag_beside_p99", p99(u.healthy.lags(outage, recovery)))
	u.r.check(beside <= max(2*alone, 20*time.Millisecond), heldUp, "p99 %s instead of %s", beside, alone)
	u.r.within(2*time.Second, beside, heldUp)
	u.r.within(200*time.Millisecond, u.r.time("answer_p99", p99(acknowledgeTimes(u.g.callsWithin(outage, recovery)))), slowAnswer)
	u.recover(func() {
		time.Sleep(2 * fullRest)
		rest()
	})
}

// short looks at what comes after what, and how often, while a further target answers none of its calls
// until all is seen.
func (u *unwell) short() {
	u.t.Helper()
	stuck := newSink(u.t, "stuck", "", nil)
	stuck.target = u.target("stuck", stuck.port, patientCall)
	stuck.hold()
	u.g.steps(0)

	u.slow.since, stuck.since = u.g.last, u.g.last
	outage := time.Now()
	u.admin.rule("async", nil, stuck.target, u.slow.target, u.dead)
	rest := u.g.start()
	stuck.holds(u.t, callsAtOnce)
	// What is sent from now on reaches the healthy target while every call of another hangs.
	newest := u.g.newest()
	waittest.Until(u.t, func() bool { return u.healthy.takenAfter(newest) >= stepSize }, heldUp)

	opened := map[int64]time.Time{}
	waittest.Until(u.t, func() bool { return u.look(opened) }, neverRested)
	before := u.rests()
	waittest.Until(u.t, func() bool { // each is tried after its rest, and given another
		now := u.rests()
		return now[0] != before[0] && now[1] != before[1]
	}, "unwell targets are tried again")
	tooMany := func() (names []string) {
		for name, calls := range u.calls() {
			if calls > callsBeforeRest+1+int(time.Since(outage)/shortRest) {
				names = append(names, fmt.Sprintf("%s: %d times in %s", name, calls, time.Since(outage)))
			}
		}
		return names
	}
	if u.r.Defects != "" { // there is no rest: however slow the machine, there come to be too many
		waittest.Until(u.t, func() bool { return len(tooMany()) > 0 }, "unwell targets are called anyway")
	}
	names := tooMany()
	u.r.check(len(names) == 0, calledAnyway, "%v", names)
	if u.r.Defects != "" { // what was to be found is found
		rest()
		return
	}
	u.recover(func() {
		stuck.letGo()
		u.g.step(0)
		rest()
	}, stuck)
}

// look notes which of the unwell targets are given a rest, and tells whether all are.
func (u *unwell) look(opened map[int64]time.Time) bool {
	for _, id := range []int64{u.slow.target, u.dead} {
		if !opened[id].IsZero() {
			continue
		}
		if h, err := u.admin.health(id); err == nil && h.Health.Breaker != "closed" {
			opened[id] = time.Now()
		}
	}
	return len(opened) == 2
}

// rests are when the unwell targets were last given one, or it was over. It asks no more than every
// askEvery.
func (u *unwell) rests() (since [2]int64) {
	u.t.Helper()
	time.Sleep(askEvery)
	for i, id := range []int64{u.slow.target, u.dead} {
		h, err := u.admin.health(id)
		require.NoError(u.t, err)
		since[i] = h.Health.BreakerSince
	}
	return since
}

// calls are those of the unwell targets so far, as the service counts them. It asks no more than every
// askEvery.
func (u *unwell) calls() map[string]int {
	u.t.Helper()
	time.Sleep(askEvery)
	return map[string]int{"hanging": len(u.admin.attempts(u.slow.target)), "dead": len(u.admin.attempts(u.dead))}
}

// recover has the targets be well again, waits for all deliveries once the load has ended, and looks
// how the targets were tried, and whether anything was lost.
func (u *unwell) recover(rest func(), further ...*sink) {
	u.t.Helper()
	u.slow.turn(nil)
	recovery := time.Now()
	alive := newSink(u.t, "dead", u.deadAddress, nil)
	alive.target, alive.since = u.dead, u.slow.since
	rest()
	sinks := append(further, u.healthy, u.slow, alive)
	targets := make([]int64, len(sinks))
	for i, s := range sinks {
		targets[i] = s.target
	}
	drain, drained := u.admin.drained(waittest.Limit, targets...)
	u.r.time("drain", drain)
	u.r.check(drained, notDrained, "after %s", drain)
	for _, s := range []*sink{u.slow, alive} {
		n := s.triesBeforeFirstTaken(recovery)
		u.r.Counts[s.name+"_probes_on_recovery"] = int64(n)
		u.r.check(n <= probesMost, probedOften, "%d calls of %s", n, s.name)
	}
	u.product.stop()
	u.r.nothingLost(u.g.ledger.read(), read(u.t, u.database, targets...), sinks...)
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
