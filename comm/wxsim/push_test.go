package wxsim_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/payload"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
)

func TestPushFormats(t *testing.T) {
	for _, format := range []wxsim.Format{wxsim.FormatXML, wxsim.FormatJSON, wxsim.FormatPlain} {
		t.Run(string(format), func(t *testing.T) {
			p := newPlatform(t, func(c *wxsim.Config) { c.Settings.Format = format })
			a := p.account(wxsim.Official)
			res, err := p.Push(t.Context(), wxsim.PushSpec{AppID: a.AppID, Content: "你好 😊 <b>]]>&"})
			require.NoError(t, err)
			require.True(t, res.Accepted, "%+v", res)
			got := p.product.last()
			require.Equal(t, "/wxcallback/biz/"+a.AppID, got.path)
			require.Equal(t, "你好 😊 <b>]]>&", got.fields.Get("Content"))
			require.Equal(t, a.UserName, got.fields.Get("ToUserName"))
			id, err := strconv.ParseInt(got.fields.Get("MsgId"), 10, 64)
			require.NoError(t, err)
			require.Greater(t, id, int64(1<<53), "beyond what a float64 holds")
			require.Equal(t, format == wxsim.FormatPlain, got.header.Get("X-Wx-Source") != "")
			if format != wxsim.FormatPlain {
				require.Equal(t, []string{got.fields.Get("FromUserName")}, got.query["openid"])
				require.Equal(t, []string{"aes"}, got.query["encrypt_type"])
			}
			require.True(t, p.PushTicket(t.Context()).Accepted)
			require.Equal(t, appID, p.product.last().fields.Get("AppId"))
			require.NoError(t, p.CheckURL(t.Context(), ""))
			require.NoError(t, p.CheckURL(t.Context(), a.AppID))
		})
	}
}

func TestEveryKindOfPushIsReadable(t *testing.T) {
	p := newPlatform(t)
	a := p.account(wxsim.MiniProgram)
	want := map[string]string{ // a field that the kind must have
		"component_verify_ticket": "ComponentVerifyTicket", "authorized": "AuthorizationCode", "updateauthorized": "PreAuthCode",
		"unauthorized": "AuthorizerAppid", "notify_third_fasteregister": "info.legal_persona_name",
		"notify_third_fastregisterbetaapp": "info.unique_id", "notify_third_fastverifybetaapp": "info.code",
		"notify_icpfiling_verify_result": "verify_appid", "notify_apply_icpfiling_result": "beian_status",
		"notify_3rd_wxa_auth": "dispatch_info.provider", "notify_3rd_wxa_wxverify": "expired",
	}
	for infoType, field := range want {
		res, err := p.Push(t.Context(), wxsim.PushSpec{InfoType: infoType, AppID: a.AppID})
		require.NoError(t, err)
		require.True(t, res.Accepted, infoType)
		require.NotEmpty(t, p.product.last().fields.Get(field), infoType)
	}
	for msgType, field := range map[string]string{
		"text": "Content", "image": "PicUrl", "voice": "Format", "video": "ThumbMediaId", "shortvideo": "ThumbMediaId",
		"location": "Label", "link": "Url", "miniprogrampage": "PagePath",
	} {
		_, err := p.Push(t.Context(), wxsim.PushSpec{MsgType: msgType, AppID: a.AppID})
		require.NoError(t, err)
		require.NotEmpty(t, p.product.last().fields.Get(field), msgType)
		require.NotEmpty(t, p.product.last().fields.Get("MsgId"), msgType)
	}
	for event, field := range map[string]string{
		"subscribe": "Event", "unsubscribe": "Event", "SCAN": "Ticket", "LOCATION": "Latitude", "CLICK": "EventKey", "VIEW": "EventKey",
		"view_miniprogram": "MenuId", "scancode_push": "ScanCodeInfo.ScanResult", "user_enter_tempsession": "SessionFrom",
		"TEMPLATESENDJOBFINISH": "Status", "MASSSENDJOBFINISH": "TotalCount", "weapp_audit_success": "SuccTime",
		"weapp_audit_fail": "ScreenShot", "weapp_audit_delay": "DelayTime", "wxa_nickname_audit": "ret", "wxa_category_audit": "ret",
		"wxa_privacy_apply": "result_info.audit_id", "wxa_appeal_record": "material.illegal_material.content",
		"betaapp_verify_event": "ApplyAuthorizationInfoNoitfy.mp_appid", "user_authorization_revoke": "OpenID", "user_info_modified": "openid",
	} {
		_, err := p.Push(t.Context(), wxsim.PushSpec{Event: event, AppID: a.AppID})
		require.NoError(t, err)
		got := p.product.last().fields
		require.Equal(t, "event", got.Get("MsgType"), event)
		require.NotEmpty(t, got.Get(field), event)
		require.NotContains(t, p.product.last().plain, "<MsgId>", event)
	}
}

func TestPushDescriptionsOverride(t *testing.T) {
	p := newPlatform(t)
	a := p.account(wxsim.Official)
	out := p.post("/_sim/push", fields{
		"appid": a.AppID, "event": "CLICK", "openid": "o-me", "createTime": 1700000000,
		"fields": fields{"EventKey": "MENU_1", "Extra": fields{"Deep": json.Number("12345678901234567")}},
	})
	require.Equal(t, true, out["accepted"])
	got := p.product.last().fields
	require.Equal(t, "MENU_1", got.Get("EventKey"))
	require.Equal(t, "12345678901234567", got.Get("Extra.Deep"))
	require.Equal(t, "o-me", got.Get("FromUserName"))
	require.Equal(t, "1700000000", got.Get("CreateTime"))

	p.post("/_sim/push", fields{"appid": a.AppID, "raw": "<xml><Whatever>1</Whatever></xml>"})
	require.Equal(t, "<xml><Whatever>1</Whatever></xml>", p.product.last().plain)
}

func TestFailedPushIsRepeatedWithTheSameText(t *testing.T) {
	p := newPlatform(t)
	a := p.account(wxsim.Official)
	tries := 0
	p.product.on(func(push) (int, string) {
		tries++
		if tries < 3 {
			return http.StatusServiceUnavailable, "later"
		}
		return http.StatusOK, ""
	})
	res, err := p.Push(t.Context(), wxsim.PushSpec{AppID: a.AppID})
	require.NoError(t, err)
	require.True(t, res.Accepted)
	require.Len(t, res.Attempts, 3)
	require.Equal(t, http.StatusServiceUnavailable, res.Attempts[0].Status)
	all := p.product.got()
	require.Len(t, all, 3)
	require.Equal(t, all[0].plain, all[2].plain)
	require.NotEqual(t, all[0].query["nonce"], all[1].query["nonce"])

	tries = -10
	res, err = p.Push(t.Context(), wxsim.PushSpec{AppID: a.AppID})
	require.NoError(t, err)
	require.False(t, res.Accepted)
	require.Len(t, res.Attempts, 3, "three tries in all")
}

func TestSlowAnswerIsCutOff(t *testing.T) {
	inBubble(t, func(t *testing.T, p *platform) {
		hang := make(chan struct{})
		defer close(hang)
		p.product.on(func(push) (int, string) {
			<-hang
			return http.StatusOK, "success"
		})
		res := p.PushTicket(t.Context())
		require.False(t, res.Accepted)
		require.Len(t, res.Attempts, 3)
		for _, a := range res.Attempts {
			require.Contains(t, a.Error, "deadline")
			require.Equal(t, wxsim.Duration(5*time.Second), a.Duration)
		}
		require.Len(t, p.product.got(), 3)
	})
}

func TestAnswersAreJudgedAsWeChatDoes(t *testing.T) {
	p := newPlatform(t)
	official, mini := p.account(wxsim.Official), p.account(wxsim.MiniProgram)
	var answer func(push) string
	p.product.on(func(g push) (int, string) { return http.StatusOK, answer(g) })
	for name, tc := range map[string]struct {
		spec     wxsim.PushSpec
		answer   func(push) string
		accepted bool
		reply    string
	}{
		"success":                {wxsim.PushSpec{AppID: official.AppID}, func(push) string { return "success" }, true, ""},
		"empty":                  {wxsim.PushSpec{AppID: official.AppID}, func(push) string { return "" }, true, ""},
		"reply":                  {wxsim.PushSpec{AppID: official.AppID}, func(g push) string { return p.product.reply(g, "你好") }, true, "你好"},
		"mini program's reply":   {wxsim.PushSpec{AppID: mini.AppID}, func(g push) string { return p.product.reply(g, "你好") }, true, ""},
		"reply in clear":         {wxsim.PushSpec{AppID: official.AppID}, func(push) string { return "<xml><MsgType>text</MsgType></xml>" }, false, ""},
		"page":                   {wxsim.PushSpec{AppID: official.AppID}, func(push) string { return "<html>" }, false, ""},
		"reply to someone else":  {wxsim.PushSpec{AppID: official.AppID}, func(g push) string { g.fields = otherUser(g); return p.product.reply(g, "x") }, false, ""},
		"event wants success":    {wxsim.PushSpec{InfoType: "unauthorized", AppID: official.AppID}, func(push) string { return "" }, false, ""},
		"event wants no more":    {wxsim.PushSpec{InfoType: "unauthorized", AppID: official.AppID}, func(push) string { return `{"code":0}` }, false, ""},
		"event with a line feed": {wxsim.PushSpec{InfoType: "unauthorized", AppID: official.AppID}, func(push) string { return "success\n" }, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			answer = tc.answer
			tc.spec.Attempts = 1
			res, err := p.Push(t.Context(), tc.spec)
			require.NoError(t, err)
			require.Equal(t, tc.accepted, res.Accepted, "%+v", res.Attempts)
			if tc.reply == "" {
				require.Nil(t, res.Reply)
				return
			}
			require.Equal(t, tc.reply, res.Reply.Content)
			require.Equal(t, res.ID, p.Replies()[0].PushID)
		})
	}
}

func otherUser(g push) (d payload.Document) {
	d = g.fields
	d.Fields = append([]payload.Field(nil), d.Fields...)
	for i := range d.Fields {
		if d.Fields[i].Path == "FromUserName" {
			d.Fields[i].Value = "o-other"
		}
	}
	return d
}

func TestKeyRotation(t *testing.T) {
	p := newPlatform(t)
	a := p.account(wxsim.Official)
	require.Error(t, p.UsePreviousKey(true), "there is none as yet")
	require.NoError(t, p.RotateKey("", otherKey))
	require.True(t, p.PushTicket(t.Context()).Accepted, "the product knows both keys")
	// The product replies with its first key, which is not the one in use.
	p.product.on(func(g push) (int, string) { return http.StatusOK, p.product.reply(g, "x") })
	res, err := p.Push(t.Context(), wxsim.PushSpec{AppID: a.AppID})
	require.NoError(t, err)
	require.False(t, res.Accepted)
	require.NoError(t, p.UsePreviousKey(true))
	res, err = p.Push(t.Context(), wxsim.PushSpec{AppID: a.AppID})
	require.NoError(t, err)
	require.True(t, res.Accepted)
	require.Error(t, p.RotateKey("", "short"))
}

func TestCustomMessagesAreRecorded(t *testing.T) {
	p := newPlatform(t)
	q := p.as(p.account(wxsim.Official))
	p.ok("/cgi-bin/message/custom/send"+q, fields{"touser": "o-1", "msgtype": "text", "text": fields{"content": "hi"}})
	require.Equal(t, "hi", p.Messages()[0].Content)
	require.Equal(t, 40003, errcode(p.post("/cgi-bin/message/custom/send"+q, fields{"msgtype": "text"})))
	require.Equal(t, 44004, errcode(p.post("/cgi-bin/message/custom/send"+q, fields{"touser": "o", "msgtype": "text"})))
	p.ForgetMessages()
	require.Empty(t, p.Messages())
}

func TestTicketsComeAtOnceAndAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, p *platform) {
		run(t, p.Sim)
		synctest.Wait()
		for n := range 3 {
			require.Len(t, p.product.got(), n+1)
			waittest.Pass(10*time.Minute - 1)
			require.Len(t, p.product.got(), n+1)
			waittest.Pass(1)
		}
	})
}

func TestAuditsAreApprovedByThemselves(t *testing.T) {
	inBubble(t, func(t *testing.T, p *platform) {
		d := p.dev()
		require.NoError(t, d.Configure(func(s *wxsim.Settings) { s.TicketStopped = true }))
		d.commit("1.0")
		d.do200("/wxa/submit_audit", fields{})
		run(t, d.Sim)
		waittest.Pass(time.Minute - 1)
		require.NotEqual(t, "weapp_audit_success", d.product.last().fields.Get("Event"))
		waittest.Pass(time.Second)
		require.Equal(t, "weapp_audit_success", d.product.last().fields.Get("Event"))
	}, func(c *wxsim.Config) { c.Settings.AutoAudit = wxsim.Duration(time.Minute) })
}
