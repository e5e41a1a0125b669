package dao

import (
	"context"
	"time"

	"wxcomponent/db/model"
)

// ComponentRecordList returns authorization events, newest first.
func (s *Store) ComponentRecordList(ctx context.Context, f model.ComponentRecordFilter) (model.Page[model.ComponentRecord], error) {
	w := receivedWithin(f.From, f.To)
	w.equal("infotype", narrow(f.InfoType, keyWidth))
	return recordList(ctx, s, recordQuery{
		table: "wxcallback_component", index: "wxcallback_component", columns: "p.id, p.receivetime, p.createtime, p.infotype",
		where: w, cursor: f.Cursor, offset: f.Offset, limit: f.Limit,
	}, componentBody, func(r model.ComponentRecord) position { return position{r.ReceiveTime.Unix(), r.ID} })
}

// BizRecordList returns messages and events of accounts, newest first.
func (s *Store) BizRecordList(ctx context.Context, f model.BizRecordFilter) (model.Page[model.BizRecord], error) {
	w := receivedWithin(f.From, f.To)
	w.equal("appid", narrow(f.AppID, keyWidth))
	w.equal("msgtype", narrow(f.MsgType, keyWidth))
	w.equal("event", narrow(f.Event, keyWidth))
	return recordList(ctx, s, recordQuery{
		table: "wxcallback_biz", index: s.pushIndex(model.ChannelBiz, f.AppID != ""), columns: bizColumns,
		where: w, cursor: f.Cursor, offset: f.Offset, limit: f.Limit,
	}, bizBody, func(r model.BizRecord) position { return position{r.ReceiveTime.Unix(), r.ID} })
}

const bizColumns = "p.id, p.receivetime, p.createtime, p.tousername, p.appid, p.msgtype, p.event, COALESCE(p.held, 0) AS held"

// ComponentRecordGet returns one authorization event, or model.ErrNotFound.
func (s *Store) ComponentRecordGet(ctx context.Context, id int64) (model.ComponentRecord, error) {
	return recordGet(ctx, s, "wxcallback_component", "p.id, p.receivetime, p.createtime, p.infotype", id, componentBody)
}

// BizRecordGet returns one message or event, or model.ErrNotFound.
func (s *Store) BizRecordGet(ctx context.Context, id int64) (model.BizRecord, error) {
	return recordGet(ctx, s, "wxcallback_biz", bizColumns, id, bizBody)
}

func componentBody(r *model.ComponentRecord) *string { return &r.PostBody }
func bizBody(r *model.BizRecord) *string             { return &r.PostBody }

func recordGet[T any](
	ctx context.Context, s *Store, table, columns string, id int64, body func(*T) *string,
) (row T, err error) {
	var rows []T
	err = s.read(ctx).Raw("SELECT "+columns+bodyColumn+" FROM "+table+" p WHERE p.id = ?", id).Scan(&rows).Error
	if err == nil && len(rows) == 0 {
		err = model.ErrNotFound
	}
	if err != nil {
		return row, fail("find a push", err)
	}
	restoreBodies(s, rows, body)
	return rows[0], nil
}

// restoreBodies turns what rows hold of whole bodies into the bodies.
func restoreBodies[T any](s *Store, rows []T, body func(*T) *string) {
	for i := range rows {
		b := body(&rows[i])
		*b = s.wholeBody(*b)
	}
}

func receivedWithin(from, to time.Time) *where {
	w := &where{}
	if !from.IsZero() {
		w.add("receivetime >= ?", seconds(from))
	}
	if !to.IsZero() {
		w.add("receivetime <= ?", seconds(to))
	}
	return w
}

const bodyColumn = ", COALESCE(p.fullbody, p.postbody) AS postbody"

type recordQuery struct {
	table, columns string
	index          string // that the rows are found in
	where          *where
	cursor         string
	offset, limit  int
}

// recordList finds the ids of a page in an index, and then reads only those rows.
func recordList[T any](
	ctx context.Context, s *Store, q recordQuery, body func(*T) *string, at func(T) position,
) (page model.Page[T], err error) {
	after, err := parseCursor(q.cursor)
	if err != nil {
		return page, err
	}
	var total int64
	err = s.read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM "+q.index+q.where.String()+" LIMIT ?) x",
		append(q.where.clone().args, MaxTotal+1)...).Scan(&total).Error
	if err != nil {
		return page, fail("count pushes", err)
	}
	capTotal(&page, total)
	w := q.where.clone()
	if after != nil {
		t := timeAt(after.at)
		w.add("receivetime <= ? AND (receivetime < ? OR id < ?)", t, t, after.id)
	}
	var rows []T
	err = s.read(ctx).Raw("SELECT "+q.columns+bodyColumn+" FROM (SELECT id, receivetime FROM "+q.index+w.String()+
		" ORDER BY receivetime DESC, id DESC LIMIT ? OFFSET ?) k JOIN "+q.table+" p ON p.id = k.id"+
		" ORDER BY p.receivetime DESC, p.id DESC", append(w.args, q.limit+1, q.offset)...).Scan(&rows).Error
	if err != nil {
		return page, fail("list pushes", err)
	}
	restoreBodies(s, rows, body)
	trim(&page, rows, q.limit, at)
	return page, nil
}
