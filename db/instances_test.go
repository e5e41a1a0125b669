package db_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestInstancesMigrateAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("new mysql", func(t *testing.T) {
		migrateAtOnce(t, db.Options{MySQL: dbtest.EmptyMySQL(t)})
	})
	t.Run("template", func(t *testing.T) {
		migrateAtOnce(t, db.Options{MySQL: templateDatabase(t, false)})
	})
	t.Run("sqlite", func(t *testing.T) {
		migrateAtOnce(t, beside(dbtest.EmptySQLite(t), "x y%20#?/test.db"))
	})
}

// beside is another file in the same folder.
func beside(o db.Options, path string) db.Options {
	o.SQLitePath = filepath.Join(filepath.Dir(o.SQLitePath), path)
	return o
}

func migrateAtOnce(t *testing.T, o db.Options) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*waittest.Limit) // for all of them
	defer cancel()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			d, err := db.Open(ctx, o)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = d.Close() }()
			db.Patient(d)
			if err := db.Migrate(ctx, d); err != nil {
				t.Error(err)
			}
			if err := db.MigrateOnline(ctx, d); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	requireSameSchema(t, o)
}

// requireSameSchema checks that a fresh database has what the migrations make.
func requireSameSchema(t *testing.T, o db.Options) {
	t.Helper()
	d := dbtest.Open(t, o)
	s := dao.New(d, plain{}).WithPatience(waittest.Limit)
	n, err := s.RevisionGet(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = s.AuthorizerStates(t.Context())
	require.NoError(t, err)
}

func TestInstancesShareOneDatabase(t *testing.T) {
	t.Parallel()
	t.Run("mysql", func(t *testing.T) { shareDatabase(t, db.Options{MySQL: dbtest.EmptyMySQL(t)}) })
	t.Run("sqlite", func(t *testing.T) { shareDatabase(t, dbtest.EmptySQLite(t)) })
}

func shareDatabase(t *testing.T, o db.Options) {
	t.Helper()
	const pushes, instances = 30, 4
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var stored, taken atomic.Int32
	var wait sync.WaitGroup
	for i := range instances {
		s := dao.New(dbtest.Open(t, o), plain{}).WithPatience(waittest.Limit)
		wait.Go(func() {
			for n := range pushes {
				dup, err := s.PushInsert(t.Context(), []model.Push{{
					Channel: model.ChannelBiz, Identity: fmt.Sprint(n), ReceiveTime: at, Body: "x", Work: []model.Work{{Kind: "handle"}},
				}})
				if err != nil {
					t.Error(err)
					return
				}
				if !dup[0] {
					stored.Add(1)
				}
				items, err := s.WorkTake(t.Context(), []string{"handle"}, fmt.Sprint(i), time.Hour, 3)
				if err != nil {
					t.Error(err)
					return
				}
				taken.Add(int32(len(items)))
			}
		})
	}
	wait.Wait()
	require.EqualValues(t, pushes, stored.Load())
	require.LessOrEqual(t, taken.Load(), int32(pushes))
	s := dao.New(dbtest.Open(t, o), plain{}).WithPatience(waittest.Limit)
	rest, err := s.WorkTake(t.Context(), []string{"handle"}, "last", time.Hour, 2*pushes)
	require.NoError(t, err)
	require.EqualValues(t, pushes, int(taken.Load())+len(rest))
	list, err := s.BizRecordList(t.Context(), model.BizRecordFilter{From: at, To: at, Limit: 1})
	require.NoError(t, err)
	require.EqualValues(t, pushes, list.Total)
	require.Equal(t, at, list.Rows[0].ReceiveTime)
	const apart = 10 * time.Second // the clocks of two machines
	before := time.Now()
	now, err := s.Now(t.Context())
	require.NoError(t, err)
	require.True(t, now.After(before.Add(-apart)) && now.Before(time.Now().Add(apart)), "%s, not %s", now, before)
}
