package notify_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/console/notify"
	"wxcomponent/comm/errno"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

var noon = time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)

// watcher is two instances on one database whose clock the test sets and whose work it does itself.
type watcher struct {
	t        *testing.T
	one, two *rig
}

func eachWatcher(t *testing.T, test func(t *testing.T, w *watcher)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		clocked := func(d *notify.Deps) { d.Window = time.Hour }
		w := &watcher{t: t, one: newRigAt(t, d, clocked), two: newRigAt(t, d, clocked)}
		server := newChat(t, taken)
		w.one.channel(server.wecom())
		require.NoError(t, w.two.Live().Refresh(t.Context()))
		test(t, w)
	})
}

func newRigAt(t *testing.T, d *db.DB, change func(*notify.Deps)) *rig {
	t.Helper()
	var r *rig
	r = newRig(t, d, func(deps *notify.Deps) {
		change(deps)
		deps.Now = func() time.Time {
			if r == nil {
				return noon
			}
			return r.clock()
		}
	})
	r.set(noon)
	return r
}

func (w *watcher) at(offset time.Duration) {
	w.one.set(noon.Add(offset))
	w.two.set(noon.Add(offset))
}

// look lets both instances watch, and returns what people are told of since the last time.
func (w *watcher) look() []string {
	w.t.Helper()
	w.one.look()
	w.two.look()
	work, err := w.one.store.WorkTake(w.t.Context(), []string{kindEvent}, "test", time.Minute, 100)
	require.NoError(w.t, err)
	kinds := []string{}
	for _, item := range work {
		_, name, _ := strings.Cut(item.Payload, `"kind":"`)
		name, _, _ = strings.Cut(name, `"`)
		kinds = append(kinds, name)
		_, err := w.one.store.WorkDone(w.t.Context(), item)
		require.NoError(w.t, err)
	}
	return kinds
}

func (w *watcher) ticket(offset time.Duration) {
	w.one.ticketAt(noon.Add(offset))
	w.two.ticketAt(noon.Add(offset))
}

func TestTicketsThatStayAway(t *testing.T) {
	eachWatcher(t, func(t *testing.T, w *watcher) {
		require.Empty(t, w.look(), "there was never one")
		w.ticket(-time.Hour)
		require.Empty(t, w.look(), "it was the service that was away")
		w.at(13 * time.Minute)
		require.Equal(t, []string{"ticket.missing"}, w.look())
		w.at(3 * time.Hour)
		require.Empty(t, w.look(), "people know")
		w.ticket(3 * time.Hour)
		require.Equal(t, []string{"ticket.recovered"}, w.look())
		require.Empty(t, w.look())
		w.at(3*time.Hour + 24*time.Minute)
		require.Empty(t, w.look())
		w.at(3*time.Hour + 26*time.Minute)
		require.Equal(t, []string{"ticket.missing"}, w.look(), "another time")
	})
}

func TestTokensThatAreNotRenewed(t *testing.T) {
	eachWatcher(t, func(t *testing.T, w *watcher) {
		ctx := t.Context()
		w.one.account("wx1", "店")
		failure := errno.New(errno.System, "bad luck")
		renewed := func(r *rig, appid string, err error) { t.Helper(); require.NoError(t, r.TokenRenewed(ctx, appid, err)) }
		renewed(w.one, "wx1", failure)
		w.at(30 * time.Second)
		renewed(w.two, "wx1", failure)
		require.Empty(t, w.look(), "a hiccup")
		w.at(2 * time.Minute)
		renewed(w.one, "wx1", failure)
		renewed(w.two, "wx1", failure)
		renewed(w.one, testAccount, failure)
		require.Equal(t, []string{"token.failing"}, w.look())
		renewed(w.two, "wx1", nil)
		require.Empty(t, w.look(), "it might fail again at once")
		w.at(4 * time.Minute)
		require.Equal(t, []string{"token.recovered"}, w.look())

		renewed(w.one, "", failure)
		w.at(5 * time.Minute)
		renewed(w.one, "", nil)
		w.at(7 * time.Minute)
		require.Empty(t, w.look(), "nobody was told of the failure")

		renewed(w.one, "wx1", failure)
		w.at(9 * time.Minute)
		renewed(w.one, "wx1", failure)
		require.Equal(t, []string{"token.failing"}, w.look())
		_, err := w.one.store.AuthorizerUnauthorize(ctx, "wx1", noon.UnixMilli())
		require.NoError(t, err)
		require.Empty(t, w.look(), "an account that is gone does not recover")
		states, err := w.one.store.NotifyStateList(ctx)
		require.NoError(t, err)
		require.Empty(t, states)
	})
}

func TestTargetsThatFlap(t *testing.T) {
	eachWatcher(t, func(t *testing.T, w *watcher) {
		notice := func(r *rig, kind notify.EventKind) {
			t.Helper()
			require.NoError(t, r.Target(t.Context(), kind, "t1", "订单服务", "why"))
		}
		for range 5 {
			notice(w.one, notify.TargetFailing)
			notice(w.two, notify.TargetFailing)
			notice(w.one, notify.TargetRecovered)
		}
		notice(w.two, notify.TargetFailing)
		require.Equal(t, []string{"target.failing"}, w.look())
		w.at(10 * time.Minute)
		require.Empty(t, w.look())
		notice(w.one, notify.TargetPaused)
		notice(w.two, notify.TargetPaused)
		require.Equal(t, []string{"target.paused"}, w.look())
		w.at(time.Hour)
		notice(w.one, notify.TargetFailing) // somebody resumed it
		notice(w.one, notify.TargetPaused)
		require.Equal(t, []string{"target.paused"}, w.look())
		notice(w.one, notify.TargetRecovered)
		w.at(2 * time.Hour)
		require.Equal(t, []string{"target.recovered"}, w.look())
	})
}

// The instance that saw a target fail may end before it is well again.
func TestTargetThatRecoversUnseen(t *testing.T) {
	eachWatcher(t, func(t *testing.T, w *watcher) {
		require.NoError(t, w.one.Target(t.Context(), notify.TargetFailing, "r1", "规则", ""))
		require.Equal(t, []string{"target.failing"}, w.look())
		_, err := w.one.store.ForwardRecord(t.Context(), []model.Outcome{{
			Attempt: &model.Attempt{Target: "r1", Identity: "x", OK: true, AtMS: noon.Add(time.Minute).UnixMilli()}, State: model.WorkDone,
		}})
		require.NoError(t, err)
		w.at(2 * time.Minute)
		require.Empty(t, w.look())
		w.at(4 * time.Minute)
		require.Equal(t, []string{"target.recovered"}, w.look())
	})
}

func TestTroubleThatNobodyNoticesIsForgotten(t *testing.T) {
	eachWatcher(t, func(t *testing.T, w *watcher) {
		require.NoError(t, w.one.TokenRenewed(t.Context(), "", errors.Join(context.DeadlineExceeded)))
		w.at(31 * 24 * time.Hour)
		require.Empty(t, w.look())
		states, err := w.one.store.NotifyStateList(t.Context())
		require.NoError(t, err)
		require.Empty(t, states)
	})
}
