package weapp

import (
	"context"
	"time"

	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// How long actions may take, WeChat's second try included.
const (
	actionTime = 30 * time.Second
	commitTime = 110 * time.Second // the listener gives an answer 120 s
	leaseSlack = 10 * time.Second  // a lease outlives the action that it protects
)

// rollbackPause is how soon nobody goes back another version: a second click would.
const rollbackPause = 3 * time.Second

// exclusive runs an action on a mini program, one at a time over all instances: errno.BadState while
// another runs. An action that has begun is not broken off when its caller leaves, for its outcome
// has to be recorded.
func (s *Service) exclusive(ctx context.Context, appid string, limit time.Duration, act func(ctx context.Context) error) error {
	if _, err := s.account(ctx, appid); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	release, err := s.hold(ctx, "weapp:"+appid, limit+leaseSlack)
	if err != nil {
		return err
	}
	defer release()
	return act(ctx)
}

// Release publishes the audited version (wxa/release).
func (s *Service) Release(ctx context.Context, appid string) error {
	return s.exclusive(ctx, appid, actionTime, func(ctx context.Context) error {
		if err := s.deps.WeChat.Release(ctx, appid); err != nil {
			return err
		}
		now := s.nowMS()
		s.acted(ctx, appid, func(w *model.Weapp) {
			w.ReleaseVersion, w.ReleaseDesc, w.ReleaseMS = w.AuditVersion, w.AuditDesc, now
		})
		return nil
	})
}

// Rollback goes back to an earlier release: to appVersion of History, or to the one before when it
// is 0 (revertcoderelease). Twice within moments is refused with errno.BadState.
func (s *Service) Rollback(ctx context.Context, appid string, appVersion int64) error {
	return s.exclusive(ctx, appid, actionTime, func(ctx context.Context) error {
		again, err := s.hold(ctx, "weapp.rollback:"+appid, rollbackPause)
		if err != nil {
			return err
		}
		if err := s.deps.WeChat.Revert(ctx, appid, appVersion); err != nil {
			again()
			return err
		}
		s.askLater(ctx, appid)
		return nil
	})
}

// History lists the releases that can be gone back to.
func (s *Service) History(ctx context.Context, appid string) ([]wx.PastVersion, error) {
	return s.deps.WeChat.RevertHistory(ctx, appid)
}

// SetOpen opens the released mini program to its users, or closes it (change_visitstatus).
func (s *Service) SetOpen(ctx context.Context, appid string, open bool) error {
	action, status := wx.VisitClose, 0
	if open {
		action, status = wx.VisitOpen, 1
	}
	return s.exclusive(ctx, appid, actionTime, func(ctx context.Context) error {
		if err := s.deps.WeChat.SetVisitStatus(ctx, appid, action); err != nil {
			return err
		}
		s.acted(ctx, appid, func(w *model.Weapp) { w.VisitStatus = status })
		return nil
	})
}

// GrayRelease releases the audited version to a part of the users (grayrelease).
func (s *Service) GrayRelease(ctx context.Context, appid string, g wx.GrayRelease) error {
	return s.exclusive(ctx, appid, actionTime, func(ctx context.Context) error {
		return s.deps.WeChat.GrayRelease(ctx, appid, g)
	})
}

// GrayRevert takes a gray release back (revertgrayrelease).
func (s *Service) GrayRevert(ctx context.Context, appid string) error {
	return s.exclusive(ctx, appid, actionTime, func(ctx context.Context) error {
		return s.deps.WeChat.GrayRevert(ctx, appid)
	})
}

// GrayPlan tells how the gray release stands; the zero plan when there is none.
func (s *Service) GrayPlan(ctx context.Context, appid string) (wx.GrayPlan, error) {
	plan, err := s.deps.WeChat.GrayPlan(ctx, appid)
	if err != nil || plan == nil {
		return wx.GrayPlan{}, err
	}
	return *plan, nil
}
