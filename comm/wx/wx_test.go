package wx_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/httputils"
	"wxcomponent/comm/log"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx"
)

// TestMain waits for what the tests started: connections end a while after they are closed.
func TestMain(m *testing.M) {
	code := m.Run()
	ctx, cancel := context.WithTimeout(context.Background(), waittest.Limit)
	err := goleak.Find()
	for err != nil && ctx.Err() == nil {
		err = goleak.Find()
	}
	cancel()
	if code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

const (
	self     = "wxself"
	appid    = "wxaccount"
	secret   = log.Secret("SECRETSECRET")
	selfTok  = "COMPONENTTOKEN"
	acctTok  = "ACCOUNTTOKEN"
	newTok   = "NEWTOKEN"
	ridError = `{"errcode":%d,"errmsg":"refused rid: 64abc-12de-34"}`
)

// seen is one request as the fake WeChat got it.
type seen struct {
	method, path, query, contentType, body string
	length                                 int64
}

// fake is WeChat with one answer for everything.
type fake struct {
	*httptest.Server
	mu          sync.Mutex
	got         []seen
	contentType string
	status      int
	answers     []string // the last one repeats
}

func newFake(t *testing.T, answers ...string) *fake {
	t.Helper()
	f := &fake{contentType: "application/json; encoding=utf-8", status: http.StatusOK, answers: answers}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, seen{
		r.Method, r.URL.Path, r.URL.Query().Encode(), r.Header.Get("Content-Type"),
		strings.TrimSpace(string(body)), r.ContentLength,
	})
	w.Header().Set("Content-Type", f.contentType)
	w.WriteHeader(f.status)
	_, _ = io.WriteString(w, f.answers[min(len(f.got), len(f.answers))-1])
}

// tokens hands out a token, and another one after the first was refused.
type tokens struct{ invalid, unhealed []string }

func (s *tokens) AccessToken(_ context.Context, appid string) (string, error) {
	switch {
	case len(s.invalid) > 0 && s.invalid[0] != "":
		return newTok, nil
	case appid == "":
		return selfTok, nil
	}
	return acctTok, nil
}
func (s *tokens) Invalidate(_, used string)    { s.invalid = append(s.invalid, used) }
func (s *tokens) Unhealed(appid string)        { s.unhealed = append(s.unhealed, appid) }
func (f *fake) client(t *testing.T) *wx.Client { return f.clientWith(t, &tokens{}, nil) }

func (f *fake) clientWith(t *testing.T, source wx.Tokens, cb *wx.CloudBase) *wx.Client {
	t.Helper()
	h := httputils.NewClient(zap.NewNop())
	t.Cleanup(h.CloseIdleConnections)
	return wx.New(wx.Options{
		Platform: wx.Platform{AppID: self}, APIBase: f.URL + "/", HTTP: h, CloudBase: cb, Log: zap.NewNop(),
		Patience: waittest.Limit,
	}).As(source)
}

// TestEveryAPI checks what is sent and that the success answer is understood.
func TestEveryAPI(t *testing.T) {
	ctx := context.Background()
	cs, as := "access_token="+selfTok, "access_token="+acctTok
	one, yes := 1, true
	tests := []struct {
		answer string
		want   seen
		call   func(*wx.Client) (any, error)
		got    any
	}{
		{
			`{"component_access_token":"t","expires_in":7200}`,
			seen{method: "POST", path: "/cgi-bin/component/api_component_token", body: `{"component_appid":"wxself","component_appsecret":"SECRETSECRET","component_verify_ticket":"tick"}`},
			func(c *wx.Client) (any, error) { return c.ComponentToken(ctx, secret, "tick") },
			wx.Grant{Token: "t", ExpiresIn: 2 * time.Hour},
		},
		{
			`{"errcode":0,"errmsg":"in a normal state"}`,
			seen{method: "POST", path: "/cgi-bin/component/api_start_push_ticket", body: `{"component_appid":"wxself","component_secret":"SECRETSECRET"}`},
			func(c *wx.Client) (any, error) { return nil, c.StartPushTicket(ctx, secret) }, nil,
		},
		{
			`{"pre_auth_code":"p","expires_in":1800}`,
			seen{method: "POST", path: "/cgi-bin/component/api_create_preauthcode", query: cs, body: `{"component_appid":"wxself"}`},
			func(c *wx.Client) (any, error) { return c.CreatePreAuthCode(ctx) },
			wx.PreAuthCode{Code: "p", ExpiresIn: 30 * time.Minute},
		},
		{
			`{"authorization_info":{"authorizer_appid":"a","authorizer_access_token":"t","expires_in":"7200","authorizer_refresh_token":"r","func_info":[{"funcscope_category":{"id":1}},{"funcscope_category":{"id":"18"},"confirm_info":{"need_confirm":0}}]}}`,
			seen{method: "POST", path: "/cgi-bin/component/api_query_auth", query: cs, body: `{"authorization_code":"c","component_appid":"wxself"}`},
			func(c *wx.Client) (any, error) { return c.QueryAuth(ctx, "c") },
			&wx.Authorization{AppID: "a", AccessToken: "t", ExpiresIn: 7200, RefreshToken: "r", FuncInfo: wx.FuncInfo{1, 18}},
		},
		{
			`{"authorization_info":{"authorizer_appid":"a","func_info":{}}}`,
			seen{method: "POST", path: "/cgi-bin/component/api_query_auth", query: cs, body: `{"authorization_code":"c","component_appid":"wxself"}`},
			func(c *wx.Client) (any, error) { return c.QueryAuth(ctx, "c") },
			&wx.Authorization{AppID: "a"},
		},
		{
			`{"total_count":"1","list":[{"authorizer_appid":"a","refresh_token":"r","auth_time":"1558000607"}]}`,
			seen{method: "POST", path: "/cgi-bin/component/api_get_authorizer_list", query: cs, body: `{"component_appid":"wxself","count":500,"offset":0}`},
			func(c *wx.Client) (any, error) { return c.AccountList(ctx, 0, wx.AccountListMax) },
			wx.AccountList{Total: 1, List: []wx.ListedAccount{{AppID: "a", RefreshToken: "r", AuthTime: 1558000607}}},
		},
		{
			`{"authorizer_appid":"a","option_name":"voice_recognize","option_value":1}`,
			seen{method: "POST", path: "/cgi-bin/component/get_authorizer_option", query: as, body: `{"option_name":"voice_recognize"}`},
			func(c *wx.Client) (any, error) { return c.Option(ctx, appid, wx.OptionVoiceRecognize) }, "1",
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/cgi-bin/component/set_authorizer_option", query: as, body: `{"option_name":"voice_recognize","option_value":"1"}`},
			func(c *wx.Client) (any, error) { return nil, c.SetOption(ctx, appid, wx.OptionVoiceRecognize, "1") }, nil,
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/cgi-bin/clear_quota", query: cs, body: `{"appid":"wxself"}`},
			func(c *wx.Client) (any, error) { return nil, c.ClearQuota(ctx, self) }, nil,
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/cgi-bin/clear_quota", query: as, body: `{"appid":"wxaccount"}`},
			func(c *wx.Client) (any, error) { return nil, c.ClearQuota(ctx, appid) }, nil,
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/cgi-bin/component/clear_quota/v2", body: `{"component_appid":"wxself","appsecret":"SECRETSECRET","appid":"wxaccount"}`},
			func(c *wx.Client) (any, error) { return nil, c.ClearQuotaBySecret(ctx, secret, appid) }, nil,
		},
		{
			`{"errcode":0,"quota":{"daily_limit":10,"used":"3","remain":7}}`,
			seen{method: "POST", path: "/cgi-bin/openapi/quota/get", query: cs, body: `{"cgi_path":"/x"}`},
			func(c *wx.Client) (any, error) { return c.Quota(ctx, "", "/x") },
			wx.Quota{DailyLimit: 10, Used: 3, Remain: 7},
		},
		{
			`{"errcode":0,"request":{"invoke_time":1,"cost_in_ms":2,"request_url":"access_token=LEAK&x=1"}}`,
			seen{method: "POST", path: "/cgi-bin/openapi/rid/get", query: as, body: `{"rid":"r"}`},
			func(c *wx.Client) (any, error) { return c.Trace(ctx, appid, "r") },
			wx.CallTrace{InvokeTime: 1, CostMS: 2, RequestURL: "access_token=***&x=1"},
		},
		{
			`{"ip_list":["1.2.3.4"]}`,
			seen{method: "GET", path: "/cgi-bin/getcallbackip", query: cs},
			func(c *wx.Client) (any, error) { return c.CallbackIPs(ctx) },
			[]string{"1.2.3.4"},
		},
		{
			`{"errcode":0,"draft_list":[{"create_time":1,"user_version":"v","user_desc":"d","draft_id":2,"developer":"x"}]}`,
			seen{method: "GET", path: "/wxa/gettemplatedraftlist", query: cs},
			func(c *wx.Client) (any, error) { return c.DraftList(ctx) },
			[]wx.Draft{{DraftID: 2, CreateTime: 1, UserVersion: "v", UserDesc: "d", Developer: "x"}},
		},
		{
			`{"errcode":0,"template_list":[{"template_id":"7","template_type":1,"category_list":[{"first_class":"f","first_id":1}]}]}`,
			seen{method: "GET", path: "/wxa/gettemplatelist", query: cs + "&template_type=1"},
			func(c *wx.Client) (any, error) { return c.TemplateList(ctx, &one) },
			[]wx.Template{{TemplateID: 7, TemplateType: 1, CategoryList: []wx.AuditedCategory{{FirstClass: "f", FirstID: 1}}}},
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/wxa/addtotemplate", query: cs, body: `{"draft_id":2,"template_type":0}`},
			func(c *wx.Client) (any, error) { return nil, c.TemplateAdd(ctx, 2, wx.TemplateNormal) }, nil,
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/wxa/deletetemplate", query: cs, body: `{"template_id":2}`},
			func(c *wx.Client) (any, error) { return nil, c.TemplateDelete(ctx, 2) }, nil,
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/wxa/commit", query: as, body: `{"template_id":3,"ext_json":"{\"ext\":{\"a\":\"<&>\"}}","user_version":"1","user_desc":"d"}`},
			func(c *wx.Client) (any, error) {
				return nil, c.Commit(ctx, appid, wx.Commit{TemplateID: 3, ExtJSON: `{"ext":{"a":"<&>"}}`, UserVersion: "1", UserDesc: "d"})
			}, nil,
		},
		{
			`{"errcode":0,"page_list":["a","b"]}`,
			seen{method: "GET", path: "/wxa/get_page", query: as},
			func(c *wx.Client) (any, error) { return c.PageList(ctx, appid) },
			[]string{"a", "b"},
		},
		{
			`{"errcode":0,"category_list":[{"first_class":"f","second_class":"s","first_id":"1","second_id":2}]}`,
			seen{method: "GET", path: "/wxa/get_category", query: as},
			func(c *wx.Client) (any, error) { return c.CategoryList(ctx, appid) },
			[]wx.AuditedCategory{{FirstClass: "f", SecondClass: "s", FirstID: 1, SecondID: 2}},
		},
		{
			`{"errcode":0,"without_auth_list":["x"]}`,
			seen{method: "GET", path: "/wxa/security/get_code_privacy_info", query: as},
			func(c *wx.Client) (any, error) { return c.CodePrivacyInfo(ctx, appid) },
			wx.PrivacyInfo{WithoutAuth: []string{"x"}},
		},
		{
			`{"errcode":0,"auditid":9007199254740993}`,
			seen{method: "POST", path: "/wxa/submit_audit", query: as, body: `{"item_list":[{"address":"i","first_class":"f","first_id":1}],"ugc_declare":{"scene":[1],"has_audit_team":1},"privacy_api_not_use":true}`},
			func(c *wx.Client) (any, error) {
				return c.SubmitAudit(ctx, appid, wx.Submission{
					ItemList:         []wx.AuditItem{{Address: "i", FirstClass: "f", FirstID: 1}},
					UGCDeclare:       &wx.UGCDeclare{Scene: []int{1}, HasAuditTeam: 1},
					PrivacyAPINotUse: &yes,
				})
			}, int64(9007199254740993),
		},
		{
			`{"errcode":0,"status":1,"reason":"r","screenshot":"a|b"}`,
			seen{method: "POST", path: "/wxa/get_auditstatus", query: as, body: `{"auditid":5}`},
			func(c *wx.Client) (any, error) { return c.AuditStatus(ctx, appid, 5) },
			wx.AuditState{AuditID: 5, Status: wx.AuditRejected, Reason: "r", ScreenShot: "a|b"},
		},
		{
			`{"errcode":0,"auditid":"9007199254740993","status":"0","ScreenShot":"a","user_version":"v","user_desc":"d","submit_audit_time":1600000000}`,
			seen{method: "GET", path: "/wxa/get_latest_auditstatus", query: as},
			func(c *wx.Client) (any, error) { return c.LatestAuditStatus(ctx, appid) },
			wx.AuditState{AuditID: 9007199254740993, ScreenShot: "a", UserVersion: "v", UserDesc: "d", SubmitTime: 1600000000},
		},
		{
			`{"errcode":0}`,
			seen{method: "GET", path: "/wxa/undocodeaudit", query: as},
			func(c *wx.Client) (any, error) { return nil, c.WithdrawAudit(ctx, appid) }, nil,
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/wxa/speedupaudit", query: as, body: `{"auditid":9007199254740993}`},
			func(c *wx.Client) (any, error) { return nil, c.SpeedUpAudit(ctx, appid, 9007199254740993) }, nil,
		},
		{
			`{"errcode":0,"rest":1,"limit":2,"speedup_rest":3,"speedup_limit":4}`,
			seen{method: "GET", path: "/wxa/queryquota", query: as},
			func(c *wx.Client) (any, error) { return c.AuditQuota(ctx, appid) },
			wx.AuditQuota{Rest: 1, Limit: 2, SpeedupRest: 3, SpeedupLimit: 4},
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/wxa/release", query: as, body: `{}`},
			func(c *wx.Client) (any, error) { return nil, c.Release(ctx, appid) }, nil,
		},
		{
			`{"errcode":0}`,
			seen{method: "GET", path: "/wxa/revertcoderelease", query: as},
			func(c *wx.Client) (any, error) { return nil, c.Revert(ctx, appid, 0) }, nil,
		},
		{
			`{"errcode":0}`,
			seen{method: "GET", path: "/wxa/revertcoderelease", query: as + "&app_version=12"},
			func(c *wx.Client) (any, error) { return nil, c.Revert(ctx, appid, 12) }, nil,
		},
		{
			`{"errcode":0,"version_list":[{"app_version":1,"user_version":"v","commit_time":2}]}`,
			seen{method: "GET", path: "/wxa/revertcoderelease", query: as + "&action=get_history_version"},
			func(c *wx.Client) (any, error) { return c.RevertHistory(ctx, appid) },
			[]wx.PastVersion{{AppVersion: 1, UserVersion: "v", CommitTime: 2}},
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/wxa/grayrelease", query: as, body: `{"gray_percentage":10,"support_debuger_first":true}`},
			func(c *wx.Client) (any, error) {
				return nil, c.GrayRelease(ctx, appid, wx.GrayRelease{Percentage: 10, DebuggersFirst: true})
			}, nil,
		},
		{
			`{"errcode":0,"gray_release_plan":{"status":1,"gray_percentage":10,"create_timestamp":3}}`,
			seen{method: "GET", path: "/wxa/getgrayreleaseplan", query: as},
			func(c *wx.Client) (any, error) { return c.GrayPlan(ctx, appid) },
			&wx.GrayPlan{Status: wx.GrayRunning, Percentage: 10, CreateTime: 3},
		},
		{
			`{"errcode":0}`,
			seen{method: "GET", path: "/wxa/revertgrayrelease", query: as},
			func(c *wx.Client) (any, error) { return nil, c.GrayRevert(ctx, appid) }, nil,
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/wxa/change_visitstatus", query: as, body: `{"action":"close"}`},
			func(c *wx.Client) (any, error) { return nil, c.SetVisitStatus(ctx, appid, wx.VisitClose) }, nil,
		},
		{
			`{"errcode":0,"status":1}`,
			seen{method: "POST", path: "/wxa/getvisitstatus", query: as, body: `{}`},
			func(c *wx.Client) (any, error) { return c.VisitStatus(ctx, appid) }, 1,
		},
		{
			`{"errcode":0,"account_type":3,"wx_verify_info":{"qualification_verify":true,"annual_review_end_time":5}}`,
			seen{method: "POST", path: "/cgi-bin/account/getaccountbasicinfo", query: as, body: `{}`},
			func(c *wx.Client) (any, error) {
				i, err := c.BasicInfo(ctx, appid)
				return fmt.Sprint(i.AccountType, i.Verification.Qualified, i.Verification.AnnualReviewEnd), err
			}, "3 true 5",
		},
		{
			`{"errcode":0}`,
			seen{method: "POST", path: "/cgi-bin/message/custom/send", query: as, body: `{"msgtype":"text","text":{"content":"<你好>&"},"touser":"o"}`},
			func(c *wx.Client) (any, error) { return nil, c.SendText(ctx, appid, "o", "<你好>&") }, nil,
		},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i, tt.want.path), func(t *testing.T) {
			f := newFake(t, tt.answer)
			got, err := tt.call(f.client(t))
			require.NoError(t, err)
			require.Equal(t, tt.got, got)
			require.Len(t, f.got, 1)
			if tt.want.method == http.MethodPost {
				tt.want.contentType, tt.want.length = "application/json; charset=utf-8", f.got[0].length
				require.Positive(t, f.got[0].length, "no chunked body")
			}
			require.Equal(t, tt.want, f.got[0])
		})
	}
}

func TestAccountInfo(t *testing.T) {
	const info = `{"nick_name":"昵称😀","head_img":"h","service_type_info":{"id":2,"name":"x"},"verify_type_info":{"id":-1},"user_name":"gh_1","principal_name":"p","qrcode_url":"q","account_status":1,"register_type":"6","basic_config":{"is_phone_configured":true},"business_info":{"open_pay":0},"channels_info":{}%s}`
	const rest = `,"authorization_info":{"authorizer_appid":"wxaccount","authorizer_refresh_token":"r","func_info":[{"funcscope_category":{"id":18}}]}}`
	mini := fmt.Sprintf(info, `,"MiniProgramInfo":{"network":{"RequestDomain":[]},"categories":[{"first":"a","second":"b"}],"visit_status":0}`)

	f := newFake(t, `{"authorizer_info":`+mini+rest, `{"authorizer_info":`+fmt.Sprintf(info, "")+rest)
	account, authorization, err := f.client(t).AccountInfo(t.Context(), appid)
	require.NoError(t, err)
	require.True(t, account.IsMiniProgram())
	require.Equal(t, []wx.Category{{First: "a", Second: "b"}}, account.MiniProgramInfo.Categories)
	require.Equal(t, "昵称😀", account.NickName)
	require.EqualValues(t, 6, account.RegisterType)
	require.EqualValues(t, -1, account.VerifyType.ID)
	require.JSONEq(t, mini, string(account.Raw))
	require.Equal(t, "r", authorization.RefreshToken)
	_, ok := authorization.Grant()
	require.False(t, ok)

	account, _, err = f.client(t).AccountInfo(t.Context(), appid)
	require.NoError(t, err)
	require.False(t, account.IsMiniProgram())
	require.JSONEq(t, `{"authorizer_appid":"wxaccount","component_appid":"wxself"}`, f.got[0].body)
}

func TestImagesAreToldFromErrorsByContentType(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n{\"errcode\":1}"
	f := newFake(t, png)
	f.contentType = "image/jpeg"
	img, err := f.client(t).TrialQRCode(t.Context(), appid, "pages/index?a=1&b=2")
	require.NoError(t, err)
	require.Equal(t, png, string(img))
	require.Equal(t, "access_token=ACCOUNTTOKEN&path=pages%2Findex%3Fa%3D1%26b%3D2", f.got[0].query)

	img, err = f.client(t).UnlimitedCode(t.Context(), appid, wx.CodeImage{Scene: "s"})
	require.NoError(t, err)
	require.Equal(t, png, string(img))
	require.Equal(t, `{"scene":"s"}`, f.got[1].body)

	f = newFake(t, fmt.Sprintf(ridError, 61007))
	_, err = f.client(t).TrialQRCode(t.Context(), appid, "")
	require.Equal(t, 61007, wx.CodeOf(err))

	f = newFake(t, `{"errcode":0}`)
	_, err = f.client(t).TrialQRCode(t.Context(), appid, "")
	require.ErrorAs(t, err, new(*wx.Unreachable))
}

func TestUploadStreamsAFileOfKnownSizeAndRepeatsItAfterHealing(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 100_000)
	f := newFake(t, fmt.Sprintf(ridError, 42001), `{"errcode":0,"type":"image","mediaid":"m"}`)
	got, err := f.client(t).UploadMedia(t.Context(), appid, wx.File{Name: "a\"\r\nb.png", Type: "image/png", Content: bytes.NewReader(content)})
	require.NoError(t, err)
	require.Equal(t, wx.Media{Type: "image", MediaID: "m"}, got)
	require.Len(t, f.got, 2)
	for _, r := range f.got {
		require.EqualValues(t, len(r.body)+2, r.length) // the trailing line end is trimmed
		require.Contains(t, r.body, `name="media"; filename="a`)
		require.Contains(t, r.body, "Content-Type: image/png\r\n")
		require.Contains(t, r.body, string(content))
	}
	require.Equal(t, "access_token="+newTok, f.got[1].query)

	f = newFake(t, `{"type":"image","media_id":"n","created_at":"12"}`)
	got, err = f.client(t).UploadTemporary(t.Context(), appid, "image", wx.File{Name: "x", Content: strings.NewReader("x")})
	require.NoError(t, err)
	require.Equal(t, wx.Media{Type: "image", MediaID: "n", CreatedAt: 12}, got)
	require.Equal(t, "access_token=ACCOUNTTOKEN&type=image", f.got[0].query)
}

func TestGarbledAnswersAreNotWeChatsErrors(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
	}{
		"HTML":                    {200, "<html><body>ACCOUNTTOKEN</body></html>"},
		"bad gateway":             {502, "<html>502</html>"},
		"bad gateway with JSON":   {502, `{"page_list":[]}`},
		"truncated":               {200, `{"page_list":["a`},
		"empty":                   {200, ""},
		"list":                    {200, `[]`},
		"null":                    {200, `null`},
		"errcode of another type": {200, `{"errcode":"x"}`},
		"errcode in an object":    {200, `{"errcode":{},"page_list":[]}`},
		"redirect":                {302, ""},
		"too large":               {200, `{"page_list":["` + strings.Repeat("a", httputils.MaxAnswer) + `"]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, tt.body)
			f.status = tt.status
			_, err := f.client(t).PageList(t.Context(), appid)
			var unreachable *wx.Unreachable
			require.ErrorAs(t, err, &unreachable)
			require.Zero(t, wx.CodeOf(err))
			require.Len(t, f.got, 1, "not repeated")
			require.NotContains(t, err.Error(), "TOKEN")
			require.ErrorContains(t, err, "/wxa/get_page")
			require.NotEmpty(t, unreachable.Upstream().Hint)
		})
	}
}

func TestAnswersThatLackTheirPoint(t *testing.T) {
	calls := map[string]func(*wx.Client) error{
		"component token": func(c *wx.Client) error { _, err := c.ComponentToken(t.Context(), secret, "x"); return err },
		"preauth code":    func(c *wx.Client) error { _, err := c.CreatePreAuthCode(t.Context()); return err },
		"query auth":      func(c *wx.Client) error { _, err := c.QueryAuth(t.Context(), "x"); return err },
		"account token":   func(c *wx.Client) error { _, _, err := c.AuthorizerToken(t.Context(), appid, "x"); return err },
		"account info":    func(c *wx.Client) error { _, _, err := c.AccountInfo(t.Context(), appid); return err },
		"account list":    func(c *wx.Client) error { _, err := c.AccountList(t.Context(), 0, 1); return err },
		"audit id":        func(c *wx.Client) error { _, err := c.SubmitAudit(t.Context(), appid, wx.Submission{}); return err },
		"audit status":    func(c *wx.Client) error { _, err := c.LatestAuditStatus(t.Context(), appid); return err },
		"visit status":    func(c *wx.Client) error { _, err := c.VisitStatus(t.Context(), appid); return err },
		"media id": func(c *wx.Client) error {
			_, err := c.UploadMedia(t.Context(), appid, wx.File{Content: strings.NewReader("")})
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			require.ErrorAs(t, call(newFake(t, `{"errcode":0}`).client(t)), new(*wx.Unreachable))
		})
	}
}

func TestHealing(t *testing.T) {
	for _, code := range []int{40001, 40014, 41001, 42001} {
		source := &tokens{}
		f := newFake(t, fmt.Sprintf(ridError, code), `{"page_list":["a"]}`)
		_, err := f.clientWith(t, source, nil).PageList(t.Context(), appid)
		require.NoError(t, err)
		require.Equal(t, []string{acctTok}, source.invalid)
		require.Empty(t, source.unhealed)
		require.Equal(t, "access_token="+newTok, f.got[1].query)

		source = &tokens{}
		f = newFake(t, fmt.Sprintf(ridError, code))
		_, err = f.clientWith(t, source, nil).PageList(t.Context(), appid)
		require.Equal(t, code, wx.CodeOf(err))
		require.Len(t, f.got, 2)
		require.Equal(t, []string{appid}, source.unhealed)
	}
}

func TestComponentTokenIsNotHealed(t *testing.T) {
	f := newFake(t, fmt.Sprintf(ridError, 40001))
	_, err := f.client(t).ComponentToken(t.Context(), secret, "x")
	require.Equal(t, wx.ActionConfig, wx.ActionOf(err))
	require.Len(t, f.got, 1)
	var e *wx.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Hint(), "AppSecret")
}

func TestCloudBase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	f := newFake(t, `{"pre_auth_code":"p"}`, `{"page_list":[]}`, fmt.Sprintf(ridError, 42001), `{"pre_auth_code":"p"}`)
	c := f.clientWith(t, &tokens{}, wx.NewCloudBase(file))
	for _, content := range []string{"", "default-tcb-wx-access-token\n"} {
		if content != "" {
			require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		}
		_, err := c.CreatePreAuthCode(t.Context())
		require.True(t, errno.Is(err, errno.NotConfigured), "%v", err)
	}
	require.NoError(t, os.WriteFile(file, []byte("CLOUD1\n"), 0o600))
	_, err := c.CreatePreAuthCode(t.Context())
	require.NoError(t, err)
	require.Equal(t, "cloudbase_access_token=CLOUD1", f.got[0].query)
	_, err = c.PageList(t.Context(), appid)
	require.NoError(t, err)
	require.Equal(t, "access_token=ACCOUNTTOKEN", f.got[1].query)

	_, err = c.CreatePreAuthCode(t.Context())
	require.Equal(t, 42001, wx.CodeOf(err), "the same file is not tried twice")
	require.Len(t, f.got, 3)
}

func TestCallsThatCannotBeMade(t *testing.T) {
	f := newFake(t, `{}`)
	_, err := f.client(t).PageList(t.Context(), "")
	require.True(t, errno.Is(err, errno.BadParam), "an account's call without an account never goes out as the platform's")
	bare := wx.New(wx.Options{APIBase: f.URL, HTTP: http.DefaultClient, Log: zap.NewNop()})
	_, err = bare.ComponentToken(t.Context(), secret, "x")
	require.True(t, errno.Is(err, errno.NotConfigured))
	_, err = bare.PageList(t.Context(), appid)
	require.True(t, errno.Is(err, errno.NotConfigured))
	require.Empty(t, f.got)
}
