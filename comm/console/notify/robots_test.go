package notify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/console/notify"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// signature is the HMAC-SHA256 of a text in base64.
func signature(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func rejected() notify.Event {
	return notify.Event{
		Kind: notify.AuditRejected, Key: "audit.rejected:wxshop:1", AppID: "wxshop",
		At: time.Date(2026, 3, 1, 4, 5, 6, 0, time.UTC), Reason: "1:服务类目不符:<br>(1):请补充 &lt;资质&gt;",
	}
}

func TestEveryKindOfChannel(t *testing.T) {
	t.Parallel()
	now := time.Now()
	kinds := map[string]struct {
		answer func(int) (int, string)
		draft  func(url string) notify.Draft
		check  func(t *testing.T, got call)
	}{
		"wecom": {
			taken,
			func(url string) notify.Draft {
				return notify.Draft{Kind: notify.WeCom, URL: log.Secret(url + "/cgi-bin/webhook/send?key=" + robotKey)}
			},
			func(t *testing.T, got call) {
				require.Equal(t, robotKey, got.query["key"][0])
				require.Contains(t, string(got.body), `"msgtype":"markdown"`)
			},
		},
		"feishu": {
			takenByFeishu,
			func(url string) notify.Draft {
				return notify.Draft{Kind: notify.Feishu, URL: log.Secret(url + "/open-apis/bot/v2/hook/0123456789"), Secret: "feishu-secret"}
			},
			func(t *testing.T, got call) {
				var m struct {
					Timestamp, Sign string
					Type            string `json:"msg_type"`
				}
				require.NoError(t, json.Unmarshal(got.body, &m))
				require.Equal(t, "interactive", m.Type)
				require.Equal(t, strconv.FormatInt(now.Unix(), 10), m.Timestamp)
				require.Equal(t, signature(m.Timestamp+"\nfeishu-secret", ""), m.Sign)
			},
		},
		"dingtalk": {
			taken,
			func(url string) notify.Draft {
				return notify.Draft{Kind: notify.DingTalk, URL: log.Secret(url + "/robot/send?access_token=0123456789"), Secret: "SECding"}
			},
			func(t *testing.T, got call) {
				require.Equal(t, "0123456789", got.query["access_token"][0])
				require.Equal(t, strconv.FormatInt(now.UnixMilli(), 10), got.query["timestamp"][0])
				require.Equal(t, signature("SECding", got.query["timestamp"][0]+"\nSECding"), got.query["sign"][0])
			},
		},
		"webhook": {
			func(int) (int, string) { return http.StatusNoContent, "" },
			func(url string) notify.Draft {
				return notify.Draft{Kind: notify.Webhook, URL: log.Secret(url + "/hook"), Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
			},
			func(t *testing.T, got call) {
				verifier, err := webhooks.NewWebhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
				require.NoError(t, err)
				require.NoError(t, verifier.VerifyIgnoringTimestamp(got.body, got.header))
				require.Equal(t, strconv.FormatInt(now.Unix(), 10), got.header.Get("Webhook-Timestamp"))
				var m struct {
					Type string
					Data struct{ Events []map[string]any }
				}
				require.NoError(t, json.Unmarshal(got.body, &m))
				require.Equal(t, "notification", m.Type)
				require.Equal(t, []map[string]any{{
					"id": "audit.rejected:wxshop:1", "kind": "audit.rejected", "time": float64(1772337906), "appid": "wxshop",
					"nickName": "云朵花店", "reason": "1:服务类目不符:<br>(1):请补充 &lt;资质&gt;",
				}}, m.Data.Events)
			},
		},
	}
	r := newRig(t, dbtest.SQLite(t), nil)
	r.set(now)
	r.run()
	r.account("wxshop", "云朵花店")
	require.NoError(t, r.SetBase(t.Context(), "https://wx.example.com/"))
	servers := map[string]*chat{}
	for name, kind := range kinds {
		servers[name] = newChat(t, kind.answer)
		r.channel(kind.draft(servers[name].URL))
	}
	r.tell(rejected())
	r.until("messages are missing", func() bool { return len(r.messages()) == len(kinds) })
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			got := servers[name].calls()
			require.Len(t, got, 1)
			kind.check(t, got[0])
			title, body := got[0].text(t)
			require.Equal(t, "【微管家】代码审核未通过：云朵花店", title)
			for _, text := range []string{
				"云朵花店（wxshop）", "2026-03-01 12:05:06（UTC+8）", "1:服务类目不符: (1):请补充 ＜资质＞", "请按原因修改后重新提交审核",
				"https://wx.example.com/#/authorizedAccountManage/miniProgramVersion?appId=wxshop",
			} {
				require.Contains(t, body, text)
			}
		})
	}
	for _, m := range r.messages() {
		require.Equal(t, model.NotifyDelivered, m.State)
	}
}

func TestMessagesInEnglish(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.SQLite(t), nil)
	r.run()
	server := newChat(t, taken)
	draft := server.wecom()
	draft.Language = notify.English
	r.channel(draft)
	r.tell(rejected())
	r.until("nothing was sent", func() bool { return len(r.messages()) == 1 })
	title, body := server.calls()[0].text(t)
	require.Equal(t, "【微管家】Code audit failed: wxshop", title)
	require.Contains(t, body, "2026-03-01 12:05:06 (UTC+8)")
	require.NotContains(t, body, "http", "no address is known")
}

// A robot's word counts, not HTTP's.
func TestRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.SQLite(t), nil)
	for name, c := range map[string]struct {
		kind   string
		status int
		body   string
		want   string
	}{
		"wecom":                       {notify.WeCom, 200, `{"errcode":93000,"errmsg":"invalid webhook url"}`, "errcode 93000: invalid webhook url"},
		"dingtalk":                    {notify.DingTalk, 200, `{"errcode":310000,"errmsg":"sign not match"}`, "errcode 310000: sign not match"},
		"feishu":                      {notify.Feishu, 200, `{"code":19024,"msg":"Key Words Not Found","data":{}}`, "code 19024: Key Words Not Found"},
		"feishu, the old form":        {notify.Feishu, 200, `{"StatusCode":9499,"StatusMessage":"too many"}`, "code 9499: too many"},
		"feishu, HTTP 400":            {notify.Feishu, 400, `{"code":19001,"msg":"param invalid"}`, "code 19001: param invalid"},
		"no robot at all":             {notify.WeCom, 200, `<html>welcome</html>`, "the answer is not one of this kind of robot"},
		"a code of another robot":     {notify.WeCom, 200, `{"code":0}`, "the answer is not one of this kind of robot"},
		"good words with a bad state": {notify.WeCom, 502, `{"errcode":0}`, "HTTP 502"},
		"a redirect":                  {notify.WeCom, 302, ``, "HTTP 302"},
		"a program that fails":        {notify.Webhook, 500, `oops`, "HTTP 500"},
		"secrets in its own words":    {notify.WeCom, 200, `{"errcode":1,"errmsg":"bad key ` + robotKey + `"}`, "errcode 1: bad key ***"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newChat(t, func(int) (int, string) { return c.status, c.body })
			draft := notify.Draft{Kind: c.kind, Secret: "the-secret-of-it"}
			draft.URL = log.Secret(server.URL + "/hook/x?key=" + robotKey + "&access_token=" + robotKey)
			if c.kind == notify.WeCom {
				draft.Secret = ""
			}
			id := r.channel(draft)
			err := r.Test(t.Context(), id)
			require.True(t, errno.Is(err, errno.CallFailed), "%v", err)
			require.Equal(t, c.want, errno.As(err).Text())
			list := slices.DeleteFunc(r.messages(), func(m model.NotifyMessage) bool { return m.ChannelID != id })
			require.Len(t, list, 1)
			require.True(t, list[0].Test)
			require.Equal(t, c.want, list[0].Error)
			channels, err := r.Channels(t.Context())
			require.NoError(t, err)
			channel := channels[slices.IndexFunc(channels, func(c notify.Channel) bool { return c.ID == id })]
			require.Equal(t, c.want, channel.LastError)
			require.False(t, channel.LastOK)
			require.Len(t, server.calls(), 1, "a redirect is not followed")
		})
	}
}

func TestTestMessage(t *testing.T) {
	eachByHand(t, func(t *testing.T, r *rig) {
		server := newChat(t, taken)
		id := r.channel(server.wecom())
		require.NoError(t, r.Test(t.Context(), id))
		title, body := server.calls()[0].text(t)
		require.Equal(t, "【微管家】测试通知", title)
		require.Contains(t, body, "「运维群」")
		channels, err := r.Channels(t.Context())
		require.NoError(t, err)
		require.True(t, channels[0].LastOK)
		require.True(t, errno.Is(r.Test(t.Context(), id+1), errno.BadParam))
		server.Close()
		err = r.Test(t.Context(), id)
		require.True(t, errno.Is(err, errno.CallFailed))
		require.NotContains(t, err.Error(), robotKey)
	})
}

func TestAddressesAreGuarded(t *testing.T) {
	t.Parallel()
	server := newChat(t, taken)
	d := dbtest.SQLite(t)
	open := newRig(t, d, nil)
	draft := server.wecom()
	id := open.channel(draft)

	strict := newRig(t, d, func(d *notify.Deps) { d.Guard.AllowPrivate = false })
	_, _, err := strict.AddChannel(t.Context(), notify.Draft{Name: "x", Kind: draft.Kind, URL: draft.URL, Events: notify.Kinds()})
	require.True(t, errno.Is(err, errno.BadParam))
	require.Equal(t, "url", errno.As(err).Field)
	err = strict.Test(t.Context(), id) // stored when it was allowed, or by name
	require.True(t, errno.Is(err, errno.CallFailed), "%v", err)
	require.Empty(t, server.calls())
}

func TestValidation(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.SQLite(t), nil)
	good := notify.Draft{Name: "x", Kind: notify.WeCom, URL: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", Events: notify.Kinds()}
	for want, changes := range map[string][]func(*notify.Draft){
		"name":     {func(d *notify.Draft) { d.Name = " " }, func(d *notify.Draft) { d.Name = string(make([]rune, 65)) }},
		"kind":     {func(d *notify.Draft) { d.Kind = "mail" }},
		"language": {func(d *notify.Draft) { d.Language = "fr" }},
		"events":   {func(d *notify.Draft) { d.Events = nil }, func(d *notify.Draft) { d.Events = []notify.EventKind{"x"} }},
		"secret": {
			func(d *notify.Draft) { d.Secret = "x" },
			func(d *notify.Draft) { d.Kind, d.Secret = notify.Webhook, "whsec_!" },
		},
		"url": {
			func(d *notify.Draft) { d.URL = "" }, func(d *notify.Draft) { d.URL = "ftp://a/?key=k" },
			func(d *notify.Draft) { d.URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send" },
			func(d *notify.Draft) { d.URL = "https://u:p@a/?key=k" }, func(d *notify.Draft) { d.URL = "https://a/?key=k#x" },
			func(d *notify.Draft) { d.URL = "https://a:99999/?key=k" }, func(d *notify.Draft) { d.URL = "https://169.254.169.254/?key=k" },
			func(d *notify.Draft) { d.Kind = notify.DingTalk }, func(d *notify.Draft) { d.Kind = notify.Feishu },
		},
	} {
		for i, change := range changes {
			draft := good
			change(&draft)
			_, _, err := r.AddChannel(t.Context(), draft)
			require.True(t, errno.Is(err, errno.BadParam), "%s %d: %v", want, i, err)
			require.Equal(t, want, errno.As(err).Field, i)
		}
	}
	for _, base := range []string{"x", "ftp://a", "https://a/?q", "https://a/#/x", "https://a/(b)", "https://u:p@a"} {
		require.Equal(t, "baseUrl", errno.As(r.SetBase(t.Context(), base)).Field, base)
	}
	require.NoError(t, r.SetBase(t.Context(), "https://a/wx/"))
	require.Equal(t, "https://a/wx", r.Base())
}

func TestChannelsKeepWhatIsNotGiven(t *testing.T) {
	eachByHand(t, func(t *testing.T, r *rig) {
		server := newChat(t, taken)
		id, secret, err := r.AddChannel(t.Context(), notify.Draft{
			Name: "程序", Kind: notify.Webhook, URL: log.Secret(server.URL + "/secret-path"), Events: notify.Kinds(), Enabled: true,
		})
		require.NoError(t, err)
		require.Regexp(t, "^whsec_.{32}$", secret.Reveal())
		change := notify.Draft{ID: id, Name: "改名", Kind: notify.Webhook, Events: []notify.EventKind{notify.TicketMissing}}
		require.NoError(t, r.SetChannel(t.Context(), change))
		channels, err := r.Channels(t.Context())
		require.NoError(t, err)
		require.Equal(t, "改名", channels[0].Name)
		require.Equal(t, secret, channels[0].Secret)
		require.Equal(t, server.URL+"/…path", channels[0].Masked())
		change.DropSecret = true
		require.Equal(t, "secret", errno.As(r.SetChannel(t.Context(), change)).Field)
		change.ID++
		require.Equal(t, "id", errno.As(r.SetChannel(t.Context(), change)).Field)
		require.NoError(t, r.DeleteChannel(t.Context(), id))
		require.Equal(t, "id", errno.As(r.DeleteChannel(t.Context(), id)).Field)
		require.False(t, errors.Is(err, errno.New(errno.System, "")))
	})
}
