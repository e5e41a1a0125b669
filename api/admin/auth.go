package admin

import (
	"context"

	"wxcomponent/api"
	"wxcomponent/comm/auth"
)

type loginReq struct {
	Username string `json:"username" validate:"required"`
	Password string `json:"password" validate:"required"`
}

type jwtRes struct {
	JWT string `json:"jwt"`
}

func (h *Handlers) login(ctx context.Context, req *loginReq) (*jwtRes, error) {
	jwt, err := h.Logins.Login(ctx, req.Username, req.Password, auth.AddressOf(ctx))
	if err != nil {
		return nil, err
	}
	return &jwtRes{jwt}, nil
}

func (h *Handlers) refreshAuth(ctx context.Context, _ *api.None) (*jwtRes, error) {
	jwt, err := h.Logins.Refresh(ctx, userID(ctx))
	if err != nil {
		return nil, err
	}
	return &jwtRes{jwt}, nil
}

func (h *Handlers) logout(ctx context.Context, _ *api.None) (*api.None, error) {
	return nil, h.Logins.Logout(ctx, userID(ctx))
}

type usernameReq struct {
	Username string `json:"username" validate:"required"`
}

func (h *Handlers) setUsername(ctx context.Context, req *usernameReq) (*api.None, error) {
	if err := h.Logins.Rename(ctx, userID(ctx), req.Username); err != nil {
		return nil, err
	}
	api.Touched(ctx, req.Username)
	return &api.None{}, nil
}

type passwordReq struct {
	OldPassword string `json:"oldPassword" validate:"required"`
	Password    string `json:"password" validate:"required"`
}

func (h *Handlers) setPassword(ctx context.Context, req *passwordReq) (*api.None, error) {
	if err := h.Logins.SetPassword(ctx, userID(ctx), req.OldPassword, req.Password, auth.AddressOf(ctx)); err != nil {
		return nil, err
	}
	api.Touched(ctx, auth.IdentityOf(ctx).Username)
	return &api.None{}, nil
}
