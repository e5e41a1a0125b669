package dao

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wxcomponent/db/model"
)

// AttemptTargets returns the keys of all targets that were called.
func (s *Store) AttemptTargets(ctx context.Context) (keys []string, err error) {
	for last := ""; ; last = keys[len(keys)-1] {
		var next []string // the index knows where the next begins
		err := s.read(ctx).Raw("SELECT target FROM delivery_attempt WHERE target > ? ORDER BY target LIMIT 1", last).
			Scan(&next).Error
		if err != nil {
			return nil, fail("find the targets that were called", err)
		}
		if len(next) == 0 {
			return keys, nil
		}
		keys = append(keys, next[0])
	}
}

// AttemptFailures returns failed calls of the targets, newest first, with the cursor for more; "" is
// the end. Calls with a sample are left out, so that there may be fewer than limit.
func (s *Store) AttemptFailures(ctx context.Context, targets []string, to time.Time, cursor string, limit int) ([]model.FailedCall, string, error) {
	after, err := parseCursor(cursor)
	if err != nil || len(targets) == 0 {
		return nil, "", err
	}
	type call struct {
		model.FailedCall
		Cause string `gorm:"column:cause"`
	}
	var all []call
	for some := range slices.Chunk(targets, kindsAtOnce) {
		u := union{}
		for _, target := range some {
			w := &where{}
			w.add("target = ? AND ok = ?", ascii(target), false)
			if !to.IsZero() {
				w.add("atms <= ?", to.UnixMilli())
			}
			if after != nil {
				w.add("atms <= ? AND (atms < ? OR id < ?)", after.at, after.at, after.id)
			}
			u.add("SELECT id, atms, identity, cause FROM delivery_attempt"+w.String()+" ORDER BY atms DESC, id DESC LIMIT ?",
				append(w.args, limit+1)...)
		}
		var rows []call
		if err := s.read(ctx).Raw(u.String(), u.args...).Scan(&rows).Error; err != nil {
			return nil, "", fail("list failed calls", err)
		}
		all = append(all, rows...)
	}
	slices.SortFunc(all, func(a, b call) int { return cmp.Or(cmp.Compare(b.AtMS, a.AtMS), cmp.Compare(b.ID, a.ID)) })
	next := ""
	if len(all) > limit {
		all = all[:limit]
		next = position{all[limit-1].AtMS, all[limit-1].ID}.cursor()
	}
	calls := make([]model.FailedCall, 0, len(all))
	for _, c := range all {
		if c.Cause != model.CauseTest {
			calls = append(calls, c.FailedCall)
		}
	}
	return calls, next, nil
}

// ForwardPayloads returns the payload of one delivery of each of the pushes, by their identities.
// Pushes whose deliveries are gone are left out.
func (s *Store) ForwardPayloads(ctx context.Context, identities []string) (map[string]string, error) {
	found := make(map[string]string, len(identities))
	if len(identities) == 0 {
		return found, nil
	}
	var rows []model.Work
	err := s.read(ctx).Raw("SELECT w.grp, w.payload FROM (SELECT MIN(id) AS id FROM work WHERE grp IN ? GROUP BY grp) k"+
		" JOIN work w ON w.id = k.id", identities).Scan(&rows).Error
	for _, r := range rows {
		found[r.Grp] = r.Payload
	}
	return found, fail("read the deliveries of pushes", err)
}

// ForwardStates returns what became of pushes, by their identities. Deliveries that ended long ago
// are gone; their calls are counted longer.
func (s *Store) ForwardStates(ctx context.Context, identities []string) (map[string]model.PushState, error) {
	states := make(map[string]model.PushState, len(identities))
	if len(identities) == 0 {
		return states, nil
	}
	var work []struct {
		Grp   string
		State model.WorkState
		N     int64
	}
	err := s.read(ctx).Raw("SELECT grp, state, COUNT(*) AS n FROM work WHERE grp IN ? GROUP BY grp, state", identities).
		Scan(&work).Error
	if err != nil {
		return nil, fail("read the deliveries of pushes", err)
	}
	for _, w := range work {
		st := states[w.Grp]
		switch w.State {
		case model.WorkDone:
			st.Delivered += w.N
		case model.WorkDead:
			st.Dead += w.N
		case model.WorkCancelled:
			st.Cancelled += w.N
		case model.WorkReady, model.WorkLeased, model.WorkPaused:
			st.Pending += w.N
		}
		states[w.Grp] = st
	}
	var calls []struct {
		Identity string
		OK       bool
		N        int64
	}
	err = s.read(ctx).Raw("SELECT identity, ok, COUNT(*) AS n FROM delivery_attempt WHERE identity IN ? GROUP BY identity, ok",
		identities).Scan(&calls).Error
	if err != nil {
		return nil, fail("read the calls of pushes", err)
	}
	for _, c := range calls {
		st := states[c.Identity]
		st.Calls += c.N
		if !c.OK {
			st.Failed += c.N
		}
		states[c.Identity] = st
	}
	return states, nil
}

// ForwardDeadCount counts deliveries of a kind that were given up, made between the times, among so
// many of the newest; more tells that there are others.
func (s *Store) ForwardDeadCount(ctx context.Context, kind string, from, to time.Time, most int) (n int64, more bool, err error) {
	var counts struct{ N, Looked int64 }
	err = s.read(ctx).Raw("SELECT COUNT(*) AS looked, COALESCE(SUM(CASE WHEN createms >= ? AND createms <= ? THEN 1 ELSE 0 END), 0) AS n"+
		" FROM (SELECT createms FROM work WHERE kind = ? AND state = ? ORDER BY id DESC LIMIT ?) x",
		from.UnixMilli(), to.UnixMilli(), kind, model.WorkDead, most).Scan(&counts).Error
	return counts.N, counts.Looked >= int64(most), fail("count deliveries given up", err)
}

// ForwardOldest returns since when the oldest unfinished delivery of the kinds waits, the zero time
// when none does.
func (s *Store) ForwardOldest(ctx context.Context, kinds []string) (time.Time, error) {
	var oldest int64
	for some := range slices.Chunk(kinds, kindsAtOnce) {
		u := union{}
		for _, kind := range some {
			for _, state := range []model.WorkState{model.WorkReady, model.WorkLeased, model.WorkPaused} {
				u.add("SELECT createms FROM work WHERE kind = ? AND state = ? ORDER BY id LIMIT 1", kind, state)
			}
		}
		var first []int64
		if err := s.read(ctx).Raw(u.String(), u.args...).Scan(&first).Error; err != nil {
			return time.Time{}, fail("find the oldest delivery", err)
		}
		for _, at := range first {
			if oldest == 0 || at < oldest {
				oldest = at
			}
		}
	}
	if oldest == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(oldest).UTC(), nil
}

// AttemptTimes returns how long the newest calls of targets since a time took, at most limit of them.
func (s *Store) AttemptTimes(ctx context.Context, since time.Time, limit int) ([]model.CallTimes, error) {
	var rows []model.CallTimes
	err := s.read(ctx).Raw("SELECT ok, durationms FROM delivery_attempt WHERE atms >= ? ORDER BY atms DESC, id DESC LIMIT ?",
		since.UnixMilli(), limit).Scan(&rows).Error
	return rows, fail("read the calls of targets", err)
}
