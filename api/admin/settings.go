package admin

import (
	"context"
	"net/url"
	"runtime"

	"wxcomponent/api"
	"wxcomponent/comm/console/settings"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/wx/platform"
)

// Settings are what operators set in the dashboard.
type Settings interface {
	ComponentInfo(ctx context.Context) (settings.ComponentInfo, error)
	SetComponentInfo(ctx context.Context, info settings.ComponentInfo) error
}

type callbackConfigRes struct {
	EnvID         string `json:"envId"`
	Service       string `json:"service"`
	ComponentPath string `json:"componentPath"`
	BizPath       string `json:"bizPath"`
	TextMode      string `json:"textMode"` // json on cloud hosting, xml elsewhere
}

func (h *Handlers) callbackConfig(context.Context, *api.None) (*callbackConfigRes, error) {
	res := &callbackConfigRes{
		EnvID: h.Place.EnvID, Service: h.Place.Service,
		ComponentPath: "/wxcallback/component", BizPath: "/wxcallback/biz/$APPID$",
		TextMode: "xml",
	}
	if h.Place.OnCloud {
		res.TextMode = "json"
	}
	return res, nil
}

type secretBody struct {
	Secret string `json:"secret" validate:"required"`
}

func (h *Handlers) secret(context.Context, *api.None) (*secretBody, error) {
	return &secretBody{mask(h.Platform.Get().Secret)}, nil
}

func (h *Handlers) setSecret(ctx context.Context, req *secretBody) (*api.None, error) {
	if err := h.Platform.SetSecret(ctx, log.Secret(req.Secret)); err != nil {
		return nil, err
	}
	return &api.None{}, nil
}

// mask shows enough of a secret to recognise it by: the first five and last four characters.
func mask(s log.Secret) string {
	const head, tail, stars = 5, 4, "***********"
	text := s.Reveal()
	switch {
	case text == "":
		return ""
	case len(text) < 2*(head+tail):
		return stars
	default:
		return text[:head] + stars + text[len(text)-tail:]
	}
}

type maskedValue struct {
	Value string `json:"value"` // masked; empty when not set
	Set   bool   `json:"set"`
	Fixed bool   `json:"fixed"` // set by the environment, not changeable here
}

type pushConfigRes struct {
	Token          maskedValue `json:"token"`
	AESKey         maskedValue `json:"aesKey"`
	AESKeyPrevious maskedValue `json:"aesKeyPrevious"`
}

func (h *Handlers) pushConfig(context.Context, *api.None) (*pushConfigRes, error) {
	now := h.Platform.Get()
	show := func(v platform.Value) maskedValue {
		return maskedValue{Value: mask(v.Secret), Set: v.Secret != "", Fixed: v.Fixed}
	}
	return &pushConfigRes{show(now.Token), show(now.AESKey), show(now.AESKeyPrevious)}, nil
}

type pushConfigReq struct {
	Token          *string `json:"token,omitempty"`
	AESKey         *string `json:"aesKey,omitempty"`
	AESKeyPrevious *string `json:"aesKeyPrevious,omitempty"`
}

func (h *Handlers) setPushConfig(ctx context.Context, req *pushConfigReq) (*api.None, error) {
	if err := h.Platform.SetPush(ctx, platform.PushCredentials(*req)); err != nil {
		return nil, err
	}
	return &api.None{}, nil
}

type componentInfoReq struct {
	Name        string `json:"name" validate:"max=64"`
	Desc        string `json:"desc" validate:"max=512"`
	RedirectURL string `json:"redirectUrl" validate:"max=1024"`
}

func (h *Handlers) setComponentInfo(ctx context.Context, req *componentInfoReq) (*api.None, error) {
	if req.RedirectURL != "" {
		u, err := url.Parse(req.RedirectURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, errno.Param("redirectUrl", "must be a full http or https address")
		}
	}
	if err := h.Settings.SetComponentInfo(ctx, settings.ComponentInfo(*req)); err != nil {
		return nil, err
	}
	return &api.None{}, nil
}

type versionRes struct {
	Version   string `json:"version"`
	Commit    string `json:"commit"`
	BuildTime string `json:"buildTime"`
	GoVersion string `json:"goVersion"`
	Database  string `json:"database"`
}

func (h *Handlers) version(context.Context, *api.None) (*versionRes, error) {
	return &versionRes{h.Build.Version, h.Build.Commit, h.Build.Time, runtime.Version(), h.Database}, nil
}
