//go:build bench

package bench

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

// delivered is how many deliveries have been made before; the environment makes it smaller.
func delivered() int { return number("BENCH_DELIVERED", 5_000_000) }

const (
	takenKind   = "deliver:t1"
	takenTarget = "t1"
	takenAtOnce = 64 // deliveries
	takenTimes  = 100
	endedBatch  = 5000 // rows of one statement
)

// taking measures what it costs to look for deliveries, to take and to end them, beside none that
// have been made and beside many.
func (r report) taking(t *testing.T, e engine) {
	d, err := db.Open(t.Context(), e.fresh(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.Close() })
	require.NoError(t, db.Migrate(t.Context(), d))
	pool, err := d.Write.DB()
	require.NoError(t, err)
	store := dao.New(d, nil)
	r.printf("\n### Work queue, %s\n\n| deliveries made before | look, nothing due | take %d | end %d | p99 of take and end |\n|---|---|---|---|---|\n",
		e.name, takenAtOnce, takenAtOnce)
	none := r.takingBeside(t, store, 0)
	fillEnded(t, pool, delivered())
	many := r.takingBeside(t, store, delivered())
	r.printf("\nTaking and ending beside %d delivered rows ÷ beside none: %.2f (median).\n", delivered(), many.Seconds()/none.Seconds())
}

func (r report) takingBeside(t *testing.T, store *dao.Store, rows int) (median time.Duration) {
	var look, take, end, both result
	for range takenTimes {
		putIn(t, store)
		took := timed(&take, func() {
			items, err := store.WorkTake(t.Context(), []string{takenKind}, "bench", time.Minute, takenAtOnce)
			require.NoError(t, err)
			require.Len(t, items, takenAtOnce)
			ended := timed(&end, func() { record(t, store, items) })
			both.latencies = append(both.latencies, ended)
		})
		last := len(both.latencies) - 1
		take.latencies[last] = took - both.latencies[last]
		both.latencies[last] = took
		timed(&look, func() {
			_, err := store.ForwardDue(t.Context(), []string{takenKind, "hold:" + takenTarget})
			require.NoError(t, err)
			items, err := store.WorkTake(t.Context(), []string{takenKind}, "bench", time.Minute, takenAtOnce)
			require.NoError(t, err)
			require.Empty(t, items)
		})
	}
	for _, m := range []*result{&look, &take, &end, &both} {
		slices.Sort(m.latencies)
	}
	r.printf("| %d | %s | %s | %s | %s |\n", rows, ms(look.quantile(.5)), ms(take.quantile(.5)), ms(end.quantile(.5)), ms(both.quantile(.99)))
	return both.quantile(.5)
}

func timed(to *result, do func()) time.Duration {
	begin := time.Now()
	do()
	took := time.Since(begin)
	to.latencies = append(to.latencies, took)
	return took
}

func putIn(t *testing.T, store *dao.Store) {
	t.Helper()
	items := make([]model.Work, takenAtOnce)
	for i := range items {
		items[i] = model.Work{Kind: takenKind, Grp: fmt.Sprintf("%08x-%d", time.Now().Unix(), nextMessageID()), Payload: deliveryText}
	}
	require.NoError(t, store.ForwardAdd(t.Context(), items))
}

const deliveryText = `{"id":"00000000","channel":"biz","appid":"wx0000000000000000","event":"text","format":"json","received":0,"body":"{}"}`

func record(t *testing.T, store *dao.Store, items []model.Work) {
	t.Helper()
	outcomes := make([]model.Outcome, len(items))
	for i, w := range items {
		outcomes[i] = model.Outcome{Work: w, State: model.WorkDone, Attempt: &model.Attempt{
			WorkID: w.ID, Target: takenTarget, Identity: w.Grp, Channel: "biz", AtMS: time.Now().UnixMilli(),
			OK: true, Status: 200, Cause: model.CausePush, Attempt: 1,
		}}
	}
	held, err := store.ForwardRecord(t.Context(), outcomes)
	require.NoError(t, err)
	require.NotContains(t, held, false)
}

// fillEnded puts in deliveries that were made in the last week, and their attempts.
func fillEnded(t *testing.T, pool *sql.DB, n int) {
	t.Helper()
	now := time.Now()
	begin := now.Add(-7 * 24 * time.Hour)
	step := now.Sub(begin) / time.Duration(max(n, 1))
	for done := 0; done < n; done += endedBatch {
		var work, attempts strings.Builder
		for i := range endedBatch {
			at := begin.Add(step * time.Duration(done+i))
			identity := fmt.Sprintf("%08x-%032x", at.Unix(), nextMessageID())
			fmt.Fprintf(&work, ",('%s','%s','%s',2,1,1,%d,%d,%d)", takenKind, identity, deliveryText, at.UnixMilli(), at.UnixMilli(), at.UnixMilli())
			fmt.Fprintf(&attempts, ",(%d,'%s','%s','biz','wx','text',%d,1,1,200,'','push',1)", done+i, takenTarget, identity, at.UnixMilli())
		}
		for _, statement := range []string{
			"INSERT INTO work (kind, grp, payload, state, attempt, fence, nextms, createms, updatems) VALUES " + work.String()[1:],
			"INSERT INTO delivery_attempt (workid, target, identity, channel, appid, event, atms, durationms, ok, status, answer, cause, attempt) VALUES " +
				attempts.String()[1:],
		} {
			_, err := pool.ExecContext(context.WithoutCancel(t.Context()), statement)
			require.NoError(t, err)
		}
	}
}
