package faulttest

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"wxcomponent/comm/config"
	"wxcomponent/db/dbtest"
)

// scene is a service on a MariaDB server, with a target, under load.
type scene struct {
	t       *testing.T
	pl      plan
	r       *report
	login   config.MySQL
	product *product
	admin   *admin
	sink    *sink
	g       *generator
	rest    func()
}

// newScene begins the load. The service reaches its server at an address of its own when there is
// one.
func newScene(t *testing.T, pl plan, server *dbtest.Own, at, defects string) *scene {
	t.Helper()
	s := &scene{t: t, pl: pl, r: newReport(t, pl, defects), login: server.Login("fault")}
	reached := s.login
	if at != "" {
		reached.Address = at
	}
	s.product = newProduct(t, mysql(reached), defects)
	s.product.start()
	s.admin = login(t, s.product)
	s.sink = newSink(t, "target", "", nil)
	s.sink.target = s.admin.target(map[string]any{"name": "target", "port": s.sink.port, "path": "/", "pauses": []int{1, 1, 2, 4, 8}})
	s.admin.rule("async", nil, s.sink.target)
	s.g = newGenerator(t, s.product, pl)
	s.load()
	return s
}

// load begins to send pushes, and rest ends it.
func (s *scene) load() {
	ctx, stop := context.WithCancel(s.t.Context())
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		s.g.run(ctx)
	}()
	s.rest = func() {
		stop()
		<-sent
	}
}

// recovered waits for the first push that is taken again, and returns how long that took.
func (s *scene) recovered(since time.Time, limit time.Duration) time.Duration {
	for time.Since(since) < limit {
		if at, ok := firstSuccess(s.g.callsWithin(since, time.Now()), since); ok {
			return at.Sub(since)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(since)
}

// end ends the load, waits for the deliveries and looks whether anything was lost.
func (s *scene) end(expected ...string) {
	s.t.Helper()
	s.rest()
	drain, drained := s.admin.drained(patience, s.sink.target)
	s.product.stop()
	s.r.time("drain", drain)
	s.r.check(drained, notDrained, "after %s", drain)
	most := s.r.time("slowest_answer", longest(s.g.calls))
	s.r.check(most <= s.pl.pick(4500*time.Millisecond, 6*time.Second), slowAnswer, "%s", most)
	s.r.Counts["calls"] = int64(len(s.g.calls))
	s.r.nothingLost(s.g.ledger.read(), read(s.t, mysql(s.login), s.sink.target), s.sink)
	s.r.close(expected...)
}

// The database server is killed and comes back.
func TestDatabaseKilledUnderLoad(t *testing.T) {
	parallel(t)
	t.Run("mysql", func(t *testing.T) { killDatabase(t, "") })
	t.Run("control", func(t *testing.T) { killDatabase(t, "ack-early", lostPush) })
}

func killDatabase(t *testing.T, defects string, expected ...string) {
	pl := planned(t, defects, plan{rate: 80, time: 5 * time.Second, kills: 1}, plan{rate: 500, time: time.Minute, kills: 3})
	server := dbtest.OwnServer(t)
	s := newScene(t, pl, server, "", defects)
	random := rand.New(rand.NewPCG(pl.seed, 2))
	share := pl.time / time.Duration(pl.kills+1)
	var slowest time.Duration
	for range pl.kills {
		time.Sleep(share/2 + time.Duration(random.Int64N(int64(share))))
		server.Kill()
		time.Sleep(time.Duration(500+random.IntN(1500)) * time.Millisecond)
		server.Start()
		slowest = max(slowest, s.recovered(time.Now(), patience))
	}
	time.Sleep(share / 2)
	s.r.Counts["kills"] = int64(pl.kills)
	s.r.time("slowest_recovery", slowest)
	s.r.check(slowest <= pl.pick(5*time.Second, patience/2), slowRecovery, "%s", slowest)
	s.end(expected...)
}

// The database server does not answer for a while: first it stands still, then the network
// swallows everything.
func TestDatabaseHangsUnderLoad(t *testing.T) {
	parallel(t)
	t.Run("mysql", func(t *testing.T) {
		hangDatabase(t, "", func(server *dbtest.Own) (string, func(), func()) { return "", server.Halt, server.Resume })
	})
	if isFull() { // the short form of it would show nothing that the other does not
		t.Run("black hole", func(t *testing.T) {
			hangDatabase(t, "", func(server *dbtest.Own) (string, func(), func()) {
				relay := newRelay(t, server.Login("").Address)
				return relay.address, relay.swallow, relay.pass
			})
		})
	}
	t.Run("control", func(t *testing.T) {
		hangDatabase(t, "patient", func(server *dbtest.Own) (string, func(), func()) { return "", server.Halt, server.Resume }, slowAnswer)
	})
}

const (
	stillReady = "it said that it was ready without its database"
	mayHold    = 1.2 // times what it held before
	leaks      = "it holds more goroutines or memory than before"
)

func hangDatabase(t *testing.T, defects string, fault func(*dbtest.Own) (at string, begin, end func()), expected ...string) {
	pl := planned(t, defects, plan{rate: 50, time: 8 * time.Second}, plan{rate: 200, time: 20 * time.Second})
	server := dbtest.OwnServer(t)
	at, begin, end := fault(server)
	s := newScene(t, pl, server, at, defects)
	time.Sleep(pl.pick(15*time.Second, time.Second))
	_, memory := s.holds()
	s.rest()
	goroutines, _ := s.holds() // at rest, for they come and go with the calls

	if pl.full {
		s.g.tries = 1 // so that the rate is that of calls, also while each of them fails
	}
	s.load()
	time.Sleep(pl.pick(5*time.Second, 500*time.Millisecond))
	hung := time.Now()
	begin()
	noticed := s.product.await(false, patience)
	time.Sleep(time.Until(hung.Add(pl.time)))
	end()
	resumed := time.Now()
	s.r.time("noticed", noticed)
	s.r.check(noticed <= pl.pick(3*time.Second, pl.time), stillReady, "for %s", noticed)
	back := s.r.time("recovery", s.recovered(resumed, patience))
	s.r.check(back <= pl.pick(5*time.Second, patience/2), slowRecovery, "%s", back)
	s.product.await(true, patience)

	time.Sleep(pl.pick(5*time.Second, 500*time.Millisecond))
	s.rest()
	var goroutinesAfter, memoryAfter float64
	for limit := resumed.Add(pl.pick(30*time.Second, 0)); ; {
		goroutinesAfter, memoryAfter = s.holds()
		if goroutinesAfter <= mayHold*goroutines && memoryAfter <= mayHold*memory || time.Now().After(limit) {
			break
		}
	}
	s.r.time("settled", time.Since(resumed))
	s.r.Figures["goroutines_before"], s.r.Figures["goroutines_after"] = goroutines, goroutinesAfter
	s.r.Figures["memory_mb_before"], s.r.Figures["memory_mb_after"] = memory/(1<<20), memoryAfter/(1<<20)
	s.r.check(!pl.full || goroutinesAfter <= mayHold*goroutines && memoryAfter <= mayHold*memory, leaks,
		"goroutines × %.2f, memory × %.2f", goroutinesAfter/goroutines, memoryAfter/memory)
	s.end(expected...)
}

// holds is the most goroutines and memory that the service has within a second.
func (s *scene) holds() (goroutines, memory float64) {
	s.t.Helper()
	s.g.client.CloseIdleConnections()
	for range 10 {
		goroutines = max(goroutines, s.product.metric("go_goroutines"))
		memory = max(memory, s.product.metric("process_resident_memory_bytes"))
		time.Sleep(100 * time.Millisecond)
	}
	return goroutines, memory
}
