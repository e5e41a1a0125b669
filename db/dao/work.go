package dao

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"wxcomponent/db"
	"wxcomponent/db/model"
)

// WorkAdd puts an item in, due after the delay. When its UKey belongs to an item that has not
// ended, nothing is added, and that item's id comes back with created false.
func (s *Store) WorkAdd(ctx context.Context, item model.Work, delay time.Duration) (id int64, created bool, err error) {
	err = s.Tx(ctx, func(tx *Store) error {
		id, created = 0, false
		if item.UKey != nil {
			found, err := tx.workActive(ctx, *item.UKey)
			if err != nil || found != 0 {
				id = found
				return err
			}
		}
		row, err := tx.workRow(ctx, item, delay)
		if err != nil {
			return err
		}
		if err := tx.w.WithContext(ctx).Create(&row).Error; err != nil {
			return err
		}
		id, created = row.ID, true
		return nil
	})
	if item.UKey != nil && db.IsDuplicate(err) { // added by another just now
		id, err = s.workActive(ctx, *item.UKey)
		return id, false, fail("add work", err)
	}
	return id, created, fail("add work", err)
}

func (s *Store) workActive(ctx context.Context, key string) (id int64, err error) {
	err = s.write(ctx).Raw("SELECT id FROM work WHERE ukey = ?", cut(key, workKeyWidth)).Scan(&id).Error
	return id, err
}

func (s *Store) workRow(ctx context.Context, item model.Work, delay time.Duration) (model.Work, error) {
	now, err := s.Now(ctx)
	row := model.Work{
		Kind: item.Kind, Grp: cut(item.Grp, workKeyWidth), Payload: item.Payload, State: item.State,
		NextMS: now.Add(delay).UnixMilli(), Progress: item.Progress, CreateMS: now.UnixMilli(), UpdateMS: now.UnixMilli(),
	}
	if item.UKey != nil {
		key := cut(*item.UKey, workKeyWidth)
		row.UKey, row.Key = &key, &key
	}
	return row, err
}

// workInsert adds items that are due at once. Of items with the key of one that has not ended, or
// of one before them, none is added.
func (s *Store) workInsert(ctx context.Context, items []model.Work) error {
	if len(items) == 0 {
		return nil
	}
	taken, err := s.workKeysTaken(ctx, items)
	if err != nil {
		return err
	}
	now := s.db.Dialect.NowMS()
	insert := rowInserter{
		head: "INSERT INTO work (kind, ukey, wkey, grp, payload, state, progress, nextms, createms, updatems) VALUES ",
		row:  "(?,?,?,?,?,?,?," + now + "," + now + "," + now + ")",
	}
	rows := make([][]any, 0, len(items))
	for i := range items {
		item := &items[i]
		var key *string
		if item.UKey != nil {
			k := cut(*item.UKey, workKeyWidth)
			if taken[k] {
				continue
			}
			taken[k], key = true, &k
		}
		rows = append(rows, []any{
			item.Kind, key, key, cut(item.Grp, workKeyWidth), item.Payload, item.State, item.Progress,
		})
	}
	return insert.insert(ctx, s, rows)
}

func (s *Store) workKeysTaken(ctx context.Context, items []model.Work) (map[string]bool, error) {
	var keys, active []string
	for i := range items {
		if items[i].UKey != nil {
			keys = append(keys, cut(*items[i].UKey, workKeyWidth))
		}
	}
	taken := map[string]bool{}
	if len(keys) == 0 {
		return taken, nil
	}
	err := s.write(ctx).Raw("SELECT ukey FROM work WHERE ukey IN ?", keys).Scan(&active).Error
	for _, k := range active {
		taken[k] = true
	}
	return taken, err
}

// WorkTake leases up to n items of the kinds to owner, oldest first: items that are due, and items
// whose lease has ended. Each gets a new fence, and the attempt is counted. Finding none is one
// read of an index.
func (s *Store) WorkTake(ctx context.Context, kinds []string, owner string, lease time.Duration, n int) ([]model.Work, error) {
	ids, err := s.workDue(ctx, kinds, n)
	if err != nil || len(ids) == 0 {
		return nil, fail("look for work", err)
	}
	now := s.db.Dialect.NowMS()
	taking := rand.Text()
	_, err = s.exec(ctx, "UPDATE work SET state = ?, owner = ?, taking = ?, fence = fence + 1, attempt = attempt + 1,"+
		" nextms = "+now+" + ?, updatems = "+now+" WHERE id IN ? AND state IN ? AND nextms <= "+now,
		model.WorkLeased, cut(owner, workKeyWidth), taking, lease.Milliseconds(), ids, takeable())
	if err != nil {
		return nil, fail("take work", err)
	}
	var items []model.Work
	err = s.read(ctx).Raw("SELECT * FROM work WHERE id IN ? AND taking = ? ORDER BY id", ids, taking).
		Scan(&items).Error // what has been taken is committed: whoever writes need not be waited for again
	return items, fail("take work", err)
}

func takeable() []model.WorkState { return []model.WorkState{model.WorkReady, model.WorkLeased} }

// workDue looks into the index once for each kind and state, so that neither other kinds nor ended
// items cost anything.
func (s *Store) workDue(ctx context.Context, kinds []string, n int) (ids []int64, err error) {
	if len(kinds) == 0 || n <= 0 {
		return nil, nil
	}
	u, end := union{}, " ORDER BY nextms, id"+limitTo(n)
	for _, kind := range kinds {
		for _, state := range takeable() {
			u.add("SELECT id, nextms FROM work WHERE kind = ? AND state = ? AND nextms <= "+s.db.Dialect.NowMS()+end, kind, state)
		}
	}
	return often[int64](ctx, s, "SELECT id FROM ("+u.String()+") due"+end, u.args...)
}

// WorkRenew prolongs the leases of items that owner took, and returns the ids of those it still
// holds. The others were cancelled, or taken by someone else after their lease had ended.
func (s *Store) WorkRenew(ctx context.Context, owner string, items []model.Work, lease time.Duration) (held []int64, err error) {
	now := s.db.Dialect.NowMS()
	for fence, ids := range byFence(items) {
		if _, err = s.exec(ctx, "UPDATE work SET nextms = "+now+" + ? WHERE id IN ? AND fence = ? AND state = ? AND owner = ?",
			lease.Milliseconds(), ids, fence, model.WorkLeased, cut(owner, workKeyWidth)); err != nil {
			return nil, fail("renew the leases of work", err)
		}
	}
	return s.WorkHeld(ctx, owner, items)
}

// WorkHeld returns the ids of the items that owner took and still holds.
func (s *Store) WorkHeld(ctx context.Context, owner string, items []model.Work) (held []int64, err error) {
	for fence, ids := range byFence(items) {
		var some []int64
		err = s.read(ctx).Raw("SELECT id FROM work WHERE id IN ? AND fence = ? AND state = ? AND owner = ?",
			ids, fence, model.WorkLeased, cut(owner, workKeyWidth)).Scan(&some).Error
		if err != nil {
			return nil, fail("look after the leases of work", err)
		}
		held = append(held, some...)
	}
	return held, nil
}

// byFence sorts items by how often they have been taken: most have been so once, so that a statement
// can name nearly all of them by their ids. The ids are in one order everywhere, so that no two
// instances wait for each other crosswise.
func byFence(items []model.Work) map[int64][]int64 {
	ids := make(map[int64][]int64)
	for i := range items {
		ids[items[i].Fence] = append(ids[items[i].Fence], items[i].ID)
	}
	for _, same := range ids {
		slices.Sort(same)
	}
	return ids
}

// WorkDone ends an item well. Like the other methods that take a leased item, it returns false and
// changes nothing when the lease of that taking is no longer held. The key is free again.
func (s *Store) WorkDone(ctx context.Context, item model.Work) (bool, error) {
	return s.workEnd(ctx, "finish work", item, model.WorkDone, "")
}

// WorkDead gives an item up.
func (s *Store) WorkDead(ctx context.Context, item model.Work, lastError string) (bool, error) {
	return s.workEnd(ctx, "give up work", item, model.WorkDead, lastError)
}

func (s *Store) workEnd(ctx context.Context, what string, item model.Work, state model.WorkState, lastError string) (bool, error) {
	set := assignments{}
	set.put("state", state)
	set.expr("ukey", "NULL")
	set.put("lasterror", cut(lastError, 1000))
	set.expr("nextms", s.db.Dialect.NowMS())
	return s.workUpdate(ctx, what, item, set)
}

// WorkRetry makes an item due again after a pause.
func (s *Store) WorkRetry(ctx context.Context, item model.Work, after time.Duration, lastError string) (bool, error) {
	set := assignments{}
	set.put("state", model.WorkReady)
	set.put("lasterror", cut(lastError, 1000))
	set.expr("nextms", s.db.Dialect.NowMS()+" + ?", after.Milliseconds())
	return s.workUpdate(ctx, "put off work", item, set)
}

// WorkRelease gives an item back as if it had not been taken.
func (s *Store) WorkRelease(ctx context.Context, item model.Work) (bool, error) {
	set := assignments{}
	set.put("state", model.WorkReady)
	set.expr("attempt", "attempt - 1")
	set.expr("nextms", s.db.Dialect.NowMS())
	return s.workUpdate(ctx, "give back work", item, set)
}

// WorkProgress notes how far an item has got.
func (s *Store) WorkProgress(ctx context.Context, item model.Work, progress string) (bool, error) {
	set := assignments{}
	set.put("progress", cut(progress, 16000))
	return s.workUpdate(ctx, "note the progress of work", item, set)
}

func (s *Store) workUpdate(ctx context.Context, what string, item model.Work, set assignments) (bool, error) {
	set.expr("updatems", s.db.Dialect.NowMS())
	n, err := s.exec(ctx, "UPDATE work SET "+set.String()+" WHERE id = ? AND fence = ? AND state = ?",
		append(set.args, item.ID, item.Fence, model.WorkLeased)...)
	return n > 0, fail(what, err)
}
