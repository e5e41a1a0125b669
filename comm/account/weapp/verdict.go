package weapp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// AuditOutcome is the result of a review, as WeChat pushed it (weapp_audit_success, weapp_audit_fail,
// weapp_audit_delay). The push names neither the audit's id nor the version, and may as well be about
// another review than that of the code, such as the one of the privacy statement.
type AuditOutcome struct {
	State      int    // wx.AuditApproved, AuditRejected or AuditDelayed
	Reason     string // may hold HTML; empty for an approved one
	ScreenShot string // media ids joined by "|"; only for a rejected one
	At         time.Time
	ReceivedAt time.Time
}

// Verdict is how a review of a mini program ended.
type Verdict struct {
	Code    bool   // it is the audit of code; else another review, such as that of the privacy statement
	AuditID int64  // of code
	State   int    // wx.AuditApproved, AuditRejected or AuditDelayed
	Reason  string // may hold HTML
	At      time.Time
}

const (
	// clockSkew is how far WeChat's clock may be ahead of ours.
	clockSkew = time.Minute
	// While an audit runs, the event of its end may come before WeChat's API knows of it.
	settleTime  = 2 * time.Minute
	settlePause = 10 * time.Second
	// What WeChat refuses to tell is asked seldom, and for as long as somebody may mend that.
	refusedPause = 10 * time.Minute
	refusedTime  = 24 * time.Hour
)

// finding is what an event turns out to be about.
type finding int

const (
	ofAnother finding = iota // review than the audit of code
	ofCode
	unsettled // WeChat says that the audit still runs
	outdated  // from before the last submission
)

// AuditResult looks into an event that says that a review ended. The event does not say which review:
// WeChat is asked, and only what it says of the audit of the code is stored and told as that.
func (s *Service) AuditResult(ctx context.Context, appid string, outcome AuditOutcome) error {
	if _, err := s.account(ctx, appid); err != nil {
		return unlessGone(err)
	}
	var found finding
	state, stored, err := s.learn(ctx, appid, func(ctx context.Context) (merge, error) {
		audit, err := s.deps.WeChat.LatestAuditStatus(ctx, appid)
		if err != nil && wx.CodeOf(err) != wx.CodeNoAudit {
			return nil, s.askAgain(outcome, fmt.Errorf("ask how the audit stands: %w", err))
		}
		return func(w *model.Weapp, nowMS int64) {
			mergeLatest(w, audit, err == nil, nowMS)
			found = claim(w, outcome, nowMS)
		}, nil
	})
	switch {
	case err != nil:
		return err
	case !stored:
		return queue.RetryAfter(time.Second, errors.New("the state of the mini program keeps changing"))
	case found == unsettled:
		return queue.RetryAfter(settlePause, errors.New("WeChat says that the audit has not ended"))
	case found == outdated || s.deps.Tell == nil:
		return nil
	}
	verdict := Verdict{State: outcome.State, Reason: outcome.Reason, At: outcome.At}
	if found == ofCode {
		verdict.Code, verdict.AuditID, verdict.Reason = true, state.AuditID, cmp.Or(state.AuditReason, outcome.Reason)
	}
	return s.deps.Tell(ctx, appid, verdict)
}

// claim finds out what an event is about, now that w is what WeChat says. An audit has ended once: of
// what is known to have ended before the event, or was told by another one, the event does not tell.
func claim(w *model.Weapp, outcome AuditOutcome, nowMS int64) finding {
	at := outcome.At.UnixMilli()
	fits := w.AuditStatus == outcome.State
	running := w.AuditStatus == wx.AuditRunning || w.AuditStatus == wx.AuditDelayed && !fits
	switch {
	case w.AuditStatus != model.NoAudit && at < w.SubmitMS:
		return outdated
	case fits && w.AuditEventMS == at:
		return ofCode // handled again
	case fits && w.AuditEventMS == 0 && at <= w.AuditSeenMS+clockSkew.Milliseconds():
		w.AuditEventMS, w.AuditMS = at, at
		return ofCode
	case running && nowMS-outcome.ReceivedAt.UnixMilli() < settleTime.Milliseconds():
		return unsettled
	}
	return ofAnother
}

// askAgain says when to ask again after err.
func (s *Service) askAgain(outcome AuditOutcome, err error) error {
	switch {
	case wx.CodeOf(err) == 0 || wx.ActionOf(err) == wx.ActionRetry:
		return err
	case s.deps.Now().Sub(outcome.ReceivedAt) > refusedTime:
		return queue.Dead(err)
	}
	return queue.RetryAfter(refusedPause, err)
}
