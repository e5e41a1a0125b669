package admin

import (
	"context"
	"strconv"

	"wxcomponent/api"
	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// weappState is how a mini program stands. Times are unix seconds, 0 when unknown.
type weappState struct {
	ServiceStatus int              `json:"serviceStatus"` // 1 normal, 0 closed by its owner
	ReleaseInfo   *weappRelease    `json:"releaseInfo,omitempty"`
	ExpInfo       *weappTrial      `json:"expInfo,omitempty"`
	AuditInfo     *weappAuditState `json:"auditInfo,omitempty"`
	PrivacyState  int              `json:"privacyState"` // 0 unknown, 1 checking, 2 clean, 3 findings
	RefreshTime   int64            `json:"refreshTime"`  // when WeChat was asked last
}

type weappRelease struct {
	Time   int64  `json:"releaseTime"`
	Ver    string `json:"releaseVersion"`
	Desc   string `json:"releaseDesc"`
	QRCode []byte `json:"releaseQrCode"` // base64, empty in lists
}

type weappTrial struct {
	Time   int64  `json:"expTime"`
	Ver    string `json:"expVersion"`
	Desc   string `json:"expDesc"`
	QRCode []byte `json:"expQrCode"` // base64, empty in lists
}

type weappAuditState struct {
	AuditID     int64  `json:"auditId"`
	AuditIDText string `json:"auditIdText"` // the same, for readers whose numbers end at 2^53
	Status      int    `json:"status"`      // 0 approved, 1 rejected, 2 in review, 3 withdrawn, 4 delayed
	Reason      string `json:"reason"`      // may hold HTML
	ScreenShot  string `json:"screenShot"`  // media ids joined by |
	UserVersion string `json:"userVersion"`
	UserDesc    string `json:"userDesc"`
	SubmitTime  int64  `json:"submitAuditTime"`
	AuditTime   int64  `json:"auditTime"` // when it ended
}

func toWeappState(w model.Weapp) weappState {
	s := weappState{ServiceStatus: w.VisitStatus, PrivacyState: w.PrivacyState, RefreshTime: w.RefreshMS / 1000}
	if w.HasRelease() {
		s.ReleaseInfo = &weappRelease{Time: w.ReleaseMS / 1000, Ver: w.ReleaseVersion, Desc: w.ReleaseDesc, QRCode: []byte{}}
	}
	if w.HasTrial() {
		s.ExpInfo = &weappTrial{Time: w.ExpMS / 1000, Ver: w.ExpVersion, Desc: w.ExpDesc, QRCode: []byte{}}
	}
	if w.AuditStatus != model.NoAudit {
		s.AuditInfo = &weappAuditState{
			AuditID: w.AuditID, AuditIDText: decimal(w.AuditID), Status: w.AuditStatus,
			Reason: w.AuditReason, ScreenShot: w.AuditScreenshot, UserVersion: w.AuditVersion, UserDesc: w.AuditDesc,
			SubmitTime: w.SubmitMS / 1000, AuditTime: w.AuditMS / 1000,
		}
	}
	return s
}

type weappVersionsRes struct {
	weappState
	Errors map[string]errno.Upstream `json:"errors,omitempty"` // by part: audit, version, serviceStatus, releaseQrCode, expQrCode
}

// versions answers with every part that could be read; for the others with what was known before,
// and the reason under errors.
func (h *WeappHandlers) versions(ctx context.Context, req *api.ByAppID) (*weappVersionsRes, error) {
	v, err := h.weapps.Versions(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	res := &weappVersionsRes{weappState: toWeappState(v.State), Errors: map[string]errno.Upstream{}}
	if r := res.ReleaseInfo; r != nil && v.ReleaseQRCode != nil {
		r.QRCode = v.ReleaseQRCode
	}
	if t := res.ExpInfo; t != nil && v.TrialQRCode != nil {
		t.QRCode = v.TrialQRCode
	}
	for part, err := range v.Failed {
		res.Errors[string(part)] = weapp.Explain(err)
	}
	return res, nil
}

type pastVersion struct {
	AppVersion  string `json:"appVersion"`
	UserVersion string `json:"userVersion"`
	UserDesc    string `json:"userDesc"`
	CommitTime  int64  `json:"commitTime"`
}

type historyRes struct {
	Versions []pastVersion `json:"versions"`
}

func (h *WeappHandlers) history(ctx context.Context, req *api.ByAppID) (*historyRes, error) {
	list, err := h.weapps.History(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	res := &historyRes{Versions: make([]pastVersion, 0, len(list))}
	for _, v := range list {
		res.Versions = append(res.Versions, pastVersion{decimal(v.AppVersion.Int64()), v.UserVersion, v.UserDesc, v.CommitTime.Int64()})
	}
	return res, nil
}

type rollbackReq struct {
	AppID      string `query:"appid" json:"-" validate:"required"`
	AppVersion string `query:"appVersion"` // of version-history; without it, the release before
}

func (h *WeappHandlers) rollback(ctx context.Context, req *rollbackReq) (*api.None, error) {
	var version int64
	if req.AppVersion != "" {
		v, err := strconv.ParseInt(req.AppVersion, 10, 64)
		if err != nil || v <= 0 {
			return nil, errno.Param("appVersion", "must be one of version-history")
		}
		version = v
	}
	if err := h.weapps.Rollback(ctx, req.AppID, version); err != nil {
		return nil, err
	}
	api.Touched(ctx, req.AppID)
	return &api.None{}, nil
}

type visitReq struct {
	AppID  string `query:"appid" json:"-" validate:"required"`
	Action string `json:"action" validate:"required,oneof=open close"`
}

func (h *WeappHandlers) setVisit(ctx context.Context, req *visitReq) (*api.None, error) {
	if err := h.weapps.SetOpen(ctx, req.AppID, req.Action == wx.VisitOpen); err != nil {
		return nil, err
	}
	api.TouchedBy(ctx, "weapp.visit-"+req.Action, req.AppID)
	return &api.None{}, nil
}

type grayPlanRes struct {
	Status            int   `json:"status"` // 0 none, 1 running, 2 paused, 3 done, 4 deleted
	CreateTime        int64 `json:"createTime"`
	Percentage        int   `json:"percentage"`
	DebuggersFirst    bool  `json:"debuggersFirst"`
	ExperiencersFirst bool  `json:"experiencersFirst"`
}

func (h *WeappHandlers) grayPlan(ctx context.Context, req *api.ByAppID) (*grayPlanRes, error) {
	p, err := h.weapps.GrayPlan(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	return &grayPlanRes{int(p.Status), p.CreateTime.Int64(), int(p.Percentage), p.DebuggersFirst, p.ExperiencersFirst}, nil
}

type grayReleaseReq struct {
	AppID             string  `query:"appid" json:"-" validate:"required"`
	Percentage        api.Int `json:"percentage" validate:"min=1,max=100"`
	DebuggersFirst    bool    `json:"debuggersFirst"`
	ExperiencersFirst bool    `json:"experiencersFirst"`
}

func (h *WeappHandlers) grayRelease(ctx context.Context, req *grayReleaseReq) (*api.None, error) {
	err := h.weapps.GrayRelease(ctx, req.AppID, wx.GrayRelease{
		Percentage: int(req.Percentage), DebuggersFirst: req.DebuggersFirst, ExperiencersFirst: req.ExperiencersFirst,
	})
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, req.AppID)
	return &api.None{}, nil
}
