package authorizer

import (
	"context"
	"errors"
	"sync"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Rows is what is kept of accounts, inside a transaction or out of one; *dao.Store meets it.
type Rows interface {
	accountRows
	detailRows
	historyRows
	workRows
}

type accountRows interface {
	AuthorizerGet(ctx context.Context, appid string) (model.Authorizer, error)
	AuthorizerStates(ctx context.Context) ([]model.AuthorizerState, error)
	AuthorizerSaveToken(ctx context.Context, g model.Grant) (applied bool, err error)
	AuthorizerUnauthorize(ctx context.Context, appid string, eventMS int64) (changed bool, err error)
	AuthorizerVanish(ctx context.Context, appid string, ifEventMS, ifStatusMS int64) (changed bool, err error)
	AuthorizerEventSeen(ctx context.Context, appid string, at time.Time) error
	AuthorizerSetState(ctx context.Context, appid, state string) error
	AccountTagsSet(ctx context.Context, appid string, tags []string) error
	TokenDelete(ctx context.Context, appid string) error
}

type detailRows interface {
	AuthorizerStale(ctx context.Context, beforeMS int64, limit int) ([]model.Authorizer, error)
	AuthorizerSaveDetails(ctx context.Context, d model.AuthorizerDetails) (applied bool, err error)
	AuthorizerDetailsTried(ctx context.Context, appid string, atMS int64) error
	AuthorizerFillToken(ctx context.Context, appid, refreshToken string) (filled bool, err error)
}

type historyRows interface {
	AuthorizerHistoryAdd(ctx context.Context, h model.AuthorizerHistory) error
	AuthorizerHistoryList(ctx context.Context, appid string, limit int) ([]model.AuthorizerHistory, error)
}

type workRows interface {
	WorkAdd(ctx context.Context, item model.Work, delay time.Duration) (id int64, created bool, err error)
	WorkGet(ctx context.Context, id int64) (model.Work, error)
	WorkFind(ctx context.Context, kind, key string) (model.Work, error)
	WorkCancel(ctx context.Context, id int64) (bool, error)
}

// RefreshTokenRows is what RefreshTokens works with; *dao.Store meets it.
type RefreshTokenRows interface {
	AuthorizerGet(ctx context.Context, appid string) (model.Authorizer, error)
	AuthorizerRotateToken(ctx context.Context, appid string, ifGrantRev int64, refreshToken string) (bool, error)
}

// RefreshTokens gives the token centre the refresh tokens of authorized accounts.
type RefreshTokens struct {
	Rows RefreshTokenRows

	mu sync.Mutex
	// read is each account's GrantRev when its refresh token was read last: what WeChat gives for
	// that token must not replace the token of an authorization that has come in since.
	read map[string]int64
}

// RefreshToken returns the account's refresh token, "" when none is known. errno.BadParam for an
// account that is not known or not authorized any more.
func (t *RefreshTokens) RefreshToken(ctx context.Context, appid string) (string, error) {
	row, err := t.Rows.AuthorizerGet(ctx, appid)
	if errors.Is(err, model.ErrNotFound) || err == nil && row.Status != model.Authorized {
		return "", errNotAuthorized()
	}
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.read == nil {
		t.read = map[string]int64{}
	}
	t.read[appid] = row.GrantRev
	return row.RefreshToken, nil
}

// RefreshTokenPut replaces the refresh token that RefreshToken returned last, unless the account was
// authorized anew or taken out of service in between.
func (t *RefreshTokens) RefreshTokenPut(ctx context.Context, appid, refreshToken string) error {
	t.mu.Lock()
	rev, ok := t.read[appid]
	t.mu.Unlock()
	if !ok {
		return errors.New("a refresh token was replaced that had not been read")
	}
	replaced, err := t.Rows.AuthorizerRotateToken(ctx, appid, rev, refreshToken)
	if err != nil || !replaced {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.read[appid] = rev + 1 // one that was recovered may be replaced at once, when it is used
	return nil
}

func errNotAuthorized() error {
	return errno.Param("appid", "this account does not authorize the platform")
}
