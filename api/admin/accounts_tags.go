package admin

import (
	"context"

	"wxcomponent/api"
)

type accountTags struct {
	Tags []string `json:"tags"`
}

type accountTagsReq struct {
	AppID string   `query:"appid" validate:"required"`
	Tags  []string `json:"tags"` // instead of those that it has
}

func (h *AccountHandlers) setTags(ctx context.Context, req *accountTagsReq) (*accountTags, error) {
	tags, err := h.Accounts.SetTags(ctx, req.AppID, req.Tags)
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, req.AppID)
	return &accountTags{append([]string{}, tags...)}, nil
}

type tagCount struct {
	Tag      string `json:"tag"`
	Accounts int64  `json:"accounts"` // authorized ones
}

type tagListRes struct {
	Tags []tagCount `json:"tags"`
}

func (h *AccountHandlers) tagList(ctx context.Context, _ *api.None) (*tagListRes, error) {
	rows, err := h.Rows.AccountTagCounts(ctx)
	if err != nil {
		return nil, err
	}
	res := &tagListRes{Tags: make([]tagCount, len(rows))}
	for i, row := range rows {
		res.Tags[i] = tagCount(row)
	}
	return res, nil
}
