package dao

import (
	"context"

	"wxcomponent/db/model"
)

// AuthLinkCreate stores a link; an id that is taken is model.ErrDuplicate.
func (s *Store) AuthLinkCreate(ctx context.Context, l model.AuthLink) error {
	return fail("store the link", s.write(ctx).Create(&l).Error)
}

// AuthLinkGet returns a link, or model.ErrNotFound.
func (s *Store) AuthLinkGet(ctx context.Context, id string) (model.AuthLink, error) {
	var l model.AuthLink
	err := s.read(ctx).Where("id = ?", id).Take(&l).Error
	return l, fail("find the link", err)
}

// AuthLinkList returns links, newest first.
func (s *Store) AuthLinkList(ctx context.Context, limit int) ([]model.AuthLink, error) {
	links := []model.AuthLink{}
	err := s.read(ctx).Order("createms DESC, id DESC").Limit(limit).Find(&links).Error
	return links, fail("list the links", err)
}

// AuthLinkDelete removes a link, or returns model.ErrNotFound.
func (s *Store) AuthLinkDelete(ctx context.Context, id string) error {
	n, err := s.exec(ctx, "DELETE FROM auth_link WHERE id = ?", id)
	if err == nil && n == 0 {
		err = model.ErrNotFound
	}
	return fail("delete the link", err)
}

// AuthVisitCreate stores a visit; an id that is taken is model.ErrDuplicate.
func (s *Store) AuthVisitCreate(ctx context.Context, v model.AuthVisit) error {
	return fail("store the visit", s.write(ctx).Create(&v).Error)
}

// AuthVisitGet returns the visit with an id, or with a pre-auth code of this hash; model.ErrNotFound when
// there is none.
func (s *Store) AuthVisitGet(ctx context.Context, idOrHash string) (model.AuthVisit, error) {
	var v model.AuthVisit
	err := s.read(ctx).Where("id = ? OR preauthhash = ?", idOrHash, idOrHash).Order("createms DESC").Take(&v).Error
	return v, fail("find the visit", err)
}
