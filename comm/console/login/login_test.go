package login_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"golang.org/x/crypto/bcrypt"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/console/login"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	name     = "operator"
	password = "correct horse battery"
)

// passwords looks at a password when it is let, and counts how often it is asked.
type passwords struct {
	*auth.Passwords
	asked atomic.Int32
	hold  atomic.Pointer[chan struct{}] // each look waits for one of it, or for the caller's end; nil is no wait
}

func (p *passwords) Verify(ctx context.Context, hash, sent string) (bool, error) {
	p.asked.Add(1)
	if hold := p.hold.Load(); hold != nil {
		select {
		case <-*hold:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return p.Passwords.Verify(ctx, hash, sent)
}

// rig is an instance on a database.
type rig struct {
	*login.Service
	t         *testing.T
	d         *db.DB
	passwords *passwords
	refused   sync.Map
}

func each(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := instance(t, d)
		require.NoError(t, r.First(t.Context(), name, password, os.Stdout))
		test(t, r)
	})
}

func instance(t *testing.T, d *db.DB) *rig {
	t.Helper()
	issuer, err := auth.NewIssuer(make([]byte, auth.KeySize))
	require.NoError(t, err)
	r := &rig{t: t, d: d, passwords: &passwords{Passwords: auth.NewPasswords(bcrypt.MinCost)}}
	store := dao.New(d, nil).WithPatience(waittest.Limit)
	r.Service = login.New(login.Deps{
		Users: store, Counters: store, Values: store, Issuer: issuer, Passwords: r.passwords,
		Log:     zap.NewNop(),
		Refused: func(area, reason string) { r.refused.Store(area+" "+reason, true) },
	})
	return r
}

// code is what a login is answered with.
func (r *rig) code(user, sent, address string) errno.Code {
	_, err := r.Login(r.t.Context(), user, sent, address)
	if err == nil {
		return errno.OK
	}
	return errno.As(err).Code
}

func TestAbandonedLoginsDoNotLockOutWhoKnowsThePassword(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		hold := make(chan struct{})
		r.passwords.hold.Store(&hold)
		for i := range 12 {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := r.Login(ctx, name, password, "192.0.2.1")
				ended <- err
			}()
			waittest.Until(t, func() bool { return r.passwords.asked.Load() == int32(i+1) }, "the password is looked at")
			cancel()
			require.ErrorIs(t, waittest.Receive(t, ended, "the login's end"), context.Canceled)
		}
		r.passwords.hold.Store(nil)
		require.Equal(t, errno.OK, r.code(name, password, "192.0.2.1"))
	})
}

func TestOneNameIsNotGuessedMoreThanTenTimesFromManyAddresses(t *testing.T) {
	for kind, address := range map[string]string{"one /64": "2001:db8::%x", "many networks": "2001:db8:0:%x::1", "IPv4": "198.51.100.%d"} {
		t.Run(kind, func(t *testing.T) {
			each(t, func(t *testing.T, r *rig) {
				require.Equal(t, errno.OK, r.code(name, password, "192.0.2.1"))
				instances := []*rig{r, instance(t, r.d)}
				var all sync.WaitGroup
				for i := range 50 {
					all.Go(func() {
						code := instances[i%2].code(name, fmt.Sprint("guess ", i), fmt.Sprintf(address, i+1))
						require.Contains(t, []errno.Code{errno.LoginFailed, errno.RateLimited, errno.TooManyFailures}, code)
					})
				}
				all.Wait()
				guesses := instances[0].passwords.asked.Load() - 1 + instances[1].passwords.asked.Load()
				require.LessOrEqual(t, guesses, int32(10), "guesses reached the hash")
				require.Equal(t, errno.OK, instances[1].code(name, password, "192.0.2.1"), "a known address is kept out")
			})
		})
	}
}

func TestAddressesOfOneNetworkDoNotHaveTriesOfTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for i := range 10 {
			require.Equal(t, errno.LoginFailed, r.code(name, "guess", fmt.Sprintf("2001:db8::%d", i)))
		}
		require.Equal(t, errno.TooManyFailures, r.code(name, password, "2001:db8::99"))
		require.Equal(t, errno.OK, r.code(name, password, "2001:db8:0:1::1"), "another network is kept out")
	})
}

func TestAFloodOfStrangersDoesNotKeepOutWhoHasLoggedInBefore(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		require.Equal(t, errno.OK, r.code(name, password, "192.0.2.1"))
		hold := make(chan struct{})
		r.passwords.hold.Store(&hold)
		asked := r.passwords.asked.Load()
		var answered, all atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		var flood sync.WaitGroup
		for i := range 1500 {
			flood.Go(func() {
				_, err := r.Login(ctx, fmt.Sprint("stranger ", i), "guess", fmt.Sprintf("198.51.%d.%d", i/250, i%250))
				if errno.Is(err, errno.RateLimited) {
					answered.Add(1)
				}
				all.Add(1)
			})
		}
		waittest.Until(t, func() bool { return answered.Load() >= 1500-32 }, "those without a place are refused at once")
		require.LessOrEqual(t, r.passwords.asked.Load()-asked, int32(1), "passwords of strangers are looked at side by side")

		r.passwords.hold.Store(nil) // for whoever comes now
		require.Equal(t, errno.OK, r.code(name, password, "192.0.2.1"))
		cancel()
		flood.Wait()
		_, busy := r.refused.Load("login busy")
		require.True(t, busy)
	})
}

func TestOneAddressDoesNotTakeThePlacesOfAll(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		refused := 0
		for i := range 80 {
			if r.code(fmt.Sprint("stranger ", i), "guess", "198.51.100.1") == errno.RateLimited {
				refused++
			}
		}
		require.Positive(t, refused)
		_, found := r.refused.Load("login address_budget")
		require.True(t, found)
	})
}

func TestOldPasswordCannotBeGuessedWithoutEnd(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for range 10 {
			err := r.SetPassword(t.Context(), 1, "guess", "a new password", "192.0.2.1")
			require.True(t, errno.Is(err, errno.UserUpdate), err)
		}
		err := r.SetPassword(t.Context(), 1, password, "a new password", "192.0.2.1")
		require.True(t, errno.Is(err, errno.TooManyFailures), err)
		require.Equal(t, errno.TooManyFailures, r.code(name, password, "192.0.2.1"))
		require.NoError(t, r.SetPassword(t.Context(), 1, password, "a new password", "192.0.2.2"))
	})
}

func TestWeakPasswordIsNotTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := instance(t, d)
		const user = "Zhang San Feng"
		require.NoError(t, r.First(t.Context(), user, password, os.Stdout))
		for _, weak := range []string{
			"", "1", "1234567", "短短的密码", "password", "PassWord123", "zhang san feng",
			auth.Sent(""), auth.Sent("1"), auth.Sent("123456"), auth.Sent("admin123"), auth.Sent("zhang san feng"), auth.Sent(user),
		} {
			err := r.SetPassword(t.Context(), 1, password, weak, "192.0.2.1")
			require.True(t, errno.Is(err, errno.BadParam), "%q: %v", weak, err)
		}
		require.NoError(t, r.SetPassword(t.Context(), 1, password, "八个字符的新密码", "192.0.2.1"))
		require.NoError(t, r.SetPassword(t.Context(), 1, "八个字符的新密码", auth.Sent("another good one"), "192.0.2.1"))
		require.Equal(t, errno.OK, r.code(user, "another good one", "192.0.2.1"))
	})
}

func TestLoginLastsNoLongerThanItsTokens(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for what, end := range map[string]func() error{
			"log-out":  func() error { return r.Logout(t.Context(), 1) },
			"name":     func() error { return r.Rename(t.Context(), 1, fmt.Sprint("renamed ", time.Now().UnixNano())) },
			"password": func() error { return r.SetPassword(t.Context(), 1, password, password, "192.0.2.1") },
		} {
			user, err := dao.New(r.d, nil).WithPatience(waittest.Limit).UserByID(t.Context(), 1)
			require.NoError(t, err)
			id := auth.Identity{UserID: 1, Epoch: user.Epoch}
			lasts, err := r.Lasts(t.Context(), id)
			require.NoError(t, err)
			require.True(t, lasts)
			require.NoError(t, end())
			lasts, err = instance(t, r.d).Lasts(t.Context(), id)
			require.NoError(t, err)
			require.False(t, lasts, what)
		}
	})
}
