package dao_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

func TestCheckSteps(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		put := func(change func(c *model.CheckStep)) {
			t.Helper()
			c := model.CheckStep{PushKey: "p1", Step: "exchange", AppID: "wx1", AtMS: 1000, Attempt: 1, State: model.CheckOK}
			change(&c)
			require.NoError(t, s.CheckStepPut(ctx, c))
		}
		put(func(c *model.CheckStep) {
			c.State, c.ErrCode, c.Error, c.Hint = model.CheckRetrying, -1000, strings.Repeat("错", 2000), strings.Repeat("等", 900)
		})
		put(func(c *model.CheckStep) { c.Step, c.AtMS = "code", 900 })
		put(func(c *model.CheckStep) { c.PushKey, c.AppID, c.AtMS = "p2", "", 2000 })
		rows, err := s.CheckStepList(ctx, 10)
		require.NoError(t, err)
		require.Len(t, rows, 3)
		require.Equal(t, []string{"code", "exchange", "exchange"}, []string{rows[0].Step, rows[1].Step, rows[2].Step}, "oldest first")
		require.Equal(t, model.CheckRetrying, rows[1].State)
		require.Len(t, []rune(rows[1].Error), 1000)
		require.Len(t, []rune(rows[1].Hint), 500)

		put(func(c *model.CheckStep) { c.AtMS, c.Attempt, c.DurationMS = 5000, 2, 30 })
		put(func(c *model.CheckStep) { c.State, c.Attempt, c.Error = model.CheckFailed, 3, "late" })
		rows, err = s.CheckStepList(ctx, 2)
		require.NoError(t, err)
		require.Equal(t, []string{"code", "exchange"}, []string{rows[0].Step, rows[1].Step}, "the newest two were put in last")
		rows, err = s.CheckStepList(ctx, 10)
		require.NoError(t, err)
		got := rows[1]
		require.NotZero(t, got.UpdateMS)
		got.ID, got.UpdateMS = 0, 0
		require.Equal(t, model.CheckStep{
			PushKey: "p1", Step: "exchange", AppID: "wx1", AtMS: 1000, DurationMS: 30, Attempt: 2, State: model.CheckOK,
		}, got, "it began when it began, and what went well stays so")

		n, err := s.CheckStepPrune(ctx, time.UnixMilli(1001), 1)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		n, err = s.CheckStepPrune(ctx, time.UnixMilli(1001), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		rows, err = s.CheckStepList(ctx, 10)
		require.NoError(t, err)
		require.Len(t, rows, 1)
	})
}
