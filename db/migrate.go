package db

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

//go:embed migrations
var migrationFiles embed.FS

// migration is one step of the schema, run once. What a step does must bear being done again: the
// process may die in the middle of it.
type migration struct {
	name string // of the file in migrations/<dialect>, without its ending; without run there must be one
	run  func(ctx context.Context, tx *gorm.DB) error
}

// migrations returns the steps to version 1, 2 and so on.
func migrations(d Dialect) []migration {
	adopt := migration{name: "0003_adopt_template", run: adoptTemplate}
	names := migration{name: "0010_account_names", run: func(_ context.Context, tx *gorm.DB) error {
		return ensureIndexes(tx, nameIndexes(), "")
	}}
	byAccount := migration{name: "0013_account_push"}
	if d == SQLite {
		adopt.run = func(context.Context, *gorm.DB) error { return nil } // the template had no SQLite
		names.run = nil                                                  // there is a file
	} else {
		byAccount.run = func(context.Context, *gorm.DB) error { return nil } // MySQL's index costs little
	}
	return []migration{
		{name: "0001_kept_tables"},
		{name: "0002_own_tables"},
		adopt,
		{name: "0004_forward"},
		{name: "0005_release_check"},
		{name: "0006_notify"},
		{name: "0007_account_tag"},
		{name: "0008_saved_view"},
		{name: "0009_work_bundle"},
		names,
		{name: "0011_component_appid", run: addComponentAppID(d)},
		{name: "0012_delivery_bundle"},
		byAccount,
		{name: "0014_target_lists", run: addTargetLists(d)},
		{name: "0015_audit_event", run: addAuditEvents(d)},
		{name: "0016_account_kind", run: addAccountKind(d)},
		{name: "0019_push_held", run: addHeld(d)},
	}
}

const (
	migrationLease = "migration"
	onlineLease    = "migration.online"
	leaseTTL       = 15 * time.Second
	leasePoll      = 250 * time.Millisecond
)

// leaseTimes are how long a migration's lease is held without a sign of life, and how often those that
// wait for it ask.
type leaseTimes struct{ ttl, poll time.Duration }

// bootstrap is what the runner itself needs before the first step.
func bootstrap() []string {
	return []string{
		"CREATE TABLE IF NOT EXISTS lease (name VARCHAR(128) NOT NULL, owner VARCHAR(128) NOT NULL," +
			" fence BIGINT NOT NULL, expiresms BIGINT NOT NULL, PRIMARY KEY (name))",
		"CREATE TABLE IF NOT EXISTS schema_version (version INT NOT NULL, name VARCHAR(64) NOT NULL," +
			" atms BIGINT NOT NULL, PRIMARY KEY (version))",
	}
}

// FirstMigrationSQL returns the statements that make the tables of the template in a MySQL
// database, each on one line.
func FirstMigrationSQL() ([]string, error) { return statements(MySQL, "0001_kept_tables") }

// Migrate brings the schema up to date. Any number of instances may do so at once: one works, the
// others wait. A database whose schema is newer than this program is refused.
func Migrate(ctx context.Context, d *DB) error {
	steps := migrations(d.Dialect)
	if version, err := schemaVersion(ctx, d.Write); err == nil && version == len(steps) {
		return nil // the usual start; an error means that there is no schema yet, or shows below
	}
	return d.underLease(ctx, migrationLease, func(ctx context.Context, g *gorm.DB) error {
		version, err := schemaVersion(ctx, g)
		if err != nil {
			return fmt.Errorf("read the schema version: %w", err)
		}
		if version > len(steps) {
			return fmt.Errorf("the database has schema %d, made by a newer version of wxcomponent; this one knows %d:"+
				" run the newer version again, or restore the backup made before it", version, len(steps))
		}
		for i := version; i < len(steps); i++ {
			if err := d.step(ctx, g, i+1, steps[i]); err != nil {
				return fmt.Errorf("migration %s: %w", steps[i].name, err)
			}
		}
		return nil
	})
}

func schemaVersion(ctx context.Context, g *gorm.DB) (version int, err error) {
	err = g.WithContext(ctx).Raw("SELECT COALESCE(MAX(version), 0) FROM schema_version").Scan(&version).Error
	return version, err
}

func (d *DB) step(ctx context.Context, g *gorm.DB, version int, m migration) error {
	if m.run == nil {
		list, err := statements(d.Dialect, m.name)
		if err != nil {
			return err
		}
		for _, s := range list {
			if err := g.Exec(s).Error; err != nil {
				return fmt.Errorf("%.60s…: %w", s, err)
			}
		}
	} else if err := m.run(ctx, g); err != nil {
		return err
	}
	return g.Exec("INSERT INTO schema_version (version, name, atms) VALUES (?, ?, "+d.Dialect.NowMS()+")",
		version, m.name).Error
}

// statements reads a file of statements that each end in ";" and a line break.
func statements(d Dialect, name string) ([]string, error) {
	text, err := migrationFiles.ReadFile("migrations/" + string(d) + "/" + name + ".sql")
	if err != nil {
		return nil, fmt.Errorf("read migration: %w", err)
	}
	var list []string
	for s := range strings.SplitSeq(string(text), ";\n") {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			list = append(list, s)
		}
	}
	return list, nil
}

// underLease runs fn on one connection without time limits while it holds the lease. The context
// of fn ends when the lease is lost.
func (d *DB) underLease(ctx context.Context, name string, fn func(context.Context, *gorm.DB) error) (err error) {
	pool, err := d.reopen()
	if err != nil {
		return fmt.Errorf("connect for the migration: %w", err)
	}
	defer func() { err = errors.Join(err, closePool(pool)) }()
	for _, s := range bootstrap() {
		if err := Retry(ctx, func() error { return pool.WithContext(ctx).Exec(s).Error }); err != nil {
			return fmt.Errorf("prepare the database: %w", err)
		}
	}
	lease, err := d.awaitLease(ctx, name)
	if err != nil {
		return err
	}
	held, lost := context.WithCancelCause(ctx)
	renewing := make(chan struct{})
	go func() {
		defer close(renewing)
		d.keepLease(held, lease, lost)
	}()
	err = fn(held, pool.WithContext(held))
	if cause := context.Cause(held); err != nil && cause != nil {
		err = errors.Join(cause, err)
	}
	lost(nil)
	<-renewing
	return errors.Join(err, d.ReleaseLease(context.WithoutCancel(ctx), d.Write, lease))
}

func (d *DB) awaitLease(ctx context.Context, name string) (Lease, error) {
	owner := rand.Text()
	for {
		lease, ok, err := d.TakeLease(ctx, d.Write, name, owner, d.lease.ttl)
		if err != nil || ok {
			return lease, err
		}
		select {
		case <-time.After(d.lease.poll):
		case <-ctx.Done():
			return lease, fmt.Errorf("another instance is migrating the database: %w", ctx.Err())
		}
	}
}

var errLeaseLost = errors.New("another instance took over the migration")

func (d *DB) keepLease(ctx context.Context, lease Lease, lost context.CancelCauseFunc) {
	tick := time.NewTicker(d.lease.ttl / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if ok, err := d.RenewLease(ctx, d.Write, lease, d.lease.ttl); err == nil && !ok {
			lost(errLeaseLost)
			return
		}
	}
}
