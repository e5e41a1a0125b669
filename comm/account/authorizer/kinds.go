package authorizer

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
)

// Kinds of work in the queue.
const (
	KindDetails = "authorizer.details" // fetches the details of one account; payload: its appid
	KindRefresh = "authorizer.refresh" // periodic: fetches the oldest details anew
	KindSync    = "authorizer.sync"    // compares the accounts with WeChat's list
)

// How details are kept fresh: the oldest first, few at a time, so that neither lists nor this ever
// use up WeChat's quota. It is enough for 14 400 accounts a day.
const (
	refreshEvery  = time.Minute
	refreshAtMost = 10
	refreshAge    = 24 * time.Hour
	refreshRetry  = 2 * time.Hour // until an account that failed has its next turn
)

// QueueKinds are the kinds of work that the service handles.
func (s *Service) QueueKinds() []queue.Kind {
	return []queue.Kind{
		{
			Name: KindDetails, Concurrency: 4, Timeout: time.Minute, MaxAttempts: 20, Handle: s.handleDetails,
			Backoff: queue.Exponential(2*time.Second, 10*time.Minute),
		},
		{Name: KindRefresh, Timeout: 5 * time.Minute, Every: refreshEvery, Handle: s.handleRefresh},
		{
			Name: KindSync, Timeout: 6 * time.Hour, MaxAttempts: 4, Handle: s.handleSync,
			Backoff: queue.Steps(500*time.Millisecond, time.Second, 2*time.Second),
		},
	}
}

// handleDetails is the queue handler of KindDetails.
func (s *Service) handleDetails(ctx context.Context, task *queue.Task) error {
	err := s.RefreshDetails(ctx, task.Payload)
	if errno.Is(err, errno.BadParam) {
		return nil // unauthorized in the meantime
	}
	return err
}

// handleRefresh is the queue handler of KindRefresh. An account that WeChat refuses waits for its next
// turn; a failure that the next account would meet as well ends the round.
func (s *Service) handleRefresh(ctx context.Context, _ *queue.Task) error {
	stale, err := s.deps.Rows.AuthorizerStale(ctx, s.deps.Now().Add(-refreshAge).UnixMilli(), refreshAtMost)
	if err != nil {
		return err
	}
	for _, account := range stale {
		err := s.RefreshDetails(ctx, account.AppID)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil || errno.Is(err, errno.BadParam) || errors.Is(err, errOutdated) { // unauthorized or authorized anew in the meantime
			continue
		}
		s.logger(ctx).Warn("the details of an account could not be refreshed", zap.String("appid", account.AppID), zap.Error(err))
		if wx.CodeOf(err) == 0 || wx.ActionOf(err) == wx.ActionStopQuota {
			return nil
		}
	}
	return nil
}
