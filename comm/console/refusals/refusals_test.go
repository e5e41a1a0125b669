package refusals_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"wxcomponent/comm/console/refusals"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func lastHour(t *testing.T, c *refusals.Counter) []refusals.Sum {
	t.Helper()
	sums, err := c.LastHour(t.Context())
	require.NoError(t, err)
	return sums
}

// runUntilWritten lets an instance write what it has counted, as it does when it stops.
func runUntilWritten(t *testing.T, c *refusals.Counter) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	c.Run(ctx)
}

func TestInstancesTellOfEachOthersRefusalsForAnHour(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		instance := func() *refusals.Counter {
			return refusals.New(dao.New(d, nil).WithPatience(waittest.Limit), func() time.Time { return now }, zap.NewNop())
		}
		a, b := instance(), instance()
		require.Empty(t, lastHour(t, a))
		a.Count(refusals.Push, "signature")
		a.Count(refusals.Push, "signature")
		a.Count(refusals.Login, "locked")
		require.Equal(t, []refusals.Sum{{Area: "push", Reason: "signature", Count: 2}, {Area: "login", Reason: "locked", Count: 1}},
			lastHour(t, a), "it does not wait for them to be written")
		runUntilWritten(t, a)

		now = now.Add(30 * time.Minute)
		b.Count(refusals.Push, "signature")
		b.Count(refusals.Push, "made up")
		want := []refusals.Sum{
			{Area: "push", Reason: "signature", Count: 3},
			{Area: "login", Reason: "locked", Count: 1},
			{Area: "push", Reason: "other", Count: 1},
		}
		require.Equal(t, want, lastHour(t, b))
		runUntilWritten(t, b)
		require.Equal(t, want, lastHour(t, a))
		require.Equal(t, want, lastHour(t, instance()), "a restart forgets them")

		now = now.Add(40 * time.Minute)
		require.Equal(t, []refusals.Sum{{Area: "push", Reason: "other", Count: 1}, {Area: "push", Reason: "signature", Count: 1}}, lastHour(t, a))
	})
}

func TestOneMistypedPasswordIsNoNews(t *testing.T) {
	c := refusals.New(nil, time.Now, zap.NewNop())
	require.False(t, c.Notable(nil))
	require.False(t, c.Notable([]refusals.Sum{{Area: "login", Reason: "wrong_password", Count: 9}}))
	require.True(t, c.Notable([]refusals.Sum{{Area: "login", Reason: "wrong_password", Count: 10}}))
	require.True(t, c.Notable([]refusals.Sum{{Area: "push", Reason: "signature", Count: 1}}))
}

// written counts writes, or refuses them.
type written struct {
	writes int
	counts map[string]int64
	err    error
}

func (w *written) CounterAdd(_ context.Context, counts map[string]int64) error {
	w.writes++
	if w.err == nil {
		for k, n := range counts {
			w.counts[k] += n
		}
	}
	return w.err
}

func (w *written) CounterRange(context.Context, string, string) (map[string]int64, error) {
	out := map[string]int64{}
	for k, n := range w.counts {
		out[k] = n
	}
	return out, w.err
}

func TestAFloodDoesNotWriteMoreThanOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &written{counts: map[string]int64{}}
		c := refusals.New(store, time.Now, zap.NewNop())
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); c.Run(ctx) }()
		for range 600 {
			for range 50 {
				c.Count(refusals.Push, "signature")
			}
			waittest.Pass(100 * time.Millisecond)
		}
		require.Equal(t, 1, store.writes)
		stop()
		<-ended
		require.Equal(t, []refusals.Sum{{Area: "push", Reason: "signature", Count: 30_000}}, lastHour(t, c))
	})
}

func TestAFloodOfLoginsIsOneLogLine(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	c := refusals.New(dao.New(dbtest.SQLite(t), nil).WithPatience(waittest.Limit), time.Now, zap.New(core))
	for range 1000 {
		c.Count(refusals.Login, "busy")
	}
	c.Count(refusals.Push, "signature")
	runUntilWritten(t, c)
	require.Equal(t, []observer.LoggedEntry{{
		Entry:   zapcore.Entry{Level: zap.WarnLevel, Message: "requests were refused"},
		Context: []zap.Field{zap.Any("refused", []refusals.Sum{{Area: "login", Reason: "busy", Count: 1000}})},
	}}, logs.AllUntimed())
}

func TestNoRefusalIsForgottenWhileTheDatabaseIsAway(t *testing.T) {
	store := &written{counts: map[string]int64{}, err: errors.New("database away")}
	c := refusals.New(store, time.Now, zap.NewNop())
	c.Count(refusals.Push, "signature")
	runUntilWritten(t, c)
	_, err := c.LastHour(t.Context())
	require.ErrorContains(t, err, "database away")
	store.err = nil
	runUntilWritten(t, c)
	require.Equal(t, []refusals.Sum{{Area: "push", Reason: "signature", Count: 1}}, lastHour(t, c))
}

func TestEveryReasonHasATextInBothLanguages(t *testing.T) {
	for _, language := range []string{"zh", "en"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "client", "src", "locales", language, "overview.json"))
		require.NoError(t, err)
		var file struct {
			Refusal map[string]map[string]string `json:"refusal"`
		}
		require.NoError(t, json.Unmarshal(text, &file))
		for _, r := range refusals.Reasons() {
			require.NotEmpty(t, file.Refusal[r.Area][r.Name], "%s has no refusal.%s.%s", language, r.Area, r.Name)
			delete(file.Refusal[r.Area], r.Name)
		}
		for area, left := range file.Refusal {
			require.Empty(t, left, "%s has texts of %s for reasons that there are not", language, area)
		}
	}
}
