package weapp

import (
	"context"
	"sync"
	"time"

	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// imageTime is how long a view waits for its images.
const imageTime = 10 * time.Second

// codeScene is the parameter that the release's code carries; WeChat wants one.
const codeScene = "release"

// Versions are a mini program's versions with the images that open them.
type Versions struct {
	State         model.Weapp
	ReleaseQRCode []byte // JPEG or PNG, nil when nothing is released
	TrialQRCode   []byte
	Failed        map[Part]error // what could not be read; State then holds what was known before
}

// Versions asks WeChat how the mini program stands. A part that fails takes nothing from the others.
// Where all of them fail the first failure is the caller's: nothing is known anew. errno.BadParam when
// the account does not authorize the platform.
func (s *Service) Versions(ctx context.Context, appid string) (Versions, error) {
	if _, err := s.account(ctx, appid); err != nil {
		return Versions{}, err
	}
	state, a, err := s.refresh(ctx, appid)
	if err != nil {
		return Versions{}, err
	}
	if len(a.failed) == questions {
		s.note(ctx, appid, a.failed)
		return Versions{}, a.first()
	}
	v := Versions{State: state, Failed: a.failed}
	images, cancel := context.WithTimeout(ctx, imageTime)
	defer cancel()
	var releaseErr, trialErr error
	var wait sync.WaitGroup
	if state.HasRelease() {
		wait.Go(func() { v.ReleaseQRCode, releaseErr = s.ReleaseQRCode(images, appid) })
	}
	if state.HasTrial() {
		wait.Go(func() { v.TrialQRCode, trialErr = s.deps.WeChat.TrialQRCode(images, appid, "") })
	}
	wait.Wait()
	if ctx.Err() != nil {
		return Versions{}, context.Cause(ctx)
	}
	v.Failed[PartReleaseQRCode], v.Failed[PartTrialQRCode] = releaseErr, trialErr
	failures(v.Failed)
	s.note(ctx, appid, v.Failed)
	return v, nil
}

// ReleaseQRCode is the image that opens the released version (getwxacodeunlimit).
func (s *Service) ReleaseQRCode(ctx context.Context, appid string) ([]byte, error) {
	return s.deps.WeChat.UnlimitedCode(ctx, appid, wx.CodeImage{Scene: codeScene})
}

// PageList reads the pages of the committed code (get_page).
func (s *Service) PageList(ctx context.Context, appid string) ([]string, error) {
	return s.deps.WeChat.PageList(ctx, appid)
}

// CategoryList reads the categories that may be named at an audit (get_category).
func (s *Service) CategoryList(ctx context.Context, appid string) ([]wx.AuditedCategory, error) {
	return s.deps.WeChat.CategoryList(ctx, appid)
}

// TemplateList reads the templates, of one type or, with nil, of all (gettemplatelist).
func (s *Service) TemplateList(ctx context.Context, templateType *int) ([]wx.Template, error) {
	return s.deps.WeChat.TemplateList(ctx, templateType)
}
