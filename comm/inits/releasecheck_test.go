package inits_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

const (
	releaseCheckPath = "/wxcomponent/admin/release-check"
	queryAuth        = "/cgi-bin/component/api_query_auth"
	customSend       = "/cgi-bin/message/custom/send"
	checkText        = "TESTCOMPONENT_MSG_TYPE_TEXT"
	checkCode        = "QUERY_AUTH_CODE:"
)

// checkPage is what the page of the release check is made of.
type checkPage struct {
	Enabled  bool
	Accounts []struct{ AppID, UserName string }
	Last     []struct {
		Group                 int
		State                 string
		StartTime, UpdateTime int64
		Ticket                checkStep
		Accounts              []struct {
			AppID, State string
			MiniProgram  bool
			Steps        []checkStep
		}
	}
}

type checkStep struct {
	Step, State, Error, Hint         string
	Time, Duration, Attempt, Errcode int64
}

// passes runs WeChat's check with a group of accounts, 0 for all.
func (p *platform) passes(t *testing.T, group int) {
	t.Helper()
	report, err := p.RunReleaseCheck(t.Context(), group)
	require.NoError(t, err)
	for _, step := range report.Steps {
		require.True(t, step.Passed, "%+v", step)
	}
	require.True(t, report.Passed)
}

// writes has a user of an account write a text, and returns how that was answered.
func (p *platform) writes(t *testing.T, spec wxsim.PushSpec) wxsim.PushResult {
	t.Helper()
	spec.Attempts = 1
	res, err := p.Push(t.Context(), spec)
	require.NoError(t, err)
	require.Len(t, res.Attempts, 1)
	return res
}

// TestReleaseCheck has WeChat check the platform with all its accounts, encrypted as WeChat may do
// it around a change of the key, and looks at what is shown of it.
func TestReleaseCheck(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		const newKey = "zyxwvutsrqponmlkjihgfedcba9876543210ZYXWVUT"
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()).with(environment{"WX_AES_KEY": newKey, "WX_AES_KEY_PREVIOUS": aesKey}))
		wechat.SetTarget(s.base)
		admin := s.admin()
		page := get[checkPage](admin, releaseCheckPath)
		require.True(t, page.Enabled, "on by default")
		require.Len(t, page.Accounts, 10)
		require.Empty(t, page.Last)

		wechat.passes(t, 0) // with the key before the change
		require.NoError(t, wechat.RotateKey("", newKey))
		require.NoError(t, wechat.UsePreviousKey(true))
		wechat.passes(t, 4)
		require.NoError(t, wechat.UsePreviousKey(false))
		wechat.passes(t, 0)
		require.NoError(t, wechat.Configure(func(c *wxsim.Settings) { c.Format = wxsim.FormatJSON }))
		wechat.passes(t, 0)
		wechat.passes(t, 2)

		eventually(t, "every step is shown", func() bool {
			page = get[checkPage](admin, releaseCheckPath)
			for _, check := range page.Last {
				if check.State != "ok" {
					return false
				}
			}
			return len(page.Last) == 5
		})
		require.Equal(t, 2, page.Last[0].Group, "the newest comes first")
		for _, check := range page.Last {
			require.Equal(t, "ok", check.Ticket.State)
			require.Len(t, check.Accounts, 2)
			for _, account := range check.Accounts {
				var names []string
				for _, step := range account.Steps {
					names = append(names, step.Step)
					require.NotZero(t, step.Time, "%+v", step)
				}
				want := "authorized text code exchange message"
				if account.MiniProgram {
					want = "authorized code exchange message"
				}
				require.Equal(t, want, strings.Join(names, " "))
			}
		}
		testAccountsAreNoCustomers(t, wechat, s, admin)
	})
}

// testAccountsAreNoCustomers looks where accounts are shown, and fetches a token all the same.
func testAccountsAreNoCustomers(t *testing.T, wechat *platform, s *service, admin *client) {
	t.Helper()
	const prefix = "/wxcomponent/admin/"
	accounts := authorizer.TestAccounts()
	require.NoError(t, wechat.Unauthorize(t.Context(), accounts[9].AppID, true)) // silently: the sync could find it gone
	job := admin.call(http.MethodPost, prefix+"pull-authorizer-list", "")
	require.Zero(t, job.Code, job.raw)
	var sync struct {
		State    string
		Progress authorizer.Progress
	}
	eventually(t, "the sync ends", func() bool {
		sync = get[struct {
			State    string
			Progress authorizer.Progress
		}](admin, prefix+"pull-authorizer-job")
		return sync.State == string(authorizer.SyncDone)
	})
	require.Zero(t, sync.Progress.Total+sync.Progress.Done+sync.Progress.Added+sync.Progress.Vanished+sync.Progress.Failed, "%+v", sync)
	for _, list := range []string{"authorizer-list?", "authorizer-list?status=all", "dev-weapp-list?offset=0&limit=20"} {
		require.Zero(t, get[recordPage](admin, prefix+list).Total, list)
	}
	overview := get[struct{ Counts struct{ Authorizers int } }](admin, prefix+"overview")
	require.Zero(t, overview.Counts.Authorizers, "%+v", overview)
	for _, account := range accounts[:2] {
		require.NotEmpty(t, get[tokenData](s.inner, "/inner/authorizer-access-token?appid="+account.AppID).Token)
	}
}

// TestNobodyElseIsAnsweredLikeTheReleaseCheck writes what WeChat's check writes, as an ordinary user
// of an ordinary account and as one who pretends to be WeChat's.
func TestNobodyElseIsAnsweredLikeTheReleaseCheck(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	env := onSQLite(t).with(wechat.settings())
	s := start(t, env)
	wechat.SetTarget(s.base)
	require.True(t, wechat.PushTicket(t.Context()).Accepted)
	merchant, test := wechat.stranger(t), authorizer.TestAccounts()[0]
	stolen, err := wechat.Authorize(t.Context(), merchant.AppID, wxsim.AuthorizeOptions{Silent: true})
	require.NoError(t, err)
	for name, spec := range map[string]wxsim.PushSpec{
		"an ordinary account":                 {AppID: merchant.AppID},
		"an ordinary account by another name": {AppID: merchant.AppID, Fields: map[string]any{"ToUserName": test.UserName}},
		"another account's message":           {AppID: test.AppID, Fields: map[string]any{"ToUserName": merchant.UserName}},
		"another test account's message":      {AppID: test.AppID, Fields: map[string]any{"ToUserName": authorizer.TestAccounts()[2].UserName}},
	} {
		for _, content := range []string{checkText, checkCode + stolen.AuthCode} {
			spec.Content = content
			require.Equal(t, "success", wechat.writes(t, spec).Attempts[0].Answer, "%s: %s", name, content)
		}
	}
	require.Equal(t, "success", wechat.writes(t, wxsim.PushSpec{AppID: merchant.AppID, Event: "LOCATION"}).Attempts[0].Answer)
	for _, content := range []string{"hello", checkCode, checkText + "!", strings.ToLower(checkText)} {
		require.Equal(t, "success", wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: content}).Attempts[0].Answer, content)
	}

	wechat.passes(t, 1)
	idle(t, openBeside(t, env))
	require.Equal(t, 4, wechat.Calls(queryAuth).Count, "two authorizations and two codes, of the check alone")
	require.Len(t, wechat.Messages(), 2)
	require.NotContains(t, s.out.String(), stolen.AuthCode)

	wrong := wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: checkCode + stolen.AuthCode})
	require.Empty(t, wrong.Attempts[0].Answer)
	eventually(t, "the code of another account is noticed", func() bool {
		for _, step := range get[checkPage](s.admin(), releaseCheckPath).Last[0].Accounts[0].Steps {
			if step.Step == "exchange" && step.State == "failed" {
				return strings.Contains(step.Error, "another account")
			}
		}
		return false
	})
	idle(t, openBeside(t, env))
	require.Len(t, wechat.Messages(), 2, "and not sent to anybody")
}

// TestCodeComesBackThoughItsExchangeWasLost loses what WeChat answers to a code of the check: the code
// works once, and with it the account's tokens of before have ended.
func TestCodeComesBackThoughItsExchangeWasLost(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		env := database.with(wechat.settings())
		s := start(t, env)
		wechat.SetTarget(s.base)
		wechat.passes(t, 1)
		idle(t, openBeside(t, env))
		exchanged, test := wechat.Calls(queryAuth).Count, authorizer.TestAccounts()[0]
		auth, err := wechat.Authorize(t.Context(), test.AppID, wxsim.AuthorizeOptions{Silent: true})
		require.NoError(t, err)
		require.NoError(t, wechat.SetFault(wxsim.Fault{Path: queryAuth, Reset: true, Executed: true, Times: 1}))
		wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: checkCode + auth.AuthCode})
		eventually(t, "the code comes back", func() bool {
			return strings.HasSuffix(wechat.Messages()[0].Content, auth.AuthCode+"_from_api")
		})
		require.Equal(t, exchanged+2, wechat.Calls(queryAuth).Count)
	})
}

// TestReleaseCheckPassesWhateverIsForwarded has every message forwarded to a target that hangs, while
// WeChat waits and from the queue.
func TestReleaseCheckPassesWhateverIsForwarded(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var seen sync.Map
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen.Store(string(body), true)
		<-release
	}))
	t.Cleanup(hanging.Close)
	letGo := sync.OnceFunc(func() { close(release) })
	defer letGo() // before the service is stopped
	wechat := newPlatform(t, wxsim.Settings{})
	s := start(t, onSQLite(t).with(wechat.settings()))
	wechat.SetTarget(s.base)
	admin := s.admin()
	put := func(path string, body any) {
		t.Helper()
		e := admin.call(http.MethodPut, "/wxcomponent/admin/"+path, asJSON(t, body))
		require.Zero(t, e.Code, e.raw)
	}
	put("forward-target", map[string]any{"name": "hangs", "port": portOf(t, hanging.URL), "path": "/"})
	put("forward-rule", map[string]any{"name": "waits", "open": true, "mode": "sync", "targets": []int{1}, "conditions": map[string]any{"channel": "biz"}})
	put("forward-rule", map[string]any{"name": "queues", "open": true, "targets": []int{1}})

	wechat.passes(t, 3)
	test := authorizer.TestAccounts()[4]
	for _, content := range []string{checkText, checkCode + "queryauthcode@@@unknown"} {
		wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: content}) // nobody is waited for
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: "forward me"})
	}()
	forwarded := func(part string) (found bool) {
		seen.Range(func(body, _ any) bool {
			found = strings.Contains(body.(string), part)
			return !found
		})
		return found
	}
	eventually(t, "other messages of the account are forwarded", func() bool { return forwarded("forward me") })
	require.False(t, forwarded(checkText))
	require.False(t, forwarded(checkCode))
	letGo()
	waittest.Receive(t, answered, "it is answered when the target has")
	var list envelope
	eventually(t, "no delivery is under way", func() bool {
		list = admin.call(http.MethodGet, "/wxcomponent/admin/delivery-list?limit=200", "")
		return !strings.Contains(list.raw, `"state":"pending"`)
	})
	deliveries := strings.Count(list.raw, `"event":"text"`)
	require.True(t, deliveries == 1 || deliveries == 2, "those of the message that is none of the check's, by one rule or both: %s", list.raw)
}

// TestReleaseCheckOnSeveralInstances sends WeChat's pushes to two instances by turns, some of them
// to both, and changes the switch at one.
func TestReleaseCheckOnSeveralInstances(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	env := onMySQL(dbtest.EmptyMySQL(t)).with(wechat.settings())
	a, b := start(t, env), start(t, env)
	var turn atomic.Int64
	both := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := []*service{a, b}[turn.Add(1)%2]
		req, err := http.NewRequestWithContext(r.Context(), r.Method, to.base+r.URL.String(), r.Body)
		if err != nil {
			return
		}
		req.Header = r.Header
		res, err := to.http.Do(req)
		if err != nil {
			return
		}
		defer func() { _ = res.Body.Close() }()
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(both.Close)
	wechat.SetTarget(both.URL)
	for _, group := range []int{5, 5} {
		wechat.passes(t, group)
	}
	store := openBeside(t, env)
	idle(t, store)

	test := authorizer.TestAccounts()[8]
	auth, err := wechat.Authorize(t.Context(), test.AppID, wxsim.AuthorizeOptions{Silent: true})
	require.NoError(t, err)
	exchanged, sent := wechat.Calls(queryAuth).Count, len(wechat.Messages())
	at := time.Now().Unix()
	var texts []string
	for i := range 4 { // two deliveries of the same push to each instance
		text := wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: checkText, MsgID: 77, CreateTime: at})
		require.NotNil(t, text.Reply, "delivery %d", i)
		texts = append(texts, text.Reply.Body)
		code := wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: checkCode + auth.AuthCode, MsgID: 78, CreateTime: at})
		require.Equal(t, http.StatusOK, code.Attempts[0].Status)
		require.Empty(t, code.Attempts[0].Answer)
	}
	require.Equal(t, []string{texts[0], texts[0], texts[0], texts[0]}, texts)
	eventually(t, "the code comes back", func() bool {
		return strings.HasSuffix(wechat.Messages()[0].Content, auth.AuthCode+"_from_api")
	})
	wechat.passes(t, 5)
	idle(t, store)
	require.Equal(t, exchanged+1+4, wechat.Calls(queryAuth).Count)
	require.Len(t, wechat.Messages(), sent+1+2)

	admin := a.admin()
	require.Equal(t, 1001, admin.call(http.MethodPost, releaseCheckPath, "{}").Code)
	admin.post(releaseCheckPath, map[string]any{"enabled": false})
	wechat.SetTarget(a.base)
	answer := func() string {
		return wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: checkText}).Attempts[0].Answer
	}
	require.Equal(t, "success", answer(), "in force on this instance at once")
	wechat.SetTarget(b.base)
	eventually(t, "in force on the other instance", func() bool { return answer() == "success" })
	idle(t, store)
	exchanged = wechat.Calls(queryAuth).Count
	for _, s := range []*service{a, b} {
		wechat.SetTarget(s.base)
		off := wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: checkCode + "queryauthcode@@@whatever"})
		require.Equal(t, "success", off.Attempts[0].Answer)
		require.False(t, get[checkPage](s.as(admin.jwt), releaseCheckPath).Enabled)
	}
	admin.post(releaseCheckPath, map[string]any{"enabled": true})
	wechat.SetTarget(a.base)
	wechat.passes(t, 5)
	idle(t, store)
	require.Equal(t, exchanged+4, wechat.Calls(queryAuth).Count, "what came while it was off is left alone")
}

// TestReleaseCheckBearsFailures has WeChat fail in the middle of its own check.
func TestReleaseCheckBearsFailures(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()))
		wechat.SetTarget(s.base)
		admin := s.admin()
		require.NoError(t, wechat.SetFault(wxsim.Fault{Path: customSend, Errcode: -1000, Errmsg: "system error", Times: 5}))
		wechat.passes(t, 1)

		test := authorizer.TestAccounts()[1]
		lost, err := wechat.Authorize(t.Context(), test.AppID, wxsim.AuthorizeOptions{Silent: true})
		require.NoError(t, err)
		require.NoError(t, wechat.SetFault(wxsim.Fault{Path: queryAuth, Reset: true, Executed: true, Times: 1}))
		wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: checkCode + lost.AuthCode})
		eventually(t, "an exchange whose answer is lost counts", func() bool {
			return wechat.Messages()[0].Content == lost.AuthCode+"_from_api"
		})

		require.NoError(t, wechat.SetFault(wxsim.Fault{
			Path: queryAuth, Errcode: 61004, Errmsg: "access clientip is not registered requestIP: 192.0.2.7 rid: 1-2",
		}))
		wechat.writes(t, wxsim.PushSpec{AppID: test.AppID, Content: checkCode + "queryauthcode@@@next"})
		var steps []checkStep
		eventually(t, "the failure is shown", func() bool {
			steps = get[checkPage](admin, releaseCheckPath).Last[0].Accounts[1].Steps
			return steps[2].State == "failed"
		})
		require.Equal(t, "exchange", steps[2].Step)
		require.EqualValues(t, 61004, steps[2].Errcode)
		require.EqualValues(t, 1, steps[2].Attempt, "there is no use in trying again")
		require.Contains(t, steps[2].Error, "192.0.2.7")
		require.Contains(t, steps[2].Hint, "IP")
		require.Equal(t, "failed", get[checkPage](admin, releaseCheckPath).Last[0].State)

		wechat.ClearFaults()
		stranger := authorizer.TestAccounts()[9]
		res, err := wechat.Push(t.Context(), wxsim.PushSpec{InfoType: "authorized", Fields: map[string]any{
			"AuthorizerAppid": stranger.AppID, "AuthorizationCode": "queryauthcode@@@bogus",
		}})
		require.NoError(t, err)
		require.True(t, res.Accepted)
		eventually(t, "an authorization that came to nothing is no good step", func() bool {
			last := get[checkPage](admin, releaseCheckPath).Last
			steps = last[0].Accounts[1].Steps
			return last[0].Group == stranger.Group && steps[0].State == "failed"
		})
		require.EqualValues(t, 61009, steps[0].Errcode)
		require.NotEmpty(t, steps[0].Hint)
		codes, err := openBeside(t, database).CheckStepList(t.Context(), 100)
		require.NoError(t, err)
		for _, step := range codes {
			require.NotContains(t, step.Error+step.Hint+step.PushKey, "queryauthcode")
			require.NotEqual(t, model.CheckRetrying, step.State)
		}
	})
}
