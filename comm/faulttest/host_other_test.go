//go:build !linux

package faulttest

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// dieWithParent can do nothing here: a service of a killed test process has to be ended by hand.
func dieWithParent() *syscall.SysProcAttr { return nil }

// reserve can do no more here than find an address that is free.
func reserve(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	return ln.Addr().String()
}
