package weapp

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// Kinds of work in the queue.
const (
	KindState   = "weapp.state"   // asks WeChat about one mini program; payload: its appid
	KindRefresh = "weapp.refresh" // periodic: asks about those that have waited longest
	KindPrivacy = "weapp.privacy" // looks how the check of committed code stands
)

// How states are kept fresh: the oldest first, few at a time, so that neither lists nor this ever
// use up WeChat's quota. It is enough for 14 400 mini programs a day.
const (
	refreshEvery  = time.Minute
	refreshAtMost = 10
	refreshAge    = time.Hour
)

// refreshPause is how long an answer is new enough for whoever wants it fresh.
const refreshPause = 5 * time.Second

// storeTries is how often WeChat is asked again because an action came between question and answer.
const storeTries = 3

// QueueKinds are the kinds of work that the service handles.
func (s *Service) QueueKinds() []queue.Kind {
	return []queue.Kind{
		{
			Name: KindState, Concurrency: 4, Timeout: time.Minute, MaxAttempts: 8, Handle: s.handleState,
			Backoff: queue.Exponential(2*time.Second, 10*time.Minute),
		},
		{Name: KindRefresh, Timeout: 5 * time.Minute, Every: refreshEvery, Handle: s.handleRefresh},
		{
			Name: KindPrivacy, Concurrency: 4, MaxAttempts: 8, Handle: s.handlePrivacy,
			Backoff: queue.Exponential(5*time.Second, 5*time.Minute),
		},
	}
}

// refresh asks WeChat everything and stores the answers.
func (s *Service) refresh(ctx context.Context, appid string) (model.Weapp, answer, error) {
	var a answer
	state, _, err := s.learn(ctx, appid, func(ctx context.Context) (merge, error) {
		a = s.ask(ctx, appid)
		return a.merge, nil
	})
	return state, a, err // whatever is too busy for this has its own, newer answers
}

// merge puts what was learned into the state.
type merge func(w *model.Weapp, nowMS int64)

// learn asks WeChat and stores the answer, unless something else changed what was known in the
// meantime: then it asks again. It returns what is known in the end.
func (s *Service) learn(ctx context.Context, appid string, ask func(ctx context.Context) (merge, error)) (state model.Weapp, stored bool, err error) {
	for range storeTries {
		before, err := s.deps.Rows.WeappGet(ctx, appid)
		if err != nil {
			return before, false, err
		}
		learned, err := ask(ctx)
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return before, false, err
		}
		now := s.nowMS()
		err = s.deps.Rows.WeappUpdate(ctx, appid, func(w *model.Weapp) {
			if stored = *w == before; stored {
				learned(w, now)
			}
			state = *w
		})
		if err != nil || stored {
			return state, stored, err
		}
	}
	return state, false, nil
}

// Refresh asks WeChat about a mini program now, and returns what is known then. Right after the last
// time it does not ask again. Failed questions are in the state's ErrCode and ErrMsg. errno.BadParam
// when the account does not authorize the platform.
func (s *Service) Refresh(ctx context.Context, appid string) (model.WeappRecord, error) {
	account, err := s.account(ctx, appid)
	if err != nil {
		return model.WeappRecord{}, err
	}
	state, err := s.deps.Rows.WeappGet(ctx, appid)
	if err != nil {
		return model.WeappRecord{}, err
	}
	if age := s.nowMS() - state.RefreshMS; age >= 0 && age < refreshPause.Milliseconds() {
		return model.WeappRecord{Account: account, State: state}, nil
	}
	state, a, err := s.refresh(ctx, appid)
	if err != nil {
		return model.WeappRecord{}, err
	}
	s.note(ctx, appid, a.failed)
	return model.WeappRecord{Account: account, State: state}, nil
}

// handleState is the queue handler of KindState. What WeChat refuses it would refuse again: the
// refusal is part of the stored state.
func (s *Service) handleState(ctx context.Context, task *queue.Task) error {
	if _, err := s.account(ctx, task.Payload); err != nil {
		return unlessGone(err)
	}
	_, a, err := s.refresh(ctx, task.Payload)
	if err != nil {
		return err
	}
	err = a.first()
	if wx.CodeOf(err) != 0 && wx.ActionOf(err) != wx.ActionRetry {
		s.note(ctx, task.Payload, a.failed)
		return nil
	}
	return err
}

// unlessGone forgets that the account was unauthorized in the meantime.
func unlessGone(err error) error {
	if errno.Is(err, errno.BadParam) {
		return nil
	}
	return err
}

// handleRefresh is the queue handler of KindRefresh. One that fails waits for its next turn.
func (s *Service) handleRefresh(ctx context.Context, _ *queue.Task) error {
	stale, err := s.deps.Rows.WeappStale(ctx, s.deps.Now().Add(-refreshAge).UnixMilli(), refreshAtMost)
	if err != nil {
		return err
	}
	for _, appid := range stale {
		_, a, err := s.refresh(ctx, appid)
		if err != nil {
			return fmt.Errorf("refresh %s: %w", appid, err)
		}
		s.note(ctx, appid, a.failed)
	}
	return nil
}

// acted stores what an action has changed, and has WeChat asked about the rest. The action itself is
// done, so a failure here is not the caller's.
func (s *Service) acted(ctx context.Context, appid string, change func(w *model.Weapp)) {
	if err := s.deps.Rows.WeappUpdate(ctx, appid, change); err != nil {
		s.logger(ctx).Error("the outcome of an action could not be stored; a refresh will find it",
			zap.String("appid", appid), zap.Error(err))
	}
	s.askLater(ctx, appid)
}

func (s *Service) askLater(ctx context.Context, appid string) {
	s.later(ctx, queue.Item{Kind: KindState, Key: KindState + ":" + appid, Payload: appid})
}
