package faulttest

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

// workers is how many deliveries one instance makes to a target at the same time.
const workers = 16

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
	one, other, asked := newSink(t, "one", "", nil), newSink(t, "other", "", nil), newSink(t, "asked", "", nil)
	one.delay, other.delay, asked.delay, asked.only = 5*time.Millisecond, 5*time.Millisecond, 5*time.Millisecond, askedOne
	if !pl.full {
		one.delay, other.delay = 40*time.Millisecond, 40*time.Millisecond
	}
	sinks := []*sink{one, other, asked}
	for _, s := range sinks {
		s.target = a.target(map[string]any{"name": s.name, "port": s.port, "path": "/"})
	}
	a.rule("async", nil, one.target, other.target)
	a.rule("sync", []string{askedOne}, asked.target)

	g := newGenerator(t, p, pl)
	g.asked = true
	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		g.run(ctx)
	}()
	random := rand.New(rand.NewPCG(pl.seed, 2))
	kills := 0
	for begin := time.Now(); time.Since(begin) < pl.time || kills < pl.kills; kills++ {
		from, to := 2*time.Second, 6*time.Second
		if !pl.full {
			from, to = time.Second, 2*time.Second
		}
		time.Sleep(from + time.Duration(random.Int64N(int64(to-from))))
		p.kill()
		if !pl.full {
			pass(t, database)
		}
		slowest = max(slowest, p.start())
	}
	cancel()
	<-sent
	drain, drained := a.drained(pl.pick(30*time.Second, patience), one.target, other.target, asked.target)
	p.stop()

	r.Counts["kills"] = int64(kills)
	r.Counts["calls"] = int64(len(g.calls))
	r.check(r.time("slowest_start", slowest) <= pl.pick(3*time.Second, patience), slowStart, "%s", slowest)
	r.check(drained, notDrained, "after %s", drain)
	r.time("drain", drain)
	r.nothingLost(g.ledger.read(), read(t, database, one.target, other.target, asked.target), sinks...)
	for _, s := range sinks {
		again := r.Counts[s.name+"_again"]
		r.check(again <= int64(workers*kills), forwardedAgain, "%d to %s, with %d kills", again, s.name, kills)
	}
	r.close(expected...)
}
