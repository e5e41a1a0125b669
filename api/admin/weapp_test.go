package admin_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db/model"
)

const commitBody = `{"templateId":"1","extJson":"{\"extAppid\":\"x\"}","userVersion":"1.0.1","userDesc":"春季上新","unknown":[1]}`

// submitBody is a submission that the simulator takes; its category is the mini program's first.
func (w *weappWorld) submitBody() string {
	w.t.Helper()
	var categories struct {
		CategoryList []struct {
			FirstClass, SecondClass string
			FirstID, SecondID       int64
		}
	}
	w.get("/category?appid="+w.appid).into(w.t, &categories)
	c := categories.CategoryList[0]
	return `{"itemList":[{"address":"pages/index/index","tag":"餐饮 外卖","firstClass":"` + c.FirstClass + `","secondClass":"` +
		c.SecondClass + `","firstId":"` + strconv.FormatInt(c.FirstID, 10) + `","secondId":` + strconv.FormatInt(c.SecondID, 10) +
		`,"title":"首页","extra":true}],"previewInfo":{"videoIdList":[],"picIdList":[]},"ugcDeclare":{},"versionDesc":"新版"}`
}

func TestAgencyDevelopmentFromCommitToRollback(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		at := "?appid=" + w.appid
		w.ok("/commit-code"+at, commitBody)
		require.Contains(t, w.sim.Calls("/wxa/commit").LastBody, `"template_id":1`)
		var listed struct{ Records []weappView }
		w.get("/dev-weapp-list"+at).into(t, &listed)
		require.Equal(t, "1.0.1", listed.Records[0].ExpInfo.ExpVersion)
		require.Equal(t, model.PrivacyChecking, listed.Records[0].PrivacyState)
		require.Equal(t, 1, w.work(weapp.KindPrivacy))

		var submitted struct {
			AuditID     int64
			AuditIDText string
		}
		w.ok("/submit-audit"+at, w.submitBody()).into(t, &submitted)
		require.Positive(t, submitted.AuditID)
		require.Equal(t, strconv.FormatInt(submitted.AuditID, 10), submitted.AuditIDText)

		var view weappView
		w.get("/dev-versions"+at).into(t, &view)
		require.Equal(t, 2, view.AuditInfo.Status)
		require.Equal(t, submitted.AuditID, view.AuditInfo.AuditID)
		require.Equal(t, "1.0.1", view.AuditInfo.UserVersion)
		require.NotEmpty(t, view.ExpInfo.ExpQRCode)
		require.Nil(t, view.ReleaseInfo)
		require.Equal(t, model.PrivacyClean, view.PrivacyState)
		require.Empty(t, view.Errors)

		_, err := w.sim.ApproveAudit(t.Context(), w.appid)
		require.NoError(t, err)
		w.ok("/release-code"+at, "")
		w.get("/dev-versions"+at).into(t, &view)
		require.Equal(t, 0, view.AuditInfo.Status)
		require.Equal(t, "1.0.1", view.ReleaseInfo.ReleaseVersion)
		require.NotEmpty(t, view.ReleaseInfo.ReleaseQRCode)

		w.release("1.0.2")
		var history struct {
			Versions []struct{ AppVersion, UserVersion string }
		}
		w.get("/version-history"+at).into(t, &history)
		require.Equal(t, "1.0.1", history.Versions[0].UserVersion)
		w.ok("/rollback-release-version"+at+"&appVersion="+history.Versions[0].AppVersion, "")
		w.work(weapp.KindState)
		w.get("/dev-weapp-list"+at).into(t, &listed)
		require.Equal(t, "1.0.1", listed.Records[0].ReleaseInfo.ReleaseVersion)

		w.ok("/change-visit-status"+at, `{"action":"close"}`)
		w.get("/dev-weapp-list"+at).into(t, &listed)
		require.Equal(t, 0, listed.Records[0].ServiceStatus)
		w.ok("/change-visit-status"+at, `{"action":"open"}`)
		w.get("/dev-versions"+at).into(t, &view)
		require.Equal(t, 1, view.ServiceStatus)

		var qr struct{ ReleaseQRCode []byte }
		w.get("/qrcode"+at).into(t, &qr)
		require.NotEmpty(t, qr.ReleaseQRCode)
		require.Equal(t, []string{
			"weapp.commit", "weapp.submit", "weapp.release", "weapp.commit", "weapp.submit", "weapp.release",
			"weapp.rollback", "weapp.visit-close", "weapp.visit-open",
		}, w.trail.actions(w.appid))
	})
}

// weappView is what lists and the version page show.
type weappView struct {
	AppID         string
	NickName      string
	FuncInfo      []int
	ServiceStatus int
	PrivacyState  int
	RefreshTime   int64
	ReleaseInfo   *struct {
		ReleaseTime                 int64
		ReleaseVersion, ReleaseDesc string
		ReleaseQRCode               []byte
	}
	ExpInfo *struct {
		ExpTime             int64
		ExpVersion, ExpDesc string
		ExpQRCode           []byte
	}
	AuditInfo *struct {
		AuditID, SubmitAuditTime, AuditTime                    int64
		Status                                                 int
		AuditIDText, Reason, ScreenShot, UserVersion, UserDesc string
	}
	Error  *struct{ ErrCode int }
	Errors map[string]struct {
		ErrCode int
		Hint    string
	}
}

func (a *trail) actions(object string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := []string{}
	for _, line := range a.lines {
		if action, of, _ := strings.Cut(line, " "); of == object {
			out = append(out, action)
		}
	}
	return out
}

// release brings a version all the way to the users.
func (w *weappWorld) release(version string) {
	w.t.Helper()
	at := "?appid=" + w.appid
	w.clock.Advance(time.Minute)
	w.ok("/commit-code"+at, strings.ReplaceAll(commitBody, "1.0.1", version))
	w.ok("/submit-audit"+at, w.submitBody())
	_, err := w.sim.ApproveAudit(w.t.Context(), w.appid)
	require.NoError(w.t, err)
	w.ok("/release-code"+at, "")
}

func TestViewsOfTheListDoNotCallWeChat(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		w.sim.ResetCalls()
		for range 10 {
			require.Zero(t, w.get("/dev-weapp-list").Code)
			require.Zero(t, w.get("/dev-weapp-summary").Code)
		}
		require.Zero(t, w.calls())
	})
}

func TestLimitsOutsideOneToTwentyAreNotServed(t *testing.T) {
	w := newWeappWorldSQLite(t)
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=-1": "limit", "limit=21": "limit", "limit=x": "limit", "offset=-1": "offset",
		"auditStatus=7": "auditStatus", "cursor=zz": "cursor",
	} {
		a := w.get("/dev-weapp-list?" + query)
		require.Equal(t, 1001, a.Code, query)
		require.Equal(t, field, a.Field, query)
	}
	for _, query := range []string{"", "limit=", "limit=20&offset=0", "limit=1?", "limit=1&", "search=%25"} {
		require.Zero(t, w.get("/dev-weapp-list?"+query).Code, query)
	}
}

func TestEmptyListsAreNotNull(t *testing.T) {
	w := newWeappWorldSQLite(t)
	require.Contains(t, string(w.get("/dev-weapp-list?appid=none").Data), `"records":[]`)
	require.NoError(t, w.sim.SetFault(
		wxsim.Fault{Path: "/wxa/get_page", Body: `{"errcode":0}`}, wxsim.Fault{Path: "/wxa/get_category", Body: `{"errcode":0}`},
		wxsim.Fault{Path: "/wxa/gettemplatelist", Body: `{"errcode":0,"template_list":[{"template_id":7}]}`},
		wxsim.Fault{Path: "/wxa/security/get_code_privacy_info", Body: `{"errcode":0}`},
		wxsim.Fault{Path: "/wxa/revertcoderelease", Body: `{"errcode":0}`},
	))
	for path, want := range map[string]string{
		"/page-list": `"pageList":[]`, "/category": `"categoryList":[]`, "/template-list": `"categoryList":[]`,
		"/privacy-check": `"withoutAuth":[],"withoutConf":[]`, "/version-history": `"versions":[]`,
	} {
		a := w.get(path + "?appid=" + w.appid)
		require.Zero(t, a.Code, path)
		require.Contains(t, string(a.Data), want)
	}
}

func TestAFailedQuestionDoesNotLoseTheOtherAnswers(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		w.release("1.0.0")
		at := "?appid=" + w.appid
		require.Zero(t, w.get("/dev-versions"+at).Code)
		for path, part := range map[string]string{
			"/wxa/get_latest_auditstatus": "audit", "/wxa/getversioninfo": "version", "/wxa/getvisitstatus": "serviceStatus",
			"/wxa/getwxacodeunlimit": "releaseQrCode", "/wxa/get_qrcode": "expQrCode",
		} {
			require.NoError(t, w.sim.SetFault(wxsim.Fault{Path: path, Errcode: 85060, Errmsg: "invalid taskid"}))
			var view weappView
			w.get("/dev-versions"+at).into(t, &view)
			w.sim.ClearFaults()
			require.Len(t, view.Errors, 1, part)
			require.Equal(t, 85060, view.Errors[part].ErrCode, part)
			require.Equal(t, "1.0.0", view.ReleaseInfo.ReleaseVersion, part)
			require.Equal(t, "1.0.0", view.ExpInfo.ExpVersion, part)
			require.Equal(t, 0, view.AuditInfo.Status, part)
			require.Equal(t, part == "releaseQrCode", len(view.ReleaseInfo.ReleaseQRCode) == 0)
		}
	})
}

func TestUnknownAccountIsABadParameter(t *testing.T) {
	w := newWeappWorldSQLite(t)
	long := strings.Repeat("x", 300)
	for _, appid := range []string{"wxnone", long, url.QueryEscape("' OR 1=1")} {
		for _, path := range []string{"/dev-versions", "/qrcode"} {
			a := w.get(path + "?appid=" + appid)
			if path == "/dev-versions" {
				require.Equal(t, 1001, a.Code)
				require.Equal(t, "appid", a.Field)
			}
			require.NotZero(t, a.Code)
		}
		for path, body := range map[string]string{
			"/dev-weapp-refresh": "", "/revoke-audit": "", "/release-code": "", "/rollback-release-version": "", "/speed-up-audit": "",
			"/commit-code": commitBody, "/submit-audit": "{}", "/change-visit-status": `{"action":"open"}`,
		} {
			a := w.post(path+"?appid="+appid, body)
			require.Equal(t, 1001, a.Code, path)
			require.Equal(t, "appid", a.Field, path)
			require.Equal(t, 1001, w.post(path, body).Code, path)
		}
	}
}

func TestSpeedUpWithoutAnIDNamesTheRunningAudit(t *testing.T) {
	eachWeapp(t, func(t *testing.T, w *weappWorld) {
		at := "?appid=" + w.appid
		require.Equal(t, 1008, w.post("/speed-up-audit"+at, "").Code)
		w.ok("/commit-code"+at, commitBody)
		var submitted struct{ AuditIDText string }
		w.ok("/submit-audit"+at, w.submitBody()).into(t, &submitted)
		w.ok("/speed-up-audit"+at+"?", "")
		require.JSONEq(t, `{"auditid":`+submitted.AuditIDText+`}`, w.sim.Calls("/wxa/speedupaudit").LastBody)
		again := w.post("/speed-up-audit"+at+"&auditId="+submitted.AuditIDText, "")
		require.Equal(t, 1002, again.Code)
		require.Equal(t, 89404, again.WX.ErrCode)
		w.ok("/revoke-audit"+at, "")
		require.Equal(t, 1008, w.post("/speed-up-audit"+at, "").Code)
	})
}

func TestWeChatsRefusalIsNotFlattenedToText(t *testing.T) {
	w := newWeappWorldSQLite(t)
	a := w.post("/release-code?appid="+w.appid, "")
	require.Equal(t, 1002, a.Code)
	require.Equal(t, 85019, a.WX.ErrCode)
	require.NotEmpty(t, a.WX.Hint)
	require.Contains(t, string(a.Data), "85019")
	require.Empty(t, w.trail.actions(w.appid))
}

func TestCommitIsNotCutOffAfterFiveSeconds(t *testing.T) {
	weappInBubble(t, func(_ *testing.T, w *weappWorld) {
		late := wxsim.Duration(6 * time.Second)
		require.NoError(w.t, w.sim.SetFault(wxsim.Fault{Path: "/wxa/commit", Delay: late}, wxsim.Fault{Path: "/wxa/get_page", Delay: late}))
		w.ok("/commit-code?appid="+w.appid, commitBody)
		require.NotZero(w.t, w.get("/page-list?appid="+w.appid).Code, "other calls are")
	})
}

func TestParametersAreNotGluedIntoWeChatsAddress(t *testing.T) {
	w := newWeappWorldSQLite(t)
	for _, value := range []string{"1%26component_access_token%3Dx", "2", "x"} {
		a := w.get("/template-list?templateType=" + value)
		require.Equal(t, 1001, a.Code, value)
		require.Equal(t, "templateType", a.Field)
	}
	require.Equal(t, 1001, w.post("/rollback-release-version?appid="+w.appid+"&appVersion=1%26action%3Dx", "").Code)
	require.Zero(t, w.get("/template-list?templateType=0").Code)
	require.Contains(t, w.sim.Calls("/wxa/gettemplatelist").LastQuery, "template_type=0")
	require.Zero(t, w.get("/template-list").Code)
	require.NotContains(t, w.sim.Calls("/wxa/gettemplatelist").LastQuery, "template_type")
}

func TestABodyDoesNotChooseAnotherAccount(t *testing.T) {
	w := newWeappWorldSQLite(t)
	w.ok("/change-visit-status?appid="+w.appid, `{"action":"close","appid":"wxother","AppID":"wxother"}`)
	require.Equal(t, []string{"weapp.visit-close"}, w.trail.actions(w.appid))
}

func TestQuotaAndGrayRelease(t *testing.T) {
	w := newWeappWorldSQLite(t)
	at := "?appid=" + w.appid
	var quota struct{ Rest, Limit, SpeedupRest, SpeedupLimit int64 }
	w.get("/audit-quota"+at).into(t, &quota)
	require.Positive(t, quota.Limit)
	require.Equal(t, 1001, w.post("/gray-release"+at, `{"percentage":0}`).Code)
	w.ok("/commit-code"+at, commitBody)
	w.ok("/submit-audit"+at, w.submitBody())
	_, err := w.sim.ApproveAudit(t.Context(), w.appid)
	require.NoError(t, err)
	w.ok("/gray-release"+at, `{"percentage":"30","debuggersFirst":true}`)
	require.JSONEq(t, `{"status":1,"createTime":`+strconv.FormatInt(w.clock.Now().Unix(), 10)+
		`,"percentage":30,"debuggersFirst":true,"experiencersFirst":false}`, string(w.get("/gray-release"+at).Data))
	w.ok("/revert-gray-release"+at, "")
}
