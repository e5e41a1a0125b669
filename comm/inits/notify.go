package inits

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/console/notify"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// buildNotify makes what tells people of accounts, audits, the ticket, tokens and targets.
func (a *app) buildNotify(ctx context.Context) error {
	a.notify = notify.New(notify.Deps{
		Store: a.store, Guard: a.outgoingLimits(), IsTest: authorizer.IsTestAccount,
		TicketAt: facts{a.store}.TicketReceivedAt, Version: a.build.Version, Log: a.log, Now: time.Now, Nudge: a.nudge,
		Window: a.times.Gather, Watch: a.times.Watch, Call: a.times.Patience,
	})
	a.watcher.Add("notification channels", a.notify.Live())
	return a.notify.Live().Refresh(ctx)
}

// tellOfAccount returns the work that tells people of an entry in an account's history.
func (a *app) tellOfAccount(appid, kind string, at time.Time) []model.Work {
	e := notify.Event{AppID: appid, At: at}
	switch kind {
	case authorizer.HistoryAuthorized:
		e.Kind = notify.AccountAuthorized
	case authorizer.HistorySynced:
		e.Kind, e.BySync = notify.AccountAuthorized, true
	case authorizer.HistoryUnauthorized:
		e.Kind = notify.AccountUnauthorized
	case authorizer.HistoryVanished:
		e.Kind, e.BySync = notify.AccountUnauthorized, true
	default:
		return nil
	}
	e.Key = fmt.Sprintf("%s:%s:%d", e.Kind, appid, at.UnixMilli())
	return a.notify.Plan(e)
}

// tellOfAudit tells people how a review of a mini program ended.
func (a *app) tellOfAudit(ctx context.Context, appid string, v weapp.Verdict) error {
	kinds := map[int]notify.EventKind{
		wx.AuditApproved: notify.ReviewPassed, wx.AuditRejected: notify.ReviewRefused, wx.AuditDelayed: notify.ReviewDelayed,
	}
	once := v.At.UnixMilli()
	if v.Code {
		kinds = map[int]notify.EventKind{
			wx.AuditApproved: notify.AuditApproved, wx.AuditRejected: notify.AuditRejected, wx.AuditDelayed: notify.AuditDelayed,
		}
		once = v.AuditID
	}
	kind, ok := kinds[v.State]
	if !ok {
		return nil
	}
	return a.notify.Notify(ctx, notify.Event{
		Kind: kind, Key: fmt.Sprintf("%s:%s:%d", kind, appid, once), AppID: appid, At: v.At, Reason: v.Reason,
	})
}

// tellOfToken tells people of tokens that cannot be renewed.
func (a *app) tellOfToken(ctx context.Context, appid string, failure error) {
	if err := a.notify.TokenRenewed(ctx, appid, failure); err != nil {
		a.log.Warn("how the renewal of a token went could not be noted", zap.String("appid", appid), zap.Error(err))
	}
}

const (
	noticesMost = 256 // notices of targets that wait to be noted
	noticeTries = 10
	noticePause = 2 * time.Second
	noticeTime  = 5 * time.Second
)

// tellOfTarget tells people how a forwarding target does. Its caller may have WeChat waiting: what is
// noted in the database is noted by tellOfTargets.
func (a *app) tellOfTarget(_ context.Context, n forward.Notice) {
	select {
	case a.notices <- n:
	default:
		a.log.Warn("too many forwarding targets change at once, people are not told of one", zap.String("target", n.Target))
	}
}

// tellOfTargets notes how forwarding targets do until ctx ends.
func (a *app) tellOfTargets(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-a.notices:
			a.noteTarget(ctx, n)
		}
	}
}

func (a *app) noteTarget(ctx context.Context, n forward.Notice) {
	kinds := map[forward.NoticeKind]notify.EventKind{
		forward.NoticeFailing: notify.TargetFailing, forward.NoticePaused: notify.TargetPaused,
		forward.NoticeRecovered: notify.TargetRecovered,
	}
	for try := 1; ; try++ {
		err := a.noteOnce(ctx, func(ctx context.Context) error {
			return a.notify.Target(ctx, kinds[n.Kind], n.Target, n.Name, n.Reason)
		})
		if err == nil || ctx.Err() != nil {
			return
		}
		if try == noticeTries {
			a.log.Error("how a forwarding target does could not be noted", zap.String("target", n.Target), zap.Error(err))
			return
		}
		select {
		case <-time.After(noticePause):
		case <-ctx.Done():
			return
		}
	}
}

func (a *app) noteOnce(ctx context.Context, note func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, noticeTime)
	defer cancel()
	return note(ctx)
}
