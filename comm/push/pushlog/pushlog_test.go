package pushlog_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/push/pushlog"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// forwarding has one delivery of each push in every outcome, newest first.
type forwarding struct {
	messages []forward.Message
	asked    []forward.OutcomeQuery
}

func (f *forwarding) Outcomes(_ context.Context, q forward.OutcomeQuery) ([]forward.Outcome, string, error) {
	f.asked = append(f.asked, q)
	from := 0
	if q.Cursor != "" {
		_, _ = fmt.Sscan(q.Cursor, &from)
	}
	to := min(from+q.Limit, len(f.messages))
	var out []forward.Outcome
	for _, m := range f.messages[from:to] {
		out = append(out, forward.Outcome{At: time.UnixMilli(m.ReceivedMS + 5), Message: m})
	}
	if to == len(f.messages) {
		return out, "", nil
	}
	return out, fmt.Sprint(to), nil
}

func (f *forwarding) Messages(_ context.Context, identities []string) (map[string]forward.Message, error) {
	found := map[string]forward.Message{}
	for _, m := range f.messages {
		if m.Identity == identities[0] {
			found[m.Identity] = m
		}
	}
	return found, nil
}

func (f *forwarding) States(_ context.Context, identities []string) (map[string]model.PushState, error) {
	return map[string]model.PushState{identities[0]: {Delivered: 1, Calls: 2, Failed: 1}}, nil
}

func (f *forwarding) Render(context.Context, event.Channel, int64) (*forward.Rendering, error) {
	return &forward.Rendering{JSON: "{}"}, nil
}

func (f *forwarding) Backlog(context.Context) (*forward.Backlog, error) {
	return &forward.Backlog{Pending: 3, Dead: 4, Since: noon}, nil
}

// rig is a log of n pushes, one a second; every tenth is an authorization event.
type rig struct {
	*pushlog.Service
	forwarding *forwarding
	store      *dao.Store
	now        time.Time
	bodies     []string // oldest first
}

func newRig(t *testing.T, d *db.DB, n int) *rig {
	t.Helper()
	r := &rig{forwarding: &forwarding{}, store: dao.New(d, nil).WithPatience(waittest.Limit), now: noon.Add(time.Duration(n) * time.Second)}
	r.Service = pushlog.New(r.store, r.forwarding, pushlog.FollowUp{}, func() time.Time { return r.now })
	var batch []model.Push
	for i := range n {
		at := noon.Add(time.Duration(i) * time.Second)
		p := model.Push{Channel: model.ChannelBiz, ReceiveTime: at, AppID: "wxacc", MsgType: "text"}
		channel, fields := event.Biz, "<MsgType>text</MsgType>"
		if i%10 == 0 {
			p.Channel, p.MsgType, p.InfoType = model.ChannelComponent, "", "authorized"
			channel, fields = event.Component, "<InfoType>authorized</InfoType><AuthorizerAppid>wxacc</AuthorizerAppid>"
		}
		p.Body = fmt.Sprintf("<xml>%s<CreateTime>%d</CreateTime><Text>%s needle-%d-</Text></xml>", fields, at.Unix(), strings.Repeat("填", 400), i)
		read := event.Parse(channel, []byte(p.Body))
		if read.ReceivedAt = at; channel == event.Biz {
			read.AppID = "wxacc"
		}
		p.Identity = read.Identity()
		m := forward.Message{Identity: p.Identity, Channel: channel, AppID: "wxacc", Event: p.InfoType + p.MsgType, ReceivedMS: at.UnixMilli(), Body: p.Body}
		r.forwarding.messages = append(r.forwarding.messages, m)
		r.bodies = append(r.bodies, p.Body)
		batch = append(batch, p)
	}
	slices.Reverse(r.forwarding.messages)
	_, err := r.store.PushInsert(t.Context(), batch)
	require.NoError(t, err)
	return r
}

func each(t *testing.T, n int, test func(t *testing.T, r *rig)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newRig(t, d, n)) })
}

// pages reads the whole list.
func (r *rig) pages(t *testing.T, q pushlog.Query) (rows []model.PushRow, searched int) {
	t.Helper()
	for range 100 {
		page, err := r.List(t.Context(), q)
		require.NoError(t, err)
		rows = append(rows, page.Pushes...)
		if !page.SearchedTo.IsZero() {
			searched++
			require.NotEmpty(t, page.NextCursor)
		}
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			return rows, searched
		}
	}
	require.Fail(t, "the list has no end")
	return nil, 0
}

func TestPagesOfTheLog(t *testing.T) {
	each(t, 95, func(t *testing.T, r *rig) {
		for _, limit := range []int{10, 95, 200} {
			rows, searched := r.pages(t, pushlog.Query{Limit: limit})
			require.Len(t, rows, 95)
			require.Zero(t, searched)
			for i, row := range rows {
				require.Equal(t, noon.Add(time.Duration(94-i)*time.Second), row.ReceiveTime.UTC())
				require.Equal(t, 400, len([]rune(row.Body)), "only the beginning")
			}
		}
		rows, _ := r.pages(t, pushlog.Query{PushFilter: model.PushFilter{AppID: "wxacc", InfoTypes: []string{"authorized"}}, Limit: 4})
		require.Len(t, rows, 10)
		_, err := r.List(t.Context(), pushlog.Query{Limit: 1, Cursor: "!"})
		require.True(t, errno.Is(err, errno.BadParam))
	})
}

func TestASearchShowsWhatItFound(t *testing.T) {
	each(t, 50, func(t *testing.T, r *rig) {
		page, err := r.List(t.Context(), pushlog.Query{PushFilter: model.PushFilter{Text: "NEEDLE-7-"}, Limit: 10})
		require.NoError(t, err)
		require.Len(t, page.Pushes, 1)
		require.Contains(t, page.Pushes[0].Body, "needle-7-")
		require.Regexp(t, "^…填+ needle", page.Pushes[0].Body)
		require.Zero(t, page.SearchedTo)
	})
}

func TestALongSearchEndsAndGoesOn(t *testing.T) {
	each(t, 800, func(t *testing.T, r *rig) {
		at := noon
		r.Service = pushlog.New(r.store, r.forwarding, pushlog.FollowUp{}, func() time.Time { at = at.Add(time.Second); return at })
		rows, searched := r.pages(t, pushlog.Query{PushFilter: model.PushFilter{Text: "needle-3-"}, Limit: 10})
		require.Len(t, rows, 1)
		require.Equal(t, 1, searched, "two looks take too long")
	})
}

func TestPushesByTheirNumber(t *testing.T) {
	each(t, 30, func(t *testing.T, r *rig) {
		newest := r.forwarding.messages[0]
		for id, want := range map[string]int{"biz-1": 1, "component-3": 1, "3": 2, "27": 1, " 27 ": 1, "biz-99": 0, "nothing": 0, newest.Identity: 1} {
			page, err := r.List(t.Context(), pushlog.Query{ID: id, Limit: 10})
			require.NoError(t, err)
			require.Len(t, page.Pushes, want, id)
			require.NotNil(t, page.Pushes)
		}
		page, err := r.List(t.Context(), pushlog.Query{ID: newest.Identity, Limit: 10})
		require.NoError(t, err)
		require.Equal(t, noon.Add(29*time.Second), page.Pushes[0].ReceiveTime.UTC())
	})
}

func TestPushesByTheirOutcome(t *testing.T) {
	each(t, 95, func(t *testing.T, r *rig) {
		q := pushlog.Query{Outcome: forward.DeadState, Target: "t1", Limit: 20}
		rows, _ := r.pages(t, q)
		require.Len(t, rows, 95)
		require.Equal(t, forward.OutcomeQuery{Outcome: forward.DeadState, Target: "t1", Limit: 20}, r.forwarding.asked[0])

		for name, tt := range map[string]struct {
			f    model.PushFilter
			want int
		}{
			"channel": {model.PushFilter{Channel: model.ChannelComponent}, 10},
			"account": {model.PushFilter{AppID: "wxacc"}, 95},
			"nobody":  {model.PushFilter{AppID: "wx0"}, 0},
			"type":    {model.PushFilter{MsgType: "text"}, 85},
			"no type": {model.PushFilter{MsgType: "image"}, 0},
			"kind":    {model.PushFilter{Kind: "authorized"}, 10},
			"info":    {model.PushFilter{InfoTypes: []string{"x", "authorized"}}, 10},
			"time":    {model.PushFilter{From: noon.Add(10 * time.Second), To: noon.Add(19 * time.Second)}, 10},
			"text":    {model.PushFilter{Text: "Needle-7-"}, 1},
		} {
			q.PushFilter = tt.f
			rows, _ := r.pages(t, q)
			require.Len(t, rows, tt.want, name)
		}

		// The same push in two deliveries, and one that is no longer stored.
		gone := r.forwarding.messages[0]
		gone.Identity, gone.ReceivedMS = "gone", gone.ReceivedMS+60_000
		r.forwarding.messages = append([]forward.Message{gone, r.forwarding.messages[0]}, r.forwarding.messages...)
		rows, _ = r.pages(t, pushlog.Query{Outcome: forward.Pending, Limit: 200})
		require.Len(t, rows, 95)
	})
}

func TestALongSearchThroughDeliveriesEndsAndGoesOn(t *testing.T) {
	each(t, 1, func(t *testing.T, r *rig) {
		one := r.forwarding.messages[0]
		r.forwarding.messages = nil
		for i := range 4500 {
			m := one
			m.Identity, m.AppID = fmt.Sprint(i), "other"
			r.forwarding.messages = append(r.forwarding.messages, m)
		}
		r.forwarding.messages = append(r.forwarding.messages, one)
		rows, searched := r.pages(t, pushlog.Query{PushFilter: model.PushFilter{AppID: "wxacc"}, Outcome: forward.Failed, Limit: 50})
		require.Len(t, rows, 1)
		require.Equal(t, 2, searched)
	})
}

func TestWhatBecameOfPushes(t *testing.T) {
	each(t, 3, func(t *testing.T, r *rig) {
		key := model.PushKey{ID: 2, Channel: model.ChannelBiz}
		states, err := r.States(t.Context(), []model.PushKey{key, {ID: 99, Channel: model.ChannelBiz}})
		require.NoError(t, err)
		require.Len(t, states, 1)
		require.Equal(t, "biz-2", pushlog.FormatID(states[0].Key))
		require.Equal(t, model.PushState{Delivered: 1, Calls: 2, Failed: 1}, states[0].PushState)

		d, err := r.Get(t.Context(), event.Biz, 2)
		require.NoError(t, err)
		require.Equal(t, r.bodies[2], d.Row.Body)
		require.Equal(t, &forward.Rendering{JSON: "{}"}, d.Rendering)
		_, err = r.Get(t.Context(), event.Component, 2)
		require.True(t, errno.Is(err, errno.BadParam))
		rows, err := r.Tail(t.Context(), model.PushFilter{From: noon.Add(time.Second)}, 10)
		require.NoError(t, err)
		require.Len(t, rows, 2)
		require.Equal(t, r.bodies[2], rows[0].Body)
	})
}

func TestPulse(t *testing.T) {
	each(t, 90, func(t *testing.T, r *rig) {
		calls := make([]model.Outcome, 100)
		for i := range calls {
			calls[i].Attempt = &model.Attempt{Target: "t1", Identity: "i", AtMS: r.now.UnixMilli(), DurationMS: int64(i), OK: true}
		}
		_, err := r.store.ForwardRecord(t.Context(), calls)
		require.NoError(t, err)
		require.NoError(t, r.store.ForwardStatAdd(t.Context(), []model.ForwardStat{
			{Target: "t1", BucketMS: r.now.Truncate(time.Minute).UnixMilli(), Delivered: 7, Failed: 1},
			{Target: "t2", BucketMS: r.now.Add(-time.Minute).Truncate(time.Minute).UnixMilli(), Delivered: 2},
		}))
		p, err := r.Pulse(t.Context())
		require.NoError(t, err)
		require.Equal(t, &pushlog.Pulse{
			PerSecond: 1, Delivered: 9, Failed: 1, Median: 50, P95: 95, Backlog: forward.Backlog{Pending: 3, Dead: 4, Since: noon},
		}, p)
	})
}
