package forward_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/db/model"
)

func TestTargetsAndRulesDoNotGrowWithoutBound(t *testing.T) {
	r := single(t, nil)
	for i := range forward.MaxTargets {
		require.NoError(t, r.db.Write.WithContext(t.Context()).Create(&model.ForwardTarget{Name: fmt.Sprint("t", i), Port: 1, Path: "/"}).Error)
	}
	_, _, err := r.AddTarget(t.Context(), forward.TargetEntry{Name: "one more", Port: 1, Path: "/"})
	require.True(t, errno.Is(err, errno.BadParam), err)
	require.ErrorContains(t, err, "no more than 200")

	rules := make([]model.Rule, forward.MaxRules)
	branches := make([]model.ForwardRule, forward.MaxRules)
	for i := range rules {
		rules[i] = model.Rule{Name: strconv.Itoa(i), MsgType: "event", Event: fmt.Sprint("e", i), Type: model.RuleHTTP, Info: "{}"}
		branches[i] = model.ForwardRule{Name: strconv.Itoa(i), Conditions: "{}"}
	}
	w := r.db.Write.WithContext(t.Context())
	require.NoError(t, w.CreateInBatches(&rules, 100).Error)
	require.NoError(t, w.CreateInBatches(&branches, 100).Error)
	_, err = r.AddRule(t.Context(), forward.RuleEntry{Name: "one more", Pattern: texts(), Data: forward.RuleData{Port: 1, Path: "/"}})
	require.True(t, errno.Is(err, errno.BadParam), err)
	require.ErrorContains(t, err, "no more than 500")
	targets, err := r.Targets(t.Context())
	require.NoError(t, err)
	_, err = r.AddBranch(t.Context(), forward.BranchEntry{Name: "one more", Targets: []int64{targets[0].ID}})
	require.True(t, errno.Is(err, errno.BadParam), err)
	require.ErrorContains(t, err, "no more than 500")
}

func TestHealthOfAllIsThatOfEach(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		now := time.Now().Truncate(time.Minute)
		require.NoError(t, r.store.ForwardStatAdd(t.Context(), []model.ForwardStat{
			{Target: "a", BucketMS: now.UnixMilli(), Delivered: 2, MaxMS: 9},
			{Target: "b", BucketMS: now.UnixMilli(), Failed: 1},
			{Target: "b", BucketMS: now.Add(-time.Hour).UnixMilli(), Delivered: 4},
			{Target: "gone", BucketMS: now.UnixMilli(), Failed: 7},
		}))
		keys := []string{"a", "b", "c"}
		from, to := now.Add(-24*time.Hour), now.Add(time.Minute)
		all, err := r.HealthOfAll(t.Context(), keys, from, to, time.Hour)
		require.NoError(t, err)
		require.Len(t, all, len(keys))
		for _, key := range keys {
			one, err := r.Health(t.Context(), key, from, to, time.Hour)
			require.NoError(t, err)
			require.Equal(t, len(one.Stats), len(all[key].Stats), key)
			for i := range one.Stats {
				require.Equal(t, one.Stats[i], all[key].Stats[i])
			}
		}
	})
}
