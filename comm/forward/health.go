package forward

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"wxcomponent/db/model"
)

const (
	pauseAfter = 5 * 24 * time.Hour
	judgeEvery = 10 * time.Minute // how often a failing target's history is looked up
)

// NoticeKind is what a Notice is about.
type NoticeKind string

// What people should know of a target.
const (
	NoticeFailing   NoticeKind = "target.failing"   // it keeps failing and is given rests
	NoticeRecovered NoticeKind = "target.recovered" // and is well again
	NoticePaused    NoticeKind = "target.paused"    // it gets nothing until somebody resumes it
)

// Notice is something that people should know of a target.
type Notice struct {
	Kind         NoticeKind
	Target, Name string // key and name
	Reason       string
}

func (s *Service) notify(ctx context.Context, n Notice) {
	if s.deps.Notify != nil {
		s.deps.Notify(context.WithoutCancel(ctx), n)
	}
}

// targetState is what this instance knows of how a target does. It outlives changes of the target.
type targetState struct {
	breaker *breaker
	limiter *rate.Limiter

	mu     sync.Mutex
	judged time.Time
}

func (s *Service) state(target string) *targetState {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.states[target]
	if st == nil {
		st = &targetState{breaker: newBreaker(s.deps.Now, s.deps.Rest), limiter: rate.NewLimiter(rate.Inf, 1)}
		s.states[target] = st
	}
	return st
}

// wait returns when the target may be called, or ctx ends.
func (st *targetState) wait(ctx context.Context, perSecond int) error {
	limit := rate.Inf
	if perSecond > 0 {
		limit = rate.Limit(perSecond)
	}
	if st.limiter.Limit() != limit {
		st.limiter.SetLimit(limit)
	}
	if err := st.limiter.Wait(ctx); err != nil {
		return fmt.Errorf("wait for the target's turn: %w", err)
	}
	return st.breaker.wait(ctx)
}

// due tells whether the history of a failing target should be looked up now.
func (st *targetState) due(now time.Time, every time.Duration) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if now.Sub(st.judged) < every {
		return false
	}
	st.judged = now
	return true
}

// called notes how a call went, as far as it says something of the target.
func (s *Service) called(ctx context.Context, t *Target, ok, counts bool) {
	switch s.state(t.Key).breaker.done(ok, counts) {
	case turnedOpen:
		s.logger(ctx).Warn("a target keeps failing and is given a rest", zap.String("target", t.Key))
		s.notify(ctx, Notice{Kind: NoticeFailing, Target: t.Key, Name: t.Name})
	case turnedClosed:
		s.logger(ctx).Info("a target is well again", zap.String("target", t.Key))
		s.notify(ctx, Notice{Kind: NoticeRecovered, Target: t.Key, Name: t.Name})
	case noTurn:
	}
	if !ok && counts {
		s.judge(ctx, t)
	}
}

// judge pauses a target that has done nothing but fail for days.
func (s *Service) judge(ctx context.Context, t *Target) {
	id, own := ownID(t.Key)
	now := s.deps.Now()
	if !own || t.Paused || !s.state(t.Key).due(now, min(judgeEvery, s.deps.PauseAfter)) {
		return
	}
	span, err := s.deps.Store.ForwardSpan(ctx, t.Key)
	if err != nil {
		s.logger(ctx).Warn("cannot tell how long a target has been failing", zap.String("target", t.Key), zap.Error(err))
		return
	}
	failing := now.Sub(time.UnixMilli(span.FirstFailedMS))
	if span.FirstFailedMS == 0 || failing < s.deps.PauseAfter {
		return
	}
	reason := fmt.Sprintf("every call has failed for %s", failing.Round(time.Minute))
	if err := s.PauseTarget(ctx, id, true, reason); err != nil {
		s.logger(ctx).Warn("cannot pause a target", zap.String("target", t.Key), zap.Error(err))
		return
	}
	s.logger(ctx).Warn("a target is paused", zap.String("target", t.Key), zap.String("why", reason))
	s.notify(ctx, Notice{Kind: NoticePaused, Target: t.Key, Name: t.Name, Reason: reason})
}

// observe counts a call.
func (s *Service) observe(a *model.Attempt, receivedMS int64) {
	lag := time.Duration(a.AtMS+a.DurationMS-receivedMS) * time.Millisecond
	s.metrics.delivered(a.Cause, a.OK, lag)
	s.stats.add(a)
}
