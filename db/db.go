// Package db opens the database, MySQL or the embedded SQLite, and brings its schema up to date.
package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"wxcomponent/comm/config"
)

// Options choose and configure the database.
type Options struct {
	MySQL      config.MySQL // used when it has an address
	SQLitePath string       // file of the embedded database; its folder is made when missing
	// Changed, if set, is told which file or folder of the embedded database others could read until now,
	// and why they still can where err is not nil.
	Changed func(path string, err error)
	// Patience is the least that a server may take for an answer; 0 is the usual time.
	Patience time.Duration
	// Waiting, if set, is told why the database cannot be used yet and when it is tried again.
	Waiting func(err error, pause time.Duration)
}

// DB is an open database. Write and Read are separate pools, so that long reads do not hold up
// the storing of pushes.
type DB struct {
	Write, Read *gorm.DB
	Dialect     Dialect
	Version     string // what the server says of itself

	reopen func() (*gorm.DB, error) // a pool of one connection without time limits, for migrations
	group  *group                   // of transactions, where the database has one writer; else nil

	writing, reading prepared // statements of the two pools

	lease leaseTimes // of migrations
}

// Open opens the database. Until ctx ends it waits for a MySQL server that is away, and for another
// instance that is making the file; a server that refuses the login or the database is an error at once.
func Open(ctx context.Context, o Options) (*DB, error) {
	d, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	d.writing.pool, d.reading.pool = d.Write, d.Read
	d.lease = leaseTimes{ttl: leaseTTL, poll: leasePoll}
	return d, nil
}

func open(ctx context.Context, o Options) (*DB, error) {
	if o.MySQL.Address != "" {
		return openMySQL(ctx, o)
	}
	return openSQLite(ctx, o)
}

const (
	firstPause   = 500 * time.Millisecond
	longestPause = 15 * time.Second
)

// await runs fn again, after pauses that grow, as long as it fails with what passes, until ctx ends.
func await(ctx context.Context, o Options, passes func(error) bool, fn func() error) error {
	pause := firstPause
	for {
		err := fn()
		if err == nil || !passes(err) {
			return err
		}
		if o.Waiting != nil {
			o.Waiting(err, pause)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
		pause = min(pause*2, longestPause)
	}
}

// Transact runs fn in one transaction, again when a concurrent one was in the way. Where the database
// has one writer, transactions that wait for it are committed together.
func (d *DB) Transact(ctx context.Context, fn func(tx *gorm.DB) error) error {
	if d.group != nil {
		return d.group.do(ctx, fn)
	}
	return Transact(ctx, d.Write, fn)
}

// Exec runs one writing statement in a transaction of its own and returns how many rows it found.
func (d *DB) Exec(ctx context.Context, statement string, args ...any) (rows int64, err error) {
	run := func(g *gorm.DB) error {
		r := g.WithContext(ctx).Exec(statement, args...)
		rows = r.RowsAffected
		return r.Error
	}
	if d.group != nil {
		err = d.group.do(ctx, run)
		return rows, err
	}
	err = Retry(ctx, func() error { return run(d.Write) })
	return rows, err
}

// Close closes both pools.
func (d *DB) Close() error {
	return errors.Join(d.writing.close(), d.reading.close(), closePool(d.Write), closePool(d.Read))
}

// Ping asks the database whether it answers.
func (d *DB) Ping(ctx context.Context) error {
	pool, err := d.Read.DB()
	if err == nil {
		err = pool.PingContext(ctx)
	}
	if err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	return nil
}

func closePool(g *gorm.DB) error {
	if g == nil {
		return nil
	}
	pool, err := g.DB()
	if err != nil {
		return fmt.Errorf("find the connection pool: %w", err)
	}
	return pool.Close()
}

// openPool opens a pool of at most conns connections, each of which is closed when it was idle for
// long. Nothing is logged: statements hold secrets.
func openPool(dialector gorm.Dialector, conns int, idle time.Duration) (*gorm.DB, error) {
	g, err := gorm.Open(dialector, &gorm.Config{
		Logger:                 logger.Discard,
		SkipDefaultTransaction: true,
		NowFunc:                func() time.Time { return time.Now().UTC().Truncate(time.Second) },
	})
	if err != nil {
		return nil, errors.Join(err, closePool(g))
	}
	pool, err := g.DB()
	if err != nil {
		return nil, fmt.Errorf("find the connection pool: %w", err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(idle)
	return g, nil
}
