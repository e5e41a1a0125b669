package db

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// column is how a column of the template's has to be at least.
type column struct {
	table, name, definition string
	fits                    func(have columnInfo) bool // nil: it only has to exist
}

// columnInfo is what the server says of a column.
type columnInfo struct {
	TableName  string
	ColumnName string
	DataType   string
	Length     int64
	Extra      string
}

const errDuplicateColumn, errDuplicateIndex = 1060, 1061

// smallTables are copied to utf8mb4. The two tables of pushes are not: copying millions of rows
// would block the pushes that come in meanwhile.
func smallTables() []string {
	return []string{"comm", "user", "authorizers", "wxcallback_rules", "wxtoken", "counter"}
}

func atLeast(n int64) func(columnInfo) bool {
	return func(c columnInfo) bool { return c.Length >= n }
}

func noAutoUpdate(c columnInfo) bool {
	return !strings.Contains(strings.ToLower(c.Extra), "on update")
}

// smallColumns are the columns that tables of the template lack, or have too narrow.
func smallColumns() []column {
	return []column{
		{"user", "epoch", "INT NOT NULL DEFAULT 0", nil},
		{"authorizers", "nickname", "VARCHAR(191) NOT NULL DEFAULT ''", atLeast(191)},
		{"authorizers", "headimg", "VARCHAR(512) NOT NULL DEFAULT ''", atLeast(512)},
		{"authorizers", "qrcodeurl", "VARCHAR(512) NOT NULL DEFAULT ''", atLeast(512)},
		{"authorizers", "principalname", "VARCHAR(191) NOT NULL DEFAULT ''", atLeast(191)},
		{"authorizers", "refreshtoken", "TEXT NULL", atLeast(16000)},
		{"authorizers", "funcinfo", "TEXT NULL", atLeast(16000)},
		{"authorizers", "authtime", "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", noAutoUpdate},
		{"authorizers", "status", "TINYINT NOT NULL DEFAULT 1", nil},
		{"authorizers", "statusms", "BIGINT NOT NULL DEFAULT 0", nil},
		{"authorizers", "eventms", "BIGINT NOT NULL DEFAULT 0", nil},
		{"authorizers", "detailsms", "BIGINT NOT NULL DEFAULT 0", nil},
		{"authorizers", "registertype", "INT NOT NULL DEFAULT 0", nil},
		{"authorizers", "accountstatus", "INT NOT NULL DEFAULT 0", nil},
		{"authorizers", "basicconfig", "TEXT NULL", nil},
		{"authorizers", "bindstate", "VARCHAR(191) NOT NULL DEFAULT ''", nil},
		{"authorizers", "istest", "TINYINT NOT NULL DEFAULT 0", nil},
		{"wxcallback_rules", "info", "TEXT NOT NULL", atLeast(16000)},
		{"wxcallback_rules", "secret", "TEXT NULL", nil},
		{"wxtoken", "token", "TEXT NOT NULL", atLeast(16000)},
		{"wxtoken", "expiretime", "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", noAutoUpdate},
		{"wxtoken", "lifetime", "INT NOT NULL DEFAULT 0", nil},
	}
}

// adoptTemplate brings tables that the template made to the form of the first migration. Columns
// are only added and widened, so that the template can go on reading them.
func adoptTemplate(_ context.Context, tx *gorm.DB) error {
	// Rows of the template may hold zero dates, which a strict session would not let pass.
	if err := tx.Exec("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', lock_wait_timeout = 10").Error; err != nil {
		return fmt.Errorf("relax the session: %w", err)
	}
	for _, t := range smallTables() {
		if err := toUTF8MB4(tx, t); err != nil {
			return err
		}
	}
	for _, c := range smallColumns() {
		if err := ensureColumn(tx, c); err != nil {
			return err
		}
	}
	for _, i := range smallIndexes() {
		if err := ensureIndex(tx, i, ""); err != nil {
			return err
		}
	}
	for _, t := range []string{"wxcallback_component", "wxcallback_biz"} {
		if err := addFullBody(tx, t); err != nil {
			return err
		}
	}
	return nil
}

// alterTable waits for statements that use the table only briefly, and tries again, so that others
// do not queue up behind it for long.
func alterTable(tx *gorm.DB, statement string) error {
	return Retry(tx.Statement.Context, func() error { return tx.Exec(statement).Error })
}

func toUTF8MB4(tx *gorm.DB, table string) error {
	var narrow int64
	err := tx.Raw("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?"+
		" AND character_set_name IS NOT NULL AND character_set_name <> 'utf8mb4'", table).Scan(&narrow).Error
	if err == nil && narrow > 0 {
		err = alterTable(tx, "ALTER TABLE "+quote(table)+" CONVERT TO CHARACTER SET utf8mb4")
	}
	if err != nil {
		return fmt.Errorf("make %s utf8mb4: %w", table, err)
	}
	return nil
}

func findColumn(tx *gorm.DB, table, name string) (c columnInfo, found bool, err error) {
	var rows []columnInfo
	err = tx.Raw("SELECT table_name AS table_name, column_name AS column_name, data_type AS data_type,"+
		" COALESCE(character_maximum_length, 0) AS length, extra AS extra FROM information_schema.columns"+
		" WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?", table, name).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return c, false, err
	}
	return rows[0], true, nil
}

func ensureColumn(tx *gorm.DB, c column) error {
	have, found, err := findColumn(tx, c.table, c.name)
	alter := "ALTER TABLE " + quote(c.table)
	switch {
	case err != nil:
	case !found:
		err = alterTable(tx, alter+" ADD COLUMN "+quote(c.name)+" "+c.definition)
		if isMySQL(err, errDuplicateColumn) { // a step that was cut off got there after all
			err = nil
		}
	case c.fits != nil && !c.fits(have):
		err = alterTable(tx, alter+" MODIFY COLUMN "+quote(c.name)+" "+c.definition)
	}
	if err != nil {
		return fmt.Errorf("column %s.%s: %w", c.table, c.name, err)
	}
	return nil
}

// addFullBody adds the column for bodies that the template's postbody cannot hold, in the way that
// blocks least of those the server knows: MySQL 8 and MariaDB do it at once, MySQL 5.7 copies the
// table beside the running writes.
func addFullBody(tx *gorm.DB, table string) error {
	_, found, err := findColumn(tx, table, "fullbody")
	if err != nil || found {
		return err
	}
	add := "ALTER TABLE " + quote(table) + " ADD COLUMN fullbody MEDIUMTEXT CHARACTER SET utf8mb4 NULL"
	for _, how := range []string{", ALGORITHM=INSTANT", ", ALGORITHM=INPLACE, LOCK=NONE", ""} {
		if err = alterTable(tx, add+how); err == nil || isMySQL(err, errDuplicateColumn) {
			return nil
		}
		if !isMySQL(err, errSyntax, errUnknownAlgorithm, errAlterUnsupported, errAlterReason) {
			break
		}
	}
	return fmt.Errorf("column %s.fullbody: %w", table, err)
}

// Errors of servers that do not know, or cannot follow, an ALGORITHM clause.
const (
	errSyntax           = 1064
	errUnknownAlgorithm = 1800
	errAlterUnsupported = 1845
	errAlterReason      = 1846
)
