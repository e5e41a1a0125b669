package admin_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db/model"
)

func TestAuditEventIsNotIgnored(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		at := "?appid=" + w.appid
		listed := func() *weappView {
			var page struct{ Records []weappView }
			w.get("/dev-weapp-list"+at).into(t, &page)
			return &page.Records[0]
		}
		w.ok("/commit-code"+at, commitBody)
		w.ok("/submit-audit"+at, w.submitBody())
		require.Equal(t, 2, listed().AuditInfo.Status)
		for _, step := range []struct {
			decide func() error
			before int
			status int
			reason string
		}{
			{func() error { _, err := w.sim.DelayAudit(t.Context(), w.appid, "稍后"); return err }, 2, 4, "稍后"},
			{func() error { _, err := w.sim.RejectAudit(t.Context(), w.appid, "类目不符<br>"); return err }, 4, 1, "类目不符<br>"},
		} {
			w.clock.Advance(time.Second)
			w.sim.ResetCalls()
			require.NoError(t, step.decide())
			require.Zero(t, w.calls(), "the event itself must not wait for WeChat")
			require.Equal(t, step.before, listed().AuditInfo.Status, "an event alone proves nothing")
			require.Zero(t, w.react())
			require.Equal(t, 1, w.calls(), "WeChat is asked to be sure")
			got := listed()
			require.Equal(t, step.status, got.AuditInfo.Status)
			require.Equal(t, step.reason, got.AuditInfo.Reason)
			require.Equal(t, w.clock.Now().Unix(), got.AuditInfo.AuditTime)
		}
		require.Equal(t, []string{w.appid + " audit 4 稍后", w.appid + " audit 1 类目不符<br>"}, w.told.lines)
		require.NotEmpty(t, listed().AuditInfo.ScreenShot)
		var summary struct {
			Total int64
			Audit struct{ Rejected, None int64 }
		}
		w.get("/dev-weapp-summary").into(t, &summary)
		require.EqualValues(t, 1, summary.Audit.Rejected)
		require.Equal(t, summary.Total-1, summary.Audit.None)
		var page struct{ Total int64 }
		w.get("/dev-weapp-list?auditStatus=1").into(t, &page)
		require.EqualValues(t, 1, page.Total)
	})
}

func TestLateEventOfAnEarlierAuditDoesNotEndTheRunningOne(t *testing.T) {
	w := newWeappWorldSQLite(t)
	at := "?appid=" + w.appid
	earlier := w.clock.Now()
	w.clock.Advance(time.Minute)
	w.ok("/commit-code"+at, commitBody)
	w.ok("/submit-audit"+at, w.submitBody())
	require.NoError(t, w.service.AuditResult(t.Context(), w.appid, weapp.AuditOutcome{State: wx.AuditRejected, At: earlier}))
	state, err := w.store.WeappGet(t.Context(), w.appid)
	require.NoError(t, err)
	require.Equal(t, wx.AuditRunning, state.AuditStatus)
	require.Empty(t, w.told.lines)
}

func TestEventOfAnUnknownAccountLeavesNoTrace(t *testing.T) {
	w := newWeappWorldSQLite(t)
	require.NoError(t, w.service.AuditResult(t.Context(), "wxgone", weapp.AuditOutcome{State: wx.AuditApproved, At: w.clock.Now()}))
	state, err := w.store.WeappGet(t.Context(), "wxgone")
	require.NoError(t, err)
	require.Equal(t, model.NewWeapp("wxgone"), state)
}

// requireAudit holds what is stored of the audit, and what people were told.
func (w *weappWorld) requireAudit(status int, told ...string) {
	w.t.Helper()
	state, err := w.store.WeappGet(w.t.Context(), w.appid)
	require.NoError(w.t, err)
	require.Equal(w.t, status, state.AuditStatus)
	want := []string(nil)
	for _, line := range told {
		want = append(want, w.appid+" "+line)
	}
	require.Equal(w.t, want, w.told.lines)
}

func (w *weappWorld) reviewPrivacy(approved bool) {
	w.t.Helper()
	_, err := w.sim.ReviewPrivacy(w.t.Context(), w.appid, approved, "no")
	require.NoError(w.t, err)
}

func TestReviewOfThePrivacyStatementDoesNotApproveCodeThatWasNeverSubmitted(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		w.reviewPrivacy(true)
		w.clock.Advance(time.Second)
		w.reviewPrivacy(false)
		require.Zero(t, w.react())
		w.requireAudit(model.NoAudit, "review 0 ", "review 1 no")
	})
}

func TestReviewOfThePrivacyStatementDoesNotApproveCodeThatIsBeingAudited(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		at := "?appid=" + w.appid
		w.ok("/commit-code"+at, commitBody)
		w.ok("/submit-audit"+at, w.submitBody())
		w.clock.Advance(time.Second)
		w.reviewPrivacy(true)
		require.Equal(t, 1, w.react(), "WeChat may know of the audit's end a moment later")
		w.requireAudit(wx.AuditRunning)
		w.clock.Advance(3 * time.Minute)
		require.Zero(t, w.react())
		w.requireAudit(wx.AuditRunning, "review 0 ")
	})
}

func TestReviewOfThePrivacyStatementIsNotASecondApproval(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		at := "?appid=" + w.appid
		w.ok("/commit-code"+at, commitBody)
		w.ok("/submit-audit"+at, w.submitBody())
		w.clock.Advance(time.Second)
		_, err := w.sim.ApproveAudit(t.Context(), w.appid)
		require.NoError(t, err)
		again := slices.Clone(w.waiting)
		require.Zero(t, w.react())
		w.clock.Advance(time.Second)
		w.reviewPrivacy(true)
		require.Zero(t, w.react())
		w.requireAudit(wx.AuditApproved, "audit 0 ", "review 0 ")
		w.waiting = again
		require.Zero(t, w.react())
		w.requireAudit(wx.AuditApproved, "audit 0 ", "review 0 ", "audit 0 ")
	})
}

func TestApprovalIsNeitherStoredNorToldBeforeWeChatAnswers(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		at := "?appid=" + w.appid
		w.ok("/commit-code"+at, commitBody)
		w.ok("/submit-audit"+at, w.submitBody())
		_, err := w.sim.ApproveAudit(t.Context(), w.appid)
		require.NoError(t, err)
		require.NoError(t, w.sim.SetFault(wxsim.Fault{Path: "/wxa/get_latest_auditstatus", Errcode: 48001, Errmsg: "api unauthorized"}))
		require.Equal(t, 1, w.react())
		w.requireAudit(wx.AuditRunning)
		w.sim.ClearFaults()
		require.Zero(t, w.react())
		w.requireAudit(wx.AuditApproved, "audit 0 ")
	})
}

func TestVersionsOfWhichNothingCanBeReadAreAFailure(t *testing.T) {
	w := newWeappWorldSQLite(t)
	w.release("1.0.0")
	at := "/dev-versions?appid=" + w.appid
	require.NoError(t, w.sim.SetFault(wxsim.Fault{Path: "*", Errcode: 48001, Errmsg: "api unauthorized rid: 1-2"}))
	a := w.get(at)
	require.Equal(t, 1002, a.Code)
	require.Equal(t, 48001, a.WX.ErrCode)
	require.Contains(t, a.WX.Hint, "权限")
	w.sim.ClearFaults()
	require.NoError(t, w.sim.SetFault(wxsim.Fault{Path: "/wxa/getversioninfo", Errcode: 48001, Errmsg: "api unauthorized"}))
	require.Zero(t, w.get(at).Code, "what can be read is shown")
}

func TestPrivacyCheckIsPolledUntilItEnds(t *testing.T) {
	w := newWeappWorldSQLite(t)
	at := "?appid=" + w.appid
	require.NoError(t, w.sim.Configure(func(s *wxsim.Settings) { s.PrivacyCheck = wxsim.Duration(time.Minute) }))
	privacy := func() (got struct{ State int }) {
		w.get("/privacy-check"+at).into(t, &got)
		return got
	}
	w.ok("/commit-code"+at, commitBody)
	require.Equal(t, 1, w.work(weapp.KindPrivacy))
	require.Equal(t, model.PrivacyChecking, privacy().State)
	a := w.post("/submit-audit"+at, w.submitBody())
	require.Equal(t, 61039, a.WX.ErrCode)
	w.clock.Advance(2 * time.Minute)
	require.Equal(t, 1, w.work(weapp.KindPrivacy))
	require.Zero(t, w.work(weapp.KindPrivacy), "the check has ended, and so has the polling")
	state, err := w.store.WeappGet(t.Context(), w.appid)
	require.NoError(t, err)
	require.Equal(t, model.PrivacyClean, state.PrivacyState)
	require.NoError(t, w.sim.SetFault(wxsim.Fault{
		Path: "/wxa/security/get_code_privacy_info", Body: `{"errcode":0,"without_auth_list":["wx.getLocation"]}`,
	}))
	require.Equal(t, model.PrivacyFindings, privacy().State)
}

func TestTwoClicksDoNotActTwice(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		w.release("1.0.0")
		w.release("1.0.1")
		w.release("1.0.2")
		w.sim.ResetCalls()
		path := "/rollback-release-version?appid=" + w.appid
		var codes []int
		var mu sync.Mutex
		var wait sync.WaitGroup
		for range 5 {
			wait.Go(func() {
				a := w.post(path, "")
				mu.Lock()
				defer mu.Unlock()
				codes = append(codes, a.Code)
			})
		}
		wait.Wait()
		slices.Sort(codes)
		require.Equal(t, []int{0, 1008, 1008, 1008, 1008}, codes)
		require.Equal(t, 1008, w.post(path, "").Code)
		require.Equal(t, 1, w.sim.Calls("/wxa/revertcoderelease").Count)
		require.Equal(t, 3*time.Second, w.rows.leases["weapp.rollback:"+w.appid], "and another time after that")
	})
}

func TestActionOnOneMiniProgramDoesNotBlockAnother(t *testing.T) {
	w := newWeappWorldSQLite(t)
	_, accounts := w.sim.Accounts(wxsim.AccountFilter{Kind: wxsim.MiniProgram})
	other := accounts[0].AppID
	require.NotEqual(t, other, w.appid)
	arrived, letGo := w.wechat.hold(t, "/wxa/change_visitstatus")
	done := make(chan weappAnswer, 1)
	go func() { done <- w.post("/change-visit-status?appid="+w.appid, `{"action":"close"}`) }()
	waittest.Receive(t, arrived, "the call of WeChat")
	require.Equal(t, 1008, w.post("/release-code?appid="+w.appid, "").Code)
	require.Zero(t, w.post("/change-visit-status?appid="+other, `{"action":"close"}`).Code)
	letGo()
	require.Zero(t, waittest.Receive(t, done, "the answer").Code)
}

func TestAnswerFromBeforeAnActionDoesNotUndoIt(t *testing.T) {
	w := newWeappWorldSQLite(t)
	arrived, letGo := w.wechat.hold(t, "/wxa/getvisitstatus")
	done := make(chan weappAnswer, 1)
	go func() { done <- w.post("/dev-weapp-refresh?appid="+w.appid, "") }()
	waittest.Receive(t, arrived, "the question")
	w.ok("/change-visit-status?appid="+w.appid, `{"action":"close"}`)
	letGo()
	var view weappView
	waittest.Receive(t, done, "the answer").into(t, &view)
	require.Equal(t, 0, view.ServiceStatus)
	require.Equal(t, 2, w.sim.Calls("/wxa/getvisitstatus").Count)
}

func TestRefreshIsLimitedAndKeepsWhatItCouldNotAsk(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		w.release("1.0.0")
		path := "/dev-weapp-refresh?appid=" + w.appid
		var view weappView
		w.ok(path, "").into(t, &view)
		require.Nil(t, view.Error)
		w.sim.ResetCalls()
		w.ok(path, "")
		require.Zero(t, w.calls())
		w.clock.Advance(time.Minute)
		require.NoError(t, w.sim.SetFault(wxsim.Fault{Path: "/wxa/getversioninfo", Errcode: 48001, Errmsg: "api unauthorized"}))
		w.ok(path, "").into(t, &view)
		require.Equal(t, 48001, view.Error.ErrCode)
		require.Equal(t, "1.0.0", view.ReleaseInfo.ReleaseVersion)
		require.Equal(t, w.clock.Now().Unix(), view.RefreshTime)
	})
}

func TestBackgroundRefreshAsksTheOldestFirstAndFewAtATime(t *testing.T) {
	w := newWeappWorldSQLite(t)
	w.sim.AddAccounts(40, true)
	w.authorize(t)
	w.addAccount("wxnotours", "n", "|118|")
	refresh := func() int {
		w.sim.ResetCalls()
		for _, k := range w.service.QueueKinds() {
			if k.Name == weapp.KindRefresh {
				require.Equal(t, time.Minute, k.Every)
				require.NoError(t, k.Handle(t.Context(), nil))
			}
		}
		return w.sim.Calls("/wxa/getversioninfo").Count
	}
	var page struct{ Total int }
	w.get("/dev-weapp-list").into(t, &page)
	require.Equal(t, 20, page.Total, "the simulator's list names 20 at a time")
	require.Equal(t, 10, refresh())
	w.clock.Advance(time.Second)
	require.Equal(t, 10, refresh())
	require.Zero(t, refresh(), "all are fresh")
	w.clock.Advance(2 * time.Hour)
	require.Equal(t, 10, refresh())
}
