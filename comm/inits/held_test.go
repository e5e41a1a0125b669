package inits_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

type pushRecords struct {
	Records []struct {
		ID    int64  `json:"id"`
		AppID string `json:"appid"`
		Held  string `json:"held"`
	} `json:"records"`
}

// TestMessageOfAnotherAccountIsNotDelivered: the address that a push comes to is not signed. What is another
// account's is kept and waits, and does not stand for the push that this account is still to get.
func TestMessageOfAnotherAccountIsNotDelivered(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		env := database.with(wechat.settings())
		s := start(t, env)
		wechat.SetTarget(s.base)
		admin := s.admin()
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		own := wechat.stranger(t)
		_, err := wechat.Authorize(t.Context(), own.AppID, wxsim.AuthorizeOptions{})
		require.NoError(t, err)
		other := wechat.stranger(t)
		_, err = wechat.Authorize(t.Context(), other.AppID, wxsim.AuthorizeOptions{})
		require.NoError(t, err)
		sync, async := newReceiver(t, "success"), newReceiver(t, "")
		admin.addRule(sync, obj{"msgType": "text"})
		admin.addRule(async, obj{"msgType": "*", "mode": "async"})
		list := func() pushRecords {
			return get[pushRecords](admin, adminAPI+"/push-list?channel=biz&msgType=text&limit=200")
		}

		early := -1 // pushes that are taken as their address says, before the original id is known
		eventually(t, "the original id of the account is known", func() bool {
			res, err := wechat.Push(t.Context(), wxsim.PushSpec{
				AppID: other.AppID, Content: "probe", Fields: map[string]any{"ToUserName": own.UserName},
			})
			require.NoError(t, err)
			require.True(t, res.Accepted)
			early++
			return list().Records[0].Held == "waiting"
		})
		called := func() int { return len(sync.got()) }
		require.Equal(t, early, called())

		body := fmt.Sprintf(`<xml><ToUserName>%s</ToUserName><FromUserName>o1</FromUserName><CreateTime>%d</CreateTime>`+
			`<MsgType>text</MsgType><Content>captured</Content><MsgId>77</MsgId></xml>`, own.UserName, time.Now().Unix())
		push := func(appid string) {
			res, err := wechat.Push(t.Context(), wxsim.PushSpec{AppID: appid, Channel: "biz", Raw: body})
			require.NoError(t, err)
			require.True(t, res.Accepted, "%+v", res)
		}
		push(other.AppID)
		require.Equal(t, early, called(), "the target of another account's message was called")
		held := list().Records[0].ID
		e := admin.call(http.MethodPost, adminAPI+"/push-send", fmt.Sprintf(`{"channel":"biz","ids":[%d],"targets":["t9"]}`, held))
		require.NotZero(t, e.Code, "it is sent by hand")

		push(own.AppID)
		require.Equal(t, early+1, called(), "the account's own message")
		got := list().Records
		require.Equal(t, own.AppID, got[0].AppID)
		require.Empty(t, got[0].Held)
		push(other.AppID)
		require.Len(t, list().Records, len(got), "it counts again")

		admin.post(adminAPI+"/push-release", obj{"id": held})
		eventually(t, "what was released is delivered", func() bool {
			n := 0
			for _, text := range async.got() {
				n += strings.Count(text, "captured")
			}
			return n == 2
		})
		require.Equal(t, 1008, admin.call(http.MethodPost, adminAPI+"/push-release", `{"id":`+strconv.FormatInt(held, 10)+`}`).Code)
		require.Equal(t, 1001, admin.call(http.MethodPost, adminAPI+"/push-release", `{"id":999999}`).Code)
		var recorded int64
		require.NoError(t, databaseBeside(t, env).Read.Raw("SELECT COUNT(*) FROM audit_trail WHERE action = 'push.release' AND object = ?",
			fmt.Sprintf("biz-%d", held)).Scan(&recorded).Error)
		require.EqualValues(t, 1, recorded)
	})
}

func TestRefusedClockIsOnTheSelfCheck(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	env := onSQLite(t).with(wechat.settings())
	s := start(t, env)
	admin := s.admin()
	type overview struct {
		Checks []struct {
			ID, Level string
			Params    map[string]string
		} `json:"checks"`
	}
	find := func() (levels []string) {
		for _, check := range get[overview](admin, adminAPI+"/overview").Checks {
			if check.ID == "clock" {
				levels = append(levels, check.Level)
			}
		}
		return levels
	}
	require.Empty(t, find())
	now := time.Now()
	require.NoError(t, openBeside(t, env).ClockRefused(t.Context(), now.Add(-5*24*time.Hour), now))
	require.Equal(t, []string{"error"}, find())
}
