// Package weapp is agency development (代开发): committing code to merchants' mini programs, having
// it audited, releasing it, and knowing how each mini program stands.
//
// What is known is stored, so that lists cost no call to WeChat. It is kept fresh by the results
// that WeChat pushes, after each action, and in turn in the background. Whoever asks WeChat stores
// the answer only if nothing else changed what was known in the meantime: an answer from before an
// action never undoes it.
package weapp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// WeChat is the part of WeChat's API that serves agency development; *wx.Client meets it.
type WeChat interface {
	codeAPI
	auditAPI
	releaseAPI
	mediaAPI
}

type codeAPI interface {
	Commit(ctx context.Context, appid string, commit wx.Commit) error
	PageList(ctx context.Context, appid string) ([]string, error)
	CategoryList(ctx context.Context, appid string) ([]wx.AuditedCategory, error)
	CodePrivacyInfo(ctx context.Context, appid string) (wx.PrivacyInfo, error)
	VersionInfo(ctx context.Context, appid string) (wx.VersionInfo, error)
	TemplateList(ctx context.Context, templateType *int) ([]wx.Template, error)
}

type auditAPI interface {
	SubmitAudit(ctx context.Context, appid string, s wx.Submission) (auditID int64, err error)
	LatestAuditStatus(ctx context.Context, appid string) (wx.AuditState, error)
	WithdrawAudit(ctx context.Context, appid string) error
	SpeedUpAudit(ctx context.Context, appid string, auditID int64) error
	AuditQuota(ctx context.Context, appid string) (wx.AuditQuota, error)
}

type releaseAPI interface {
	Release(ctx context.Context, appid string) error
	Revert(ctx context.Context, appid string, appVersion int64) error
	RevertHistory(ctx context.Context, appid string) ([]wx.PastVersion, error)
	GrayRelease(ctx context.Context, appid string, g wx.GrayRelease) error
	GrayPlan(ctx context.Context, appid string) (*wx.GrayPlan, error)
	GrayRevert(ctx context.Context, appid string) error
	SetVisitStatus(ctx context.Context, appid, action string) error
	VisitStatus(ctx context.Context, appid string) (int, error)
}

type mediaAPI interface {
	TrialQRCode(ctx context.Context, appid, path string) ([]byte, error)
	UnlimitedCode(ctx context.Context, appid string, code wx.CodeImage) ([]byte, error)
	UploadMedia(ctx context.Context, appid string, file wx.File) (wx.Media, error)
	UploadTemporary(ctx context.Context, appid, mediaType string, file wx.File) (wx.Media, error)
}

// Rows is what is kept of mini programs; *dao.Store meets it.
type Rows interface {
	stateRows
	lockRows
	AuthorizerGet(ctx context.Context, appid string) (model.Authorizer, error)
}

type stateRows interface {
	WeappGet(ctx context.Context, appid string) (model.Weapp, error)
	WeappUpdate(ctx context.Context, appid string, change func(w *model.Weapp)) error
	WeappList(ctx context.Context, f model.WeappFilter) (model.Page[model.WeappRecord], error)
	WeappCounts(ctx context.Context) (model.WeappCounts, error)
	WeappStale(ctx context.Context, beforeMS int64, limit int) ([]string, error)
}

type lockRows interface {
	LeaseTake(ctx context.Context, name, owner string, ttl time.Duration) (fence int64, ok bool, err error)
	LeaseRelease(ctx context.Context, name, owner string, fence int64) error
	WorkAdd(ctx context.Context, item model.Work, delay time.Duration) (id int64, created bool, err error)
}

// Deps are what a Service works with.
type Deps struct {
	Rows   Rows
	WeChat WeChat
	// Tell tells people how a review ended; nil tells nobody. It may be called again for the same.
	Tell  func(ctx context.Context, appid string, verdict Verdict) error
	Nudge func() // wakes the work queue
	Now   func() time.Time
	Log   *zap.Logger
}

// Service is agency development.
type Service struct {
	deps Deps
}

// New returns the service.
func New(deps Deps) *Service { return &Service{deps: deps} }

// List reads stored state; see model.WeappFilter.
func (s *Service) List(ctx context.Context, f model.WeappFilter) (model.Page[model.WeappRecord], error) {
	return s.deps.Rows.WeappList(ctx, f)
}

// Counts counts the mini programs from stored state.
func (s *Service) Counts(ctx context.Context) (model.WeappCounts, error) {
	return s.deps.Rows.WeappCounts(ctx)
}

// account finds an authorized account. errno.BadParam when there is none.
func (s *Service) account(ctx context.Context, appid string) (model.Authorizer, error) {
	a, err := s.deps.Rows.AuthorizerGet(ctx, appid)
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		return a, fmt.Errorf("find the account: %w", err)
	}
	if err != nil || a.Status != model.Authorized {
		return a, errno.Param("appid", "this account does not authorize the platform")
	}
	return a, nil
}

// releaseTimeout bounds giving a lease back.
const releaseTimeout = 5 * time.Second

// hold takes a lease that all instances respect; errno.BadState while another has it. release gives
// it back; without that it ends after ttl.
func (s *Service) hold(ctx context.Context, name string, ttl time.Duration) (release func(), err error) {
	owner := rand.Text()
	fence, ok, err := s.deps.Rows.LeaseTake(ctx, name, owner, ttl)
	if err != nil {
		return nil, fmt.Errorf("take the lease of the mini program: %w", err)
	}
	if !ok {
		return nil, errno.New(errno.BadState, "another operation on this mini program is under way, try again in a moment")
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
		defer cancel()
		if err := s.deps.Rows.LeaseRelease(ctx, name, owner, fence); err != nil {
			s.logger(ctx).Warn("a lease could not be given back; it ends by itself", zap.String("lease", name), zap.Error(err))
		}
	}, nil
}

// later puts work into the queue. What is lost when that fails, the refresh in turn makes up for.
func (s *Service) later(ctx context.Context, item queue.Item) {
	work, err := item.Work()
	if err == nil {
		_, _, err = s.deps.Rows.WorkAdd(ctx, work, item.Delay)
	}
	if err != nil {
		s.logger(ctx).Warn("follow-up work could not be queued", zap.String("kind", item.Kind), zap.String("key", item.Key), zap.Error(err))
		return
	}
	if item.Delay == 0 {
		s.deps.Nudge()
	}
}

func (s *Service) logger(ctx context.Context) *zap.Logger { return log.From(ctx, s.deps.Log) }

func (s *Service) nowMS() int64 { return s.deps.Now().UnixMilli() }
