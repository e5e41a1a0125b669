package dao_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

func addWork(t *testing.T, s *dao.Store, w model.Work, delay time.Duration) int64 {
	t.Helper()
	id, created, err := s.WorkAdd(t.Context(), w, delay)
	require.NoError(t, err)
	require.True(t, created)
	return id
}

func take(t *testing.T, s *dao.Store, lease time.Duration, kinds ...string) []model.Work {
	t.Helper()
	items, err := s.WorkTake(t.Context(), kinds, "me", lease, 100)
	require.NoError(t, err)
	return items
}

func TestWorkLife(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		key := "sync:😀"
		id := addWork(t, s, model.Work{Kind: "sync", UKey: &key, Grp: "g", Payload: "p"}, 0)
		again, created, err := s.WorkAdd(ctx, model.Work{Kind: "sync", UKey: &key}, 0)
		require.NoError(t, err)
		require.False(t, created)
		require.Equal(t, id, again)
		later := addWork(t, s, model.Work{Kind: "sync"}, time.Hour)
		require.Empty(t, take(t, s, time.Hour, "other"))
		require.Empty(t, take(t, s, time.Hour))

		items := take(t, s, time.Hour, "other", "sync")
		require.Len(t, items, 1)
		require.Equal(t, id, items[0].ID)
		require.Equal(t, 1, items[0].Attempt)
		require.Equal(t, "p", items[0].Payload)
		require.Equal(t, key, *items[0].UKey)
		require.Empty(t, take(t, s, time.Hour, "sync"))

		ok, err := s.WorkProgress(ctx, items[0], "half")
		require.NoError(t, err)
		require.True(t, ok)
		ok, err = s.WorkRetry(ctx, items[0], 0, strings.Repeat("错", 2000))
		require.NoError(t, err)
		require.True(t, ok)
		ok, err = s.WorkDone(ctx, items[0])
		require.NoError(t, err)
		require.False(t, ok, "it is no longer held")

		items = take(t, s, time.Hour, "sync")
		require.Len(t, items, 1)
		require.Equal(t, 2, items[0].Attempt)
		require.Equal(t, "half", items[0].Progress)
		ok, err = s.WorkRelease(ctx, items[0])
		require.NoError(t, err)
		require.True(t, ok)
		items = take(t, s, time.Hour, "sync")
		require.Equal(t, 2, items[0].Attempt, "given back as if not taken")
		ok, err = s.WorkDone(ctx, items[0])
		require.NoError(t, err)
		require.True(t, ok)

		found, err := s.WorkFind(ctx, "sync", key)
		require.NoError(t, err)
		require.Equal(t, model.WorkDone, found.State)
		require.Nil(t, found.UKey)
		next := addWork(t, s, model.Work{Kind: "sync", UKey: &key}, 0) // the key is free again
		ok, err = s.WorkCancel(ctx, next)
		require.NoError(t, err)
		require.True(t, ok)
		ok, err = s.WorkCancel(ctx, next)
		require.NoError(t, err)
		require.False(t, ok)
		ok, err = s.WorkRestart(ctx, next)
		require.NoError(t, err)
		require.True(t, ok)
		items = take(t, s, time.Hour, "sync")
		require.Equal(t, next, items[0].ID)
		ok, err = s.WorkDead(ctx, items[0], "no use")
		require.NoError(t, err)
		require.True(t, ok)
		third := addWork(t, s, model.Work{Kind: "sync", UKey: &key}, 0)
		_, err = s.WorkRestart(ctx, next)
		require.ErrorIs(t, err, model.ErrDuplicate)
		_, err = s.WorkGet(ctx, 99999)
		require.ErrorIs(t, err, model.ErrNotFound)
		_, err = s.WorkFind(ctx, "sync", "unknown")
		require.ErrorIs(t, err, model.ErrNotFound)

		counts, err := s.WorkCounts(ctx, model.WorkFilter{Kind: "sync"})
		require.NoError(t, err)
		require.EqualValues(t, 2, counts[model.WorkReady])
		require.EqualValues(t, 1, counts[model.WorkDone])
		require.EqualValues(t, 1, counts[model.WorkDead])
		list, err := s.WorkList(ctx, model.WorkFilter{Kind: "sync", Limit: 2})
		require.NoError(t, err)
		require.EqualValues(t, 4, list.Total)
		require.Equal(t, []int64{third, next}, []int64{list.Rows[0].ID, list.Rows[1].ID})
		list, err = s.WorkList(ctx, model.WorkFilter{Kind: "sync", Limit: 2, Cursor: list.NextCursor})
		require.NoError(t, err)
		require.Equal(t, []int64{later, id}, []int64{list.Rows[0].ID, list.Rows[1].ID})
		require.Empty(t, list.NextCursor)
		list, err = s.WorkList(ctx, model.WorkFilter{Group: "g", State: new(model.WorkDone), Limit: 2})
		require.NoError(t, err)
		require.Len(t, list.Rows, 1)
		_, err = s.WorkList(ctx, model.WorkFilter{Limit: 2})
		require.Error(t, err)

		now, err := s.Now(ctx)
		require.NoError(t, err)
		removed, err := s.WorkPrune(ctx, now.Add(time.Second), 100)
		require.NoError(t, err)
		require.Equal(t, 1, removed, "what was given up stays")
		removed, err = s.WorkDeadPrune(ctx, now.Add(time.Second), 100)
		require.NoError(t, err)
		require.Equal(t, 1, removed)
	})
}

func TestALostLeaseChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		id := addWork(t, s, model.Work{Kind: "k"}, 0)
		begin := clock(t, s)
		first := take(t, s, 2*time.Hour, "k")
		require.Len(t, first, 1)
		requireSet(t, s, begin, 2*time.Hour, first[0].NextMS)
		require.Empty(t, take(t, s, time.Hour, "k"))
		require.NoError(t, d.Write.Exec("UPDATE work SET nextms = "+d.Dialect.NowMS()).Error)
		second := take(t, s, time.Hour, "k")
		require.Len(t, second, 1, "an ended lease makes the item free")
		require.Greater(t, second[0].Fence, first[0].Fence)
		require.Equal(t, 2, second[0].Attempt)

		begin = clock(t, s)
		held, err := s.WorkRenew(ctx, "me", append(first, second...), 3*time.Hour)
		require.NoError(t, err)
		require.Equal(t, []int64{id}, held)
		requireSet(t, s, begin, 3*time.Hour, raw[int64](t, d, "SELECT nextms FROM work"))
		held, err = s.WorkRenew(ctx, "me", first, time.Hour)
		require.NoError(t, err)
		require.Empty(t, held)
		held, err = s.WorkRenew(ctx, "another", second, time.Hour)
		require.NoError(t, err)
		require.Empty(t, held)
		for name, end := range map[string]func() (bool, error){
			"done":     func() (bool, error) { return s.WorkDone(ctx, first[0]) },
			"retry":    func() (bool, error) { return s.WorkRetry(ctx, first[0], 0, "") },
			"dead":     func() (bool, error) { return s.WorkDead(ctx, first[0], "") },
			"release":  func() (bool, error) { return s.WorkRelease(ctx, first[0]) },
			"progress": func() (bool, error) { return s.WorkProgress(ctx, first[0], "") },
		} {
			ok, err := end()
			require.NoError(t, err, name)
			require.False(t, ok, name)
		}
		ok, err := s.WorkCancel(ctx, id)
		require.NoError(t, err)
		require.True(t, ok)
		held, err = s.WorkRenew(ctx, "me", second, time.Hour)
		require.NoError(t, err)
		require.Empty(t, held, "a cancelled item is lost to its holder")
		ok, err = s.WorkDone(ctx, second[0])
		require.NoError(t, err)
		require.False(t, ok)
	})
}

func TestWorkIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		const items = 120
		var batch []model.Push
		for i := range items {
			batch = append(batch, bizPush(i, noon))
		}
		insert(t, s, batch...)
		var taken sync.Map
		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				owner := fmt.Sprint("instance", i%4) // two takers share an owner
				for empty := 0; empty < 3; {
					got, err := s.WorkTake(t.Context(), []string{"handle", "deliver"}, owner, time.Hour, 7)
					if err != nil {
						t.Error(err)
						return
					}
					if len(got) == 0 {
						empty++
					}
					for _, w := range got {
						if _, twice := taken.LoadOrStore(w.ID, true); twice {
							t.Error("taken twice:", w.ID)
						}
						if ok, err := s.WorkDone(t.Context(), w); err != nil || !ok {
							t.Error("not done:", w.ID, err)
						}
					}
				}
			})
		}
		wait.Wait()
		n := 0
		taken.Range(func(any, any) bool { n++; return true })
		require.Equal(t, items, n)
	})
}

func TestWorkOfABusyKeyIsLeftOut(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		key := "deliver:1"
		addWork(t, s, model.Work{Kind: "deliver", UKey: &key}, 0)
		one, two := bizPush(1, noon), bizPush(2, noon)
		other := "deliver:2"
		one.Work = []model.Work{{Kind: "deliver", UKey: &key}, {Kind: "deliver", UKey: &other}}
		two.Work = []model.Work{{Kind: "deliver", UKey: &other}, {Kind: "handle"}}
		require.Equal(t, []bool{false, false}, insert(t, s, one, two))
		require.EqualValues(t, 3, raw[int64](t, d, "SELECT COUNT(*) FROM work"))
	})
}

func TestOldestWorkComesFirst(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		a := addWork(t, s, model.Work{Kind: "a"}, -time.Minute)
		b := addWork(t, s, model.Work{Kind: "b"}, -time.Hour)
		c := addWork(t, s, model.Work{Kind: "a"}, -time.Second)
		for _, want := range []int64{b, a, c} {
			items, err := s.WorkTake(t.Context(), []string{"a", "b"}, "me", time.Hour, 1)
			require.NoError(t, err)
			require.Len(t, items, 1)
			require.Equal(t, want, items[0].ID)
		}
	})
}
