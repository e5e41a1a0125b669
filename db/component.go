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
	var found int
	err := tx.Raw("SELECT COUNT(*) FROM pragma_table_info('wxcallback_component') WHERE name = 'appid'").Scan(&found).Error
	if err == nil && found == 0 {
		err = tx.Exec("ALTER TABLE wxcallback_component ADD COLUMN appid TEXT NOT NULL DEFAULT ''").Error
	}
	if err == nil {
		err = tx.Exec("CREATE INDEX IF NOT EXISTS component_appid_time ON wxcallback_component (appid, receivetime, id, infotype)").Error
	}
	if err != nil {
		return fmt.Errorf("column wxcallback_component.appid: %w", err)
	}
	return nil
}
