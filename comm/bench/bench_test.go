//go:build bench

package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/config"
	"wxcomponent/db"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(nothingStored); address != "" {
		fmt.Fprintln(os.Stderr, serveNothing(address))
		os.Exit(1)
	}
	if address := os.Getenv(sinkAddress); address != "" {
		fmt.Fprintln(os.Stderr, serveSinks(address))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// Sizes of a run; the environment makes them smaller for a quick look.
func seconds() time.Duration { return time.Duration(number("BENCH_SECONDS", 6)) * time.Second }
func rows() int              { return number("BENCH_ROWS", 1_000_000) }

func number(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

const warmUp = time.Second

// engine is one kind of database, with a fresh one for whoever asks.
type engine struct {
	name    string
	writers int // that plain inserts are fastest with
	fresh   func(t testing.TB) db.Options
}

func engines(t *testing.T) []engine {
	address := mariadb(t)
	databases := 0
	return []engine{
		{"SQLite", 1, func(t testing.TB) db.Options {
			return db.Options{SQLitePath: filepath.Join(t.TempDir(), "wxcomponent.db")}
		}},
		{"MariaDB", 4, func(testing.TB) db.Options {
			databases++
			return db.Options{MySQL: config.MySQL{Address: address, Username: "root", Database: fmt.Sprintf("bench%d", databases)}}
		}},
	}
}

func TestBench(t *testing.T) {
	out := report{t}
	var baseline map[int]result
	t.Run("nothing stored", func(t *testing.T) { baseline = pushes(t, nothing(t)) })
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Run("pushes", func(t *testing.T) {
				pool := open(t, e.fresh(t))
				single, batches := rawSingle(t, pool, seconds()), rawBatches(t, pool, e.writers, seconds())
				out.pushes(e.name, baseline, pushes(t, service(t, e.fresh(t))), single, batches)
			})
			t.Run("process", func(t *testing.T) { out.process(e.name, memory(t, e), coldStart(t, e)) })
			t.Run("lists", func(t *testing.T) { out.lists(t, e) })
			t.Run("forwarding", func(t *testing.T) { out.forwarding(t, e) })
			t.Run("taking", func(t *testing.T) { out.taking(t, e) })
			t.Run("accounts", func(t *testing.T) { out.accounts(t, e) })
		})
	}
}

// pushes measures plain messages at each number of connections.
func pushes(t *testing.T, p *process) map[int]result {
	t.Helper()
	results := map[int]result{}
	for _, connections := range []int{1, 16, 64, 256} {
		r, err := load{address: p.address, connections: connections, warmUp: warmUp, duration: seconds(), requests: plainPushes}.run(t.Context())
		require.NoError(t, err)
		results[connections] = r
	}
	results[encrypted] = encryptedLoad(t, p)
	return results
}

const encrypted = -64 // key of the result with encrypted messages at 64 connections

func encryptedLoad(t *testing.T, p *process) result {
	t.Helper()
	made, err := encryptedPushes(int(seconds().Seconds())*8000, 64)
	require.NoError(t, err)
	r, err := load{address: p.address, connections: 64, requests: made}.run(t.Context())
	require.NoError(t, err)
	return r
}

// memory is what the service occupies after 200 000 pushes.
func memory(t *testing.T, e engine) int64 {
	t.Helper()
	const connections = 64
	total := rows() / 5
	p := service(t, e.fresh(t))
	_, err := load{address: p.address, connections: connections, requests: func(c int) requests {
		return counted(total/connections, plainPushes(c))
	}}.run(t.Context())
	require.NoError(t, err)
	resident := p.resident(t)
	p.stop()
	return resident
}

// coldStart is the median time from the start of the process on a migrated database until it is
// ready.
func coldStart(t *testing.T, e engine) time.Duration {
	t.Helper()
	o := e.fresh(t)
	service(t, o).stop()
	var times []time.Duration
	for range 9 {
		p := service(t, o)
		times = append(times, p.ready)
		p.stop()
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// report prints Markdown.
type report struct{ t *testing.T }

func (r report) printf(format string, args ...any) {
	_, err := fmt.Fprintf(os.Stdout, format, args...)
	require.NoError(r.t, err)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

func (r report) pushes(name string, baseline, stored map[int]result, single result, batches float64) {
	r.printf("\n### Pushes, %s\n\n", name)
	r.printf("| connections | stored/s | p50 | p99 | nothing stored/s | stored ÷ nothing stored |\n|---|---|---|---|---|---|\n")
	for _, c := range []int{1, 16, 64, 256, encrypted} {
		label := strconv.Itoa(c)
		if c == encrypted {
			label = "64, encrypted"
		}
		s, b := stored[c], baseline[c]
		r.printf("| %s | %.0f | %s | %s | %.0f | %.0f %% |\n", label, s.rate(), ms(s.quantile(.5)), ms(s.quantile(.99)), b.rate(), 100*s.rate()/b.rate())
	}
	r.printf("\nPlain inserts of the same rows: one by one %.0f/s (p50 %s), 100 a statement %.0f/s. "+
		"At one connection a push takes %s longer than an insert at the median; at 256 pushes reach %.0f %% of plain batches.\n",
		single.rate(), ms(single.quantile(.5)), batches,
		ms(stored[1].quantile(.5)-single.quantile(.5)), 100*stored[256].rate()/batches)
}

func (r report) process(name string, resident int64, ready time.Duration) {
	r.printf("\n### Process, %s\n\n| resident after %d pushes | ready after its start |\n|---|---|\n| %.0f MB | %s |\n",
		name, rows()/5, float64(resident)/1e6, ms(ready))
}

// lists measures pages of full tables, and what people who read them cost the pushes.
func (r report) lists(t *testing.T, e engine) {
	o := e.fresh(t)
	seed(t, open(t, o), rows())
	p := service(t, o)
	a := login(t, p)
	lists := listings(t, a)
	r.printf("\n### Lists of %d rows, %s\n\n| page | p50 | p99 |\n|---|---|---|\n", rows(), e.name)
	for _, l := range lists {
		m := a.measure(t, l, 200)
		r.printf("| %s | %s | %s |\n", l.name, ms(m.quantile(.5)), ms(m.quantile(.99)))
	}
	push := load{address: p.address, connections: 256, warmUp: warmUp, duration: seconds(), requests: plainPushes}
	alone, err := push.run(t.Context())
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	const people, pause = 8, 200 * time.Millisecond
	a.people(ctx, t, people, pause, lists)
	shared, err := push.run(t.Context())
	require.NoError(t, err)
	r.printf("\n%d people who open a page every %s: pushes %.0f/s instead of %.0f/s, %.0f %% fewer (p99 %s).\n",
		people, pause, shared.rate(), alone.rate(), 100*(1-shared.rate()/alone.rate()), ms(shared.quantile(.99)))
}
