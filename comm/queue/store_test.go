package queue_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/queue"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// soon is how long a test on a real database waits for what takes a moment.
const soon = 20 * time.Second

func state(t *testing.T, s *dao.Store, id int64) model.WorkState {
	t.Helper()
	w, err := s.WorkGet(t.Context(), id)
	require.NoError(t, err)
	return w.State
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	require.Eventually(t, is, soon, 10*time.Millisecond, what)
}

func TestInstancesShareTheWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const n = 200
		s := dao.New(d, nil)
		var ran sync.Map
		var runs, twice atomic.Int64
		kind := queue.Kind{Name: "k", Concurrency: 8, Handle: func(_ context.Context, task *queue.Task) error {
			if _, again := ran.LoadOrStore(task.Payload, true); again {
				twice.Add(1)
			}
			runs.Add(1)
			return nil
		}}
		var queues []*queue.Queue
		for i := range 3 {
			q, _ := start(t, s, queue.Options{Owner: fmt.Sprint("instance", i)}, kind)
			queues = append(queues, q)
		}
		for i := range n {
			add(t, queues[i%3], queue.Item{Kind: "k", Key: fmt.Sprint("item", i), Payload: fmt.Sprint(i)})
		}
		eventually(t, "all run", func() bool { return runs.Load() >= n })
		for _, q := range queues {
			q.Nudge()
		}
		counts := func() int64 {
			counts, err := s.WorkCounts(t.Context(), model.WorkFilter{Kind: "k"})
			require.NoError(t, err)
			return counts[model.WorkDone]
		}
		eventually(t, "all are done", func() bool { return counts() == n })
		require.Zero(t, twice.Load())
	})
}

func TestWorkOfADeadInstanceIsTakenOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil)
		id, _, err := s.WorkAdd(t.Context(), model.Work{Kind: "k"}, 0)
		require.NoError(t, err)
		taken, err := s.WorkTake(t.Context(), []string{"k"}, "dead", 2*time.Second, 1)
		require.NoError(t, err)
		require.Len(t, taken, 1)

		var attempt atomic.Int64
		start(t, s, queue.Options{Poll: 50 * time.Millisecond}, queue.Kind{Name: "k", Handle: func(_ context.Context, task *queue.Task) error {
			attempt.Store(int64(task.Attempt))
			return nil
		}})
		time.Sleep(500 * time.Millisecond)
		require.Zero(t, attempt.Load(), "its lease still holds")
		eventually(t, "taken over", func() bool { return state(t, s, id) == model.WorkDone })
		require.Equal(t, int64(2), attempt.Load())
		held, err := s.WorkDone(t.Context(), taken[0])
		require.NoError(t, err)
		require.False(t, held, "the dead instance, should it wake up, has no say any more")
	})
}

func TestCancelReachesTheOtherInstance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil)
		running, ended := make(chan int64, 1), make(chan error, 1)
		q, _ := start(t, s, queue.Options{}, queue.Kind{Name: "k", Timeout: time.Minute, Handle: func(ctx context.Context, task *queue.Task) error {
			running <- task.ID
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return ctx.Err()
		}})
		add(t, q, queue.Item{Kind: "k", Key: "batch"})
		id := <-running
		cancelled, err := dao.New(d, nil).WorkCancel(t.Context(), id)
		require.NoError(t, err)
		require.True(t, cancelled)
		select {
		case cause := <-ended:
			require.ErrorIs(t, cause, queue.ErrCancelled)
		case <-time.After(soon):
			t.Fatal("the handler was not told")
		}
		require.Equal(t, model.WorkCancelled, state(t, s, id))
		_, created, err := q.Add(t.Context(), queue.Item{Kind: "k", Key: "batch", Delay: time.Hour})
		require.NoError(t, err)
		require.True(t, created, "the key is free again")
	})
}

func TestDeadWorkCanBeStartedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil)
		var works atomic.Bool
		q, _ := start(t, s, queue.Options{Poll: 50 * time.Millisecond}, queue.Kind{Name: "k", Handle: func(ctx context.Context, task *queue.Task) error {
			if err := task.SetProgress(ctx, "half"); err != nil {
				return err
			}
			if works.Load() {
				return nil
			}
			return queue.Dead(fmt.Errorf("attempt %d was the last", task.Attempt))
		}})
		id := add(t, q, queue.Item{Kind: "k"})
		eventually(t, "given up", func() bool { return state(t, s, id) == model.WorkDead })
		w, err := s.WorkGet(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "attempt 1 was the last", w.LastError)
		require.Equal(t, "half", w.Progress)

		works.Store(true)
		restarted, err := s.WorkRestart(t.Context(), id)
		require.NoError(t, err)
		require.True(t, restarted)
		eventually(t, "done", func() bool { return state(t, s, id) == model.WorkDone })
	})
}

func TestFailureIsPutOffByTheDatabasesClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil)
		var attempts atomic.Int64
		q, stop := start(t, s, queue.Options{Poll: 20 * time.Millisecond}, queue.Kind{
			Name: "k", Backoff: queue.Steps(200*time.Millisecond, time.Hour),
			Handle: func(context.Context, *queue.Task) error { attempts.Add(1); return fmt.Errorf("down") },
		})
		id := add(t, q, queue.Item{Kind: "k"})
		eventually(t, "tried twice", func() bool { return attempts.Load() == 2 && state(t, s, id) == model.WorkReady })
		stop()
		w, err := s.WorkGet(t.Context(), id)
		require.NoError(t, err)
		now, err := s.Now(t.Context())
		require.NoError(t, err)
		require.InDelta(t, time.Hour.Seconds(), time.UnixMilli(w.NextMS).Sub(now).Seconds(), 700)
	})
}

func TestStopReturnsLeasesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil)
		running := make(chan struct{})
		q, stop := start(t, s, queue.Options{Grace: 100 * time.Millisecond}, queue.Kind{Name: "k", Timeout: time.Minute, Handle: func(ctx context.Context, _ *queue.Task) error {
			close(running)
			<-ctx.Done()
			return ctx.Err()
		}})
		id := add(t, q, queue.Item{Kind: "k"})
		<-running
		stop()
		w, err := s.WorkGet(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, model.WorkReady, w.State)
		require.Zero(t, w.Attempt)
		taken, err := s.WorkTake(t.Context(), []string{"k"}, "next", time.Minute, 1)
		require.NoError(t, err)
		require.Len(t, taken, 1)
	})
}
