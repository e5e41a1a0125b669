package dao_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

func deliveries(t *testing.T, s *dao.Store, kind string, n int) {
	t.Helper()
	items := make([]model.Work, n)
	for i := range items {
		items[i] = model.Work{Kind: kind, Grp: "push", Payload: "{}"}
	}
	require.NoError(t, s.ForwardAdd(t.Context(), items))
}

func TestOutcomesOfDeliveries(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		deliveries(t, s, "deliver:t1", 4)
		taken, err := s.WorkTake(ctx, []string{"deliver:t1"}, "me", time.Hour, 10)
		require.NoError(t, err)
		require.Len(t, taken, 4)
		lost := taken[3]
		lost.Fence--
		attempt := func(ok bool) *model.Attempt {
			return &model.Attempt{Target: "t1", Identity: "push", AtMS: 1, OK: ok, Answer: "é\x00", Cause: model.CausePush}
		}
		held, err := s.ForwardRecord(ctx, []model.Outcome{
			{Attempt: attempt(true), Work: taken[0], State: model.WorkDone},
			{Attempt: attempt(false), Work: taken[1], State: model.WorkReady, After: time.Hour, Error: "later"},
			{Attempt: attempt(false), Work: taken[2], State: model.WorkDead, Error: "never"},
			{Attempt: attempt(true), Work: lost, State: model.WorkDone},
			{Attempt: attempt(true)},
		})
		require.NoError(t, err)
		require.Equal(t, []bool{true, true, true, false, true}, held)
		counts, err := s.WorkCounts(ctx, model.WorkFilter{Kind: "deliver:t1"})
		require.NoError(t, err)
		for state, want := range map[model.WorkState]int64{
			model.WorkDone: 1, model.WorkReady: 1, model.WorkDead: 1, model.WorkLeased: 1,
		} {
			require.Equal(t, want, counts[state], state)
		}
		page, err := s.AttemptList(ctx, model.AttemptFilter{Target: "t1", Limit: 3})
		require.NoError(t, err)
		require.Len(t, page.Rows, 3)
		rest, err := s.AttemptList(ctx, model.AttemptFilter{Target: "t1", Limit: 3, Cursor: page.NextCursor})
		require.NoError(t, err)
		require.Len(t, rest.Rows, 2)
		span, err := s.ForwardSpan(ctx, "t1")
		require.NoError(t, err)
		require.Equal(t, model.ForwardSpan{LastOKMS: 1}, span)
		n, err := s.AttemptPrune(ctx, time.UnixMilli(2), 3)
		require.NoError(t, err)
		require.Equal(t, 3, n)
	})
}

func TestDueDeliveries(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx, begin := t.Context(), clock(t, s)
		deliveries(t, s, "deliver:t1", 1)
		_, _, err := s.WorkAdd(ctx, model.Work{Kind: "deliver:t2", Payload: "{}"}, time.Hour)
		require.NoError(t, err)
		due, err := s.ForwardDue(ctx, []string{"deliver:t1", "deliver:t2", "deliver:t3"})
		require.NoError(t, err)
		require.Len(t, due, 2)
		require.LessOrEqual(t, due["deliver:t1"], time.Duration(0))
		require.LessOrEqual(t, due["deliver:t2"], time.Hour)
		require.GreaterOrEqual(t, due["deliver:t2"], time.Hour-clock(t, s).Sub(begin))
		kinds, err := s.ForwardKinds(ctx, "deliver:")
		require.NoError(t, err)
		require.Equal(t, []string{"deliver:t1", "deliver:t2"}, kinds)

		many := make([]string, 300)
		for i := range many {
			many[i] = "hold:x"
		}
		due, err = s.ForwardDue(ctx, append(many, "deliver:t1"))
		require.NoError(t, err)
		require.Len(t, due, 1)
	})
}

func TestDeliveriesInOrder(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		deliveries(t, s, "deliver:t1", 2)
		first, err := s.ForwardTakeFirst(ctx, "deliver:t1", "a", time.Hour)
		require.NoError(t, err)
		require.Len(t, first, 1)
		none, err := s.ForwardTakeFirst(ctx, "deliver:t1", "b", time.Hour)
		require.NoError(t, err)
		require.Empty(t, none, "the first is being delivered")
		_, err = s.ForwardRecord(ctx, []model.Outcome{{Work: first[0], State: model.WorkReady, After: time.Hour}})
		require.NoError(t, err)
		none, err = s.ForwardTakeFirst(ctx, "deliver:t1", "b", time.Hour)
		require.NoError(t, err)
		require.Empty(t, none, "the first waits for its next attempt")
		ok, err := s.ForwardAgain(ctx, first[0].ID, model.CauseManual)
		require.NoError(t, err)
		require.True(t, ok)
		again, err := s.ForwardTakeFirst(ctx, "deliver:t1", "b", time.Hour)
		require.NoError(t, err)
		require.Equal(t, first[0].ID, again[0].ID)
		require.Equal(t, model.CauseManual, again[0].Progress)
		require.Equal(t, 1, again[0].Attempt)
	})
}

func TestDeliveriesBehindACall(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		for _, key := range []string{"a", "b", "c"} {
			require.NoError(t, s.ForwardAdd(ctx, []model.Work{{Kind: "hold:t1", UKey: &key, Payload: "{}"}}))
		}
		_, err := s.ForwardRecord(ctx, []model.Outcome{{Key: "a", State: model.WorkDone}})
		require.NoError(t, err)
		require.NoError(t, s.ForwardPromoteKey(ctx, "b", "hold:t1", "deliver:t1"))
		n, err := s.ForwardPromote(ctx, "hold:t1", "deliver:t1", time.Hour, 10)
		require.NoError(t, err)
		require.Zero(t, n, "it has not waited that long")
		n, err = s.ForwardPromote(ctx, "hold:t1", "deliver:t1", 0, 10)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		require.EqualValues(t, 2, raw[int64](t, d, "SELECT COUNT(*) FROM work WHERE kind = 'deliver:t1' AND state = 0"))
		require.EqualValues(t, 1, raw[int64](t, d, "SELECT COUNT(*) FROM work WHERE kind = 'hold:t1' AND state = 2"))

		n, err = s.ForwardDrop(ctx, "deliver:t1", time.UnixMilli(1), 10)
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = s.ForwardDrop(ctx, "deliver:t1", time.Now().Add(time.Hour), 1)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		page, err := s.ForwardList(ctx, model.DeliveryFilter{
			Kinds: []string{"hold:t1", "deliver:t1"}, States: []model.WorkState{model.WorkReady, model.WorkDone, model.WorkCancelled}, Limit: 2,
		})
		require.NoError(t, err)
		require.Len(t, page.Rows, 2)
		require.Greater(t, page.Rows[0].ID, page.Rows[1].ID)
		require.NotEmpty(t, page.NextCursor)
	})
}

func TestSecretsOfTargets(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		s = s.WithClock(func() time.Time { return noon })
		id, err := s.ForwardTargetCreate(ctx, model.ForwardTarget{Name: "t"}, "first")
		require.NoError(t, err)
		require.Regexp(t, "^enc1:", raw[string](t, d, "SELECT secret FROM forward_secret"))
		require.NoError(t, s.ForwardSecretRotate(ctx, id, "second", time.Hour))
		list, err := s.ForwardSecretList(ctx)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, "second", list[0].Secret)
		require.Equal(t, noon.Add(time.Hour).UnixMilli(), list[1].ExpireMS)

		later := s.WithClock(func() time.Time { return noon.Add(2 * time.Hour) })
		list, err = later.ForwardSecretList(ctx)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.NoError(t, later.ForwardSecretRotate(ctx, id, "third", 0))
		require.EqualValues(t, 1, raw[int64](t, d, "SELECT COUNT(*) FROM forward_secret WHERE expirems = 0"))
		require.ErrorIs(t, s.ForwardTargetDelete(ctx, 99), model.ErrNotFound)
		require.NoError(t, s.ForwardTargetDelete(ctx, id))
		require.Zero(t, raw[int64](t, d, "SELECT COUNT(*) FROM forward_secret"))
	})
}

func TestStatisticsOfTargets(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		minute := noon.UnixMilli()
		one := model.ForwardStat{Target: "t1", BucketMS: minute, Delivered: 2, Failed: 1, DurationMS: 30, MaxMS: 20}
		for range 2 {
			require.NoError(t, s.ForwardStatAdd(ctx, []model.ForwardStat{one, {Target: "t2", BucketMS: minute, Failed: 1}}))
		}
		rows, err := s.ForwardStatSeries(ctx, "t1", noon.Add(-time.Hour), noon.Add(time.Hour), time.Hour)
		require.NoError(t, err)
		require.Equal(t, []model.ForwardStat{{Target: "t1", BucketMS: minute, Delivered: 4, Failed: 2, DurationMS: 60, MaxMS: 20}}, rows)
		n, err := s.ForwardStatPrune(ctx, noon.Add(time.Minute))
		require.NoError(t, err)
		require.Equal(t, 2, n)
	})
}
