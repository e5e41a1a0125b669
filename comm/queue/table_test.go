package queue_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/queue"
	"wxcomponent/db/model"
)

// table stands for the table of work where a test needs a clock of its own.
type table struct {
	mu    sync.Mutex
	items map[int64]*model.Work
	takes int
	away  error // every call fails with it
}

func newTable() *table { return &table{items: map[int64]*model.Work{}} }

func (s *table) WorkAdd(_ context.Context, w model.Work, delay time.Duration) (int64, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return 0, false, s.away
	}
	for _, have := range s.items {
		if w.UKey != nil && have.Key != nil && *w.UKey == *have.Key && w.Kind == have.Kind && !have.State.Ended() {
			return have.ID, false, nil
		}
	}
	w.ID, w.Key = int64(len(s.items)+1), w.UKey
	w.NextMS = time.Now().Add(delay).UnixMilli()
	s.items[w.ID] = &w
	return w.ID, true, nil
}

func (s *table) WorkTake(_ context.Context, kinds []string, owner string, lease time.Duration, n int) ([]model.Work, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takes++
	if s.away != nil {
		return nil, s.away
	}
	var due []*model.Work
	for _, w := range s.items {
		if slices.Contains(kinds, w.Kind) && w.State <= model.WorkLeased && w.NextMS <= time.Now().UnixMilli() {
			due = append(due, w)
		}
	}
	slices.SortFunc(due, func(a, b *model.Work) int { return cmp.Or(cmp.Compare(a.NextMS, b.NextMS), cmp.Compare(a.ID, b.ID)) })
	var taken []model.Work
	for _, w := range due[:min(n, len(due))] {
		w.State, w.Owner, w.Fence, w.Attempt = model.WorkLeased, owner, w.Fence+1, w.Attempt+1
		w.NextMS = time.Now().Add(lease).UnixMilli()
		taken = append(taken, *w)
	}
	return taken, nil
}

func (s *table) WorkRenew(_ context.Context, owner string, items []model.Work, lease time.Duration) ([]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return nil, s.away
	}
	var held []int64
	for _, item := range items {
		if w := s.items[item.ID]; w.Owner == owner && holds(w, item) {
			w.NextMS = time.Now().Add(lease).UnixMilli()
			held = append(held, w.ID)
		}
	}
	return held, nil
}

func (s *table) WorkHeld(_ context.Context, owner string, items []model.Work) ([]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return nil, s.away
	}
	var held []int64
	for _, item := range items {
		if w := s.items[item.ID]; w.Owner == owner && holds(w, item) {
			held = append(held, w.ID)
		}
	}
	return held, nil
}

func holds(w *model.Work, item model.Work) bool {
	return w.State == model.WorkLeased && w.Fence == item.Fence
}

// change ends a lease.
func (s *table) change(item model.Work, to func(w *model.Work)) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.items[item.ID]
	if s.away != nil || !holds(w, item) {
		return false, s.away
	}
	to(w)
	return true, nil
}

func (s *table) WorkDone(_ context.Context, item model.Work) (bool, error) {
	return s.change(item, func(w *model.Work) { w.State = model.WorkDone })
}

func (s *table) WorkDead(_ context.Context, item model.Work, lastError string) (bool, error) {
	return s.change(item, func(w *model.Work) { w.State, w.LastError = model.WorkDead, lastError })
}

func (s *table) WorkRetry(_ context.Context, item model.Work, after time.Duration, lastError string) (bool, error) {
	return s.change(item, func(w *model.Work) {
		w.State, w.LastError, w.NextMS = model.WorkReady, lastError, time.Now().Add(after).UnixMilli()
	})
}

func (s *table) WorkRelease(_ context.Context, item model.Work) (bool, error) {
	return s.change(item, func(w *model.Work) { w.State, w.NextMS, w.Attempt = model.WorkReady, 0, w.Attempt-1 })
}

func (s *table) WorkProgress(_ context.Context, item model.Work, progress string) (bool, error) {
	return s.change(item, func(w *model.Work) { w.Progress = progress })
}

func (s *table) cancel(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[id].State = model.WorkCancelled
}

func (s *table) setAway(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = err
}

func (s *table) get(id int64) model.Work {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.items[id]
}

var errAway = errors.New("database away")

// start runs a queue; stop waits for its end.
func start(t *testing.T, store queue.Store, opt queue.Options, kinds ...queue.Kind) (q *queue.Queue, stop func()) {
	t.Helper()
	opt.Owner = cmp.Or(opt.Owner, t.Name())
	q, err := queue.New(store, zap.NewNop(), opt, kinds...)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); q.Run(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return q, stop
}

func add(t *testing.T, q *queue.Queue, item queue.Item) int64 {
	t.Helper()
	id, created, err := q.Add(t.Context(), item)
	require.NoError(t, err)
	require.True(t, created)
	return id
}

// elapse returns after d of a bubble's time, nil unless ctx ends before.
func elapse(ctx context.Context, d time.Duration) error {
	pause, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-pause.Done()
	return ctx.Err()
}
