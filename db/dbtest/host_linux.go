package dbtest

import (
	"os"
	"syscall"
)

// dieWithParent has the kernel end the server when the test process dies, however it does.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

const (
	sharedMemory = "/dev/shm"
	enoughSpace  = 4 << 30
)

// fastFolder is where the server keeps its data: in memory when there is plenty, because making and
// dropping tables waits for the disk again and again.
func fastFolder() string {
	var fs syscall.Statfs_t
	if syscall.Statfs(sharedMemory, &fs) == nil && fs.Bavail*uint64(fs.Bsize) > enoughSpace { //nolint:gosec // positive
		return sharedMemory
	}
	return os.TempDir()
}
