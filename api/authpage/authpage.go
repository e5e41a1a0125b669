// Package authpage is the public API behind the pages that merchants authorize the platform on.
package authpage

import (
	"context"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/account/authlink"
	"wxcomponent/comm/console/settings"
	"wxcomponent/comm/httputils"
)

// PreAuth gets a pre-auth code from WeChat and says how long it is good for.
type PreAuth interface {
	PreAuthCode(ctx context.Context) (code string, valid time.Duration, err error)
}

// Info is what operators have written about the platform.
type Info interface {
	ComponentInfo(ctx context.Context) (settings.ComponentInfo, error)
}

// Links leads merchants to WeChat's page and takes them back.
type Links interface {
	Start(ctx context.Context, page authlink.Page, o authlink.Options, link, origin string) (authlink.Visit, error)
	Land(ctx context.Context, visit string, back authlink.Return) (authlink.Result, error)
}

// Deps are what the handlers work with.
type Deps struct {
	AppID   string // of the component
	PreAuth PreAuth
	Info    Info
	Links   Links
}

// Handlers are the endpoints.
type Handlers struct{ Deps }

// New returns the endpoints.
func New(d Deps) *Handlers { return &Handlers{d} }

// Routes lists every endpoint of this package, relative to /wxcomponent/authpage.
func (h *Handlers) Routes() []api.Route {
	return api.For(api.Public,
		api.GET("/componentinfo", "What the authorization pages show", h.componentInfo),
		api.GET("/preauthcode", "A new pre-auth code", h.preAuthCode).Takes(api.CallTime),
		api.GET("/authurl", "The complete address of WeChat's authorization page", h.authURL).Takes(api.CallTime),
		api.POST("/landing", "What a merchant came back with", h.landing).Takes(api.CallTime),
	)
}

type componentInfoRes struct {
	AppID       string `json:"appid"`
	Name        string `json:"name"`
	Desc        string `json:"desc"`
	RedirectURL string `json:"redirectUrl"`
}

func (h *Handlers) componentInfo(ctx context.Context, _ *api.None) (*componentInfoRes, error) {
	info, err := h.Info.ComponentInfo(ctx)
	if err != nil {
		return nil, err
	}
	return &componentInfoRes{h.AppID, info.Name, info.Desc, info.RedirectURL}, nil
}

type preAuthCodeRes struct {
	PreAuthCode string `json:"preAuthCode"`
}

func (h *Handlers) preAuthCode(ctx context.Context, _ *api.None) (*preAuthCodeRes, error) {
	code, _, err := h.PreAuth.PreAuthCode(ctx)
	if err != nil {
		return nil, err
	}
	return &preAuthCodeRes{code}, nil
}

type authURLReq struct {
	Type     string `query:"type" validate:"required,oneof=pc h5"`
	AuthType *int   `query:"authType" validate:"omitempty,gte=1,lte=6"` // without it 6, every type of account
	BizAppID string `query:"bizAppid" validate:"omitempty,alphanum,max=32"`
	Link     string `query:"link" validate:"max=64"` // decides everything else, where given
}

type authURLRes struct {
	URL       string `json:"url"`
	ExpiresIn int    `json:"expiresIn"` // seconds
	Visit     string `json:"visit"`     // comes back to the landing page
}

func (h *Handlers) authURL(ctx context.Context, req *authURLReq) (*authURLRes, error) {
	o := authlink.Options{BizAppID: req.BizAppID}
	if req.AuthType != nil {
		o.AuthType = *req.AuthType
	}
	v, err := h.Links.Start(ctx, authlink.Page(req.Type), o, req.Link, httputils.OriginOf(ctx))
	if err != nil {
		return nil, err
	}
	return &authURLRes{v.URL, v.ExpiresIn, v.ID}, nil
}

type landingReq struct {
	Visit    string `json:"visit" validate:"required,max=64"`
	AuthCode string `json:"authCode" validate:"required,max=512"`
	// ExpiresIn is what WeChat sent along as expires_in.
	ExpiresIn api.Int `json:"expiresIn" validate:"gte=0"`
}

type landingRes struct {
	Account     authlink.Account `json:"account"`
	RedirectURL string           `json:"redirectUrl,omitempty"`
}

func (h *Handlers) landing(ctx context.Context, req *landingReq) (*landingRes, error) {
	r, err := h.Links.Land(ctx, req.Visit, authlink.Return{AuthCode: req.AuthCode, ExpiresIn: int64(req.ExpiresIn)})
	if err != nil {
		return nil, err
	}
	return &landingRes{r.Account, r.RedirectURL}, nil
}
