package dao

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wxcomponent/db/model"
)

// PushScan looks at about n pushes of the list of both channels, beyond a place in it or from its
// beginning, and returns those that the filter lets through. What an index can find it finds at once,
// however many pushes there are; what remains of the filter is asked of the n pushes alone.
func (s *Store) PushScan(ctx context.Context, f model.PushFilter, beyond *model.PushKey, n int) (model.PushScan, error) {
	var scan model.PushScan
	var all []foundPush
	var reached *model.PushKey // beyond it, some source was not looked at
	for _, source := range pushSources(f) {
		rows, err := s.scanSource(ctx, source, beyond, n)
		if err != nil {
			return scan, fail("list pushes", err)
		}
		all = append(all, rows...)
		scan.Looked += len(rows)
		if len(rows) < n {
			continue
		}
		if last := rows[n-1].key(source.channel); reached == nil || comparePushKeys(last, *reached) < 0 {
			reached = &last
		}
	}
	seen := make(map[model.PushKey]bool, len(all))
	for _, row := range all {
		key := row.key(row.Channel)
		if row.OK && !seen[key] && (reached == nil || comparePushKeys(key, *reached) <= 0) {
			seen[key] = true
			scan.Keys = append(scan.Keys, key)
		}
	}
	slices.SortFunc(scan.Keys, comparePushKeys)
	scan.Last = reached
	return scan, nil
}

// comparePushKeys orders pushes as the list does.
func comparePushKeys(a, b model.PushKey) int {
	return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID), cmp.Compare(b.Channel, a.Channel))
}

const ticketType = "component_verify_ticket"

// pushSource is an index that holds a part of the list in its order.
type pushSource struct {
	channel   int8
	byAccount bool
	columns   string   // that rest asks for, all of them in the index
	index     where    // what the index is entered by
	rest      where    // what remains to be asked of each row
	texts     []string // that the body has to hold
}

// pushSources chooses the indexes that together hold all that the filter lets through.
func pushSources(f model.PushFilter) []pushSource {
	var list []pushSource
	if f.Channel != model.ChannelBiz && f.MsgType == "" && f.Event == "" {
		list = append(list, componentSources(f)...)
	}
	if f.Channel != model.ChannelComponent && len(f.InfoTypes) == 0 {
		list = append(list, bizSources(f)...)
	}
	for i := range list {
		if f.Text != "" {
			list[i].texts = append(list[i].texts, f.Text)
		}
		w := receivedWithin(f.From, f.To)
		list[i].index.parts = append(list[i].index.parts, w.parts...)
		list[i].index.args = append(list[i].index.args, w.args...)
	}
	return list
}

func componentSources(f model.PushFilter) []pushSource {
	types := slices.Clone(f.InfoTypes)
	if f.Kind != "" {
		if len(types) > 0 && !slices.Contains(types, f.Kind) {
			return nil
		}
		types = []string{f.Kind}
	}
	for i := range types {
		types[i] = narrow(types[i], keyWidth)
	}
	if f.AppID != "" {
		source := pushSource{channel: model.ChannelComponent, columns: ", infotype"}
		source.index.equal("appid", narrow(f.AppID, keyWidth))
		// Events about many accounts are entered without one; they are as rare as those about none, but for
		// the ticket.
		ofMany := pushSource{channel: model.ChannelComponent, columns: ", infotype", texts: []string{f.AppID}}
		ofMany.index.add("appid = '' AND infotype <> ?", ticketType)
		if len(types) > 0 {
			source.rest.add("k.infotype IN ?", types)
			ofMany.rest.add("k.infotype IN ?", types)
		}
		return []pushSource{source, ofMany}
	}
	if len(types) == 0 {
		return []pushSource{{channel: model.ChannelComponent}}
	}
	list := make([]pushSource, len(types))
	for i, kind := range types {
		list[i].channel = model.ChannelComponent
		list[i].index.equal("infotype", kind)
	}
	return list
}

func bizSources(f model.PushFilter) []pushSource {
	appid, msgType := narrow(f.AppID, keyWidth), narrow(f.MsgType, keyWidth)
	event, kind := narrow(f.Event, keyWidth), narrow(f.Kind, keyWidth)
	one := pushSource{channel: model.ChannelBiz}
	switch {
	case appid != "":
		one.byAccount, one.columns = true, ", msgtype, event"
		one.index.equal("appid", appid)
		one.rest.equal("k.msgtype", msgType)
		one.rest.equal("k.event", event)
		if kind != "" {
			one.rest.add("(k.msgtype = ? OR k.event = ?)", kind, kind)
		}
	case event != "":
		one.columns = ", msgtype, event"
		one.index.equal("event", event)
		one.rest.equal("k.msgtype", msgType)
		if kind != "" {
			one.rest.add("(k.msgtype = ? OR k.event = ?)", kind, kind)
		}
	case kind != "" && msgType == "":
		other := pushSource{channel: model.ChannelBiz}
		one.index.equal("msgtype", kind)
		other.index.equal("event", kind)
		return []pushSource{one, other}
	case kind != "" && kind != msgType:
		one.columns = ", msgtype"
		one.index.equal("event", kind)
		one.rest.equal("k.msgtype", msgType)
	case msgType != "":
		one.index.equal("msgtype", msgType)
	}
	return []pushSource{one}
}

// foundPush is an entry of an index.
type foundPush struct {
	ReceiveTime time.Time `gorm:"column:receivetime"`
	ID          int64     `gorm:"column:id"`
	OK          bool      `gorm:"column:ok"`
	Channel     int8      `gorm:"-"`
}

func (r foundPush) key(channel int8) model.PushKey {
	return model.PushKey{At: r.ReceiveTime.Unix(), ID: r.ID, Channel: channel}
}

func (s *Store) scanSource(ctx context.Context, source pushSource, beyond *model.PushKey, n int) ([]foundPush, error) {
	w := source.index.clone()
	if beyond != nil {
		at, id := timeAt(beyond.At), beyond.ID
		if source.channel < beyond.Channel {
			id++ // the one with the same time and id comes after
		}
		w.add("receivetime <= ? AND (receivetime < ? OR id < ?)", at, at, id)
	}
	inner := "SELECT receivetime, id" + source.columns + " FROM " + s.pushIndex(source.channel, source.byAccount) + w.String() +
		" ORDER BY receivetime DESC, id DESC LIMIT ?"
	args := append(w.args, n)
	query := "SELECT k.receivetime, k.id, 1 AS ok FROM (" + inner + ") k"
	if rest := source.rest.clone(); len(source.texts) > 0 || len(rest.parts) > 0 {
		join := ""
		if len(source.texts) > 0 {
			join = " JOIN " + pushTable(source.channel) + " p ON p.id = k.id"
		}
		for _, text := range source.texts {
			rest.add("CASE WHEN "+onlyPostBody+" THEN p.postbody LIKE ? ESCAPE '!' ELSE p.fullbody LIKE ? ESCAPE '!' END",
				likePattern(basic(text)), likePattern(text))
		}
		query = "SELECT k.receivetime, k.id, CASE WHEN " + rest.and() + " THEN 1 ELSE 0 END AS ok FROM (" + inner + ") k" + join
		args = append(rest.args, args...)
	}
	var rows []foundPush
	err := s.read(ctx).Raw(query+" ORDER BY k.receivetime DESC, k.id DESC", args...).Scan(&rows).Error
	for i := range rows {
		rows[i].Channel = source.channel
	}
	return rows, err
}
