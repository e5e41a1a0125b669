//go:build bench

package bench

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/payload"
	"wxcomponent/db"
)

// open migrates a database and returns its writing pool.
func open(t testing.TB, o db.Options) *sql.DB {
	t.Helper()
	d, err := db.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.Close() })
	require.NoError(t, db.Migrate(t.Context(), d))
	pool, err := d.Write.DB()
	require.NoError(t, err)
	return pool
}

// insert makes one statement that stores n messages. It stores nothing else of them, no identity
// and no work: what the table can take at best.
func insert(n int, at func(i int) time.Time) (string, []any) {
	args := make([]any, 0, n*7)
	for i := range n {
		id := nextMessageID()
		msgType, event := "text", ""
		if id%4 == 0 {
			msgType, event = "event", fmt.Sprintf("event_%d", id%10)
		}
		received := at(i)
		args = append(args, received, received, "gh_0123456789ab", account(id), msgType, event, message(payload.JSON, id))
	}
	return "INSERT INTO wxcallback_biz (receivetime, createtime, tousername, appid, msgtype, event, postbody) VALUES " +
		strings.Repeat("(?,?,?,?,?,?,?),", n-1) + "(?,?,?,?,?,?,?)", args
}

// rawSingle is the latency of one insert after the other on one connection.
func rawSingle(t testing.TB, pool *sql.DB, duration time.Duration) result {
	t.Helper()
	var r result
	begin := time.Now()
	for time.Since(begin) < duration {
		statement, args := insert(1, func(int) time.Time { return time.Now().UTC().Truncate(time.Second) })
		sent := time.Now()
		_, err := pool.ExecContext(t.Context(), statement, args...)
		require.NoError(t, err)
		r.latencies = append(r.latencies, time.Since(sent))
	}
	r.elapsed = time.Since(begin)
	slices.Sort(r.latencies)
	return r
}

// rawBatches is the rows per second of inserts of 100 rows from several writers.
func rawBatches(t testing.TB, pool *sql.DB, writers int, duration time.Duration) float64 {
	t.Helper()
	const rows = 100
	ctx, cancel := context.WithTimeout(t.Context(), duration)
	defer cancel()
	counts := make([]int, writers)
	begin := time.Now()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for ctx.Err() == nil {
				statement, args := insert(rows, func(int) time.Time { return time.Now().UTC().Truncate(time.Second) })
				if _, err := pool.ExecContext(context.WithoutCancel(ctx), statement, args...); err != nil {
					t.Error(err)
					return
				}
				counts[w] += rows
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / time.Since(begin).Seconds()
}

// seedSpan is the time that seeded messages are spread over, up to now.
const seedSpan = 20 * 24 * time.Hour

// seed fills both lists with n rows each.
func seed(t testing.TB, e engine, pool *sql.DB, n int) {
	t.Helper()
	const rows = 200
	begin := time.Now().UTC().Add(-seedSpan).Truncate(time.Second)
	at := func(i int) time.Time {
		return begin.Add(seedSpan * time.Duration(i/rows) / time.Duration(n/rows)).Truncate(time.Second)
	}
	types := []string{"component_verify_ticket", "authorized", "updateauthorized", "unauthorized"}
	for done := 0; done < n; done += rows {
		statement, args := insert(rows, func(i int) time.Time { return at(done + i) })
		_, err := pool.ExecContext(t.Context(), statement, args...)
		require.NoError(t, err)
		args = args[:0]
		for i := range rows {
			args = append(args, at(done+i), at(done+i), types[min(i/64, 3)], message(payload.JSON, nextMessageID()))
		}
		_, err = pool.ExecContext(t.Context(), "INSERT INTO wxcallback_component (receivetime, createtime, infotype, postbody) VALUES "+
			strings.Repeat("(?,?,?,?),", rows-1)+"(?,?,?,?)", args...)
		require.NoError(t, err)
	}
	if e.name == sqlite { // as the service itself does, a few thousand at a time
		_, err := pool.ExecContext(t.Context(), "INSERT OR IGNORE INTO account_push"+
			" SELECT appid, receivetime, id, msgtype, event FROM wxcallback_biz ORDER BY appid, receivetime, id")
		require.NoError(t, err)
		_, err = pool.ExecContext(t.Context(), "UPDATE account_push_upto SET id = (SELECT MAX(id) FROM wxcallback_biz)")
		require.NoError(t, err)
	}
}
