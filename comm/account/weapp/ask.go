package weapp

import (
	"context"
	"errors"
	"sync"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// Part is something that WeChat is asked about a mini program on its own: one may fail without the
// others. The names are those of the HTTP API.
type Part string

// The parts.
const (
	PartVersion       Part = "version"
	PartAudit         Part = "audit"
	PartServiceStatus Part = "serviceStatus"
	PartReleaseQRCode Part = "releaseQrCode"
	PartTrialQRCode   Part = "expQrCode"
)

// answer is what WeChat said of the parts that make up the stored state.
type answer struct {
	version wx.VersionInfo
	audit   wx.AuditState
	audited bool // there was an audit
	visit   int
	failed  map[Part]error
}

// questions is how many parts ask asks about.
const questions = 3

// ask puts all questions to WeChat at once.
func (s *Service) ask(ctx context.Context, appid string) answer {
	var a answer
	var versionErr, auditErr, visitErr error
	var wait sync.WaitGroup
	wait.Go(func() { a.version, versionErr = s.deps.WeChat.VersionInfo(ctx, appid) })
	wait.Go(func() { a.audit, auditErr = s.deps.WeChat.LatestAuditStatus(ctx, appid) })
	wait.Go(func() { a.visit, visitErr = s.deps.WeChat.VisitStatus(ctx, appid) })
	wait.Wait()
	a.audited = auditErr == nil
	if wx.CodeOf(auditErr) == wx.CodeNoAudit {
		auditErr = nil
	}
	if wx.CodeOf(versionErr) == wx.CodeNoReleasedVersion {
		versionErr = nil
	}
	a.failed = failures(map[Part]error{PartVersion: versionErr, PartAudit: auditErr, PartServiceStatus: visitErr})
	return a
}

// failures leaves out what did not fail.
func failures(errs map[Part]error) map[Part]error {
	for part, err := range errs {
		if err == nil {
			delete(errs, part)
		}
	}
	return errs
}

// first is the failure to show where there is room for one, nil when there was none.
func (a answer) first() error {
	for _, part := range []Part{PartVersion, PartAudit, PartServiceStatus} {
		if err := a.failed[part]; err != nil {
			return err
		}
	}
	return nil
}

// merge puts the answers into the state. What could not be asked stays as it was.
func (a answer) merge(w *model.Weapp, nowMS int64) {
	if a.failed[PartVersion] == nil {
		mergeVersion(w, a.version)
	}
	if a.failed[PartAudit] == nil {
		mergeLatest(w, a.audit, a.audited, nowMS)
	}
	if a.failed[PartServiceStatus] == nil {
		w.VisitStatus = a.visit
	}
	w.RefreshMS, w.ErrCode, w.ErrMsg = nowMS, 0, ""
	if err := a.first(); err != nil {
		up := Explain(err)
		w.ErrCode, w.ErrMsg = up.ErrCode, up.ErrMsg
	}
}

func mergeVersion(w *model.Weapp, v wx.VersionInfo) {
	w.ReleaseVersion, w.ReleaseDesc, w.ReleaseMS = "", "", 0
	if r := v.Release; r != nil {
		w.ReleaseVersion, w.ReleaseDesc, w.ReleaseMS = r.Version, r.Desc, r.Time.Int64()*1000
	}
	w.ExpVersion, w.ExpDesc, w.ExpMS = "", "", 0
	if t := v.Trial; t != nil {
		w.ExpVersion, w.ExpDesc, w.ExpMS = t.Version, t.Desc, t.Time.Int64()*1000
	}
}

// mergeLatest takes over what WeChat said of the latest audit. Where it knows of none there is none,
// unless one was submitted a moment ago.
func mergeLatest(w *model.Weapp, a wx.AuditState, audited bool, nowMS int64) {
	switch {
	case audited:
		mergeAudit(w, a, nowMS)
	case w.AuditID == 0:
		w.ForgetAudit()
	}
}

// mergeAudit takes over the latest audit. WeChat may still tell of the audit before the one that was
// submitted a moment ago.
func mergeAudit(w *model.Weapp, a wx.AuditState, nowMS int64) {
	submitted := a.SubmitTime * 1000
	another := a.AuditID != w.AuditID
	older := submitted > 0 && submitted < w.SubmitMS || submitted == 0 && a.AuditID < w.AuditID
	if another && older {
		return
	}
	if another || a.Status != w.AuditStatus {
		w.AuditSeenMS, w.AuditEventMS = nowMS, 0
	}
	switch {
	case another || a.Status == wx.AuditRunning:
		w.AuditMS = 0 // WeChat does not tell when an audit ended
	case a.Status != w.AuditStatus:
		w.AuditMS = nowMS
	}
	w.AuditID, w.AuditStatus, w.AuditReason, w.AuditScreenshot = a.AuditID, a.Status, a.Reason, a.ScreenShot
	if submitted > 0 {
		w.SubmitMS = submitted
	}
	if another || a.UserVersion != "" {
		w.AuditVersion, w.AuditDesc = a.UserVersion, a.UserDesc
	}
}

// Explain says what an error means to those who read a part of an answer.
func Explain(err error) errno.Upstream {
	if up, ok := errors.AsType[errno.UpstreamError](err); ok {
		return up.Upstream()
	}
	return errno.Upstream{ErrMsg: errno.As(err).Text()}
}

// note logs the parts that failed; whoever asked gets the others.
func (s *Service) note(ctx context.Context, appid string, failed map[Part]error) {
	for part, err := range failed {
		s.logger(ctx).Warn("a part of a mini program's state could not be read",
			zap.String("appid", appid), zap.String("part", string(part)), zap.Error(err))
	}
}
