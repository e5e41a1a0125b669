package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// soundWait bounds how long a start looks at the file of an embedded database: a large one is looked at
// as far as the time goes.
const soundWait = 3 * time.Second

// ErrDamaged says that the file of the embedded database is damaged.
var ErrDamaged = errors.New("the file of the database is damaged: stop the service and restore a copy of it, or save what can be " +
	"read with the sqlite3 program's .recover")

// Sound looks for damage in an embedded database. A server looks after itself.
func Sound(ctx context.Context, d *DB) error {
	if d.Dialect != SQLite {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, soundWait)
	defer cancel()
	var found []string
	err := d.Read.WithContext(bounded).Raw("PRAGMA quick_check(1)").Scan(&found).Error
	switch {
	case err != nil && bounded.Err() != nil:
		return ctx.Err() // the time is over and nothing has been found
	case err != nil:
		return fmt.Errorf("%w (%w)", ErrDamaged, err)
	case len(found) != 1 || found[0] != "ok":
		return fmt.Errorf("%w (%v)", ErrDamaged, found)
	}
	return nil
}
