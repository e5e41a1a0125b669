package wx

import (
	"context"
	"net/http"
)

// Audit status of a submission.
const (
	AuditApproved  = 0
	AuditRejected  = 1
	AuditRunning   = 2
	AuditWithdrawn = 3
	AuditDelayed   = 4
)

// Submission is what is submitted for audit.
type Submission struct {
	ItemList         []AuditItem  `json:"item_list,omitempty"` // one to five
	PreviewInfo      *PreviewInfo `json:"preview_info,omitempty"`
	VersionDesc      string       `json:"version_desc,omitempty"`
	FeedbackInfo     string       `json:"feedback_info,omitempty"`  // counts only after a rejection
	FeedbackStuff    string       `json:"feedback_stuff,omitempty"` // media ids joined by |
	UGCDeclare       *UGCDeclare  `json:"ugc_declare,omitempty"`
	PrivacyAPINotUse *bool        `json:"privacy_api_not_use,omitempty"`
	OrderPath        string       `json:"order_path,omitempty"`
}

// AuditItem is a page to audit and its category.
type AuditItem struct {
	Address     string `json:"address,omitempty"`
	Tag         string `json:"tag,omitempty"` // up to ten, separated by blanks
	FirstClass  string `json:"first_class,omitempty"`
	SecondClass string `json:"second_class,omitempty"`
	ThirdClass  string `json:"third_class,omitempty"`
	FirstID     int64  `json:"first_id,omitempty"`
	SecondID    int64  `json:"second_id,omitempty"`
	ThirdID     int64  `json:"third_id,omitempty"`
	Title       string `json:"title,omitempty"`
}

// PreviewInfo are uploaded media that show the mini program (UploadMedia).
type PreviewInfo struct {
	VideoIDs []string `json:"video_id_list,omitempty"`
	PicIDs   []string `json:"pic_id_list,omitempty"`
}

// UGCDeclare tells how content of users is kept safe; social categories need it.
type UGCDeclare struct {
	Scene          []int  `json:"scene,omitempty"`
	OtherSceneDesc string `json:"other_scene_desc,omitempty"`
	Method         []int  `json:"method,omitempty"`
	HasAuditTeam   int    `json:"has_audit_team"`
	AuditDesc      string `json:"audit_desc,omitempty"`
}

// SubmitAudit submits the committed code and returns the audit's id (submit_audit).
func (c *Client) SubmitAudit(ctx context.Context, appid string, s Submission) (auditID int64, err error) {
	e := endpoint{path: "/wxa/submit_audit", as: account, effect: acts}
	var res struct {
		AuditID Int `json:"auditid"`
	}
	if err := c.call(ctx, e, appid, nil, s, &res); err != nil {
		return 0, err
	}
	if res.AuditID == 0 {
		return 0, e.lacks("auditid")
	}
	return res.AuditID.Int64(), nil
}

// AuditState is how an audit stands.
type AuditState struct {
	AuditID     int64
	Status      int // AuditApproved …
	Reason      string
	ScreenShot  string // media ids joined by |
	UserVersion string // latest audit only, like the two below
	UserDesc    string
	SubmitTime  int64 // seconds
}

// auditState is the wire form of AuditState. The screenshots' name is written in two ways, which
// encoding/json takes for the same.
type auditState struct {
	AuditID     Int    `json:"auditid"`
	Status      *Int   `json:"status"`
	Reason      string `json:"reason"`
	ScreenShot  string `json:"screenshot"`
	UserVersion string `json:"user_version"`
	UserDesc    string `json:"user_desc"`
	SubmitTime  Int    `json:"submit_audit_time"`
}

func (e endpoint) state(s auditState) (AuditState, error) {
	if s.Status == nil {
		return AuditState{}, e.lacks("status") // 0 would mean "approved"
	}
	return AuditState{
		AuditID: s.AuditID.Int64(), Status: int(*s.Status), Reason: s.Reason, ScreenShot: s.ScreenShot,
		UserVersion: s.UserVersion, UserDesc: s.UserDesc, SubmitTime: s.SubmitTime.Int64(),
	}, nil
}

// AuditStatus reads one audit (get_auditstatus).
func (c *Client) AuditStatus(ctx context.Context, appid string, auditID int64) (AuditState, error) {
	e := endpoint{path: "/wxa/get_auditstatus", as: account}
	res := auditState{AuditID: Int(auditID)}
	if err := c.call(ctx, e, appid, nil, map[string]int64{"auditid": auditID}, &res); err != nil {
		return AuditState{}, err
	}
	return e.state(res)
}

// LatestAuditStatus reads the last audit (get_latest_auditstatus); CodeNoAudit when there was none.
func (c *Client) LatestAuditStatus(ctx context.Context, appid string) (AuditState, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/get_latest_auditstatus", as: account}
	var res auditState
	if err := c.call(ctx, e, appid, nil, nil, &res); err != nil {
		return AuditState{}, err
	}
	return e.state(res)
}

// WithdrawAudit takes the running submission back (undocodeaudit).
func (c *Client) WithdrawAudit(ctx context.Context, appid string) error {
	e := endpoint{method: http.MethodGet, path: "/wxa/undocodeaudit", as: account, effect: acts}
	return c.call(ctx, e, appid, nil, nil, nil)
}

// SpeedUpAudit asks for an urgent audit (speedupaudit).
func (c *Client) SpeedUpAudit(ctx context.Context, appid string, auditID int64) error {
	e := endpoint{path: "/wxa/speedupaudit", as: account, effect: acts}
	return c.call(ctx, e, appid, nil, map[string]int64{"auditid": auditID}, nil)
}

// AuditQuota is the platform's monthly quota of audits.
type AuditQuota struct {
	Rest         Int `json:"rest"`
	Limit        Int `json:"limit"`
	SpeedupRest  Int `json:"speedup_rest"`
	SpeedupLimit Int `json:"speedup_limit"`
}

// AuditQuota reads the platform's quota, through any of its accounts (queryquota).
func (c *Client) AuditQuota(ctx context.Context, appid string) (AuditQuota, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/queryquota", as: account}
	var res AuditQuota
	err := c.call(ctx, e, appid, nil, nil, &res)
	return res, err
}
