package queue_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/queue"
	"wxcomponent/comm/waittest"
	"wxcomponent/db/model"
)

func TestAddedWorkRunsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		var got queue.Task
		q, _ := start(t, s, queue.Options{}, queue.Kind{Name: "k", Handle: func(_ context.Context, task *queue.Task) error {
			got = *task
			return nil
		}})
		synctest.Wait()
		begin := time.Now()
		id := add(t, q, queue.Item{Kind: "k", Key: "one", Group: "g", Payload: map[string]int{"n": 1}})
		synctest.Wait()
		require.Equal(t, begin, time.Now())
		require.Equal(t, model.WorkDone, s.get(id).State)
		require.Equal(t, "one", got.Key)
		require.Equal(t, "g", got.Group)
		require.JSONEq(t, `{"n":1}`, got.Payload)
		require.Equal(t, 1, got.Attempt)
	})
}

func TestIdleQueueReadsOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		none := func(context.Context, *queue.Task) error { return nil }
		start(t, s, queue.Options{}, queue.Kind{Name: "a", Handle: none}, queue.Kind{Name: "b", Concurrency: 8, Handle: none})
		waittest.Pass(10500 * time.Millisecond)
		require.LessOrEqual(t, s.takes, 11)
	})
}

func TestKindsHaveTheirOwnConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		var slow, most, fast atomic.Int64
		q, _ := start(t, s, queue.Options{},
			queue.Kind{Name: "slow", Concurrency: 3, Timeout: time.Hour, Handle: func(ctx context.Context, _ *queue.Task) error {
				most.Store(max(most.Load(), slow.Add(1)))
				defer slow.Add(-1)
				return elapse(ctx, 10*time.Second)
			}},
			queue.Kind{Name: "fast", Concurrency: 2, Handle: func(context.Context, *queue.Task) error { fast.Add(1); return nil }})
		for range 30 {
			add(t, q, queue.Item{Kind: "slow"})
		}
		for range 30 {
			add(t, q, queue.Item{Kind: "fast"})
		}
		waittest.Pass(time.Second)
		require.Equal(t, int64(30), fast.Load(), "slow work does not hold up other kinds")
		require.Equal(t, int64(3), most.Load())
		waittest.Pass(100 * time.Second)
		for id := range int64(30) {
			require.Equal(t, model.WorkDone, s.get(id+1).State)
		}
		require.Equal(t, int64(3), most.Load())
	})
}

func TestFailedWorkIsRetriedWithGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		var at []time.Time
		q, _ := start(t, s, queue.Options{}, queue.Kind{
			Name: "k", MaxAttempts: 4, Backoff: queue.Exponential(10*time.Second, time.Minute),
			Handle: func(context.Context, *queue.Task) error {
				at = append(at, time.Now())
				return errors.New("target down " + strings.Repeat("é", 2000))
			},
		})
		id := add(t, q, queue.Item{Kind: "k"})
		waittest.Pass(3 * time.Minute)
		require.Len(t, at, 4)
		for i, want := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
			require.InDelta(t, want.Seconds(), at[i+1].Sub(at[i]).Seconds(), want.Seconds()*.15+1)
		}
		w := s.get(id)
		require.Equal(t, model.WorkDead, w.State, "what gives up is visible")
		require.Len(t, []rune(w.LastError), 1000)
	})
}

func TestHandlerMayNameItsPauseOrGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		q, _ := start(t, s, queue.Options{}, queue.Kind{Name: "k", Concurrency: 2, Handle: func(_ context.Context, task *queue.Task) error {
			if task.Payload == "busy" && task.Attempt == 1 {
				return queue.RetryAfter(time.Hour, errors.New("come back later"))
			}
			if task.Payload == "busy" {
				return nil
			}
			var n int
			return task.Decode(&n)
		}})
		busy, bad := add(t, q, queue.Item{Kind: "k", Payload: "busy"}), add(t, q, queue.Item{Kind: "k", Payload: "no number"})
		waittest.Pass(50 * time.Minute)
		require.Equal(t, model.WorkReady, s.get(busy).State)
		require.Equal(t, model.WorkDead, s.get(bad).State)
		require.Equal(t, 1, s.get(bad).Attempt)
		waittest.Pass(20 * time.Minute)
		require.Equal(t, model.WorkDone, s.get(busy).State)
	})
}

func TestPoisonousWorkStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		q, _ := start(t, s, queue.Options{}, queue.Kind{Name: "k", MaxAttempts: 2, Handle: func(_ context.Context, task *queue.Task) error {
			if task.Payload == "poison" {
				panic("broken")
			}
			return nil
		}})
		poison, good := add(t, q, queue.Item{Kind: "k", Payload: "poison"}), add(t, q, queue.Item{Kind: "k"})
		waittest.Pass(10 * time.Second)
		require.Equal(t, model.WorkDone, s.get(good).State)
		require.Equal(t, model.WorkDead, s.get(poison).State)
		require.Contains(t, s.get(poison).LastError, "broken")
	})
}

func TestWorkThatKillsItsProcessIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		ran := false
		id, _, err := s.WorkAdd(t.Context(), model.Work{Kind: "k"}, 0)
		require.NoError(t, err)
		s.items[id].Attempt = 3 // three processes took it and never said more
		start(t, s, queue.Options{}, queue.Kind{Name: "k", MaxAttempts: 3, Handle: func(context.Context, *queue.Task) error {
			ran = true
			return nil
		}})
		synctest.Wait()
		require.Equal(t, model.WorkDead, s.get(id).State)
		require.False(t, ran)
	})
}

func TestTimeoutEndsAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		q, _ := start(t, s, queue.Options{}, queue.Kind{Name: "k", Timeout: time.Minute, MaxAttempts: 1, Handle: func(ctx context.Context, _ *queue.Task) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		id := add(t, q, queue.Item{Kind: "k"})
		waittest.Pass(59 * time.Second)
		require.Equal(t, model.WorkLeased, s.get(id).State, "the lease of 30 s is renewed while the handler runs")
		waittest.Pass(2 * time.Second)
		require.Equal(t, model.WorkDead, s.get(id).State)
	})
}

func TestCancelledWorkIsToldWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		var cause error
		q, _ := start(t, s, queue.Options{}, queue.Kind{Name: "k", Timeout: time.Hour, Handle: func(ctx context.Context, _ *queue.Task) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		}})
		id := add(t, q, queue.Item{Kind: "k"})
		waittest.Pass(10 * time.Second)
		s.cancel(id)
		waittest.Pass(1100 * time.Millisecond)
		require.ErrorIs(t, cause, queue.ErrCancelled)
		require.Equal(t, model.WorkCancelled, s.get(id).State, "the end of the handler does not bring it back")
	})
}

func TestProgressOfWorkThatWasLostIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		var before, after error
		q, _ := start(t, s, queue.Options{}, queue.Kind{Name: "k", Handle: func(ctx context.Context, task *queue.Task) error {
			before = task.SetProgress(ctx, "1 of 2")
			s.cancel(task.ID)
			after = task.SetProgress(ctx, "2 of 2")
			return ctx.Err()
		}})
		id := add(t, q, queue.Item{Kind: "k"})
		synctest.Wait()
		require.NoError(t, before)
		require.ErrorIs(t, after, queue.ErrCancelled)
		require.Equal(t, "1 of 2", s.get(id).Progress)
	})
}

func TestUnfinishedKeyReturnsTheRunningItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		q, _ := start(t, s, queue.Options{}, queue.Kind{Name: "k", Timeout: time.Hour, Handle: func(ctx context.Context, _ *queue.Task) error {
			return elapse(ctx, time.Minute) // the queue stops while the second item runs
		}})
		first := add(t, q, queue.Item{Kind: "k", Key: "sync"})
		waittest.Pass(time.Second)
		again, created, err := q.Add(t.Context(), queue.Item{Kind: "k", Key: "sync"})
		require.NoError(t, err)
		require.False(t, created)
		require.Equal(t, first, again)
		waittest.Pass(time.Minute)
		require.NotEqual(t, first, add(t, q, queue.Item{Kind: "k", Key: "sync"}))
	})
}

func TestPeriodicKindRunsOnceForAllInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		var mu sync.Mutex
		var at []time.Time
		kind := queue.Kind{Name: "prune", Every: time.Hour, Handle: func(context.Context, *queue.Task) error {
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Now())
			if len(at) == 2 {
				return errors.New("once it fails")
			}
			return nil
		}}
		begin := time.Now()
		start(t, s, queue.Options{Owner: "a"}, kind)
		waittest.Pass(time.Second)
		start(t, s, queue.Options{Owner: "b"}, kind)
		waittest.Pass(150 * time.Minute)
		require.Len(t, at, 4, "first, an hour later, its retry, and another hour later")
		require.Less(t, at[0].Sub(begin), time.Second)
		require.InDelta(t, 60, at[1].Sub(at[0]).Minutes(), 10)
		require.Less(t, at[2].Sub(at[1]), 5*time.Second)
	})
}

func TestStopLetsHandlersFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		q, stop := start(t, s, queue.Options{Grace: 8 * time.Second}, queue.Kind{Name: "k", Timeout: time.Hour, Handle: func(ctx context.Context, _ *queue.Task) error {
			return elapse(ctx, 5*time.Second)
		}})
		running, waiting := add(t, q, queue.Item{Kind: "k"}), add(t, q, queue.Item{Kind: "k"})
		waittest.Pass(time.Second)
		begin := time.Now()
		stop()
		require.Equal(t, begin.Add(4*time.Second), time.Now())
		require.Equal(t, model.WorkDone, s.get(running).State)
		require.Equal(t, model.WorkReady, s.get(waiting).State)
	})
}

func TestStopGivesUnfinishedWorkBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		var cause error
		release := make(chan struct{})
		q, stop := start(t, s, queue.Options{Grace: 8 * time.Second},
			queue.Kind{Name: "heeds", Timeout: time.Hour, Handle: func(ctx context.Context, _ *queue.Task) error {
				<-ctx.Done()
				cause = context.Cause(ctx)
				return ctx.Err()
			}},
			queue.Kind{Name: "deaf", Timeout: time.Hour, Handle: func(context.Context, *queue.Task) error { <-release; return nil }})
		heeds, deaf := add(t, q, queue.Item{Kind: "heeds"}), add(t, q, queue.Item{Kind: "deaf"})
		waittest.Pass(time.Second)
		begin := time.Now()
		stop()
		require.False(t, time.Now().After(begin.Add(10*time.Second)))
		require.ErrorIs(t, cause, queue.ErrStopping)
		for _, id := range []int64{heeds, deaf} {
			require.Equal(t, model.WorkReady, s.get(id).State)
			require.Zero(t, s.get(id).Attempt, "a stop is no failed attempt")
		}
		close(release)
		synctest.Wait()
		require.Equal(t, model.WorkReady, s.get(deaf).State, "its late end changes nothing")
	})
}

func TestOutageOfTheDatabaseIsOutlived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTable()
		ended := make(chan error, 1)
		q, _ := start(t, s, queue.Options{Lease: 30 * time.Second},
			queue.Kind{Name: "long", Timeout: time.Hour, Handle: func(ctx context.Context, task *queue.Task) error {
				if task.Attempt == 1 {
					<-ctx.Done()
					ended <- context.Cause(ctx)
				}
				return ctx.Err()
			}})
		id := add(t, q, queue.Item{Kind: "long"})
		waittest.Pass(time.Second)
		s.setAway(errAway)
		waittest.Pass(20 * time.Second)
		require.Empty(t, ended, "the lease still holds")
		waittest.Pass(15 * time.Second)
		require.ErrorIs(t, <-ended, queue.ErrCancelled, "another instance may have the item now")
		s.setAway(nil)
		waittest.Pass(5 * time.Second)
		require.Equal(t, model.WorkDone, s.get(id).State)
		require.Equal(t, 2, s.get(id).Attempt)
	})
}

func TestNewRefusesKindsThatCannotRun(t *testing.T) {
	handle := func(context.Context, *queue.Task) error { return nil }
	for _, kinds := range [][]queue.Kind{
		{{Name: "k"}},
		{{Handle: handle}},
		{{Name: "k", Handle: handle}, {Name: "k", Handle: handle}},
	} {
		_, err := queue.New(newTable(), zap.NewNop(), queue.Options{Owner: "o"}, kinds...)
		require.Error(t, err)
	}
	_, err := queue.New(newTable(), zap.NewNop(), queue.Options{})
	require.Error(t, err)
}
