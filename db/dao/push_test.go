package dao_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

func bizPush(i int, at time.Time) model.Push {
	return model.Push{
		Channel: model.ChannelBiz, Identity: fmt.Sprintf("%08x-%d", at.Unix(), i), ReceiveTime: at, CreateTime: at,
		AppID: "wx1", ToUserName: "gh_1", MsgType: "text", Body: fmt.Sprint("body ", i),
		Work: []model.Work{{Kind: "handle", Payload: fmt.Sprint(i)}},
	}
}

func insert(t *testing.T, s *dao.Store, batch ...model.Push) []bool {
	t.Helper()
	dup, err := s.PushInsert(t.Context(), batch)
	require.NoError(t, err)
	require.Len(t, dup, len(batch))
	return dup
}

func TestPushIsStoredOnceWithItsWork(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		one, two := bizPush(1, noon), bizPush(2, noon)
		component := model.Push{
			Channel: model.ChannelComponent, Identity: "3", ReceiveTime: noon, InfoType: "authorized", Body: "<xml/>",
		}
		nameless := model.Push{Channel: model.ChannelBiz, ReceiveTime: noon, Body: "x"}
		require.Equal(t, []bool{false, true, false, false, false},
			insert(t, s, one, one, component, nameless, nameless))
		require.Equal(t, []bool{true, false, true}, insert(t, s, one, two, component))
		require.Equal(t, []bool{}, insert(t, s))

		require.EqualValues(t, 4, raw[int64](t, d, "SELECT COUNT(*) FROM wxcallback_biz"))
		require.EqualValues(t, 1, raw[int64](t, d, "SELECT COUNT(*) FROM wxcallback_component"))
		require.EqualValues(t, 2, raw[int64](t, d, "SELECT COUNT(*) FROM work"))
		list, err := s.ComponentRecordList(t.Context(), model.ComponentRecordFilter{Limit: 10})
		require.NoError(t, err)
		require.Equal(t, noon, list.Rows[0].CreateTime, "a push that does not say when it was made")
	})
}

// parts returns batches one after the other.
func parts(batches ...[]model.Push) func() []*model.Push {
	return func() (next []*model.Push) {
		if len(batches) > 0 {
			for i := range batches[0] {
				next = append(next, &batches[0][i])
			}
			batches = batches[1:]
		}
		return next
	}
}

func TestWhatComesInMeanwhileIsStoredInTheSameTransaction(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		pushes := make([]model.Push, 100)
		for i := range pushes {
			pushes[i] = bizPush(i, noon)
		}
		insert(t, s, pushes[7])
		dup, err := s.PushStream(t.Context(), parts(pushes[:1], pushes[:40], pushes[40:]))
		require.NoError(t, err)
		want := make([]bool, 101)
		want[1], want[8] = true, true // a push of the part before, and one that had been stored
		require.Equal(t, want, dup)
		require.EqualValues(t, 100, raw[int64](t, d, "SELECT COUNT(*) FROM wxcallback_biz"))
		require.EqualValues(t, 100, raw[int64](t, d, "SELECT COUNT(*) FROM work"))

		fresh := bizPush(201, noon)
		ctx, cancel := context.WithCancel(t.Context())
		_, err = s.PushStream(ctx, func() []*model.Push {
			cancel()
			return []*model.Push{&fresh}
		})
		require.Error(t, err)
		require.Equal(t, []bool{false}, insert(t, s, fresh), "a transaction that fails stores none")
	})
}

func TestTheSamePushOnManyInstancesIsStoredOnce(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		var fresh sync.Map
		var wait sync.WaitGroup
		for instance := range 8 {
			wait.Go(func() {
				for begin := range 5 { // overlapping batches in different orders
					var batch []model.Push
					for i := range 20 {
						n := begin*10 + (i*(2*instance+1))%20
						batch = append(batch, bizPush(n, noon.Add(time.Duration(n)*time.Second)))
					}
					dup, err := s.PushInsert(t.Context(), batch)
					if err != nil {
						t.Error(err)
						return
					}
					for i := range batch {
						if !dup[i] {
							if _, twice := fresh.LoadOrStore(batch[i].Identity, true); twice {
								t.Error("stored twice:", batch[i].Identity)
							}
						}
					}
				}
			})
		}
		wait.Wait()
		require.EqualValues(t, 60, raw[int64](t, d, "SELECT COUNT(*) FROM wxcallback_biz"))
		require.EqualValues(t, 60, raw[int64](t, d, "SELECT COUNT(*) FROM work"))
	})
}

func TestAnyTextIsStored(t *testing.T) {
	bodies := map[string]string{
		"emoji":      `{"Content":"hi 😀"}`,
		"long":       strings.Repeat("长", 25_000), // more than a TEXT column
		"longest":    `"` + strings.Repeat(`'"\😀`, 150_000) + `"`,
		"control":    "a\x00\x01\x1f\r\n\tz",
		"empty":      "",
		"65535":      strings.Repeat("x", 65535),
		"65536":      strings.Repeat("x", 65536),
		"long emoji": strings.Repeat("x", 65534) + "😀",
	}
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		at, want := noon, []string{}
		var batch []model.Push
		for name, body := range bodies {
			at = at.Add(-time.Second)
			batch = append(batch, model.Push{Channel: model.ChannelBiz, Identity: name, ReceiveTime: at, Body: body})
			want = append(want, body)
		}
		insert(t, s, batch...)
		list, err := s.BizRecordList(t.Context(), model.BizRecordFilter{Limit: 20})
		require.NoError(t, err)
		require.Len(t, list.Rows, len(want))
		for i, r := range list.Rows {
			require.True(t, want[i] == r.PostBody, batch[i].Identity)
			one, err := s.BizRecordGet(t.Context(), r.ID)
			require.NoError(t, err)
			require.True(t, want[i] == one.PostBody, batch[i].Identity)
		}
		_, err = s.BizRecordGet(t.Context(), 1<<40)
		require.ErrorIs(t, err, model.ErrNotFound)
		longest := raw[int64](t, d, "SELECT MAX(LENGTH(CAST(postbody AS BINARY))) FROM wxcallback_biz")
		require.LessOrEqual(t, longest, int64(65535), "the template's column takes no more")
	})
}

func TestARowThatDoesNotFitIsCutAndPoisonsNobody(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		long := strings.Repeat("事", 65)
		bad := model.Push{
			Channel: model.ChannelComponent, Identity: strings.Repeat("i", 100), InfoType: long, Body: "\xff\xfe bad",
			ReceiveTime: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), CreateTime: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
			Work: []model.Work{{Kind: "handle", Grp: strings.Repeat("g", 200), UKey: new(strings.Repeat("😀", 200)), Payload: "p"}},
		}
		biz := model.Push{
			Channel: model.ChannelBiz, Identity: "\xff", ReceiveTime: noon, CreateTime: time.Unix(-5, 0),
			AppID: long, MsgType: "😀", Event: "\xff", ToUserName: long, Body: "x",
		}
		insert(t, s, bizPush(1, noon), bad, biz, bizPush(2, noon))
		list, err := s.ComponentRecordList(t.Context(), model.ComponentRecordFilter{Limit: 5})
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("事", 64), list.Rows[0].InfoType)
		require.Equal(t, "\xff\xfe bad", list.Rows[0].PostBody)
		accounts, err := s.BizRecordList(t.Context(), model.BizRecordFilter{Limit: 5, MsgType: "\uFFFD"})
		require.NoError(t, err)
		require.Len(t, accounts.Rows, 1)
		require.Equal(t, noon, accounts.Rows[0].CreateTime)
		require.Equal(t, []bool{true}, insert(t, s, bad))
	})
}

func TestALargeBatchIsStoredWhole(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		const n = 75 // more than twice the rows of a prepared statement, and some
		batch := make([]model.Push, n)
		for i := range batch {
			batch[i] = bizPush(i, noon)
		}
		batch[3].Body = strings.Repeat("长", 300_000)
		batch[40].Body = "😀"
		batch[41].Identity = batch[7].Identity
		var want []string
		for i, dup := range insert(t, s, batch...) {
			require.Equal(t, i == 41, dup, i)
			if !dup {
				want = append(want, batch[i].Body)
			}
		}
		require.Equal(t, want, raw[[]string](t, d, "SELECT COALESCE(fullbody, postbody) FROM wxcallback_biz ORDER BY id"))
		dup := insert(t, s, append(batch[:n:n], bizPush(n, noon))...)
		require.Equal(t, n, slices.Index(dup, false))
		require.EqualValues(t, n, raw[int64](t, d, "SELECT COUNT(*) FROM wxcallback_biz"))
	})
}

func TestPagesNeitherRepeatNorSkip(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		var batch []model.Push
		for i := range 50 { // all in two seconds
			batch = append(batch, bizPush(i, noon.Add(time.Duration(i/25)*time.Second)))
		}
		insert(t, s, batch...)
		ctx := t.Context()
		for _, byCursor := range []bool{true, false} {
			seen := map[string]bool{}
			f := model.BizRecordFilter{Limit: 15, AppID: "wx1", To: noon.Add(time.Minute)}
			for page := 0; ; page++ {
				list, err := s.BizRecordList(ctx, f)
				require.NoError(t, err)
				require.EqualValues(t, 50, list.Total)
				require.False(t, list.TotalCapped)
				for i, r := range list.Rows {
					require.False(t, seen[r.PostBody], "twice: %s", r.PostBody)
					seen[r.PostBody] = true
					if i > 0 {
						require.False(t, r.ReceiveTime.After(list.Rows[i-1].ReceiveTime))
					}
				}
				if list.NextCursor == "" {
					break
				}
				if byCursor {
					f.Cursor = list.NextCursor
					insert(t, s, bizPush(1000+page, noon.Add(time.Hour))) // what comes in meanwhile moves nothing
				} else {
					f.Offset += f.Limit
				}
			}
			require.Len(t, seen, 50)
		}
	})
}

func TestRecordFilters(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		var batch []model.Push
		for i := range 24 {
			p := bizPush(i, noon.Add(time.Duration(i)*time.Minute))
			p.AppID = fmt.Sprint("wx", i%2)
			if i%3 == 0 {
				p.MsgType, p.Event = "event", fmt.Sprint("e", i%4)
			}
			batch = append(batch, p)
		}
		insert(t, s, batch...)
		for name, tt := range map[string]struct {
			filter model.BizRecordFilter
			want   int64
		}{
			"all":              {model.BizRecordFilter{}, 24},
			"account":          {model.BizRecordFilter{AppID: "wx1"}, 12},
			"type":             {model.BizRecordFilter{MsgType: "event"}, 8},
			"event":            {model.BizRecordFilter{Event: "e0"}, 2},
			"account and type": {model.BizRecordFilter{AppID: "wx0", MsgType: "text"}, 8},
			"all three":        {model.BizRecordFilter{AppID: "wx0", MsgType: "event", Event: "e2"}, 2},
			"from":             {model.BizRecordFilter{From: noon.Add(20 * time.Minute)}, 4},
			"to":               {model.BizRecordFilter{To: noon.Add(20 * time.Minute)}, 21},
			"between":          {model.BizRecordFilter{From: noon.Add(time.Minute), To: noon.Add(2 * time.Minute), AppID: "wx1"}, 1},
			"nothing":          {model.BizRecordFilter{AppID: "wx3"}, 0},
		} {
			tt.filter.Limit = 100
			list, err := s.BizRecordList(t.Context(), tt.filter)
			require.NoError(t, err)
			require.Equal(t, tt.want, list.Total, name)
			require.Len(t, list.Rows, int(tt.want), name)
		}
		_, err := s.BizRecordList(t.Context(), model.BizRecordFilter{Cursor: "nonsense", Limit: 1})
		require.ErrorIs(t, err, model.ErrBadCursor)
	})
}

func TestPushStatistics(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		latest, err := s.PushLatest(ctx, model.ChannelBiz)
		require.NoError(t, err)
		require.True(t, latest.IsZero())

		var batch []model.Push
		for i := range 10 {
			p := bizPush(i, noon.Add(time.Duration(i)*30*time.Second)) // two a minute
			if i >= 6 {
				p.MsgType, p.Event = "event", "subscribe"
			}
			batch = append(batch, p)
		}
		batch = append(batch, model.Push{Channel: model.ChannelComponent, Identity: "c", ReceiveTime: noon, InfoType: "authorized"})
		insert(t, s, batch...)
		latest, err = s.PushLatest(ctx, model.ChannelBiz)
		require.NoError(t, err)
		require.Equal(t, noon.Add(4*time.Minute+30*time.Second), latest)
		for since, want := range map[time.Duration]time.Time{
			-time.Hour: noon, 0: noon, time.Second: noon.Add(30 * time.Second), time.Hour: {},
		} {
			first, err := s.PushFirst(ctx, noon.Add(since))
			require.NoError(t, err)
			require.Equal(t, want, first)
		}

		for range 2 { // again: the same figures
			for minute := range 5 {
				require.NoError(t, s.PushRollup(ctx, noon.Add(time.Duration(minute)*time.Minute)))
			}
		}
		series := func(channel int8, kind string, step time.Duration) (n []int64) {
			points, err := s.PushSeries(ctx, channel, kind, noon, noon.Add(6*time.Minute), step)
			require.NoError(t, err)
			for _, p := range points {
				n = append(n, p.N)
			}
			return n
		}
		require.Equal(t, []int64{2, 2, 2, 2, 2, 0}, series(model.ChannelBiz, "", time.Minute))
		require.Equal(t, []int64{0, 2, 2}, series(model.ChannelBiz, "subscribe", 2*time.Minute))
		require.Equal(t, []int64{1, 0}, series(model.ChannelComponent, "", 3*time.Minute))
		kinds, err := s.PushKinds(ctx, model.ChannelBiz, noon, noon.Add(time.Hour), 10)
		require.NoError(t, err)
		require.Equal(t, []model.KindCount{{Kind: "text", N: 6}, {Kind: "subscribe", N: 4}}, kinds)
		n, err := s.PushStatPrune(ctx, noon.Add(time.Minute))
		require.NoError(t, err)
		require.Equal(t, 4, n)
	})
}

func TestPrune(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		s = s.WithClock(func() time.Time { return noon })
		var batch []model.Push
		for i := range 10 {
			batch = append(batch, bizPush(i, noon.Add(time.Duration(i)*time.Minute)))
		}
		insert(t, s, batch...)
		n, err := s.PushPrune(ctx, model.ChannelBiz, noon.Add(5*time.Minute), 3)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		n, err = s.PushPrune(ctx, model.ChannelBiz, noon.Add(5*time.Minute), 3)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.EqualValues(t, 5, raw[int64](t, d, "SELECT COUNT(*) FROM wxcallback_biz"))
		require.Equal(t, []bool{true}, insert(t, s, batch[0]), "its identity is known for longer")

		n, err = s.IdentityPrune(ctx, noon.Add(4*time.Minute), 100)
		require.NoError(t, err)
		require.Equal(t, 4, n)
		n, err = s.IdentityPrune(ctx, noon, 100)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestPushSignedAheadIsNotForgottenBeforeItWouldBeRefused(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		old := time.Now().Add(-90 * 24 * time.Hour)
		p := bizPush(1, old)
		p.SignedAt = time.Now().Add(20 * time.Hour)
		require.Equal(t, []bool{false}, insert(t, s, p))
		_, err := s.IdentityPrune(t.Context(), time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.EqualValues(t, 1, raw[int64](t, d, "SELECT COUNT(*) FROM push_identity"))
		_, err = s.IdentityPrune(t.Context(), time.Now().Add(21*time.Hour), 10)
		require.NoError(t, err)
		require.Zero(t, raw[int64](t, d, "SELECT COUNT(*) FROM push_identity"))
	})
}
