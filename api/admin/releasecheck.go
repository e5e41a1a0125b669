package admin

import (
	"context"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/releasecheck"
)

// ReleaseCheck answers WeChat's check of the platform before its release to all merchants.
type ReleaseCheck interface {
	Enabled() bool
	SetEnabled(ctx context.Context, on bool) error
	Checks(ctx context.Context) ([]releasecheck.Check, error)
}

// ReleaseCheckHandlers are the endpoints of the release check.
type ReleaseCheckHandlers struct {
	check     ReleaseCheck
	simulator string
}

// NewReleaseCheck returns the endpoints of the release check. simulator is the address of the
// simulated WeChat that stands in for the real one, "" when none does.
func NewReleaseCheck(c ReleaseCheck, simulator string) *ReleaseCheckHandlers {
	return &ReleaseCheckHandlers{c, simulator}
}

// Routes lists the endpoints, relative to /wxcomponent.
func (h *ReleaseCheckHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/release-check", "Whether WeChat's release check is answered, and how the last ones went", h.get),
		api.POST("/admin/release-check", "Switch the answers to WeChat's release check", h.set).Audited("release-check"),
	}
}

type releaseCheckRes struct {
	Enabled  bool               `json:"enabled"`
	Accounts []checkAccount     `json:"accounts"` // all of WeChat's
	Last     []releaseCheckView `json:"last"`     // the last check with each group of accounts, newest first
	// Simulator is the address where a check can be started when WeChat is simulated.
	Simulator string `json:"simulator,omitempty"`
}

type checkAccount struct {
	AppID       string `json:"appid"`
	UserName    string `json:"userName"`
	MiniProgram bool   `json:"miniProgram"`
	Group       int    `json:"group"`
}

type releaseCheckView struct {
	Group      int                `json:"group"`
	State      string             `json:"state"`     // ok, failed, running, or missing when some steps did not come
	StartTime  int64              `json:"startTime"` // unix milliseconds, as all times here
	UpdateTime int64              `json:"updateTime"`
	Ticket     checkStep          `json:"ticket"`
	Accounts   []checkAccountView `json:"accounts"`
}

type checkAccountView struct {
	checkAccount
	State string      `json:"state"`
	Steps []checkStep `json:"steps"`
}

type checkStep struct {
	Step     string `json:"step"`  // ticket, authorized, text, event, code, exchange or message
	State    string `json:"state"` // ok, failed, retrying, waiting, missing or skipped
	Time     int64  `json:"time,omitempty"`
	Duration int64  `json:"duration,omitempty"` // milliseconds
	Attempt  int    `json:"attempt,omitempty"`
	ErrCode  int    `json:"errcode,omitempty"` // WeChat's
	Error    string `json:"error,omitempty"`
	Hint     string `json:"hint,omitempty"`
}

func (h *ReleaseCheckHandlers) get(ctx context.Context, _ *api.None) (*releaseCheckRes, error) {
	checks, err := h.check.Checks(ctx)
	if err != nil {
		return nil, err
	}
	res := &releaseCheckRes{
		Enabled: h.check.Enabled(), Accounts: []checkAccount{}, Last: []releaseCheckView{}, Simulator: h.simulator,
	}
	for _, a := range authorizer.TestAccounts() {
		res.Accounts = append(res.Accounts, checkAccount(a))
	}
	for _, c := range checks {
		res.Last = append(res.Last, viewOfCheck(c))
	}
	return res, nil
}

func viewOfCheck(c releasecheck.Check) releaseCheckView {
	v := releaseCheckView{
		Group: c.Group, State: string(c.State), StartTime: c.StartedAt.UnixMilli(), UpdateTime: c.UpdatedAt.UnixMilli(),
		Ticket: viewOfStep(c.Ticket), Accounts: []checkAccountView{},
	}
	for _, a := range c.Accounts {
		account := checkAccountView{checkAccount: checkAccount(a.Account), State: string(a.State), Steps: []checkStep{}}
		for _, s := range a.Steps {
			account.Steps = append(account.Steps, viewOfStep(s))
		}
		v.Accounts = append(v.Accounts, account)
	}
	return v
}

func viewOfStep(s releasecheck.StepReport) checkStep {
	return checkStep{
		Step: string(s.Step), State: string(s.State), Time: milliseconds(s.At), Duration: s.Duration.Milliseconds(),
		Attempt: s.Attempt, ErrCode: s.ErrCode, Error: s.Error, Hint: s.Hint,
	}
}

// milliseconds is 0 for no time.
func milliseconds(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

type releaseCheckReq struct {
	Enabled *bool `json:"enabled" validate:"required"`
}

func (h *ReleaseCheckHandlers) set(ctx context.Context, req *releaseCheckReq) (*api.None, error) {
	if err := h.check.SetEnabled(ctx, *req.Enabled); err != nil {
		return nil, err
	}
	action := "release-check.off"
	if *req.Enabled {
		action = "release-check.on"
	}
	api.TouchedBy(ctx, action, "")
	return &api.None{}, nil
}
