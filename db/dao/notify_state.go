package dao

import (
	"context"

	"wxcomponent/db/model"
)

const (
	notifyNameWidth    = 96
	notifySubjectWidth = 191
)

// NotifyStateSee notes that a trouble is there, now or still, and returns what is known of it.
// called says that its target is being called, and therefore not paused.
func (s *Store) NotifyStateSee(ctx context.Context, name, subject string, called bool) (row model.NotifyState, err error) {
	name, subject = cut(name, notifyNameWidth), cut(subject, notifySubjectWidth)
	now := s.now().UnixMilli()
	set := assignments{}
	set.put("seenms", now)
	set.put("wellms", 0)
	set.put("subject", subject)
	if called {
		set.put("pausedms", 0)
	}
	err = s.upsert(
		func() (int64, error) {
			return s.exec(ctx, "UPDATE notify_state SET "+set.String()+" WHERE name = ?", append(set.args, name)...)
		},
		func() error {
			_, err := s.exec(ctx, "INSERT INTO notify_state (name, sincems, seenms, subject) VALUES (?, ?, ?, ?)",
				name, now, now, subject)
			return err
		},
	)
	if err == nil {
		err = s.write(ctx).Where("name = ?", name).Take(&row).Error
	}
	return row, fail("note a trouble", err)
}

// NotifyStateTell adds the work that tells people of a trouble, unless they have been told. paused
// is for the pause of its target, of which they are told besides.
func (s *Store) NotifyStateTell(ctx context.Context, name string, paused bool, work model.Work) (told bool, err error) {
	column := "toldms"
	if paused {
		column = "pausedms"
	}
	err = s.Tx(ctx, func(tx *Store) error {
		n, err := tx.exec(ctx, "UPDATE notify_state SET "+column+" = ? WHERE name = ? AND "+column+" = 0",
			s.now().UnixMilli(), cut(name, notifyNameWidth))
		if told = n > 0; err != nil || !told {
			return err
		}
		_, _, err = tx.WorkAdd(ctx, work, 0)
		return err
	})
	return told, fail("tell of a trouble", err)
}

// NotifyStateWell notes that a trouble looks mended, if there is one.
func (s *Store) NotifyStateWell(ctx context.Context, name string) error {
	_, err := s.exec(ctx, "UPDATE notify_state SET wellms = ? WHERE name = ? AND wellms = 0",
		s.now().UnixMilli(), cut(name, notifyNameWidth))
	return fail("note the end of a trouble", err)
}

// NotifyStateEnd forgets a trouble that still looks mended since wellMS, or is still there for 0, and
// adds the work that tells people, if given.
func (s *Store) NotifyStateEnd(ctx context.Context, name string, wellMS int64, work *model.Work) (ended bool, err error) {
	err = s.Tx(ctx, func(tx *Store) error {
		n, err := tx.exec(ctx, "DELETE FROM notify_state WHERE name = ? AND wellms = ?", cut(name, notifyNameWidth), wellMS)
		if ended = n > 0; err != nil || !ended || work == nil {
			return err
		}
		_, _, err = tx.WorkAdd(ctx, *work, 0)
		return err
	})
	return ended, fail("end a trouble", err)
}

// NotifyStateList returns the troubles that are going on.
func (s *Store) NotifyStateList(ctx context.Context) ([]model.NotifyState, error) {
	var rows []model.NotifyState
	return rows, fail("list troubles", s.read(ctx).Order("name").Find(&rows).Error)
}
