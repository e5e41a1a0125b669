package db

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// addAuditEvents keeps which event told of a mini program's audit, so that the next one like it is
// known to be of another review. States that rest on nothing but an event are forgotten, and channels
// that are told of audits are told of other reviews.
func addAuditEvents(d Dialect) func(ctx context.Context, tx *gorm.DB) error {
	return func(_ context.Context, tx *gorm.DB) error {
		add := addMySQLColumns
		joined := "CONCAT(events, ?)"
		if d == SQLite {
			add, joined = addSQLiteColumns, "events || ?"
		}
		if err := add(tx, "weapp", "auditseenms", "auditeventms"); err != nil {
			return err
		}
		for _, s := range []string{
			"UPDATE weapp SET auditstatus = -1, auditreason = '', auditscreenshot = '', auditversion = '', auditdesc = ''," +
				" submitms = 0, auditms = 0 WHERE auditid = 0 AND auditstatus <> -1",
			"UPDATE weapp SET auditseenms = CASE WHEN auditms > 0 THEN auditms ELSE refreshms END, auditeventms = auditms" +
				" WHERE auditseenms = 0 AND auditstatus <> -1",
		} {
			if err := tx.Exec(s).Error; err != nil {
				return fmt.Errorf("states of audits: %w", err)
			}
		}
		for audit, review := range map[string]string{
			"audit.approved": "review.passed", "audit.rejected": "review.refused", "audit.delayed": "review.delayed",
		} {
			err := tx.Exec("UPDATE notify_channel SET events = "+joined+" WHERE events LIKE ? AND events NOT LIKE ?",
				","+review, "%"+audit+"%", "%"+review+"%").Error
			if err != nil {
				return fmt.Errorf("events of notification channels: %w", err)
			}
		}
		return nil
	}
}

// addMySQLColumns adds columns of numbers.
func addMySQLColumns(tx *gorm.DB, table string, columns ...string) error {
	have, err := readSchema(tx)
	for _, column := range columns {
		if err == nil {
			err = addBesideWrites(tx, table, column, "BIGINT NOT NULL DEFAULT 0", have)
		}
	}
	return err
}

// addSQLiteColumns adds columns of numbers.
func addSQLiteColumns(tx *gorm.DB, table string, columns ...string) error {
	for _, column := range columns {
		if err := sqliteColumn(tx, table, column, "INTEGER NOT NULL DEFAULT 0"); err != nil {
			return err
		}
	}
	return nil
}
