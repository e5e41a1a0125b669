package admin

import (
	"context"

	"wxcomponent/api"
	"wxcomponent/comm/wx"
)

type templatesReq struct {
	TemplateType *int `query:"templateType" validate:"omitnil,oneof=0 1"` // 0 normal, 1 standard; all without it
}

type codeTemplate struct {
	CreateTime            int64      `json:"createTime"`
	UserVersion           string     `json:"userVersion"`
	UserDesc              string     `json:"userDesc"`
	TemplateID            int64      `json:"templateId"`
	TemplateType          int        `json:"templateType"`
	SourceMiniprogramID   string     `json:"sourceMiniprogramAppid"`
	SourceMiniprogramName string     `json:"sourceMiniprogram"`
	CategoryList          []category `json:"categoryList"`
	AuditScene            int        `json:"auditScene"`
	AuditStatus           int        `json:"auditStatus"`
	Reason                string     `json:"reason"`
}

type templatesRes struct {
	List []codeTemplate `json:"templateList"`
}

func (h *WeappHandlers) templates(ctx context.Context, req *templatesReq) (*templatesRes, error) {
	list, err := h.weapps.TemplateList(ctx, req.TemplateType)
	if err != nil {
		return nil, err
	}
	res := &templatesRes{List: make([]codeTemplate, 0, len(list))}
	for _, t := range list {
		res.List = append(res.List, codeTemplate{
			CreateTime: t.CreateTime.Int64(), UserVersion: t.UserVersion, UserDesc: t.UserDesc,
			TemplateID: t.TemplateID.Int64(), TemplateType: int(t.TemplateType),
			SourceMiniprogramID: t.SourceAppID, SourceMiniprogramName: t.SourceName,
			CategoryList: toCategories(t.CategoryList),
			AuditScene:   int(t.AuditScene), AuditStatus: int(t.AuditStatus), Reason: t.Reason,
		})
	}
	return res, nil
}

type category struct {
	FirstClass  string `json:"firstClass"`
	SecondClass string `json:"secondClass"`
	ThirdClass  string `json:"thirdClass"`
	FirstID     int64  `json:"firstId"`
	SecondID    int64  `json:"secondId"`
	ThirdID     int64  `json:"thirdId"`
}

func toCategories(list []wx.AuditedCategory) []category {
	out := make([]category, 0, len(list))
	for _, c := range list {
		out = append(out, category{
			c.FirstClass, c.SecondClass, c.ThirdClass, c.FirstID.Int64(), c.SecondID.Int64(), c.ThirdID.Int64(),
		})
	}
	return out
}

type categoriesRes struct {
	List []category `json:"categoryList"`
}

func (h *WeappHandlers) categories(ctx context.Context, req *api.ByAppID) (*categoriesRes, error) {
	list, err := h.weapps.CategoryList(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	return &categoriesRes{toCategories(list)}, nil
}

type pagesRes struct {
	List []string `json:"pageList"`
}

func (h *WeappHandlers) pages(ctx context.Context, req *api.ByAppID) (*pagesRes, error) {
	list, err := h.weapps.PageList(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	return &pagesRes{never(list)}, nil
}

// never null: an empty list is [].
func never[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

type qrcodeRes struct {
	ReleaseQRCode []byte `json:"releaseQrCode"` // base64
}

func (h *WeappHandlers) qrcode(ctx context.Context, req *api.ByAppID) (*qrcodeRes, error) {
	image, err := h.weapps.ReleaseQRCode(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	return &qrcodeRes{image}, nil
}

type commitReq struct {
	AppID       string   `query:"appid" json:"-" validate:"required"`
	TemplateID  *api.Int `json:"templateId" validate:"required"`
	ExtJSON     string   `json:"extJson"`
	UserVersion string   `json:"userVersion"`
	UserDesc    string   `json:"userDesc"`
}

func (h *WeappHandlers) commit(ctx context.Context, req *commitReq) (*api.None, error) {
	err := h.weapps.Commit(ctx, req.AppID, wx.Commit{
		TemplateID: int64(*req.TemplateID), ExtJSON: req.ExtJSON, UserVersion: req.UserVersion, UserDesc: req.UserDesc,
	})
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, req.AppID)
	return &api.None{}, nil
}

type privacyRes struct {
	State       int      `json:"state"`       // 1 checking, 2 clean, 3 findings
	WithoutAuth []string `json:"withoutAuth"` // interfaces that the code uses and that are not granted
	WithoutConf []string `json:"withoutConf"` // … that are not in the privacy statement
}

func (h *WeappHandlers) privacy(ctx context.Context, req *api.ByAppID) (*privacyRes, error) {
	p, err := h.weapps.Privacy(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	return &privacyRes{p.State, never(p.WithoutAuth), never(p.WithoutConf)}, nil
}
