package wx

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// Draft is a version uploaded from the developer tool, not yet a template.
type Draft struct {
	DraftID     Int    `json:"draft_id"`
	CreateTime  Int    `json:"create_time"` // seconds
	UserVersion string `json:"user_version"`
	UserDesc    string `json:"user_desc"`
	SourceAppID string `json:"source_miniprogram_appid"`
	SourceName  string `json:"source_miniprogram"`
	Developer   string `json:"developer"`
}

// DraftList reads the drafts (gettemplatedraftlist).
func (c *Client) DraftList(ctx context.Context) ([]Draft, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/gettemplatedraftlist", as: component}
	var res struct {
		List []Draft `json:"draft_list"`
	}
	err := c.call(ctx, e, "", nil, nil, &res)
	return res.List, err
}

// Kinds of templates.
const (
	TemplateNormal   = 0
	TemplateStandard = 1 // ext_json may hold only extAppid, ext and window
)

// Template is a version that can be committed to mini programs.
type Template struct {
	TemplateID   Int               `json:"template_id"`
	TemplateType Int               `json:"template_type"`
	DraftID      Int               `json:"draft_id"`
	CreateTime   Int               `json:"create_time"` // seconds
	UserVersion  string            `json:"user_version"`
	UserDesc     string            `json:"user_desc"`
	SourceAppID  string            `json:"source_miniprogram_appid"`
	SourceName   string            `json:"source_miniprogram"`
	CategoryList []AuditedCategory `json:"category_list"`
	AuditScene   Int               `json:"audit_scene"`
	AuditStatus  Int               `json:"audit_status"`
	Reason       string            `json:"reason"`
}

// TemplateList reads the templates (gettemplatelist), of one type or, with nil, of all.
func (c *Client) TemplateList(ctx context.Context, templateType *int) ([]Template, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/gettemplatelist", as: component}
	query := url.Values{}
	if templateType != nil {
		query.Set("template_type", strconv.Itoa(*templateType))
	}
	var res struct {
		List []Template `json:"template_list"`
	}
	err := c.call(ctx, e, "", query, nil, &res)
	return res.List, err
}

// TemplateAdd makes a template of a draft (addtotemplate).
func (c *Client) TemplateAdd(ctx context.Context, draftID int64, templateType int) error {
	e := endpoint{path: "/wxa/addtotemplate", as: component, effect: acts}
	req := map[string]int64{"draft_id": draftID, "template_type": int64(templateType)}
	return c.call(ctx, e, "", nil, req, nil)
}

// TemplateDelete removes a template (deletetemplate).
func (c *Client) TemplateDelete(ctx context.Context, templateID int64) error {
	e := endpoint{path: "/wxa/deletetemplate", as: component, effect: acts}
	return c.call(ctx, e, "", nil, map[string]int64{"template_id": templateID}, nil)
}
