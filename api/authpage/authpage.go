// Package authpage is the public API behind the pages that merchants authorize the platform on.
package authpage

import (
	"context"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/settings"
)

// PreAuth gets a pre-auth code from WeChat and says how long it is good for.
type PreAuth interface {
	PreAuthCode(ctx context.Context) (code string, valid time.Duration, err error)
}

// Info is what operators have written about the platform.
type Info interface {
	ComponentInfo(ctx context.Context) (settings.ComponentInfo, error)
}

// Deps are what the handlers work with.
type Deps struct {
	AppID   string // of the component
	PreAuth PreAuth
	Info    Info
}

// Handlers are the endpoints.
type Handlers struct{ Deps }

// New returns the endpoints.
func New(d Deps) *Handlers { return &Handlers{d} }

// Routes lists every endpoint of this package, relative to /wxcomponent/authpage.
func (h *Handlers) Routes() []api.Route {
	return api.For(api.Public,
		api.GET("/componentinfo", "What the authorization pages show", h.componentInfo),
		api.GET("/preauthcode", "A new pre-auth code", h.preAuthCode),
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
