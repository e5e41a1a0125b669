package releasecheck

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// Grants are told what became of accounts.
type Grants interface {
	Authorized(ctx context.Context, ev authorizer.AuthEvent) error
	Unauthorized(ctx context.Context, appid string, at time.Time) error
}

// Watch returns grants that are handled by next, and noted when they are of the check's accounts.
func (s *Service) Watch(next Grants) Grants { return watched{next, s} }

type watched struct {
	Grants
	check *Service
}

// Authorized implements Grants.
func (w watched) Authorized(ctx context.Context, ev authorizer.AuthEvent) error {
	if _, ours := w.check.accounts[ev.AppID]; !ours {
		return w.Grants.Authorized(ctx, ev)
	}
	began := w.check.deps.Now()
	err := w.Grants.Authorized(ctx, ev)
	note := model.CheckStep{
		PushKey: eventKey(ev), Step: string(StepAuthorized), AppID: ev.AppID,
		AtMS: began.UnixMilli(), DurationMS: w.check.deps.Now().Sub(began).Milliseconds(), Attempt: 1, State: model.CheckOK,
	}
	if err != nil {
		note.State = model.CheckRetrying
		explain(&note, err)
	} else {
		w.check.gaveUp(ctx, ev, &note)
	}
	w.check.note(ctx, note)
	return err
}

// eventKey is the same whenever an event is handled. Two events may be of one second; their codes
// differ, and are not given away.
func eventKey(ev authorizer.AuthEvent) string {
	sum := sha256.Sum256([]byte(ev.Code.Reveal()))
	return fmt.Sprintf("%s:%d:%x", ev.AppID, ev.CreatedAt.Unix(), sum[:8])
}

// gaveUp corrects the note of an event whose code could not be exchanged: it ends without an error,
// and the account's history tells why.
func (s *Service) gaveUp(ctx context.Context, ev authorizer.AuthEvent, note *model.CheckStep) {
	timeline, err := s.deps.Accounts.Timeline(ctx, ev.AppID)
	if err != nil {
		s.logger(ctx).Warn("the history of a test account could not be read", zap.Error(err))
		return
	}
	for _, entry := range timeline {
		failed := entry.Kind == authorizer.HistoryCodeExpired || entry.Kind == authorizer.HistoryCodeInvalid
		if failed && entry.Detail.EventTime == ev.CreatedAt.UnixMilli() {
			refusal := wx.Error{Code: entry.Detail.ErrCode, Msg: entry.Detail.ErrMsg}
			note.State, note.ErrCode, note.Error, note.Hint = model.CheckFailed, refusal.Code, refusal.Msg, refusal.Hint()
			return
		}
	}
}
