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
	Charset    string // "" when it holds no text
	Length     int64
	Extra      string
}

// schema is what tables look like now: columns by table and name.
type schema map[string]map[string]columnInfo

func readSchema(tx *gorm.DB) (schema, error) {
	var rows []columnInfo
	err := tx.Raw("SELECT table_name AS table_name, column_name AS column_name, extra AS extra," +
		" COALESCE(character_set_name, '') AS charset, COALESCE(character_maximum_length, 0) AS length" +
		" FROM information_schema.columns WHERE table_schema = DATABASE()").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the columns: %w", err)
	}
	have := schema{}
	for _, c := range rows {
		if have[c.TableName] == nil {
			have[c.TableName] = map[string]columnInfo{}
		}
		have[c.TableName][strings.ToLower(c.ColumnName)] = c
	}
	return have, nil
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
	have, err := readSchema(tx)
	if err != nil {
		return err
	}
	for _, t := range smallTables() {
		if err := toUTF8MB4(tx, t, have[t]); err != nil {
			return err
		}
	}
	if have, err = readSchema(tx); err != nil { // the conversion may have widened columns
		return err
	}
	for _, c := range smallColumns() {
		if err := ensureColumn(tx, c, have); err != nil {
			return err
		}
	}
	for _, t := range []string{"wxcallback_component", "wxcallback_biz"} {
		if err := addFullBody(tx, t, have); err != nil {
			return err
		}
	}
	return ensureIndexes(tx, smallIndexes(), "")
}

// alterTable waits for statements that use the table only briefly, and tries again, so that others
// do not queue up behind it for long.
func alterTable(tx *gorm.DB, statement string) error {
	return Retry(tx.Statement.Context, func() error { return tx.Exec(statement).Error })
}

func toUTF8MB4(tx *gorm.DB, table string, columns map[string]columnInfo) error {
	for _, c := range columns {
		if c.Charset == "" || c.Charset == "utf8mb4" {
			continue
		}
		if err := alterTable(tx, "ALTER TABLE "+quote(table)+" CONVERT TO CHARACTER SET utf8mb4"); err != nil {
			return fmt.Errorf("make %s utf8mb4: %w", table, err)
		}
		return nil
	}
	return nil
}

func ensureColumn(tx *gorm.DB, c column, have schema) (err error) {
	is, found := have[c.table][c.name]
	alter := "ALTER TABLE " + quote(c.table)
	switch {
	case !found:
		err = alterTable(tx, alter+" ADD COLUMN "+quote(c.name)+" "+c.definition)
		if isMySQL(err, errDuplicateColumn) { // a step that was cut off got there after all
			err = nil
		}
	case c.fits != nil && !c.fits(is):
		err = alterTable(tx, alter+" MODIFY COLUMN "+quote(c.name)+" "+c.definition)
	}
	if err != nil {
		return fmt.Errorf("column %s.%s: %w", c.table, c.name, err)
	}
	return nil
}

// addFullBody adds the column for bodies that the template's postbody cannot hold.
func addFullBody(tx *gorm.DB, table string, have schema) error {
	return addBesideWrites(tx, table, "fullbody", "MEDIUMTEXT CHARACTER SET utf8mb4 NULL", have)
}

// addBesideWrites adds a column to a table that may be big, in the way that blocks least of those the
// server knows: MySQL 8 and MariaDB do it at once, MySQL 5.7 copies the table beside the running writes.
func addBesideWrites(tx *gorm.DB, table, column, definition string, have schema) (err error) {
	if _, found := have[table][column]; found {
		return nil
	}
	add := "ALTER TABLE " + quote(table) + " ADD COLUMN " + quote(column) + " " + definition
	for _, how := range []string{", ALGORITHM=INSTANT", ", ALGORITHM=INPLACE, LOCK=NONE", ""} {
		if err = alterTable(tx, add+how); err == nil || isMySQL(err, errDuplicateColumn) {
			return nil
		}
		if !isMySQL(err, errSyntax, errUnknownAlgorithm, errAlterUnsupported, errAlterReason) {
			break
		}
	}
	return fmt.Errorf("column %s.%s: %w", table, column, err)
}

// Errors of servers that do not know, or cannot follow, an ALGORITHM clause.
const (
	errSyntax           = 1064
	errUnknownAlgorithm = 1800
	errAlterUnsupported = 1845
	errAlterReason      = 1846
)
