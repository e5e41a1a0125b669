package admin

import (
	"context"
	"fmt"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Deliveries knows what was forwarded and sends it again.
type Deliveries interface {
	Deliveries(ctx context.Context, q forward.DeliveryQuery) ([]forward.Delivery, string, error)
	Timeline(ctx context.Context, channel event.Channel, id int64) (*forward.Timeline, error)
	Attempts(ctx context.Context, f model.AttemptFilter) (model.Page[model.Attempt], error)
	Redeliver(ctx context.Context, ids []int64) (int, error)
	Send(ctx context.Context, channel event.Channel, ids []int64, targets []string) (int, error)
	StartReplay(ctx context.Context, r forward.Replay) (int64, error)
	PreviewReplay(ctx context.Context, r forward.Replay) (n int64, capped bool, err error)
	Destinations(ctx context.Context) ([]forward.Destination, error)
	ReplayJob(ctx context.Context, id int64) (*forward.ReplayJob, error)
	ReplayJobs(ctx context.Context, limit int) ([]*forward.ReplayJob, error)
	CancelReplay(ctx context.Context, id int64) error
}

// DeliveryHandlers are the endpoints of deliveries.
type DeliveryHandlers struct {
	deliveries Deliveries
}

// NewDeliveries returns the endpoints of deliveries.
func NewDeliveries(d Deliveries) *DeliveryHandlers { return &DeliveryHandlers{d} }

// Routes lists the endpoints, relative to /wxcomponent.
func (h *DeliveryHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/delivery-list", "Deliveries to forwarding targets, newest first", h.list),
		api.GET("/admin/push-deliveries", "What happened to one push on its way to targets", h.timeline),
		api.GET("/admin/attempt-list", "Calls of forwarding targets, newest first", h.attempts),
		api.POST("/admin/delivery-redeliver", "Make deliveries once more", h.redeliver).Audited("delivery.again"),
		api.POST("/admin/push-send", "Deliver stored pushes to targets, whatever the rules say", h.send).Audited("delivery.send"),
		api.GET("/admin/forward-destination-list", "Every target that deliveries can be made to, or were given up for", h.destinations),
		api.GET("/admin/forward-replay-preview", "How much a replay would look at", h.previewReplay),
		api.PUT("/admin/forward-replay", "Start to send again what a filter chooses", h.startReplay).Audited("delivery.replay"),
		api.GET("/admin/forward-replay", "How far a replay has come", h.replay),
		api.GET("/admin/forward-replay-list", "The newest replays", h.replays),
		api.POST("/admin/forward-replay-cancel", "Stop a replay", h.cancelReplay).Audited("delivery.replayCancel"),
	}
}

const (
	defaultPage = 50
	newestJobs  = 20
)

type deliveryListReq struct {
	Target string `query:"target" validate:"max=32"` // key
	State  string `query:"state"`                    // pending, delivered, dead or cancelled; default all
	Cursor string `query:"cursor"`
	Limit  int    `query:"limit" validate:"min=0,max=200"` // default 50
}

type deliveryListRes struct {
	Deliveries []delivery `json:"deliveries"`
	NextCursor string     `json:"nextCursor,omitempty"`
}

type delivery struct {
	ID          string `json:"id"`
	Target      string `json:"target"` // key: r12 of a rule with port and path, t3 of a target of its own
	State       string `json:"state"`  // pending, delivered, dead or cancelled
	Attempts    int    `json:"attempts"`
	NextTime    int64  `json:"nextTime,omitempty"` // unix milliseconds, of the next attempt
	LastError   string `json:"lastError,omitempty"`
	CreateTime  int64  `json:"createTime"` // unix milliseconds, as all times here
	UpdateTime  int64  `json:"updateTime"`
	Identity    string `json:"identity"` // of the push
	Channel     string `json:"channel"`
	AppID       string `json:"appid"`
	Event       string `json:"event"`
	ReceiveTime int64  `json:"receiveTime"`
}

func deliveryOf(d forward.Delivery) delivery {
	out := delivery{
		ID: formatID(d.ID), Target: d.Target, State: string(d.State), Attempts: d.Attempts, LastError: d.LastError,
		CreateTime: d.CreatedAt.UnixMilli(), UpdateTime: d.UpdatedAt.UnixMilli(), Identity: d.Message.Identity,
		Channel: string(d.Message.Channel), AppID: d.Message.AppID, Event: d.Message.Event, ReceiveTime: d.Message.ReceivedMS,
	}
	if !d.NextAt.IsZero() {
		out.NextTime = d.NextAt.UnixMilli()
	}
	return out
}

func deliveriesOf(list []forward.Delivery) []delivery {
	out := make([]delivery, len(list))
	for i, d := range list {
		out[i] = deliveryOf(d)
	}
	return out
}

func (h *DeliveryHandlers) list(ctx context.Context, req *deliveryListReq) (*deliveryListRes, error) {
	list, next, err := h.deliveries.Deliveries(ctx, forward.DeliveryQuery{
		Target: req.Target, State: forward.DeliveryState(req.State), Cursor: req.Cursor, Limit: orDefault(req.Limit, defaultPage),
	})
	if err != nil {
		return nil, err
	}
	return &deliveryListRes{deliveriesOf(list), next}, nil
}

func orDefault(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

type timelineReq struct {
	Channel string `query:"channel" validate:"oneof=component biz"`
	ID      int64  `query:"id" validate:"required"` // of the push in its list
}

type timelineRes struct {
	Identity   string     `json:"identity"`
	Deliveries []delivery `json:"deliveries"` // oldest first
	Attempts   []attempt  `json:"attempts"`   // newest first
}

type attempt struct {
	ID         string `json:"id"`
	DeliveryID string `json:"deliveryId,omitempty"` // absent for a call that WeChat waited for, and for a test
	Target     string `json:"target"`
	Identity   string `json:"identity"`
	Channel    string `json:"channel"`
	AppID      string `json:"appid"`
	Event      string `json:"event"`
	Time       int64  `json:"time"` // unix milliseconds
	DurationMS int64  `json:"durationMs"`
	OK         bool   `json:"ok"`
	Status     int    `json:"status,omitempty"` // of HTTP, absent when there was no answer
	Error      string `json:"error,omitempty"`
	Answer     string `json:"answer"` // its first 20 kB
	Cause      string `json:"cause"`  // push, sync, manual or test
	Attempt    int    `json:"attempt"`
}

func attemptsOf(list []model.Attempt) []attempt {
	out := make([]attempt, len(list))
	for i, a := range list {
		out[i] = attempt{
			ID: formatID(a.ID), Target: a.Target, Identity: a.Identity, Channel: a.Channel, AppID: a.AppID, Event: a.Event,
			Time: a.AtMS, DurationMS: a.DurationMS, OK: a.OK, Status: a.Status, Error: a.Error, Answer: a.Answer,
			Cause: a.Cause, Attempt: a.Attempt,
		}
		if a.WorkID != 0 {
			out[i].DeliveryID = formatID(a.WorkID)
		}
	}
	return out
}

func (h *DeliveryHandlers) timeline(ctx context.Context, req *timelineReq) (*timelineRes, error) {
	t, err := h.deliveries.Timeline(ctx, event.Channel(req.Channel), req.ID)
	if err != nil {
		return nil, err
	}
	return &timelineRes{t.Identity, deliveriesOf(t.Deliveries), attemptsOf(t.Attempts)}, nil
}

type attemptListReq struct {
	Target string `query:"target" validate:"max=32"`
	AppID  string `query:"appid" validate:"max=64"`
	OK     *bool  `query:"ok"`
	From   int64  `query:"from"` // unix seconds
	To     int64  `query:"to"`
	Cursor string `query:"cursor"`
	Limit  int    `query:"limit" validate:"min=0,max=200"` // default 50
}

type attemptListRes struct {
	Attempts   []attempt `json:"attempts"`
	NextCursor string    `json:"nextCursor,omitempty"`
}

func (h *DeliveryHandlers) attempts(ctx context.Context, req *attemptListReq) (*attemptListRes, error) {
	page, err := h.deliveries.Attempts(ctx, model.AttemptFilter{
		Target: req.Target, AppID: req.AppID, OK: req.OK, From: optionalTime(req.From), To: optionalTime(req.To),
		Cursor: req.Cursor, Limit: orDefault(req.Limit, defaultPage),
	})
	if err != nil {
		return nil, err
	}
	return &attemptListRes{attemptsOf(page.Rows), page.NextCursor}, nil
}

func optionalTime(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

type redeliverReq struct {
	IDs []api.Int `json:"ids" validate:"required"`
}

type countRes struct {
	Count int `json:"count"`
}

func (h *DeliveryHandlers) redeliver(ctx context.Context, req *redeliverReq) (*countRes, error) {
	n, err := h.deliveries.Redeliver(ctx, integers(req.IDs))
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, fmt.Sprintf("%d deliveries", n))
	return &countRes{n}, nil
}

func integers(ids []api.Int) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

type sendReq struct {
	Channel string    `json:"channel" validate:"oneof=component biz"`
	IDs     []api.Int `json:"ids" validate:"required"`     // of pushes in their list
	Targets []string  `json:"targets" validate:"required"` // keys
}

func (h *DeliveryHandlers) send(ctx context.Context, req *sendReq) (*countRes, error) {
	n, err := h.deliveries.Send(ctx, event.Channel(req.Channel), integers(req.IDs), req.Targets)
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, fmt.Sprintf("%d deliveries", n))
	return &countRes{n}, nil
}

type replayReq struct {
	Source  string `json:"source"` // dead: deliveries given up; pushes: stored pushes
	Target  string `json:"target" validate:"required"`
	Channel string `json:"channel"`                 // of pushes
	AppID   string `json:"appid" validate:"max=64"` // of pushes
	Missing bool   `json:"missing"`                 // only pushes that the target has not taken
	From    int64  `json:"from"`                    // unix seconds
	To      int64  `json:"to"`                      // default now
	Rate    int    `json:"rate"`                    // deliveries a second, default 50
}

type replayStarted struct {
	JobID string `json:"jobId"`
}

func (h *DeliveryHandlers) startReplay(ctx context.Context, req *replayReq) (*replayStarted, error) {
	id, err := h.deliveries.StartReplay(ctx, forward.Replay{
		Source: forward.ReplaySource(req.Source), Target: req.Target, Channel: event.Channel(req.Channel), AppID: req.AppID,
		Missing: req.Missing, FromMS: req.From * 1000, ToMS: req.To * 1000, Rate: req.Rate,
	})
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, req.Target)
	return &replayStarted{formatID(id)}, nil
}

type replayByID struct {
	ID string `query:"id" validate:"required"`
}

type replayJob struct {
	JobID      string `json:"jobId"`
	State      string `json:"state"` // waiting, running, done, failed or cancelled
	Source     string `json:"source"`
	Target     string `json:"target"`
	Channel    string `json:"channel,omitempty"`
	AppID      string `json:"appid,omitempty"`
	Missing    bool   `json:"missing"`
	From       int64  `json:"from"` // unix seconds
	To         int64  `json:"to"`
	Rate       int    `json:"rate"`
	Sent       int64  `json:"sent"`
	Skipped    int64  `json:"skipped"`
	Total      int64  `json:"total,omitempty"`    // of sent and skipped in the end; absent when not known
	Position   int64  `json:"position,omitempty"` // of pushes: unix seconds that it has come to
	LastError  string `json:"lastError,omitempty"`
	CreateTime int64  `json:"createTime"` // unix milliseconds
	UpdateTime int64  `json:"updateTime"`
}

func replayOf(j *forward.ReplayJob) replayJob {
	r := j.Replay
	return replayJob{
		JobID: formatID(j.ID), State: j.State, Source: string(r.Source), Target: r.Target, Channel: string(r.Channel),
		AppID: r.AppID, Missing: r.Missing, From: r.FromMS / 1000, To: r.ToMS / 1000, Rate: r.Rate,
		Sent: j.Progress.Sent, Skipped: j.Progress.Skipped, Total: r.Total, Position: j.Progress.AfterMS / 1000, LastError: j.LastError,
		CreateTime: j.CreatedAt.UnixMilli(), UpdateTime: j.UpdatedAt.UnixMilli(),
	}
}

func (h *DeliveryHandlers) replay(ctx context.Context, req *replayByID) (*replayJob, error) {
	id, err := parseID("id", req.ID)
	if err != nil {
		return nil, err
	}
	j, err := h.deliveries.ReplayJob(ctx, id)
	if err != nil {
		return nil, err
	}
	res := replayOf(j)
	return &res, nil
}

type replayListRes struct {
	Jobs []replayJob `json:"jobs"`
}

func (h *DeliveryHandlers) replays(ctx context.Context, _ *api.None) (*replayListRes, error) {
	jobs, err := h.deliveries.ReplayJobs(ctx, newestJobs)
	if err != nil {
		return nil, err
	}
	res := &replayListRes{Jobs: make([]replayJob, len(jobs))}
	for i, j := range jobs {
		res.Jobs[i] = replayOf(j)
	}
	return res, nil
}

type replayCancelReq struct {
	JobID string `json:"jobId" validate:"required"`
}

func (h *DeliveryHandlers) cancelReplay(ctx context.Context, req *replayCancelReq) (*api.None, error) {
	id, err := parseID("jobId", req.JobID)
	if err != nil {
		return nil, err
	}
	if err := h.deliveries.CancelReplay(ctx, id); err != nil {
		return nil, err
	}
	api.Touched(ctx, formatID(id))
	return &api.None{}, nil
}
