package weapp

import (
	"context"
	"fmt"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// SubmitAudit submits the committed code for audit and returns the audit's id (submit_audit). What
// WeChat would refuse is refused here: see CheckSubmission.
func (s *Service) SubmitAudit(ctx context.Context, appid string, submission wx.Submission) (auditID int64, err error) {
	if err := CheckSubmission(submission); err != nil {
		return 0, err
	}
	err = s.exclusive(ctx, appid, actionTime, func(ctx context.Context) error {
		submitted := s.deps.Now().Unix() * 1000 // WeChat counts seconds
		id, err := s.deps.WeChat.SubmitAudit(ctx, appid, submission)
		if err != nil {
			return err
		}
		auditID = id
		s.acted(ctx, appid, func(w *model.Weapp) {
			w.AuditID, w.AuditStatus, w.AuditReason, w.AuditScreenshot = id, wx.AuditRunning, "", ""
			w.AuditVersion, w.AuditDesc = w.ExpVersion, w.ExpDesc
			w.SubmitMS, w.AuditMS, w.AuditSeenMS, w.AuditEventMS = submitted, 0, submitted, 0
		})
		return nil
	})
	return auditID, err
}

// Withdraw takes the running submission back (undocodeaudit).
func (s *Service) Withdraw(ctx context.Context, appid string) error {
	return s.exclusive(ctx, appid, actionTime, func(ctx context.Context) error {
		if err := s.deps.WeChat.WithdrawAudit(ctx, appid); err != nil {
			return err
		}
		now := s.nowMS()
		s.acted(ctx, appid, func(w *model.Weapp) {
			w.AuditStatus, w.AuditMS, w.AuditSeenMS, w.AuditEventMS = wx.AuditWithdrawn, now, now, 0
		})
		return nil
	})
}

// SpeedUp asks for an urgent audit (speedupaudit). With auditID 0 the running audit is looked up;
// errno.BadState when none runs.
func (s *Service) SpeedUp(ctx context.Context, appid string, auditID int64) error {
	return s.exclusive(ctx, appid, actionTime, func(ctx context.Context) error {
		if auditID == 0 {
			running, err := s.runningAudit(ctx, appid)
			if err != nil {
				return err
			}
			auditID = running
		}
		return s.deps.WeChat.SpeedUpAudit(ctx, appid, auditID)
	})
}

func (s *Service) runningAudit(ctx context.Context, appid string) (int64, error) {
	latest, err := s.deps.WeChat.LatestAuditStatus(ctx, appid)
	none := wx.CodeOf(err) == wx.CodeNoAudit
	if err != nil && !none {
		return 0, fmt.Errorf("look up the running audit: %w", err)
	}
	if none || latest.Status != wx.AuditRunning && latest.Status != wx.AuditDelayed {
		return 0, errno.New(errno.BadState, "no audit of this mini program is running")
	}
	return latest.AuditID, nil
}

// AuditQuota reads how many audits are left this month (queryquota).
func (s *Service) AuditQuota(ctx context.Context, appid string) (wx.AuditQuota, error) {
	return s.deps.WeChat.AuditQuota(ctx, appid)
}
