package admin

import (
	"context"

	"wxcomponent/api"
)

func (h *Handlers) ticket(ctx context.Context, _ *api.None) (*api.Ticket, error) {
	ticket, err := h.Tokens.Ticket(ctx)
	if err != nil {
		return nil, err
	}
	return &api.Ticket{Ticket: ticket}, nil
}

func (h *Handlers) componentToken(ctx context.Context, _ *api.None) (*api.Token, error) {
	return api.TokenOf(h.Tokens.Component(ctx))
}

func (h *Handlers) authorizerToken(ctx context.Context, req *api.ByAppID) (*api.Token, error) {
	return api.TokenOf(h.Tokens.Authorizer(ctx, req.AppID))
}

func (h *Handlers) cloudbaseToken(ctx context.Context, _ *api.None) (*api.Token, error) {
	value, err := h.Tokens.CloudBase(ctx)
	if err != nil {
		return nil, err
	}
	return &api.Token{Token: value}, nil
}
