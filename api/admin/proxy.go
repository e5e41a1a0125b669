package admin

import (
	"context"

	"wxcomponent/api"
	"wxcomponent/comm/console/settings"
)

// ProxySwitch hands unknown paths to the provider's own service.
type ProxySwitch interface {
	Get() settings.Proxy
	Set(ctx context.Context, open bool, port int) error
}

func (h *Handlers) proxy(context.Context, *api.None) (*settings.Proxy, error) {
	now := h.Proxy.Get()
	return &now, nil
}

type proxyReq struct {
	Open bool    `json:"open"`
	Port api.Int `json:"port"`
}

func (h *Handlers) setProxy(ctx context.Context, req *proxyReq) (*api.None, error) {
	if err := h.Proxy.Set(ctx, req.Open, int(req.Port)); err != nil {
		return nil, err
	}
	return &api.None{}, nil
}
