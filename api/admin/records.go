package admin

import (
	"context"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Records reads stored pushes, newest first.
type Records interface {
	ComponentRecordList(ctx context.Context, f model.ComponentRecordFilter) (model.Page[model.ComponentRecord], error)
	BizRecordList(ctx context.Context, f model.BizRecordFilter) (model.Page[model.BizRecord], error)
}

// listReq is what both lists of pushes take. Times are unix seconds.
type listReq struct {
	StartTime int64  `query:"startTime"`
	EndTime   int64  `query:"endTime"` // 0 is now
	Offset    int    `query:"offset"`
	Limit     int    `query:"limit"`  // default 15, at most 200
	Cursor    string `query:"cursor"` // nextCursor of the page before; offset is ignored then
}

// Bounds of a page.
const (
	defaultLimit = 15
	maxLimit     = 200
)

// bounds checks the request and fills in what it leaves open. A limit beyond the largest page gets
// the largest page: old clients ask for more.
func (r *listReq) bounds() error {
	switch {
	case r.Offset < 0:
		return errno.Param("offset", "must be at least 0")
	case r.Limit < 0:
		return errno.Param("limit", "must be at least 1")
	case r.Limit == 0:
		r.Limit = defaultLimit
	case r.Limit > maxLimit:
		r.Limit = maxLimit
	}
	return nil
}

// fromUnix leaves a time that was not given at zero, which does not limit.
func fromUnix(seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// toUnix shows a time that is not known as 0: rows of other programs may have none.
func toUnix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

type componentListReq struct {
	listReq
	InfoType string `query:"infoType"`
}

type componentRecord struct {
	ID          int64  `json:"id"`
	ReceiveTime int64  `json:"receiveTime"`
	CreateTime  int64  `json:"createTime"`
	InfoType    string `json:"infoType"`
	PostBody    string `json:"postBody"`
}

type componentListRes struct {
	page
	Records []componentRecord `json:"records"`
}

// page is what both lists answer beside their records. Total is exact up to 10 000.
type page struct {
	Total       int64  `json:"total"`
	TotalCapped bool   `json:"totalCapped,omitempty"`
	NextCursor  string `json:"nextCursor,omitempty"` // empty on the last page
}

func (h *Handlers) componentRecords(ctx context.Context, req *componentListReq) (*componentListRes, error) {
	if err := req.bounds(); err != nil {
		return nil, err
	}
	list, err := h.Records.ComponentRecordList(ctx, model.ComponentRecordFilter{
		From: fromUnix(req.StartTime), To: fromUnix(req.EndTime), InfoType: req.InfoType,
		Cursor: req.Cursor, Offset: req.Offset, Limit: req.Limit,
	})
	if err != nil {
		return nil, err
	}
	res := &componentListRes{page: pageOf(list), Records: make([]componentRecord, 0, len(list.Rows))}
	for _, r := range list.Rows {
		res.Records = append(res.Records, toComponentRecord(r))
	}
	return res, nil
}

func toComponentRecord(r model.ComponentRecord) componentRecord {
	return componentRecord{r.ID, toUnix(r.ReceiveTime), toUnix(r.CreateTime), r.InfoType, r.PostBody}
}

type bizListReq struct {
	listReq
	AppID   string `query:"appid"`
	MsgType string `query:"msgType"`
	Event   string `query:"event"`
}

type bizRecord struct {
	ID          int64  `json:"id"`
	ReceiveTime int64  `json:"receiveTime"`
	CreateTime  int64  `json:"createTime"`
	AppID       string `json:"appid"`
	ToUserName  string `json:"toUserName"`
	MsgType     string `json:"msgType"`
	Event       string `json:"event"`
	PostBody    string `json:"postBody"`
}

type bizListRes struct {
	page
	Records []bizRecord `json:"records"`
}

func (h *Handlers) bizRecords(ctx context.Context, req *bizListReq) (*bizListRes, error) {
	if err := req.bounds(); err != nil {
		return nil, err
	}
	list, err := h.Records.BizRecordList(ctx, model.BizRecordFilter{
		From: fromUnix(req.StartTime), To: fromUnix(req.EndTime),
		AppID: req.AppID, MsgType: req.MsgType, Event: req.Event,
		Cursor: req.Cursor, Offset: req.Offset, Limit: req.Limit,
	})
	if err != nil {
		return nil, err
	}
	res := &bizListRes{page: pageOf(list), Records: make([]bizRecord, 0, len(list.Rows))}
	for _, r := range list.Rows {
		res.Records = append(res.Records, toBizRecord(r))
	}
	return res, nil
}

func toBizRecord(r model.BizRecord) bizRecord {
	return bizRecord{r.ID, toUnix(r.ReceiveTime), toUnix(r.CreateTime), r.AppID, r.ToUserName, r.MsgType, r.Event, r.PostBody}
}

func pageOf[T any](p model.Page[T]) page {
	return page{Total: p.Total, TotalCapped: p.TotalCapped, NextCursor: p.NextCursor}
}
