package dao

import (
	"context"

	"wxcomponent/db"
	"wxcomponent/db/model"
)

// UserByName returns a user, or model.ErrNotFound.
func (s *Store) UserByName(ctx context.Context, name string) (model.User, error) {
	var u model.User
	err := s.read(ctx).Where("username = ?", name).Take(&u).Error
	return u, fail("find the user", err)
}

// UserByID returns a user, or model.ErrNotFound.
func (s *Store) UserByID(ctx context.Context, id int) (model.User, error) {
	var u model.User
	err := s.read(ctx).Where("id = ?", id).Take(&u).Error
	return u, fail("find the user", err)
}

// UserCount returns how many users there are.
func (s *Store) UserCount(ctx context.Context) (int64, error) {
	var n int64
	err := s.read(ctx).Model(&model.User{}).Count(&n).Error
	return n, fail("count the users", err)
}

// UserCreateFirst makes the first user, and none when there is one already. Its id is always 1, so
// that of several instances that start at once only one succeeds.
func (s *Store) UserCreateFirst(ctx context.Context, name, hash string) (created bool, err error) {
	now := seconds(s.now())
	err = s.Tx(ctx, func(tx *Store) error {
		created = false
		if n, err := tx.UserCount(ctx); err != nil || n > 0 {
			return err
		}
		_, err := tx.exec(ctx, "INSERT INTO `user` (id, username, password, epoch, createtime, updatetime)"+
			" VALUES (1, ?, ?, 0, ?, ?)", name, hash, now, now)
		created = err == nil
		return err
	})
	if db.IsDuplicate(err) {
		return false, nil
	}
	return created, fail("make the first user", err)
}

// UserSetPassword stores a password's hash. endSessions says that login tokens given out before
// end; a hash that is only stronger does not end them.
func (s *Store) UserSetPassword(ctx context.Context, id int, hash string, endSessions bool) error {
	more := 0
	if endSessions {
		more = 1
	}
	return s.userUpdate(ctx, "store the password", id, "password = ?, epoch = epoch + ?", hash, more)
}

// UserSetName renames a user and ends its login tokens. A name that is taken is model.ErrDuplicate.
func (s *Store) UserSetName(ctx context.Context, id int, name string) error {
	return s.userUpdate(ctx, "rename the user", id, "username = ?, epoch = epoch + 1", name)
}

// UserBumpEpoch ends the login tokens that were given out before.
func (s *Store) UserBumpEpoch(ctx context.Context, id int) error {
	return s.userUpdate(ctx, "end the user's logins", id, "epoch = epoch + 1")
}

func (s *Store) userUpdate(ctx context.Context, what string, id int, set string, args ...any) error {
	args = append(args, seconds(s.now()), id)
	n, err := s.exec(ctx, "UPDATE `user` SET "+set+", updatetime = ? WHERE id = ?", args...)
	if err == nil && n == 0 {
		err = model.ErrNotFound
	}
	return fail(what, err)
}
