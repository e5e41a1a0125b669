package dao_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

// mixed stores pushes of both channels, four a second, and returns their bodies, newest first.
func mixed(t *testing.T, s *dao.Store, n int) []string {
	t.Helper()
	var batch []model.Push
	for i := range n {
		p := bizPush(i, noon.Add(time.Duration(i/4)*time.Second))
		p.AppID = fmt.Sprint("wx", i%3)
		switch {
		case i%3 == 0:
			p.Channel, p.MsgType, p.InfoType = model.ChannelComponent, "", []string{"authorized", "unauthorized"}[i/3%2]
		case i%5 == 0:
			p.MsgType, p.Event = "event", "subscribe"
		}
		batch = append(batch, p)
	}
	insert(t, s, batch...)
	bodies := make([]string, n)
	for i, row := range all(t, s, model.PushFilter{}, n) {
		bodies[i] = row.Body
	}
	return bodies
}

// all reads the list in steps of n.
func all(t *testing.T, s *dao.Store, f model.PushFilter, n int) (rows []model.PushRow) {
	t.Helper()
	var beyond *model.PushKey
	for range 1000 {
		scan, err := s.PushScan(t.Context(), f, beyond, n)
		require.NoError(t, err)
		some, err := s.PushRows(t.Context(), scan.Keys, 0)
		require.NoError(t, err)
		require.Len(t, some, len(scan.Keys))
		rows = append(rows, some...)
		if scan.Last == nil {
			return rows
		}
		beyond = scan.Last
	}
	require.Fail(t, "the list has no end")
	return nil
}

func TestTheListOfBothChannels(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		const n = 60
		want := mixed(t, s, n)
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(want))), n, "each once")
		for _, step := range []int{1, 2, 7, 100} {
			rows := all(t, s, model.PushFilter{}, step)
			require.Len(t, rows, n)
			for i, row := range rows {
				require.Equal(t, want[i], row.Body)
				if i > 0 {
					before, this := rows[i-1].Key(), row.Key()
					later := before.At > this.At || before.At == this.At &&
						(before.ID > this.ID || before.ID == this.ID && before.Channel > this.Channel)
					require.True(t, later, "%v before %v", before, this)
				}
			}
		}
	})
}

func TestFiltersOfTheListOfBothChannels(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		const n = 60
		mixed(t, s, n)
		whole := all(t, s, model.PushFilter{}, n)
		for name, tt := range map[string]struct {
			f    model.PushFilter
			want func(r model.PushRow) bool
		}{
			"channel":          {model.PushFilter{Channel: model.ChannelBiz}, func(r model.PushRow) bool { return r.Channel == model.ChannelBiz }},
			"account":          {model.PushFilter{AppID: "wx0"}, func(r model.PushRow) bool { return r.AppID == "wx0" }},
			"info types":       {model.PushFilter{InfoTypes: []string{"authorized", "unauthorized", "x"}}, func(r model.PushRow) bool { return r.InfoType != "" }},
			"one info type":    {model.PushFilter{InfoTypes: []string{"authorized"}, AppID: "wx0"}, func(r model.PushRow) bool { return r.InfoType == "authorized" }},
			"type":             {model.PushFilter{MsgType: "event"}, func(r model.PushRow) bool { return r.MsgType == "event" }},
			"event":            {model.PushFilter{Event: "subscribe", MsgType: "event"}, func(r model.PushRow) bool { return r.Event == "subscribe" }},
			"account's event":  {model.PushFilter{AppID: "wx1", Event: "subscribe"}, func(r model.PushRow) bool { return r.AppID == "wx1" && r.Event != "" }},
			"kind: info type":  {model.PushFilter{Kind: "authorized"}, func(r model.PushRow) bool { return r.InfoType == "authorized" }},
			"kind: event":      {model.PushFilter{Kind: "subscribe"}, func(r model.PushRow) bool { return r.Event == "subscribe" }},
			"kind: type":       {model.PushFilter{Kind: "text"}, func(r model.PushRow) bool { return r.MsgType == "text" }},
			"account's kind":   {model.PushFilter{Kind: "text", AppID: "wx2"}, func(r model.PushRow) bool { return r.MsgType == "text" && r.AppID == "wx2" }},
			"kind and type":    {model.PushFilter{Kind: "subscribe", MsgType: "event"}, func(r model.PushRow) bool { return r.Event == "subscribe" }},
			"kind, other type": {model.PushFilter{Kind: "subscribe", InfoTypes: []string{"authorized"}}, func(model.PushRow) bool { return false }},
			"no such type":     {model.PushFilter{MsgType: "text", Event: "subscribe"}, func(model.PushRow) bool { return false }},
			"both's fields":    {model.PushFilter{MsgType: "text", InfoTypes: []string{"authorized"}}, func(model.PushRow) bool { return false }},
			"text":             {model.PushFilter{Text: "BODY 1"}, func(r model.PushRow) bool { return r.Body == "body 1" || r.Body[:6] == "body 1" }},
			"text of account":  {model.PushFilter{Text: "y 3_", AppID: "wx0"}, func(model.PushRow) bool { return false }},
			"time": {model.PushFilter{From: noon.Add(time.Second), To: noon.Add(2 * time.Second)}, func(r model.PushRow) bool {
				return r.ReceiveTime.After(noon) && !r.ReceiveTime.After(noon.Add(2*time.Second))
			}},
		} {
			var want []model.PushRow
			for _, r := range whole {
				if tt.want(r) {
					want = append(want, r)
				}
			}
			for _, step := range []int{3, 100} {
				require.Equal(t, want, all(t, s, tt.f, step), "%s in steps of %d", name, step)
			}
		}
	})
}

func TestAScanIsBounded(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		mixed(t, s, 60)
		scan, err := s.PushScan(t.Context(), model.PushFilter{Text: "nowhere"}, nil, 10)
		require.NoError(t, err)
		require.Empty(t, scan.Keys)
		require.LessOrEqual(t, scan.Looked, 20, "ten of each channel")
		require.NotNil(t, scan.Last)
	})
}

func TestPushesOfDeliveriesAreFound(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		mixed(t, s, 60)
		rows, err := s.PushAt(t.Context(), []model.PushPlace{
			{Channel: model.ChannelBiz, AppID: "wx1", At: noon.Unix()},
			{Channel: model.ChannelBiz, AppID: "none", At: noon.Unix()},
			{Channel: model.ChannelBiz, AppID: "wx2", At: noon.Unix() + 1},
			{Channel: model.ChannelComponent, At: noon.Unix() + 2},
		})
		require.NoError(t, err)
		var bodies []string
		for _, r := range rows {
			bodies = append(bodies, r.Body)
		}
		require.ElementsMatch(t, []string{"body 1", "body 5", "body 9"}, bodies)
		short, err := s.PushRows(t.Context(), []model.PushKey{rows[0].Key()}, 3)
		require.NoError(t, err)
		require.Equal(t, "bod", short[0].Body)

		n, err := s.PushSince(t.Context(), noon.Add(10*time.Second), 1000)
		require.NoError(t, err)
		require.EqualValues(t, 20, n)
		n, err = s.PushRangeCount(t.Context(), model.PushRange{Channel: model.ChannelBiz, AppID: "wx1", From: noon}, 5)
		require.NoError(t, err)
		require.EqualValues(t, 5, n)
	})
}

func TestOutcomesOfPushes(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx, begin := t.Context(), clock(t, s)
		add := func(kind, identity string, state model.WorkState) {
			require.NoError(t, s.ForwardAdd(ctx, []model.Work{{Kind: kind, Grp: identity, Payload: `"` + identity + `"`, State: state}}))
		}
		add("deliver:t1", "a", model.WorkDead)
		add("deliver:t2", "a", model.WorkDone)
		add("deliver:t1", "b", model.WorkReady)
		var outcomes []model.Outcome
		for i, a := range []model.Attempt{
			{Target: "t1", Identity: "a", AtMS: 1},
			{Target: "t2", Identity: "a", AtMS: 2, OK: true},
			{Target: "t1", Identity: "a", AtMS: 3},
			{Target: "r7", Identity: "b", AtMS: 3, Cause: model.CauseSync},
			{Target: "t1", Identity: "", AtMS: 4, Cause: model.CauseTest},
		} {
			a.DurationMS = int64(i)
			outcomes = append(outcomes, model.Outcome{Attempt: &a})
		}
		_, err := s.ForwardRecord(ctx, outcomes)
		require.NoError(t, err)

		states, err := s.ForwardStates(ctx, []string{"a", "b", "c"})
		require.NoError(t, err)
		require.Equal(t, map[string]model.PushState{
			"a": {Dead: 1, Delivered: 1, Calls: 3, Failed: 2}, "b": {Pending: 1, Calls: 1, Failed: 1},
		}, states)
		payloads, err := s.ForwardPayloads(ctx, []string{"a", "c"})
		require.NoError(t, err)
		require.Equal(t, map[string]string{"a": `"a"`}, payloads)
		targets, err := s.AttemptTargets(ctx)
		require.NoError(t, err)
		require.Equal(t, []string{"r7", "t1", "t2"}, targets)

		var seen []string
		for cursor := ""; ; {
			calls, next, err := s.AttemptFailures(ctx, targets, time.Time{}, cursor, 2)
			require.NoError(t, err)
			for _, c := range calls {
				seen = append(seen, fmt.Sprint(c.AtMS, c.Identity))
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		require.Equal(t, []string{"3b", "3a", "1a"}, seen)
		calls, _, err := s.AttemptFailures(ctx, targets, time.UnixMilli(2), "", 2)
		require.NoError(t, err)
		require.Len(t, calls, 1)

		n, more, err := s.ForwardDeadCount(ctx, "deliver:t1", time.UnixMilli(0), time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		require.False(t, more)
		n, more, err = s.ForwardDeadCount(ctx, "deliver:t1", time.UnixMilli(0), time.UnixMilli(1), 1)
		require.NoError(t, err)
		require.Zero(t, n)
		require.True(t, more, "there may be others behind the one that was looked at")
		n, _, err = s.ForwardDeadCount(ctx, "deliver:none", time.UnixMilli(0), time.UnixMilli(1), 1)
		require.NoError(t, err)
		require.Zero(t, n)
		oldest, err := s.ForwardOldest(ctx, []string{"deliver:t1"})
		require.NoError(t, err)
		requireSet(t, s, begin, 0, oldest.UnixMilli())
		oldest, err = s.ForwardOldest(ctx, []string{"deliver:t2"})
		require.NoError(t, err)
		require.True(t, oldest.IsZero())
		times, err := s.AttemptTimes(ctx, time.UnixMilli(2), 10)
		require.NoError(t, err)
		require.Len(t, times, 4)
	})
}

func TestSavedViews(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		s = s.WithClock(func() time.Time { return noon })
		id, err := s.ViewCreate(ctx, model.SavedView{UserID: 1, Page: "message", Name: "失败 😀", Query: "outcome=failed"})
		require.NoError(t, err)
		_, err = s.ViewCreate(ctx, model.SavedView{UserID: 1, Page: "message", Name: "失败 😀"})
		require.ErrorIs(t, err, model.ErrDuplicate)
		other, err := s.ViewCreate(ctx, model.SavedView{UserID: 2, Page: "message", Name: "失败 😀"})
		require.NoError(t, err)
		second, err := s.ViewCreate(ctx, model.SavedView{UserID: 1, Page: "message", Name: "b"})
		require.NoError(t, err)
		require.NoError(t, s.ViewUpdate(ctx, model.SavedView{ID: second, UserID: 1, Name: "c", Query: "q=1"}))
		require.NoError(t, s.ViewUpdate(ctx, model.SavedView{ID: second, UserID: 1, Name: "c", Query: "q=1"}), "the same again")
		require.ErrorIs(t, s.ViewUpdate(ctx, model.SavedView{ID: second, UserID: 1, Name: "失败 😀"}), model.ErrDuplicate)
		require.ErrorIs(t, s.ViewUpdate(ctx, model.SavedView{ID: other, UserID: 1, Name: "d"}), model.ErrNotFound)
		require.ErrorIs(t, s.ViewDelete(ctx, 1, other), model.ErrNotFound)
		views, err := s.ViewList(ctx, 1, "message")
		require.NoError(t, err)
		require.Equal(t, []model.SavedView{
			{ID: id, UserID: 1, Page: "message", Name: "失败 😀", Query: "outcome=failed", CreateMS: noon.UnixMilli(), UpdateMS: noon.UnixMilli()},
			{ID: second, UserID: 1, Page: "message", Name: "c", Query: "q=1", CreateMS: noon.UnixMilli(), UpdateMS: noon.UnixMilli()},
		}, views)
		require.NoError(t, s.ViewDelete(ctx, 1, id))
		none, err := s.ViewList(ctx, 1, "other")
		require.NoError(t, err)
		require.NotNil(t, none)
		require.Empty(t, none)
	})
}

// TestEventsOfManyAccountsAreFoundByEach: they are entered with none.
func TestEventsOfManyAccountsAreFoundByEach(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		event := func(i int, infoType, appid, body string) model.Push {
			p := bizPush(i, noon.Add(time.Duration(i)*time.Second))
			p.Channel, p.InfoType, p.AppID, p.MsgType, p.Body = model.ChannelComponent, infoType, appid, "", body
			return p
		}
		insert(t, s,
			event(1, "authorized", "wx1", "of one"),
			event(2, "order_path_audit_result_notify", "", "wx1 and wx2"),
			event(3, "component_verify_ticket", "", "a ticket that reads wx1"),
			event(4, "order_path_audit_result_notify", "", "wx2 and wx_"),
			event(5, "authorized", "wx2", "of another, that names wx1"),
		)
		for _, step := range []int{1, 2, 100} {
			for name, tt := range map[string]struct {
				filter model.PushFilter
				want   []string
			}{
				"one":      {model.PushFilter{AppID: "wx1"}, []string{"wx1 and wx2", "of one"}},
				"another":  {model.PushFilter{AppID: "wx2"}, []string{"of another, that names wx1", "wx2 and wx_", "wx1 and wx2"}},
				"its type": {model.PushFilter{AppID: "wx2", InfoTypes: []string{"authorized"}}, []string{"of another, that names wx1"}},
				"its text": {model.PushFilter{AppID: "wx2", Text: "wx1"}, []string{"of another, that names wx1", "wx1 and wx2"}},
				"no match": {model.PushFilter{AppID: "wx3"}, nil},
			} {
				var got []string
				for _, row := range all(t, s, tt.filter, step) {
					got = append(got, row.Body)
				}
				require.Equal(t, tt.want, got, "%s in steps of %d", name, step)
			}
		}
	})
}

func TestCodesInStoredEventsAreNotKeptInClear(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		for i, tt := range []struct {
			body, code, shown string
		}{
			{"<xml><AuthorizationCode>queryauthcode@@@secret</AuthorizationCode></xml>", "queryauthcode@@@secret", "<xml><AuthorizationCode>***</AuthorizationCode></xml>"},
			{`{"ComponentVerifyTicket":"ticket@@@secret"}`, "ticket@@@secret", `{"ComponentVerifyTicket":"***"}`},
			{"<xml><PreAuthCode>a&#64;secret</PreAuthCode></xml>", "a@secret", ""}, // written with a reference
			{"secret 😀", "secret", "*** \uFFFD"},
		} {
			p := bizPush(i, noon.Add(time.Duration(i)*time.Second))
			p.Channel, p.InfoType, p.MsgType, p.Body, p.Secrets = model.ChannelComponent, "authorized", "", tt.body, []string{tt.code}
			insert(t, s, p)
			require.Equal(t, tt.shown, raw[string](t, d, "SELECT postbody FROM wxcallback_component ORDER BY id DESC LIMIT 1"))
			require.True(t, strings.HasPrefix(raw[string](t, d, "SELECT fullbody FROM wxcallback_component ORDER BY id DESC LIMIT 1"), "\uE000sealed:enc1:"))

			page, err := s.ComponentRecordList(t.Context(), model.ComponentRecordFilter{Limit: 1})
			require.NoError(t, err)
			require.Equal(t, tt.body, page.Rows[0].PostBody)
			one, err := s.ComponentRecordGet(t.Context(), page.Rows[0].ID)
			require.NoError(t, err)
			require.Equal(t, tt.body, one.PostBody)
			key := []model.PushKey{{ID: one.ID, Channel: model.ChannelComponent}}
			for characters, want := range map[int]string{0: tt.body, 400: tt.shown} {
				rows, err := s.PushRows(t.Context(), key, characters)
				require.NoError(t, err)
				require.Equal(t, want, rows[0].Body)
			}
			at, err := s.PushAt(t.Context(), []model.PushPlace{{Channel: model.ChannelComponent, At: p.ReceiveTime.Unix()}})
			require.NoError(t, err)
			require.Equal(t, tt.body, at[0].Body)
			stranger, err := dao.New(d, nil).WithPatience(waittest.Limit).ComponentRecordGet(t.Context(), one.ID)
			require.NoError(t, err)
			require.Empty(t, stranger.PostBody, "without the key")
		}
		rows := all(t, s, model.PushFilter{Text: "secret"}, 100)
		require.Empty(t, rows, "nobody finds them by trying")
	})
}
