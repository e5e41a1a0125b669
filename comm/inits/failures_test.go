package inits_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

// TestErrorsGiveNothingOfTheDatabaseAway has the tables behind the API disappear and asks every
// endpoint.
func TestErrorsGiveNothingOfTheDatabaseAway(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		env := database.with(wechat.settings()).with(environment{"WX_PLAIN_CALLBACK": "on"})
		s := start(t, env)
		wechat.SetTarget(s.base)
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		admin := s.admin()
		dropTables(t, databaseBeside(t, env))

		telling := regexp.MustCompile(`(?i)select |insert |update |delete from|no such table|doesn't exist|sql|gorm|goroutine|\.go:|wxcallback_|authorizers`)
		failed := 0
		for _, r := range routes(t) {
			c := admin
			if strings.HasPrefix(r.path, "/inner") {
				c = s.inner
			}
			if r.stream || strings.HasSuffix(r.path, "/logout") {
				continue
			}
			for _, query := range []string{"", "?appid=wx1&id=1&type=1&channel=biz&templateType=0"} {
				e := c.call(r.method, r.path+query, "{}")
				if e.Code != 0 {
					require.NotRegexp(t, telling, e.raw, r)
				}
				if e.Code == 1002 {
					failed++
				}
			}
		}
		require.Greater(t, failed, 10, "the tables are not missed")
		status, answer, err := s.pushPlain("/wxcallback/biz/wx1", message(1))
		require.NoError(t, err)
		require.Equal(t, http.StatusServiceUnavailable, status)
		require.NotRegexp(t, telling, answer)
		require.Zero(t, s.code(admin.jwt), "the service goes on")
	})
}

// dropTables removes the tables of what the API works on, but not those that a login needs.
func dropTables(t *testing.T, d *db.DB) {
	t.Helper()
	for _, name := range []string{
		"wxcallback_component", "wxcallback_biz", "authorizers", "wxcallback_rules", "wxtoken", "work", "authorizer_detail",
		"authorizer_history", "weapp", "auth_link", "auth_visit", "audit_trail", "push_stat", "delivery_attempt", "forward_target",
		"forward_rule", "forward_stat",
	} {
		require.NoError(t, d.Write.Exec("DROP TABLE "+name).Error)
	}
}

// TestLoginOfAUserWhoIsGoneEnds: a token is one of a user, not of a name that was once one.
func TestLoginOfAUserWhoIsGoneEnds(t *testing.T) {
	t.Parallel()
	env := onSQLite(t).with(localAdmin())
	s := start(t, env)
	admin := s.admin()
	require.Zero(t, s.code(admin.jwt))
	require.NoError(t, databaseBeside(t, env).Write.Exec("DELETE FROM user").Error)
	require.Equal(t, 1004, s.code(admin.jwt))
}

// TestStartDoesNotGoOnWithoutItsTables: a database that cannot be brought up to date ends the start.
func TestStartDoesNotGoOnWithoutItsTables(t *testing.T) {
	t.Parallel()
	conf := dbtest.EmptyMySQL(t)
	env := grant(t, conf, "password").with(environment{"PORT": "127.0.0.1:0", "INNER_ADDRESS": "127.0.0.1:0"})
	dbtest.Exec(t, conf,
		"REVOKE ALL ON "+conf.Database+".* FROM "+env["MYSQL_USERNAME"], "GRANT SELECT ON "+conf.Database+".* TO "+env["MYSQL_USERNAME"])
	err := runToItsEnd(t, env, "serve")
	require.ErrorContains(t, err, "bring the tables up to date")
	require.NotContains(t, err.Error(), "\n")
}
