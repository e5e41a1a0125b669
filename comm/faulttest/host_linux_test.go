package faulttest

import "syscall"

// dieWithParent has the kernel end the service when the test process dies, however it does.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
