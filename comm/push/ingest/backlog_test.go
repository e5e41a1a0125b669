package ingest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db/model"
)

func newBacklog() *backlog {
	return &backlog{most: 100, size: portionSize, timeout: time.Second, due: make(chan struct{}, 1)}
}

func (b *backlog) addMany(t *testing.T, n int) {
	t.Helper()
	for range n {
		_, _, err := b.add(&model.Push{})
		require.NoError(t, err)
	}
}

// called tells whether a writer was called since the last time.
func (b *backlog) called() bool {
	select {
	case <-b.due:
		return true
	default:
		return false
	}
}

func pushesIn(portions []*portion) (n int) {
	for _, p := range portions {
		n += len(p.rows)
	}
	return n
}

func TestSecondWriterBeginsWhenThereIsEnoughForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBacklog()
		b.addMany(t, 40)
		require.True(t, b.called())
		require.True(t, b.begin())
		require.Equal(t, 40, pushesIn(b.take(100, false)))
		b.end(40)
		require.False(t, b.called())

		b.addMany(t, 1)
		require.True(t, b.called(), "nobody is storing")
		require.True(t, b.begin())
		b.take(100, false)
		b.addMany(t, 19)
		require.False(t, b.called())
		require.False(t, b.begin(), "less than half of what was stored last goes with the next transaction")
		b.addMany(t, 1)
		require.True(t, b.called())
		require.True(t, b.begin())

		b.take(100, false)
		b.addMany(t, 1)
		require.False(t, b.called())
		waittest.Pass(patience + time.Millisecond)
		b.addMany(t, 1)
		require.True(t, b.called(), "those who are storing take too long to be waited for")
	})
}

func TestTakenPortions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBacklog()
		b.addMany(t, 70)
		require.Equal(t, 32, pushesIn(b.take(63, false)), "portions are not divided")
		require.Equal(t, 32, pushesIn(b.take(100, true)), "the last is not full")
		require.Equal(t, 6, pushesIn(b.take(100, false)))
		require.Zero(t, b.waiting())

		b.addMany(t, 1)
		waittest.Pass(joinable)
		b.addMany(t, 1)
		require.Len(t, b.take(100, false), 2, "an old portion takes nobody whose time would be short")

		b.addMany(t, 1)
		waittest.Pass(b.timeout)
		b.addMany(t, 1)
		require.Equal(t, 1, pushesIn(b.take(100, false)), "senders who were refused are left out")
		require.Zero(t, b.waiting())
	})
}
