package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/queue"
	"wxcomponent/db/model"
)

// errorsMax is how many failures a sync keeps by name; the table has room for about 16 kB.
const errorsMax = 40

// Progress is how far a sync has come.
type Progress struct {
	Total      int         `json:"total"`      // accounts in WeChat's list
	Done       int         `json:"done"`       // accounts gone through, the failed ones among them
	Failed     int         `json:"failed"`     // accounts whose details could not be fetched or stored
	Page       int         `json:"page"`       // pages of the list read
	Added      int         `json:"added"`      // accounts that were not authorized here before
	Vanished   int         `json:"vanished"`   // accounts that WeChat no longer lists
	Incomplete bool        `json:"incomplete"` // the list changed while it was read, so none was taken for vanished
	Errors     []SyncError `json:"errors"`     // the first failures
	BeganMS    int64       `json:"beganMs"`    // when the first attempt began
}

// SyncError is why an account failed. AppID is empty where it was the list that could not be read;
// ErrCode is WeChat's, 0 when WeChat gave none.
type SyncError struct {
	AppID   string `json:"appid,omitempty"`
	ErrCode int    `json:"errcode"`
	Message string `json:"message"`
}

// SyncState is where a sync stands.
type SyncState string

// The states of a sync.
const (
	SyncWaiting   SyncState = "waiting" // for its turn, or for another attempt
	SyncRunning   SyncState = "running"
	SyncDone      SyncState = "done"
	SyncFailed    SyncState = "failed" // Progress.Errors tells why
	SyncCancelled SyncState = "cancelled"
)

// SyncJob is a sync of all accounts with WeChat's list.
type SyncJob struct {
	ID        int64
	State     SyncState
	Progress  Progress
	CreatedAt time.Time
	UpdatedAt time.Time
}

// StartSync starts a sync, or returns the one that runs: there is one at a time in the whole
// installation.
func (s *Service) StartSync(ctx context.Context) (id int64, err error) {
	work, err := queue.Item{Kind: KindSync, Key: KindSync}.Work()
	if err != nil {
		return 0, err
	}
	id, created, err := s.deps.Rows.WorkAdd(ctx, work, 0)
	if err != nil {
		return 0, fmt.Errorf("start a sync: %w", err)
	}
	if created {
		s.deps.Nudge()
	}
	return id, nil
}

// Sync returns a sync; errno.BadParam when there is none with that id.
func (s *Service) Sync(ctx context.Context, id int64) (SyncJob, error) {
	work, err := s.deps.Rows.WorkGet(ctx, id)
	if errors.Is(err, model.ErrNotFound) || err == nil && work.Kind != KindSync {
		return SyncJob{}, errno.Param("jobId", "there is no such sync")
	}
	if err != nil {
		return SyncJob{}, err
	}
	return syncJob(work), nil
}

// SyncLatest returns the newest sync; false when there is none.
func (s *Service) SyncLatest(ctx context.Context) (SyncJob, bool, error) {
	work, err := s.deps.Rows.WorkFind(ctx, KindSync, KindSync)
	if errors.Is(err, model.ErrNotFound) {
		return SyncJob{}, false, nil
	}
	if err != nil {
		return SyncJob{}, false, err
	}
	return syncJob(work), true, nil
}

// CancelSync ends a sync; what it has stored stays. errno.BadState when it has ended already.
func (s *Service) CancelSync(ctx context.Context, id int64) error {
	if _, err := s.Sync(ctx, id); err != nil {
		return err
	}
	cancelled, err := s.deps.Rows.WorkCancel(ctx, id)
	if err != nil {
		return fmt.Errorf("cancel a sync: %w", err)
	}
	if !cancelled {
		return errno.New(errno.BadState, "the sync has ended already")
	}
	return nil
}

func syncJob(work model.Work) SyncJob {
	job := SyncJob{
		ID: work.ID, State: syncState(work.State), Progress: progressOf(work.Progress),
		CreatedAt: time.UnixMilli(work.CreateMS).UTC(), UpdatedAt: time.UnixMilli(work.UpdateMS).UTC(),
	}
	if job.State == SyncFailed && len(job.Progress.Errors) == 0 {
		job.Progress.Errors = []SyncError{{Message: "the sync was given up; the log tells why"}}
	}
	return job
}

func syncState(state model.WorkState) SyncState {
	switch state {
	case model.WorkLeased:
		return SyncRunning
	case model.WorkDone:
		return SyncDone
	case model.WorkDead:
		return SyncFailed
	case model.WorkCancelled:
		return SyncCancelled
	case model.WorkReady, model.WorkPaused:
	}
	return SyncWaiting
}

// progressOf reads stored progress; what cannot be read counts as none.
func progressOf(text string) Progress {
	var p Progress
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		p = Progress{}
	}
	if p.Errors == nil {
		p.Errors = []SyncError{}
	}
	return p
}
