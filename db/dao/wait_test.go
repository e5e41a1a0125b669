package dao_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// TestNobodyWaitsForAHangingServer: the requests themselves have no end here, nor have their callers.
func TestNobodyWaitsForAHangingServer(t *testing.T) {
	t.Parallel()
	server := dbtest.OwnServer(t)
	d := dbtest.Open(t, db.Options{MySQL: server.Login("hanging")})
	store := dao.New(d, nil)
	require.NoError(t, store.KVPut(t.Context(), "k", "v"))
	server.Halt()
	waittest.Until(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		return d.Ping(ctx) != nil
	}, "the server hangs")
	ended := endings(t, store)
	for name, end := range ended {
		err := waittest.Receive(t, end, name)
		require.ErrorIs(t, err, model.ErrUnavailable, name)
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
	}
}

// TestNobodyWaitsForALockedFile: another program keeps the embedded database to itself.
func TestNobodyWaitsForALockedFile(t *testing.T) {
	t.Parallel()
	o := dbtest.EmptySQLite(t)
	d, other := dbtest.Open(t, o), dbtest.Open(t, o)
	store := dao.New(d, nil)
	require.NoError(t, store.KVPut(t.Context(), "k", "v"))
	lock := other.Write.Begin()
	require.NoError(t, lock.Error)
	ended := endings(t, store)
	for name, end := range ended {
		if name == "a read" {
			require.NoError(t, waittest.Receive(t, end, name), "readers need no lock")
			continue
		}
		require.ErrorIs(t, waittest.Receive(t, end, name), model.ErrUnavailable, name)
	}
	require.NoError(t, lock.Rollback().Error)
	require.NoError(t, store.KVPut(t.Context(), "k", "w"), "it goes on when the lock is gone")
}

// endings starts what waits for the database, and returns how each has ended.
func endings(t *testing.T, store *dao.Store) map[string]chan error {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	out := map[string]chan error{}
	for name, call := range map[string]func() error{
		"a read":        func() error { _, err := store.KVGet(ctx, "k"); return err },
		"a write":       func() error { return store.KVPut(ctx, "k", "x") },
		"a transaction": func() error { return store.Tx(ctx, func(tx *dao.Store) error { return tx.KVPut(ctx, "k", "y") }) },
	} {
		end := make(chan error, 1)
		out[name] = end
		go func() { end <- call() }()
	}
	return out
}
