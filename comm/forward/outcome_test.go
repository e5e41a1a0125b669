package forward_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

func TestOutcomes(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		bad, good := r.receiver(status(http.StatusInternalServerError)), r.receiver(nil)
		broken, well := r.target(bad), r.target(good)
		r.branch(forward.Conditions{}, forward.Async, false, broken, well)
		p, q := message(t, "wxacc", "x"), occurrence(t, event.Component, "<InfoType>authorized</InfoType><AuthorizerAppid>wxacc</AuthorizerAppid>")
		r.receive(p)
		r.receive(q)
		r.awaitDeliveries(own(broken), forward.DeadState, 2)
		r.awaitDeliveries(own(well), forward.Delivered, 2)
		ctx := t.Context()

		dead, next, err := r.Outcomes(ctx, forward.OutcomeQuery{Outcome: forward.DeadState, Limit: 1})
		require.NoError(t, err)
		require.Equal(t, q.Identity(), dead[0].Message.Identity)
		dead, next, err = r.Outcomes(ctx, forward.OutcomeQuery{Outcome: forward.DeadState, Limit: 1, Cursor: next})
		require.NoError(t, err)
		require.Equal(t, p.Identity(), dead[0].Message.Identity)
		require.Empty(t, next)
		calls, cursor := 0, ""
		for {
			failed, next, err := r.Outcomes(ctx, forward.OutcomeQuery{Outcome: forward.Failed, Limit: 3, Cursor: cursor})
			require.NoError(t, err)
			if calls += len(failed); next == "" {
				break
			}
			cursor = next
		}
		require.Equal(t, 2*len(fast()), calls)
		none, _, err := r.Outcomes(ctx, forward.OutcomeQuery{Outcome: forward.Failed, Target: own(well), Limit: 9})
		require.NoError(t, err)
		require.Empty(t, none)
		_, _, err = r.Outcomes(ctx, forward.OutcomeQuery{Outcome: forward.Failed, Limit: 3, Cursor: "!"})
		require.ErrorIs(t, err, model.ErrBadCursor)
		_, _, err = r.Outcomes(ctx, forward.OutcomeQuery{Outcome: "x", Limit: 3})
		isParam(t, "state", err)

		states, err := r.States(ctx, []string{p.Identity(), "none"})
		require.NoError(t, err)
		require.Len(t, states, 1)
		require.EqualValues(t, 1, states[p.Identity()].Dead)
		require.EqualValues(t, 1, states[p.Identity()].Delivered)
		require.EqualValues(t, len(fast()), states[p.Identity()].Failed)
		found, err := r.Messages(ctx, []string{p.Identity()})
		require.NoError(t, err)
		require.Equal(t, p.Body, found[p.Identity()].Body)

		list, err := r.Destinations(ctx)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, forward.Destination{Key: own(broken), Name: list[0].Name, InForce: true, Dead: 2}, list[0])
		b, err := r.Backlog(ctx)
		require.NoError(t, err)
		require.Equal(t, &forward.Backlog{Dead: 2}, b)

		begin := time.Now().Add(-time.Hour).UnixMilli()
		n, capped, err := r.PreviewReplay(ctx, forward.Replay{Source: forward.ReplayDead, Target: own(broken)})
		require.NoError(t, err)
		require.False(t, capped)
		require.EqualValues(t, 2, n)
		n, _, err = r.PreviewReplay(ctx, forward.Replay{Source: forward.ReplayPushes, Target: own(well), Channel: event.Biz, AppID: "wxacc", FromMS: begin})
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		_, _, err = r.PreviewReplay(ctx, forward.Replay{Source: forward.ReplayPushes, Target: "t99"})
		isParam(t, "target", err)
		id, err := r.StartReplay(ctx, forward.Replay{Source: forward.ReplayDead, Target: own(broken)})
		require.NoError(t, err)
		job, err := r.ReplayJob(ctx, id)
		require.NoError(t, err)
		require.EqualValues(t, 2, job.Replay.Total)
	})
}

func TestAPushAsTargetsGetIt(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		p := message(t, "wxacc", "<b>")
		r.receive(p)
		got, err := r.Render(t.Context(), event.Biz, 1)
		require.NoError(t, err)
		require.Equal(t, p.Identity(), got.Push.Identity())
		require.Contains(t, got.JSON, `"Content":"<b>"`)
		require.Equal(t, p.Identity(), got.Headers.Get("Webhook-Id"))
		require.Equal(t, "wxacc", got.Headers.Get("X-Wxcomponent-Appid"))
		require.Contains(t, got.Headers.Get("Content-Type"), "xml")
		_, err = r.Render(t.Context(), event.Biz, 99)
		isParam(t, "id", err)
	})
}
