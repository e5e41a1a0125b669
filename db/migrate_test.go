package db_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestMigrateTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		require.NoError(t, db.Migrate(t.Context(), d))
		require.NoError(t, db.MigrateOnline(t.Context(), d))
	})
}
