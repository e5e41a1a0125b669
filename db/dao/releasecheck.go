package dao

import (
	"context"
	"time"

	"wxcomponent/db/model"
)

// CheckStepPut notes how a step of the release check stands. A step that went well stays so, and
// the time of its first beginning stays in any case.
func (s *Store) CheckStepPut(ctx context.Context, c model.CheckStep) error {
	now := s.now().UnixMilli()
	text, hint := cut(c.Error, 1000), cut(c.Hint, 500)
	return fail("note a step of the release check", s.upsert(
		func() (int64, error) {
			return s.exec(ctx, "UPDATE release_check SET durationms = ?, attempt = ?, errcode = ?, error = ?, hint = ?,"+
				" updatems = ?, state = ? WHERE pushkey = ? AND step = ? AND state <> ?", c.DurationMS, c.Attempt, c.ErrCode,
				text, hint, now, c.State, identityKey(c.PushKey), c.Step, model.CheckOK)
		},
		func() error {
			_, err := s.exec(ctx, "INSERT INTO release_check (pushkey, step, appid, atms, durationms, attempt, state,"+
				" errcode, error, hint, updatems) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", identityKey(c.PushKey), c.Step,
				cut(c.AppID, keyWidth), c.AtMS, c.DurationMS, c.Attempt, c.State, c.ErrCode, text, hint, now)
			return err
		},
	))
}

// CheckStepList returns up to limit of the newest steps of release checks, oldest first.
func (s *Store) CheckStepList(ctx context.Context, limit int) ([]model.CheckStep, error) {
	var rows []model.CheckStep
	err := s.read(ctx).Raw("SELECT * FROM (SELECT * FROM release_check ORDER BY id DESC LIMIT ?) newest ORDER BY atms, id",
		limit).Scan(&rows).Error
	return rows, fail("list the steps of release checks", err)
}

// CheckStepPrune removes up to limit steps that began before the time.
func (s *Store) CheckStepPrune(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.prune(ctx, "release_check", "id", "atms < ? ORDER BY atms", limit, before.UnixMilli())
	return n, fail("remove old steps of release checks", err)
}
