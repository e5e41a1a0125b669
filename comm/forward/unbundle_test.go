package forward_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/waittest"
	"wxcomponent/db/model"
)

// crowd stores many pushes in one transaction, as ingest does when they come in faster than they can
// be stored one by one.
func (r *rig) crowd(n int) {
	r.t.Helper()
	batch := make([]model.Push, n)
	for i := range batch {
		p := message(r.t, "wxacc", fmt.Sprint("message ", i))
		batch[i] = model.Push{
			Channel: model.ChannelBiz, Identity: p.Identity(), ReceiveTime: p.ReceivedAt, CreateTime: p.CreatedAt,
			AppID: p.AppID, MsgType: p.MsgType, Body: p.Body, Work: r.Plan(p),
		}
	}
	_, err := r.store.PushInsert(r.t.Context(), batch)
	require.NoError(r.t, err)
	r.Nudge()
}

// pending is how many deliveries wait for a target.
func (r *rig) pending(target int64) int64 {
	r.t.Helper()
	h, err := r.Health(r.t.Context(), own(target), time.Now(), time.Now(), time.Minute)
	require.NoError(r.t, err)
	return h.Pending
}

func TestACrowdOfPushesReachesEveryTargetOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		const n = 210 // more than are put in at a time
		a, b := r.receiver(nil), r.receiver(nil)
		one, two := r.target(a), r.target(b, func(e *forward.TargetEntry) { e.Concurrency = 4 })
		r.branch(forward.Conditions{}, forward.Async, false, one, two)
		r.crowd(n)
		r.gets(a, n)
		r.gets(b, n)
		require.Zero(t, r.pending(one)+r.pending(two))
	})
}

func TestDeliveriesOfACrowdAreKeptForAPausedTarget(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		const n = 40
		server := r.receiver(nil)
		id := r.target(server)
		r.branch(forward.Conditions{}, forward.Async, false, id)
		require.NoError(t, r.PauseTarget(t.Context(), id, true, "test"))
		r.crowd(n)
		// Counted in two looks, which a bundle that is put in may pass between.
		waittest.Until(t, func() bool { return r.pending(id) == n }, "all wait")
		require.NoError(t, r.PauseTarget(t.Context(), id, false, ""))
		r.gets(server, n)
	})
}

func TestDeliveriesOfACrowdEndWithTheirTarget(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		gone, other := r.target(r.receiver(nil)), r.receiver(nil)
		r.branch(forward.Conditions{}, forward.Async, false, gone, r.target(other))
		r.stop() // nobody puts anything in
		r.crowd(40)
		require.Equal(t, int64(40), r.pending(gone))
		branches, err := r.Branches(t.Context())
		require.NoError(t, err)
		require.NoError(t, r.DeleteBranch(t.Context(), branches[0].ID))
		require.NoError(t, r.DeleteTarget(t.Context(), gone))
		waittest.Until(t, func() bool { return r.pending(gone) == 0 }, "none waits")
	})
}

// A lane has more deliveries in hand than it may make at a time: the others are given back.
func TestAStopGivesBackWhatWasNotCalled(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		const n = 60 // in one bundle
		held := make(chan struct{})
		server := r.receiver(r.until(held, status(http.StatusInternalServerError)))
		id := r.target(server, func(e *forward.TargetEntry) { e.Concurrency = 2 })
		r.branch(forward.Conditions{}, forward.Async, false, id)
		r.crowd(n)
		server.calls(t, 2)
		r.cancel()
		close(held)
		r.stop()
		counts, err := r.store.WorkCounts(t.Context(), model.WorkFilter{Kind: "deliver:" + own(id)})
		require.NoError(t, err)
		require.Zero(t, counts[model.WorkLeased])
		require.Equal(t, int64(n), counts[model.WorkReady])
		tried := 0
		for _, w := range r.rows(own(id)) {
			tried += w.Attempt
		}
		require.Len(t, r.attempts(own(id)), tried, "no other has lost an attempt")
		require.LessOrEqual(t, tried, server.count())
	})
}
