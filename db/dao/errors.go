package dao

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"wxcomponent/db"
	"wxcomponent/db/model"
)

// fail says what was being done, and translates the driver's error. It returns nil for nil.
func fail(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, translate(err))
}

// translate adds the error of this package that stands for a driver's error.
func translate(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range []error{model.ErrNotFound, model.ErrDuplicate, model.ErrUnavailable} {
		if errors.Is(err, known) {
			return err
		}
	}
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return fmt.Errorf("%w (%w)", model.ErrNotFound, err)
	case db.IsDuplicate(err):
		return fmt.Errorf("%w (%w)", model.ErrDuplicate, err)
	case unavailable(err):
		return fmt.Errorf("%w (%w)", model.ErrUnavailable, err)
	}
	return err
}

// unavailable tells whether err is about the database as a whole, and not about one row.
func unavailable(err error) bool {
	if db.IsConflict(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.EOF) {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		// too many connections, going down, disk or table full, out of memory or locks, access,
		// read-only, statement ended by the server
		return slices.Contains([]uint16{
			1021, 1030, 1037, 1038, 1040, 1041, 1044, 1045, 1053, 1114, 1129, 1142, 1203, 1206, 1226, 1290, 1317,
			1792, 1836, 1969, 3024, 3100, 3572,
		}, e.Number)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return slices.Contains([]int{
			sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
			sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_CORRUPT,
		}, e.Code()&0xff)
	}
	return false
}

func isDuplicate(err error) bool { return errors.Is(err, model.ErrDuplicate) }
