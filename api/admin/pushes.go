package admin

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/auth"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/push/pushlog"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// PushLog is the log of all pushes.
type PushLog interface {
	List(ctx context.Context, q pushlog.Query) (*pushlog.Page, error)
	Tail(ctx context.Context, f model.PushFilter, limit int) ([]model.PushRow, error)
	Get(ctx context.Context, channel event.Channel, id int64) (*pushlog.Detail, error)
	States(ctx context.Context, keys []model.PushKey) ([]pushlog.State, error)
	Release(ctx context.Context, id int64) error
	Pulse(ctx context.Context) (*pushlog.Pulse, error)
}

// PushHandlers are the endpoints of the log of pushes.
type PushHandlers struct {
	log      PushLog
	now      func() time.Time
	lasts    func(context.Context, auth.Identity) (bool, error) // whether a login still counts
	stopping <-chan struct{}
	streams  chan struct{} // places
}

// NewPushes returns the endpoints of the log of pushes. Streams end when stopping is closed, or soon
// after their login no longer lasts.
func NewPushes(
	l PushLog, now func() time.Time, lasts func(context.Context, auth.Identity) (bool, error), stopping <-chan struct{},
) *PushHandlers {
	return &PushHandlers{l, now, lasts, stopping, make(chan struct{}, maxStreams)}
}

// Routes lists the endpoints, relative to /wxcomponent.
func (h *PushHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/push-list", "Pushes of both channels, newest first", h.list),
		api.GET("/admin/push", "One push in full, and as targets get it", h.get),
		api.GET("/admin/push-state-list", "What became of pushes on their way to targets", h.states),
		api.GET("/admin/push-pulse", "How receiving and forwarding go at the moment", h.pulse),
		api.POST("/admin/push-release", "Handle and deliver a message that is held", h.release).Audited("push.release"),
		h.stream(),
	}
}

// pushFilterReq is what the list and the stream of pushes take. A filter on a field that a channel
// does not have leaves that channel out.
type pushFilterReq struct {
	Channel  string `query:"channel" validate:"omitempty,oneof=component biz"` // default both
	AppID    string `query:"appid" validate:"max=64"`                          // of the account that the push is about
	InfoType string `query:"infoType" validate:"max=500"`                      // several are joined by commas
	MsgType  string `query:"msgType" validate:"max=64"`
	Event    string `query:"event" validate:"max=64"`
	Kind     string `query:"kind" validate:"max=64"`  // InfoType, Event or MsgType
	Text     string `query:"text" validate:"max=200"` // part of the body
}

const maxInfoTypes = 20

func (r *pushFilterReq) filter() (model.PushFilter, error) {
	f := model.PushFilter{
		Channel: pushlog.ChannelNumber(r.Channel), AppID: r.AppID, MsgType: r.MsgType, Event: r.Event, Kind: r.Kind, Text: r.Text,
	}
	for kind := range strings.SplitSeq(r.InfoType, ",") {
		if kind = strings.TrimSpace(kind); kind != "" && !slices.Contains(f.InfoTypes, kind) {
			f.InfoTypes = append(f.InfoTypes, kind)
		}
	}
	if len(f.InfoTypes) > maxInfoTypes {
		return f, errno.Param("infoType", "must be at most 20")
	}
	return f, nil
}

type pushListReq struct {
	pushFilterReq
	StartTime int64  `query:"startTime"`                // unix seconds
	EndTime   int64  `query:"endTime"`                  // 0 is now
	ID        string `query:"id" validate:"max=128"`    // "biz-12", 12 or an identity; other filters do not count beside it
	Outcome   string `query:"outcome"`                  // pending, delivered, dead, cancelled, or failed: of one of its calls
	Target    string `query:"target" validate:"max=32"` // key, with outcome
	Cursor    string `query:"cursor"`
	Limit     int    `query:"limit" validate:"min=0,max=200"` // default 50
}

type pushListRes struct {
	Records    []pushRecord `json:"records"`
	NextCursor string       `json:"nextCursor,omitempty"`
	// SearchedTo is how far back a search has come that ended early, in unix seconds; the next page
	// goes on with it. Absent when the search was complete.
	SearchedTo int64 `json:"searchedTo,omitempty"`
}

type pushRecord struct {
	Channel     string `json:"channel" enum:"component,biz"`
	ID          int64  `json:"id"` // within its channel
	ReceiveTime int64  `json:"receiveTime"`
	CreateTime  int64  `json:"createTime"`
	InfoType    string `json:"infoType,omitempty"`
	AppID       string `json:"appid,omitempty"` // of the account that the push is about
	ToUserName  string `json:"toUserName,omitempty"`
	MsgType     string `json:"msgType,omitempty"`
	Event       string `json:"event,omitempty"`
	Unreadable  bool   `json:"unreadable,omitempty"` // no field that says what it is could be read
	// Held tells of a message that came to the address of another account than its own: it is neither handled
	// nor delivered while it waits for somebody to release it.
	Held     string `json:"held,omitempty" enum:"waiting,released"`
	Preview  string `json:"preview"`            // the body's beginning, or what was searched for in it
	PostBody string `json:"postBody,omitempty"` // in streams
}

func pushRecordOf(r model.PushRow) pushRecord {
	return pushRecord{
		Channel: string(pushlog.Channel(r)), ID: r.ID, ReceiveTime: r.ReceiveTime.Unix(), CreateTime: r.CreateTime.Unix(),
		InfoType: r.InfoType, AppID: r.AppID, ToUserName: r.ToUserName, MsgType: r.MsgType, Event: r.Event,
		Unreadable: r.InfoType == "" && r.MsgType == "" && r.Event == "", Held: heldName(r.Held), Preview: r.Body,
	}
}

func heldName(held int8) string {
	switch held {
	case model.PushHeld:
		return "waiting"
	case model.PushReleased:
		return "released"
	default:
		return ""
	}
}

type releaseReq struct {
	ID api.Int `json:"id" validate:"required"` // of a message
}

func (h *PushHandlers) release(ctx context.Context, req *releaseReq) (*api.None, error) {
	if err := h.log.Release(ctx, int64(req.ID)); err != nil {
		return nil, err
	}
	api.Touched(ctx, pushlog.FormatID(model.PushKey{ID: int64(req.ID), Channel: model.ChannelBiz}))
	return &api.None{}, nil
}

func (h *PushHandlers) list(ctx context.Context, req *pushListReq) (*pushListRes, error) {
	f, err := req.filter()
	if err != nil {
		return nil, err
	}
	f.From, f.To = fromUnix(req.StartTime), fromUnix(req.EndTime)
	page, err := h.log.List(ctx, pushlog.Query{
		PushFilter: f, ID: req.ID, Outcome: forward.DeliveryState(req.Outcome), Target: req.Target,
		Cursor: req.Cursor, Limit: orDefault(req.Limit, defaultPage),
	})
	if err != nil {
		return nil, err
	}
	res := &pushListRes{Records: make([]pushRecord, len(page.Pushes)), NextCursor: page.NextCursor}
	for i, row := range page.Pushes {
		res.Records[i] = pushRecordOf(row)
	}
	if !page.SearchedTo.IsZero() {
		res.SearchedTo = page.SearchedTo.Unix()
	}
	return res, nil
}

type pushReq struct {
	Channel string `query:"channel" validate:"oneof=component biz"`
	ID      int64  `query:"id" validate:"required"`
}

type pushRes struct {
	pushRecord
	Identity string       `json:"identity"`         // the same for every delivery of it
	Defect   string       `json:"defect,omitempty"` // why the body could not be read to its end
	JSON     string       `json:"json"`             // the body as targets that want JSON get it
	Headers  []pushHeader `json:"headers"`          // of a delivery, without those that depend on the target
}

type pushHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (h *PushHandlers) get(ctx context.Context, req *pushReq) (*pushRes, error) {
	d, err := h.log.Get(ctx, event.Channel(req.Channel), req.ID)
	if err != nil {
		return nil, err
	}
	r := d.Rendering
	res := &pushRes{
		pushRecord: pushRecordOf(d.Row), Identity: r.Push.Identity(), Defect: r.Push.Defect, JSON: r.JSON, Headers: headersOf(r.Headers),
	}
	res.PostBody, res.Preview = d.Row.Body, pushlog.Excerpt(d.Row.Body)
	return res, nil
}

func headersOf(header http.Header) []pushHeader {
	list := []pushHeader{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if value := header.Get(name); value != "" {
			list = append(list, pushHeader{name, value})
		}
	}
	return list
}

type pushStatesReq struct {
	IDs string `query:"ids" validate:"required"` // "biz-12,component-3", at most 100
}

type pushStatesRes struct {
	States []pushState `json:"states"`
}

type pushState struct {
	ID        string `json:"id"`      // "biz-12"
	Pending   int64  `json:"pending"` // deliveries
	Delivered int64  `json:"delivered"`
	Dead      int64  `json:"dead"`
	Cancelled int64  `json:"cancelled"`
	Calls     int64  `json:"calls"` // of targets
	Failed    int64  `json:"failed"`
}

const maxStates = 100

func (h *PushHandlers) states(ctx context.Context, req *pushStatesReq) (*pushStatesRes, error) {
	ids := strings.Split(req.IDs, ",")
	if len(ids) > maxStates {
		return nil, errno.Param("ids", "must be at most 100")
	}
	keys := make([]model.PushKey, len(ids))
	for i, text := range ids {
		channel, id, ok := pushlog.ParseID(text)
		if !ok {
			return nil, errno.Param("ids", "must be numbers of pushes, such as biz-12")
		}
		keys[i] = model.PushKey{ID: id, Channel: pushlog.ChannelNumber(string(channel))}
	}
	states, err := h.log.States(ctx, keys)
	if err != nil {
		return nil, err
	}
	res := &pushStatesRes{States: make([]pushState, len(states))}
	for i, s := range states {
		res.States[i] = pushState{pushlog.FormatID(s.Key), s.Pending, s.Delivered, s.Dead, s.Cancelled, s.Calls, s.Failed}
	}
	return res, nil
}

type pulseRes struct {
	PerSecond   float64 `json:"perSecond"` // pushes, of the last minute
	Delivered   int64   `json:"delivered"` // good calls of targets in the last hour
	Failed      int64   `json:"failed"`
	MedianMS    int64   `json:"medianMs"` // of the newest thousand good calls in that hour; 0 without any
	P95MS       int64   `json:"p95Ms"`
	Pending     int64   `json:"pending"` // deliveries, each target's counted up to 10 001
	Dead        int64   `json:"dead"`
	PendingFrom int64   `json:"pendingFrom,omitempty"` // unix milliseconds, when the oldest of them was planned
}

func (h *PushHandlers) pulse(ctx context.Context, _ *api.None) (*pulseRes, error) {
	p, err := h.log.Pulse(ctx)
	if err != nil {
		return nil, err
	}
	res := &pulseRes{
		PerSecond: p.PerSecond, Delivered: p.Delivered, Failed: p.Failed, MedianMS: p.Median, P95MS: p.P95,
		Pending: p.Backlog.Pending, Dead: p.Backlog.Dead,
	}
	if !p.Backlog.Since.IsZero() {
		res.PendingFrom = p.Backlog.Since.UnixMilli()
	}
	return res, nil
}
