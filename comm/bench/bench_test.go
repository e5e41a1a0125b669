//go:build bench

package bench

import (
	"cmp"
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

const sqlite = "SQLite"

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
		{sqlite, 1, func(t testing.TB) db.Options {
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
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Run("pushes", func(t *testing.T) { out.pushes(t, e) })
			t.Run("process", func(t *testing.T) { out.process(e.name, memory(t, e), coldStart(t, e)) })
			t.Run("lists", func(t *testing.T) { out.lists(t, e) })
			t.Run("forwarding", func(t *testing.T) { out.forwarding(t, e) })
			t.Run("taking", func(t *testing.T) { out.taking(t, e) })
			t.Run("accounts", func(t *testing.T) { out.accounts(t, e) })
		})
	}
}

// Numbers of connections.
const (
	many      = 256
	encrypted = -64 // 64, with encrypted messages
)

// pushLoad is what the service and the one that stores nothing came to beside each other.
type pushLoad struct{ stored, nothing result }

func (l pushLoad) ratio() float64 { return l.stored.rate() / l.nothing.rate() }

// pushes runs both in turn, most often over many connections, and returns the middle one of those.
func pushes(t *testing.T, stored, nothing *process, connections int) pushLoad {
	t.Helper()
	rounds := 1
	if connections == many {
		rounds = pairs
	}
	var all []pushLoad
	for range rounds {
		all = append(all, pushLoad{push(t, stored, connections), push(t, nothing, connections)})
	}
	slices.SortFunc(all, func(a, b pushLoad) int { return cmp.Compare(a.ratio(), b.ratio()) })
	return all[len(all)/2]
}

func push(t *testing.T, p *process, connections int) result {
	t.Helper()
	l := load{address: p.address, connections: connections, warmUp: warmUp, duration: seconds(), requests: plainPushes}
	if connections == encrypted {
		made, err := encryptedPushes(int(seconds().Seconds())*8000, -encrypted)
		require.NoError(t, err)
		l = load{address: p.address, connections: -encrypted, requests: made}
	}
	r, err := l.run(t.Context())
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

func (r report) pushes(t *testing.T, e engine) {
	pool := open(t, e.fresh(t))
	single, batches := rawSingle(t, pool, seconds()), rawBatches(t, pool, e.writers, seconds())
	stored, nothing := service(t, e.fresh(t)), nothingStored(t)
	r.printf("\n### Pushes, %s\n\n", e.name)
	r.printf("| connections | stored/s | p50 | p99 | nothing stored/s | stored ÷ nothing stored |\n|---|---|---|---|---|---|\n")
	loads := map[int]pushLoad{}
	for _, c := range []int{1, 16, 64, many, encrypted} {
		label := strconv.Itoa(c)
		if c == encrypted {
			label = "64, encrypted"
		}
		l := pushes(t, stored, nothing, c)
		loads[c] = l
		r.printf("| %s | %.0f | %s | %s | %.0f | %.0f %% |\n", label, l.stored.rate(), ms(l.stored.quantile(.5)),
			ms(l.stored.quantile(.99)), l.nothing.rate(), 100*l.ratio())
	}
	r.printf("\nPlain inserts of the same rows: one by one %.0f/s (p50 %s), 100 a statement %.0f/s. "+
		"At one connection a push takes %s longer than an insert at the median; at 256 pushes reach %.0f %% of plain batches.\n",
		single.rate(), ms(single.quantile(.5)), batches,
		ms(loads[1].stored.quantile(.5)-single.quantile(.5)), 100*loads[many].stored.rate()/batches)
}

func (r report) process(name string, resident int64, ready time.Duration) {
	r.printf("\n### Process, %s\n\n| resident after %d pushes | ready after its start |\n|---|---|\n| %.0f MB | %s |\n",
		name, rows()/5, float64(resident)/1e6, ms(ready))
}

// lists measures pages of full tables, and what people who read them cost the pushes.
func (r report) lists(t *testing.T, e engine) {
	o := e.fresh(t)
	seed(t, e, open(t, o), rows())
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
