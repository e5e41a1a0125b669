package dao

import (
	"context"
	"strconv"

	"wxcomponent/db/model"
)

func notifyAAD(column string, id int64) string {
	return "notify_channel." + column + ":" + strconv.FormatInt(id, 10)
}

// NotifyChannelList returns all channels, oldest first.
func (s *Store) NotifyChannelList(ctx context.Context) ([]model.NotifyChannel, error) {
	rows := []model.NotifyChannel{}
	if err := s.read(ctx).Order("id").Find(&rows).Error; err != nil {
		return nil, fail("list notification channels", err)
	}
	for i := range rows {
		if err := s.notifyOpen(&rows[i]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// NotifyChannelGet returns a channel, or model.ErrNotFound.
func (s *Store) NotifyChannelGet(ctx context.Context, id int64) (model.NotifyChannel, error) {
	var row model.NotifyChannel
	if err := s.read(ctx).Where("id = ?", id).Take(&row).Error; err != nil {
		return row, fail("find the notification channel", err)
	}
	return row, s.notifyOpen(&row)
}

func (s *Store) notifyOpen(row *model.NotifyChannel) (err error) {
	if row.URL, err = s.open(row.URL, notifyAAD("url", row.ID)); err != nil {
		return fail("open the address of a notification channel", err)
	}
	row.Secret, err = s.open(row.Secret, notifyAAD("secret", row.ID))
	return fail("open the secret of a notification channel", err)
}

// NotifyChannelCreate stores a new channel and returns its id. The revision is raised, here and in
// the other methods that change channels.
func (s *Store) NotifyChannelCreate(ctx context.Context, c model.NotifyChannel) (id int64, err error) {
	err = s.Tx(ctx, func(tx *Store) error {
		row := c
		row.ID, row.URL, row.Secret = 0, "", "" // they are sealed for the id
		row.CreateMS, row.UpdateMS = s.now().UnixMilli(), s.now().UnixMilli()
		if err := tx.w.WithContext(ctx).Create(&row).Error; err != nil {
			return err
		}
		id = row.ID
		row.URL, row.Secret = c.URL, c.Secret
		return tx.NotifyChannelUpdate(ctx, row)
	})
	return id, fail("store the notification channel", err)
}

// NotifyChannelUpdate changes what people set of a channel, or returns model.ErrNotFound.
func (s *Store) NotifyChannelUpdate(ctx context.Context, c model.NotifyChannel) error {
	url, err := s.seal(c.URL, notifyAAD("url", c.ID))
	if err != nil {
		return fail("seal the address of a notification channel", err)
	}
	secret, err := s.seal(c.Secret, notifyAAD("secret", c.ID))
	if err != nil {
		return fail("seal the secret of a notification channel", err)
	}
	set := assignments{}
	set.put("name", c.Name)
	set.put("kind", c.Kind)
	set.put("url", url)
	set.put("secret", secret)
	set.put("language", c.Language)
	set.put("events", c.Events)
	set.put("enabled", c.Enabled)
	return fail("change the notification channel", s.forwardUpdate(ctx, "notify_channel", c.ID, set))
}

// NotifyChannelDelete removes a channel and all that was or is to be sent to it, or returns
// model.ErrNotFound.
func (s *Store) NotifyChannelDelete(ctx context.Context, id int64) error {
	return fail("delete the notification channel", s.Tx(ctx, func(tx *Store) error {
		for _, table := range []string{"notify_item", "notify_message"} {
			if _, err := tx.exec(ctx, "DELETE FROM "+table+" WHERE channelid = ?", id); err != nil {
				return err
			}
		}
		return tx.forwardDelete(ctx, "notify_channel", id)
	}))
}

// NotifyMessageList returns the newest messages of all channels, newest first.
func (s *Store) NotifyMessageList(ctx context.Context, limit int) ([]model.NotifyMessage, error) {
	rows := []model.NotifyMessage{}
	err := s.read(ctx).Order("updatems DESC, id DESC").Limit(limit).Find(&rows).Error
	return rows, fail("list notifications", err)
}
