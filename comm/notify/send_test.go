package notify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/log"
	"wxcomponent/comm/notify"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestBurstMakesFewMessages(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		const burst = 500
		server := newChat(t, taken)
		r.channel(server.wecom())
		r.account("wx0", "第一家")
		events := make([]notify.Event, burst)
		for i := range events {
			events[i] = authorized(fmt.Sprint("wx", i))
		}
		r.cause(events...)
		number := regexp.MustCompile(`(\d+) 个账号已授权`)
		count := func() (n int) {
			for _, c := range server.calls() {
				title, _ := c.text(t)
				if found := number.FindStringSubmatch(title); found != nil {
					k, err := strconv.Atoi(found[1])
					require.NoError(t, err)
					n += k
				} else if strings.Contains(title, "账号已授权") {
					n++
				}
			}
			return n
		}
		r.eventually("events are missing", func() bool { return count() >= burst })
		r.eventually("not all is recorded", func() bool {
			n := 0
			for _, m := range r.messages() {
				n += m.Events
			}
			return n == burst
		})
		calls := server.calls()
		require.Equal(t, burst, count(), "each is told once")
		begun := calls[0].at
		elapsed := calls[len(calls)-1].at.Sub(begun)
		require.LessOrEqual(t, len(calls), 2+int(elapsed/(50*time.Millisecond)), "one message a window, and one a look of the watch")
		_, body := calls[0].text(t)
		require.Contains(t, body, "第一家（wx0）")
		require.Regexp(t, `另有 \d+ 个`, body)
	})
}

func TestKindsAreGroupedByWeight(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), func(d *notify.Deps) { d.Window = time.Second })
	server := newChat(t, taken)
	r.channel(server.wecom())
	r.tell(
		authorized("wx1"), authorized("wx2"), rejected(),
		notify.Event{Kind: notify.TargetPaused, Key: "p", At: time.Now(), Subject: "订单服务 <@all>"},
	)
	r.run()
	r.eventually("nothing was sent", func() bool { return len(r.messages()) == 1 })
	title, body := server.calls()[0].text(t)
	require.Equal(t, "【微管家】4 条通知", title)
	paused, audit, accounts := strings.Index(body, "转发目标已自动暂停"), strings.Index(body, "代码审核未通过"), strings.Index(body, "2 个账号已授权")
	require.True(t, 0 < paused && paused < audit && audit < accounts, body)
	require.NotContains(t, body, "<@all>")
}

func TestChannelsChooseTheirEvents(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		server := newChat(t, taken)
		draft := server.wecom()
		draft.Events = []notify.EventKind{notify.AuditRejected}
		id := r.channel(draft)
		r.tell(authorized("wx1"), rejected())
		test := rejected()
		test.AppID, test.Key = testAccount, "test"
		r.tell(test)
		r.eventually("nothing was sent", func() bool { return len(r.messages()) == 1 })
		require.Equal(t, 1, r.messages()[0].Events)
		require.Empty(t, r.Plan(authorized("wx2")), "nobody wants to know: nothing is stored")
		require.Empty(t, r.Plan(test))

		draft.ID, draft.Name = id, "off"
		require.NoError(t, r.SetChannel(t.Context(), draft))
		require.Empty(t, r.Plan(rejected()), "it is switched off")
	})
}

func TestSwitchedOffChannelGetsNothing(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), nil)
	server := newChat(t, taken)
	draft := server.wecom()
	draft.ID = r.channel(draft)
	draft.Name, draft.Events = "off", notify.Kinds()
	r.tell(rejected())
	r.run()
	r.eventually("nothing waits", func() bool {
		waiting, err := r.store.NotifyItemWaiting(t.Context(), draft.ID, 10)
		return err == nil && len(waiting) == 1 || len(server.calls()) > 0
	})
	require.NoError(t, r.SetChannel(t.Context(), draft))
	r.eventually("it still waits", func() bool {
		waiting, err := r.store.NotifyWaitingChannels(t.Context())
		return err == nil && len(waiting) == 0
	})
	require.LessOrEqual(t, len(server.calls()), 1)
}

// An instance may put an event on the list of a channel that another has just deleted.
func TestDeletedChannelLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		added, err := r.store.NotifyItemAdd(t.Context(), model.NotifyItem{ChannelID: 99, EventKey: "k", Payload: "{}"})
		require.NoError(t, err)
		require.True(t, added)
		r.eventually("it waits for ever", func() bool {
			waiting, err := r.store.NotifyWaitingChannels(t.Context())
			return err == nil && len(waiting) == 0
		})
	})
}

func TestRetriesAndWhatIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		var well atomic.Bool
		server := newChat(t, func(int) (int, string) {
			if well.Load() {
				return taken(0)
			}
			return http.StatusOK, `{"errcode":1,"errmsg":"not now ` + robotKey + `"}`
		})
		id := r.channel(server.wecom())
		r.tell(authorized("wx1"), authorized("wx2"))
		r.eventually("it is not given up", func() bool {
			list := r.messages()
			return len(list) > 0 && list[len(list)-1].State == model.NotifyGivenUp
		})
		first := r.messages()[len(r.messages())-1]
		require.Equal(t, 3, first.Attempt)
		require.Equal(t, "errcode 1: not now ***", first.Error)
		missed := func() int {
			channels, err := r.Channels(t.Context())
			require.NoError(t, err)
			return channels[0].Missed
		}
		r.eventually("they are not missed", func() bool { return missed() == 2 })

		well.Store(true)
		n, err := r.Resend(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		r.eventually("they are not sent after all", func() bool {
			list := r.messages()
			return list[0].State == model.NotifyDelivered && list[0].Events == 2
		})
		require.Zero(t, missed())

		well.Store(false)
		r.tell(authorized("wx3"))
		r.eventually("it is not missed", func() bool { return missed() == 1 })
		well.Store(true)
		r.tell(authorized("wx4"))
		r.eventually("the next message does not tell of it", func() bool { return missed() == 0 })
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
		r.eventually("it is not sent", func() bool {
			list := r.messages()
			return len(list) == 1 && list[0].State == model.NotifyDelivered && list[0].Attempt == 3
		})
		require.Len(t, server.calls(), 3)
	})
}

func TestProgramsGetEverything(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		const burst = 120
		server := newChat(t, func(int) (int, string) { return http.StatusOK, "" })
		r.channel(notify.Draft{Kind: notify.Webhook, URL: log.Secret(server.URL + "/hook")})
		events := make([]notify.Event, burst)
		for i := range events {
			events[i] = authorized(fmt.Sprint("wx", i))
		}
		r.cause(events...)
		r.eventually("events are missing", func() bool { return len(eventIDs(t, server)) >= burst })
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
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const events = 60
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
		one.eventually("events are missing", func() bool { return len(eventIDs(t, server)) >= events })
		one.eventually("the queue is not done", func() bool {
			left := int64(0)
			for _, kind := range []string{"notify.event", "notify.send"} {
				counts, err := one.store.WorkCounts(t.Context(), model.WorkFilter{Kind: kind})
				require.NoError(t, err)
				left += counts[model.WorkReady] + counts[model.WorkLeased]
			}
			return left == 0
		})
		for id, n := range eventIDs(t, server) {
			require.Equal(t, 1, n, id)
		}
	})
}
