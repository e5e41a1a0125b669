package encrypt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyFile is the file beside the embedded database that holds the data key, in the form of a
// plain record. dir is empty where there is no embedded database.
type keyFile struct{ dir string }

func (f keyFile) path() string { return filepath.Join(f.dir, "datakey") }

// read returns the key in the file.
func (f keyFile) read() (dataKey, error) {
	if f.dir == "" {
		return dataKey{}, errors.New("the data key is in a file beside the embedded database: set SECRET_KEY there before moving to a database server")
	}
	text, err := os.ReadFile(f.path())
	if errors.Is(err, fs.ErrNotExist) {
		return dataKey{}, fmt.Errorf("%s is missing, which holds the key of the stored secrets: restore it from a backup", f.path())
	}
	if err != nil {
		return dataKey{}, err
	}
	key, err := parsePlain(strings.TrimSpace(string(text)))
	if err != nil {
		return dataKey{}, fmt.Errorf("%s is damaged: restore it from a backup", f.path())
	}
	return key, nil
}

// create writes key to the file, whole or not at all, and returns it; a file that is there
// already stays, and its key is returned.
func (f keyFile) create(key dataKey) (dataKey, error) {
	temp, err := os.CreateTemp(f.dir, "datakey-*") // mode 0600
	if err != nil {
		return dataKey{}, fmt.Errorf("write the data key: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	_, err = temp.WriteString(plainRecord(key) + "\n")
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return dataKey{}, fmt.Errorf("write the data key: %w", err)
	}
	err = os.Link(temp.Name(), f.path())
	if errors.Is(err, fs.ErrExist) {
		return f.read()
	}
	if err != nil {
		return dataKey{}, fmt.Errorf("write the data key: %w", err)
	}
	return key, f.sync()
}

// sync makes the file's name as durable as its text.
func (f keyFile) sync() error {
	dir, err := os.Open(f.dir)
	if err != nil {
		return fmt.Errorf("write the data key: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("write the data key: %w", err)
	}
	return nil
}

// remove takes the file away when it holds the key with that id, which is kept elsewhere now. A
// file with another key, or with none, is not this installation's business.
func (f keyFile) remove(id string) error {
	if f.dir == "" {
		return nil
	}
	if key, err := f.read(); err != nil || key.id != id {
		return nil //nolint:nilerr // said above: not worth a failed start
	}
	return os.Remove(f.path())
}
