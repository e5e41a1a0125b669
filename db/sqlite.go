package db

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	_ "modernc.org/sqlite" // the driver named "sqlite"
)

const (
	sqliteReaders = 4
	sqliteIdle    = 5 * time.Minute // a connection has its cache
	// busyTimeout is how many milliseconds SQLite itself waits for a lock: it cannot be interrupted then.
	// Whoever has more time tries again.
	busyTimeout = "500"
)

// openSQLite opens a file with one writer and a few readers. A commit is flushed before it
// returns.
func openSQLite(ctx context.Context, o Options) (*DB, error) {
	path := o.SQLitePath
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("database file %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the database: %w", err)
	}
	if err := private(abs, o.Changed); err != nil {
		return nil, err
	}
	d := &DB{Dialect: SQLite}
	d.reopen = func() (*gorm.DB, error) { return sqlitePool(abs, false, 1) }
	// Switching to WAL does not wait by itself for another instance that does so too.
	open := func(readOnly bool, conns int) (g *gorm.DB, err error) {
		err = await(ctx, o, IsConflict, func() error {
			return Retry(ctx, func() (err error) {
				g, err = sqlitePool(abs, readOnly, conns)
				return err
			})
		})
		return g, err
	}
	if d.Write, err = open(false, 1); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	d.group = &group{pool: d.Write}
	if d.Read, err = open(true, sqliteReaders); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s for reading: %w", path, err), d.Close())
	}
	if err := d.Read.WithContext(ctx).Raw("SELECT sqlite_version()").Scan(&d.Version).Error; err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), d.Close())
	}
	return d, nil
}

// sqlitePool makes a pool whose caches are sized for a service that has to stay small: the writer
// keeps the ends of its indexes, readers find the rest in the operating system's cache. Fewer, larger
// checkpoints cost pushes less. Times are stored as whole seconds since 1970, so that they compare as numbers.
func sqlitePool(path string, readOnly bool, conns int) (*gorm.DB, error) {
	q := url.Values{
		"_busy_timeout":        {busyTimeout},
		"_journal_mode":        {"WAL"},
		"_synchronous":         {"FULL"},
		"_txlock":              {"immediate"},
		"_time_integer_format": {"unix"},
		"_inttotime":           {"1"},
		"_timezone":            {"UTC"},
		"_dqs":                 {"0"},
		"_pragma":              {"cache_size(-4096)", "temp_store(2)", "wal_autocheckpoint(8000)"},
	}
	if readOnly {
		q.Set("_query_only", "1")
		q.Set("_txlock", "deferred")
		q["_pragma"] = []string{"cache_size(-2048)", "temp_store(2)"}
	}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	return openPool(sqlite.New(sqlite.Config{DriverName: "sqlite", DSN: dsn.String()}), conns, sqliteIdle)
}
