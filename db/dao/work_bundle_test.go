package dao_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

const crowd = 20 // pushes in one transaction, more than are worked on at once

// pushesTo are pushes whose work may wait, each with an item of the kinds.
func pushesTo(n int, kinds ...string) []model.Push {
	batch := make([]model.Push, n)
	for i := range batch {
		batch[i] = bizPush(i, noon)
		batch[i].Work = nil
		for _, kind := range kinds {
			batch[i].Work = append(batch[i].Work, model.Work{
				Kind: kind, Grp: batch[i].Identity, Payload: fmt.Sprint("push ", i), MayWait: true,
			})
		}
	}
	return batch
}

func due(t *testing.T, s *dao.Store, kind string) int {
	t.Helper()
	counts, err := s.WorkDue(t.Context(), []string{kind}, 1000)
	require.NoError(t, err)
	return counts[kind]
}

func TestWorkOfManyPushesWaitsInBundles(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		batch := pushesTo(crowd, "deliver:t1", "deliver:t2")
		key := "once"
		batch[0].Work = append(batch[0].Work, model.Work{Kind: "handle", UKey: &key, Payload: "push 0"})
		_, err := s.PushInsert(t.Context(), batch)
		require.NoError(t, err)
		require.Zero(t, due(t, s, "deliver:t1"))
		require.Equal(t, 1, due(t, s, "handle"), "what must not wait does not")

		lists, age, err := s.WorkBundles(t.Context())
		require.NoError(t, err)
		require.Equal(t, [][]string{{"deliver:t1", "deliver:t2"}}, lists)
		require.GreaterOrEqual(t, age, time.Duration(0))
		counts, err := s.ForwardCounts(t.Context(), []string{"deliver:t2"})
		require.NoError(t, err)
		require.Equal(t, int64(crowd), counts.Pending, "they are on their way all the same")
		of, err := s.ForwardOf(t.Context(), batch[3].Identity)
		require.NoError(t, err)
		require.Len(t, of, 2)
		require.Equal(t, "push 3", of[1].Payload)

		_, err = s.PushInsert(t.Context(), pushesTo(3*crowd, "deliver:t1", "deliver:t2")[crowd:])
		require.NoError(t, err)
		n, err := s.WorkUnbundle(t.Context(), lists[0], 5)
		require.NoError(t, err)
		require.Equal(t, crowd, n, "a bundle at least")
		require.Equal(t, crowd, due(t, s, "deliver:t2"))
		items, err := s.WorkTake(t.Context(), []string{"deliver:t1"}, "me", time.Hour, 5)
		require.NoError(t, err)
		require.Len(t, items, 5)
		require.Equal(t, "push 0", items[0].Payload, "the oldest first")
		of, err = s.ForwardOf(t.Context(), batch[0].Identity)
		require.NoError(t, err)
		require.Len(t, of, 2, "each of them once")

		n, err = s.WorkUnbundle(t.Context(), lists[0], 100)
		require.NoError(t, err)
		require.Equal(t, 2*crowd, n)
		require.Equal(t, 3*crowd, due(t, s, "deliver:t2"))
		lists, _, err = s.WorkBundles(t.Context())
		require.NoError(t, err)
		require.Empty(t, lists)
	})
}

// A bundle holds what a server takes in one statement, and every text that a push can have.
func TestBundlesOfLargePushes(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		batch := pushesTo(crowd, "deliver:t1")
		for i := range batch {
			batch[i].Work[0].Payload = strings.Repeat(fmt.Sprint(i, "长😀"), 10_000)
		}
		batch[2].Work[0].Payload = "two\nlines"
		batch[3].Work[0].Payload = ""
		_, err := s.PushInsert(t.Context(), batch)
		require.NoError(t, err)
		for left := crowd - 1; left > 0; {
			n, err := s.WorkUnbundle(t.Context(), []string{"deliver:t1"}, 1)
			require.NoError(t, err)
			require.Positive(t, n)
			require.Less(t, n, crowd-1)
			left -= n
		}
		items, err := s.WorkTake(t.Context(), []string{"deliver:t1"}, "me", time.Hour, 100)
		require.NoError(t, err)
		got := map[string]string{}
		for _, w := range items {
			got[w.Grp] = w.Payload
		}
		for _, p := range batch {
			require.Equal(t, p.Work[0].Payload, got[p.Identity])
		}
		require.Len(t, items, crowd)
	})
}

// Bundles that an older version made, or makes beside this one, are not left behind.
func TestBundlesOfOneOldPushEach(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		for i := range 3 {
			require.NoError(t, d.Write.Exec("INSERT INTO work_bundle (kinds, grp, payload, createms) VALUES (?, ?, ?, 1)",
				",deliver:t1,deliver:t2,", fmt.Sprint("push", i), fmt.Sprint("payload ", i)).Error)
		}
		lists, _, err := s.WorkBundles(t.Context())
		require.NoError(t, err)
		require.Empty(t, lists)
		items, err := s.WorkTake(t.Context(), []string{"deliver:t2"}, "me", time.Hour, 10)
		require.NoError(t, err)
		require.Len(t, items, 3)
		require.Equal(t, "push0", items[0].Grp)
		require.Equal(t, "payload 0", items[0].Payload)
		require.Equal(t, 3, due(t, s, "deliver:t1"))
		_, _, err = s.WorkBundles(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, due(t, s, "deliver:t1"), "once")
	})
}

func TestWorkOfFewPushesDoesNotWait(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		_, err := s.PushInsert(t.Context(), pushesTo(3, "deliver:t1", "deliver:t2"))
		require.NoError(t, err)
		require.Equal(t, 3, due(t, s, "deliver:t2"))
	})
}

func TestAKindIsTakenOutOfBundles(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		_, err := s.PushInsert(t.Context(), append(pushesTo(crowd, "deliver:t1", "deliver:t2"), pushesTo(2*crowd, "deliver:t1")[crowd:]...))
		require.NoError(t, err)
		now, err := s.Now(t.Context())
		require.NoError(t, err)
		n, err := s.WorkBundleDrop(t.Context(), "deliver:t1", now.Add(-time.Hour), 1000)
		require.NoError(t, err)
		require.Zero(t, n, "they are newer")
		for n := int64(1); n == 1; {
			n, err = s.WorkBundleDrop(t.Context(), "deliver:t1", now.Add(time.Hour), 1)
			require.NoError(t, err)
		}
		lists, _, err := s.WorkBundles(t.Context())
		require.NoError(t, err)
		require.Equal(t, [][]string{{"deliver:t2"}}, lists)
		_, err = s.WorkUnbundle(t.Context(), lists[0], 100)
		require.NoError(t, err)
		require.Equal(t, crowd, due(t, s, "deliver:t2"))
		require.Zero(t, due(t, s, "deliver:t1"))
	})
}

// Two instances that put the same bundles in at the same time must not put any in twice.
func TestBundlesArePutInOnce(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		_, err := s.PushInsert(t.Context(), pushesTo(10*crowd, "deliver:t1"))
		require.NoError(t, err)
		const instances = 4
		done := make(chan error, instances)
		for range instances {
			go func() {
				for {
					lists, _, err := s.WorkBundles(t.Context())
					if err != nil || len(lists) == 0 {
						done <- err
						return
					}
					if _, err := s.WorkUnbundle(t.Context(), lists[0], 30); err != nil {
						done <- err
						return
					}
				}
			}()
		}
		for range instances {
			require.NoError(t, waittest.Receive(t, done, "an instance has put them in"))
		}
		require.Equal(t, 10*crowd, due(t, s, "deliver:t1"))
	})
}
