package db_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"wxcomponent/comm/config"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

// TestMain has the program run in another time zone than UTC, and the server is in its own: see dbtest.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("CST", 8*60*60) //nolint:gosmopolitan // the test's point
	os.Exit(dbtest.Main(m))
}

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		require.NoError(t, db.Migrate(t.Context(), d))
		require.NoError(t, db.MigrateOnline(t.Context(), d))
		require.NoError(t, d.Ping(t.Context()))
	})
}

// A process may be killed anywhere in a migration: each step must bear being done again.
func TestEveryMigrationCanBeRunAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var versions []int
		require.NoError(t, d.Write.Raw("SELECT version FROM schema_version ORDER BY version DESC").Scan(&versions).Error)
		require.NotEmpty(t, versions)
		for _, v := range versions {
			require.NoError(t, d.Write.Exec("DELETE FROM schema_version WHERE version >= ?", v).Error)
			require.NoError(t, db.Migrate(t.Context(), d))
		}
	})
}

func TestALeaseLeftByADeadProcessIsTakenOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		whole := version(t, d)
		require.NoError(t, d.Write.Exec("DELETE FROM schema_version WHERE version > 1").Error)
		require.NoError(t, d.Write.Exec("UPDATE lease SET owner = 'dead', fence = fence + 1, expiresms = "+
			d.Dialect.NowMS()+" + 3600000 WHERE name = 'migration'").Error)
		db.Patient(d)
		refused, done := refusals(t, d), make(chan error, 1)
		go func() { done <- db.Migrate(t.Context(), d) }()
		waittest.Until(t, func() bool { return refused.Load() > 1 || len(done) > 0 }, "the lease is asked for again")
		require.Empty(t, done, "it may only seem dead")
		require.Equal(t, 1, version(t, d), "it may only seem dead")
		require.NoError(t, d.Write.Exec("UPDATE lease SET expiresms = "+d.Dialect.NowMS()+" WHERE owner = 'dead'").Error)
		require.NoError(t, waittest.Receive(t, done, "the lease that has ended is taken over"))
		require.Equal(t, whole, version(t, d))
	})
}

func version(t *testing.T, d *db.DB) (v int) {
	t.Helper()
	require.NoError(t, d.Read.Raw("SELECT MAX(version) FROM schema_version").Scan(&v).Error)
	return v
}

// refusals counts how often a lease was asked for that someone holds.
func refusals(t *testing.T, d *db.DB) *atomic.Int32 {
	t.Helper()
	var n atomic.Int32
	require.NoError(t, d.Write.Callback().Raw().After("gorm:raw").Register("test:refusals", func(tx *gorm.DB) {
		if strings.HasPrefix(tx.Statement.SQL.String(), "UPDATE lease SET owner = ?") && tx.RowsAffected == 0 {
			n.Add(1)
		}
	}))
	return &n
}

func TestANewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		require.NoError(t, d.Write.Exec("INSERT INTO schema_version (version, name, atms) VALUES (999, 'later', 0)").Error)
		require.ErrorContains(t, db.Migrate(t.Context(), d), "newer version of wxcomponent")
	})
}

func TestFirstMigrationSQL(t *testing.T) {
	t.Parallel()
	list, err := db.FirstMigrationSQL()
	require.NoError(t, err)
	require.Len(t, list, 8)
	for _, s := range list {
		require.Contains(t, s, "CREATE TABLE IF NOT EXISTS")
		require.NotContains(t, s, ";")
	}
	conf := dbtest.EmptyMySQL(t) // as cloud hosting runs it before the first start
	dbtest.Exec(t, conf, list...)
	dbtest.Exec(t, conf, list...)
	migrateAtOnce(t, db.Options{MySQL: conf})
}

func TestTheDatabaseIsMadeWhenItIsMissing(t *testing.T) {
	t.Parallel()
	conf := dbtest.EmptyMySQL(t)
	dbtest.Exec(t, conf, "DROP DATABASE "+conf.Database)
	require.NoError(t, dbtest.Open(t, db.Options{MySQL: conf}).Ping(t.Context()))
}

func TestAWrongPasswordFailsAtOnce(t *testing.T) {
	t.Parallel()
	conf := dbtest.EmptyMySQL(t)
	conf.Password = "marked-password"
	_, err := db.Open(t.Context(), db.Options{MySQL: conf})
	require.ErrorContains(t, err, "1045")
	require.NotContains(t, err.Error(), "marked-password")
}

func TestAServerThatIsAwayIsAwaited(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var told error
	_, err := db.Open(ctx, db.Options{
		MySQL: config.MySQL{Address: "127.0.0.1:1", Username: "root", Password: "marked-password", Database: "x"},
		Waiting: func(err error, pause time.Duration) {
			told = err
			require.Positive(t, pause)
			cancel()
		},
	})
	require.Error(t, told)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "marked-password")
}

// Two instances may make the same new file at once, and one of them may be slow.
func TestAFileThatAnotherInstanceMakesIsAwaited(t *testing.T) {
	t.Parallel()
	o := dbtest.EmptySQLite(t)
	other, err := sql.Open("sqlite", "file:"+o.SQLitePath)
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	other.SetMaxOpenConns(1)
	for _, s := range []string{"CREATE TABLE made (v INTEGER)", "BEGIN IMMEDIATE"} {
		_, err = other.ExecContext(t.Context(), s)
		require.NoError(t, err, s)
	}
	var told []error
	o.Waiting = func(err error, _ time.Duration) {
		told = append(told, err)
		_, err = other.ExecContext(t.Context(), "COMMIT")
		require.NoError(t, err)
	}
	d, err := db.Open(t.Context(), o)
	require.NoError(t, err)
	require.NoError(t, d.Close())
	require.Len(t, told, 1)
	require.True(t, db.IsConflict(told[0]), told[0])
}

func TestSessionsDoNotDependOnTheServer(t *testing.T) {
	t.Parallel()
	conf := dbtest.EmptyMySQL(t)
	conf.Params = "readTimeout=20s&time_zone=%27SYSTEM%27"
	d := dbtest.Open(t, db.Options{MySQL: conf})
	for _, pool := range []string{"write", "read"} {
		g := d.Write
		if pool == "read" {
			g = d.Read
		}
		var zone, mode string
		require.NoError(t, g.Raw("SELECT @@time_zone").Scan(&zone).Error)
		require.NoError(t, g.Raw("SELECT @@sql_mode").Scan(&mode).Error)
		require.Equal(t, "+00:00", zone, pool)
		require.Contains(t, mode, "STRICT_TRANS_TABLES", pool)
	}
	var limits []struct {
		Name  string `gorm:"column:Variable_name"`
		Value float64
	}
	require.NoError(t, d.Read.Raw("SHOW SESSION VARIABLES WHERE Variable_name IN ('max_statement_time',"+
		" 'max_execution_time') AND Value > 0").Scan(&limits).Error)
	require.Len(t, limits, 1, "the server ends a read that takes too long")
}

func TestSQLiteIsFlushedAndPrivate(t *testing.T) {
	t.Parallel()
	o := beside(dbtest.EmptySQLite(t), "data/w.db")
	d := dbtest.Open(t, o)
	var level, mode string
	require.NoError(t, d.Write.Raw("PRAGMA synchronous").Scan(&level).Error)
	require.NoError(t, d.Write.Raw("PRAGMA journal_mode").Scan(&mode).Error)
	require.Equal(t, "2", level)
	require.Equal(t, "wal", mode)
	info, err := os.Stat(filepath.Dir(o.SQLitePath))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	require.Error(t, d.Read.Exec("DELETE FROM comm").Error, "readers cannot write")
}

// TestAccountsFromBeforeGetTheirKind, as well as it is known, and no event of the future keeps others out.
func TestAccountsFromBeforeGetTheirKind(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i, row := range []string{
			"'mini', 0, 0, 'n', 'other', 5", "'sub', 1, 1, 'n', 'other', 5", "'service', 1, 2, 'n', 'other', 5",
			"'untold', 0, 0, '', 'other', 5", "'known', 1, 0, 'n', 'store', 4102444800000",
		} {
			require.NoError(t, d.Write.Exec("INSERT INTO authorizers (appid, apptype, servicetype, nickname, kind, eventms,"+
				" authtime, updatetime) VALUES ("+row+", '2026-01-02 03:04:05', '2026-01-02 03:04:05')").Error, i)
		}
		require.NoError(t, d.Write.Exec("DELETE FROM schema_version WHERE name >= '0016'").Error)
		require.NoError(t, db.Migrate(t.Context(), d))
		var kinds []string
		require.NoError(t, d.Read.Raw("SELECT kind FROM authorizers ORDER BY id").Scan(&kinds).Error)
		require.Equal(t, []string{"miniProgram", "subscription", "service", "other", "store"}, kinds)
		var future, now int64
		require.NoError(t, d.Read.Raw("SELECT eventms, "+d.Dialect.NowMS()+" FROM authorizers WHERE appid = 'known'").Row().Scan(&future, &now))
		require.LessOrEqual(t, future, now)
	})
}

func TestStoredMessagesAreEnteredByAccount(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	for _, s := range []string{
		"DROP VIEW biz_of_account", "DROP TRIGGER biz_delete", "DROP TABLE account_push", "DROP TABLE account_push_upto",
		"CREATE INDEX biz_appid_time ON wxcallback_biz (appid, receivetime, id, msgtype, event)",
		"DELETE FROM schema_version WHERE name >= '0013'",
		"INSERT INTO wxcallback_biz (receivetime, createtime, appid, postbody) VALUES (1, 1, 'wx2', ''), (2, 2, 'wx1', ''), (3, 3, 'wx2', '')",
	} {
		require.NoError(t, d.Write.Exec(s).Error, s)
	}
	require.NoError(t, db.Migrate(t.Context(), d))
	var ids []int64
	require.NoError(t, d.Read.Raw("SELECT id FROM account_push WHERE appid = 'wx2' ORDER BY receivetime").Scan(&ids).Error)
	require.Equal(t, []int64{1, 3}, ids)
	require.NoError(t, d.Read.Raw("SELECT id FROM account_push_upto").Scan(&ids).Error)
	require.Equal(t, []int64{3}, ids)
}
