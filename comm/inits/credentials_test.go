package inits_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

// TestPlatformsCredentials enters what the environment does not set, changes the key while WeChat
// goes on with the old one, and then sets it in the environment.
func TestPlatformsCredentials(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{PushAttempts: 1})
		env := database.with(wechat.settings()).with(environment{"WX_TOKEN": "", "WX_AES_KEY": ""})
		a := start(t, env)
		b := a // an embedded database is for one instance
		if database["MYSQL_ADDRESS"] != "" {
			b = start(t, env)
		}
		wechat.SetTarget(a.base)
		admin := a.admin()
		arrives := func(at *service) bool {
			wechat.SetTarget(at.base)
			return wechat.PushTicket(t.Context()).Accepted
		}
		require.False(t, arrives(a), "nothing is known that it could be checked with")
		unset := obj{"value": "", "set": false, "fixed": false}
		admin.wantGet(adminAPI+"/push-config", data(obj{"token": unset, "aesKey": unset, "aesKeyPrevious": unset}))
		admin.wantPost(adminAPI+"/push-config", obj{"aesKey": "tooshort"}, refused(1001, "aesKey: must have 43 characters", "aesKey"))
		admin.wantPost(adminAPI+"/push-config", obj{"token": pushToken, "aesKey": aesKey}, done())
		require.True(t, arrives(a), "in force at once where it was entered")
		eventually(t, "it is in force at the other instance", func() bool { return arrives(b) })

		next := strings.Repeat("K", 43)
		require.NoError(t, wechat.RotateKey("", next))
		require.False(t, arrives(a))
		admin.wantPost(adminAPI+"/push-config", obj{"aesKey": next}, done())
		require.True(t, arrives(a))
		require.NoError(t, wechat.UsePreviousKey(true))
		require.True(t, arrives(a), "some of WeChat's machines still use the old key")
		require.NoError(t, wechat.UsePreviousKey(false))
		shown := func(fixed bool) obj {
			value := obj{"value": "KKKKK***********KKKK", "set": true, "fixed": fixed}
			return data(obj{
				"token": obj{"value": "***********", "set": true, "fixed": false}, "aesKey": value,
				"aesKeyPrevious": obj{"value": "MARKE***********rstu", "set": true, "fixed": false},
			})
		}
		admin.wantGet(adminAPI+"/push-config", shown(false))

		other := strings.Repeat("L", 43)
		admin.wantPost(adminAPI+"/push-config", obj{"aesKey": other}, done()) // hidden by the environment from now on
		admin.wantPost(adminAPI+"/push-config", obj{"aesKeyPrevious": aesKey}, done())
		if b == a {
			require.NoError(t, a.stop())
		}
		c := start(t, env.with(environment{"WX_AES_KEY": next, "WX_SECRET": "another secret than the first"}))
		fixed := c.as(admin.jwt)
		fixed.wantGet(adminAPI+"/push-config", shown(true))
		fixed.wantPost(adminAPI+"/push-config", obj{"aesKey": other},
			refused(1001, "aesKey: is set by the environment and cannot be changed here", "aesKey"))
		require.True(t, arrives(c))
		fixed.wantGet(adminAPI+"/secret", data(obj{"secret": "MARKE***********cdef"})) // the setting was its first value

		var stored []string
		require.NoError(t, databaseBeside(t, env).Read.Raw("SELECT value FROM comm").Scan(&stored).Error)
		require.NotContains(t, strings.Join(stored, "\n"), mark)
		require.NotContains(t, strings.Join(stored, "\n"), next)
	})
}
