package db

import (
	"context"

	"gorm.io/gorm"
)

// addHeld gives messages the mark of those that wait for somebody to release them. Nearly all have none.
func addHeld(d Dialect) func(ctx context.Context, tx *gorm.DB) error {
	return func(_ context.Context, tx *gorm.DB) error {
		if d == SQLite {
			return sqliteColumn(tx, "wxcallback_biz", "held", "INTEGER NULL")
		}
		have, err := readSchema(tx)
		if err != nil {
			return err
		}
		return addBesideWrites(tx, "wxcallback_biz", "held", "TINYINT NULL", have)
	}
}
