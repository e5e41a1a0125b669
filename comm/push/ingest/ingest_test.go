package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// table stands for a database whose inserts take a while and can be made to fail.
type table struct {
	mu      sync.Mutex
	batches []int
	stored  map[string]bool
	work    int
	takes   time.Duration
	fails   func(rows []*model.Push) error
}

func (s *table) pause() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takes
}

func (s *table) setPause(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takes = d
}

// insert takes its time, unless ctx ends.
func (s *table) insert(ctx context.Context) error {
	pause, cancel := context.WithTimeout(ctx, s.pause())
	defer cancel()
	<-pause.Done()
	return ctx.Err()
}

func (s *table) PushStream(ctx context.Context, next func() []*model.Push) ([]bool, error) {
	var rows []*model.Push
	for part := next(); len(part) > 0; part = next() {
		if err := s.insert(ctx); err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, len(rows))
	if s.fails != nil {
		if err := s.fails(rows); err != nil {
			return nil, err
		}
	}
	duplicates := make([]bool, len(rows))
	for i, row := range rows {
		duplicates[i] = s.stored[row.Identity]
		if !duplicates[i] {
			s.stored[row.Identity] = true
			s.work += len(row.Work)
		}
	}
	return duplicates, nil
}

// push makes the id-th push of a stream of 5,000 a second.
func push(t testing.TB, id int) *event.Push {
	t.Helper()
	p := event.Parse(event.Biz, fmt.Appendf(nil,
		`{"MsgId":%d,"FromUserName":"o1","CreateTime":%d,"MsgType":"text","Content":"hello"}`, id, 1700000000+id/5000))
	p.AppID, p.ReceivedAt = fmt.Sprintf("wx%016d", id%100), p.CreatedAt.Add(time.Second)
	return p
}

// start runs an ingest until the test ends.
func start(t *testing.T, s *table, opt ingest.Options) *ingest.Ingest {
	t.Helper()
	s.stored = map[string]bool{}
	g := ingest.New(s, prometheus.NewRegistry(), opt)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); g.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return g
}

// storeAll stores n pushes at the same time and returns their errors.
func storeAll(t *testing.T, g *ingest.Ingest, from, n int) []error {
	t.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { _, errs[i] = g.Store(t.Context(), push(t, from+i)) })
	}
	all.Wait()
	return errs
}

func TestLonePushIsNotDelayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &table{takes: time.Millisecond}
		g := start(t, s, ingest.Options{})
		begin := time.Now()
		for i := range 5 {
			res, err := g.Store(t.Context(), push(t, i))
			require.NoError(t, err)
			require.False(t, res.Duplicate)
		}
		require.Equal(t, begin.Add(5*time.Millisecond), time.Now())
		require.Equal(t, []int{1, 1, 1, 1, 1}, s.batches)
	})
}

func TestPushesGatherWhileAnInsertIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &table{takes: time.Millisecond}
		g := start(t, s, ingest.Options{Batch: 20})
		go func() { _, _ = g.Store(t.Context(), push(t, 0)) }()
		synctest.Wait()
		for _, err := range storeAll(t, g, 1, 50) {
			require.NoError(t, err)
		}
		require.Equal(t, []int{1, 20, 20, 10}, s.batches)
	})
}

func TestTransactionTakesAlongWhatComesInMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &table{takes: time.Millisecond}
		g := start(t, s, ingest.Options{Batch: 80})
		go func() { _, _ = g.Store(t.Context(), push(t, 0)) }()
		synctest.Wait() // the first has been handed over
		for _, err := range storeAll(t, g, 1, 120) {
			require.NoError(t, err)
		}
		require.Equal(t, []int{65, 56}, s.batches, "two portions of 32, and what was left")
	})
}

func TestDuplicateAddsNoWorkAndNudgesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var nudges [][]string
		s := &table{}
		g := start(t, s, ingest.Options{
			Plan:  func(*event.Push) []model.Work { return []model.Work{{Kind: "handle"}} },
			Nudge: func(kinds []string) { nudges = append(nudges, kinds) },
		})
		for i := range 3 {
			res, err := g.Store(t.Context(), push(t, 7))
			require.NoError(t, err)
			require.Equal(t, i > 0, res.Duplicate)
		}
		require.Equal(t, 1, s.work)
		require.Equal(t, [][]string{{"handle"}}, nudges)
	})
}

func TestBadRowDoesNotTakeItsNeighboursWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := map[string]bool{push(t, 3).Identity(): true, push(t, 77).Identity(): true}
		s := &table{fails: func(rows []*model.Push) error {
			for _, row := range rows {
				if bad[row.Identity] {
					return errors.New("row cannot be stored")
				}
			}
			return nil
		}}
		g := start(t, s, ingest.Options{})
		for i, err := range storeAll(t, g, 0, 150) {
			if i == 3 || i == 77 {
				require.ErrorContains(t, err, "row cannot be stored")
				continue
			}
			require.NoError(t, err)
		}
		require.Len(t, s.stored, 148)
	})
}

func TestDatabaseThatIsAwayIsNotStormed(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		most int
	}{
		"known to be away": {fmt.Errorf("store pushes: %w", model.ErrUnavailable), 5}, // a try for each batch
		"who knows":        {errors.New("strange"), 170},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &table{fails: func([]*model.Push) error { return tt.err }, takes: time.Millisecond}
				g := start(t, s, ingest.Options{})
				for _, err := range storeAll(t, g, 0, 201) {
					require.ErrorIs(t, err, tt.err)
				}
				require.LessOrEqual(t, len(s.batches), tt.most)
			})
		})
	}
}

func TestDatabaseThatHangsIsAnErrorInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &table{takes: time.Hour}
		g := start(t, s, ingest.Options{Timeout: 3 * time.Second})
		begin := time.Now()
		for _, err := range storeAll(t, g, 0, 300) {
			require.Error(t, err)
		}
		require.False(t, time.Now().After(begin.Add(3*time.Second)))
		s.setPause(time.Millisecond)
		_, err := g.Store(t.Context(), push(t, 1000))
		require.NoError(t, err, "it goes on when the database is back")
		require.Len(t, s.stored, 1, "what was refused long ago is not stored late")
	})
}

func TestStuckTransactionHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &table{takes: time.Millisecond}
		g := start(t, s, ingest.Options{Writers: 2})
		storeAll(t, g, 0, 200)
		s.setPause(time.Hour)
		go func() { _, _ = g.Store(t.Context(), push(t, 1000)) }()
		waittest.Pass(100 * time.Millisecond)
		s.setPause(time.Millisecond)
		begin := time.Now()
		_, err := g.Store(t.Context(), push(t, 1001))
		require.NoError(t, err)
		require.Equal(t, begin.Add(time.Millisecond), time.Now())
	})
}

func TestFullBacklogRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &table{takes: time.Second}
		g := start(t, s, ingest.Options{Backlog: 10, Batch: 1})
		refused := 0
		for _, err := range storeAll(t, g, 0, 100) {
			if errors.Is(err, ingest.ErrOverloaded) {
				refused++
			}
		}
		require.GreaterOrEqual(t, refused, 89)
	})
}

func TestOneWaiterGivingUpHarmsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &table{takes: time.Second}
		g := start(t, s, ingest.Options{})
		go func() { _, _ = g.Store(t.Context(), push(t, 0)) }()
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		gone := make(chan error, 1)
		go func() { _, err := g.Store(short, push(t, 1)); gone <- err }()
		for _, err := range storeAll(t, g, 2, 10) {
			require.NoError(t, err)
		}
		require.ErrorIs(t, <-gone, context.DeadlineExceeded)
	})
}

func TestStopStoresWhatIsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &table{takes: time.Second, stored: map[string]bool{}}
		g := ingest.New(s, prometheus.NewRegistry(), ingest.Options{Batch: 10})
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 25)
		for i := range 25 {
			go func() { _, err := g.Store(t.Context(), push(t, i)); errs <- err }()
		}
		synctest.Wait()
		cancel()
		g.Run(ctx)
		for range 25 {
			err := <-errs
			require.True(t, err == nil || errors.Is(err, ingest.ErrTimeout), err)
		}
		require.NotEmpty(t, s.stored)
		_, err := g.Store(t.Context(), push(t, 99))
		require.ErrorIs(t, err, ingest.ErrStopped)
	})
}

func TestPanickingInsertIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &table{fails: func(rows []*model.Push) error {
			if strings.Contains(rows[0].Body, `"MsgId":1,`) {
				panic("driver broke")
			}
			return nil
		}}
		g := start(t, s, ingest.Options{})
		_, err := g.Store(t.Context(), push(t, 1))
		require.ErrorContains(t, err, "driver broke")
		_, err = g.Store(t.Context(), push(t, 2))
		require.NoError(t, err)
	})
}
