package authlink

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Draft is a link to be made.
type Draft struct {
	Name        string // for the operator's own list
	State       string // the provider's own id of the merchant, which comes back with the account
	RedirectURL string // where the merchant goes in the end; below an allowed address, or empty
	Options
	ValidFor time.Duration // 0 means for ever
}

// maxAuthType is the highest auth_type that WeChat's pages know.
const maxAuthType = 6

// maxLinks bounds the list of links.
const maxLinks = 500

// Create makes a link.
func (s *Service) Create(ctx context.Context, d Draft) (model.AuthLink, error) {
	if d.AuthType < 0 || d.AuthType > maxAuthType {
		return model.AuthLink{}, errno.Param("authType", "must be between 1 and 6")
	}
	if d.RedirectURL != "" {
		if err := s.CheckRedirect(ctx, d.RedirectURL); err != nil {
			return model.AuthLink{}, err
		}
	}
	now := s.Now()
	l := model.AuthLink{
		ID: randomID(), Name: d.Name, State: d.State, RedirectURL: d.RedirectURL,
		AuthType: d.AuthType, BizAppID: d.BizAppID, CategoryIDs: joinIDs(d.CategoryIDs), CreateMS: now.UnixMilli(),
	}
	if d.ValidFor > 0 {
		l.ExpireMS = now.Add(d.ValidFor).UnixMilli()
	}
	if err := s.Store.AuthLinkCreate(ctx, l); err != nil {
		return l, fmt.Errorf("store the link: %w", err)
	}
	return l, nil
}

// List returns the newest links.
func (s *Service) List(ctx context.Context) ([]model.AuthLink, error) {
	return s.Store.AuthLinkList(ctx, maxLinks)
}

// Delete takes a link out of use.
func (s *Service) Delete(ctx context.Context, id string) error {
	err := s.Store.AuthLinkDelete(ctx, id)
	if errors.Is(err, model.ErrNotFound) {
		return errno.Param("id", "there is no such link")
	}
	return err
}

// Categories are the permission sets that a link asks for.
func Categories(l model.AuthLink) []int { return splitIDs(l.CategoryIDs) }
