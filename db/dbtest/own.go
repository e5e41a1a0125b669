package dbtest

import (
	"context"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/config"
)

// Own is a MariaDB server that belongs to one test: it may be killed, halted and started again. It
// flushes every commit to a file on disk.
type Own struct {
	t      testing.TB
	server mariadb
}

// OwnServer starts a server that lives until the test ends.
func OwnServer(t testing.TB) *Own {
	t.Helper()
	if os.Getenv("WXCOMPONENT_TEST_MYSQL") == "skip" {
		t.Skip("WXCOMPONENT_TEST_MYSQL=skip")
	}
	dir, err := os.MkdirTemp("", "wxcomponent-own-")
	require.NoError(t, err)
	o := &Own{t: t}
	t.Cleanup(func() {
		o.Kill()
		_ = os.RemoveAll(dir)
	})
	require.NoError(t, o.server.prepare(t.Context(), dir, "--innodb-flush-method=fsync"), "install mariadb-server")
	o.Start()
	return o
}

// Login is where it is; the database that is named is not made.
func (o *Own) Login(database string) config.MySQL {
	return config.MySQL{Address: o.server.address, Username: "root", Database: database}
}

// Start starts it again where it was, and returns when it answers.
func (o *Own) Start() {
	o.t.Helper()
	require.NoError(o.t, o.server.launch(context.WithoutCancel(o.t.Context())))
}

// Kill ends it as a crash does.
func (o *Own) Kill() { o.server.kill() }

// Halt stops it in the middle of what it does: its connections stay open, and nothing answers.
func (o *Own) Halt() {
	o.t.Helper()
	require.NoError(o.t, o.server.process.Process.Signal(syscall.SIGSTOP))
}

// Resume lets it go on.
func (o *Own) Resume() {
	o.t.Helper()
	require.NoError(o.t, o.server.process.Process.Signal(syscall.SIGCONT))
}
