package db

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// addComponentAppID gives authorization events the appid of the account that they are about, so that
// they can be found by it. Events from before stay without one.
func addComponentAppID(d Dialect) func(ctx context.Context, tx *gorm.DB) error {
	if d == SQLite {
		return sqliteComponentAppID
	}
	return func(_ context.Context, tx *gorm.DB) error {
		have, err := readSchema(tx)
		if err != nil {
			return err
		}
		// The index is made beside the running service: see bigIndexes.
		return addBesideWrites(tx, "wxcallback_component", "appid", "VARCHAR(64) NOT NULL DEFAULT ''", have)
	}
}

func sqliteComponentAppID(_ context.Context, tx *gorm.DB) error {
	err := sqliteColumn(tx, "wxcallback_component", "appid", "TEXT NOT NULL DEFAULT ''")
	if err != nil {
		return err
	}
	err = tx.Exec("CREATE INDEX IF NOT EXISTS component_appid_time ON wxcallback_component (appid, receivetime, id, infotype)").Error
	if err != nil {
		return fmt.Errorf("index component_appid_time: %w", err)
	}
	return nil
}

// sqliteColumn adds a column that is not there yet.
func sqliteColumn(tx *gorm.DB, table, column, definition string) error {
	var found int
	err := tx.Raw("SELECT COUNT(*) FROM pragma_table_info(?) WHERE name = ?", table, column).Scan(&found).Error
	if err == nil && found == 0 {
		err = tx.Exec("ALTER TABLE " + table + " ADD COLUMN " + column + " " + definition).Error
	}
	if err != nil {
		return fmt.Errorf("column %s.%s: %w", table, column, err)
	}
	return nil
}

// addTargetLists gives targets the paths of what they get as lists.
func addTargetLists(d Dialect) func(ctx context.Context, tx *gorm.DB) error {
	return func(_ context.Context, tx *gorm.DB) error {
		if d == SQLite {
			return sqliteColumn(tx, "forward_target", "lists", "TEXT NOT NULL DEFAULT ''")
		}
		have, err := readSchema(tx)
		if err != nil {
			return err
		}
		return addBesideWrites(tx, "forward_target", "lists", "VARCHAR(4096) NOT NULL DEFAULT ''", have)
	}
}
