package dao

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"time"

	"wxcomponent/db/model"
)

// ForwardTakeFirst leases the first unfinished item of a kind, in the order they were put in, when
// it is due; it returns none while the first is leased or waits.
func (s *Store) ForwardTakeFirst(ctx context.Context, kind, owner string, lease time.Duration) ([]model.Work, error) {
	u := union{}
	for _, state := range takeable() {
		u.add("SELECT id, nextms FROM work WHERE kind = ? AND state = ? ORDER BY id LIMIT 1", kind, state)
	}
	now := s.db.Dialect.NowMS()
	var heads []struct {
		ID  int64
		Due bool
	}
	err := s.read(ctx).Raw("SELECT id, nextms <= "+now+" AS due FROM ("+u.String()+") heads ORDER BY id LIMIT 1", u.args...).
		Scan(&heads).Error
	if err != nil || len(heads) == 0 || !heads[0].Due {
		return nil, fail("look for the next delivery", err)
	}
	taking := rand.Text()
	_, err = s.exec(ctx, "UPDATE work SET state = ?, owner = ?, taking = ?, fence = fence + 1, attempt = attempt + 1,"+
		" nextms = "+now+" + ?, updatems = "+now+" WHERE id = ? AND state IN ? AND nextms <= "+now,
		model.WorkLeased, cut(owner, workKeyWidth), taking, lease.Milliseconds(), heads[0].ID, takeable())
	if err != nil {
		return nil, fail("take the next delivery", err)
	}
	var items []model.Work
	err = s.read(ctx).Raw("SELECT * FROM work WHERE id = ? AND taking = ?", heads[0].ID, taking).Scan(&items).Error
	return items, fail("take the next delivery", err)
}

// ForwardAdd puts deliveries in that are due at once.
func (s *Store) ForwardAdd(ctx context.Context, items []model.Work) error {
	return fail("put deliveries in", s.Tx(ctx, func(tx *Store) error { return tx.workInsert(ctx, items) }))
}

// ForwardAgain makes a delivery that has not ended well due at once, from the beginning of its
// schedule; progress is kept with it. False means that it is being made or has ended well.
func (s *Store) ForwardAgain(ctx context.Context, id int64, progress string) (bool, error) {
	now := s.db.Dialect.NowMS()
	n, err := s.exec(ctx, "UPDATE work SET state = ?, attempt = 0, progress = ?, nextms = "+now+", updatems = "+now+
		" WHERE id = ? AND state IN ?", model.WorkReady, progress, id,
		[]model.WorkState{model.WorkReady, model.WorkDead, model.WorkCancelled})
	return n > 0, fail("deliver again", err)
}

// ForwardDead returns deliveries of a kind that were given up between the times, in the order of
// their ids and beyond one, at most limit.
func (s *Store) ForwardDead(ctx context.Context, kind string, from, to time.Time, beyond int64, limit int) ([]model.Work, error) {
	var rows []model.Work
	err := s.read(ctx).Raw("SELECT id, grp, createms FROM work WHERE kind = ? AND state = ? AND id > ? AND createms >= ?"+
		" AND createms <= ? ORDER BY id LIMIT ?", kind, model.WorkDead, beyond, from.UnixMilli(), to.UnixMilli(), limit).
		Scan(&rows).Error
	return rows, fail("list deliveries given up", err)
}

// ForwardKinds returns the kinds of work with a prefix.
func (s *Store) ForwardKinds(ctx context.Context, prefix string) (kinds []string, err error) {
	for last := prefix; ; last = kinds[len(kinds)-1] {
		var next []string // the index knows where the next begins
		err := s.read(ctx).Raw("SELECT kind FROM work WHERE kind > ? ORDER BY kind LIMIT 1", last).Scan(&next).Error
		if err != nil {
			return nil, fail("find kinds of deliveries", err)
		}
		if len(next) == 0 || len(next[0]) < len(prefix) || next[0][:len(prefix)] != prefix {
			return kinds, nil
		}
		kinds = append(kinds, next[0])
	}
}

// ForwardList returns deliveries of the kinds in the states, newest first.
func (s *Store) ForwardList(ctx context.Context, f model.DeliveryFilter) (page model.Page[model.Work], err error) {
	after, err := parseCursor(f.Cursor)
	if err != nil || len(f.Kinds) == 0 || len(f.States) == 0 {
		return page, err
	}
	var ids []int64
	for kinds := range slices.Chunk(f.Kinds, kindsAtOnce) {
		some, err := s.forwardIDs(ctx, kinds, f, after)
		if err != nil {
			return page, fail("list deliveries", err)
		}
		ids = append(ids, some...)
	}
	slices.SortFunc(ids, func(a, b int64) int { return cmp.Compare(b, a) })
	var rows []model.Work
	err = s.read(ctx).Raw("SELECT * FROM work WHERE id IN ? ORDER BY id DESC", ids[:min(len(ids), f.Limit+1)]).
		Scan(&rows).Error
	if err != nil {
		return page, fail("list deliveries", err)
	}
	trim(&page, rows, f.Limit, func(w model.Work) position { return position{0, w.ID} })
	return page, nil
}

// forwardIDs looks into the index once for each kind and state: it orders each by id.
func (s *Store) forwardIDs(ctx context.Context, kinds []string, f model.DeliveryFilter, after *position) (ids []int64, err error) {
	u := union{}
	for _, kind := range kinds {
		for _, state := range f.States {
			w := &where{}
			w.add("kind = ? AND state = ?", ascii(kind), state)
			if after != nil {
				w.add("id < ?", after.id)
			}
			u.add("SELECT id FROM work"+w.String()+" ORDER BY id DESC LIMIT ?", append(w.args, f.Limit+1)...)
		}
	}
	err = s.read(ctx).Raw("SELECT id FROM ("+u.String()+") u ORDER BY id DESC LIMIT ?", append(u.args, f.Limit+1)...).
		Scan(&ids).Error
	return ids, err
}

// ForwardCounts counts deliveries of the kinds that have not ended well, those of each kind and
// state up to MaxTotal + 1. What has ended well costs nothing.
func (s *Store) ForwardCounts(ctx context.Context, kinds []string) (counts model.DeliveryCounts, err error) {
	u := union{}
	for _, kind := range kinds {
		for _, state := range []model.WorkState{model.WorkReady, model.WorkLeased, model.WorkPaused, model.WorkDead} {
			u.add("SELECT COUNT(*) AS n, ? AS state FROM (SELECT 1 FROM work WHERE kind = ? AND state = ? LIMIT ?) x",
				state, ascii(kind), state, MaxTotal+1)
		}
	}
	var rows []struct {
		State model.WorkState
		N     int64
	}
	err = s.read(ctx).Raw(u.String(), u.args...).Scan(&rows).Error
	for _, r := range rows {
		if r.State == model.WorkDead {
			counts.Dead += r.N
		} else {
			counts.Pending += r.N
		}
	}
	if err == nil {
		var n int64
		n, err = s.bundleCount(ctx, kinds)
		counts.Pending += n
	}
	return counts, fail("count deliveries", err)
}

// ForwardOf returns all deliveries of a push, oldest first. Those that are still in a bundle have
// no id yet.
func (s *Store) ForwardOf(ctx context.Context, identity string) ([]model.Work, error) {
	waiting, err := s.bundled(ctx, identity) // first: what is put in meanwhile may come twice, but is not missed
	if err != nil {
		return nil, fail("list the deliveries of a push", err)
	}
	var rows []model.Work
	err = s.read(ctx).Raw("SELECT * FROM work WHERE grp = ? ORDER BY id LIMIT 1000", identity).Scan(&rows).Error
	if len(rows) > 0 && len(waiting) > 0 {
		waiting = slices.DeleteFunc(waiting, func(w model.Work) bool {
			return slices.ContainsFunc(rows, func(r model.Work) bool { return r.Kind == w.Kind && r.CreateMS == w.CreateMS })
		})
	}
	return append(rows, waiting...), fail("list the deliveries of a push", err)
}

// ForwardPushes returns stored pushes, oldest first. Only what a delivery needs is filled in.
func (s *Store) ForwardPushes(ctx context.Context, r model.PushRange) ([]model.BizRecord, error) {
	table, columns := pushTable(r.Channel), "p.id, p.receivetime"
	w := receivedWithin(r.From, r.To)
	if r.Channel == model.ChannelBiz {
		columns += ", p.appid, COALESCE(p.held, 0) AS held"
		w.equal("appid", narrow(r.AppID, keyWidth))
	}
	if r.AfterID != 0 {
		t := seconds(r.AfterTime)
		w.add("receivetime >= ? AND (receivetime > ? OR id > ?)", t, t, r.AfterID)
	}
	var rows []model.BizRecord
	err := s.read(ctx).Raw("SELECT "+columns+bodyColumn+" FROM (SELECT id, receivetime FROM "+s.pushIndex(r.Channel, r.AppID != "")+w.String()+
		" ORDER BY receivetime, id LIMIT ?) k JOIN "+table+" p ON p.id = k.id ORDER BY p.receivetime, p.id",
		append(w.args, r.Limit)...).Scan(&rows).Error
	restoreBodies(s, rows, bizBody)
	return rows, fail("read pushes", err)
}
