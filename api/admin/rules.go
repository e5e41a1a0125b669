package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strconv"

	"wxcomponent/api"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/log"
)

// Forwarding keeps the rules that lead pushes to the provider's own programs.
type Forwarding interface {
	Rules(ctx context.Context, kind, offset, limit int) ([]forward.RuleEntry, int64, error)
	Rule(ctx context.Context, id int) (forward.RuleEntry, error)
	AddRule(ctx context.Context, e forward.RuleEntry) (int, error)
	SetRule(ctx context.Context, e forward.RuleEntry) error
	DeleteRule(ctx context.Context, id int) error
	TestRule(ctx context.Context, id int) (string, error)
}

// RuleHandlers are the endpoints of the rules.
type RuleHandlers struct {
	forwarding Forwarding
}

// NewRules returns the endpoints of the rules.
func NewRules(f Forwarding) *RuleHandlers { return &RuleHandlers{f} }

// Routes lists the endpoints, relative to /wxcomponent.
func (h *RuleHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/callback-proxy-rule-list", "Forwarding rules", h.list),
		api.PUT("/admin/callback-proxy-rule", "Add a forwarding rule", h.add).Audited("rule.add"),
		api.POST("/admin/callback-proxy-rule", "Change a forwarding rule", h.set).Audited("rule.change"),
		api.DELETE("/admin/callback-proxy-rule", "Remove a forwarding rule", h.remove).Audited("rule.delete"),
		api.POST("/admin/callback-test", "Call a rule's target with a sample; data is its answer", h.test).Takes(api.CallTime),
	}
}

type ruleListReq struct {
	Offset int `query:"offset" validate:"min=0"`
	Limit  int `query:"limit" validate:"min=0,max=1000"` // default 100
	Type   int `query:"type" validate:"oneof=0 1 2"`     // 1 authorization events, 2 messages, 0 both
}

type ruleListRes struct {
	Total int64  `json:"total"`
	Rules []rule `json:"rules"`
}

type rule struct {
	ID         int      `json:"id"`
	Name       string   `json:"name"`
	InfoType   string   `json:"infoType"`
	MsgType    string   `json:"msgType"`
	Event      string   `json:"event"`
	Open       int      `json:"open"` // 0 or 1
	Data       ruleData `json:"data"`
	CreateTime int64    `json:"createTime"` // unix seconds
	UpdateTime int64    `json:"updateTime"` // unix seconds
}

type ruleData struct {
	Port      int    `json:"port"`
	Path      string `json:"path"`
	URL       string `json:"url,omitempty"`    // in place of port and path
	Mode      string `json:"mode"`             // sync or async
	Secret    string `json:"secret,omitempty"` // masked
	TimeoutMS int64  `json:"timeoutMs,omitempty"`
}

const defaultRuleLimit = 100

func (h *RuleHandlers) list(ctx context.Context, req *ruleListReq) (*ruleListRes, error) {
	if req.Limit == 0 {
		req.Limit = defaultRuleLimit
	}
	entries, total, err := h.forwarding.Rules(ctx, req.Type, req.Offset, req.Limit)
	if err != nil {
		return nil, err
	}
	res := &ruleListRes{Total: total, Rules: make([]rule, len(entries))}
	for i, e := range entries {
		res.Rules[i] = ruleOf(e)
	}
	return res, nil
}

func ruleOf(e forward.RuleEntry) rule {
	r := rule{
		ID: e.ID, Name: e.Name, InfoType: e.Pattern.InfoType, MsgType: e.Pattern.MsgType, Event: e.Pattern.Event,
		CreateTime: toUnix(e.CreatedAt), UpdateTime: toUnix(e.UpdatedAt),
		Data: ruleData{
			Port: e.Data.Port, Path: e.Data.Path, URL: e.Data.URL, Mode: string(e.Data.Mode),
			Secret: mask(e.Secret), TimeoutMS: e.Data.TimeoutMS,
		},
	}
	if e.Open {
		r.Open = 1
	}
	return r
}

// ruleReq is a rule as clients send it: the whole row of the list, or what a form holds. Port and
// path may stand beside data.
type ruleReq struct {
	ID       api.Int     `json:"id"`
	Name     string      `json:"name"`
	InfoType string      `json:"infoType"`
	MsgType  string      `json:"msgType"`
	Event    string      `json:"event"`
	Open     flag        `json:"open"`
	Port     api.Int     `json:"port"`
	Path     string      `json:"path"`
	Data     ruleDataReq `json:"data"`
}

// ruleDataReq: what is absent stays as it is when a rule is changed.
type ruleDataReq struct {
	Port      *api.Int `json:"port,omitempty"`
	Path      *string  `json:"path,omitempty"`
	URL       *string  `json:"url,omitempty"`
	Mode      *string  `json:"mode,omitempty"`
	Secret    *string  `json:"secret,omitempty"`
	TimeoutMS *api.Int `json:"timeoutMs,omitempty"`
}

// entry is the rule that is asked for, over what is known of it.
func (r *ruleReq) entry(known forward.RuleEntry) forward.RuleEntry {
	e := forward.RuleEntry{
		ID: int(r.ID), Name: r.Name, Open: bool(r.Open), Secret: known.Secret,
		Pattern: forward.Pattern{InfoType: r.InfoType, MsgType: r.MsgType, Event: r.Event},
		Data:    forward.RuleData{Port: int(r.Port), Path: r.Path, Mode: known.Data.Mode, TimeoutMS: known.Data.TimeoutMS},
	}
	d := r.Data
	if d.Port != nil {
		e.Data.Port = int(*d.Port)
	}
	if d.Path != nil {
		e.Data.Path = *d.Path
	}
	if d.Mode != nil {
		e.Data.Mode = forward.Mode(*d.Mode)
	}
	if d.TimeoutMS != nil {
		e.Data.TimeoutMS = int64(*d.TimeoutMS)
	}
	if d.Secret != nil && *d.Secret != mask(known.Secret) {
		e.Secret = log.Secret(*d.Secret)
	}
	switch {
	case d.URL != nil:
		e.Data.URL = *d.URL
	case e.Data.Port == 0:
		e.Data.URL = known.Data.URL
	}
	if e.Data.URL != "" {
		e.Data.Port, e.Data.Path = 0, ""
	}
	return e
}

// added is the id of what was made.
type added struct {
	ID int `json:"id"`
}

func (h *RuleHandlers) add(ctx context.Context, req *ruleReq) (*added, error) {
	id, err := h.forwarding.AddRule(ctx, req.entry(forward.RuleEntry{}))
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, "rule "+strconv.Itoa(id))
	return &added{id}, nil
}

func (h *RuleHandlers) set(ctx context.Context, req *ruleReq) (*api.None, error) {
	known, err := h.forwarding.Rule(ctx, int(req.ID))
	if err != nil {
		return nil, err
	}
	if err := h.forwarding.SetRule(ctx, req.entry(known)); err != nil {
		return nil, err
	}
	api.Touched(ctx, "rule "+strconv.Itoa(known.ID))
	return &api.None{}, nil
}

type ruleByID struct {
	ID int `query:"id" validate:"required"`
}

func (h *RuleHandlers) remove(ctx context.Context, req *ruleByID) (*api.None, error) {
	if err := h.forwarding.DeleteRule(ctx, req.ID); err != nil {
		return nil, err
	}
	api.Touched(ctx, "rule "+strconv.Itoa(req.ID))
	return &api.None{}, nil
}

type ruleTestReq struct {
	ID api.Int `json:"id" validate:"required"`
}

func (h *RuleHandlers) test(ctx context.Context, req *ruleTestReq) (*string, error) {
	answer, err := h.forwarding.TestRule(ctx, int(req.ID))
	if err != nil {
		return nil, err
	}
	return &answer, nil
}

// flag is a switch that clients send as a number, a word or a string.
type flag bool

// UnmarshalJSON accepts true, 1, "1", "true" and their opposites; empty and null are off.
func (f *flag) UnmarshalJSON(b []byte) error {
	switch string(bytes.Trim(b, `"`)) {
	case "true", "1":
		*f = true
	case "false", "0", "", "null":
		*f = false
	default:
		return &json.UnmarshalTypeError{Value: "text " + string(b), Type: reflect.TypeFor[bool]()}
	}
	return nil
}
