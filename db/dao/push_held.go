package dao

import (
	"context"

	"wxcomponent/db/model"
)

// PushRelease takes the mark off a message that is held, and stores the work that it brings, in one
// transaction. False means that it is not held.
func (s *Store) PushRelease(ctx context.Context, id int64, work []model.Work) (released bool, err error) {
	err = s.Tx(ctx, func(tx *Store) error {
		n, err := tx.exec(ctx, "UPDATE wxcallback_biz SET held = ? WHERE id = ? AND held = ?", model.PushReleased, id, model.PushHeld)
		if released = n > 0; err != nil || !released {
			return err
		}
		return tx.workInsert(ctx, work)
	})
	return released, fail("release a push", err)
}

// AuthorizerUserNames returns the original ids of all known accounts, with the appids they belong to.
func (s *Store) AuthorizerUserNames(ctx context.Context) ([]model.AccountUserName, error) {
	var list []model.AccountUserName
	err := s.read(ctx).Raw("SELECT username, appid FROM authorizers WHERE username <> ''").Scan(&list).Error
	return list, fail("read the original ids of accounts", err)
}
