package forward

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
)

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(time.Now, breakerRest)
		for range 4 {
			require.True(t, b.try())
			b.done(false, true)
		}
		state, _ := b.get()
		require.Equal(t, BreakerClosed, state, "too few calls to judge by")
		b.done(false, true)
		state, _ = b.get()
		require.Equal(t, BreakerOpen, state)
		require.False(t, b.try())

		var through atomic.Int32
		for range 10 {
			go func() {
				if b.wait(t.Context()) == nil {
					through.Add(1)
				}
			}()
		}
		waittest.Pass(breakerRest - time.Second)
		require.Zero(t, through.Load())
		waittest.Pass(time.Second)
		require.EqualValues(t, 1, through.Load(), "more than one probe")
		b.done(false, true)
		waittest.Pass(breakerRest)
		require.EqualValues(t, 2, through.Load())
		b.done(false, false) // cut off from here: somebody else tries
		synctest.Wait()
		require.EqualValues(t, 3, through.Load())
		b.done(true, true)
		synctest.Wait()
		require.EqualValues(t, 10, through.Load())
	})
}

func TestBreakerForgetsOldFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(time.Now, breakerRest)
		for range 20 {
			b.done(false, true)
			b.done(true, true)
			b.done(true, true)
		}
		require.True(t, b.try(), "one failure in three")
		waittest.Pass(breakerWindow + time.Second)
		for range 4 {
			b.done(false, true)
		}
		require.True(t, b.try())
	})
}

func TestWaitingForABreakerEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(time.Now, breakerRest)
		for range breakerCalls {
			b.done(false, true)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, b.wait(ctx), context.DeadlineExceeded)
	})
}

func TestTrialThatIsNeverHeardOfAgainDoesNotCloseTheTargetForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(time.Now, breakerRest)
		for range breakerCalls {
			b.done(false, true)
		}
		waittest.Pass(breakerRest)
		require.True(t, b.try())
		require.False(t, b.try())
		waittest.Pass(trialTime + time.Second)
		require.True(t, b.try())
	})
}
