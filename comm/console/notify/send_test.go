package notify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/console/notify"
	"wxcomponent/comm/log"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// A window's events make one message, and those that come while it is being sent another.
func TestBurstMakesFewMessages(t *testing.T) {
	eachByHand(t, func(t *testing.T, r *rig) {
		const burst = 40
		arrived, answer := make(chan struct{}, 1), make(chan struct{})
		release := sync.OnceFunc(func() { close(answer) })
		server := newChat(t, func(n int) (int, string) {
			if n == 1 {
				arrived <- struct{}{}
				<-answer
			}
			return taken(n)
		})
		t.Cleanup(release)
		r.channel(server.wecom())
		r.account("wx0", "第一家")
		r.tell(authorized("wx0"))
		r.gather()
		cause := func(from int) {
			t.Helper()
			events := make([]notify.Event, burst)
			for i := range events {
				events[i] = authorized(fmt.Sprint("wx", from+i))
			}
			r.cause(events...)
			r.gather()
		}
		cause(1)
		require.EqualValues(t, 1, r.left(kindSend))
		r.endWindows()
		end := r.begin(r.kinds(kindSend)...)
		waittest.Receive(t, arrived, "the first call")
		cause(1 + burst)
		release()
		r.until("the first message is not done", func() bool { return r.left(kindSend) == 0 })
		end()
		title, body := server.calls()[0].text(t)
		require.Equal(t, fmt.Sprintf("【微管家】%d 个账号已授权", burst+1), title)
		require.Contains(t, body, "第一家（wx0）")
		require.Contains(t, body, fmt.Sprintf("另有 %d 个", burst+1-5))

		r.look()
		r.send()
		calls := server.calls()
		require.Len(t, calls, 2)
		title, _ = calls[1].text(t)
		require.Equal(t, fmt.Sprintf("【微管家】%d 个账号已授权", burst), title, "each is told once")
		list := r.messages()
		require.Equal(t, []int{burst, burst + 1}, []int{list[0].Events, list[1].Events})
		r.look()
		require.Zero(t, r.left(kindEvent, kindSend), "nothing more is to be told")
	})
}

func TestKindsAreGroupedByWeight(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.SQLite(t), nil)
	server := newChat(t, taken)
	r.channel(server.wecom())
	r.tell(
		authorized("wx1"), authorized("wx2"), rejected(),
		notify.Event{Kind: notify.TargetPaused, Key: "p", At: time.Now(), Subject: "订单服务 <@all>"},
	)
	r.gather()
	r.send()
	require.Len(t, server.calls(), 1)
	title, body := server.calls()[0].text(t)
	require.Equal(t, "【微管家】4 条通知", title)
	paused, audit, accounts := strings.Index(body, "转发目标已自动暂停"), strings.Index(body, "代码审核未通过"), strings.Index(body, "2 个账号已授权")
	require.True(t, 0 < paused && paused < audit && audit < accounts, body)
	require.NotContains(t, body, "<@all>")
}

func TestChannelsChooseTheirEvents(t *testing.T) {
	eachByHand(t, func(t *testing.T, r *rig) {
		server := newChat(t, taken)
		draft := server.wecom()
		draft.Events = []notify.EventKind{notify.AuditRejected}
		id := r.channel(draft)
		r.tell(authorized("wx1"), rejected())
		test := rejected()
		test.AppID, test.Key = testAccount, "test"
		r.tell(test)
		r.gather()
		r.send()
		require.Len(t, server.calls(), 1)
		require.Len(t, r.messages(), 1)
		require.Equal(t, 1, r.messages()[0].Events)
		require.Empty(t, r.Plan(authorized("wx2")), "nobody wants to know: nothing is stored")
		require.Empty(t, r.Plan(test))

		draft.ID, draft.Name = id, "off"
		require.NoError(t, r.SetChannel(t.Context(), draft))
		require.Empty(t, r.Plan(rejected()), "it is switched off")
	})
}

func TestSwitchedOffChannelGetsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.SQLite(t), func(d *notify.Deps) { d.Window = time.Hour })
	server := newChat(t, taken)
	draft := server.wecom()
	draft.ID = r.channel(draft)
	draft.Name, draft.Events = "off", notify.Kinds()
	r.tell(rejected())
	r.gather()
	waiting, err := r.store.NotifyItemWaiting(t.Context(), draft.ID, 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	r.run()
	require.NoError(t, r.SetChannel(t.Context(), draft))
	r.until("it still waits", func() bool {
		channels, err := r.store.NotifyWaitingChannels(t.Context())
		return err == nil && len(channels) == 0 && r.left(kindSend) == 0
	})
	require.Empty(t, server.calls())
}

// An instance may put an event on the list of a channel that another has just deleted.
func TestDeletedChannelLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		added, err := r.store.NotifyItemAdd(t.Context(), model.NotifyItem{ChannelID: 99, EventKey: "k", Payload: "{}"})
		require.NoError(t, err)
		require.True(t, added)
		r.until("it waits for ever", func() bool {
			waiting, err := r.store.NotifyWaitingChannels(t.Context())
			return err == nil && len(waiting) == 0
		})
	})
}

func TestRetriesAndWhatIsGivenUp(t *testing.T) {
	eachByHand(t, func(t *testing.T, r *rig) {
		var well atomic.Bool
		server := newChat(t, func(int) (int, string) {
			if well.Load() {
				return taken(0)
			}
			return http.StatusOK, `{"errcode":1,"errmsg":"not now ` + robotKey + `"}`
		})
		id := r.channel(server.wecom())
		r.tell(authorized("wx1"), authorized("wx2"))
		r.gather()
		r.send()
		require.Len(t, server.calls(), 3)
		require.Len(t, r.messages(), 1)
		first := r.messages()[0]
		require.Equal(t, model.NotifyGivenUp, first.State)
		require.Equal(t, 3, first.Attempt)
		require.Equal(t, "errcode 1: not now ***", first.Error)
		missed := func() int {
			channels, err := r.Channels(t.Context())
			require.NoError(t, err)
			return channels[0].Missed
		}
		require.Equal(t, 2, missed())

		well.Store(true)
		n, err := r.Resend(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		r.send()
		list := r.messages()
		require.Equal(t, model.NotifyDelivered, list[0].State)
		require.Equal(t, 2, list[0].Events)
		require.Zero(t, missed())

		well.Store(false)
		r.tell(authorized("wx3"))
		r.gather()
		r.send()
		require.Equal(t, 1, missed())
		well.Store(true)
		r.tell(authorized("wx4"))
		r.gather()
		r.send()
		require.Zero(t, missed(), "the next message tells of it")
		calls := server.calls()
		_, body := calls[len(calls)-1].text(t)
		require.Contains(t, body, "另有 1 条较早的通知")
		require.Contains(t, r.logs.String(), "work given up")
		require.NotContains(t, r.logs.String(), robotKey)
		require.NotContains(t, r.messages()[0].Body, robotKey)
	})
}

func TestRetrySucceeds(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		server := newChat(t, func(n int) (int, string) {
			if n < 3 {
				return http.StatusServiceUnavailable, ""
			}
			return taken(n)
		})
		r.channel(server.wecom())
		r.tell(authorized("wx1"))
		r.until("it is not sent", func() bool {
			list := r.messages()
			return len(list) == 1 && list[0].State == model.NotifyDelivered && list[0].Attempt == 3
		})
		require.Len(t, server.calls(), 3)
	})
}

func TestProgramsGetEverything(t *testing.T) {
	eachByHand(t, func(t *testing.T, r *rig) {
		const burst = 50 + 2 // more than one call takes
		server := newChat(t, func(int) (int, string) { return http.StatusOK, "" })
		r.channel(notify.Draft{Kind: notify.Webhook, URL: log.Secret(server.URL + "/hook")})
		events := make([]notify.Event, burst)
		for i := range events {
			events[i] = authorized(fmt.Sprint("wx", i))
		}
		r.cause(events...)
		r.gather()
		r.send()
		require.Len(t, server.calls(), 2)
		ids := eventIDs(t, server)
		require.Len(t, ids, burst)
		for id, n := range ids {
			require.Equal(t, 1, n, id)
		}
	})
}

func eventIDs(t *testing.T, server *chat) map[string]int {
	t.Helper()
	ids := map[string]int{}
	for _, c := range server.calls() {
		var m struct {
			Data struct{ Events []struct{ ID string } }
		}
		require.NoError(t, json.Unmarshal(c.body, &m))
		require.LessOrEqual(t, len(m.Data.Events), 50)
		for _, e := range m.Data.Events {
			ids[e.ID]++
		}
	}
	return ids
}

// Two instances notice the same events at the same time and both work on the queue.
func TestTwoInstancesSendOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		const events = 30
		server := newChat(t, func(int) (int, string) { return http.StatusOK, "" })
		one := newRig(t, d, nil)
		one.channel(notify.Draft{Kind: notify.Webhook, URL: log.Secret(server.URL + "/hook")})
		two := newRig(t, d, nil)
		one.run()
		two.run()
		var group sync.WaitGroup
		for _, r := range []*rig{one, two} {
			group.Go(func() {
				for i := range events {
					if err := r.Notify(t.Context(), authorized(fmt.Sprint("wx", i))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		one.until("events are missing", func() bool { return len(eventIDs(t, server)) >= events })
		one.until("the queue is not done", func() bool { return one.left(kindEvent, kindSend) == 0 })
		for id, n := range eventIDs(t, server) {
			require.Equal(t, 1, n, id)
		}
	})
}
