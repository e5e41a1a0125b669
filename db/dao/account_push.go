package dao

import (
	"context"

	"wxcomponent/db"
	"wxcomponent/db/model"
)

// An index of messages by account grows in as many places as there are accounts. SQLite logs whole
// pages: with such an index a transaction logs nearly a page for each message. Therefore its messages
// are entered in account_push, many at a time. The view biz_of_account is that table and the messages
// behind it, which are few enough to be read through.
const (
	enterFrom  = 2048 // messages are entered when so many are not
	enterTimes = 4    // one transaction enters this many times as many at the most
	lookTimes  = 8    // they are counted this many times until they are so many
)

// pushIndex returns what pushes are found in by time, or by account and time. It has no more columns
// than the index needs to tell which they are and of what kind.
func (s *Store) pushIndex(channel int8, byAccount bool) string {
	if s.db.Dialect == db.SQLite && channel == model.ChannelBiz && byAccount {
		return "biz_of_account"
	}
	return pushTable(channel)
}

// enterByAccount is called in the transaction that stored so many messages.
func (s *Store) enterByAccount(ctx context.Context, messages int) error {
	if s.db.Dialect != db.SQLite || messages == 0 || s.unseen.Add(int64(messages)) < s.enterFrom/lookTimes {
		return nil
	}
	s.unseen.Store(0)
	var last struct{ Stored, Entered int64 }
	err := s.read(ctx).Raw("SELECT MAX(id) AS stored, (SELECT id FROM account_push_upto) AS entered FROM wxcallback_biz").
		Scan(&last).Error
	if err != nil || last.Stored-last.Entered < s.enterFrom {
		return err
	}
	upto := min(last.Stored, last.Entered+enterTimes*s.enterFrom)
	_, err = s.exec(ctx, "INSERT OR IGNORE INTO account_push SELECT appid, receivetime, id, msgtype, event FROM wxcallback_biz"+
		" WHERE id > ? AND id <= ? ORDER BY appid, receivetime, id", last.Entered, upto)
	if err == nil {
		_, err = s.exec(ctx, "UPDATE account_push_upto SET id = ?", upto)
	}
	return err
}
