package forward_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

func TestTimelineAndRedelivery(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := r.receiver(status(http.StatusInternalServerError))
		id := r.target(s)
		r.branch(forward.Conditions{}, forward.Async, false, id)
		p := message(t, "wxacc", "x")
		r.receive(p)
		list := r.awaitDeliveries(own(id), forward.DeadState, 1)
		require.Equal(t, p.Identity(), list[0].Message.Identity)
		require.Equal(t, len(fast()), list[0].Attempts)
		line, err := r.Timeline(t.Context(), event.Biz, 1)
		require.NoError(t, err)
		require.Equal(t, p.Identity(), line.Identity)
		require.Len(t, line.Deliveries, 1)
		require.Len(t, line.Attempts, len(fast()))

		s.turn(nil)
		n, err := r.Redeliver(t.Context(), []int64{list[0].ID})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		r.awaitDeliveries(own(id), forward.Delivered, 1)
		got := r.gets(s, len(fast())+1)
		require.Equal(t, got[0].header.Get("Webhook-Id"), got[len(fast())].header.Get("Webhook-Id"))
		made := r.attempts(own(id))
		require.Equal(t, model.CauseManual, made[len(made)-1].Cause)

		n, err = r.Redeliver(t.Context(), []int64{list[0].ID}) // also what has arrived
		require.NoError(t, err)
		require.Equal(t, 1, n)
		r.gets(s, len(fast())+2)
		n, err = r.Send(t.Context(), event.Biz, []int64{1}, []string{own(id)})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		r.gets(s, len(fast())+3)
		_, err = r.Redeliver(t.Context(), []int64{9999})
		isParam(t, "ids", err)
		_, err = r.Send(t.Context(), event.Biz, []int64{1}, []string{"t99"})
		isParam(t, "targets", err)

		h, err := r.Health(t.Context(), own(id), time.Now().Add(-time.Hour), time.Now().Add(time.Hour), time.Hour)
		require.NoError(t, err)
		require.Zero(t, h.Dead)
	})
}

// awaitDeliveries waits until a target has n deliveries in a state.
func (r *rig) awaitDeliveries(target string, state forward.DeliveryState, n int) (list []forward.Delivery) {
	r.t.Helper()
	waittest.Until(r.t, func() bool {
		var err error
		list, _, err = r.Deliveries(r.t.Context(), forward.DeliveryQuery{Target: target, State: state, Limit: 200})
		require.NoError(r.t, err)
		return len(list) == n
	}, "%d deliveries are %s, but %d", n, state, func() any { return len(list) })
	return list
}

// work runs a queue for the replays.
func (r *rig) work() {
	r.t.Helper()
	q, err := queue.New(r.store, zap.NewNop(), queue.Options{
		Owner: "jobs", Poll: 10 * time.Millisecond, Lease: time.Hour, StoreTimeout: waittest.Limit,
	}, r.QueueKind())
	require.NoError(r.t, err)
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); q.Run(ctx) }()
	r.t.Cleanup(func() { cancel(); <-done })
}

func (r *rig) awaitReplay(id int64) *forward.ReplayJob {
	r.t.Helper()
	var j *forward.ReplayJob
	waittest.Until(r.t, func() bool {
		var err error
		j, err = r.ReplayJob(r.t.Context(), id)
		require.NoError(r.t, err)
		return j.State == "done"
	}, "the replay is done: %+v", func() any { return j })
	return j
}

func TestReplayOfWhatWasGivenUp(t *testing.T) {
	once := func(d *forward.Deps) { d.Schedule = []time.Duration{0} }
	eachWith(t, once, func(t *testing.T, r *rig) {
		s := r.receiver(status(http.StatusInternalServerError))
		id := r.target(s)
		r.branch(forward.Conditions{}, forward.Async, false, id)
		const pushes = 12
		for range pushes {
			r.receive(message(t, "wxacc", "x"))
		}
		r.awaitDeliveries(own(id), forward.DeadState, pushes)
		s.turn(nil)
		r.work()
		job, err := r.StartReplay(t.Context(), forward.Replay{Source: forward.ReplayDead, Target: own(id), Rate: 1000})
		require.NoError(t, err)
		r.awaitDeliveries(own(id), forward.Delivered, pushes)
		j := r.awaitReplay(job)
		require.EqualValues(t, pushes, j.Progress.Sent)
		require.True(t, errno.Is(r.CancelReplay(t.Context(), job), errno.BadState))
		jobs, err := r.ReplayJobs(t.Context(), 5)
		require.NoError(t, err)
		require.Len(t, jobs, 1)
	})
}

func TestReplayOfStoredPushes(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		begin := time.Now().Add(-time.Minute).UnixMilli()
		old, fresh := r.receiver(nil), r.receiver(nil)
		first := r.target(old)
		r.branch(forward.Conditions{Accounts: []string{"wxone"}}, forward.Async, false, first)
		for i := range 5 {
			r.receive(message(t, "wxone", fmt.Sprint(i)))
			r.receive(message(t, "wxtwo", fmt.Sprint(i)))
		}
		r.awaitDeliveries(own(first), forward.Delivered, 5)
		r.work()
		second := r.target(fresh, func(e *forward.TargetEntry) { e.Ordered = true })
		job, err := r.StartReplay(t.Context(), forward.Replay{
			Source: forward.ReplayPushes, Channel: event.Biz, AppID: "wxtwo", Target: own(second), FromMS: begin, Rate: 15, // in two batches
		})
		require.NoError(t, err)
		require.EqualValues(t, 5, r.awaitReplay(job).Progress.Sent)
		for i, got := range r.gets(fresh, 5) {
			require.Contains(t, got.body, fmt.Sprintf("<![CDATA[%d]]>", i))
		}
		job, err = r.StartReplay(t.Context(), forward.Replay{
			Source: forward.ReplayPushes, Channel: event.Biz, Target: own(first), FromMS: begin, Missing: true, Rate: 1000,
		})
		require.NoError(t, err)
		p := r.awaitReplay(job).Progress
		require.EqualValues(t, 5, p.Sent)
		require.EqualValues(t, 5, p.Skipped)
		r.gets(old, 10)
	})
}

func TestReplayCanBeCancelled(t *testing.T) {
	r := single(t, nil)
	s := r.receiver(nil)
	id := r.target(s)
	for range 10 {
		r.receive(message(t, "wxacc", "x"))
	}
	job, err := r.StartReplay(t.Context(), forward.Replay{
		Source: forward.ReplayPushes, Channel: event.Biz, Target: own(id), FromMS: 1, Rate: 1,
	})
	require.NoError(t, err)
	require.NoError(t, r.CancelReplay(t.Context(), job))
	j, err := r.ReplayJob(t.Context(), job)
	require.NoError(t, err)
	require.Equal(t, "cancelled", j.State)
	for field, bad := range map[string]forward.Replay{
		"target":  {Source: forward.ReplayDead, Target: "t99"},
		"source":  {Target: own(id)},
		"channel": {Source: forward.ReplayPushes, Target: own(id), FromMS: 1},
		"from":    {Source: forward.ReplayPushes, Target: own(id), Channel: event.Biz},
		"to":      {Source: forward.ReplayPushes, Target: own(id), Channel: event.Biz, FromMS: 5, ToMS: 4},
		"rate":    {Source: forward.ReplayDead, Target: own(id), Rate: -1},
	} {
		_, err := r.StartReplay(t.Context(), bad)
		isParam(t, field, err)
	}
	_, err = r.ReplayJob(t.Context(), 12345)
	isParam(t, "id", err)
}
