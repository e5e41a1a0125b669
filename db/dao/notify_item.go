package dao

import (
	"context"
	"time"

	"wxcomponent/db"
	"wxcomponent/db/model"
)

// NotifyItemAdd adds an item that waits to be sent, unless its channel has had that event before.
func (s *Store) NotifyItemAdd(ctx context.Context, item model.NotifyItem) (added bool, err error) {
	_, err = s.exec(ctx, "INSERT INTO notify_item (channelid, ekey, payload, state, createms) VALUES (?, ?, ?, ?, ?)",
		item.ChannelID, cut(item.EventKey, workKeyWidth), item.Payload, model.NotifyWaiting, s.now().UnixMilli())
	if db.IsDuplicate(err) {
		return false, nil
	}
	return err == nil, fail("store a notification", err)
}

// NotifyItemWaiting returns items of a channel that are to be sent, oldest first.
func (s *Store) NotifyItemWaiting(ctx context.Context, channelID int64, limit int) ([]model.NotifyItem, error) {
	var rows []model.NotifyItem
	err := s.write(ctx).Where("state = ? AND channelid = ?", model.NotifyWaiting, channelID).
		Order("id").Limit(limit).Find(&rows).Error
	return rows, fail("list notifications to send", err)
}

// NotifyWaitingChannels returns the ids of the channels that items wait for.
func (s *Store) NotifyWaitingChannels(ctx context.Context) (ids []int64, err error) {
	err = s.read(ctx).Raw("SELECT DISTINCT channelid FROM notify_item WHERE state = ?", model.NotifyWaiting).Scan(&ids).Error
	return ids, fail("find channels with notifications to send", err)
}

// NotifyMissedCount is how many items of a channel were given up without a later message telling of it.
func (s *Store) NotifyMissedCount(ctx context.Context, channelID int64) (n int, err error) {
	err = s.write(ctx).Raw("SELECT COUNT(*) FROM notify_item WHERE state = ? AND channelid = ?",
		model.NotifyMissed, channelID).Scan(&n).Error
	return n, fail("count missed notifications", err)
}

// NotifyItemDrop gives up what waits for a channel that is not to get it.
func (s *Store) NotifyItemDrop(ctx context.Context, channelID int64) error {
	_, err := s.exec(ctx, "UPDATE notify_item SET state = ? WHERE state = ? AND channelid = ?",
		model.NotifyDropped, model.NotifyWaiting, channelID)
	return fail("drop notifications", err)
}

// NotifyRecord stores what an attempt came to: with the message, with its items, and with the
// channel. A message of the same item of work that is still being tried is continued. A delivered
// message has told of all items that were missed before.
func (s *Store) NotifyRecord(ctx context.Context, o model.NotifyOutcome) error {
	return fail("record a notification", s.Tx(ctx, func(tx *Store) error {
		m := o.Message
		for ids := o.ItemIDs; len(ids) > 0; {
			n := min(len(ids), 500)
			_, err := tx.exec(ctx, "UPDATE notify_item SET state = ? WHERE id IN ? AND state = ?",
				o.Items, ids[:n], model.NotifyWaiting)
			if err != nil {
				return err
			}
			ids = ids[n:]
		}
		if m.State == model.NotifyDelivered && !m.Test {
			_, err := tx.exec(ctx, "UPDATE notify_item SET state = ? WHERE state = ? AND channelid = ?",
				model.NotifyMentioned, model.NotifyMissed, m.ChannelID)
			if err != nil {
				return err
			}
		}
		if err := tx.notifyMessage(ctx, m); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "UPDATE notify_channel SET lastms = ?, lastok = ?, lasterror = ? WHERE id = ?",
			s.now().UnixMilli(), m.State == model.NotifyDelivered, cut(m.Error, 500), m.ChannelID)
		return err
	}))
}

func (s *Store) notifyMessage(ctx context.Context, m model.NotifyMessage) error {
	m.Title, m.Body, m.Error = cut(m.Title, 191), cut(m.Body, 16000), cut(m.Error, 500)
	now := s.now().UnixMilli()
	if m.WorkID != 0 {
		n, err := s.exec(ctx, "UPDATE notify_message SET state = ?, events = ?, title = ?, body = ?, error = ?, attempt = ?,"+
			" updatems = ? WHERE workid = ? AND state = ? AND channelid = ?",
			m.State, m.Events, m.Title, m.Body, m.Error, m.Attempt, now, m.WorkID, model.NotifyTrying, m.ChannelID)
		if err != nil || n > 0 {
			return err
		}
	}
	m.ID, m.CreateMS, m.UpdateMS = 0, now, now
	return s.write(ctx).Create(&m).Error
}

// NotifyPrune removes up to limit items and messages that ended before the time.
func (s *Store) NotifyPrune(ctx context.Context, before time.Time, limit int) (int, error) {
	items, err := s.prune(ctx, "notify_item", "id", "createms < ? AND state <> ? ORDER BY createms", limit,
		before.UnixMilli(), model.NotifyWaiting)
	if err != nil {
		return 0, fail("remove old notifications", err)
	}
	messages, err := s.prune(ctx, "notify_message", "id", "updatems < ? ORDER BY updatems", limit, before.UnixMilli())
	return max(items, messages), fail("remove old notifications", err)
}

// NotifyItemRevive lets what was given up be sent after all, and returns how many items that are.
func (s *Store) NotifyItemRevive(ctx context.Context, channelID int64) (int, error) {
	n, err := s.exec(ctx, "UPDATE notify_item SET state = ? WHERE state = ? AND channelid = ?",
		model.NotifyWaiting, model.NotifyMissed, channelID)
	return int(n), fail("send missed notifications again", err)
}
