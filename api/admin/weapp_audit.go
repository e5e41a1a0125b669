package admin

import (
	"context"

	"wxcomponent/api"
	"wxcomponent/comm/wx"
)

type submitReq struct {
	AppID            string         `query:"appid" json:"-" validate:"required"`
	ItemList         []submitItem   `json:"itemList"`
	PreviewInfo      *submitPreview `json:"previewInfo"`
	VersionDesc      string         `json:"versionDesc"`
	FeedbackInfo     string         `json:"feedbackInfo"`
	FeedbackStuff    string         `json:"feedbackStuff"` // media ids joined by |
	UGCDeclare       *submitUGC     `json:"ugcDeclare"`
	PrivacyAPINotUse *bool          `json:"privacyApiNotUse"`
	OrderPath        string         `json:"orderPath"`
}

type submitItem struct {
	Address     string  `json:"address"`
	Tag         string  `json:"tag"` // up to ten, separated by blanks
	FirstClass  string  `json:"firstClass"`
	SecondClass string  `json:"secondClass"`
	ThirdClass  string  `json:"thirdClass"`
	FirstID     api.Int `json:"firstId"`
	SecondID    api.Int `json:"secondId"`
	ThirdID     api.Int `json:"thirdId"`
	Title       string  `json:"title"`
}

type submitPreview struct {
	VideoIDList []string `json:"videoIdList"`
	PicIDList   []string `json:"picIdList"`
}

type submitUGC struct {
	Scene          []api.Int `json:"scene"`
	OtherSceneDesc string    `json:"otherSceneDesc"`
	Method         []api.Int `json:"method"`
	HasAuditTeam   api.Int   `json:"hasAuditTeam"` // 0 or 1
	AuditDesc      string    `json:"auditDesc"`
}

type submitRes struct {
	AuditID     int64  `json:"auditId"`
	AuditIDText string `json:"auditIdText"`
}

func (h *WeappHandlers) submit(ctx context.Context, req *submitReq) (*submitRes, error) {
	id, err := h.weapps.SubmitAudit(ctx, req.AppID, req.submission())
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, req.AppID)
	return &submitRes{id, decimal(id)}, nil
}

// submission is the request as WeChat wants it: what is empty is left out, but an empty list of
// items, which is refused, is not.
func (r *submitReq) submission() wx.Submission {
	s := wx.Submission{
		VersionDesc: r.VersionDesc, FeedbackInfo: r.FeedbackInfo, FeedbackStuff: r.FeedbackStuff,
		PrivacyAPINotUse: r.PrivacyAPINotUse, OrderPath: r.OrderPath,
	}
	if r.ItemList != nil {
		s.ItemList = []wx.AuditItem{}
	}
	for _, i := range r.ItemList {
		s.ItemList = append(s.ItemList, wx.AuditItem{
			Address: i.Address, Tag: i.Tag, FirstClass: i.FirstClass, SecondClass: i.SecondClass, ThirdClass: i.ThirdClass,
			FirstID: int64(i.FirstID), SecondID: int64(i.SecondID), ThirdID: int64(i.ThirdID), Title: i.Title,
		})
	}
	if p := r.PreviewInfo; p != nil && len(p.VideoIDList)+len(p.PicIDList) > 0 {
		s.PreviewInfo = &wx.PreviewInfo{VideoIDs: p.VideoIDList, PicIDs: p.PicIDList}
	}
	if u := r.UGCDeclare; u != nil && len(u.Scene) > 0 {
		s.UGCDeclare = &wx.UGCDeclare{
			Scene: ints(u.Scene), OtherSceneDesc: u.OtherSceneDesc, Method: ints(u.Method),
			HasAuditTeam: int(u.HasAuditTeam), AuditDesc: u.AuditDesc,
		}
	}
	return s
}

func ints(list []api.Int) []int {
	out := make([]int, len(list))
	for i, n := range list {
		out[i] = int(n)
	}
	return out
}

type speedUpReq struct {
	AppID   string `query:"appid" json:"-" validate:"required"`
	AuditID int64  `query:"auditId" validate:"min=0"` // without it, the running audit's
}

func (h *WeappHandlers) speedUp(ctx context.Context, req *speedUpReq) (*api.None, error) {
	if err := h.weapps.SpeedUp(ctx, req.AppID, req.AuditID); err != nil {
		return nil, err
	}
	api.Touched(ctx, req.AppID)
	return &api.None{}, nil
}

type quotaRes struct {
	Rest         int64 `json:"rest"`
	Limit        int64 `json:"limit"`
	SpeedupRest  int64 `json:"speedupRest"`
	SpeedupLimit int64 `json:"speedupLimit"`
}

func (h *WeappHandlers) quota(ctx context.Context, req *api.ByAppID) (*quotaRes, error) {
	q, err := h.weapps.AuditQuota(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	return &quotaRes{q.Rest.Int64(), q.Limit.Int64(), q.SpeedupRest.Int64(), q.SpeedupLimit.Int64()}, nil
}
