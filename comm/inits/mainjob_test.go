package inits_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
)

// record is a row of either list of pushes.
type record struct {
	ID                              int64
	ReceiveTime, CreateTime         int64
	InfoType, AppID, MsgType, Event string
	ToUserName, PostBody            string
}

type recordPage struct {
	Total      int64
	Records    []record
	NextCursor string
}

type tokenData struct {
	Token      string
	ExpireTime int64
}

const (
	bizRecords       = "/wxcomponent/admin/wx-biz-records"
	componentRecords = "/wxcomponent/admin/wx-component-records"
)

// TestMainJob plays what a provider needs this service for: from the first ticket to the messages
// of an account that a merchant has authorized, and to the end of that authorization.
func TestMainJob(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()).with(environment{
			"WX_PLAIN_CALLBACK": "on", "LOG_LEVEL": "debug", "SECRET_KEY": mark + "secretkey",
		}))
		wechat.SetTarget(s.base)
		j := &job{t: t, wechat: wechat, s: s, admin: s.admin(), merchant: wechat.stranger(t)}
		j.remember(appSecret, pushToken, aesKey, adminPassword, auth.Sent(adminPassword), auth.Sent(auth.Sent(adminPassword)),
			j.admin.jwt, mark)

		require.NoError(t, wechat.CheckURL(t.Context(), ""))
		require.NoError(t, wechat.CheckURL(t.Context(), j.merchant.AppID))
		j.ticketArrives()
		j.merchantAuthorizes()
		j.tokensAreHandedOut()
		j.messagesArrive()
		j.merchantWithdraws()

		require.NoError(t, s.stop())
		require.NotContains(t, s.out.String(), "cut off", "the open streams have held up the stop")
		requireLogWithout(t, s.out.String(), j.secrets...)
	})
}

// job is one run of the main job. secrets are what must not be in its log.
type job struct {
	t        *testing.T
	wechat   *platform
	s        *service
	admin    *client
	merchant wxsim.Account
	secrets  []string
}

func (j *job) remember(secrets ...string) {
	for _, s := range secrets {
		require.NotEmpty(j.t, s)
	}
	j.secrets = append(j.secrets, secrets...)
}

func (j *job) ticketArrives() {
	j.t.Helper()
	require.Equal(j.t, 1007, j.admin.call(http.MethodGet, "/wxcomponent/admin/ticket", "").Code)
	require.Equal(j.t, 1007, j.s.inner.call(http.MethodGet, "/inner/component-access-token", "").Code)
	require.True(j.t, j.wechat.PushTicket(j.t.Context()).Accepted)

	ticket := get[struct{ Ticket string }](j.admin, "/wxcomponent/admin/ticket").Ticket
	require.Equal(j.t, ticket, get[struct{ Ticket string }](j.s.inner, "/inner/ticket").Ticket)
	events := get[recordPage](j.admin, componentRecords+"?infoType=component_verify_ticket")
	require.Len(j.t, events.Records, 1)
	require.Contains(j.t, events.Records[0].PostBody, ticket)
	j.remember(ticket)
}

// merchantAuthorizes goes the merchant's way: the authorization page, the approve button.
func (j *job) merchantAuthorizes() {
	j.t.Helper()
	stream := j.listen("component", "infoType=authorized")
	code := get[struct{ PreAuthCode string }](j.s.client, "/wxcomponent/authpage/preauthcode").PreAuthCode
	j.remember(code)
	query := url.Values{
		"component_appid": {appID}, "pre_auth_code": {code}, "auth_type": {"3"},
		"redirect_uri": {"http://127.0.0.1/back"},
	}
	res, err := http.Get(j.wechat.url + "/cgi-bin/componentloginpage?" + query.Encode())
	require.NoError(j.t, err)
	_ = res.Body.Close()
	require.Equal(j.t, http.StatusOK, res.StatusCode)
	authorization, err := j.wechat.Authorize(j.t.Context(), j.merchant.AppID, wxsim.AuthorizeOptions{PreAuthCode: code})
	require.NoError(j.t, err)
	require.Equal(j.t, "authorized", authorization.InfoType)
	require.True(j.t, authorization.Push.Accepted, "%+v", authorization.Push)
	j.remember(authorization.AuthCode)
	require.Contains(j.t, stream(), authorization.AuthCode)

	var accounts []struct{ AppID, NickName, FuncInfo, RefreshToken string }
	eventually(j.t, "the account is stored with its details", func() bool {
		accounts = j.accounts()
		return len(accounts) == 1 && accounts[0].NickName != ""
	})
	known, _ := j.wechat.Account(j.merchant.AppID)
	require.Equal(j.t, j.merchant.AppID, accounts[0].AppID)
	require.Equal(j.t, known.NickName, accounts[0].NickName)
	require.Regexp(j.t, `^(\|\d+)+\|?$`, accounts[0].FuncInfo)
	require.NotContains(j.t, accounts[0].RefreshToken, known.RefreshToken)
	shown := get[struct{ RefreshToken string }](j.admin, "/wxcomponent/admin/authorizer-refresh-token?appid="+j.merchant.AppID)
	require.Equal(j.t, known.RefreshToken, shown.RefreshToken)
	j.remember(known.RefreshToken)
}

func (j *job) accounts() []struct{ AppID, NickName, FuncInfo, RefreshToken string } {
	j.t.Helper()
	return get[struct {
		Records []struct{ AppID, NickName, FuncInfo, RefreshToken string }
	}](j.admin, "/wxcomponent/admin/authorizer-list").Records
}

func (j *job) tokensAreHandedOut() {
	j.t.Helper()
	component := get[tokenData](j.admin, "/wxcomponent/admin/component-access-token")
	require.NotEmpty(j.t, component.Token)
	require.Equal(j.t, component, get[tokenData](j.s.inner, "/inner/component-access-token"))
	query := "/authorizer-access-token?appid=" + j.merchant.AppID
	token := get[tokenData](j.admin, "/wxcomponent/admin"+query)
	require.NotEmpty(j.t, token.Token)
	require.Equal(j.t, token, get[tokenData](j.s.inner, "/inner"+query))
	j.remember(component.Token, token.Token)
	for _, c := range []*client{j.admin, j.s.inner} {
		prefix := map[bool]string{true: "/inner", false: "/wxcomponent/admin"}[c == j.s.inner]
		require.Equal(j.t, 1001, c.call(http.MethodGet, prefix+"/authorizer-access-token", "").Code)
		require.Equal(j.t, 1001, c.call(http.MethodGet, prefix+"/authorizer-access-token?appid=wxunknown", "").Code)
	}
}

// messagesArrive pushes in each of WeChat's ways, each push twice.
func (j *job) messagesArrive() {
	j.t.Helper()
	stream := j.listen("biz", "appid="+j.merchant.AppID)
	for i, format := range []wxsim.Format{wxsim.FormatXML, wxsim.FormatJSON, wxsim.FormatPlain} {
		content := mark + " 你好 😀 " + string(format)
		spec := wxsim.PushSpec{
			AppID: j.merchant.AppID, Content: content, Format: format, MsgID: 9_007_199_254_740_993 + int64(i),
			CreateTime: time.Now().Unix(), // of both: a push that comes again is the same to the letter
		}
		for range 2 {
			res, err := j.wechat.Push(j.t.Context(), spec)
			require.NoError(j.t, err)
			require.True(j.t, res.Accepted, "%+v", res)
			require.Len(j.t, res.Attempts, 1)
		}
		live := stream()
		require.Contains(j.t, live, content)
		page := get[recordPage](j.admin, bizRecords+"?appid="+j.merchant.AppID)
		require.Len(j.t, page.Records, i+1)
		got := page.Records[0]
		require.Equal(j.t, [3]string{j.merchant.AppID, "text", j.merchant.UserName}, [3]string{got.AppID, got.MsgType, got.ToUserName})
		require.Contains(j.t, got.PostBody, content)
	}
}

func (j *job) merchantWithdraws() {
	j.t.Helper()
	require.NoError(j.t, j.wechat.Unauthorize(j.t.Context(), j.merchant.AppID, false))
	eventually(j.t, "the account is out of service", func() bool {
		return j.s.inner.call(http.MethodGet, "/inner/authorizer-access-token?appid="+j.merchant.AppID, "").Code == 1001
	})
	require.Empty(j.t, j.accounts())
}

// listen opens the stream of a channel. The returned function waits for its next event.
func (j *job) listen(channel, filter string) (next func() string) {
	j.t.Helper()
	req := j.admin.request(http.MethodGet, "/wxcomponent/admin/push-stream?channel="+channel+"&"+filter, "")
	res, err := (&http.Client{Transport: j.admin.http.Transport}).Do(req) // a stream may last
	require.NoError(j.t, err)
	j.t.Cleanup(func() { _ = res.Body.Close() })
	require.Equal(j.t, "text/event-stream", res.Header.Get("Content-Type"))
	events := make(chan string, 100)
	go func() {
		defer close(events)
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				events <- data
			}
		}
	}()
	return func() string {
		j.t.Helper()
		var event struct {
			Channel string
			Records []record
		}
		data := waittest.Receive(j.t, events, "an event of the stream")
		require.NoError(j.t, json.Unmarshal([]byte(data), &event), "the stream has ended: %q", data)
		require.Equal(j.t, channel, event.Channel)
		require.NotEmpty(j.t, event.Records)
		return event.Records[0].PostBody
	}
}

// requireLogWithout holds that a log of every level has none of the secrets.
func requireLogWithout(t *testing.T, text string, secrets ...string) {
	t.Helper()
	require.Contains(t, text, `"level":"debug"`)
	for _, secret := range secrets {
		require.NotEmpty(t, secret)
		at := strings.Index(text, secret)
		if at >= 0 {
			t.Errorf("the log holds %q: …%.300s…", secret, text[max(0, at-200):])
		}
	}
}
