package admin

import (
	"context"

	"wxcomponent/api"
	"wxcomponent/comm/log"
	"wxcomponent/comm/wx/platform"
)

// PlatformCalls are the calls of WeChat that get the platform going again.
type PlatformCalls interface {
	StartPushTicket(ctx context.Context, secret log.Secret) error
	ClearQuota(ctx context.Context, appid string) error
	ClearQuotaBySecret(ctx context.Context, secret log.Secret, appid string) error
}

// PlatformSecret holds the platform's appid and AppSecret.
type PlatformSecret interface {
	Get() platform.Snapshot
	Secret() (log.Secret, error)
}

// PlatformCallHandlers are the endpoints of these calls.
type PlatformCallHandlers struct {
	wechat   PlatformCalls
	platform PlatformSecret
}

// NewPlatformCalls returns the endpoints of these calls.
func NewPlatformCalls(wechat PlatformCalls, p PlatformSecret) *PlatformCallHandlers {
	return &PlatformCallHandlers{wechat, p}
}

// Routes lists the endpoints, relative to /wxcomponent.
func (h *PlatformCallHandlers) Routes() []api.Route {
	return []api.Route{
		api.POST("/admin/start-push-ticket", "Have WeChat push component_verify_ticket again", h.startPushTicket).Audited("start-push-ticket").Takes(api.CallTime),
		api.POST("/admin/clear-quota", "Reset the daily quotas of WeChat's API, ten times a month", h.clearQuota).Audited("clear-quota").Takes(api.CallTime),
	}
}

func (h *PlatformCallHandlers) startPushTicket(ctx context.Context, _ *api.None) (*api.None, error) {
	secret, err := h.platform.Secret()
	if err != nil {
		return nil, err
	}
	if err := h.wechat.StartPushTicket(ctx, secret); err != nil {
		return nil, err
	}
	return &api.None{}, nil
}

type clearQuotaReq struct {
	AppID    string `json:"appid"`    // of an account; without it, the platform's own quotas
	BySecret bool   `json:"bySecret"` // with the AppSecret instead of a token, for when none can be got any more
}

func (h *PlatformCallHandlers) clearQuota(ctx context.Context, req *clearQuotaReq) (*api.None, error) {
	if err := h.clear(ctx, req); err != nil {
		return nil, err
	}
	api.Touched(ctx, req.AppID)
	return &api.None{}, nil
}

func (h *PlatformCallHandlers) clear(ctx context.Context, req *clearQuotaReq) error {
	if !req.BySecret {
		appid := req.AppID
		if appid == "" {
			appid = h.platform.Get().AppID
		}
		return h.wechat.ClearQuota(ctx, appid)
	}
	secret, err := h.platform.Secret()
	if err != nil {
		return err
	}
	return h.wechat.ClearQuotaBySecret(ctx, secret, req.AppID)
}
