package inits_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

func TestTwoInstancesDoNotShareAFile(t *testing.T) {
	t.Parallel()
	env := onSQLite(t).with(localAdmin()).with(environment{"PORT": "127.0.0.1:0", "INNER_ADDRESS": "127.0.0.1:0"})
	first := start(t, env)
	require.ErrorContains(t, runToItsEnd(t, env, "serve"), "another instance uses it")
	require.NoError(t, runToItsEnd(t, env, "reset-password", "--username", adminName), "commands go on beside it")
	require.NoError(t, first.stop())
	require.FileExists(t, filepath.Join(env["DATA_DIR"], "wxcomponent.lock"))
	start(t, env) // what is left behind keeps nobody out
}

// TestDamagedFileIsNotServed: its beginning is whole, and so it can be opened and read.
func TestDamagedFileIsNotServed(t *testing.T) {
	t.Parallel()
	env := onSQLite(t).with(environment{"PORT": "127.0.0.1:0", "INNER_ADDRESS": "127.0.0.1:0"})
	path := filepath.Join(env["DATA_DIR"], "wxcomponent.db")
	d := dbtest.Open(t, db.Options{SQLitePath: path})
	require.NoError(t, d.Write.Exec("CREATE TABLE filling (v TEXT)").Error)
	require.NoError(t, d.Write.Exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "+
		"INSERT INTO filling SELECT hex(randomblob(400)) FROM n").Error)
	require.NoError(t, d.Close())
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	noise := make([]byte, 64<<10)
	for i := range noise {
		noise[i] = byte(i*7 + 1)
	}
	_, err = f.WriteAt(noise, info.Size()-(256<<10))
	require.NoError(t, err)
	require.ErrorContains(t, runToItsEnd(t, env, "serve"), "the file of the database is damaged")
}
