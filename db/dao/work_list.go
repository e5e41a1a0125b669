package dao

import (
	"context"
	"errors"

	"wxcomponent/db/model"
)

// WorkGet returns an item, or model.ErrNotFound.
func (s *Store) WorkGet(ctx context.Context, id int64) (model.Work, error) {
	var w model.Work
	err := s.read(ctx).Where("id = ?", id).Take(&w).Error
	return w, fail("find work", err)
}

// WorkFind returns the newest item of a kind with a key, ended or not, or model.ErrNotFound.
func (s *Store) WorkFind(ctx context.Context, kind, key string) (model.Work, error) {
	var w model.Work
	err := s.read(ctx).Where("wkey = ? AND kind = ?", cut(key, workKeyWidth), kind).Order("id DESC").Take(&w).Error
	return w, fail("find work", err)
}

// WorkCancel ends an item that has not ended, and frees its key. Whoever works on it finds its
// lease lost.
func (s *Store) WorkCancel(ctx context.Context, id int64) (bool, error) {
	now := s.db.Dialect.NowMS()
	n, err := s.exec(ctx, "UPDATE work SET state = ?, ukey = NULL, nextms = "+now+", updatems = "+now+
		" WHERE id = ? AND state IN ?", model.WorkCancelled, id,
		[]model.WorkState{model.WorkReady, model.WorkLeased, model.WorkPaused})
	return n > 0, fail("cancel work", err)
}

// WorkRestart makes an item that was given up or cancelled due at once, as if it were new. It is
// model.ErrDuplicate when another item has its key by now.
func (s *Store) WorkRestart(ctx context.Context, id int64) (bool, error) {
	now := s.db.Dialect.NowMS()
	n, err := s.exec(ctx, "UPDATE work SET state = ?, ukey = wkey, attempt = 0, nextms = "+now+", updatems = "+now+
		" WHERE id = ? AND state IN ?", model.WorkReady, id, []model.WorkState{model.WorkDead, model.WorkCancelled})
	return n > 0, fail("restart work", err)
}

func workStates(f model.WorkFilter) []model.WorkState {
	if f.State != nil {
		return []model.WorkState{*f.State}
	}
	return []model.WorkState{
		model.WorkReady, model.WorkLeased, model.WorkDone, model.WorkDead, model.WorkCancelled, model.WorkPaused,
	}
}

var errNoWorkFilter = errors.New("a kind or a group of work is needed")

// WorkList returns items, newest first.
func (s *Store) WorkList(ctx context.Context, f model.WorkFilter) (page model.Page[model.Work], err error) {
	if f.Kind == "" && f.Group == "" {
		return page, errNoWorkFilter
	}
	after, err := parseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	u := union{}
	for _, state := range workStates(f) { // state by state: the index orders each by id
		w := workWhere(f, state)
		if after != nil {
			w.add("id < ?", after.id)
		}
		u.add("SELECT id FROM work"+w.String()+" ORDER BY id DESC LIMIT ?", append(w.args, f.Limit+1)...)
	}
	var rows []model.Work
	err = s.read(ctx).Raw("SELECT w.* FROM (SELECT id FROM ("+u.String()+") u ORDER BY id DESC LIMIT ?) k"+
		" JOIN work w ON w.id = k.id ORDER BY w.id DESC", append(u.args, f.Limit+1)...).Scan(&rows).Error
	if err != nil {
		return page, fail("list work", err)
	}
	trim(&page, rows, f.Limit, func(w model.Work) position { return position{0, w.ID} })
	counts, err := s.WorkCounts(ctx, f)
	var total int64
	for _, n := range counts {
		total += n
	}
	capTotal(&page, total)
	return page, err
}

func workWhere(f model.WorkFilter, state model.WorkState) *where {
	w := &where{}
	w.equal("kind", f.Kind)
	w.equal("grp", f.Group)
	w.add("state = ?", state)
	return w
}

// WorkCounts returns how many items stand in each state; each is counted up to MaxTotal + 1.
func (s *Store) WorkCounts(ctx context.Context, f model.WorkFilter) (map[model.WorkState]int64, error) {
	u := union{}
	for _, state := range workStates(f) {
		w := workWhere(f, state)
		u.add("SELECT COUNT(*) AS n, ? AS state FROM (SELECT 1 FROM work"+w.String()+" LIMIT ?) x",
			append(append([]any{state}, w.args...), MaxTotal+1)...)
	}
	var rows []struct {
		State model.WorkState
		N     int64
	}
	err := s.read(ctx).Raw(u.String(), u.args...).Scan(&rows).Error
	counts := map[model.WorkState]int64{}
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, fail("count work", err)
}
