package db

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// kindIndex counts accounts by their kind and lists those of one kind.
func kindIndex() index {
	return index{"authorizers", "status_kind", "(`status`, `kind`, `istest`, `authtime`, `id`)"}
}

// addAccountKind gives accounts their kind and the number of their grant. The kinds of those from before
// are as good as the template's two types tell them, until their details are fetched again. Events
// that were dated in the future count as of now, so that they no longer keep newer ones out.
func addAccountKind(d Dialect) func(ctx context.Context, tx *gorm.DB) error {
	return func(_ context.Context, tx *gorm.DB) error {
		add := mysqlAccountKind
		if d == SQLite {
			add = sqliteAccountKind
		}
		if err := add(tx); err != nil {
			return err
		}
		for _, statement := range []string{
			"UPDATE authorizers SET kind = CASE WHEN apptype = 0 THEN 'miniProgram' WHEN servicetype = 2 THEN 'service'" +
				" ELSE 'subscription' END, updatetime = updatetime WHERE kind = 'other' AND (nickname <> '' OR username <> '')",
			"UPDATE authorizers SET eventms = " + d.NowMS() + ", updatetime = updatetime WHERE eventms > " + d.NowMS(),
		} {
			if err := tx.Exec(statement).Error; err != nil {
				return fmt.Errorf("fill the kinds of accounts: %w", err)
			}
		}
		return nil
	}
}

func mysqlAccountKind(tx *gorm.DB) error {
	have, err := readSchema(tx)
	if err != nil {
		return err
	}
	for _, c := range []column{
		{"authorizers", "kind", "VARCHAR(16) NOT NULL DEFAULT 'other'", nil},
		{"authorizers", "grantrev", "BIGINT NOT NULL DEFAULT 0", nil},
	} {
		if err := ensureColumn(tx, c, have); err != nil {
			return err
		}
	}
	return ensureIndexes(tx, []index{kindIndex()}, "")
}

func sqliteAccountKind(tx *gorm.DB) error {
	for name, definition := range map[string]string{
		"kind": "TEXT NOT NULL DEFAULT 'other'", "grantrev": "INTEGER NOT NULL DEFAULT 0",
	} {
		if err := sqliteColumn(tx, "authorizers", name, definition); err != nil {
			return err
		}
	}
	i := kindIndex()
	err := tx.Exec("CREATE INDEX IF NOT EXISTS " + i.Name + " ON " + i.Table + " " + i.Columns).Error
	if err != nil {
		return fmt.Errorf("index %s: %w", i.Name, err)
	}
	return nil
}
