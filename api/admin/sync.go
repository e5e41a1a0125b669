package admin

import (
	"context"
	"strconv"

	"wxcomponent/api"
	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/errno"
)

type syncStartedRes struct {
	JobID string `json:"jobId"`
}

func (h *AccountHandlers) startSync(ctx context.Context, _ *api.None) (*syncStartedRes, error) {
	id, err := h.Accounts.StartSync(ctx)
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, formatID(id))
	return &syncStartedRes{formatID(id)}, nil
}

type syncJobReq struct {
	ID string `query:"id"` // without it, the newest
}

type syncJobRes struct {
	JobID      string               `json:"jobId"` // empty when there has been none
	State      authorizer.SyncState `json:"state,omitempty"`
	Progress   *authorizer.Progress `json:"progress,omitempty"`
	CreateTime int64                `json:"createTime,omitempty"`
	UpdateTime int64                `json:"updateTime,omitempty"`
}

func (h *AccountHandlers) syncJob(ctx context.Context, req *syncJobReq) (*syncJobRes, error) {
	job, found, err := h.findSync(ctx, req.ID)
	if err != nil || !found {
		return &syncJobRes{}, err
	}
	return &syncJobRes{
		JobID: formatID(job.ID), State: job.State, Progress: &job.Progress,
		CreateTime: job.CreatedAt.Unix(), UpdateTime: job.UpdatedAt.Unix(),
	}, nil
}

func (h *AccountHandlers) findSync(ctx context.Context, id string) (authorizer.SyncJob, bool, error) {
	if id == "" {
		return h.Accounts.SyncLatest(ctx)
	}
	n, err := parseID("id", id)
	if err != nil {
		return authorizer.SyncJob{}, false, err
	}
	job, err := h.Accounts.Sync(ctx, n)
	return job, err == nil, err
}

type syncCancelReq struct {
	JobID string `json:"jobId" validate:"required"`
}

func (h *AccountHandlers) cancelSync(ctx context.Context, req *syncCancelReq) (*api.None, error) {
	id, err := parseID("jobId", req.JobID)
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, formatID(id))
	return nil, h.Accounts.CancelSync(ctx, id)
}

// formatID writes an id that may exceed what a browser's numbers hold.
func formatID(id int64) string { return strconv.FormatInt(id, 10) }

func parseID(field, text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errno.Param(field, "is not an id")
	}
	return id, nil
}
