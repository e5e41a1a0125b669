package dao

import (
	"context"
	"fmt"

	"wxcomponent/db"
	"wxcomponent/db/model"
)

func tokenAAD(appid string) string { return "wxtoken.token:" + appid }

// TokenGet returns an access token of a type: an account's, or the platform's own, whose appid is
// ""; model.ErrNotFound when there is none.
func (s *Store) TokenGet(ctx context.Context, tokenType int, appid string) (model.Token, error) {
	var t model.Token
	err := s.read(ctx).Where("appid = ? AND type = ?", appid, tokenType).Take(&t).Error
	if err == nil {
		t.Token, err = s.open(t.Token, tokenAAD(appid))
	}
	return t, fail("read the token of "+appid, err)
}

// TokenPut stores a token in place of the account's old one. A lease with a name has
// to be held still, or the error is model.ErrFenced. The token of an account that is not authorized is not
// stored: model.ErrNotFound.
func (s *Store) TokenPut(ctx context.Context, t model.Token, lease db.Lease) error {
	sealed, err := s.seal(t.Token, tokenAAD(t.AppID))
	if err != nil {
		return fail("seal a token", err)
	}
	t.Token, t.ExpireTime = sealed, seconds(t.ExpireTime)
	return fail("store the token of "+t.AppID, s.Tx(ctx, func(tx *Store) error {
		if err := tx.leaseHold(ctx, lease); err != nil {
			return err
		}
		if t.Type == model.TokenAuthorizer {
			if err := tx.authorizerHold(ctx, t.AppID); err != nil {
				return err
			}
		}
		return tx.tokenWrite(ctx, t)
	}))
}

// leaseHold keeps anyone else from taking the lease until the transaction ends.
func (s *Store) leaseHold(ctx context.Context, l db.Lease) error {
	if l.Name == "" {
		return nil
	}
	n, err := s.exec(ctx, "UPDATE lease SET fence = fence WHERE name = ? AND owner = ? AND fence = ? AND expiresms > "+
		s.db.Dialect.NowMS(), l.Name, l.Owner, l.Fence)
	if err == nil && n == 0 {
		err = fmt.Errorf("lease %s: %w", l.Name, model.ErrFenced)
	}
	return err
}

// authorizerHold keeps an account authorized until the transaction ends.
func (s *Store) authorizerHold(ctx context.Context, appid string) error {
	n, err := s.exec(ctx, "UPDATE authorizers SET status = status, updatetime = updatetime WHERE appid = ? AND status = ?",
		appid, model.Authorized)
	if err == nil && n == 0 {
		err = fmt.Errorf("authorized account %s: %w", appid, model.ErrNotFound)
	}
	return err
}

func (s *Store) tokenWrite(ctx context.Context, t model.Token) error {
	now := seconds(s.now())
	return s.upsert(
		func() (int64, error) {
			return s.exec(ctx, "UPDATE wxtoken SET type = ?, token = ?, expiretime = ?, lifetime = ?,"+
				" updatetime = ? WHERE appid = ?", t.Type, t.Token, t.ExpireTime, t.Lifetime, now, t.AppID)
		},
		func() error {
			_, err := s.exec(ctx, "INSERT INTO wxtoken (type, appid, token, expiretime, lifetime, createtime,"+
				" updatetime) VALUES (?, ?, ?, ?, ?, ?, ?)", t.Type, t.AppID, t.Token, t.ExpireTime, t.Lifetime, now, now)
			return err
		},
	)
}

// TokenDelete forgets a token, if there is one.
func (s *Store) TokenDelete(ctx context.Context, appid string) error {
	_, err := s.exec(ctx, "DELETE FROM wxtoken WHERE appid = ?", appid)
	return fail("delete the token of "+appid, err)
}
