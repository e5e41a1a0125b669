package authorizer_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func (w *world) accounts(n int) []*fakeAccount {
	var all []*fakeAccount
	for i := range n {
		all = append(all, w.wechat.add(fakeAccount{
			appid: fmt.Sprintf("wx%d", i), name: fmt.Sprintf("店 %d", i), refreshToken: fmt.Sprintf("R%d", i),
			funcs: []int{1, 18}, mini: i%2 == 0, authTime: 1_700_000_000,
		}))
	}
	return all
}

func (w *world) authorizedIDs() []string {
	w.t.Helper()
	states, err := w.store.AuthorizerStates(w.t.Context())
	require.NoError(w.t, err)
	var ids []string
	for _, s := range states {
		if s.Status == model.Authorized {
			ids = append(ids, s.AppID)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestSyncingTwiceDoesNotRemoveAccounts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.accounts(5)
		for range 2 {
			job := w.sync()
			require.Equal(t, authorizer.SyncDone, job.State)
			require.Equal(t, 5, job.Progress.Total)
			require.Equal(t, 5, job.Progress.Done)
			require.Zero(t, job.Progress.Failed)
			require.Zero(t, job.Progress.Vanished)
			require.Len(t, w.authorizedIDs(), 5)
		}
		row := w.get("wx2")
		require.Equal(t, "店 2", row.NickName)
		require.Equal(t, "R2", row.RefreshToken)
		require.Equal(t, "|1|18|", row.FuncInfo)
		require.EqualValues(t, 1_700_000_000, row.AuthTime.Unix())
		require.Equal(t, []string{"synced"}, w.kinds("wx2"))
	})
}

func TestSyncDoesNotDependOnTimeZones(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.accounts(3)
		for _, hours := range []int{8, -8} {
			w.clock.at = w.clock.at.In(time.FixedZone("there", hours*3600))
			w.sync()
			require.Len(t, w.authorizedIDs(), 3)
			require.EqualValues(t, 1_700_000_000, w.get("wx1").AuthTime.Unix())
		}
	})
}

func TestSyncDoesNotBlankWhatItCannotFetch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		accounts := w.accounts(3)
		w.sync()
		before := w.get("wx1")
		w.wechat.add(fakeAccount{appid: "wxnew", refreshToken: "RN", authTime: 1_700_000_001})
		w.wechat.change(func() { accounts[1].refreshToken = "" }) // as the list shows a code that was never exchanged
		w.wechat.info = func(appid string) error {
			if appid == "wx1" || appid == "wxnew" {
				return refuse(45009, "reach max api daily quota limit rid: 5")
			}
			return nil
		}
		job := w.sync()
		require.Equal(t, authorizer.SyncDone, job.State)
		require.Equal(t, 2, job.Progress.Failed)
		require.Len(t, job.Progress.Errors, 2)
		require.Equal(t, 45009, job.Progress.Errors[0].ErrCode)
		require.Contains(t, job.Progress.Errors[0].Message, "daily quota")

		after := w.get("wx1")
		before.DetailsMS, before.UpdateTime = after.DetailsMS, after.UpdateTime
		require.Equal(t, before, after)
		fresh := w.get("wxnew")
		require.Equal(t, model.Authorized, fresh.Status, "an account without details is an account")
		require.Equal(t, "RN", fresh.RefreshToken)
	})
}

func TestUsedUpQuotaIsNotAskedForEachAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.SQLite(t))
	w.accounts(60)
	w.wechat.info = func(string) error { return refuse(45009, "quota") }
	job := w.sync()
	require.Equal(t, 60, job.Progress.Failed)
	require.Less(t, w.wechat.count("info"), 20+8, "twenty refusals and the calls under way at the last of them")
	require.Len(t, w.authorizedIDs(), 60)
	require.LessOrEqual(t, len(job.Progress.Errors), 40)
}

func TestSlowAnswerDoesNotUndoANewAuthorization(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]func(w *world){
		"refresh": func(w *world) { require.NoError(w.t, w.svc.RefreshDetails(w.t.Context(), "wx0")) },
		"sync":    func(w *world) { w.sync() },
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := newWorld(t, d)
				account := w.accounts(1)[0]
				w.authorized(w.event("wx0", "code1", 100))
				w.wechat.duringDetails(func() { // the answer was made with R0 and the old sets
					w.wechat.change(func() { account.refreshToken, account.funcs = "R-NEW", []int{1, 2, 3} })
					w.authorized(w.event("wx0", "code2", 200))
				})
				slow(w)
				row := w.get("wx0")
				require.Equal(t, "R-NEW", row.RefreshToken)
				require.Equal(t, "|1|2|3|", row.FuncInfo)
				require.Equal(t, "access-R-NEW", w.tokens.get("wx0"))
			})
		})
	}
}

func TestVanishedAccountGoesToHistory(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		accounts := w.accounts(4)
		w.sync()
		w.tokens.tokens["wx3"] = "access"
		w.wechat.change(func() { accounts[3].unlisted = true })
		job := w.sync()
		require.Equal(t, 1, job.Progress.Vanished)
		require.Equal(t, []string{"wx0", "wx1", "wx2"}, w.authorizedIDs())
		require.Equal(t, []string{"synced", "vanished"}, w.kinds("wx3"))
		require.Empty(t, w.tokens.get("wx3"))
		require.Equal(t, "店 3", w.get("wx3").NickName)

		w.wechat.change(func() { accounts[3].unlisted, accounts[3].refreshToken = false, "R3b" })
		require.Equal(t, 1, w.sync().Progress.Added)
		require.Equal(t, "R3b", w.get("wx3").RefreshToken)
	})
}

func TestAccountAuthorizedDuringTheSyncDoesNotVanish(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		accounts := w.accounts(3)
		w.sync()
		require.NoError(t, w.svc.Unauthorized(t.Context(), "wx2", w.at(50)))
		w.authorized(w.event("wx1", "code1", 60))
		w.wechat.change(func() { accounts[1].unlisted, accounts[2].unlisted = true, true })
		w.wechat.duringDetails(func() { // after the list was read
			w.wechat.change(func() { accounts[1].unlisted, accounts[2].unlisted = false, false })
			w.authorized(w.event("wx1", "code2", 100))
			w.authorized(w.event("wx2", "code3", 100))
			w.wechat.change(func() { accounts[1].unlisted, accounts[2].unlisted = true, true })
		})
		job := w.sync()
		require.Zero(t, job.Progress.Vanished)
		require.Equal(t, []string{"wx0", "wx1", "wx2"}, w.authorizedIDs())
	})
}

func TestSyncDoesNotReviveWhatEndedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.SQLite(t))
	w.accounts(1)
	w.wechat.duringDetails(func() {
		require.NoError(t, w.svc.Unauthorized(t.Context(), "wx0", w.at(100)))
	})
	w.sync()
	require.Empty(t, w.authorizedIDs())
	require.Empty(t, w.get("wx0").RefreshToken)
}

func TestIncompleteListRemovesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.SQLite(t))
	w.accounts(10)
	w.sync()
	w.wechat.pageSize = 3
	w.wechat.overstate = 2 // WeChat says that there are more than it lists
	job := w.sync()
	require.Equal(t, authorizer.SyncDone, job.State)
	require.True(t, w.wechat.count("list") > 0)
	require.Len(t, w.authorizedIDs(), 10)

	w.wechat.hide("wx9")
	job = w.sync()
	require.True(t, job.Progress.Incomplete)
	require.Len(t, w.authorizedIDs(), 10)
}

func TestAccountMissedBetweenPagesDoesNotVanish(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.SQLite(t))
	w.accounts(7)
	w.sync()
	w.wechat.pageSize = 3
	w.wechat.list = func(offset int) error {
		if offset == 3 { // one of the first page is gone: the others move up, and wx3 is missed; one comes in at the end
			w.wechat.list = nil
			w.wechat.hide("wx0")
			w.wechat.add(fakeAccount{appid: "wx-late", name: "新", refreshToken: "R", authTime: 1_700_000_009})
		}
		return nil
	}
	require.Zero(t, w.sync().Progress.Vanished, "wx0 was still there when its page was read, and wx3 is there")
	require.Len(t, w.authorizedIDs(), 8)
	require.Equal(t, 1, w.sync().Progress.Vanished)
	require.Equal(t, []string{"wx-late", "wx1", "wx2", "wx3", "wx4", "wx5", "wx6"}, w.authorizedIDs())
}

func TestFailedSyncIsNotSilent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.SQLite(t))
	w.accounts(2)
	w.sync()
	attempts, second, goOn := 0, make(chan struct{}), make(chan struct{})
	w.wechat.list = func(int) error {
		if attempts++; attempts == 2 {
			close(second)
			<-goOn
		}
		return refuse(61004, "access clientip is not registered requestIP: 1.2.3.4 rid: 9")
	}
	w.work(authorizer.KindSync)
	id := w.startSync()
	waittest.Receive(t, second, "the second attempt")
	job := w.job(id)
	close(goOn)
	require.Equal(t, authorizer.SyncRunning, job.State)
	require.Len(t, job.Progress.Errors, 1, "it is told at once, not only when the sync is given up")
	require.Equal(t, 61004, job.Progress.Errors[0].ErrCode)

	job = w.await(id)
	require.Equal(t, authorizer.SyncFailed, job.State)
	require.Len(t, job.Progress.Errors, 1)
	require.Len(t, w.authorizedIDs(), 2)
	latest, ok, err := w.svc.SyncLatest(t.Context())
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, id, latest.ID)
}

func TestTwoSyncsDoNotRunAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, ok, err := w.svc.SyncLatest(t.Context())
		require.NoError(t, err)
		require.False(t, ok)
		first, err := w.svc.StartSync(t.Context())
		require.NoError(t, err)
		second, err := w.svc.StartSync(t.Context())
		require.NoError(t, err)
		require.Equal(t, first, second)
		w.work(authorizer.KindSync)
		w.await(first)
		third, err := w.svc.StartSync(t.Context())
		require.NoError(t, err)
		require.NotEqual(t, first, third)
	})
}

// TestCancelledSyncStops: its calls are never answered, so that only the end of the sync can end them.
func TestCancelledSyncStops(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel() // a handler learns within a second that its work is cancelled
		w := newWorld(t, d)
		w.accounts(60)
		held := w.wechat.hold(10)
		run := w.work(authorizer.KindSync)
		id := w.startSync()
		for range concurrency {
			waittest.Receive(t, held, "calls under way")
		}
		require.NoError(t, w.svc.CancelSync(t.Context(), id))
		require.Equal(t, authorizer.SyncCancelled, w.job(id).State)
		require.True(t, errno.Is(w.svc.CancelSync(t.Context(), id), errno.BadState))
		require.ErrorIs(t, waittest.Receive(t, run.ended, "the end of the attempt"), queue.ErrCancelled)
		require.Equal(t, 10+concurrency, w.wechat.count("info"))
		require.Equal(t, authorizer.SyncCancelled, w.job(id).State)
		require.True(t, errno.Is(w.svc.CancelSync(t.Context(), 12345), errno.BadParam))
	})
}

func TestSyncGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.accounts(60)
		held := w.wechat.hold(24)
		first := w.workWithGrace(time.Millisecond, authorizer.KindSync)
		id := w.startSync()
		for range concurrency {
			waittest.Receive(t, held, "calls under way")
		}
		waittest.Until(t, func() bool { return len(w.authorizedIDs()) == 24 }, "what was fetched to be stored")
		first.stop()
		require.Equal(t, 24+concurrency, w.wechat.count("info"))

		w.wechat.release()
		w.work(authorizer.KindSync)
		job := w.await(id)
		require.Equal(t, authorizer.SyncDone, job.State)
		require.Equal(t, 60, job.Progress.Done)
		require.Equal(t, 60+concurrency, w.wechat.count("info"), "what was fetched is not fetched again")
		require.Len(t, w.authorizedIDs(), 60)
	})
}

func TestDatabaseErrorsAreNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.SQLite(t))
	core, logs := observer.New(zap.WarnLevel)
	w.svc = w.service(zap.New(core))
	w.accounts(1)
	w.txFail = errors.New("INSERT INTO authorizers: disk full")
	job := w.sync()
	require.Len(t, job.Progress.Errors, 1)
	require.False(t, strings.Contains(job.Progress.Errors[0].Message, "INSERT"))
	require.NotZero(t, logs.FilterMessage("sync of accounts").Len())
}

// TestSyncLeavesTestAccountsAlone: whether WeChat lists them or not, they are neither counted nor
// taken out of service.
func TestSyncLeavesTestAccountsAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.accounts(3)
		test := authorizer.TestAccounts()
		for i, account := range test[:3] {
			w.wechat.add(fakeAccount{appid: account.AppID, refreshToken: fmt.Sprint("T", i), authTime: 1_700_000_000})
		}
		w.authorized(w.event(test[0].AppID, "code1", 100))
		w.authorized(w.event(test[1].AppID, "code2", 100))
		w.wechat.hide(test[0].AppID)
		w.wechat.info = func(appid string) error {
			if authorizer.IsTestAccount(appid) {
				return refuse(61003, "not authorized")
			}
			return nil
		}
		job := w.sync()
		require.Equal(t, authorizer.SyncDone, job.State)
		require.Equal(t, [4]int{3, 3, 3, 0}, [4]int{job.Progress.Total, job.Progress.Done, job.Progress.Added, job.Progress.Failed})
		require.Zero(t, job.Progress.Vanished)
		require.Empty(t, job.Progress.Errors)
		require.ElementsMatch(t, []string{"wx0", "wx1", "wx2", test[0].AppID, test[1].AppID}, w.authorizedIDs())
		require.Equal(t, []string{"authorized"}, w.kinds(test[0].AppID))

		calls := w.wechat.count("info")
		w.clock.pass(25 * time.Hour)
		w.refresh()
		require.Equal(t, calls+3, w.wechat.count("info"), "and their details are not refreshed")
	})
}
