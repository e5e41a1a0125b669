package live_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"wxcomponent/comm/live"
	"wxcomponent/comm/waittest"
)

// shared stands for the database row that all instances read.
type shared struct {
	revision atomic.Int64
	down     atomic.Bool
	reads    atomic.Int64
}

func (s *shared) RevisionGet(context.Context) (int64, error) {
	s.reads.Add(1)
	if s.down.Load() {
		return 0, errors.New("database away")
	}
	return s.revision.Load(), nil
}

func TestValueIsZeroBeforeFirstRefresh(t *testing.T) {
	v := live.NewValue(func(context.Context) (int, error) { return 7, nil })
	require.Zero(t, v.Get())
	require.NoError(t, v.Refresh(t.Context()))
	require.Equal(t, 7, v.Get())
}

func TestFailedRefreshKeepsOldSnapshot(t *testing.T) {
	results := []error{nil, errors.New("boom")}
	n := 0
	v := live.NewValue(func(context.Context) (int, error) { n++; return n, results[n-1] })
	require.NoError(t, v.Refresh(t.Context()))
	require.ErrorContains(t, v.Refresh(t.Context()), "boom")
	require.Equal(t, 1, v.Get())
}

func TestSlowRefreshDoesNotOverwriteNewerState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var state atomic.Int64
		slow := make(chan struct{})
		var loads atomic.Int64
		v := live.NewValue(func(context.Context) (int64, error) {
			read := state.Load()
			if loads.Add(1) == 1 {
				<-slow
			}
			return read, nil
		})
		go func() { _ = v.Refresh(t.Context()) }()
		synctest.Wait()
		state.Store(1)
		done := make(chan error)
		go func() { done <- v.Refresh(t.Context()) }()
		synctest.Wait()
		close(slow)
		require.NoError(t, <-done)
		require.Equal(t, int64(1), v.Get())
	})
}

func TestRefreshGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		v := live.NewValue(func(context.Context) (int, error) { <-release; return 1, nil })
		go func() { _ = v.Refresh(t.Context()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, v.Refresh(ctx), context.DeadlineExceeded)
		close(release)
	})
}

func TestWatcherFollowsChangesWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var db shared
		var stored, loads atomic.Int64
		stored.Store(1)
		v := live.NewValue(func(context.Context) (int64, error) { loads.Add(1); return stored.Load(), nil })
		run(t, &db, zap.NewNop(), map[string]live.Refresher{"v": v})

		synctest.Wait()
		require.Equal(t, int64(1), v.Get())
		waittest.Pass(10 * time.Second)
		require.Equal(t, int64(1), loads.Load(), "nothing changed, nothing is reloaded")
		require.LessOrEqual(t, db.reads.Load(), int64(11), "one read a second")

		stored.Store(2)
		db.revision.Add(1)
		waittest.Pass(time.Second + time.Millisecond)
		require.Equal(t, int64(2), v.Get())
	})
}

func TestWatcherRetriesOnlyTheValueThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var db shared
		var bad atomic.Bool
		var goodLoads atomic.Int64
		good := live.NewValue(func(context.Context) (int64, error) { return goodLoads.Add(1), nil })
		flaky := live.NewValue(func(context.Context) (string, error) {
			if bad.Load() {
				panic("loader broke")
			}
			return "loaded", nil
		})
		core, logs := observer.New(zap.InfoLevel)
		bad.Store(true)
		run(t, &db, zap.New(core), map[string]live.Refresher{"good": good, "flaky": flaky})

		waittest.Pass(5500 * time.Millisecond)
		require.Equal(t, int64(1), goodLoads.Load())
		require.Equal(t, 1, logs.FilterMessageSnippet("reload failed").Len(), "one line for one change of state")
		bad.Store(false)
		waittest.Pass(1100 * time.Millisecond)
		require.Equal(t, "loaded", flaky.Get())
		require.Equal(t, 1, logs.FilterMessageSnippet("succeeded again").Len())
	})
}

func TestWatcherSurvivesAnAbsentDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var db shared
		core, logs := observer.New(zap.InfoLevel)
		v := live.NewValue(func(context.Context) (int64, error) { return db.revision.Load(), nil })
		run(t, &db, zap.New(core), map[string]live.Refresher{"v": v})
		synctest.Wait()
		db.down.Store(true)
		db.revision.Store(5)
		waittest.Pass(10 * time.Second)
		require.Equal(t, int64(0), v.Get())
		require.Equal(t, 1, logs.FilterMessageSnippet("cannot read").Len())
		db.down.Store(false)
		waittest.Pass(1100 * time.Millisecond)
		require.Equal(t, int64(5), v.Get())
		require.Equal(t, 1, logs.FilterMessageSnippet("read again").Len())
	})
}

// run starts a watcher that ends with the test.
func run(t *testing.T, db *shared, log *zap.Logger, values map[string]live.Refresher) {
	t.Helper()
	w := live.NewWatcher(db, log)
	for name, v := range values {
		w.Add(name, v)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}
