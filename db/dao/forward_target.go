package dao

import (
	"context"
	"strconv"
	"time"

	"wxcomponent/db/model"
)

// ForwardTargetList returns all targets, by name.
func (s *Store) ForwardTargetList(ctx context.Context) ([]model.ForwardTarget, error) {
	var rows []model.ForwardTarget
	return rows, fail("list targets", s.read(ctx).Order("name, id").Find(&rows).Error)
}

// ForwardTargetGet returns a target, or model.ErrNotFound.
func (s *Store) ForwardTargetGet(ctx context.Context, id int64) (model.ForwardTarget, error) {
	var row model.ForwardTarget
	return row, fail("find the target", s.read(ctx).Where("id = ?", id).Take(&row).Error)
}

// ForwardTargetCreate stores a new target with its first secret and returns its id. The revision is
// raised, here and in the other methods that change targets and their rules.
func (s *Store) ForwardTargetCreate(ctx context.Context, t model.ForwardTarget, secret string) (id int64, err error) {
	now := s.now()
	err = s.Tx(ctx, func(tx *Store) error {
		row := t
		row.ID, row.CreateMS, row.UpdateMS = 0, now.UnixMilli(), now.UnixMilli()
		if err := tx.w.WithContext(ctx).Create(&row).Error; err != nil {
			return err
		}
		id = row.ID
		if err := tx.forwardSecretAdd(ctx, id, secret, now); err != nil {
			return err
		}
		return tx.RevisionBump(ctx)
	})
	return id, fail("store the target", err)
}

// ForwardTargetUpdate changes what people set of a target, or returns model.ErrNotFound.
func (s *Store) ForwardTargetUpdate(ctx context.Context, t model.ForwardTarget) error {
	set := assignments{}
	set.put("name", t.Name)
	set.put("url", t.URL)
	set.put("port", t.Port)
	set.put("path", t.Path)
	set.put("format", t.Format)
	set.put("lists", t.Lists)
	set.put("timeoutms", t.TimeoutMS)
	set.put("concurrency", t.Concurrency)
	set.put("ratelimit", t.RateLimit)
	set.put("ordered", t.Ordered)
	set.put("schedule", t.Schedule)
	return fail("change the target", s.forwardUpdate(ctx, "forward_target", t.ID, set))
}

// ForwardTargetPause stops deliveries to a target from now on, or lets them go on, or returns
// model.ErrNotFound. One that is paused keeps the time and reason of that.
func (s *Store) ForwardTargetPause(ctx context.Context, id int64, paused bool, reason string) error {
	set := assignments{}
	set.put("pausereason", "")
	set.put("pausems", 0)
	if paused {
		set = assignments{}
		set.expr("pausereason", "CASE WHEN pausems = 0 THEN ? ELSE pausereason END", cut(reason, 191))
		set.expr("pausems", "CASE WHEN pausems = 0 THEN ? ELSE pausems END", s.now().UnixMilli())
	}
	return fail("pause the target", s.forwardUpdate(ctx, "forward_target", id, set))
}

// ForwardTargetDelete removes a target and its secrets, or returns model.ErrNotFound.
func (s *Store) ForwardTargetDelete(ctx context.Context, id int64) error {
	return fail("delete the target", s.Tx(ctx, func(tx *Store) error {
		if _, err := tx.exec(ctx, "DELETE FROM forward_secret WHERE targetid = ?", id); err != nil {
			return err
		}
		return tx.forwardDelete(ctx, "forward_target", id)
	}))
}

func (s *Store) forwardUpdate(ctx context.Context, table string, id int64, set assignments) error {
	set.put("updatems", s.now().UnixMilli())
	return s.Tx(ctx, func(tx *Store) error {
		n, err := tx.exec(ctx, "UPDATE "+table+" SET "+set.String()+" WHERE id = ?", append(set.args, id)...)
		return tx.forwardChanged(ctx, n, err)
	})
}

func (s *Store) forwardDelete(ctx context.Context, table string, id int64) error {
	n, err := s.exec(ctx, "DELETE FROM "+table+" WHERE id = ?", id)
	return s.forwardChanged(ctx, n, err)
}

func (s *Store) forwardChanged(ctx context.Context, rows int64, err error) error {
	switch {
	case err != nil:
		return err
	case rows == 0:
		return model.ErrNotFound
	default:
		return s.RevisionBump(ctx)
	}
}

func forwardSecretAAD(targetID int64) string {
	return "forward_secret.secret:" + strconv.FormatInt(targetID, 10)
}

// ForwardSecretList returns the secrets of all targets that have not expired, newest first.
func (s *Store) ForwardSecretList(ctx context.Context) ([]model.ForwardSecret, error) {
	var rows []model.ForwardSecret
	err := s.read(ctx).Where("expirems = 0 OR expirems > ?", s.now().UnixMilli()).Order("id DESC").Find(&rows).Error
	if err != nil {
		return nil, fail("list signing secrets", err)
	}
	for i := range rows {
		if rows[i].Secret, err = s.open(rows[i].Secret, forwardSecretAAD(rows[i].TargetID)); err != nil {
			return nil, fail("open a signing secret", err)
		}
	}
	return rows, nil
}

// ForwardSecretRotate gives a target a new secret; those it had sign beside it until the overlap
// is over. An empty secret only ends the others. Expired ones are removed.
func (s *Store) ForwardSecretRotate(ctx context.Context, targetID int64, secret string, overlap time.Duration) error {
	now := s.now()
	return fail("change the signing secret", s.Tx(ctx, func(tx *Store) error {
		end := now.Add(overlap).UnixMilli()
		_, err := tx.exec(ctx, "UPDATE forward_secret SET expirems = ? WHERE targetid = ? AND (expirems = 0 OR expirems > ?)",
			end, targetID, end)
		if err == nil {
			_, err = tx.exec(ctx, "DELETE FROM forward_secret WHERE targetid = ? AND expirems <> 0 AND expirems <= ?",
				targetID, now.UnixMilli())
		}
		if err == nil && secret != "" {
			err = tx.forwardSecretAdd(ctx, targetID, secret, now)
		}
		if err != nil {
			return err
		}
		return tx.RevisionBump(ctx)
	}))
}

func (s *Store) forwardSecretAdd(ctx context.Context, targetID int64, secret string, now time.Time) error {
	sealed, err := s.seal(secret, forwardSecretAAD(targetID))
	if err != nil {
		return err
	}
	return s.write(ctx).Create(&model.ForwardSecret{
		TargetID: targetID, Secret: sealed, CreateMS: now.UnixMilli(),
	}).Error
}
