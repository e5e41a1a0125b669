package db

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// index is an index that tables of the template lack.
type index struct{ Table, Name, Columns string }

func smallIndexes() []index {
	return []index{
		{
			"authorizers", "status_search",
			"(`status`, `authtime`, `id`, `apptype`, `istest`, `appid`, `nickname`, `principalname`)",
		},
		{"authorizers", "status_detailsms", "(`status`, `detailsms`)"},
	}
}

// nameIndexes order accounts by name.
func nameIndexes() []index {
	return []index{{"authorizers", "status_name", "(`status`, `nickname`, `id`, `istest`, `apptype`, `appid`, `principalname`)"}}
}

func bigIndexes() []index {
	return []index{
		{"wxcallback_component", "infotype_time", "(`infotype`, `receivetime`)"},
		{"wxcallback_component", "appid_time", "(`appid`, `receivetime`, `id`, `infotype`)"},
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
		return ensureIndexes(g, bigIndexes(), ", ALGORITHM=INPLACE, LOCK=NONE")
	})
}

func ensureIndexes(tx *gorm.DB, indexes []index, how string) error {
	var have []index
	err := tx.Raw("SELECT DISTINCT table_name AS `table`, index_name AS name FROM information_schema.statistics" +
		" WHERE table_schema = DATABASE()").Scan(&have).Error
	if err != nil {
		return fmt.Errorf("read the indexes: %w", err)
	}
	for _, i := range indexes {
		if slices.Contains(have, index{Table: i.Table, Name: i.Name}) {
			continue
		}
		err := alterTable(tx, "ALTER TABLE "+quote(i.Table)+" ADD INDEX "+quote(i.Name)+" "+i.Columns+how)
		if err != nil && !isMySQL(err, errDuplicateIndex) {
			return fmt.Errorf("index %s of %s: %w", i.Name, i.Table, err)
		}
	}
	return nil
}
