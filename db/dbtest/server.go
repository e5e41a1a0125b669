package dbtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	driver "github.com/go-sql-driver/mysql"
)

const startTimeout = 2 * time.Minute // ends a hang

// server is the one of this process: starting it takes longer than most tests.
var server mariadb //nolint:gochecknoglobals // shared by all tests of the process

type mariadb struct {
	once    sync.Once
	address string
	err     error
	binary  string
	options []string
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
}

// start starts the server once; it outlives the test that asked first.
func (s *mariadb) start(ctx context.Context) (address string, err error) {
	ctx = context.WithoutCancel(ctx)
	s.once.Do(func() { s.address, s.err = s.run(ctx) })
	return s.address, s.err
}

// Serve starts the server that this process would start for its own tests, for the tests of others:
// they are told of it by WXCOMPONENT_TEST_MYSQL.
func Serve(ctx context.Context) (address string, stop func(), err error) {
	address, err = server.start(ctx)
	return address, server.stop, err
}

func (s *mariadb) stop() {
	s.kill() // nothing in it is worth a clean stop
	_ = os.RemoveAll(runPath())
}

func (s *mariadb) kill() {
	if s.ended != nil {
		_ = s.process.Process.Kill()
		<-s.ended
	}
}

func (s *mariadb) run(ctx context.Context) (string, error) {
	dir, err := runFolder()
	if err != nil {
		return "", err
	}
	if err := s.prepare(ctx, dir, "--innodb-flush-method=nosync"); err != nil {
		return "", err
	}
	return s.address, s.launch(ctx)
}

// prepare makes the data of a new server in a folder, and chooses its port.
func (s *mariadb) prepare(ctx context.Context, dir string, further ...string) (err error) {
	if s.binary, err = find("mariadbd", "mysqld"); err != nil {
		return err
	}
	prepared, err := preparedData(ctx, s.binary)
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	if err := os.CopyFS(data, os.DirFS(prepared)); err != nil {
		return fmt.Errorf("copy the prepared data: %w", err)
	}
	// not the system's folder: a starting server clears its own of the temporary tables of all others
	temporary := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		return fmt.Errorf("make the folder for temporary tables: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	s.address = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	s.options = append(append([]string{"--no-defaults"}, asRoot()...),
		"--datadir="+data, "--tmpdir="+temporary, "--socket="+filepath.Join(dir, "sock"),
		"--pid-file="+filepath.Join(dir, "pid"), "--bind-address=127.0.0.1", "--port="+strconv.Itoa(port),
		"--innodb-buffer-pool-size=128M", "--innodb-log-file-size=32M", "--innodb-flush-log-at-trx-commit=1",
		"--innodb-file-per-table=OFF", "--max-connections=3000", "--performance-schema=OFF", "--skip-log-bin",
		"--skip-name-resolve", "--innodb-buffer-pool-dump-at-shutdown=OFF", "--innodb-buffer-pool-load-at-startup=OFF",
		// another zone than ours: nothing may depend on it
		"--default-time-zone=+08:00",
	)
	s.options = append(s.options, further...)
	return nil
}

// launch starts a prepared server and returns when it answers.
func (s *mariadb) launch(ctx context.Context) error {
	var output bytes.Buffer
	s.process = exec.CommandContext(ctx, s.binary, s.options...) //nolint:gosec // a binary that was looked up
	s.process.Stdout, s.process.Stderr = &output, &output
	s.process.SysProcAttr = dieWithParent()
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.binary, err)
	}
	ended, process := make(chan struct{}), s.process
	s.ended = ended
	go func() {
		defer close(ended)
		_ = process.Wait()
	}()
	if err := s.await(ctx, s.address); err != nil {
		s.kill()
		return fmt.Errorf("%w\n%s", err, tail(output.String()))
	}
	return nil
}

// find looks for a program on PATH and where servers are usually installed.
func find(names ...string) (string, error) {
	for _, name := range names {
		for _, dir := range []string{"", "/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"} {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%s: %w", strings.Join(names, " or "), exec.ErrNotFound)
}

// preparedData returns the folder of a new, empty installation of this server, made once for all
// test processes of the machine.
func preparedData(ctx context.Context, binary string) (string, error) {
	version, err := exec.CommandContext(ctx, binary, "--no-defaults", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", binary, err)
	}
	sum := sha256.Sum256(fmt.Appendf(version, "%d", os.Getuid()))
	base := filepath.Join(os.TempDir(), "wxcomponent-mariadb-"+hex.EncodeToString(sum[:8]))
	unlock, err := lockFile(base + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(filepath.Join(base, "mysql")); err == nil {
		return base, nil
	}
	install, err := find("mariadb-install-db", "mysql_install_db")
	if err != nil {
		return "", err
	}
	making := base + ".making"
	if err := os.RemoveAll(making); err != nil {
		return "", fmt.Errorf("clear %s: %w", making, err)
	}
	out, err := exec.CommandContext(ctx, install, append([]string{"--no-defaults"}, append(asRoot(), //nolint:gosec // as above
		"--datadir="+making, "--auth-root-authentication-method=normal", "--skip-test-db",
		"--innodb-log-file-size=32M")...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", install, err, tail(string(out)))
	}
	return base, os.Rename(making, base)
}

// asRoot is the option without which the server refuses to run as root.
func asRoot() []string {
	if os.Getuid() == 0 {
		return []string{"--user=root"}
	}
	return nil
}

const runPrefix = "wxcomponent-test-run-"

func runPath() string { return filepath.Join(fastFolder(), runPrefix+strconv.Itoa(os.Getpid())) }

// runFolder makes the folder for the databases of this process, and removes those that processes
// left behind which were killed.
func runFolder() (string, error) {
	dirs, _ := filepath.Glob(filepath.Join(fastFolder(), runPrefix+"*"))
	for _, dir := range dirs {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(dir), runPrefix))
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir)
		}
	}
	if err := os.MkdirAll(runPath(), 0o700); err != nil {
		return "", fmt.Errorf("make the folder of the tests' databases: %w", err)
	}
	return runPath(), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // returns at once
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("%s is not a TCP address", l.Addr())
	}
	return address.Port, nil
}

func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // made from TempDir
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

func (s *mariadb) await(ctx context.Context, address string) error {
	deadline := time.After(startTimeout)
	c := driver.NewConfig()
	c.Net, c.Addr, c.User, c.Logger = "tcp", address, "root", &driver.NopLogger{}
	for {
		err := ping(ctx, c)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-s.ended:
			return errors.New("the server has ended")
		case <-deadline:
			return fmt.Errorf("the server does not answer: %w", err)
		}
	}
}

func tail(text string) string { return text[max(0, len(text)-2000):] }
func ping(ctx context.Context, c *driver.Config) (err error) {
	connector, err := driver.NewConnector(c)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	pool := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, pool.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return pool.PingContext(ctx)
}
