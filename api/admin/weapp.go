package admin

import (
	"context"
	"strconv"

	"wxcomponent/api"
	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// WeappHandlers are the endpoints of agency development.
type WeappHandlers struct{ weapps *weapp.Service }

// NewWeapp returns the endpoints.
func NewWeapp(w *weapp.Service) *WeappHandlers { return &WeappHandlers{w} }

// Routes lists the endpoints, relative to /wxcomponent.
func (h *WeappHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/dev-weapp-list", "Mini programs that the platform develops, from stored state", h.list),
		api.GET("/admin/dev-weapp-summary", "How many of them are in which state", h.summary),
		api.POST("/admin/dev-weapp-refresh", "Ask WeChat how one of them stands", h.refresh).Takes(api.CallTime),
		api.GET("/admin/dev-versions", "The released, audited and trial version with their codes", h.versions).Takes(api.CallTime),
		api.GET("/admin/version-history", "Releases that can be gone back to", h.history).Takes(api.CallTime),

		api.GET("/admin/template-list", "Templates that can be committed", h.templates).Takes(api.CallTime),
		api.POST("/admin/commit-code", "Make a template the trial version", h.commit).Audited("weapp.commit").Takes(api.CallTime),
		api.GET("/admin/privacy-check", "How WeChat's check of the committed code stands", h.privacy).Takes(api.CallTime),
		api.GET("/admin/page-list", "Pages of the committed code", h.pages).Takes(api.CallTime),
		api.GET("/admin/category", "Categories that may be named at an audit", h.categories).Takes(api.CallTime),
		api.GET("/admin/qrcode", "The code that opens the released version", h.qrcode).Takes(api.CallTime),

		api.GET("/admin/audit-quota", "Audits left this month", h.quota).Takes(api.CallTime),
		api.POST("/admin/submit-audit", "Submit the trial version for audit", h.submit).Audited("weapp.submit").Takes(api.CallTime),
		api.POST("/admin/revoke-audit", "Withdraw the running audit", h.act(h.weapps.Withdraw)).Audited("weapp.withdraw").Takes(api.CallTime),
		api.POST("/admin/speed-up-audit", "Ask for an urgent audit", h.speedUp).Audited("weapp.speed-up").Takes(api.CallTime),
		h.uploadRoute(),

		api.POST("/admin/release-code", "Release the audited version", h.act(h.weapps.Release)).Audited("weapp.release").Takes(api.CallTime),
		api.POST("/admin/rollback-release-version", "Go back to an earlier release", h.rollback).Audited("weapp.rollback").Takes(api.CallTime),
		api.POST("/admin/change-visit-status", "Open or close the mini program to its users", h.setVisit).Audited("weapp.visit").Takes(api.CallTime),
		api.GET("/admin/gray-release", "How the release to a part of the users stands", h.grayPlan).Takes(api.CallTime),
		api.POST("/admin/gray-release", "Release the audited version to a part of the users", h.grayRelease).Audited("weapp.gray-release").Takes(api.CallTime),
		api.POST("/admin/revert-gray-release", "Take the release to a part of the users back", h.act(h.weapps.GrayRevert)).Audited("weapp.gray-revert").Takes(api.CallTime),
	}
}

// act makes a handler of an action that needs nothing but the account.
func (h *WeappHandlers) act(do func(ctx context.Context, appid string) error) api.Func[api.ByAppID, api.None] {
	return func(ctx context.Context, req *api.ByAppID) (*api.None, error) {
		if err := do(ctx, req.AppID); err != nil {
			return nil, err
		}
		api.Touched(ctx, req.AppID)
		return &api.None{}, nil
	}
}

type weappListReq struct {
	Offset      int    `query:"offset" validate:"min=0"`
	Limit       *int   `query:"limit" validate:"omitnil,min=1,max=20"` // default 20
	AppID       string `query:"appid"`
	Search      string `query:"search" validate:"max=191"` // part of appid, name or principal
	AuditStatus *int   `query:"auditStatus" validate:"omitnil,oneof=-1 0 1 2 3 4"`
	Cursor      string `query:"cursor"` // nextCursor of the page before; offset is ignored then
}

const weappPage = 20

type weappListRes struct {
	Total      int64         `json:"total"`
	Records    []weappRecord `json:"records"`
	NextCursor string        `json:"nextCursor,omitempty"` // empty on the last page
}

type weappRecord struct {
	AppID         string `json:"appid"`
	NickName      string `json:"nickName"`
	UserName      string `json:"userName"`
	HeadImg       string `json:"headImg"`
	PrincipalName string `json:"principalName"`
	FuncInfo      []int  `json:"funcInfo"`
	QRCodeURL     string `json:"qrCodeUrl"`
	weappState
	Error *errno.Upstream `json:"error,omitempty"` // of the last time WeChat was asked
}

func (h *WeappHandlers) list(ctx context.Context, req *weappListReq) (*weappListRes, error) {
	f := model.WeappFilter{
		AppID: req.AppID, Search: req.Search, AuditStatus: req.AuditStatus,
		Cursor: req.Cursor, Offset: req.Offset, Limit: weappPage,
	}
	if req.Limit != nil {
		f.Limit = *req.Limit
	}
	page, err := h.weapps.List(ctx, f)
	if err != nil {
		return nil, err
	}
	res := &weappListRes{Total: page.Total, NextCursor: page.NextCursor, Records: make([]weappRecord, 0, len(page.Rows))}
	for _, row := range page.Rows {
		res.Records = append(res.Records, toWeappRecord(row))
	}
	return res, nil
}

func toWeappRecord(r model.WeappRecord) weappRecord {
	a, s := r.Account, r.State
	rec := weappRecord{
		AppID: a.AppID, NickName: a.NickName, UserName: a.UserName, HeadImg: a.HeadImg, PrincipalName: a.PrincipalName,
		FuncInfo: authorizer.ParsePermissions(a.FuncInfo), QRCodeURL: a.QRCodeURL, weappState: toWeappState(s),
	}
	if s.ErrCode != 0 || s.ErrMsg != "" {
		rec.Error = &errno.Upstream{ErrCode: s.ErrCode, ErrMsg: s.ErrMsg}
		if s.ErrCode != 0 {
			rec.Error.Hint = (&wx.Error{Code: s.ErrCode, Msg: s.ErrMsg}).Hint()
		}
	}
	return rec
}

type auditCounts struct {
	None      int64 `json:"none"`
	Approved  int64 `json:"approved"`
	Rejected  int64 `json:"rejected"`
	Auditing  int64 `json:"auditing"`
	Withdrawn int64 `json:"withdrawn"`
	Delayed   int64 `json:"delayed"`
}

type weappSummaryRes struct {
	Total     int64       `json:"total"`
	Released  int64       `json:"released"`
	Suspended int64       `json:"suspended"`
	Audit     auditCounts `json:"audit"` // by the last audit
}

func (h *WeappHandlers) summary(ctx context.Context, _ *api.None) (*weappSummaryRes, error) {
	counts, err := h.weapps.Counts(ctx)
	if err != nil {
		return nil, err
	}
	n := counts.ByAudit
	return &weappSummaryRes{
		Total: counts.Total, Released: counts.Released, Suspended: counts.Suspended,
		Audit: auditCounts{
			None: n[model.NoAudit], Approved: n[wx.AuditApproved], Rejected: n[wx.AuditRejected],
			Auditing: n[wx.AuditRunning], Withdrawn: n[wx.AuditWithdrawn], Delayed: n[wx.AuditDelayed],
		},
	}, nil
}

func (h *WeappHandlers) refresh(ctx context.Context, req *api.ByAppID) (*weappRecord, error) {
	row, err := h.weapps.Refresh(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	rec := toWeappRecord(row)
	return &rec, nil
}

// decimal writes an id for readers whose numbers end at 2^53.
func decimal(id int64) string { return strconv.FormatInt(id, 10) }
