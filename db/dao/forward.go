package dao

import (
	"context"
	"slices"
	"time"

	"wxcomponent/db/model"
)

const (
	attemptAnswer = 20_000 // characters of an answer that are kept
	kindsAtOnce   = 60     // kinds that one statement looks for: databases bound the parts of one
)

// ForwardRuleClose switches a rule off. The revision is raised.
func (s *Store) ForwardRuleClose(ctx context.Context, id int) error {
	return fail("switch the rule off", s.Tx(ctx, func(tx *Store) error {
		if _, err := tx.exec(ctx, "UPDATE wxcallback_rules SET open = 0, updatetime = ? WHERE id = ?",
			seconds(s.now()), id); err != nil {
			return err
		}
		return tx.RevisionBump(ctx)
	}))
}

// ForwardDue returns, for each kind that has unfinished work, how long it takes until some of it is
// due; not above zero when some is due now. Ended work costs nothing.
func (s *Store) ForwardDue(ctx context.Context, kinds []string) (map[string]time.Duration, error) {
	due := make(map[string]time.Duration)
	for some := range slices.Chunk(kinds, kindsAtOnce) {
		if err := s.forwardDue(ctx, some, due); err != nil {
			return nil, fail("look for due deliveries", err)
		}
	}
	return due, nil
}

func (s *Store) forwardDue(ctx context.Context, kinds []string, due map[string]time.Duration) error {
	u := union{}
	for _, kind := range kinds {
		for _, state := range takeable() {
			u.add("SELECT kind, nextms FROM work WHERE kind = ? AND state = ? ORDER BY nextms LIMIT 1", kind, state)
		}
	}
	type next struct {
		Kind string
		InMS int64 `gorm:"column:inms"`
	}
	rows, err := often[next](ctx, s, "SELECT kind, nextms - "+s.db.Dialect.NowMS()+" AS inms FROM ("+u.String()+") due", u.args...)
	for _, r := range rows {
		in := time.Duration(r.InMS) * time.Millisecond
		if known, ok := due[r.Kind]; !ok || in < known {
			due[r.Kind] = in
		}
	}
	return err
}

// ForwardRecord writes attempts and what became of their deliveries in one transaction, and tells
// for each whether its delivery was still held. Attempts are kept either way.
func (s *Store) ForwardRecord(ctx context.Context, outcomes []model.Outcome) (held []bool, err error) {
	if err := s.prepare(ctx, len(outcomes), insertAttempts); err != nil {
		return nil, fail("record deliveries", err)
	}
	err = s.Tx(ctx, func(tx *Store) error {
		held = make([]bool, len(outcomes))
		if err := tx.attemptInsert(ctx, outcomes); err != nil {
			return err
		}
		if err := tx.forwardSettle(ctx, outcomes); err != nil {
			return err
		}
		return tx.forwardEnd(ctx, outcomes, held)
	})
	return held, fail("record deliveries", err)
}

//nolint:gochecknoglobals // a constant, if Go had them
var insertAttempts = rowInserter{
	head: "INSERT INTO delivery_attempt (workid, target, identity, channel, appid, event, atms, durationms, ok, status," +
		" error, answer, cause, attempt) VALUES ",
	row: "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
}

func (s *Store) attemptInsert(ctx context.Context, outcomes []model.Outcome) error {
	rows := make([][]any, 0, len(outcomes))
	for i := range outcomes {
		if a := outcomes[i].Attempt; a != nil {
			rows = append(rows, []any{
				a.WorkID, a.Target, a.Identity, a.Channel, cut(a.AppID, keyWidth), cut(a.Event, keyWidth), a.AtMS,
				a.DurationMS, a.OK, a.Status, cut(a.Error, 500), cut(a.Answer, attemptAnswer), a.Cause, a.Attempt,
			})
		}
	}
	return insertAttempts.insert(ctx, s, rows)
}

// forwardSettle ends deliveries that were never taken, by their keys.
func (s *Store) forwardSettle(ctx context.Context, outcomes []model.Outcome) error {
	var keys []string
	for i := range outcomes {
		if outcomes[i].Key != "" {
			keys = append(keys, cut(outcomes[i].Key, workKeyWidth))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	now := s.db.Dialect.NowMS()
	_, err := s.exec(ctx, "UPDATE work SET state = ?, ukey = NULL, attempt = 1, nextms = "+now+", updatems = "+now+
		" WHERE ukey IN ? AND state = ?", model.WorkDone, keys, model.WorkReady)
	return err
}

// forwardEnd ends or puts off deliveries that were taken.
func (s *Store) forwardEnd(ctx context.Context, outcomes []model.Outcome, held []bool) error {
	done, err := s.forwardDone(ctx, outcomes)
	if err != nil {
		return err
	}
	for i := range outcomes {
		o := &outcomes[i]
		switch {
		case o.Work.ID == 0:
			held[i] = true
		case o.State == model.WorkDone:
			held[i] = done == nil || done[o.Work.ID]
		case o.State == model.WorkDead:
			held[i], err = s.WorkDead(ctx, o.Work, o.Error)
		default:
			held[i], err = s.WorkRetry(ctx, o.Work, o.After, o.Error)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forwardDone ends the deliveries that went well, most of them in one statement, and tells which
// were still held; nil means all.
func (s *Store) forwardDone(ctx context.Context, outcomes []model.Outcome) (held map[int64]bool, err error) {
	var items []model.Work
	for i := range outcomes {
		if o := &outcomes[i]; o.State == model.WorkDone && o.Work.ID != 0 {
			items = append(items, o.Work)
		}
	}
	now := s.db.Dialect.NowMS()
	var ended int64
	for fence, ids := range byFence(items) {
		n, err := s.exec(ctx, "UPDATE work SET state = ?, ukey = NULL, lasterror = '', nextms = "+now+", updatems = "+now+
			" WHERE id IN ? AND fence = ? AND state = ?", model.WorkDone, ids, fence, model.WorkLeased)
		if err != nil {
			return nil, err
		}
		ended += n
	}
	if int(ended) == len(items) {
		return nil, nil
	}
	return s.forwardEnded(ctx, items)
}

// forwardEnded tells which items have ended well while they were held as they are here.
func (s *Store) forwardEnded(ctx context.Context, items []model.Work) (map[int64]bool, error) {
	held := make(map[int64]bool, len(items))
	for fence, ids := range byFence(items) {
		var ended []int64
		err := s.write(ctx).Raw("SELECT id FROM work WHERE id IN ? AND fence = ? AND state = ?",
			ids, fence, model.WorkDone).Scan(&ended).Error
		if err != nil {
			return nil, err
		}
		for _, id := range ended {
			held[id] = true
		}
	}
	return held, nil
}

// ForwardPromote makes ready work of one kind that has waited for at least the given time work of
// another kind, due now, and returns how much it was.
func (s *Store) ForwardPromote(ctx context.Context, from, to string, waited time.Duration, limit int) (int64, error) {
	now := s.db.Dialect.NowMS()
	var ids []int64
	err := s.read(ctx).Raw("SELECT id FROM work WHERE kind = ? AND state = ? AND nextms <= "+now+" - ? ORDER BY nextms LIMIT ?",
		from, model.WorkReady, waited.Milliseconds(), limit).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, fail("look for unanswered pushes", err)
	}
	n, err := s.exec(ctx, "UPDATE work SET kind = ?, nextms = "+now+", updatems = "+now+
		" WHERE id IN ? AND kind = ? AND state = ?", to, ids, from, model.WorkReady)
	return n, fail("deliver unanswered pushes", err)
}

// ForwardPromoteKey does so for the unfinished item of the kind with the key.
func (s *Store) ForwardPromoteKey(ctx context.Context, key, from, to string) error {
	now := s.db.Dialect.NowMS()
	_, err := s.exec(ctx, "UPDATE work SET kind = ?, nextms = "+now+", updatems = "+now+
		" WHERE ukey = ? AND kind = ? AND state = ?", to, cut(key, workKeyWidth), from, model.WorkReady)
	return fail("deliver an unanswered push", err)
}

// ForwardDrop cancels unfinished work of a kind that was put in before the time, at most limit of
// it. What is being worked on is left alone.
func (s *Store) ForwardDrop(ctx context.Context, kind string, before time.Time, limit int) (int64, error) {
	waiting := []model.WorkState{model.WorkReady, model.WorkPaused}
	var ids []int64
	err := s.read(ctx).Raw("SELECT id FROM work WHERE kind = ? AND state IN ? AND createms < ? LIMIT ?",
		kind, waiting, before.UnixMilli(), limit).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, fail("look for unwanted deliveries", err)
	}
	now := s.db.Dialect.NowMS()
	n, err := s.exec(ctx, "UPDATE work SET state = ?, ukey = NULL, nextms = "+now+", updatems = "+now+
		" WHERE id IN ? AND state IN ?", model.WorkCancelled, ids, waiting)
	return n, fail("cancel deliveries", err)
}

// AttemptPrune removes up to limit attempts from before the time.
func (s *Store) AttemptPrune(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.prune(ctx, "delivery_attempt", "id", "atms < ? ORDER BY atms", limit, before.UnixMilli())
	return n, fail("remove old attempts", err)
}

// AttemptList returns calls of targets, newest first.
func (s *Store) AttemptList(ctx context.Context, f model.AttemptFilter) (page model.Page[model.Attempt], err error) {
	after, err := parseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	w := attemptWhere(f)
	if after != nil {
		w.add("(atms < ? OR (atms = ? AND id < ?))", after.at, after.at, after.id)
	}
	var rows []model.Attempt
	err = s.read(ctx).Raw("SELECT * FROM delivery_attempt"+w.String()+" ORDER BY atms DESC, id DESC LIMIT ?",
		append(w.args, f.Limit+1)...).Scan(&rows).Error
	if err != nil {
		return page, fail("list attempts", err)
	}
	trim(&page, rows, f.Limit, func(a model.Attempt) position { return position{a.AtMS, a.ID} })
	return page, nil
}

func attemptWhere(f model.AttemptFilter) *where {
	w := &where{}
	w.equal("target", ascii(f.Target))
	w.equal("identity", ascii(f.Identity))
	w.equal("appid", f.AppID)
	if f.OK != nil {
		w.add("ok = ?", *f.OK)
	}
	if !f.From.IsZero() {
		w.add("atms >= ?", f.From.UnixMilli())
	}
	if !f.To.IsZero() {
		w.add("atms <= ?", f.To.UnixMilli())
	}
	return w
}
