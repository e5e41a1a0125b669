package dao

import (
	"context"
	"slices"
	"strconv"
	"time"

	"wxcomponent/db/model"
)

const (
	rowsOfPlace  = 1000 // pushes of one second that are looked through, at most
	placesAtOnce = 50
)

func pushColumns(channel int8) string {
	if channel == model.ChannelComponent {
		return "p.id, p.receivetime, p.createtime, p.infotype, p.appid"
	}
	return bizColumns
}

// PushRows returns the pushes with the keys, in the order of the list; those that are gone are left
// out. Bodies end after the given number of characters; 0 means that they are whole.
func (s *Store) PushRows(ctx context.Context, keys []model.PushKey, characters int) ([]model.PushRow, error) {
	body := ", COALESCE(p.fullbody, p.postbody) AS body"
	if characters > 0 {
		body = ", SUBSTR(CASE WHEN " + onlyPostBody + " THEN p.postbody ELSE p.fullbody END, 1, " + strconv.Itoa(characters) + ") AS body"
	}
	var all []model.PushRow
	for _, channel := range []int8{model.ChannelComponent, model.ChannelBiz} {
		var ids []int64
		for _, k := range keys {
			if k.Channel == channel {
				ids = append(ids, k.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		var rows []model.PushRow
		err := s.read(ctx).Raw("SELECT "+pushColumns(channel)+body+" FROM "+pushTable(channel)+" p WHERE p.id IN ?", ids).
			Scan(&rows).Error
		if err != nil {
			return nil, fail("read pushes", err)
		}
		all = append(all, s.ofChannel(rows, channel)...)
	}
	slices.SortFunc(all, func(a, b model.PushRow) int { return comparePushKeys(a.Key(), b.Key()) })
	return all, nil
}

// ofChannel completes what was read of the pushes of a channel.
func (s *Store) ofChannel(rows []model.PushRow, channel int8) []model.PushRow {
	for i := range rows {
		rows[i].Channel = channel
		rows[i].Body = s.wholeBody(rows[i].Body)
	}
	return rows
}

// PushAt returns the pushes that were received at the places, whole.
func (s *Store) PushAt(ctx context.Context, places []model.PushPlace) ([]model.PushRow, error) {
	var all []model.PushRow
	for _, channel := range []int8{model.ChannelComponent, model.ChannelBiz} {
		w := &where{}
		for _, p := range places {
			switch {
			case p.Channel != channel:
			case channel == model.ChannelComponent:
				w.add("receivetime = ?", timeAt(p.At))
			default:
				w.add("appid = ? AND receivetime = ?", narrow(p.AppID, keyWidth), timeAt(p.At))
			}
		}
		rows, err := s.pushAt(ctx, channel, w)
		if err != nil {
			return nil, fail("find the pushes of deliveries", err)
		}
		all = append(all, s.ofChannel(rows, channel)...)
	}
	return all, nil
}

func (s *Store) pushAt(ctx context.Context, channel int8, w *where) (all []model.PushRow, err error) {
	index := s.pushIndex(channel, true)
	perPlace := 1
	if len(w.parts) > 0 {
		perPlace = len(w.args) / len(w.parts)
	}
	for from := 0; from < len(w.parts); from += placesAtOnce {
		to := min(from+placesAtOnce, len(w.parts))
		some := &where{w.parts[from:to], w.args[from*perPlace : to*perPlace]}
		var rows []model.PushRow
		err := s.read(ctx).Raw("SELECT "+pushColumns(channel)+", COALESCE(p.fullbody, p.postbody) AS body FROM "+
			"(SELECT id FROM "+index+" WHERE "+some.or()+" LIMIT ?) k JOIN "+pushTable(channel)+" p ON p.id = k.id",
			append(some.args, rowsOfPlace*(to-from))...).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// PushSince counts the pushes of both channels since a time, up to a number.
func (s *Store) PushSince(ctx context.Context, since time.Time, most int) (int64, error) {
	w := receivedWithin(since, time.Time{})
	var total int64
	for _, channel := range []int8{model.ChannelComponent, model.ChannelBiz} {
		n, err := s.pushCount(ctx, pushTable(channel), w, most)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// PushRangeCount counts the pushes of a channel within the times, up to a number; on ChannelBiz those
// of an account, if one is given.
func (s *Store) PushRangeCount(ctx context.Context, r model.PushRange, most int) (int64, error) {
	w := receivedWithin(r.From, r.To)
	byAccount := r.Channel == model.ChannelBiz && r.AppID != ""
	if byAccount {
		w.equal("appid", narrow(r.AppID, keyWidth))
	}
	return s.pushCount(ctx, s.pushIndex(r.Channel, byAccount), w, most)
}

func (s *Store) pushCount(ctx context.Context, index string, w *where, most int) (n int64, err error) {
	err = s.read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM "+index+w.String()+" LIMIT ?) x",
		append(w.clone().args, most)...).Scan(&n).Error
	return n, fail("count pushes", err)
}
