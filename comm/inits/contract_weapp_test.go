package inits_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// agencyDevelopment brings two versions of a mini program to its users and goes back to the first.
func (c *contract) agencyDevelopment() {
	c.t.Helper()
	at := "?appid=" + c.mini.AppID
	c.nothingCommitted(at)
	c.templates()
	c.uploads(at)
	first := c.submitted(at, "1.0.1", "1")
	c.admin.wantPost(adminAPI+"/speed-up-audit"+at+"?", nil, done())
	require.JSONEq(c.t, `{"auditid":`+first+`}`, c.wechat.Calls("/wxa/speedupaudit").LastBody)
	c.admin.wantPost(adminAPI+"/speed-up-audit"+at+"&auditId="+first, nil, c.refusal(89404, "the audit is sped up already"))
	c.admin.wantPost(adminAPI+"/revoke-audit"+at, nil, done())
	c.released(at, c.submitted(at, "1.0.2", 1), "1.0.2")
	c.released(at, c.submitted(at, "1.0.3", 2), "1.0.3")
	c.admin.wantPost(adminAPI+"/rollback-release-version"+at, nil, done())
	eventually(c.t, "the list knows of the rollback", func() bool {
		return strings.Contains(c.admin.call(http.MethodGet, adminAPI+"/dev-weapp-list"+at, "").raw, `"releaseVersion":"1.0.2"`)
	})
	c.visits(at)
}

// refusal is the answer when WeChat has refused.
func (c *contract) refusal(errcode int, message string) obj {
	return obj{
		"code": 1002, "errorMsg": "system error", "data": matching("WeChat API failed: errcode [0-9]+, " + message + ".*"),
		"wx": obj{"errcode": errcode, "errmsg": matching(message + ".*"), "rid": anyText(), "hint": anyText()},
	}
}

func (c *contract) nothingCommitted(at string) {
	c.t.Helper()
	c.admin.wantPost(adminAPI+"/dev-weapp-refresh"+at, nil, data(c.weapp(obj{})))
	c.admin.wantGet(adminAPI+"/dev-weapp-list?offset=0&limit=20", data(obj{"total": 1, "records": list{c.weapp(obj{})}}))
	c.admin.wantGet(adminAPI+"/dev-versions"+at, data(obj{"serviceStatus": 1, "privacyState": 0, "refreshTime": now()}))
	c.admin.wantPost(adminAPI+"/release-code"+at, nil, c.refusal(85019, "no version is audited"))
	c.admin.wantGet(adminAPI+"/page-list"+at, c.refusal(86001, "no code exists"))
	c.admin.wantPost(adminAPI+"/speed-up-audit"+at, nil, refused(1008, "no audit of this mini program is running", ""))
	for _, path := range []string{"/commit-code", "/submit-audit", "/revoke-audit", "/release-code", "/rollback-release-version"} {
		body := obj{"templateId": 1, "userVersion": "1", "extJson": "{}"}
		c.admin.wantPost(adminAPI+path+"?appid=wxnone", body, refused(1001, "appid: this account does not authorize the platform", "appid"))
	}
}

// weapp is the mini program as the list shows it, with what is known of its versions.
func (c *contract) weapp(versions obj) obj {
	funcs := list{}
	for _, id := range c.mini.Funcs {
		funcs = append(funcs, id)
	}
	account := c.account(c.mini)
	record := obj{
		"appid": c.mini.AppID, "nickName": c.mini.NickName, "userName": c.mini.UserName, "headImg": account["headImg"],
		"principalName": c.mini.PrincipalName, "funcInfo": funcs, "qrCodeUrl": account["qrcodeUrl"],
		"serviceStatus": 1, "privacyState": 0, "refreshTime": now(),
	}
	for name, v := range versions {
		record[name] = v
	}
	return record
}

func (c *contract) templates() {
	c.t.Helper()
	template := func(id int, version, desc string) obj {
		return obj{
			"createTime": anyNumber(), "userVersion": version, "userDesc": desc, "templateId": id, "templateType": 0,
			"sourceMiniprogramAppid": "wx7a3d1f0c9b2e4d56", "sourceMiniprogram": "商城模板开发号", "categoryList": list{},
			"auditScene": 0, "auditStatus": 0, "reason": "",
		}
	}
	all := data(obj{"templateList": list{
		template(1, "1.8.0", "门店自提与同城配送"), template(2, "1.9.0", "新增会员储值，修复退款提示"),
	}})
	for _, query := range []string{"", "?templateType=", "?templateType=0"} {
		c.admin.wantGet(adminAPI+"/template-list"+query, all)
	}
	c.admin.wantGet(adminAPI+"/template-list?templateType=1", data(obj{"templateList": list{}}))
}

func (c *contract) uploads(at string) {
	c.t.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("media", "照片.png")
	require.NoError(c.t, err)
	_, err = part.Write([]byte("\x89PNG\r\n\x1a\n0000"))
	require.NoError(c.t, err)
	require.NoError(c.t, m.Close())
	req := c.admin.request(http.MethodPost, adminAPI+"/upload-media"+at+"&type=image", form.String())
	req.Header.Set("Content-Type", m.FormDataContentType())
	_, text := c.admin.do(req)
	requireSame(c.t, data(obj{"type": "image", "mediaId": anyText(), "createdAt": now()}), text, "upload")
	c.admin.wantPost(adminAPI+"/upload-media"+at+"&type=image", obj{}, refused(1001, "media: must be sent as multipart/form-data", "media"))
}

// submitted commits a version and submits it for audit. templateID is a number, or text as the
// template's page sends it.
func (c *contract) submitted(at, version string, templateID any) (auditID string) {
	c.t.Helper()
	c.admin.wantPost(adminAPI+"/commit-code"+at, obj{
		"templateId": templateID, "extJson": `{"extEnable":true}`, "userVersion": version, "userDesc": "春季上新", "appid": c.mini.AppID,
	}, done())
	require.Contains(c.t, c.wechat.Calls("/wxa/commit").LastBody, `"user_version":"`+version+`"`)
	c.admin.wantGet(adminAPI+"/page-list"+at, data(obj{"pageList": list{
		"pages/index/index", "pages/order/list", "pages/order/detail", "pages/mine/mine",
	}}))
	category := obj{
		"firstClass": anyText(), "secondClass": anyText(), "thirdClass": "", "firstId": anyNumber(), "secondId": anyNumber(), "thirdId": 0,
	}
	var categories struct{ CategoryList []obj }
	require.NoError(c.t, json.Unmarshal(c.admin.wantGet(adminAPI+"/category"+at, data(obj{"categoryList": list{category, category}})), &categories))
	item := categories.CategoryList[0]
	item["address"], item["tag"], item["title"], item["extra"] = "pages/index/index", "餐饮 外卖", "首页", true
	var audit struct{ AuditIDText string }
	require.NoError(c.t, json.Unmarshal(c.admin.wantPost(adminAPI+"/submit-audit"+at, obj{
		"itemList": list{item}, "previewInfo": obj{"videoIdList": list{}, "picIdList": list{}}, "versionDesc": "新版",
		"feedbackInfo": "", "feedbackStuff": "", "ugcDeclare": obj{
			"scene": list{1, "2"}, "otherSceneDesc": "", "method": list{1}, "hasAuditTeam": "1", "auditDesc": "人工审核",
		},
	}, data(obj{"auditId": anyNumber(), "auditIdText": longID()})), &audit))
	sent := c.wechat.Calls("/wxa/submit_audit").LastBody
	require.Contains(c.t, sent, `"ugc_declare":{"scene":[1,2],"method":[1],"has_audit_team":1,"audit_desc":"人工审核"}`)
	return audit.AuditIDText
}

// released has WeChat pass the audit, and releases.
func (c *contract) released(at, auditID, version string) {
	c.t.Helper()
	push, err := c.wechat.ApproveAudit(c.t.Context(), c.mini.AppID)
	require.NoError(c.t, err)
	require.True(c.t, push.Accepted)
	c.admin.wantPost(adminAPI+"/release-code"+at, nil, done())
	audit := obj{
		"auditId": json.Number(auditID), "auditIdText": auditID, "status": 0, "reason": "", "screenShot": "", "userVersion": version,
		"userDesc": "春季上新", "submitAuditTime": now(), "auditTime": now(),
	}
	release := obj{"releaseTime": now(), "releaseVersion": version, "releaseDesc": "春季上新", "releaseQrCode": picture()}
	trial := obj{"expTime": now(), "expVersion": version, "expDesc": "春季上新", "expQrCode": picture()}
	eventually(c.t, "the event of the audit was seen", func() bool {
		return strings.Contains(c.admin.call(http.MethodGet, adminAPI+"/dev-weapp-list"+at, "").raw, `"status":0`)
	})
	c.admin.wantGet(adminAPI+"/dev-versions"+at, data(obj{
		"serviceStatus": 1, "privacyState": numberFrom("1 or 2", 1, 2), "refreshTime": now(),
		"auditInfo": audit, "releaseInfo": release, "expInfo": trial,
	}))
	c.admin.wantGet(adminAPI+"/qrcode"+at, data(obj{"releaseQrCode": picture()}))
	release["releaseQrCode"], trial["expQrCode"] = "", ""
	c.admin.wantGet(adminAPI+"/dev-weapp-list"+at, data(obj{"total": 1, "records": list{c.weapp(obj{
		"privacyState": numberFrom("1 or 2", 1, 2), "auditInfo": audit, "releaseInfo": release, "expInfo": trial,
	})}}))
}

// visits closes the mini program to its users and opens it again.
func (c *contract) visits(at string) {
	c.t.Helper()
	for action, status := range map[string]int{"close": 0, "open": 1} {
		c.admin.wantPost(adminAPI+"/change-visit-status"+at, obj{"action": action}, done())
		require.Equal(c.t, status, get[struct{ ServiceStatus int }](c.admin, adminAPI+"/dev-versions"+at).ServiceStatus)
	}
	c.admin.wantPost(adminAPI+"/change-visit-status"+at, obj{"action": "burn"},
		refused(1001, "action: must be one of open close", "action"))
}
