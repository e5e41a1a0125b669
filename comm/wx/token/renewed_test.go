package token_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx"
)

func TestRenewalsAreTold(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		var mu sync.Mutex
		var told []string
		r.renewed = func(_ context.Context, appid string, failure error) {
			mu.Lock()
			defer mu.Unlock()
			if appid == "" {
				appid = "platform"
			}
			if failure != nil {
				require.NotZero(t, wx.CodeOf(failure))
				appid += " failed"
			}
			told = append(told, appid)
		}
		take := func() []string {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			out := told
			told = nil
			return out
		}
		c := r.instance()
		r.wechat.set(pathComponent, func(int, map[string]any) any { return refusal(40125) })
		_, err := c.Component(t.Context())
		require.Error(t, err)
		require.Equal(t, []string{"platform failed"}, take())
		r.wechat.set(pathComponent, nil)
		waittest.Pass(time.Minute)
		r.value(c, accountAppID)
		require.ElementsMatch(t, []string{"platform", accountAppID}, take())
		require.NoError(t, c.Put(t.Context(), accountAppID, wx.Grant{Token: "new", ExpiresIn: time.Hour}))
		require.Equal(t, []string{accountAppID}, take())
		_, err = c.Authorizer(t.Context(), "wxunknown")
		require.Error(t, err)
		require.Empty(t, take(), "an account that is not known is no trouble")
	})
}
