package forward

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"wxcomponent/db/model"
)

const flushEvery = 5 * time.Second

// stats gathers how calls went until they are added to the table.
type stats struct {
	mu   sync.Mutex
	rows map[statKey]*model.ForwardStat
}

type statKey struct {
	target string
	bucket int64
}

func newStats() *stats { return &stats{rows: make(map[statKey]*model.ForwardStat)} }

func (s *stats) add(a *model.Attempt) {
	one := model.ForwardStat{
		Target: a.Target, BucketMS: a.AtMS - a.AtMS%time.Minute.Milliseconds(),
		DurationMS: a.DurationMS, MaxMS: a.DurationMS,
	}
	if a.OK {
		one.Delivered = 1
	} else {
		one.Failed = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.merge(one)
}

func (s *stats) merge(one model.ForwardStat) {
	key := statKey{one.Target, one.BucketMS}
	row := s.rows[key]
	if row == nil {
		row = &model.ForwardStat{Target: one.Target, BucketMS: one.BucketMS}
		s.rows[key] = row
	}
	row.Delivered += one.Delivered
	row.Failed += one.Failed
	row.DurationMS += one.DurationMS
	row.MaxMS = max(row.MaxMS, one.MaxMS)
}

// take empties the store.
func (s *stats) take() []model.ForwardStat {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := make([]model.ForwardStat, 0, len(s.rows))
	for _, row := range s.rows {
		rows = append(rows, *row)
	}
	clear(s.rows)
	return rows
}

// putBack keeps what could not be written, within bounds.
func (s *stats) putBack(rows []model.ForwardStat) {
	const most = 10_000
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range rows {
		if len(s.rows) < most {
			s.merge(row)
		}
	}
}

// keep flushes until ctx ends.
func (s *stats) keep(ctx context.Context, flush func(ctx context.Context)) {
	for pauseFor(ctx, flushEvery) {
		flush(ctx)
	}
}

// flushStats adds what was gathered to the table.
func (s *Service) flushStats(ctx context.Context) {
	rows := s.stats.take()
	if len(rows) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.deps.StoreTimeout)
	defer cancel()
	if err := s.deps.Store.ForwardStatAdd(ctx, rows); err != nil {
		s.stats.putBack(rows)
		s.deps.Log.Warn("statistics of targets could not be written yet", zap.Error(err))
	}
}
