package db

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const othersMay = 0o077 // what group and others may do

// private keeps the embedded database from other users of the host: the file is made with mode 0600,
// which those beside it take over, and modes of before are corrected. What is not ours to change is left
// as it is.
func private(path string, changed func(path string, err error)) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the path is a setting
	if err != nil {
		return fmt.Errorf("make the database file: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("make the database file: %w", err)
	}
	for _, p := range Exposed(path) {
		if err := withdraw(p, path); changed != nil {
			changed(p, err)
		}
	}
	return nil
}

// Exposed returns which of an embedded database's folder and files other users of the host have access to.
func Exposed(path string) (open []string) {
	for _, p := range []string{filepath.Dir(path), path, path + "-wal", path + "-shm"} {
		if info, err := os.Stat(p); err == nil && info.Mode().Perm()&othersMay != 0 {
			open = append(open, p)
		}
	}
	return open
}

// withdraw takes from group and others what they may do with the folder or a file of a database.
func withdraw(p, database string) error {
	info, err := os.Stat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.IsDir() {
		err = onlyOurs(p, filepath.Base(database))
	}
	if err == nil {
		err = os.Chmod(p, info.Mode().Perm()&^othersMay)
	}
	if err != nil {
		return fmt.Errorf("keep %s from other users: %w", p, err)
	}
	return nil
}

// onlyOurs is an error for a folder that holds more than the database and its data key: others may need
// to get into it.
func onlyOurs(dir, database string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, database) && !strings.HasPrefix(name, "datakey") && name != "lost+found" {
			return fmt.Errorf("it also holds %s", name)
		}
	}
	return nil
}
