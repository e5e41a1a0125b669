package admin

import (
	"context"
	"strconv"
	"strings"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/log"
)

// Targets keeps the programs that pushes go to.
type Targets interface {
	Targets(ctx context.Context) ([]forward.TargetEntry, error)
	Target(ctx context.Context, id int64) (forward.TargetEntry, error)
	AddTarget(ctx context.Context, e forward.TargetEntry) (int64, log.Secret, error)
	SetTarget(ctx context.Context, e forward.TargetEntry) error
	DeleteTarget(ctx context.Context, id int64) error
	PauseTarget(ctx context.Context, id int64, paused bool, reason string) error
	RotateSecret(ctx context.Context, id int64, secret log.Secret, overlap time.Duration) (log.Secret, error)
	TestTarget(ctx context.Context, id int64, p forward.Pattern) (string, error)
	Health(ctx context.Context, key string, from, to time.Time, step time.Duration) (*forward.TargetHealth, error)
	HealthOfAll(ctx context.Context, keys []string, from, to time.Time, step time.Duration) (map[string]*forward.TargetHealth, error)
}

// TargetHandlers are the endpoints of the targets.
type TargetHandlers struct {
	targets Targets
	now     func() time.Time
}

// NewTargets returns the endpoints of the targets.
func NewTargets(t Targets, now func() time.Time) *TargetHandlers {
	return &TargetHandlers{t, now}
}

// Routes lists the endpoints, relative to /wxcomponent.
func (h *TargetHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/forward-target-list", "Forwarding targets and how they did in the last day", h.list),
		api.GET("/admin/forward-target", "A forwarding target and how it did", h.get),
		api.PUT("/admin/forward-target", "Add a forwarding target; its signing secret is shown this once", h.add).Audited("target.add"),
		api.POST("/admin/forward-target", "Change a forwarding target", h.set).Audited("target.change"),
		api.DELETE("/admin/forward-target", "Remove a forwarding target", h.remove).Audited("target.delete"),
		api.POST("/admin/forward-target-pause", "Keep a target's deliveries, or let them go on", h.pause).Audited("target.pause"),
		api.POST("/admin/forward-target-secret", "Give a target a new signing secret, shown this once", h.rotate).Audited("target.secret"),
		api.POST("/admin/forward-target-test", "Call a target with a sample; data is its answer", h.test).Takes(api.CallTime),
	}
}

type target struct {
	ID          int64          `json:"id"`
	Key         string         `json:"key"` // names it in deliveries
	Name        string         `json:"name"`
	URL         string         `json:"url"` // in place of port and path
	Port        int            `json:"port"`
	Path        string         `json:"path"`
	Format      string         `json:"format"`      // raw or json
	Lists       []string       `json:"lists"`       // paths of what is a list in JSON even with one entry, such as "Info.List"
	TimeoutMS   int64          `json:"timeoutMs"`   // 0: the usual
	Concurrency int            `json:"concurrency"` // 0: the usual
	Rate        int            `json:"rate"`        // deliveries a second on each instance, 0: no limit
	Ordered     bool           `json:"ordered"`
	Pauses      []int64        `json:"pauses"` // seconds between attempts, empty: the usual
	Paused      bool           `json:"paused"`
	PauseReason string         `json:"pauseReason,omitempty"`
	PauseTime   int64          `json:"pauseTime,omitempty"` // unix seconds
	Secrets     []targetSecret `json:"secrets"`             // newest first
	CreateTime  int64          `json:"createTime"`
	UpdateTime  int64          `json:"updateTime"`
	Health      targetHealth   `json:"health"`
}

type targetSecret struct {
	Secret     string `json:"secret"` // masked
	CreateTime int64  `json:"createTime"`
	ExpireTime int64  `json:"expireTime,omitempty"` // unix seconds, absent: never
}

type targetHealth struct {
	Pending      int64         `json:"pending"` // deliveries, counted up to 10 001
	Dead         int64         `json:"dead"`
	Breaker      string        `json:"breaker"`      // closed, open or half-open, of the answering instance
	BreakerSince int64         `json:"breakerSince"` // unix seconds
	Delivered    int64         `json:"delivered"`
	Failed       int64         `json:"failed"`
	AverageMS    int64         `json:"averageMs"`
	MaxMS        int64         `json:"maxMs"`
	Points       []healthPoint `json:"points"`
}

type healthPoint struct {
	Time      int64 `json:"time"` // unix seconds, start of the step
	Delivered int64 `json:"delivered"`
	Failed    int64 `json:"failed"`
	AverageMS int64 `json:"averageMs"`
	MaxMS     int64 `json:"maxMs"`
}

type targetListRes struct {
	Targets []target `json:"targets"`
}

const (
	day       = 24 * time.Hour
	dayPoints = 24
)

func (h *TargetHandlers) list(ctx context.Context, _ *api.None) (*targetListRes, error) {
	entries, err := h.targets.Targets(ctx)
	if err != nil {
		return nil, err
	}
	res := &targetListRes{Targets: make([]target, len(entries))}
	now := h.now()
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.Key()
	}
	health, err := h.targets.HealthOfAll(ctx, keys, now.Add(-day), now, day/dayPoints)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		res.Targets[i] = describe(e, health[e.Key()])
	}
	return res, nil
}

type targetReq struct {
	ID   int64 `query:"id" validate:"required"`
	From int64 `query:"from"` // unix seconds; default a day ago
	To   int64 `query:"to"`   // unix seconds; default now
	Step int64 `query:"step"` // seconds; default chosen so that some sixty points come out
}

func (h *TargetHandlers) get(ctx context.Context, req *targetReq) (*target, error) {
	if req.To == 0 {
		req.To = h.now().Unix()
	}
	if req.From == 0 {
		req.From = req.To - int64(day.Seconds())
	}
	if req.From >= req.To {
		return nil, errno.Param("from", "must be before to")
	}
	if req.Step == 0 {
		req.Step = max((req.To-req.From)/60/minStep, 1) * minStep
	}
	if req.Step < minStep || (req.To-req.From)/req.Step > maxPoints {
		return nil, errno.Param("step", "must be at least 60 and give at most 2000 points")
	}
	e, err := h.targets.Target(ctx, req.ID)
	if err != nil {
		return nil, err
	}
	health, err := h.targets.Health(ctx, e.Key(), time.Unix(req.From, 0), time.Unix(req.To, 0), time.Duration(req.Step)*time.Second)
	if err != nil {
		return nil, err
	}
	t := describe(e, health)
	return &t, nil
}

func describe(e forward.TargetEntry, health *forward.TargetHealth) target {
	t := target{
		ID: e.ID, Key: e.Key(), Name: e.Name, URL: e.URL, Port: e.Port, Path: e.Path, Format: string(e.Format), Lists: append([]string{}, e.Lists...),
		TimeoutMS: e.TimeoutMS, Concurrency: e.Concurrency, Rate: e.Rate, Ordered: e.Ordered,
		Pauses: append([]int64{}, e.Pauses...), Paused: !e.PausedAt.IsZero(), PauseReason: e.PauseReason,
		Secrets: make([]targetSecret, len(e.Secrets)), CreateTime: e.CreatedAt.Unix(), UpdateTime: e.UpdatedAt.Unix(),
		Health: healthOf(health),
	}
	if t.Paused {
		t.PauseTime = e.PausedAt.Unix()
	}
	for i, s := range e.Secrets {
		t.Secrets[i] = targetSecret{mask(log.Secret(s.Secret)), s.CreateMS / 1000, s.ExpireMS / 1000}
	}
	return t
}

func healthOf(h *forward.TargetHealth) targetHealth {
	out := targetHealth{
		Pending: h.Pending, Dead: h.Dead, Breaker: string(h.Breaker), BreakerSince: toUnix(h.BreakerSince),
		Points: make([]healthPoint, len(h.Stats)),
	}
	var duration int64
	for i, s := range h.Stats {
		out.Points[i] = healthPoint{
			Time: s.BucketMS / 1000, Delivered: s.Delivered, Failed: s.Failed,
			AverageMS: s.DurationMS / max(s.Delivered+s.Failed, 1), MaxMS: s.MaxMS,
		}
		out.Delivered += s.Delivered
		out.Failed += s.Failed
		out.MaxMS = max(out.MaxMS, s.MaxMS)
		duration += s.DurationMS
	}
	out.AverageMS = duration / max(out.Delivered+out.Failed, 1)
	return out
}

type targetBody struct {
	ID          api.Int  `json:"id"`
	Name        string   `json:"name"`
	URL         string   `json:"url"`
	Port        api.Int  `json:"port"`
	Path        string   `json:"path"`
	Format      string   `json:"format"`
	Lists       []string `json:"lists"`
	TimeoutMS   api.Int  `json:"timeoutMs"`
	Concurrency api.Int  `json:"concurrency"`
	Rate        api.Int  `json:"rate"`
	Ordered     bool     `json:"ordered"`
	Pauses      []int64  `json:"pauses"`
}

func (b *targetBody) entry() forward.TargetEntry {
	return forward.TargetEntry{
		ID: int64(b.ID), Name: b.Name, URL: b.URL, Port: int(b.Port), Path: b.Path, Format: forward.Format(b.Format), Lists: b.Lists,
		TimeoutMS: int64(b.TimeoutMS), Concurrency: int(b.Concurrency), Rate: int(b.Rate), Ordered: b.Ordered, Pauses: b.Pauses,
	}
}

type targetAdded struct {
	ID     int64  `json:"id"`
	Secret string `json:"secret"` // in clear, this once
}

func (h *TargetHandlers) add(ctx context.Context, req *targetBody) (*targetAdded, error) {
	id, secret, err := h.targets.AddTarget(ctx, req.entry())
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, targetObject(id))
	return &targetAdded{id, secret.Reveal()}, nil
}

func (h *TargetHandlers) set(ctx context.Context, req *targetBody) (*api.None, error) {
	if err := h.targets.SetTarget(ctx, req.entry()); err != nil {
		return nil, err
	}
	api.Touched(ctx, targetObject(int64(req.ID)))
	return &api.None{}, nil
}

type targetByID struct {
	ID int64 `query:"id" validate:"required"`
}

func (h *TargetHandlers) remove(ctx context.Context, req *targetByID) (*api.None, error) {
	if err := h.targets.DeleteTarget(ctx, req.ID); err != nil {
		return nil, err
	}
	api.Touched(ctx, targetObject(req.ID))
	return &api.None{}, nil
}

type pauseReq struct {
	ID     api.Int `json:"id" validate:"required"`
	Paused bool    `json:"paused"`
	Reason string  `json:"reason" validate:"max=191"` // shown with the target while it is paused
}

func (h *TargetHandlers) pause(ctx context.Context, req *pauseReq) (*api.None, error) {
	if err := h.targets.PauseTarget(ctx, int64(req.ID), req.Paused, strings.TrimSpace(req.Reason)); err != nil {
		return nil, err
	}
	api.Touched(ctx, targetObject(int64(req.ID)))
	if !req.Paused {
		api.TouchedBy(ctx, "target.resume", targetObject(int64(req.ID)))
	}
	return &api.None{}, nil
}

type rotateReq struct {
	ID           api.Int `json:"id" validate:"required"`
	Secret       string  `json:"secret"`       // empty: a random one
	OverlapHours *int    `json:"overlapHours"` // how long the old ones go on signing; default 24
}

type rotateRes struct {
	Secret string `json:"secret"` // in clear, this once
}

const defaultOverlapHours = 24

func (h *TargetHandlers) rotate(ctx context.Context, req *rotateReq) (*rotateRes, error) {
	hours := defaultOverlapHours
	if req.OverlapHours != nil {
		hours = *req.OverlapHours
	}
	secret, err := h.targets.RotateSecret(ctx, int64(req.ID), log.Secret(req.Secret), time.Duration(hours)*time.Hour)
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, targetObject(int64(req.ID)))
	return &rotateRes{secret.Reveal()}, nil
}

type targetTestReq struct {
	ID       api.Int `json:"id" validate:"required"`
	InfoType string  `json:"infoType" validate:"max=64"`
	MsgType  string  `json:"msgType" validate:"max=64"`
	Event    string  `json:"event" validate:"max=64"`
}

func (h *TargetHandlers) test(ctx context.Context, req *targetTestReq) (*string, error) {
	p := forward.Pattern{InfoType: req.InfoType, MsgType: req.MsgType, Event: req.Event}
	answer, err := h.targets.TestTarget(ctx, int64(req.ID), p)
	if err != nil {
		return nil, err
	}
	return &answer, nil
}

func targetObject(id int64) string { return "target " + strconv.FormatInt(id, 10) }
