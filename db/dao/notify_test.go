package dao_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

func robot() model.NotifyChannel {
	return model.NotifyChannel{
		Name: "运维群 🔔", Kind: "feishu", URL: "https://robot.example/hook/abc", Secret: "s3cret", Language: "zh",
		Events: "audit.rejected,ticket.missing", Enabled: true,
	}
}

func TestNotificationChannels(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		s = s.WithClock(func() time.Time { return noon })
		before, err := s.RevisionGet(ctx)
		require.NoError(t, err)
		id, err := s.NotifyChannelCreate(ctx, robot())
		require.NoError(t, err)
		require.Regexp(t, fmt.Sprintf("^enc1:notify_channel.url:%d", id), raw[string](t, d, "SELECT url FROM notify_channel"))
		require.Regexp(t, "^enc1:", raw[string](t, d, "SELECT secret FROM notify_channel"))
		revision, err := s.RevisionGet(ctx)
		require.NoError(t, err)
		require.Greater(t, revision, before)

		want := robot()
		want.ID, want.CreateMS, want.UpdateMS = id, noon.UnixMilli(), noon.UnixMilli()
		got, err := s.NotifyChannelGet(ctx, id)
		require.NoError(t, err)
		require.Equal(t, want, got)
		want.Secret, want.Enabled = "", false
		require.NoError(t, s.NotifyChannelUpdate(ctx, want))
		list, err := s.NotifyChannelList(ctx)
		require.NoError(t, err)
		require.Equal(t, []model.NotifyChannel{want}, list)

		_, err = s.NotifyItemAdd(ctx, model.NotifyItem{ChannelID: id, EventKey: "k", Payload: "{}"})
		require.NoError(t, err)
		require.NoError(t, s.NotifyRecord(ctx, model.NotifyOutcome{Message: model.NotifyMessage{ChannelID: id, Test: true}}))
		require.NoError(t, s.NotifyChannelDelete(ctx, id))
		for _, table := range []string{"notify_channel", "notify_item", "notify_message"} {
			require.Zero(t, raw[int64](t, d, "SELECT COUNT(*) FROM "+table), table)
		}
		_, err = s.NotifyChannelGet(ctx, id)
		require.ErrorIs(t, err, model.ErrNotFound)
		require.ErrorIs(t, s.NotifyChannelUpdate(ctx, want), model.ErrNotFound)
		require.ErrorIs(t, s.NotifyChannelDelete(ctx, id), model.ErrNotFound)
	})
}

func TestNotificationsOnTheirWay(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		id, err := s.NotifyChannelCreate(ctx, robot())
		require.NoError(t, err)
		var added atomic.Int64
		var group sync.WaitGroup
		for range 4 { // several instances notice the same
			group.Go(func() {
				for i := range 3 {
					ok, err := s.NotifyItemAdd(ctx, model.NotifyItem{ChannelID: id, EventKey: fmt.Sprint("k", i), Payload: "{}"})
					if err != nil {
						t.Error(err)
					}
					if ok {
						added.Add(1)
					}
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 3, added.Load())
		other, err := s.NotifyItemAdd(ctx, model.NotifyItem{ChannelID: id + 1, EventKey: "k0", Payload: "{}"})
		require.NoError(t, err)
		require.True(t, other)
		channels, err := s.NotifyWaitingChannels(ctx)
		require.NoError(t, err)
		require.ElementsMatch(t, []int64{id, id + 1}, channels)
		require.NoError(t, s.NotifyItemDrop(ctx, id+1))

		two, err := s.NotifyItemWaiting(ctx, id, 2)
		require.NoError(t, err)
		require.Len(t, two, 2)
		require.Less(t, two[0].ID, two[1].ID)
		ids := []int64{two[0].ID, two[1].ID}
		message := model.NotifyMessage{ChannelID: id, WorkID: 7, Events: 2, Title: "标题", Body: "内容", Attempt: 1, Error: "away"}
		require.NoError(t, s.NotifyRecord(ctx, model.NotifyOutcome{Message: message, ItemIDs: ids}))
		channel, err := s.NotifyChannelGet(ctx, id)
		require.NoError(t, err)
		require.Equal(t, "away", channel.LastError)
		require.False(t, channel.LastOK)
		message.State, message.Attempt = model.NotifyGivenUp, 2
		require.NoError(t, s.NotifyRecord(ctx, model.NotifyOutcome{Message: message, ItemIDs: ids, Items: model.NotifyMissed}))
		missed, err := s.NotifyMissedCount(ctx, id)
		require.NoError(t, err)
		require.Equal(t, 2, missed)
		messages, err := s.NotifyMessageList(ctx, 10)
		require.NoError(t, err)
		require.Len(t, messages, 1, "attempts of one message are one line")
		require.Equal(t, 2, messages[0].Attempt)

		rest, err := s.NotifyItemWaiting(ctx, id, 10)
		require.NoError(t, err)
		require.Len(t, rest, 1)
		sent := model.NotifyMessage{ChannelID: id, WorkID: 8, Events: 1, State: model.NotifyDelivered, Attempt: 1}
		require.NoError(t, s.NotifyRecord(ctx, model.NotifyOutcome{Message: sent, ItemIDs: []int64{rest[0].ID}, Items: model.NotifySent}))
		missed, err = s.NotifyMissedCount(ctx, id)
		require.NoError(t, err)
		require.Zero(t, missed, "the delivered message has told of them")
		channel, err = s.NotifyChannelGet(ctx, id)
		require.NoError(t, err)
		require.True(t, channel.LastOK)
		require.Empty(t, channel.LastError)
		again, err := s.NotifyItemAdd(ctx, model.NotifyItem{ChannelID: id, EventKey: "k2", Payload: "{}"})
		require.NoError(t, err)
		require.False(t, again, "what was sent is not sent again")

		n, err := s.NotifyPrune(ctx, time.Now().Add(time.Hour), 100)
		require.NoError(t, err)
		require.Equal(t, 4, n)
		messages, err = s.NotifyMessageList(ctx, 10)
		require.NoError(t, err)
		require.Empty(t, messages)
	})
}

func TestTroublesAreToldOnce(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		work := model.Work{Kind: "notify.event", Payload: "{}"}
		told, err := s.NotifyStateTell(ctx, "ticket", false, work)
		require.NoError(t, err)
		require.False(t, told, "there is no such trouble")
		require.NoError(t, s.NotifyStateWell(ctx, "ticket"))

		at := noon
		s = s.WithClock(func() time.Time { return at })
		_, err = s.NotifyStateSee(ctx, "ticket", "first", true)
		require.NoError(t, err)
		at = noon.Add(time.Minute)
		row, err := s.NotifyStateSee(ctx, "ticket", "second", true)
		require.NoError(t, err)
		require.Equal(t, model.NotifyState{
			Name: "ticket", SinceMS: noon.UnixMilli(), SeenMS: at.UnixMilli(), Subject: "second",
		}, row)
		var times atomic.Int64
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				told, err := s.NotifyStateTell(ctx, "ticket", false, work)
				if err != nil {
					t.Error(err)
				}
				if told {
					times.Add(1)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 1, times.Load())
		require.EqualValues(t, 1, raw[int64](t, d, "SELECT COUNT(*) FROM work"))
		told, err = s.NotifyStateTell(ctx, "ticket", true, work)
		require.NoError(t, err)
		require.True(t, told, "a pause is told besides")
		row, err = s.NotifyStateSee(ctx, "ticket", "second", false)
		require.NoError(t, err)
		require.NotZero(t, row.PausedMS)
		row, err = s.NotifyStateSee(ctx, "ticket", "second", true)
		require.NoError(t, err)
		require.Zero(t, row.PausedMS)

		require.NoError(t, s.NotifyStateWell(ctx, "ticket"))
		list, err := s.NotifyStateList(ctx)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, at.UnixMilli(), list[0].WellMS)
		_, err = s.NotifyStateSee(ctx, "ticket", "again", true)
		require.NoError(t, err)
		ended, err := s.NotifyStateEnd(ctx, "ticket", list[0].WellMS, &work)
		require.NoError(t, err)
		require.False(t, ended, "it came back in between")
		ended, err = s.NotifyStateEnd(ctx, "ticket", 0, &work)
		require.NoError(t, err)
		require.True(t, ended)
		require.EqualValues(t, 3, raw[int64](t, d, "SELECT COUNT(*) FROM work"))
	})
}
