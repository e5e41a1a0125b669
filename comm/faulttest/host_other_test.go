//go:build !linux

package faulttest

import "syscall"

// dieWithParent can do nothing here: a service of a killed test process has to be ended by hand.
func dieWithParent() *syscall.SysProcAttr { return nil }
