package ingest_test

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// each runs a test on both databases, beside other tests.
func each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Parallel()
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "mysql": dbtest.MySQL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// on runs an ingest over a real database, which may be as slow as it likes.
func on(t testing.TB, store ingest.Store, opt ingest.Options) *ingest.Ingest {
	t.Helper()
	opt.Timeout = waittest.Limit
	g := ingest.New(store, prometheus.NewRegistry(), opt)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); g.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return g
}

func plan(p *event.Push) []model.Work {
	key := "handle:" + p.Identity()
	return []model.Work{{Kind: "handle", UKey: &key, Payload: p.MsgID}}
}

func TestTwoInstancesStoreTheSamePushesOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		const n = 150
		store := dao.New(d, nil).WithPatience(waittest.Limit)
		instances := []*ingest.Ingest{
			on(t, store, ingest.Options{Writers: 2, Plan: plan}),
			on(t, store, ingest.Options{Writers: 2, Plan: plan}),
		}
		var stored, duplicates atomic.Int64
		var all sync.WaitGroup
		for i := range n {
			for _, g := range instances {
				for range 2 {
					all.Go(func() {
						res, err := g.Store(t.Context(), push(t, i))
						switch {
						case err != nil:
							t.Error(err)
						case res.Duplicate:
							duplicates.Add(1)
						default:
							stored.Add(1)
						}
					})
				}
			}
		}
		all.Wait()
		require.Equal(t, int64(n), stored.Load())
		require.Equal(t, int64(3*n), duplicates.Load())
		page, err := store.BizRecordList(t.Context(), model.BizRecordFilter{Limit: 1})
		require.NoError(t, err)
		require.EqualValues(t, n, page.Total)
		counts, err := store.WorkCounts(t.Context(), model.WorkFilter{Kind: "handle"})
		require.NoError(t, err)
		require.EqualValues(t, n, counts[model.WorkReady])
	})
}

// A push is answered for only after its transaction has ended.
func TestAcknowledgedPushIsThere(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		store := dao.New(d, nil).WithPatience(waittest.Limit)
		g := on(t, store, ingest.Options{Plan: plan})
		for i := range 20 {
			_, err := g.Store(t.Context(), push(t, i))
			require.NoError(t, err)
			page, err := store.BizRecordList(t.Context(), model.BizRecordFilter{Limit: 100})
			require.NoError(t, err)
			require.Len(t, page.Rows, i+1)
			require.Equal(t, push(t, i).Body, page.Rows[0].PostBody)
		}
	})
}

func TestClosedDatabaseIsAnError(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		g := on(t, dao.New(d, nil).WithPatience(waittest.Limit), ingest.Options{})
		require.NoError(t, d.Close())
		for _, err := range storeAll(t, g, 0, 50) {
			require.Error(t, err)
		}
	})
}

func BenchmarkIngest64(b *testing.B)  { benchmark(b, 64) }
func BenchmarkIngest256(b *testing.B) { benchmark(b, 256) }

// benchmark stores pushes from many goroutines.
func benchmark(b *testing.B, senders int) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "mysql": dbtest.MySQL} {
		b.Run(name, func(b *testing.B) {
			writers := 1
			if name == "mysql" {
				writers = 2
			}
			g := on(b, dao.New(open(b), nil).WithPatience(waittest.Limit), ingest.Options{Writers: writers})
			var next atomic.Int64
			b.ReportAllocs()
			b.ResetTimer()
			var all sync.WaitGroup
			for range senders {
				all.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						if _, err := g.Store(b.Context(), push(b, int(i))); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pushes/s")
		})
	}
}
