package db

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// index is an index that tables of the template lack.
type index struct{ table, name, columns string }

func smallIndexes() []index {
	return []index{
		{"authorizers", "status_authtime", "(`status`, `authtime`)"},
		{"authorizers", "status_detailsms", "(`status`, `detailsms`)"},
	}
}

func bigIndexes() []index {
	return []index{
		{"wxcallback_component", "infotype_time", "(`infotype`, `receivetime`)"},
		{"wxcallback_biz", "appid_time", "(`appid`, `receivetime`, `id`, `msgtype`, `event`)"},
		{"wxcallback_biz", "msgtype_time", "(`msgtype`, `receivetime`)"},
		{"wxcallback_biz", "event_time", "(`event`, `receivetime`, `id`, `msgtype`)"},
	}
}

// MigrateOnline does what takes long on big tables taken over from the template, beside the
// running service: until it is done, filtered lists of pushes are slow. It is to be run once the
// listeners are up, and returns at once when there is nothing to do.
func MigrateOnline(ctx context.Context, d *DB) error {
	if d.Dialect == SQLite {
		return nil
	}
	return d.underLease(ctx, onlineLease, func(_ context.Context, g *gorm.DB) error {
		for _, i := range bigIndexes() {
			if err := ensureIndex(g, i, ", ALGORITHM=INPLACE, LOCK=NONE"); err != nil {
				return err
			}
		}
		return nil
	})
}

func ensureIndex(tx *gorm.DB, i index, how string) error {
	var have int64
	err := tx.Raw("SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()"+
		" AND table_name = ? AND index_name = ?", i.table, i.name).Scan(&have).Error
	if err == nil && have == 0 {
		err = alterTable(tx, "ALTER TABLE "+quote(i.table)+" ADD INDEX "+quote(i.name)+" "+i.columns+how)
	}
	if err != nil && !isMySQL(err, errDuplicateIndex) {
		return fmt.Errorf("index %s of %s: %w", i.name, i.table, err)
	}
	return nil
}
