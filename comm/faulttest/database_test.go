package faulttest

import (
	"math/rand/v2"
	"testing"
	"time"

	"wxcomponent/comm/config"
	"wxcomponent/comm/waittest"
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
	s.sink.target = s.admin.target(map[string]any{
		"name": "target", "port": s.sink.port, "path": "/", "timeoutMs": pl.pick(0, patientCall).Milliseconds(),
		"pauses": []int{1, 1, 2, 4, 8},
	})
	s.admin.rule("async", nil, s.sink.target)
	s.g = newGenerator(t, s.product, pl)
	s.rest = s.g.start()
	return s
}

// recovered waits for the first push that is taken again, and returns how long that took.
func (s *scene) recovered(since time.Time) (took time.Duration) {
	s.t.Helper()
	waittest.Until(s.t, func() bool {
		at, ok := firstSuccess(s.g.callsWithin(since, time.Now()), since)
		took = at.Sub(since)
		return ok
	}, "a push is taken")
	return took
}

// refused waits for answers to pushes that were sent while there is no database: the service must not
// wait for it, nor acknowledge what it has not stored.
func (s *scene) refused(since time.Time) {
	s.t.Helper()
	acked := s.g.answered(since)
	s.r.check(acked == 0, ackedInVain, "%d", acked)
}

// end ends the load, waits for the deliveries and looks whether anything was lost.
func (s *scene) end(expected ...string) {
	s.t.Helper()
	s.rest()
	drain, drained := s.admin.drained(s.pl.pick(time.Minute, waittest.Limit), s.sink.target)
	s.product.stop()
	s.r.time("drain", drain)
	s.r.check(drained, notDrained, "after %s", drain)
	s.r.within(4500*time.Millisecond, s.r.time("slowest_answer", longest(s.g.callsSince(time.Time{}))), slowAnswer)
	s.r.Counts["calls"] = int64(len(s.g.calls))
	s.r.nothingLost(s.g.ledger.read(), read(s.t, mysql(s.login), s.sink.target), s.sink)
	s.r.close(expected...)
}

// The database server is killed and comes back.
func TestDatabaseKilledUnderLoad(t *testing.T) {
	parallel(t)
	t.Run("mysql", func(t *testing.T) { killDatabase(t, "") })
	t.Run("control", func(t *testing.T) { killDatabase(t, "ack-early", ackedInVain, lostPush) })
}

func killDatabase(t *testing.T, defects string, expected ...string) {
	pl := planned(t, defects, plan{rate: 60, kills: 1}, plan{rate: 500, time: time.Minute, kills: 3})
	server := dbtest.OwnServer(t)
	s := newScene(t, pl, server, "", defects)
	random := rand.New(rand.NewPCG(pl.seed, 2))
	share := pl.time / time.Duration(pl.kills+1)
	var slowest time.Duration
	for range pl.kills {
		s.g.step(share/2 + time.Duration(random.Int64N(int64(max(share, 1)))))
		server.Kill()
		away := time.Now()
		if pl.full {
			time.Sleep(time.Duration(500+random.IntN(1500)) * time.Millisecond)
		} else {
			s.refused(away)
		}
		if defects != "" {
			s.product.kill() // what it has acknowledged and not stored cannot be stored later
		}
		server.Start()
		back := time.Now()
		if defects != "" {
			pass(t, mysql(s.login))
			s.product.start()
		}
		slowest = max(slowest, s.recovered(back))
	}
	s.g.step(share / 2)
	s.r.Counts["kills"] = int64(pl.kills)
	s.r.within(5*time.Second, s.r.time("slowest_recovery", slowest), slowRecovery)
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
	pl := planned(t, defects, plan{rate: 60}, plan{rate: 200, time: 20 * time.Second})
	server := dbtest.OwnServer(t)
	at, begin, end := fault(server)
	s := newScene(t, pl, server, at, defects)
	if !pl.full {
		s.hangShort(begin, end)
		s.end(expected...)
		return
	}
	time.Sleep(15 * time.Second)
	_, memory := s.holds()
	s.rest()
	goroutines, _ := s.holds() // at rest, for they come and go with the calls

	s.g.tries = 1 // so that the rate is that of calls, also while each of them fails
	s.rest = s.g.start()
	time.Sleep(5 * time.Second)
	hung := time.Now()
	begin()
	noticed := s.product.await(false)
	time.Sleep(time.Until(hung.Add(pl.time)))
	end()
	resumed := time.Now()
	s.r.within(3*time.Second, s.r.time("noticed", noticed), stillReady)
	s.r.within(5*time.Second, s.r.time("recovery", s.recovered(resumed)), slowRecovery)
	s.product.await(true)

	time.Sleep(5 * time.Second)
	s.rest()
	var goroutinesAfter, memoryAfter float64
	for limit := resumed.Add(30 * time.Second); ; {
		goroutinesAfter, memoryAfter = s.holds()
		if goroutinesAfter <= mayHold*goroutines && memoryAfter <= mayHold*memory || time.Now().After(limit) {
			break
		}
	}
	s.r.time("settled", time.Since(resumed))
	s.r.Figures["goroutines_before"], s.r.Figures["goroutines_after"] = goroutines, goroutinesAfter
	s.r.Figures["memory_mb_before"], s.r.Figures["memory_mb_after"] = memory/(1<<20), memoryAfter/(1<<20)
	s.r.check(goroutinesAfter <= mayHold*goroutines && memoryAfter <= mayHold*memory, leaks,
		"goroutines × %.2f, memory × %.2f", goroutinesAfter/goroutines, memoryAfter/memory)
	s.end(expected...)
}

// unreadyAnswers is how often the service, asked one time after the other, says that it is not ready
// before it must have answered pushes that came earlier. Each time it waits for the database for two
// seconds in vain, so that no clock is needed but its own; and since nobody waits longer than readyLimit
// for any, a push that the service keeps for a minute has no answer by then, on whatever machine.
const unreadyAnswers = 5

// hangShort has the database hang until the pushes that came meanwhile have been answered, and looks at
// the order of answers instead of a clock.
func (s *scene) hangShort(begin, end func()) {
	s.t.Helper()
	s.g.step(0)
	begin()
	s.r.time("noticed", s.product.await(false))
	waiting := s.waiting()
	if s.r.Defects != "" { // a server on a busy machine may go on for a moment after it was halted
		waittest.Until(s.t, func() bool {
			if waiting == 0 {
				waiting = s.waiting()
			}
			return waiting > 0
		}, "pushes wait for the database")
	}
	s.r.check(waiting == 0, slowAnswer, "%d pushes wait for the database for as long as it is away", waiting)
	end()
	s.r.time("recovery", s.recovered(time.Now()))
	s.product.await(true)
	s.g.step(0)
}

// waiting counts the pushes under way that have no answer when there must be one, while the database
// hangs.
func (s *scene) waiting() (n int) {
	s.t.Helper()
	underWay := func() []callMade { return s.g.callsThat(func(c callMade) bool { return c.ended.IsZero() }) }
	waittest.Until(s.t, func() bool { return len(underWay()) >= fewAnswers }, "pushes are under way")
	asked := time.Now()
	for range unreadyAnswers {
		n = 0
		for _, c := range underWay() {
			if c.began.Before(asked) {
				n++
			}
		}
		if n == 0 {
			break
		}
		s.r.check(!s.product.ready(), stillReady, "without its database")
	}
	return n
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
