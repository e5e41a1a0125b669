package authorizer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/errno"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestOutageDuringRefreshDoesNotEraseAnything(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.accounts(1)
	w.sync()
	before := w.get("wx0")
	w.clock.pass(time.Hour)
	w.wechat.info = func(string) error { return refuse(-1, "system error") }
	require.Error(t, w.svc.RefreshDetails(t.Context(), "wx0"))
	w.wechat.info = nil
	w.wechat.empty = true // half an answer: {}
	require.NoError(t, w.svc.RefreshDetails(t.Context(), "wx0"))
	after := w.get("wx0")
	before.DetailsMS, before.UpdateTime = after.DetailsMS, after.UpdateTime
	require.Equal(t, before, after)
}

// refresh runs one round of the background refresh.
func (w *world) refresh() {
	w.t.Helper()
	for _, kind := range w.svc.QueueKinds() {
		if kind.Name == authorizer.KindRefresh {
			require.NoError(w.t, kind.Handle(w.t.Context(), nil))
		}
	}
}

func TestRefreshTakesTheOldestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.accounts(25)
		w.sync()
		calls := w.wechat.count("info")
		w.wechat.info = func(appid string) error {
			if appid == "wx0" { // always fails, and must not keep the others from their turn
				return refuse(61003, "not authorized")
			}
			return nil
		}
		w.refresh()
		require.Equal(t, calls, w.wechat.count("info"), "nothing is old yet")
		w.clock.pass(25 * time.Hour)
		for i := range 4 {
			w.refresh()
			require.Equal(t, calls+min(10*(i+1), 25), w.wechat.count("info"))
		}
		require.Equal(t, model.Authorized, w.get("wx0").Status)
	})
}

func TestMissingTicketPutsNoAccountOff(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.accounts(3)
	w.sync()
	w.clock.pass(25 * time.Hour)
	w.wechat.info = func(string) error { return errno.New(errno.NoTicket, "") }
	before, calls := w.get("wx0").DetailsMS, w.wechat.count("info")
	w.refresh()
	require.Equal(t, calls+1, w.wechat.count("info"), "the others would fail as well")
	require.Equal(t, before, w.get("wx0").DetailsMS)
}

func TestChangesAreInTheTimeline(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	account := w.accounts(1)[0]
	w.sync()
	require.NoError(t, w.svc.RefreshDetails(t.Context(), "wx0"))
	w.wechat.change(func() { account.name = "新店" })
	w.clock.pass(time.Minute)
	require.NoError(t, w.svc.RefreshDetails(t.Context(), "wx0"))
	entries, err := w.svc.Timeline(t.Context(), "wx0")
	require.NoError(t, err)
	require.Equal(t, authorizer.HistoryDetails, entries[0].Kind)
	require.Equal(t, map[string]authorizer.Change{"nickName": {From: "店 0", To: "新店"}}, entries[0].Detail.Changes)
	require.Len(t, entries, 2)
}

func TestStateIsBound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.accounts(1)
		w.sync()
		require.NoError(t, w.svc.SetState(t.Context(), "wx0", "tenant-1"))
		require.Equal(t, "tenant-1", w.get("wx0").BindState)
		w.sync()
		require.Equal(t, "tenant-1", w.get("wx0").BindState)
		require.True(t, errno.Is(w.svc.SetState(t.Context(), "wx-none", "x"), errno.BadParam))
	})
}
