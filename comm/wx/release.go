package wx

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// Release publishes the audited version (wxa/release).
func (c *Client) Release(ctx context.Context, appid string) error {
	return c.call(ctx, endpoint{path: "/wxa/release", as: account, effect: acts}, appid, nil, nil, nil)
}

// Revert goes back to an earlier release (revertcoderelease): to appVersion, or to the one before
// when it is 0.
func (c *Client) Revert(ctx context.Context, appid string, appVersion int64) error {
	e := endpoint{method: http.MethodGet, path: "/wxa/revertcoderelease", as: account, effect: acts}
	query := url.Values{}
	if appVersion != 0 {
		query.Set("app_version", strconv.FormatInt(appVersion, 10))
	}
	return c.call(ctx, e, appid, query, nil, nil)
}

// PastVersion is a release that can be gone back to.
type PastVersion struct {
	AppVersion  Int    `json:"app_version"`
	UserVersion string `json:"user_version"`
	UserDesc    string `json:"user_desc"`
	CommitTime  Int    `json:"commit_time"` // seconds
}

// RevertHistory lists the releases that can be gone back to (revertcoderelease with
// action=get_history_version, which reverts nothing).
func (c *Client) RevertHistory(ctx context.Context, appid string) ([]PastVersion, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/revertcoderelease", as: account}
	var res struct {
		List []PastVersion `json:"version_list"`
	}
	err := c.call(ctx, e, appid, url.Values{"action": {"get_history_version"}}, nil, &res)
	return res.List, err
}

// GrayRelease is a release to a part of the users.
type GrayRelease struct {
	Percentage        int  `json:"gray_percentage"` // 1 to 100
	DebuggersFirst    bool `json:"support_debuger_first,omitempty"`
	ExperiencersFirst bool `json:"support_experiencer_first,omitempty"`
}

// GrayRelease starts or widens a release to a part of the users (grayrelease).
func (c *Client) GrayRelease(ctx context.Context, appid string, g GrayRelease) error {
	return c.call(ctx, endpoint{path: "/wxa/grayrelease", as: account, effect: acts}, appid, nil, g, nil)
}

// States of a gray release.
const (
	GrayInitial = 0
	GrayRunning = 1
	GrayPaused  = 2
	GrayDone    = 3
	GrayDeleted = 4
)

// GrayPlan is how a gray release stands.
type GrayPlan struct {
	Status            Int  `json:"status"`
	CreateTime        Int  `json:"create_timestamp"` // seconds
	Percentage        Int  `json:"gray_percentage"`
	DebuggersFirst    bool `json:"support_debuger_first"`
	ExperiencersFirst bool `json:"support_experiencer_first"`
}

// GrayPlan reads the gray release (getgrayreleaseplan); nil when there is none.
func (c *Client) GrayPlan(ctx context.Context, appid string) (*GrayPlan, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/getgrayreleaseplan", as: account}
	var res struct {
		Plan *GrayPlan `json:"gray_release_plan"`
	}
	err := c.call(ctx, e, appid, nil, nil, &res)
	return res.Plan, err
}

// GrayRevert ends the gray release and takes it back (revertgrayrelease).
func (c *Client) GrayRevert(ctx context.Context, appid string) error {
	e := endpoint{method: http.MethodGet, path: "/wxa/revertgrayrelease", as: account, effect: acts}
	return c.call(ctx, e, appid, nil, nil, nil)
}

// Actions of SetVisitStatus.
const (
	VisitOpen  = "open"
	VisitClose = "close"
)

// SetVisitStatus opens or closes the released mini program to its users (change_visitstatus).
func (c *Client) SetVisitStatus(ctx context.Context, appid, action string) error {
	e := endpoint{path: "/wxa/change_visitstatus", as: account, effect: acts}
	return c.call(ctx, e, appid, nil, map[string]string{"action": action}, nil)
}

// VisitStatus tells whether the mini program can be used (getvisitstatus): 1 yes, 0 closed by its
// owner; other values are WeChat's.
func (c *Client) VisitStatus(ctx context.Context, appid string) (int, error) {
	e := endpoint{path: "/wxa/getvisitstatus", as: account}
	var res struct {
		Status *Int `json:"status"`
	}
	if err := c.call(ctx, e, appid, nil, nil, &res); err != nil {
		return 0, err
	}
	if res.Status == nil {
		return 0, e.lacks("status")
	}
	return int(*res.Status), nil
}
