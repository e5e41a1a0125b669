package admin

import (
	"context"
	"net/url"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/account/authlink"
	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Links are the links by which merchants authorize the platform.
type Links interface {
	Create(ctx context.Context, d authlink.Draft) (model.AuthLink, error)
	List(ctx context.Context) ([]model.AuthLink, error)
	Delete(ctx context.Context, id string) error
}

// RedirectList is where merchants may be sent on to.
type RedirectList interface {
	AllowedRedirects(ctx context.Context) ([]string, error)
	SetRedirects(ctx context.Context, allowed []string) error
}

// LinkDeps are what the link endpoints work with.
type LinkDeps struct {
	Links     Links
	Redirects RedirectList
}

// LinkHandlers are the endpoints of authorization links.
type LinkHandlers struct{ LinkDeps }

// NewLinks returns the endpoints.
func NewLinks(d LinkDeps) *LinkHandlers { return &LinkHandlers{d} }

// Routes lists the endpoints, relative to /wxcomponent.
func (h *LinkHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/auth-link-list", "Authorization links, newest first", h.list),
		api.PUT("/admin/auth-link", "Make an authorization link", h.create).Audited("auth-link.create"),
		api.DELETE("/admin/auth-link", "Take an authorization link out of use", h.remove).Audited("auth-link.delete"),
		api.GET("/admin/auth-redirects", "Where merchants may be sent on to", h.redirects),
		api.POST("/admin/auth-redirects", "Set where merchants may be sent on to", h.setRedirects).Audited("auth-redirects"),
	}
}

// authLink is a link; its pages are /#/authorize?link=<id> for PCs and /#/authorizeH5?link=<id> for
// phones.
type authLink struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	State       string `json:"state"`
	RedirectURL string `json:"redirectUrl"`
	AuthType    int    `json:"authType"`
	BizAppID    string `json:"bizAppid"`
	CategoryIDs []int  `json:"categoryIds"`
	CreateTime  int64  `json:"createTime"`
	ExpireTime  int64  `json:"expireTime,omitempty"` // none: never
}

func toAuthLink(l model.AuthLink) authLink {
	ids := authlink.Categories(l)
	if ids == nil {
		ids = []int{}
	}
	return authLink{
		l.ID, l.Name, l.State, l.RedirectURL, l.AuthType, l.BizAppID, ids, l.CreateMS / 1000, l.ExpireMS / 1000,
	}
}

type authLinkListRes struct {
	Links []authLink `json:"links"`
}

func (h *LinkHandlers) list(ctx context.Context, _ *api.None) (*authLinkListRes, error) {
	links, err := h.Links.List(ctx)
	if err != nil {
		return nil, err
	}
	res := &authLinkListRes{Links: make([]authLink, 0, len(links))}
	for _, l := range links {
		res.Links = append(res.Links, toAuthLink(l))
	}
	return res, nil
}

type authLinkReq struct {
	Name        string `json:"name" validate:"max=64"`
	State       string `json:"state" validate:"max=128"`
	RedirectURL string `json:"redirectUrl" validate:"max=1024"`
	AuthType    int    `json:"authType" validate:"gte=0,lte=6"` // 0 is 6, every type of account
	BizAppID    string `json:"bizAppid" validate:"omitempty,alphanum,max=32"`
	CategoryIDs []int  `json:"categoryIds" validate:"max=100,dive,gte=1"`
	ValidDays   int    `json:"validDays" validate:"gte=0,lte=3650"` // 0 is for ever
}

func (h *LinkHandlers) create(ctx context.Context, req *authLinkReq) (*authLink, error) {
	l, err := h.Links.Create(ctx, authlink.Draft{
		Name: req.Name, State: req.State, RedirectURL: req.RedirectURL,
		Options:  authlink.Options{AuthType: req.AuthType, BizAppID: req.BizAppID, CategoryIDs: req.CategoryIDs},
		ValidFor: time.Duration(req.ValidDays) * 24 * time.Hour,
	})
	if err != nil {
		return nil, err
	}
	made := toAuthLink(l)
	api.Touched(ctx, l.ID)
	return &made, nil
}

type linkIDReq struct {
	ID string `query:"id" validate:"required"`
}

func (h *LinkHandlers) remove(ctx context.Context, req *linkIDReq) (*api.None, error) {
	if err := h.Links.Delete(ctx, req.ID); err != nil {
		return nil, err
	}
	api.Touched(ctx, req.ID)
	return &api.None{}, nil
}

type redirectsBody struct {
	Allowed []string `json:"allowed" validate:"max=50,dive,max=1024"`
}

func (h *LinkHandlers) redirects(ctx context.Context, _ *api.None) (*redirectsBody, error) {
	allowed, err := h.Redirects.AllowedRedirects(ctx)
	if err != nil {
		return nil, err
	}
	return &redirectsBody{allowed}, nil
}

func (h *LinkHandlers) setRedirects(ctx context.Context, req *redirectsBody) (*api.None, error) {
	for _, a := range req.Allowed {
		if u, err := url.Parse(a); err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			return nil, errno.Param("allowed", "must be full http or https addresses")
		}
	}
	if err := h.Redirects.SetRedirects(ctx, req.Allowed); err != nil {
		return nil, err
	}
	return &api.None{}, nil
}
