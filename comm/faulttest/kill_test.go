package faulttest

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

const (
	// workers is how many deliveries to a target one instance has in hand at the same time: those that it
	// makes, and as many whose outcome is still to be written.
	workers = 32
	// fewCalls is so many that it cannot be that each is with a push that is sent again later.
	fewCalls = 8
)

// The service is killed again and again while pushes come in.
func TestServiceKilledUnderLoad(t *testing.T) {
	parallel(t)
	t.Run("sqlite", func(t *testing.T) { killService(t, sqlite, "") })
	t.Run("mysql", func(t *testing.T) {
		killService(t, func(t testing.TB) db.Options { return mysql(dbtest.EmptyMySQL(t)) }, "")
	})
	t.Run("control", func(t *testing.T) {
		killService(t, sqlite, "ack-early,done-first,no-identity", ackedInVain, lostPush, lostDelivery, storedTwice)
	})
}

func killService(t *testing.T, fresh func(testing.TB) db.Options, defects string, expected ...string) {
	pl := planned(t, defects, plan{rate: 60, kills: 2}, plan{rate: 500, time: time.Minute, kills: 10})
	r, database := newReport(t, pl, defects), fresh(t)
	p := newProduct(t, database, defects)
	slowest := p.start()
	a := login(t, p)
	all, some, asked := newSink(t, "all", "", nil), newSink(t, "some", "", nil), newSink(t, "asked", "", nil)
	some.only, asked.only = []string{accountOf(0), accountOf(1), accountOf(2), accountOf(3)}, []string{askedOne}
	sinks := []*sink{all, some, asked}
	for _, s := range sinks {
		s.delay = pl.pick(5*time.Millisecond, 40*time.Millisecond)
		s.target = a.target(map[string]any{
			"name": s.name, "port": s.port, "path": "/", "timeoutMs": pl.pick(0, patientCall).Milliseconds(),
		})
	}
	a.rule("async", nil, all.target)
	a.rule("async", some.only, some.target)
	a.rule("sync", asked.only, asked.target)

	g := newGenerator(t, p, pl)
	g.asked = true
	rest := g.start()
	random := rand.New(rand.NewPCG(pl.seed, 2))
	var kills []time.Time
	for begin := time.Now(); time.Since(begin) < pl.time || len(kills) < pl.kills; {
		g.step(2*time.Second + time.Duration(random.Int64N(int64(4*time.Second))))
		release := func() {}
		if !pl.full && len(kills) == 0 {
			release = r.unfinished(g, all, database)
		}
		p.kill()
		release()
		for _, s := range sinks {
			s.left(t)
			s.letGo()
		}
		kills = append(kills, time.Now())
		if !pl.full {
			pass(t, database)
		}
		slowest = max(slowest, p.start())
	}
	g.step(0)
	rest()
	drain, drained := a.drained(pl.pick(30*time.Second, waittest.Limit), all.target, some.target, asked.target)
	p.stop()

	r.Counts["kills"] = int64(len(kills))
	r.Counts["calls"] = int64(len(g.calls))
	r.within(3*time.Second, r.time("slowest_start", slowest), slowStart)
	r.check(drained, notDrained, "after %s", drain)
	r.time("drain", drain)
	ends := read(t, database, all.target, some.target, asked.target)
	r.nothingLost(g.ledger.read(), ends, sinks...)
	for _, s := range sinks {
		needless := s.againWithout(kills, ends.worksOf(s), pl.full)
		r.check(needless == 0, forwardedAgain, "%d to %s, with no kill between", needless, s.name)
	}
	for _, s := range []*sink{all, some} {
		again := r.Counts[s.name+"_again"]
		r.check(again <= int64(workers*len(kills)), forwardedAgain, "%d to %s, with %d kills", again, s.name, len(kills))
	}
	r.close(expected...)
}

// unfinished waits until the service has work in hand for certain, to be killed then: calls of a target
// that does not answer, and where the database can be kept from being written until release, pushes
// that cannot be stored, and must not be acknowledged. With a defect that stores pushes twice, it has
// done so by then.
func (r *report) unfinished(g *generator, s *sink, o db.Options) (release func()) {
	r.t.Helper()
	if strings.Contains(r.Defects, "no-identity") {
		waittest.Until(r.t, s.twice, "a push is stored twice")
	}
	s.hold()
	s.holds(r.t, fewCalls)
	if o.SQLitePath == "" {
		return func() {}
	}
	d, err := db.Open(r.t.Context(), o)
	require.NoError(r.t, err)
	tx := d.Write.Begin()
	waittest.Until(r.t, func() bool {
		if tx.Error != nil {
			tx = d.Write.Begin()
		}
		return tx.Error == nil
	}, "nobody writes: %v", func() any { return tx.Error })
	acked := g.answered(time.Now())
	r.check(acked == 0, ackedInVain, "%d", acked)
	return func() {
		require.NoError(r.t, tx.Rollback().Error)
		require.NoError(r.t, d.Close())
	}
}
