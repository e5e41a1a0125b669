package admin

import (
	"context"
	"strconv"

	"wxcomponent/api"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx/event"
)

// Branches keeps the rules that lead pushes to targets by conditions.
type Branches interface {
	Branches(ctx context.Context) ([]forward.BranchEntry, error)
	AddBranch(ctx context.Context, e forward.BranchEntry) (int64, error)
	SetBranch(ctx context.Context, e forward.BranchEntry) error
	DeleteBranch(ctx context.Context, id int64) error
	OrderBranches(ctx context.Context, ids []int64) error
	Explain(ctx context.Context, channel event.Channel, appid, body string) (*forward.Explanation, error)
	ExplainStored(ctx context.Context, channel event.Channel, id int64) (*forward.Explanation, error)
}

// BranchHandlers are the endpoints of the rules with conditions.
type BranchHandlers struct {
	branches Branches
}

// NewBranches returns the endpoints of the rules with conditions.
func NewBranches(b Branches) *BranchHandlers { return &BranchHandlers{b} }

// Routes lists the endpoints, relative to /wxcomponent.
func (h *BranchHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/forward-rule-list", "Forwarding rules with conditions, in their order", h.list),
		api.PUT("/admin/forward-rule", "Add a forwarding rule with conditions, behind the others", h.add).Audited("forwardRule.add"),
		api.POST("/admin/forward-rule", "Change a forwarding rule with conditions", h.set).Audited("forwardRule.change"),
		api.DELETE("/admin/forward-rule", "Remove a forwarding rule with conditions", h.remove).Audited("forwardRule.delete"),
		api.POST("/admin/forward-rule-order", "Put forwarding rules first, in the order of their ids", h.order).Audited("forwardRule.order"),
		api.POST("/admin/forward-dry-run", "Which rules a push meets, and why; nothing is sent", h.dryRun),
	}
}

type branch struct {
	ID         int64              `json:"id"`
	Name       string             `json:"name"`
	Open       bool               `json:"open"`
	Mode       string             `json:"mode"` // sync or async
	Stop       bool               `json:"stop"` // no rule behind it is looked at
	Conditions forward.Conditions `json:"conditions"`
	Targets    []int64            `json:"targets"`
	CreateTime int64              `json:"createTime"` // unix seconds
	UpdateTime int64              `json:"updateTime"`
}

type branchListRes struct {
	Rules []branch `json:"rules"`
}

func (h *BranchHandlers) list(ctx context.Context, _ *api.None) (*branchListRes, error) {
	entries, err := h.branches.Branches(ctx)
	if err != nil {
		return nil, err
	}
	res := &branchListRes{Rules: make([]branch, len(entries))}
	for i, e := range entries {
		res.Rules[i] = branch{
			ID: e.ID, Name: e.Name, Open: e.Open, Mode: string(e.Mode), Stop: e.Stop, Conditions: e.Conditions,
			Targets: append([]int64{}, e.Targets...), CreateTime: e.CreateMS / 1000, UpdateTime: e.UpdateMS / 1000,
		}
	}
	return res, nil
}

type branchBody struct {
	ID         api.Int            `json:"id"`
	Name       string             `json:"name"`
	Open       flag               `json:"open"`
	Mode       string             `json:"mode"` // default async
	Stop       bool               `json:"stop"`
	Conditions forward.Conditions `json:"conditions"`
	Targets    []int64            `json:"targets"`
}

func (b *branchBody) entry() forward.BranchEntry {
	return forward.BranchEntry{
		ID: int64(b.ID), Name: b.Name, Open: bool(b.Open), Mode: forward.Mode(b.Mode), Stop: b.Stop,
		Conditions: b.Conditions, Targets: append([]int64{}, b.Targets...),
	}
}

type branchAdded struct {
	ID int64 `json:"id"`
}

func (h *BranchHandlers) add(ctx context.Context, req *branchBody) (*branchAdded, error) {
	id, err := h.branches.AddBranch(ctx, req.entry())
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, branchObject(id))
	return &branchAdded{id}, nil
}

func (h *BranchHandlers) set(ctx context.Context, req *branchBody) (*api.None, error) {
	if err := h.branches.SetBranch(ctx, req.entry()); err != nil {
		return nil, err
	}
	api.Touched(ctx, branchObject(int64(req.ID)))
	return &api.None{}, nil
}

func (h *BranchHandlers) remove(ctx context.Context, req *targetByID) (*api.None, error) {
	if err := h.branches.DeleteBranch(ctx, req.ID); err != nil {
		return nil, err
	}
	api.Touched(ctx, branchObject(req.ID))
	return &api.None{}, nil
}

type branchOrderReq struct {
	IDs []int64 `json:"ids" validate:"required,max=1000"`
}

func (h *BranchHandlers) order(ctx context.Context, req *branchOrderReq) (*api.None, error) {
	if err := h.branches.OrderBranches(ctx, req.IDs); err != nil {
		return nil, err
	}
	return &api.None{}, nil
}

func branchObject(id int64) string { return "forwarding rule " + strconv.FormatInt(id, 10) }

// dryRunReq is a stored push, by its id, or a text.
type dryRunReq struct {
	Channel string  `json:"channel" validate:"oneof=component biz"`
	ID      api.Int `json:"id"`
	Body    string  `json:"body"`
	AppID   string  `json:"appid" validate:"max=64"` // of the account, for a text on biz
}

type dryRunRes struct {
	Push  pushHead  `json:"push"`
	Rules []verdict `json:"rules"`          // in the order in which they are looked at
	Sync  string    `json:"sync,omitempty"` // key of the target that answers WeChat
	Async []string  `json:"async"`          // keys of the targets that get it from the queue
}

type pushHead struct {
	Identity string   `json:"identity"`
	Channel  string   `json:"channel"`
	AppID    string   `json:"appid"`
	InfoType string   `json:"infoType"`
	MsgType  string   `json:"msgType"`
	Event    string   `json:"event"`
	EventKey string   `json:"eventKey"`
	Format   string   `json:"format"`           // xml or json, "" when nothing could be read
	Defect   string   `json:"defect,omitempty"` // why the text could not be read to its end
	Tags     []string `json:"tags"`             // of the account
}

type verdict struct {
	Kind    string          `json:"kind"` // rule: with port and path; branch: with conditions
	ID      int64           `json:"id"`
	Name    string          `json:"name"`
	Mode    string          `json:"mode"`
	Open    bool            `json:"open"`
	Matched bool            `json:"matched"`
	Reached bool            `json:"reached"` // no rule before it stopped
	Stop    bool            `json:"stop"`
	Checks  []forward.Check `json:"checks"`
	Targets []string        `json:"targets"` // keys
}

func (h *BranchHandlers) dryRun(ctx context.Context, req *dryRunReq) (*dryRunRes, error) {
	var x *forward.Explanation
	var err error
	switch {
	case req.ID != 0:
		x, err = h.branches.ExplainStored(ctx, event.Channel(req.Channel), int64(req.ID))
	case req.Body != "":
		x, err = h.branches.Explain(ctx, event.Channel(req.Channel), req.AppID, req.Body)
	default:
		err = errno.Param("body", "or an id is required")
	}
	if err != nil {
		return nil, err
	}
	return explained(x), nil
}

func explained(x *forward.Explanation) *dryRunRes {
	p := x.Push
	res := &dryRunRes{
		Push: pushHead{
			Identity: p.Identity(), Channel: string(p.Channel), AppID: p.AccountAppID(), InfoType: p.InfoType,
			MsgType: p.MsgType, Event: p.Event, EventKey: p.EventKey, Format: string(p.Format), Defect: p.Defect,
			Tags: append([]string{}, x.Tags...),
		},
		Rules: make([]verdict, len(x.Verdicts)), Async: make([]string, len(x.Route.Async)),
	}
	for i, v := range x.Verdicts {
		res.Rules[i] = verdict{
			v.Kind, v.ID, v.Name, string(v.Mode), v.Open, v.Matched, v.Reached, v.Stop, v.Checks, append([]string{}, v.Targets...),
		}
	}
	if x.Route.Sync != nil {
		res.Sync = x.Route.Sync.Key
	}
	for i, t := range x.Route.Async {
		res.Async[i] = t.Key
	}
	return res
}
