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
	"wxcomponent/comm/waittest"
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

// patient are options with which nothing runs out on a slow machine, and nobody waits for long.
func patient(o queue.Options) queue.Options {
	o.Poll, o.Check, o.Lease, o.StoreTimeout = 20*time.Millisecond, 20*time.Millisecond, time.Hour, waittest.Limit
	return o
}

func state(t *testing.T, s *dao.Store, id int64) model.WorkState {
	t.Helper()
	w, err := s.WorkGet(t.Context(), id)
	require.NoError(t, err)
	return w.State
}

// reaches waits until an item is in a state.
func reaches(t *testing.T, s *dao.Store, id int64, want model.WorkState) {
	t.Helper()
	waittest.Until(t, func() bool { return state(t, s, id) == want }, "item %d is in state %d", id, want)
}

func TestInstancesShareTheWork(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		const n = 120
		s := dao.New(d, nil).WithPatience(waittest.Limit)
		var ran sync.Map
		var runs, twice atomic.Int64
		kind := queue.Kind{Name: "k", Concurrency: 8, Timeout: time.Hour, Handle: func(_ context.Context, task *queue.Task) error {
			if _, again := ran.LoadOrStore(task.Payload, true); again {
				twice.Add(1)
			}
			runs.Add(1)
			return nil
		}}
		var queues []*queue.Queue
		for i := range 3 {
			q, _ := start(t, s, patient(queue.Options{Owner: fmt.Sprint("instance", i)}), kind)
			queues = append(queues, q)
		}
		for i := range n {
			add(t, queues[i%3], queue.Item{Kind: "k", Key: fmt.Sprint("item", i), Payload: fmt.Sprint(i)})
		}
		waittest.Until(t, func() bool {
			counts, err := s.WorkCounts(t.Context(), model.WorkFilter{Kind: "k"})
			require.NoError(t, err)
			return counts[model.WorkDone] == n
		}, "all are done")
		require.EqualValues(t, n, runs.Load())
		require.Zero(t, twice.Load())
	})
}

func TestWorkOfADeadInstanceIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil).WithPatience(waittest.Limit)
		id, _, err := s.WorkAdd(t.Context(), model.Work{Kind: "k"}, 0)
		require.NoError(t, err)
		taken, err := s.WorkTake(t.Context(), []string{"k"}, "dead", time.Hour, 1)
		require.NoError(t, err)
		require.Len(t, taken, 1)

		var attempt atomic.Int64
		q, _ := start(t, s, patient(queue.Options{}), queue.Kind{Name: "k", Handle: func(_ context.Context, task *queue.Task) error {
			if task.ID == id {
				attempt.Store(int64(task.Attempt))
			}
			return nil
		}})
		for range 3 { // looks of the queue
			reaches(t, s, add(t, q, queue.Item{Kind: "k"}), model.WorkDone)
		}
		require.Zero(t, attempt.Load())
		holds, err := s.WorkHeld(t.Context(), "dead", taken)
		require.NoError(t, err)
		require.Equal(t, []int64{id}, holds, "its lease still holds")
		_, err = s.WorkRenew(t.Context(), "dead", taken, time.Millisecond) // and now it ends
		require.NoError(t, err)
		reaches(t, s, id, model.WorkDone)
		require.Equal(t, int64(2), attempt.Load())
		held, err := s.WorkDone(t.Context(), taken[0])
		require.NoError(t, err)
		require.False(t, held, "the dead instance, should it wake up, has no say any more")
	})
}

func TestCancelReachesTheOtherInstance(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil).WithPatience(waittest.Limit)
		running, ended := make(chan int64, 1), make(chan error, 1)
		q, _ := start(t, s, patient(queue.Options{}), queue.Kind{Name: "k", Timeout: time.Hour, Handle: func(ctx context.Context, task *queue.Task) error {
			running <- task.ID
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return ctx.Err()
		}})
		add(t, q, queue.Item{Kind: "k", Key: "batch"})
		id := waittest.Receive(t, running, "the handler runs")
		cancelled, err := dao.New(d, nil).WithPatience(waittest.Limit).WorkCancel(t.Context(), id)
		require.NoError(t, err)
		require.True(t, cancelled)
		require.ErrorIs(t, waittest.Receive(t, ended, "the handler is told"), queue.ErrCancelled)
		require.Equal(t, model.WorkCancelled, state(t, s, id))
		_, created, err := q.Add(t.Context(), queue.Item{Kind: "k", Key: "batch", Delay: time.Hour})
		require.NoError(t, err)
		require.True(t, created, "the key is free again")
	})
}

func TestDeadWorkCanBeStartedAgain(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil).WithPatience(waittest.Limit)
		var works atomic.Bool
		q, _ := start(t, s, patient(queue.Options{}), queue.Kind{Name: "k", Handle: func(ctx context.Context, task *queue.Task) error {
			if err := task.SetProgress(ctx, "half"); err != nil {
				return err
			}
			if works.Load() {
				return nil
			}
			return queue.Dead(fmt.Errorf("attempt %d was the last", task.Attempt))
		}})
		id := add(t, q, queue.Item{Kind: "k"})
		reaches(t, s, id, model.WorkDead)
		w, err := s.WorkGet(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "attempt 1 was the last", w.LastError)
		require.Equal(t, "half", w.Progress)

		works.Store(true)
		restarted, err := s.WorkRestart(t.Context(), id)
		require.NoError(t, err)
		require.True(t, restarted)
		reaches(t, s, id, model.WorkDone)
	})
}

func TestFailureIsPutOffByTheDatabasesClock(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil).WithPatience(waittest.Limit)
		var attempts atomic.Int64
		q, stop := start(t, s, patient(queue.Options{}), queue.Kind{
			Name: "k", Backoff: queue.Steps(time.Millisecond, time.Hour),
			Handle: func(context.Context, *queue.Task) error { attempts.Add(1); return fmt.Errorf("down") },
		})
		id := add(t, q, queue.Item{Kind: "k"})
		waittest.Until(t, func() bool { return attempts.Load() == 2 && state(t, s, id) == model.WorkReady }, "tried twice")
		stop()
		w, err := s.WorkGet(t.Context(), id)
		require.NoError(t, err)
		now, err := s.Now(t.Context())
		require.NoError(t, err)
		require.InDelta(t, time.Hour.Milliseconds(), w.NextMS-w.UpdateMS, .15*float64(time.Hour.Milliseconds()))
		require.InDelta(t, now.UnixMilli(), w.UpdateMS, float64(waittest.Limit.Milliseconds()))
	})
}

func TestStopReturnsLeasesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := dao.New(d, nil).WithPatience(waittest.Limit)
		running := make(chan struct{})
		q, stop := start(t, s, patient(queue.Options{Grace: time.Millisecond}), queue.Kind{Name: "k", Timeout: time.Hour, Handle: func(ctx context.Context, _ *queue.Task) error {
			close(running)
			<-ctx.Done()
			return ctx.Err()
		}})
		id := add(t, q, queue.Item{Kind: "k"})
		waittest.Receive(t, running, "the handler runs")
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
