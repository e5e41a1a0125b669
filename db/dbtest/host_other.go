//go:build !linux

package dbtest

import (
	"os"
	"syscall"
)

// dieWithParent can do nothing here: a server of a killed test process has to be ended by hand.
func dieWithParent() *syscall.SysProcAttr { return nil }

func fastFolder() string { return os.TempDir() }
