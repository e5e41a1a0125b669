// Package innerservice hands tokens to the provider's programs on the same host.
package innerservice

import (
	"context"

	"wxcomponent/api"
	"wxcomponent/comm/wx/token"
)

// Tokens is the token centre.
type Tokens interface {
	Ticket(ctx context.Context) (string, error)
	Component(ctx context.Context) (token.Token, error)
	Authorizer(ctx context.Context, appid string) (token.Token, error)
}

// Handlers are the endpoints.
type Handlers struct{ tokens Tokens }

// New returns the endpoints.
func New(tokens Tokens) *Handlers { return &Handlers{tokens} }

// Routes lists every endpoint of this package, relative to /inner.
func (h *Handlers) Routes() []api.Route {
	return api.For(api.Inner,
		api.GET("/ticket", "The newest component_verify_ticket", h.ticket),
		api.GET("/component-access-token", "The component access token", h.component).Takes(api.CallTime),
		api.GET("/authorizer-access-token", "The access token of an authorized account", h.authorizer).Takes(api.CallTime),
	)
}

func (h *Handlers) ticket(ctx context.Context, _ *api.None) (*api.Ticket, error) {
	ticket, err := h.tokens.Ticket(ctx)
	if err != nil {
		return nil, err
	}
	return &api.Ticket{Ticket: ticket}, nil
}

func (h *Handlers) component(ctx context.Context, _ *api.None) (*api.Token, error) {
	return api.TokenOf(h.tokens.Component(ctx))
}

func (h *Handlers) authorizer(ctx context.Context, req *api.ByAppID) (*api.Token, error) {
	return api.TokenOf(h.tokens.Authorizer(ctx, req.AppID))
}
