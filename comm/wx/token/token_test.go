package token_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/token"
)

func TestConcurrentColdReadsCallWeChatOnce(t *testing.T) {
	for _, appid := range []string{"", accountAppID} {
		bubble(t, func(t *testing.T, r *rig) {
			r.wechat.delay = 2 * time.Second
			instances := []*token.Centre{r.instance(), r.instance(), r.instance()}
			var wg sync.WaitGroup
			got := make([]string, 50)
			for i := range got {
				wg.Go(func() { got[i], _ = instances[i%3].AccessToken(t.Context(), appid) })
			}
			wg.Wait()
			for _, v := range got {
				require.NotEmpty(t, v)
				require.Equal(t, got[0], v)
			}
			require.Equal(t, 1, r.wechat.count(pathComponent))
			if appid != "" {
				require.Equal(t, 1, r.wechat.count(pathAccount))
			}
		})
	}
}

func TestExpiresInIsHonoured(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.expiresIn = 5
		c := r.instance()
		first, err := c.Component(t.Context())
		require.NoError(t, err)
		require.Equal(t, time.Now().Add(5*time.Second).UTC(), first.ExpiresAt)
		waittest.Pass(2 * time.Second)
		require.Equal(t, first.Value, r.value(c, ""))
		require.Equal(t, 1, r.wechat.count(pathComponent), "a token that lives for seconds is not renewed all the time")
		waittest.Pass(3 * time.Second)
		require.NotEqual(t, first.Value, r.value(c, ""))
	})
}

func TestRenewedAheadWhileTheOldOneIsServed(t *testing.T) {
	for _, left := range []time.Duration{4 * time.Minute, 20 * time.Second} {
		bubble(t, func(t *testing.T, r *rig) {
			r.store.tokens[""] = token.Token{Value: "old", ExpiresAt: time.Now().Add(left)}
			r.wechat.delay = time.Second
			c := r.instance()
			require.Equal(t, "old", r.value(c, ""), "nobody waits for the renewal")
			require.Equal(t, "old", r.value(c, ""))
			waittest.Pass(1500 * time.Millisecond)
			require.Equal(t, 1, r.wechat.count(pathComponent))
			require.NotEqual(t, "old", r.value(c, ""))
		})
	}
}

func TestFreshTokenIsNotRenewed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		c, other := r.instance(), r.instance()
		first := r.value(c, "")
		for range 100 {
			waittest.Pass(time.Minute)
			require.Equal(t, first, r.value(c, ""))
			require.Equal(t, first, r.value(other, ""))
		}
		require.Equal(t, 1, r.wechat.count(pathComponent))
	})
}

func TestManyReadsAreFewStoreReads(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		c := r.instance()
		r.value(c, "")
		before := r.store.reads
		for range 1000 {
			r.value(c, "")
			waittest.Pass(time.Millisecond)
		}
		require.LessOrEqual(t, r.store.reads-before, 2)
	})
}

func TestReplacedTokenIsNoticedWithinASecond(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		c := r.instance()
		r.value(c, "")
		r.store.with(func(s *fakeStore) {
			s.tokens[""] = token.Token{Value: "newer", ExpiresAt: time.Now().Add(2 * time.Hour)}
		})
		waittest.Pass(time.Second)
		require.Equal(t, "newer", r.value(c, ""))
	})
}

func TestAppIDThatIsNotAuthorizedCallsNobody(t *testing.T) {
	for _, appid := range []string{"", "wxunknown"} {
		bubble(t, func(t *testing.T, r *rig) {
			_, err := r.instance().Authorizer(t.Context(), appid)
			require.True(t, errno.Is(err, errno.BadParam), "%v", err)
			require.Equal(t, "appid", errno.As(err).Field)
			require.Empty(t, r.wechat.calls)
			require.Empty(t, r.store.leases)
		})
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		c := r.instance()
		r.store.ticket = ""
		_, err := c.Component(t.Context())
		require.True(t, errno.Is(err, errno.NoTicket), "%v", err)
		_, err = c.Ticket(t.Context())
		require.True(t, errno.Is(err, errno.NoTicket))
		_, err = c.CloudBase(t.Context())
		require.True(t, errno.Is(err, errno.NotConfigured))
		r.platform.secret = ""
		_, err = c.Component(t.Context())
		require.True(t, errno.Is(err, errno.NotConfigured), "%v", err)
		require.ErrorContains(t, err, "WX_SECRET")
		require.Empty(t, r.wechat.calls)

		r.platform.secret = "secret"
		r.store.with(func(s *fakeStore) { s.ticket = "ticket@@@2" })
		require.NotEmpty(t, r.value(c, ""), "no pause after a mistake of our own")
	})
}

func TestReturnedRefreshTokenIsUsedNext(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.set(pathAccount, func(n int, _ map[string]any) any {
			if n > 1 {
				return nil
			}
			return map[string]any{"authorizer_access_token": "first", "expires_in": 7200, "authorizer_refresh_token": "refresh-2"}
		})
		c := r.instance()
		require.Equal(t, "first", r.value(c, accountAppID))
		c.Invalidate(accountAppID, "first")
		require.NotEqual(t, "first", r.value(c, accountAppID))
		require.Equal(t, "refresh-2", r.wechat.bodies[pathAccount][1]["authorizer_refresh_token"])
	})
}

func TestEmptyRefreshTokenInTheAnswerKeepsTheOldOne(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.set(pathAccount, func(int, map[string]any) any {
			return map[string]any{"authorizer_access_token": "t", "expires_in": 7200, "authorizer_refresh_token": ""}
		})
		r.value(r.instance(), accountAppID)
		require.Equal(t, "refresh-1", r.accounts.tokens[accountAppID])
	})
}

func TestInvalidRefreshTokenIsRecovered(t *testing.T) {
	info := func(refreshToken string) func(int, map[string]any) any {
		return func(int, map[string]any) any {
			return map[string]any{
				"authorizer_info":    map[string]any{"nick_name": "n"},
				"authorization_info": map[string]any{"authorizer_appid": accountAppID, "authorizer_refresh_token": refreshToken},
			}
		}
	}
	refuseOld := func(_ int, body map[string]any) any {
		if body["authorizer_refresh_token"] == "refresh-1" {
			return refusal(61023)
		}
		return nil
	}
	t.Run("another one is known", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			r.wechat.set(pathAccount, refuseOld)
			r.wechat.set(pathInfo, info("refresh-9"))
			r.value(r.instance(), accountAppID)
			require.Equal(t, "refresh-9", r.accounts.tokens[accountAppID])
			require.Equal(t, 2, r.wechat.count(pathAccount))
		})
	})
	t.Run("none is known", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			r.wechat.set(pathAccount, refuseOld)
			r.wechat.set(pathInfo, info("refresh-1"))
			_, err := r.instance().Authorizer(t.Context(), accountAppID)
			require.Equal(t, wx.CodeRefreshToken, wx.CodeOf(err))
			require.Equal(t, 1, r.wechat.count(pathAccount))
		})
	})
	t.Run("it was never stored", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			r.accounts.tokens[accountAppID] = ""
			r.wechat.set(pathInfo, info("refresh-9"))
			r.value(r.instance(), accountAppID)
			require.Equal(t, "refresh-9", r.accounts.tokens[accountAppID])
		})
	})
	t.Run("the account has none", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			r.accounts.tokens[accountAppID] = ""
			r.wechat.set(pathInfo, info(""))
			_, err := r.instance().Authorizer(t.Context(), accountAppID)
			require.True(t, errno.Is(err, errno.BadParam), "%v", err)
			require.Zero(t, r.wechat.count(pathAccount))
		})
	})
}

func TestInvalidTicketIsReadAgainOnce(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.set(pathComponent, func(_ int, body map[string]any) any {
			if body["component_verify_ticket"] == "ticket@@@1" {
				r.store.with(func(s *fakeStore) { s.ticket = "ticket@@@2" })
				return refusal(61006)
			}
			return nil
		})
		r.value(r.instance(), "")
		require.Equal(t, 2, r.wechat.count(pathComponent))
	})
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.set(pathComponent, func(int, map[string]any) any { return refusal(61006) })
		_, err := r.instance().Component(t.Context())
		require.Equal(t, 61006, wx.CodeOf(err))
		require.Equal(t, 1, r.wechat.count(pathComponent), "the same ticket would be refused again")
	})
}

func TestForgottenTokenIsNotHandedOut(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		here, there := r.instance(), r.instance()
		first := r.value(here, accountAppID)
		require.Equal(t, first, r.value(there, accountAppID))

		r.accounts.remove(accountAppID)
		require.NoError(t, here.Forget(t.Context(), accountAppID))
		_, err := here.Authorizer(t.Context(), accountAppID)
		require.True(t, errno.Is(err, errno.BadParam), "%v", err)
		waittest.Pass(time.Second)
		_, err = there.Authorizer(t.Context(), accountAppID)
		require.True(t, errno.Is(err, errno.BadParam), "%v", err)

		require.NoError(t, r.accounts.RefreshTokenPut(t.Context(), accountAppID, "refresh-2"))
		require.NotEqual(t, first, r.value(there, accountAppID))
	})
}

func TestForgetWaitsForARenewalUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		here, there := r.instance(), r.instance()
		r.value(here, "")
		r.wechat.delay = 3 * time.Second
		go func() { _, _ = there.Authorizer(t.Context(), accountAppID) }()
		waittest.Pass(time.Second)
		r.accounts.remove(accountAppID)
		require.NoError(t, here.Forget(t.Context(), accountAppID))
		waittest.Pass(5 * time.Second)
		require.NotContains(t, r.store.tokens, accountAppID)
	})
}

func TestPutTokenIsHandedOutByAll(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		here, there := r.instance(), r.instance()
		r.value(there, accountAppID)
		calls := r.wechat.count(pathAccount)
		require.NoError(t, here.Put(t.Context(), accountAppID, wx.Grant{Token: "exchanged", ExpiresIn: 2 * time.Hour}))
		require.Equal(t, "exchanged", r.value(here, accountAppID))
		waittest.Pass(time.Second)
		require.Equal(t, "exchanged", r.value(there, accountAppID))
		require.Equal(t, calls, r.wechat.count(pathAccount))
		require.Error(t, here.Put(t.Context(), accountAppID, wx.Grant{}))
	})
}

func TestSlowReadDoesNotBringAnOldTokenBack(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		c := r.instance()
		r.value(c, accountAppID)
		waittest.Pass(2 * time.Second)
		r.store.with(func(s *fakeStore) { s.delay = 500 * time.Millisecond })
		done := make(chan string)
		go func() { done <- r.value(c, accountAppID) }()
		waittest.Pass(100 * time.Millisecond)
		require.NoError(t, c.Put(t.Context(), accountAppID, wx.Grant{Token: "exchanged", ExpiresIn: 2 * time.Hour}))
		require.Equal(t, "exchanged", <-done)
		require.Equal(t, "exchanged", r.value(c, accountAppID))
	})
}

func TestStoreErrorOfANewTokenIsNotIgnored(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.store.putErr = errDown
		_, err := r.instance().Component(t.Context())
		require.ErrorIs(t, err, errDown)
	})
}

func TestTokenFromMemoryWhileTheStoreIsDown(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		c := r.instance()
		first := r.value(c, "")
		r.store.with(func(s *fakeStore) { s.fail = errDown })
		waittest.Pass(time.Minute)
		require.Equal(t, first, r.value(c, ""))
		waittest.Pass(2 * time.Hour)
		_, err := c.Component(t.Context())
		require.ErrorIs(t, err, errDown)
	})
}

func TestWaiterMayGiveUpAloneAndTheOthersGetTheToken(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.delay = 3 * time.Second
		c := r.instance()
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		gaveUp, got := make(chan error), make(chan string)
		go func() {
			_, err := c.Component(hasty)
			gaveUp <- err
		}()
		waittest.Pass(100 * time.Millisecond)
		go func() {
			v, _ := c.AccessToken(t.Context(), "")
			got <- v
		}()
		require.ErrorIs(t, <-gaveUp, context.DeadlineExceeded)
		require.Equal(t, start.Add(time.Second), time.Now())
		require.NotEmpty(t, <-got)
		require.Equal(t, 1, r.wechat.count(pathComponent))
	})
}

func TestPanicIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.accounts.panics = true
		c := r.instance()
		_, err := c.Authorizer(t.Context(), accountAppID)
		require.ErrorContains(t, err, "panic")
		r.accounts.panics = false
		require.NotEmpty(t, r.value(c, accountAppID))
	})
}

func TestClosedCentreStartsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.delay = 2 * time.Second
		c := r.instance()
		go func() { _, _ = c.Component(t.Context()) }()
		waittest.Pass(time.Second)
		c.Close(t.Context())
		require.Contains(t, r.store.tokens, "", "a renewal under way ends well")
		_, err := c.Authorizer(t.Context(), accountAppID)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestCloudBaseTokenStandsInForTheComponents(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		file := filepath.Join(t.TempDir(), "token")
		require.NoError(t, os.WriteFile(file, []byte("cloud-1\n"), 0o600))
		r.wechat.valid[""] = "" // the fake looks at access_token only
		c := r.instanceWith(nil, wx.NewCloudBase(file))
		require.NotEmpty(t, r.value(c, accountAppID))
		require.Zero(t, r.wechat.count(pathComponent))
		v, err := c.CloudBase(t.Context())
		require.NoError(t, err)
		require.Equal(t, "cloud-1", v)
		require.NoError(t, os.WriteFile(file, []byte("default-tcb-wx-access-token"), 0o600))
		_, err = c.CloudBase(t.Context())
		require.True(t, errno.Is(err, errno.NotConfigured))
	})
}
