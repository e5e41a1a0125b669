// Package dao reads and writes the database: one file per aggregate, methods of one Store that
// begin with the noun. Secret columns are sealed on the way in and opened on the way out.
package dao

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"wxcomponent/db"
)

// Sealer encrypts columns that must not be readable in the table. aad binds a value to its row.
type Sealer interface {
	Seal(plain, aad string) (string, error)
	Open(sealed, aad string) (string, error)
}

// Store is the database as the rest of the program sees it. It is safe for concurrent use.
type Store struct {
	db     *db.DB
	w, r   *gorm.DB // the same transaction inside Tx
	sealer Sealer
	now    func() time.Time
	inTx   bool
	until  time.Time             // the end of the transaction
	ends   *[]context.CancelFunc // of what waits for the database within the transaction
	waits  waits
	// unseen counts the messages since account_push was looked at.
	unseen    *atomic.Int64
	enterFrom int64 // see there
}

// waits are how long one may wait for the database: for a read, and for a write or a transaction.
type waits struct{ read, write time.Duration }

const (
	readWait  = 4 * time.Second
	writeWait = 10 * time.Second
)

// New returns a Store. Without a sealer, methods that touch secrets fail.
func New(d *db.DB, sealer Sealer) *Store {
	return &Store{
		db: d, w: d.Write, r: d.Read, sealer: sealer, now: time.Now, unseen: new(atomic.Int64), enterFrom: enterFrom, waits: waits{readWait, writeWait},
	}
}

// WithClock returns a Store that takes the time of rows from now. Leases and the work queue go by
// the database's clock all the same.
func (s *Store) WithClock(now func() time.Time) *Store {
	c := *s
	c.now = now
	return &c
}

// WithPatience returns a Store that waits for the database at least that long.
func (s *Store) WithPatience(least time.Duration) *Store {
	c := *s
	c.waits = waits{max(c.waits.read, least), max(c.waits.write, least)}
	return &c
}

// bound ends the waiting of a statement. One inside a transaction may take what is left of that.
func (s *Store) bound(ctx context.Context, wait time.Duration) context.Context {
	until := s.until
	if !s.inTx {
		until = time.Now().Add(wait)
	}
	bounded, cancel := context.WithDeadline(ctx, until)
	if s.inTx {
		*s.ends = append(*s.ends, cancel)
		return bounded
	}
	context.AfterFunc(bounded, cancel) // nobody knows when the rows have been read: its own end has to do
	return bounded
}

// Tx runs fn in one transaction, through the Store that fn is given and no other. fn may run
// again when a concurrent transaction was in the way. A Tx inside a Tx belongs to the outer one.
func (s *Store) Tx(ctx context.Context, fn func(tx *Store) error) error {
	if s.inTx {
		return fn(s)
	}
	until := time.Now().Add(s.waits.write)
	ctx, cancel := context.WithDeadline(ctx, until)
	ends := []context.CancelFunc{cancel}
	defer func() {
		for _, end := range ends {
			end()
		}
	}()
	err := s.db.Transact(ctx, func(g *gorm.DB) error {
		tx := *s
		tx.w, tx.r, tx.inTx, tx.until, tx.ends = g, g, true, until, &ends
		return fn(&tx)
	})
	return translate(err)
}

// Now is the database's clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var ms int64
	if err := s.read(ctx).Raw("SELECT " + s.db.Dialect.NowMS()).Scan(&ms).Error; err != nil {
		return time.Time{}, fail("read the database's clock", err)
	}
	return time.UnixMilli(ms).UTC(), nil
}

func (s *Store) read(ctx context.Context) *gorm.DB {
	return s.r.WithContext(s.bound(ctx, s.waits.read))
}

func (s *Store) write(ctx context.Context) *gorm.DB {
	return s.w.WithContext(s.bound(ctx, s.waits.write))
}

// often reads with a query that is asked so often that the database should read it only once. It has
// one text, or few.
func often[T any](ctx context.Context, s *Store, query string, args ...any) (all []T, err error) {
	if s.inTx {
		err = s.read(ctx).Raw(query, args...).Scan(&all).Error
		return all, err
	}
	bounded, cancel := context.WithTimeout(ctx, s.waits.read)
	defer cancel()
	rows, err := s.db.Query(bounded, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() { // this one and all behind it
		err = s.read(ctx).ScanRows(rows, &all)
	}
	return all, errors.Join(err, rows.Err())
}

// limitTo ends a query that is asked often, with few different numbers: SQLite plans a query with a
// bound LIMIT again for each value.
func limitTo(n int) string { return " LIMIT " + strconv.Itoa(n) }

// exec runs one writing statement and returns how many rows it found.
func (s *Store) exec(ctx context.Context, statement string, args ...any) (rows int64, err error) {
	if s.inTx { // the whole transaction is done again
		r := s.write(ctx).Exec(statement, args...)
		return r.RowsAffected, r.Error
	}
	ctx, cancel := context.WithTimeout(ctx, s.waits.write)
	defer cancel()
	return s.db.Exec(ctx, statement, args...)
}

// upsert runs update, and insert when update finds no row, whoever else does the same just now.
func (s *Store) upsert(update func() (rows int64, err error), insert func() error) error {
	rows, err := update()
	if err != nil || rows > 0 {
		return err
	}
	if err = insert(); db.IsDuplicate(err) {
		_, err = update()
	}
	return err
}

var errNoSealer = errors.New("secrets cannot be read or written yet")

func (s *Store) seal(plain, aad string) (string, error) {
	if plain == "" {
		return "", nil
	}
	if s.sealer == nil {
		return "", errNoSealer
	}
	return s.sealer.Seal(plain, aad)
}

// sealedPrefix begins every sealed value. Any other value is one that the template wrote.
const sealedPrefix = "enc1:"

func (s *Store) open(stored, aad string) (string, error) {
	if !strings.HasPrefix(stored, sealedPrefix) {
		return stored, nil
	}
	if s.sealer == nil {
		return "", errNoSealer
	}
	return s.sealer.Open(stored, aad)
}
