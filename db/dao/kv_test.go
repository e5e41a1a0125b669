package dao_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

func TestKV(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		value, err := s.KVGet(ctx, "authinfo")
		require.NoError(t, err)
		require.Empty(t, value)

		begin := time.Now().Truncate(time.Second)
		require.NoError(t, s.KVPut(ctx, "authinfo", "first 😀"))
		require.NoError(t, s.KVPut(ctx, "authinfo", "second 😀"))
		value, err = s.KVGet(ctx, "authinfo")
		require.NoError(t, err)
		require.Equal(t, "second 😀", value)
		row, err := s.KVRow(ctx, "authinfo")
		require.NoError(t, err)
		require.False(t, row.UpdateTime.Before(begin) || row.UpdateTime.After(time.Now()), row.UpdateTime)
		require.Equal(t, time.UTC, row.UpdateTime.Location())
		_, err = s.KVRow(ctx, "nothing")
		require.ErrorIs(t, err, model.ErrNotFound)

		created, err := s.KVCreate(ctx, "datakey", "one")
		require.NoError(t, err)
		require.Equal(t, "one", created)
		created, err = s.KVCreate(ctx, "datakey", "two")
		require.NoError(t, err)
		require.Equal(t, "one", created)

		require.NoError(t, s.KVSecretPut(ctx, "secret", "app secret"))
		require.Contains(t, raw[string](t, d, "SELECT value FROM comm WHERE `key` = 'secret'"), "enc1:")
		value, err = s.KVSecretGet(ctx, "secret")
		require.NoError(t, err)
		require.Equal(t, "app secret", value)
		require.NoError(t, s.KVPut(ctx, "secret", "as the template wrote it"))
		value, err = s.KVSecretGet(ctx, "secret")
		require.NoError(t, err)
		require.Equal(t, "as the template wrote it", value)

		require.NoError(t, s.KVDelete(ctx, "secret"))
		value, err = s.KVSecretGet(ctx, "secret")
		require.NoError(t, err)
		require.Empty(t, value)
	})
}

func TestSecretsNeedASealer(t *testing.T) {
	each(t, func(t *testing.T, _ *dao.Store, d *db.DB) {
		require.Error(t, dao.New(d, nil).WithPatience(waittest.Limit).KVSecretPut(t.Context(), "secret", "x"))
	})
}

func TestOlderTicketDoesNotReplaceNewer(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		s = s.WithClock(func() time.Time { return noon })
		ctx := t.Context()
		for _, step := range []struct {
			ticket string
			at     time.Time
			want   string
		}{
			{"second", noon.Add(-time.Minute), "second"},
			{"first, late", noon.Add(-2 * time.Minute), "second"},
			{"from the future", noon.Add(time.Hour), "from the future"},
			{"third", noon, "third"},
		} {
			require.NoError(t, s.TicketSave(ctx, step.ticket, step.at))
			got, err := s.TicketGet(ctx)
			require.NoError(t, err)
			require.Equal(t, step.want, got)
		}
		row, err := s.KVRow(ctx, dao.KeyTicket)
		require.NoError(t, err)
		require.Equal(t, noon, row.UpdateTime)
	})
}

func TestRevision(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		before, err := s.RevisionGet(ctx)
		require.NoError(t, err)
		undone := errors.New("undone")
		require.ErrorIs(t, s.Tx(ctx, func(tx *dao.Store) error {
			require.NoError(t, tx.RevisionBump(ctx))
			return undone
		}), undone)
		require.NoError(t, s.RevisionBump(ctx))
		after, err := s.RevisionGet(ctx)
		require.NoError(t, err)
		require.Equal(t, before+1, after)
	})
}

func TestUsers(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		_, err := s.UserByName(ctx, "admin")
		require.ErrorIs(t, err, model.ErrNotFound)

		var created atomic.Int32
		var wait sync.WaitGroup
		for i := range 8 { // instances that start at once, even with different names
			wait.Go(func() {
				ok, err := s.UserCreateFirst(ctx, fmt.Sprintf("admin%d", i), "hash")
				if err != nil {
					t.Error(err)
				}
				if ok {
					created.Add(1)
				}
			})
		}
		wait.Wait()
		require.EqualValues(t, 1, created.Load())
		n, err := s.UserCount(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)

		u, err := s.UserByID(ctx, 1)
		require.NoError(t, err)
		require.NoError(t, s.UserSetName(ctx, u.ID, "root"))
		ok, err := s.UserCreateFirst(ctx, "admin", "hash")
		require.NoError(t, err)
		require.False(t, ok, "a renamed administrator must not come back")

		require.NoError(t, s.UserSetPassword(ctx, u.ID, "stronger", false))
		require.NoError(t, s.UserSetPassword(ctx, u.ID, "new", true))
		require.NoError(t, s.UserBumpEpoch(ctx, u.ID))
		got, err := s.UserByName(ctx, "root")
		require.NoError(t, err)
		require.Equal(t, "new", got.Password)
		require.Equal(t, u.Epoch+3, got.Epoch)
		require.ErrorIs(t, s.UserSetName(ctx, 99, "x"), model.ErrNotFound)
	})
}

func TestCounter(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx, now := t.Context(), noon
		s = s.WithClock(func() time.Time { return now })
		key := "login:" + fmt.Sprintf("%0100d", 1) // longer than the column
		hit := func(want int) {
			t.Helper()
			n, err := s.CounterHit(ctx, key, time.Hour)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		hit(1)
		now = now.Add(59 * time.Minute)
		hit(2)
		n, err := s.CounterGet(ctx, key, time.Hour)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		now = now.Add(time.Minute)
		n, err = s.CounterGet(ctx, key, time.Hour)
		require.NoError(t, err)
		require.Zero(t, n)
		hit(1)
		require.NoError(t, s.CounterReset(ctx, key))
		hit(1)
		removed, err := s.CounterPrune(ctx, now.Add(time.Second), 10)
		require.NoError(t, err)
		require.Equal(t, 1, removed)

		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				for range 5 {
					if _, err := s.CounterHit(ctx, "together", time.Hour); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		n, err = s.CounterGet(ctx, "together", time.Hour)
		require.NoError(t, err)
		require.Equal(t, 40, n)
	})
}

func TestLease(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx, begin := t.Context(), clock(t, s)
		requireEnd := func(ttl time.Duration) {
			t.Helper()
			requireSet(t, s, begin, ttl, raw[int64](t, d, "SELECT expiresms FROM lease WHERE name = 'token:wx1'"))
		}
		fence, ok, err := s.LeaseTake(ctx, "token:wx1", "a", time.Hour)
		require.NoError(t, err)
		require.True(t, ok)
		requireEnd(time.Hour)
		for _, owner := range []string{"a", "b"} {
			_, ok, err = s.LeaseTake(ctx, "token:wx1", owner, time.Hour)
			require.NoError(t, err)
			require.False(t, ok)
		}
		held := db.Lease{Name: "token:wx1", Owner: "a", Fence: fence}
		begin = clock(t, s)
		ok, err = d.RenewLease(ctx, d.Write, held, 2*time.Hour)
		require.NoError(t, err)
		require.True(t, ok)
		requireEnd(2 * time.Hour)

		end := func() {
			t.Helper()
			require.NoError(t, d.Write.Exec("UPDATE lease SET expiresms = "+d.Dialect.NowMS()+" WHERE name = 'token:wx1'").Error)
		}
		end()
		ok, err = d.RenewLease(ctx, d.Write, held, time.Hour)
		require.NoError(t, err)
		require.True(t, ok, "it has ended, but no one has taken it")
		end()
		begin = clock(t, s)
		second, ok, err := s.LeaseTake(ctx, "token:wx1", "b", time.Hour)
		require.NoError(t, err)
		require.True(t, ok, "an ended lease is free")
		requireEnd(time.Hour)
		require.Greater(t, second, fence)
		ok, err = d.RenewLease(ctx, d.Write, held, time.Hour)
		require.NoError(t, err)
		require.False(t, ok)
		require.NoError(t, s.LeaseRelease(ctx, "token:wx1", "a", fence)) // no longer a's to release
		_, ok, err = s.LeaseTake(ctx, "token:wx1", "c", time.Hour)
		require.NoError(t, err)
		require.False(t, ok)
		require.NoError(t, s.LeaseRelease(ctx, "token:wx1", "b", second))
		third, ok, err := s.LeaseTake(ctx, "token:wx1", "c", time.Hour)
		require.NoError(t, err)
		require.True(t, ok)
		require.Greater(t, third, second)

		token := model.Token{Type: model.TokenComponent, Token: "late", ExpireTime: noon}
		require.ErrorIs(t, s.TokenPut(ctx, token, held), model.ErrFenced)
		_, err = s.TokenGet(ctx, model.TokenComponent, "")
		require.ErrorIs(t, err, model.ErrNotFound)
	})
}

func TestLeaseIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		for round := range 5 {
			var taken atomic.Int32
			var wait sync.WaitGroup
			for i := range 8 {
				wait.Go(func() {
					_, ok, err := s.LeaseTake(t.Context(), fmt.Sprint("round", round), fmt.Sprint(i), time.Hour)
					if err != nil {
						t.Error(err)
					}
					if ok {
						taken.Add(1)
					}
				})
			}
			wait.Wait()
			require.EqualValues(t, 1, taken.Load())
		}
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		require.NoError(t, s.TokenPut(ctx, model.Token{Type: model.TokenComponent, Token: "one", ExpireTime: noon}, db.Lease{}))
		require.NoError(t, s.TokenPut(ctx, model.Token{Type: model.TokenComponent, Token: "two", ExpireTime: noon}, db.Lease{}))
		got, err := s.TokenGet(ctx, model.TokenComponent, "")
		require.NoError(t, err)
		require.Equal(t, "two", got.Token)
		require.Equal(t, noon, got.ExpireTime)
		require.Contains(t, raw[string](t, d, "SELECT token FROM wxtoken"), "enc1:")

		account := model.Token{Type: model.TokenAuthorizer, AppID: "wx1", Token: "three", ExpireTime: noon}
		require.ErrorIs(t, s.TokenPut(ctx, account, db.Lease{}), model.ErrNotFound, "of an account that is not authorized")
		_, err = s.AuthorizerSaveToken(ctx, model.Grant{AppID: "wx1", RefreshToken: "r", AuthTime: noon, EventMS: 1})
		require.NoError(t, err)
		require.NoError(t, s.TokenPut(ctx, account, db.Lease{}))
		require.NoError(t, s.TokenDelete(ctx, ""))
		_, err = s.TokenGet(ctx, model.TokenComponent, "")
		require.ErrorIs(t, err, model.ErrNotFound)
		got, err = s.TokenGet(ctx, model.TokenAuthorizer, "wx1")
		require.NoError(t, err)
		require.Equal(t, "three", got.Token)
	})
}

func TestRules(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		id, err := s.RuleCreate(ctx, model.Rule{Name: "😀", InfoType: "authorized", Type: 1, Open: true, Info: "{}", Secret: "s1"})
		require.NoError(t, err)
		other, err := s.RuleCreate(ctx, model.Rule{MsgType: "event", Event: "a", Type: 1, Info: "{}"})
		require.NoError(t, err)
		_, err = s.RuleCreate(ctx, model.Rule{MsgType: "event", Event: "a", Type: 1, Info: "{}"})
		require.ErrorIs(t, err, model.ErrDuplicate)
		require.Contains(t, raw[string](t, d, "SELECT secret FROM wxcallback_rules WHERE id = ?", id), "enc1:")

		revision, err := s.RevisionGet(ctx)
		require.NoError(t, err)
		require.ErrorIs(t, s.RuleUpdate(ctx, model.Rule{ID: 99999, Name: "phantom", Info: "{}"}), model.ErrNotFound)
		require.ErrorIs(t, s.RuleDelete(ctx, 99999), model.ErrNotFound)
		require.ErrorIs(t, s.RuleUpdate(ctx, model.Rule{ID: other, InfoType: "authorized", Info: "{}"}), model.ErrDuplicate)
		unchanged, err := s.RevisionGet(ctx)
		require.NoError(t, err)
		require.Equal(t, revision, unchanged)

		rule, err := s.RuleGet(ctx, id)
		require.NoError(t, err)
		require.Equal(t, "s1", rule.Secret)
		rule.Name, rule.Open = "renamed", false
		require.NoError(t, s.RuleUpdate(ctx, rule))
		require.NoError(t, s.RuleUpdate(ctx, rule), "nothing changed: not an error")
		open, err := s.RuleOpenList(ctx)
		require.NoError(t, err)
		require.Empty(t, open)

		for ruleType, want := range map[int]int64{dao.RulesAll: 2, dao.RulesComponent: 1, dao.RulesBiz: 1} {
			rules, total, err := s.RuleList(ctx, ruleType, 0, 999)
			require.NoError(t, err)
			require.Equal(t, want, total)
			require.Len(t, rules, int(want))
		}
		require.NoError(t, s.RuleDelete(ctx, id))
		_, err = s.RuleGet(ctx, id)
		require.ErrorIs(t, err, model.ErrNotFound)
		bumped, err := s.RevisionGet(ctx)
		require.NoError(t, err)
		require.Equal(t, revision+3, bumped)
	})
}

func TestAnErrorOfTheContextIsUnavailability(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, s.KVPut(ctx, "a", "b"), model.ErrUnavailable)
	})
}

func TestTicketIsNotKeptInClear(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		stored := func() string { return raw[string](t, d, "SELECT value FROM comm WHERE `key` = 'ticket'") }
		require.NoError(t, s.TicketSave(t.Context(), "ticket@@@new", time.Now()))
		require.True(t, strings.HasPrefix(stored(), "enc1:"), stored())

		require.NoError(t, s.KVPut(t.Context(), dao.KeyTicket, "ticket@@@of the template"))
		for range 2 {
			got, err := s.TicketGet(t.Context())
			require.NoError(t, err)
			require.Equal(t, "ticket@@@of the template", got)
			require.True(t, strings.HasPrefix(stored(), "enc1:"), stored())
		}
	})
}
