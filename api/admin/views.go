package admin

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"wxcomponent/api"
	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Views keeps the views that users save. A view of somebody else's is like one that is missing.
type Views interface {
	ViewList(ctx context.Context, userID int, page string) ([]model.SavedView, error)
	ViewCreate(ctx context.Context, v model.SavedView) (int64, error)
	ViewUpdate(ctx context.Context, v model.SavedView) error
	ViewDelete(ctx context.Context, userID int, id int64) error
}

// ViewDeps are what the endpoints of saved views work with.
type ViewDeps struct {
	Views Views
}

// ViewHandlers are the endpoints of saved views.
type ViewHandlers struct{ ViewDeps }

// NewViews returns the endpoints of saved views.
func NewViews(d ViewDeps) *ViewHandlers { return &ViewHandlers{d} }

// Routes lists the endpoints, relative to /wxcomponent.
func (h *ViewHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/saved-view-list", "The own saved views of a page", h.list),
		api.PUT("/admin/saved-view", "Save a view", h.add),
		api.POST("/admin/saved-view", "Change a saved view", h.set),
		api.DELETE("/admin/saved-view", "Remove a saved view", h.remove),
	}
}

const (
	maxViews    = 50
	maxViewName = 64
	maxQuery    = 2000
)

type viewListReq struct {
	Page string `query:"page" validate:"required,max=32"` // the page's name, "message" for example
}

type viewListRes struct {
	Views []view `json:"views"` // oldest first
}

type view struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Query string `json:"query"` // of the page's address, without "?"
}

func (h *ViewHandlers) list(ctx context.Context, req *viewListReq) (*viewListRes, error) {
	rows, err := h.Views.ViewList(ctx, userID(ctx), req.Page)
	if err != nil {
		return nil, err
	}
	res := &viewListRes{Views: make([]view, len(rows))}
	for i, r := range rows {
		res.Views[i] = view{formatID(r.ID), r.Name, r.Query}
	}
	return res, nil
}

type viewBody struct {
	ID    string `json:"id"`   // of a change
	Page  string `json:"page"` // of a new one
	Name  string `json:"name"`
	Query string `json:"query"`
}

type viewID struct {
	ID string `json:"id"`
}

// row checks a view.
func (b *viewBody) row(ctx context.Context) (model.SavedView, error) {
	v := model.SavedView{UserID: userID(ctx), Page: b.Page, Name: strings.TrimSpace(b.Name), Query: strings.TrimPrefix(b.Query, "?")}
	if n := len([]rune(v.Name)); n == 0 || n > maxViewName {
		return v, errno.Param("name", fmt.Sprintf("must have 1 to %d characters", maxViewName))
	}
	if _, err := url.ParseQuery(v.Query); err != nil || len(v.Query) > maxQuery {
		return v, errno.Param("query", fmt.Sprintf("must be the query of an address, with at most %d bytes", maxQuery))
	}
	return v, nil
}

func plainName(s string) bool {
	return s != "" && len(s) <= 32 && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '/'
	}) < 0
}

func (h *ViewHandlers) add(ctx context.Context, req *viewBody) (*viewID, error) {
	v, err := req.row(ctx)
	if err != nil {
		return nil, err
	}
	if !plainName(v.Page) {
		return nil, errno.Param("page", "must be the name of a page")
	}
	have, err := h.Views.ViewList(ctx, v.UserID, v.Page)
	if err != nil {
		return nil, err
	}
	if len(have) >= maxViews {
		return nil, errno.New(errno.BadState, fmt.Sprintf("there are %d saved views already; remove one first", maxViews))
	}
	id, err := h.Views.ViewCreate(ctx, v)
	if err != nil {
		return nil, h.explain(err)
	}
	return &viewID{formatID(id)}, nil
}

func (h *ViewHandlers) set(ctx context.Context, req *viewBody) (*api.None, error) {
	v, err := req.row(ctx)
	if err != nil {
		return nil, err
	}
	if v.ID, err = parseID("id", req.ID); err != nil {
		return nil, err
	}
	return nil, h.explain(h.Views.ViewUpdate(ctx, v))
}

type viewByID struct {
	ID string `query:"id" validate:"required"`
}

func (h *ViewHandlers) remove(ctx context.Context, req *viewByID) (*api.None, error) {
	id, err := parseID("id", req.ID)
	if err != nil {
		return nil, err
	}
	return nil, h.explain(h.Views.ViewDelete(ctx, userID(ctx), id))
}

// explain turns what a caller can mend into an answer that says how.
func (h *ViewHandlers) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, model.ErrNotFound):
		return errno.Param("id", "there is no such view")
	case errors.Is(err, model.ErrDuplicate):
		return errno.Param("name", "is the name of another view")
	}
	return err
}
