package token_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/token"
)

func TestRefusedTokenIsRenewedOnceAndTheCallRepeated(t *testing.T) {
	for _, code := range []int{40001, 42001, 40014, 41001} {
		bubble(t, func(t *testing.T, r *rig) {
			c := r.instance()
			first := r.value(c, accountAppID)
			r.wechat.set(pathPages, func(n int, _ map[string]any) any {
				if n == 1 {
					return refusal(code)
				}
				return nil
			})
			pages, err := c.Client().PageList(t.Context(), accountAppID)
			require.NoError(t, err)
			require.Equal(t, []string{"index"}, pages)
			require.Equal(t, 2, r.wechat.count(pathPages))
			require.Equal(t, 2, r.wechat.count(pathAccount))
			require.NotEqual(t, first, r.value(c, accountAppID))
		})
	}
}

func TestEndlessRefusalEndsAfterTwoCallsAndOneRenewal(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		c := r.instance()
		r.value(c, accountAppID)
		r.wechat.set(pathPages, func(int, map[string]any) any { return refusal(40001) })
		for i := range 20 {
			_, err := c.Client().PageList(t.Context(), accountAppID)
			require.Equal(t, 40001, wx.CodeOf(err))
			require.LessOrEqual(t, r.wechat.count(pathPages), 2+i, "one call each once healing did not help")
			require.Equal(t, 2, r.wechat.count(pathAccount), "no renewal a call")
			waittest.Pass(time.Second)
		}
		r.wechat.set(pathPages, nil)
		waittest.Pass(time.Minute)
		r.wechat.void(accountAppID)
		_, err := c.Client().PageList(t.Context(), accountAppID)
		require.NoError(t, err, "healing works again")
	})
}

func TestStaleTokenOnManyInstancesIsOneRenewalARound(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.delay = 300 * time.Millisecond
		var instances []*token.Centre
		for range 8 {
			instances = append(instances, r.instance())
		}
		call := func() {
			var wg sync.WaitGroup
			for _, c := range instances {
				wg.Go(func() {
					_, err := c.Client().PageList(t.Context(), accountAppID)
					require.NoError(t, err)
				})
			}
			wg.Wait()
		}
		call()
		for round := range 20 {
			waittest.Pass(1200 * time.Millisecond)
			r.wechat.void(accountAppID)
			call()
			require.Equal(t, 2+round, r.wechat.count(pathAccount))
		}
		require.Equal(t, 1, r.wechat.count(pathComponent))
	})
}

func TestComponentTokenMadeInvalidElsewhereIsHealedForARefresh(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		c := r.instance()
		r.value(c, "")
		r.wechat.void("")
		require.NotEmpty(t, r.value(c, accountAppID))
		require.Equal(t, 2, r.wechat.count(pathComponent))
		require.Equal(t, 2, r.wechat.count(pathAccount))
	})
}

func TestInvalidateOfAnOlderTokenKeepsTheNewer(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		c := r.instance()
		first := r.value(c, accountAppID)
		c.Invalidate(accountAppID, first)
		second := r.value(c, accountAppID)
		c.Invalidate(accountAppID, first)
		require.Equal(t, second, r.value(c, accountAppID))
		require.Equal(t, 2, r.wechat.count(pathAccount))
	})
}

func TestOutageServesTheOldTokenAndTriesLittle(t *testing.T) {
	outages := map[string]any{
		"bad gateway":    raw("<html>bad gateway</html>"),
		"truncated JSON": raw(`{"component_access_token":"x`),
		"busy":           refusal(-1),
		"quota":          refusal(45009),
	}
	for name, answer := range outages {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.store.tokens[""] = token.Token{Value: "old", ExpiresAt: time.Now().Add(12 * time.Minute)}
				instances := []*token.Centre{r.instance(), r.instance()}
				require.Equal(t, "old", r.value(instances[0], ""))
				waittest.Pass(4 * time.Minute)
				r.wechat.set(pathComponent, func(int, map[string]any) any { return answer })
				for range 7 * 60 {
					for _, c := range instances {
						require.Equal(t, "old", r.value(c, ""))
					}
					waittest.Pass(time.Second)
				}
				require.LessOrEqual(t, r.wechat.count(pathComponent), 8)
				require.GreaterOrEqual(t, r.wechat.count(pathComponent), 5)
				r.wechat.set(pathComponent, nil)
				for range 60 {
					r.value(instances[0], "")
					waittest.Pass(time.Second)
				}
				require.NotEqual(t, "old", r.value(instances[0], ""), "recovered within a minute")
			})
		})
	}
}

func TestOutageWithoutATokenTriesTenTimesInTenMinutes(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		instances := []*token.Centre{r.instance(), r.instance(), r.instance()}
		r.wechat.delay = time.Second
		r.wechat.set(pathComponent, func(int, map[string]any) any { return refusal(-1) })
		for range 3 {
			before := r.wechat.count(pathComponent)
			for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); {
				for _, c := range instances {
					_, err := c.AccessToken(t.Context(), accountAppID)
					require.Error(t, err)
				}
				waittest.Pass(time.Second)
			}
			tries := r.wechat.count(pathComponent) - before
			require.LessOrEqual(t, tries, 10)
			require.GreaterOrEqual(t, tries, 8)
		}
		require.Zero(t, r.wechat.count(pathAccount))
	})
}

func TestFailureIsSharedWithTheWaiters(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.delay = time.Second
		r.wechat.set(pathComponent, func(int, map[string]any) any { return refusal(61004) })
		instances := []*token.Centre{r.instance(), r.instance()}
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_, err := instances[i%2].Component(t.Context())
				require.Error(t, err)
			})
		}
		wg.Wait()
		require.Equal(t, 1, r.wechat.count(pathComponent))
		require.True(t, time.Now().Before(start.Add(3*time.Second)), "nobody waits for the end of the pause")
	})
}

func TestColdStartRecoversSoonAfterOneFailure(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.set(pathComponent, func(n int, _ map[string]any) any {
			if n == 1 {
				return refusal(-1)
			}
			return nil
		})
		c := r.instance()
		_, err := c.Component(t.Context())
		require.Equal(t, -1, wx.CodeOf(err))
		waittest.Pass(6 * time.Second)
		require.NotEmpty(t, r.value(c, ""))
	})
}

func TestNewSecretIsTriedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.wechat.set(pathComponent, func(_ int, body map[string]any) any {
			if body["component_appsecret"] != "right" {
				return refusal(40125)
			}
			return nil
		})
		c := r.instance()
		for range 3 {
			_, err := c.Component(t.Context())
			require.Equal(t, 40125, wx.CodeOf(err))
		}
		require.Equal(t, 1, r.wechat.count(pathComponent))
		r.platform.mu.Lock()
		r.platform.secret = "right"
		r.platform.mu.Unlock()
		require.NotEmpty(t, r.value(c, ""))
	})
}

func TestDeadHolderIsReplacedWhenItsLeaseEnds(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		_, ok, err := r.store.LeaseTake(t.Context(), "token:", "dead", 10*time.Second)
		require.NoError(t, err)
		require.True(t, ok)
		start := time.Now()
		require.NotEmpty(t, r.value(r.instance(), ""))
		require.True(t, time.Now().Before(start.Add(11*time.Second)))
		require.Equal(t, 1, r.wechat.count(pathComponent))
	})
}

func TestStalledHolderDoesNotOverwriteTheNextOnesToken(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.store.onPut = func() { // the stall: the lease has ended and another has renewed meanwhile
			r.store.leases["token:"] = fakeLease{owner: "next", fence: 99, ends: time.Now().Add(10 * time.Second)}
			r.store.tokens[""] = token.Token{Value: "next's", ExpiresAt: time.Now().Add(2 * time.Hour)}
		}
		require.Equal(t, "next's", r.value(r.instance(), ""))
		require.Equal(t, "next's", r.store.tokens[""].Value)
		require.Contains(t, r.store.leases, "token:", "another's lease is not released")
	})
}

func TestClocksOfHostsDoNotMatter(t *testing.T) {
	for _, skew := range []time.Duration{2 * time.Hour, -2 * time.Hour, 5 * time.Minute, -5 * time.Minute} {
		bubble(t, func(t *testing.T, r *rig) {
			var mu sync.Mutex
			shift := time.Duration(0)
			wrong := func() time.Time {
				mu.Lock()
				defer mu.Unlock()
				return time.Now().Round(0).Add(skew + shift)
			}
			off, right := r.instanceWith(wrong, nil), r.instance()
			got, err := off.Component(t.Context())
			require.NoError(t, err)
			require.Equal(t, time.Now().Add(2*time.Hour).UTC(), got.ExpiresAt)
			require.Equal(t, got.Value, r.value(right, ""))

			mu.Lock()
			shift = -skew // the host's clock is put right
			mu.Unlock()
			require.Equal(t, got.Value, r.value(off, ""))
			require.Equal(t, 1, r.wechat.count(pathComponent), "a jump is no reason to renew")

			waittest.Pass(2*time.Hour + time.Second)
			require.NotEqual(t, got.Value, r.value(off, ""))
			require.NotEqual(t, got.Value, r.value(right, ""))
			require.Equal(t, 2, r.wechat.count(pathComponent))
			synctest.Wait()
		})
	}
}
