//go:build unix

package inits

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const lockFile = "wxcomponent.lock"

// lockFolder keeps a second instance off an embedded database, as long as the returned file is open. The
// lock is the kernel's: a process that dies, however it does, leaves none behind.
func lockFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the database, set by DATA_DIR: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- of a setting
	if err != nil {
		return nil, fmt.Errorf("open the lock of the database, set by DATA_DIR: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errors.New("another instance uses it: an embedded database is for one instance, " +
			"so stop the other one, give this one a DATA_DIR of its own, or set MYSQL_ADDRESS")
	}
	return nil, errors.Join(fmt.Errorf("lock %s, set by DATA_DIR: %w", dir, err), f.Close())
}
