package inits_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

// told is what a program behind a webhook has been told of, by kind and account or target.
type told struct {
	*httptest.Server
	secret string

	mu     sync.Mutex
	counts map[string]int
	names  map[string]string // of accounts
	bad    []string
}

func newTold(t *testing.T) *told {
	t.Helper()
	p := &told{counts: map[string]int{}, names: map[string]string{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		var m struct {
			Data struct {
				Events []struct{ Kind, AppID, NickName, Target string }
			}
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		verifier, err := webhooks.NewWebhook(p.secret)
		if err == nil {
			err = verifier.Verify(body, req.Header)
		}
		if err == nil {
			err = json.Unmarshal(body, &m)
		}
		if err != nil {
			p.bad = append(p.bad, err.Error())
		}
		for _, e := range m.Data.Events {
			p.counts[e.Kind+" "+e.AppID+e.Target]++
			p.names[e.AppID] = e.NickName
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *told) count(what string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[what]
}

// TestPeopleAreTold plays what people want to know of, with two instances where the database allows
// for them, that notice the same.
func TestPeopleAreTold(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		env := database.with(wechat.settings()).with(environment{
			"WX_PLAIN_CALLBACK": "on", "LOG_LEVEL": "debug", "FORWARD_ALLOW_PRIVATE": "on",
		})
		instances := []*service{start(t, env)}
		if database["MYSQL_ADDRESS"] != "" {
			instances = append(instances, start(t, env))
		}
		first := instances[0]
		wechat.SetTarget(first.base)
		admin := first.admin()
		program := newTold(t)
		added := admin.call(http.MethodPut, "/wxcomponent/admin/notify-channel", asJSON(t, map[string]any{
			"name": "程序", "kind": "webhook", "url": program.URL + "/" + mark + "-path", "enabled": true,
			"events": []string{"account.authorized", "review.refused", "target.failing"},
		}))
		require.Zero(t, added.Code, added.raw)
		var channel struct {
			ID     int64
			Secret string
		}
		require.NoError(t, json.Unmarshal(added.Data, &channel))
		program.mu.Lock()
		program.secret = channel.Secret
		program.mu.Unlock()
		admin.post("/wxcomponent/admin/notify-test", map[string]any{"id": channel.ID})
		list := admin.call(http.MethodGet, "/wxcomponent/admin/notify-channel-list", "").raw
		require.NotContains(t, list, mark)
		require.NotContains(t, list, channel.Secret)
		require.Contains(t, list, `"lastOk":true`)

		admin.post("/wxcomponent/admin/notify-settings", map[string]string{"baseUrl": "https://wx.example.com"})
		for _, s := range instances {
			known := s.as(admin.jwt)
			eventually(t, "an instance does not know the channel", func() bool {
				return get[struct{ BaseURL string }](known, "/wxcomponent/admin/notify-settings").BaseURL != ""
			})
		}
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		no := false
		_, strangers := wechat.Accounts(wxsim.AccountFilter{Kind: wxsim.MiniProgram, Authorized: &no})
		require.NotEmpty(t, strangers)
		merchant := strangers[0]
		authorize(t, wechat, instances, merchant.AppID)
		eventually(t, "people are not told of the account", func() bool { return program.count("account.authorized "+merchant.AppID) > 0 })
		rejection := fmt.Sprintf(`{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":%d,"MsgType":"event","Event":"weapp_audit_fail",`+
			`"Reason":"1:no<br>","FailTime":%d}`, time.Now().Unix(), time.Now().Unix())
		everywhere(instances, func(s *service) {
			_, answer, err := s.pushPlain("/wxcallback/biz/"+merchant.AppID, rejection)
			require.NoError(t, err)
			require.Equal(t, "success", answer)
		})
		breakTarget(t, admin, instances, merchant.AppID)
		eventually(t, "people are not told of the review, which is none of code: nothing was submitted", func() bool { return program.count("review.refused "+merchant.AppID) > 0 })
		eventually(t, "people are not told of the target", func() bool { return program.count("target.failing 坏目标") > 0 })

		eventually(t, "every message is sent", func() bool {
			messages := get[struct {
				Messages []struct {
					State  string
					Events int
				}
			}](admin, "/wxcomponent/admin/notify-message-list").Messages
			events := 0
			for _, m := range messages {
				require.Equal(t, "sent", m.State)
				events += m.Events
			}
			return events == 3
		})
		for _, s := range instances {
			require.NoError(t, s.stop())
			require.NotContains(t, s.out.String(), mark+"-path")
			require.NotContains(t, s.out.String(), strings.TrimPrefix(channel.Secret, "whsec_"))
		}
		program.mu.Lock()
		defer program.mu.Unlock()
		require.Empty(t, program.bad)
		for what, n := range program.counts {
			require.Equal(t, 1, n, what)
		}
		require.Equal(t, merchant.NickName, program.names[merchant.AppID])
	})
}

// authorize lets the event of an authorization reach every instance.
func authorize(t *testing.T, wechat *platform, instances []*service, appid string) {
	t.Helper()
	authorization, err := wechat.Authorize(t.Context(), appid, wxsim.AuthorizeOptions{Silent: true})
	require.NoError(t, err)
	body := fmt.Sprintf(`{"AppId":%q,"CreateTime":%d,"InfoType":"authorized","AuthorizerAppid":%q,"AuthorizationCode":%q,`+
		`"AuthorizationCodeExpiredTime":%d}`, appID, time.Now().Unix(), appid, authorization.AuthCode, time.Now().Add(time.Hour).Unix())
	everywhere(instances, func(s *service) {
		_, answer, err := s.pushPlain("/wxcallback/component", body)
		require.NoError(t, err)
		require.Equal(t, "success", answer)
	})
}

// breakTarget leads messages to a target that fails, on every instance.
func breakTarget(t *testing.T, admin *client, instances []*service, appid string) {
	t.Helper()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	t.Cleanup(broken.Close)
	added := admin.call(http.MethodPut, "/wxcomponent/admin/forward-target", asJSON(t, map[string]any{"name": "坏目标", "url": broken.URL + "/x"}))
	require.Zero(t, added.Code, added.raw)
	var target struct{ ID int64 }
	require.NoError(t, json.Unmarshal(added.Data, &target))
	rule := admin.call(http.MethodPut, "/wxcomponent/admin/forward-rule", asJSON(t, map[string]any{
		"name": "全部", "open": true, "mode": "async", "targets": []int64{target.ID},
		"conditions": map[string]any{"channel": "biz", "msgType": "text"},
	}))
	require.Zero(t, rule.Code, rule.raw)
	eventually(t, "the target is not called", func() bool {
		for i, s := range instances {
			for n := range 6 {
				_, _, err := s.pushPlain("/wxcallback/biz/"+appid, message(time.Now().UnixNano()+int64(100*i+n)))
				require.NoError(t, err)
			}
		}
		health := get[struct{ Health struct{ Breaker string } }](admin, fmt.Sprintf("/wxcomponent/admin/forward-target?id=%d", target.ID))
		return health.Health.Breaker == "open"
	})
}
