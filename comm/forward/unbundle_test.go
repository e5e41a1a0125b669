package forward_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/forward"
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
		const n = 250
		a, b := newReceiver(t, nil), newReceiver(t, nil)
		one, two := r.target(a), r.target(b, func(e *forward.TargetEntry) { e.Concurrency = 4 })
		r.branch(forward.Conditions{}, forward.Async, false, one, two)
		r.crowd(n)
		a.gets(t, n)
		b.gets(t, n)
		require.Eventually(t, func() bool { return r.pending(one)+r.pending(two) == 0 }, 10*time.Second, 10*time.Millisecond)
	})
}

func TestDeliveriesOfACrowdAreKeptForAPausedTarget(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		const n = 40
		server := newReceiver(t, nil)
		id := r.target(server)
		r.branch(forward.Conditions{}, forward.Async, false, id)
		require.NoError(t, r.PauseTarget(t.Context(), id, true, "test"))
		r.crowd(n)
		// Counted in two looks, which a bundle that is put in may pass between.
		require.Eventually(t, func() bool { return r.pending(id) == n }, 10*time.Second, 10*time.Millisecond)
		require.NoError(t, r.PauseTarget(t.Context(), id, false, ""))
		server.gets(t, n)
	})
}

func TestDeliveriesOfACrowdEndWithTheirTarget(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		gone, other := r.target(newReceiver(t, nil)), newReceiver(t, nil)
		r.branch(forward.Conditions{}, forward.Async, false, gone, r.target(other))
		r.stop() // nobody puts anything in
		r.crowd(40)
		require.Equal(t, int64(40), r.pending(gone))
		branches, err := r.Branches(t.Context())
		require.NoError(t, err)
		require.NoError(t, r.DeleteBranch(t.Context(), branches[0].ID))
		require.NoError(t, r.DeleteTarget(t.Context(), gone))
		require.Eventually(t, func() bool { return r.pending(gone) == 0 }, 10*time.Second, 10*time.Millisecond)
	})
}

// A lane has more deliveries in hand than it may make at a time: the others are given back.
func TestAStopGivesBackWhatWasNotCalled(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		const n = 60 // in one bundle
		server := newReceiver(t, hang(t))
		id := r.target(server, func(e *forward.TargetEntry) { e.Concurrency, e.TimeoutMS = 2, 500 })
		r.branch(forward.Conditions{}, forward.Async, false, id)
		r.crowd(n)
		server.gets(t, 2)
		r.stop()
		counts, err := r.store.WorkCounts(t.Context(), model.WorkFilter{Kind: "deliver:" + own(id)})
		require.NoError(t, err)
		require.Zero(t, counts[model.WorkLeased])
		require.Equal(t, int64(n), counts[model.WorkReady])
		list, err := r.store.WorkList(t.Context(), model.WorkFilter{Kind: "deliver:" + own(id), Limit: n})
		require.NoError(t, err)
		tried := 0
		for _, w := range list.Rows {
			tried += w.Attempt
		}
		require.LessOrEqual(t, tried, len(server.all()), "no other has lost an attempt")
	})
}
