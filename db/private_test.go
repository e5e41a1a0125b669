package db_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
)

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}

func TestOtherUsersCannotReadTheEmbeddedDatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(dir, "wxcomponent.db")
	open := func() (changed []string, failed int) {
		d, err := db.Open(t.Context(), db.Options{SQLitePath: path, Changed: func(p string, err error) {
			changed = append(changed, filepath.Base(p))
			if err != nil {
				failed++
			}
		}})
		require.NoError(t, err)
		require.NoError(t, d.Write.Exec("CREATE TABLE IF NOT EXISTS x (a INT)").Error)
		for _, p := range []string{path, path + "-wal", path + "-shm"} {
			require.Equal(t, os.FileMode(0o600), modeOf(t, p), p)
		}
		require.NoError(t, d.Close())
		return changed, failed
	}
	changed, _ := open()
	require.Empty(t, changed)
	require.Equal(t, os.FileMode(0o700), modeOf(t, dir))

	require.NoError(t, os.Chmod(dir, 0o755))
	require.NoError(t, os.Chmod(path, 0o644))
	require.Len(t, db.Exposed(path), 2)
	changed, failed := open()
	require.Equal(t, []string{"data", "wxcomponent.db"}, changed)
	require.Zero(t, failed)
	require.Equal(t, os.FileMode(0o700), modeOf(t, dir))
	require.Empty(t, db.Exposed(path))

	require.NoError(t, os.Chmod(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "of another program"), nil, 0o644))
	_, failed = open()
	require.Equal(t, 1, failed)
	require.Equal(t, os.FileMode(0o755), modeOf(t, dir), "a folder that others use is left alone")
	require.Equal(t, []string{dir}, db.Exposed(path))
}
