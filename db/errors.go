package db

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors of MySQL servers that the same statement may not meet again. The last four are TiDB's.
const (
	errDuplicateEntry  = 1062
	errDuplicateEntry2 = 1586
	errLockWait        = 1205
	errDeadlock        = 1213
	errTiDBWrite       = 9007
	errTiDBRetry       = 8002
	errTiDBRetryable   = 8022
	errTiDBSchema      = 8028
)

const conflictRetries = 20

// IsDuplicate tells whether err says that a unique key is taken.
func IsDuplicate(err error) bool {
	if isMySQL(err, errDuplicateEntry, errDuplicateEntry2) || errors.Is(err, gorm.ErrDuplicatedKey) {
		return true
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// IsConflict tells whether err says that a concurrent transaction was in the way, so that trying
// again may help.
func IsConflict(err error) bool {
	if isMySQL(err, errLockWait, errDeadlock, errTiDBWrite, errTiDBRetry, errTiDBRetryable, errTiDBSchema) {
		return true
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

// Transact runs fn in one transaction, again when a concurrent one was in the way.
func Transact(ctx context.Context, g *gorm.DB, fn func(tx *gorm.DB) error) error {
	return Retry(ctx, func() error { return g.WithContext(ctx).Transaction(fn) })
}

// Retry runs fn until it meets no conflict with a concurrent transaction.
func Retry(ctx context.Context, fn func() error) error {
	for try := 1; ; try++ {
		err := fn()
		if err == nil || try == conflictRetries || !IsConflict(err) {
			return err
		}
		pause := time.Duration(rand.Int64N(int64(try) * int64(5*time.Millisecond))) //nolint:gosec // jitter
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}
