package token

import (
	"context"
	"fmt"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
)

// prepare finds out what would make a renewal fail before WeChat is asked, and gets the token that
// the renewal itself needs, so that the lease is not held meanwhile.
func (c *Centre) prepare(ctx context.Context, appid string) error {
	if appid == "" {
		if _, err := c.platform.Secret(); err != nil {
			return err
		}
		_, err := c.Ticket(ctx)
		return err
	}
	if _, err := c.accounts.RefreshToken(ctx, appid); err != nil {
		return fmt.Errorf("read the refresh token: %w", err)
	}
	if c.client.CloudBase() != nil {
		return nil
	}
	_, err := c.Component(ctx)
	return err
}

// fetch asks WeChat for a token.
func (c *Centre) fetch(ctx context.Context, appid string) (wx.Grant, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchPatience)
	defer cancel()
	if appid == "" {
		return c.fetchComponent(ctx)
	}
	return c.fetchAuthorizer(ctx, appid)
}

func (c *Centre) fetchComponent(ctx context.Context) (wx.Grant, error) {
	secret, err := c.platform.Secret()
	if err != nil {
		return wx.Grant{}, err
	}
	ticket, err := c.Ticket(ctx)
	if err != nil {
		return wx.Grant{}, err
	}
	g, err := c.client.ComponentToken(ctx, secret, ticket)
	if wx.ActionOf(err) != wx.ActionReloadTicket {
		return g, err
	}
	newest, ticketErr := c.Ticket(ctx)
	if ticketErr != nil || newest == ticket {
		return wx.Grant{}, err
	}
	return c.client.ComponentToken(ctx, secret, newest)
}

func (c *Centre) fetchAuthorizer(ctx context.Context, appid string) (wx.Grant, error) {
	refresh, err := c.accounts.RefreshToken(ctx, appid)
	if err != nil {
		return wx.Grant{}, fmt.Errorf("read the refresh token: %w", err)
	}
	if refresh == "" {
		if refresh, err = c.recoverRefreshToken(ctx, appid, ""); err != nil {
			return wx.Grant{}, err
		}
		if refresh == "" {
			return wx.Grant{}, errno.Param("appid", "the account has given no API rights; it has to be authorized again")
		}
	}
	g, err := c.refresh(ctx, appid, refresh)
	if wx.ActionOf(err) != wx.ActionRecoverRefreshToken {
		return g, err
	}
	found, recoverErr := c.recoverRefreshToken(ctx, appid, refresh)
	if recoverErr != nil || found == "" {
		return wx.Grant{}, err
	}
	return c.refresh(ctx, appid, found)
}

// refresh gets a token and keeps the refresh token that came with it.
func (c *Centre) refresh(ctx context.Context, appid, refreshToken string) (wx.Grant, error) {
	g, newer, err := c.client.AuthorizerToken(ctx, appid, refreshToken)
	if err != nil {
		return wx.Grant{}, err
	}
	if newer != "" && newer != refreshToken {
		if err := c.accounts.RefreshTokenPut(ctx, appid, newer); err != nil {
			return wx.Grant{}, fmt.Errorf("store the new refresh token: %w", err)
		}
	}
	return g, nil
}

// recoverRefreshToken reads the account's refresh token from WeChat and keeps it; "" when it is no other than
// the known one.
func (c *Centre) recoverRefreshToken(ctx context.Context, appid, known string) (string, error) {
	_, authorization, err := c.client.AccountInfo(ctx, appid)
	if err != nil {
		return "", fmt.Errorf("recover the refresh token: %w", err)
	}
	found := authorization.RefreshToken
	if found == "" || found == known {
		return "", nil
	}
	if err := c.accounts.RefreshTokenPut(ctx, appid, found); err != nil {
		return "", fmt.Errorf("store the recovered refresh token: %w", err)
	}
	return found, nil
}
