// Package dbtest gives each test a fresh database of both kinds: a SQLite file, and a database on
// a MariaDB server that a test process starts for itself.
//
// WXCOMPONENT_TEST_MYSQL (host:port, with WXCOMPONENT_TEST_MYSQL_USER and _PASSWORD) names a
// server to use instead, as `make test` does, which starts one for all packages; "skip" leaves the
// tests on MySQL out.
package dbtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/config"
	"wxcomponent/comm/log"
	"wxcomponent/db"
)

const openTimeout = 2 * time.Minute // ends a hang

// Main runs the tests of a package and then stops the server, if one was started:
//
//	func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
func Main(m *testing.M) int {
	code := m.Run()
	server.stop()
	return code
}

// Each runs a subtest on every kind of database, migrated and empty.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("mysql", func(t *testing.T) { test(t, MySQL(t)) })
}

// SQLite returns a migrated database in a file of its own.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, EmptySQLite(t))
}

// EmptySQLite returns where a database may be made, in memory when there is plenty: nothing waits for
// the disk then.
func EmptySQLite(t testing.TB) db.Options {
	t.Helper()
	base, err := runFolder()
	require.NoError(t, err)
	dir, err := os.MkdirTemp(base, "sqlite-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return db.Options{SQLitePath: filepath.Join(dir, "test.db")}
}

// MySQL returns a migrated database of its own.
func MySQL(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, db.Options{MySQL: EmptyMySQL(t)})
}

// Open opens and migrates a database, and closes it after the test.
func Open(t testing.TB, o db.Options) *db.DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), openTimeout)
	defer cancel()
	d, err := db.Open(ctx, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.Close() })
	require.NoError(t, db.Migrate(ctx, d))
	return d
}

// EmptyMySQL returns the address of a database without tables, which is dropped after the test.
func EmptyMySQL(t testing.TB) config.MySQL {
	t.Helper()
	conf := login(t)
	conf.Database = "test_" + strings.ToLower(rand.Text()[:12])
	Exec(t, config.MySQL{Address: conf.Address, Username: conf.Username, Password: conf.Password},
		"CREATE DATABASE "+conf.Database+" DEFAULT CHARACTER SET utf8mb4")
	t.Cleanup(func() {
		bare := conf
		bare.Database = ""
		Exec(t, bare, "DROP DATABASE "+conf.Database)
	})
	return conf
}

// Exec runs statements on one plain connection, as any other program would. Zero dates may pass.
func Exec(t testing.TB, conf config.MySQL, statements ...string) {
	t.Helper()
	c := driver.NewConfig()
	c.Net, c.Addr, c.User, c.Passwd, c.DBName = "tcp", conf.Address, conf.Username, conf.Password.Reveal(), conf.Database
	c.Params = map[string]string{"sql_mode": "''"}
	connector, err := driver.NewConnector(c)
	require.NoError(t, err)
	pool := sql.OpenDB(connector)
	defer func() { _ = pool.Close() }()
	pool.SetMaxOpenConns(1)
	for _, s := range statements {
		_, err := pool.ExecContext(context.WithoutCancel(t.Context()), s)
		require.NoError(t, err, "%.100s", s)
	}
}

// login returns the server's address; its database is not named yet.
func login(t testing.TB) config.MySQL {
	t.Helper()
	switch address := os.Getenv("WXCOMPONENT_TEST_MYSQL"); address {
	case "skip":
		t.Skip("WXCOMPONENT_TEST_MYSQL=skip")
	case "":
		address, err := server.start(t.Context())
		require.NoError(t, err, "start a MariaDB server: install mariadb-server, "+
			"name a server in WXCOMPONENT_TEST_MYSQL, or set it to skip")
		return config.MySQL{Address: address, Username: "root"}
	default:
		return config.MySQL{
			Address: address, Username: cmp.Or(os.Getenv("WXCOMPONENT_TEST_MYSQL_USER"), "root"),
			Password: log.Secret(os.Getenv("WXCOMPONENT_TEST_MYSQL_PASSWORD")),
		}
	}
	panic(fmt.Sprintf("unreachable in %s", t.Name()))
}
