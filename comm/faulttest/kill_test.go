package faulttest

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

// workers is how many deliveries to a target one instance has in hand at the same time: those that it
// makes, and as many whose outcome is still to be written.
const workers = 32

// The service is killed again and again while pushes come in.
func TestServiceKilledUnderLoad(t *testing.T) {
	parallel(t)
	t.Run("sqlite", func(t *testing.T) { killService(t, sqlite(t), "") })
	t.Run("mysql", func(t *testing.T) { killService(t, mysql(dbtest.EmptyMySQL(t)), "") })
	t.Run("control", func(t *testing.T) {
		killService(t, sqlite(t), "ack-early,done-first,no-identity", lostPush, lostDelivery, storedTwice)
	})
}

func killService(t *testing.T, database db.Options, defects string, expected ...string) {
	pl := planned(t, defects, plan{rate: 80, time: 5 * time.Second, kills: 2}, plan{rate: 500, time: time.Minute, kills: 10})
	r := newReport(t, pl, defects)
	p := newProduct(t, database, defects)
	slowest := p.start()
	a := login(t, p)
	all, some, asked := newSink(t, "all", "", nil), newSink(t, "some", "", nil), newSink(t, "asked", "", nil)
	some.only, asked.only = []string{accountOf(0), accountOf(1), accountOf(2), accountOf(3)}, []string{askedOne}
	sinks := []*sink{all, some, asked}
	for _, s := range sinks {
		s.delay = pl.pick(5*time.Millisecond, 40*time.Millisecond)
		s.target = a.target(map[string]any{"name": s.name, "port": s.port, "path": "/"})
	}
	a.rule("async", nil, all.target)
	a.rule("async", some.only, some.target)
	a.rule("sync", asked.only, asked.target)

	g := newGenerator(t, p, pl)
	g.asked = true
	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		g.run(ctx)
	}()
	random := rand.New(rand.NewPCG(pl.seed, 2))
	var kills []time.Time
	for begin := time.Now(); time.Since(begin) < pl.time || len(kills) < pl.kills; {
		from, to := 2*time.Second, 6*time.Second
		if !pl.full {
			from, to = time.Second, 2*time.Second
		}
		time.Sleep(from + time.Duration(random.Int64N(int64(to-from))))
		p.kill()
		for _, s := range sinks {
			s.left(t)
		}
		kills = append(kills, time.Now())
		if !pl.full {
			pass(t, database)
		}
		slowest = max(slowest, p.start())
	}
	cancel()
	<-sent
	drain, drained := a.drained(pl.pick(30*time.Second, patience), all.target, some.target, asked.target)
	p.stop()

	r.Counts["kills"] = int64(len(kills))
	r.Counts["calls"] = int64(len(g.calls))
	r.check(r.time("slowest_start", slowest) <= pl.pick(3*time.Second, patience), slowStart, "%s", slowest)
	r.check(drained, notDrained, "after %s", drain)
	r.time("drain", drain)
	r.nothingLost(g.ledger.read(), read(t, database, all.target, some.target, asked.target), sinks...)
	for _, s := range sinks {
		needless := s.againWithout(kills)
		r.check(needless == 0, forwardedAgain, "%d to %s, with no kill between", needless, s.name)
	}
	for _, s := range []*sink{all, some} {
		again := r.Counts[s.name+"_again"]
		r.check(again <= int64(workers*len(kills)), forwardedAgain, "%d to %s, with %d kills", again, s.name, len(kills))
	}
	r.close(expected...)
}
