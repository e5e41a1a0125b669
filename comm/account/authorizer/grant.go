package authorizer

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/log"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// AuthEvent says that a merchant authorized the platform, or changed what it may do: `authorized`,
// `updateauthorized` or a finished registration.
type AuthEvent struct {
	AppID       string
	Kind        string // HistoryAuthorized or HistoryUpdated
	Code        log.Secret
	CodeExpires time.Time
	PreAuthCode log.Secret // of the page the merchant came from; may be empty
	CreatedAt   time.Time  // when WeChat made the event
}

// Authorized exchanges the event's code and stores what it grants; details are fetched afterwards,
// as work of their own. An event older than what is known of the account changes nothing, and the
// same event again is harmless.
//
// An error means that it has to be called again. It ends without one when the code can no longer be
// exchanged: the account's history then tells why.
func (s *Service) Authorized(ctx context.Context, ev AuthEvent) error {
	known, found, err := s.find(ctx, s.deps.Rows, ev.AppID)
	if err != nil {
		return err
	}
	if found && known.EventMS > ev.CreatedAt.UnixMilli() {
		s.logger(ctx).Info("an authorization older than what is known was left aside", zap.String("appid", ev.AppID))
		return nil
	}
	if done, err := s.exchangedBefore(ctx, ev); err != nil || done {
		return err
	}
	auth, err := s.deps.WeChat.QueryAuth(ctx, ev.Code.Reveal())
	if err == nil {
		return s.grant(ctx, s.grantedBy(ctx, ev, auth))
	}
	if !codeSpent(err) && s.deps.Now().Before(ev.CodeExpires) {
		return fmt.Errorf("exchange the authorization code: %w", err)
	}
	return s.withoutCode(ctx, ev, err)
}

// codeSpent tells whether WeChat will never take the code (again).
func codeSpent(err error) bool {
	code := wx.CodeOf(err)
	return code == wx.CodeAuthCodeUsed || code == wx.CodeAuthCodeExpired
}

// withoutCode gets what the code would have granted in another way. A code works once, so one that
// is spent has mostly been exchanged: by another instance, or by an attempt whose answer or process
// was lost.
func (s *Service) withoutCode(ctx context.Context, ev AuthEvent, why error) error {
	if done, err := s.exchangedBefore(ctx, ev); err != nil || done {
		return err
	}
	_, auth, err := s.deps.WeChat.AccountInfo(ctx, ev.AppID)
	if err == nil && auth.RefreshToken != "" {
		g := s.grantedBy(ctx, ev, auth)
		g.recovered = true
		return s.grant(ctx, g)
	}
	denied := wx.CodeOf(err) == wx.CodeNotAuthorized
	switch {
	case err == nil || denied:
		return s.giveUp(ctx, ev, failure{kind: HistoryCodeInvalid, why: why, denied: denied})
	case s.deps.Now().Before(ev.CodeExpires):
		return fmt.Errorf("read the refresh token of a used authorization code: %w", err)
	}
	return s.giveUp(ctx, ev, failure{kind: HistoryCodeExpired, why: why})
}

// granted is an authorization that is to be stored.
type granted struct {
	*wx.Authorization
	kind      string    // of the entry in the history
	at        time.Time // of the authorization
	eventMS   int64     // of the event that told of it
	state     string    // the merchant's, "" when not known
	workKey   string    // of the work that fetches details
	recovered bool      // the code was used already, and the refresh token was read again
}

func (s *Service) grantedBy(ctx context.Context, ev AuthEvent, auth *wx.Authorization) granted {
	return granted{
		Authorization: auth, kind: ev.Kind, at: ev.CreatedAt, eventMS: ev.CreatedAt.UnixMilli(),
		state: s.stateOf(ctx, ev), workKey: codeKey(ev.Code),
	}
}

// stateOf returns the merchant's state of the link that led to the authorization. Not knowing it
// is no reason to lose the account.
func (s *Service) stateOf(ctx context.Context, ev AuthEvent) string {
	if s.deps.State == nil || ev.PreAuthCode == "" {
		return ""
	}
	state, err := s.deps.State(ctx, ev.PreAuthCode.Reveal())
	if err != nil {
		s.logger(ctx).Warn("the merchant of an authorization could not be looked up", zap.String("appid", ev.AppID), zap.Error(err))
	}
	return state
}

// grant stores an authorization, unless something newer is known, and hands its access token out.
func (s *Service) grant(ctx context.Context, g granted) error {
	var applied bool
	err := s.deps.Tx(ctx, func(tx Rows) error {
		var err error
		if applied, err = s.storeGrant(ctx, tx, g); err != nil || !applied {
			return err
		}
		return s.record(ctx, tx, g.AppID, g.kind, Detail{
			EventTime: g.eventMS, FuncInfo: FormatPermissions(g.FuncInfo), Recovered: g.recovered,
		})
	})
	if err != nil {
		return fmt.Errorf("store the authorization: %w", err)
	}
	if applied {
		s.deps.Nudge()
		s.handOver(ctx, g.Authorization)
	}
	return nil
}

// storeGrant makes the account authorized and asks for its details.
func (s *Service) storeGrant(ctx context.Context, tx Rows, g granted) (bool, error) {
	applied, err := tx.AuthorizerSaveToken(ctx, model.Grant{
		AppID: g.AppID, RefreshToken: g.RefreshToken, FuncInfo: FormatPermissions(g.FuncInfo),
		AuthTime: g.at, EventMS: g.eventMS, IsTest: IsTestAccount(g.AppID),
	})
	if err != nil || !applied {
		return false, err
	}
	if g.state != "" {
		if err := tx.AuthorizerSetState(ctx, g.AppID, g.state); err != nil {
			return false, err
		}
	}
	work, err := queue.Item{Kind: KindDetails, Key: g.workKey, Payload: g.AppID}.Work()
	if err != nil {
		return false, err
	}
	_, _, err = tx.WorkAdd(ctx, work, 0)
	return true, err
}

// handOver gives the access token that came with the authorization to the token centre. Without
// one, the token of an earlier authorization must not live on. A failure is not worth another
// attempt: a token that WeChat refuses is replaced when it is used.
func (s *Service) handOver(ctx context.Context, auth *wx.Authorization) {
	var err error
	if grant, ok := auth.Grant(); ok {
		err = s.deps.Tokens.Put(ctx, auth.AppID, grant)
	} else {
		err = s.deps.Tokens.Forget(ctx, auth.AppID)
	}
	if err != nil {
		s.logger(ctx).Warn("the access token of a new authorization was not kept", zap.String("appid", auth.AppID), zap.Error(err))
	}
}

// failure is how an authorization ended without a refresh token.
type failure struct {
	kind   string // of the entry in the history
	why    error
	denied bool // WeChat says that the account does not authorize the platform
}

// giveUp ends an authorization that brings no refresh token, visibly. Unless WeChat denies the
// account, it is kept all the same: a sync or the refresh of its details may still recover it.
func (s *Service) giveUp(ctx context.Context, ev AuthEvent, f failure) error {
	g := s.grantedBy(ctx, ev, &wx.Authorization{AppID: ev.AppID})
	g.workKey = fmt.Sprintf("%s:%s:%d", KindDetails, ev.AppID, g.eventMS) // not the code's: it was not exchanged
	err := s.deps.Tx(ctx, func(tx Rows) error {
		if !f.denied {
			if applied, err := s.storeGrant(ctx, tx, g); err != nil || !applied {
				return err
			}
		}
		return s.record(ctx, tx, ev.AppID, f.kind, failureDetail(ev.CreatedAt.UnixMilli(), f.why))
	})
	if err != nil {
		return fmt.Errorf("record that the authorization failed: %w", err)
	}
	s.deps.Nudge()
	s.logger(ctx).Error("an authorization code could not be exchanged",
		zap.String("appid", ev.AppID), zap.String("outcome", f.kind), zap.Error(f.why))
	return nil
}

// Unauthorized takes the account and its tokens out of service, unless something newer than at is
// known of it. An account that was never seen is kept as unauthorized, so that an authorization
// made before cannot bring it to life when its event comes late.
func (s *Service) Unauthorized(ctx context.Context, appid string, at time.Time) error {
	if again, err := s.authorizedAgain(ctx, appid, at); err != nil || again {
		return err
	}
	var out bool
	err := s.deps.Tx(ctx, func(tx Rows) error {
		before, _, err := s.find(ctx, tx, appid)
		if err != nil {
			return err
		}
		if out, err = tx.AuthorizerUnauthorize(ctx, appid, at.UnixMilli()); err != nil || !out {
			return err
		}
		if before.Status == model.Unauthorized && before.EventMS == at.UnixMilli() {
			return nil // the same event again
		}
		return s.record(ctx, tx, appid, HistoryUnauthorized, Detail{EventTime: at.UnixMilli()})
	})
	if err != nil {
		return fmt.Errorf("store that the authorization has ended: %w", err)
	}
	if !out {
		s.logger(ctx).Info("an end of authorization older than what is known was left aside", zap.String("appid", appid))
		return nil
	}
	if err := s.deps.Tokens.Forget(ctx, appid); err != nil {
		return fmt.Errorf("forget the tokens: %w", err)
	}
	return nil
}

// authorizedAgain tells whether a merchant has authorized the platform anew since at. Times alone do
// not say so where that was in the same second, or was learnt from the merchant's return, before any
// event: then WeChat is asked.
func (s *Service) authorizedAgain(ctx context.Context, appid string, at time.Time) (bool, error) {
	known, found, err := s.find(ctx, s.deps.Rows, appid)
	if err != nil || !found || known.Status != model.Authorized || known.AuthTime.Before(at.Truncate(time.Second)) {
		return false, err
	}
	_, _, err = s.deps.WeChat.AccountInfo(ctx, appid)
	if wx.CodeOf(err) == wx.CodeNotAuthorized {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ask whether the account authorizes the platform again: %w", err)
	}
	s.logger(ctx).Info("an account that authorizes the platform again was left in service", zap.String("appid", appid))
	return true, nil
}
