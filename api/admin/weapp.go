package admin

import (
	"context"
	"strconv"

	"go.uber.org/zap"

	"wxcomponent/api"
	"wxcomponent/comm/authorizer"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/weapp"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// WeappDeps are what the handlers of agency development work with.
type WeappDeps struct {
	Weapps *weapp.Service
	Audit  Auditor
	Log    *zap.Logger
}

// WeappHandlers are the endpoints of agency development.
type WeappHandlers struct{ WeappDeps }

// NewWeapp returns the endpoints.
func NewWeapp(d WeappDeps) *WeappHandlers { return &WeappHandlers{d} }

// Routes lists the endpoints, relative to /wxcomponent.
func (h *WeappHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/dev-weapp-list", "Mini programs that the platform develops, from stored state", h.list),
		api.GET("/admin/dev-weapp-summary", "How many of them are in which state", h.summary),
		api.POST("/admin/dev-weapp-refresh", "Ask WeChat how one of them stands", h.refresh),
		api.GET("/admin/dev-versions", "The released, audited and trial version with their codes", h.versions),
		api.GET("/admin/version-history", "Releases that can be gone back to", h.history),

		api.GET("/admin/template-list", "Templates that can be committed", h.templates),
		api.POST("/admin/commit-code", "Make a template the trial version", h.commit),
		api.GET("/admin/privacy-check", "How WeChat's check of the committed code stands", h.privacy),
		api.GET("/admin/page-list", "Pages of the committed code", h.pages),
		api.GET("/admin/category", "Categories that may be named at an audit", h.categories),
		api.GET("/admin/qrcode", "The code that opens the released version", h.qrcode),

		api.GET("/admin/audit-quota", "Audits left this month", h.quota),
		api.POST("/admin/submit-audit", "Submit the trial version for audit", h.submit),
		api.POST("/admin/revoke-audit", "Withdraw the running audit", h.act("withdraw", h.Weapps.Withdraw)),
		api.POST("/admin/speed-up-audit", "Ask for an urgent audit", h.speedUp),
		h.uploadRoute(),

		api.POST("/admin/release-code", "Release the audited version", h.act("release", h.Weapps.Release)),
		api.POST("/admin/rollback-release-version", "Go back to an earlier release", h.rollback),
		api.POST("/admin/change-visit-status", "Open or close the mini program to its users", h.setVisit),
		api.GET("/admin/gray-release", "How the release to a part of the users stands", h.grayPlan),
		api.POST("/admin/gray-release", "Release the audited version to a part of the users", h.grayRelease),
		api.POST("/admin/revert-gray-release", "Take the release to a part of the users back", h.act("gray-revert", h.Weapps.GrayRevert)),
	}
}

// act makes a handler of an action that needs nothing but the account.
func (h *WeappHandlers) act(action string, do func(ctx context.Context, appid string) error) api.Func[api.ByAppID, api.None] {
	return func(ctx context.Context, req *api.ByAppID) (*api.None, error) {
		if err := do(ctx, req.AppID); err != nil {
			return nil, err
		}
		h.record(ctx, action, req.AppID)
		return &api.None{}, nil
	}
}

// record writes the audit trail. The action is done at WeChat, so its caller is not told to try
// again when only the trail could not be written.
func (h *WeappHandlers) record(ctx context.Context, action, appid string) {
	if err := h.Audit.Record(ctx, "weapp."+action, appid); err != nil {
		log.From(ctx, h.Log).Error("the audit trail could not be written",
			zap.String("action", "weapp."+action), zap.String("object", appid), zap.Error(err))
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
	page, err := h.Weapps.List(ctx, f)
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
	counts, err := h.Weapps.Counts(ctx)
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
	row, err := h.Weapps.Refresh(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	rec := toWeappRecord(row)
	return &rec, nil
}

// decimal writes an id for readers whose numbers end at 2^53.
func decimal(id int64) string { return strconv.FormatInt(id, 10) }
