package inits_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

// storing tells what the service says of its database.
func (s *service) storing(admin *client) (ready, good bool) {
	res, _ := s.do(s.request(http.MethodGet, "/readyz", ""))
	overview := get[struct{ Checks []struct{ ID, Level string } }](admin, adminAPI+"/overview")
	good = true
	for _, check := range overview.Checks {
		good = good && (check.ID != "storing" || check.Level == "ok")
	}
	return res.StatusCode == http.StatusOK, good
}

func (s *service) isNotReadyWhile(t *testing.T, refuses, takes func()) {
	t.Helper()
	admin := s.admin()
	ready, good := s.storing(admin)
	require.True(t, ready && good, "at first")
	refuses()
	eventually(t, "it is not ready, and says why", func() bool {
		ready, good := s.storing(admin)
		return !ready && !good
	})
	takes()
	eventually(t, "it is ready again by itself", func() bool {
		ready, good := s.storing(admin)
		return ready && good
	})
}

// TestNotReadyWhileTheFileTakesNothing: reading an embedded database goes on when its disk is full.
func TestNotReadyWhileTheFileTakesNothing(t *testing.T) {
	t.Parallel()
	env := onSQLite(t).with(localAdmin())
	s := start(t, env)
	beside := dbtest.Open(t, db.Options{SQLitePath: filepath.Join(env["DATA_DIR"], "wxcomponent.db")})
	s.isNotReadyWhile(t,
		func() {
			require.NoError(t, beside.Write.Exec(
				"CREATE TRIGGER full BEFORE UPDATE ON comm BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END").Error)
			require.NoError(t, beside.Write.Exec(
				"CREATE TRIGGER full2 BEFORE INSERT ON comm BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END").Error)
		},
		func() {
			require.NoError(t, beside.Write.Exec("DROP TRIGGER full").Error)
			require.NoError(t, beside.Write.Exec("DROP TRIGGER full2").Error)
		})
}

// TestNotReadyWhileTheServerTakesNothing: and so it does on a server.
func TestNotReadyWhileTheServerTakesNothing(t *testing.T) {
	t.Parallel()
	conf := dbtest.EmptyMySQL(t)
	s := start(t, onMySQL(conf).with(localAdmin()))
	s.isNotReadyWhile(t,
		func() {
			dbtest.Exec(t, conf, "CREATE TRIGGER full BEFORE UPDATE ON comm FOR EACH ROW SIGNAL SQLSTATE '45000'",
				"CREATE TRIGGER full2 BEFORE INSERT ON comm FOR EACH ROW SIGNAL SQLSTATE '45000'")
		},
		func() { dbtest.Exec(t, conf, "DROP TRIGGER full", "DROP TRIGGER full2") })
}
