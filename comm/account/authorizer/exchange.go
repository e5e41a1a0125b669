package authorizer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/db/model"
)

// How long Exchange waits for another instance that is just storing what the same code granted.
const (
	exchangePatience = 3 * time.Second
	exchangePoll     = 200 * time.Millisecond
)

// Exchange turns the code that a merchant came back with into an authorized account, or finds the
// account if the code's event was handled before. WeChat sends every code twice, with the merchant
// and with an event, and takes it once. The error is WeChat's when it refuses the code.
func (s *Service) Exchange(ctx context.Context, code string) (appid string, err error) {
	if code == "" {
		return "", errno.Param("code", "is required")
	}
	secret := log.Secret(code)
	if appid, err = s.accountOf(ctx, secret); err != nil || appid != "" {
		return appid, err
	}
	auth, err := s.deps.WeChat.QueryAuth(ctx, code)
	if codeSpent(err) {
		return s.awaitAccountOf(ctx, secret, err)
	}
	if err != nil {
		return "", fmt.Errorf("exchange the authorization code: %w", err)
	}
	known, _, err := s.find(ctx, s.deps.Rows, auth.AppID)
	if err != nil {
		return "", err
	}
	// The event is still to come: what is known of events stays as it is.
	return auth.AppID, s.grant(ctx, granted{
		Authorization: auth, kind: HistoryAuthorized, at: s.deps.Now(), eventMS: known.EventMS, workKey: codeKey(secret),
	})
}

// accountOf returns the account that a code was exchanged for here, "" when it was not: the work
// that follows an exchange is named after the code.
func (s *Service) accountOf(ctx context.Context, code log.Secret) (string, error) {
	work, err := s.deps.Rows.WorkFind(ctx, KindDetails, codeKey(code))
	if errors.Is(err, model.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look up the authorization code: %w", err)
	}
	return work.Payload, nil
}

func (s *Service) awaitAccountOf(ctx context.Context, code log.Secret, refused error) (string, error) {
	deadline := time.NewTimer(exchangePatience)
	defer deadline.Stop()
	poll := time.NewTicker(exchangePoll)
	defer poll.Stop()
	for {
		if appid, err := s.accountOf(ctx, code); err != nil || appid != "" {
			return appid, err
		}
		select {
		case <-poll.C:
		case <-deadline.C:
			return "", fmt.Errorf("exchange the authorization code: %w", refused)
		case <-ctx.Done():
			return "", fmt.Errorf("exchange the authorization code: %w", ctx.Err())
		}
	}
}

// exchangedBefore tells whether the event's code was exchanged here already, by an earlier attempt
// or when the merchant came back, so that the event's time is all that is new. If an older event
// has ended the account since, this one brings it back, and there is more to do.
func (s *Service) exchangedBefore(ctx context.Context, ev AuthEvent) (bool, error) {
	appid, err := s.accountOf(ctx, ev.Code)
	if err != nil || appid == "" {
		return false, err
	}
	known, _, err := s.find(ctx, s.deps.Rows, appid)
	if err != nil {
		return false, err
	}
	if known.Status != model.Authorized {
		return known.EventMS >= ev.CreatedAt.UnixMilli(), nil
	}
	return true, s.deps.Rows.AuthorizerEventSeen(ctx, appid, ev.CreatedAt)
}

// codeKey names the work that follows the exchange of a code, without giving the code away.
func codeKey(code log.Secret) string {
	sum := sha256.Sum256([]byte(code.Reveal()))
	return KindDetails + ":" + hex.EncodeToString(sum[:20])
}
