// Package authorizer keeps the accounts that authorize the platform: what WeChat's events say of
// them, their details, and the sync with WeChat's own list.
//
// Events come late, twice and out of order, and calls to WeChat fail. The rules that keep accounts
// safe from that: what an older event says changes nothing, the refresh token is stored before
// anything else is asked, and a failed call never takes anything away.
package authorizer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// WeChat is the part of WeChat's API that accounts come from; *wx.Client meets it.
type WeChat interface {
	QueryAuth(ctx context.Context, code string) (*wx.Authorization, error)
	AccountInfo(ctx context.Context, appid string) (*wx.Account, *wx.Authorization, error)
	AccountList(ctx context.Context, offset, count int) (wx.AccountList, error)
}

// Tokens is the part of the token centre that is told of accounts.
type Tokens interface {
	Put(ctx context.Context, appid string, g wx.Grant) error
	Forget(ctx context.Context, appid string) error
}

// Deps are what a Service works with.
type Deps struct {
	Rows   Rows
	Tx     func(ctx context.Context, fn func(tx Rows) error) error // runs fn in one transaction
	WeChat WeChat
	Tokens Tokens
	// State returns the merchant's state in the link that a pre-auth code was made for, "" when
	// there is none. nil: accounts are not bound to merchants when they authorize.
	State func(ctx context.Context, preAuthCode string) (string, error)
	// Tell returns the work that tells people of an entry in an account's history, to be stored with
	// the entry. nil: nobody is told.
	Tell func(appid, kind string, at time.Time) []model.Work
	// Tagged makes this instance follow a change of tags at once; the others do within seconds.
	Tagged func(ctx context.Context) error
	Nudge  func() // tells the work queue that a transaction put work in
	Now    func() time.Time
	Log    *zap.Logger
}

// Service keeps the accounts.
type Service struct {
	deps  Deps
	minis miniPrograms
}

// New returns the service.
func New(deps Deps) *Service {
	return &Service{deps: deps, minis: miniPrograms{known: make(map[string]bool)}}
}

// SetState binds the account to the provider's own id of the merchant; "" unbinds it.
// errno.BadParam when the account was never seen.
func (s *Service) SetState(ctx context.Context, appid, state string) error {
	err := s.deps.Rows.AuthorizerSetState(ctx, appid, state)
	if errors.Is(err, model.ErrNotFound) {
		return errno.Param("appid", "this account is not known")
	}
	return err
}

// find reads an account; false when it was never seen.
func (s *Service) find(ctx context.Context, rows Rows, appid string) (model.Authorizer, bool, error) {
	row, err := rows.AuthorizerGet(ctx, appid)
	if errors.Is(err, model.ErrNotFound) {
		return model.Authorizer{}, false, nil
	}
	if err != nil {
		return model.Authorizer{}, false, fmt.Errorf("read the account: %w", err)
	}
	return row, true, nil
}

func (s *Service) logger(ctx context.Context) *zap.Logger { return log.From(ctx, s.deps.Log) }

func (s *Service) nowMS() int64 { return s.deps.Now().UnixMilli() }
