//go:build bench

package bench

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
)

const (
	adminUser     = "bench"
	adminPassword = "bench-password"
)

// process is a program under test on an address of its own.
type process struct {
	cmd     *exec.Cmd
	address string
	ready   time.Duration // from its start until it answered
}

// start runs a program until it answers path with 200, and ends it after the test.
func start(t testing.TB, address, path string, cmd *exec.Cmd) *process {
	t.Helper()
	output, err := os.Create(filepath.Join(t.TempDir(), "output"))
	require.NoError(t, err)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	begin := time.Now()
	require.NoError(t, cmd.Start())
	p := &process{cmd: cmd, address: address}
	t.Cleanup(func() {
		p.stop()
		if text, _ := os.ReadFile(output.Name()); t.Failed() && len(text) > 0 {
			t.Logf("%s:\n%s", cmd.Path, text[max(0, len(text)-2000):])
		}
	})
	for deadline := begin.Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if res, err := http.Get("http://" + address + path); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				p.ready = time.Since(begin)
				return p
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not get ready", cmd.Path)
		}
	}
}

func (p *process) stop() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		_ = p.cmd.Wait()
	}
}

// resident is the memory that the process occupies, in bytes.
func (p *process) resident(t testing.TB) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(t, err)
	_, after, _ := bytes.Cut(text, []byte("VmRSS:"))
	kb, err := strconv.ParseInt(strings.Fields(string(after))[0], 10, 64)
	require.NoError(t, err)
	return kb << 10
}

// worked is the time that the process has kept processors busy.
func (p *process) worked(t testing.TB) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	require.NoError(t, err)
	_, after, _ := bytes.Cut(text, []byte(") ")) // behind the name; user and system time are fields 14 and 15
	var sum time.Duration
	for _, field := range strings.Fields(string(after))[11:13] {
		ticks, err := strconv.ParseInt(field, 10, 64)
		require.NoError(t, err)
		sum += time.Duration(ticks) * 10 * time.Millisecond
	}
	return sum
}

// service starts the built service on a database, with further settings.
func service(t testing.TB, o db.Options, settings ...string) *process {
	t.Helper()
	binary, err := filepath.Abs("../../bin/wxcomponent")
	require.NoError(t, err)
	return run(t, binary, o, settings...)
}

// nothingStored starts the same service, but for one thing: it acknowledges pushes and stores none.
func nothingStored(t testing.TB) *process {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "wxcomponent")
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "nomsgpack,faultcontrol", "-ldflags", "-s -w", "-o", binary, ".")
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return run(t, binary, db.Options{SQLitePath: filepath.Join(t.TempDir(), "wxcomponent.db")}, "WXCOMPONENT_DEFECTS=no-store")
}

func run(t testing.TB, binary string, o db.Options, settings ...string) *process {
	t.Helper()
	address := freeAddress(t)
	cmd := exec.Command(binary, "serve")
	cmd.Dir = t.TempDir()
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "PORT=" + address, "INNER_ADDRESS=" + freeAddress(t),
		"WX_APPID=" + appID, "WX_TOKEN=" + token, "WX_AES_KEY=" + aesKey, "WX_PLAIN_CALLBACK=on",
		"WX_API_BASE=http://127.0.0.1:9", // nothing answers there
		"ADMIN_USERNAME=" + adminUser, "ADMIN_PASSWORD=" + adminPassword, "RETENTION_DAYS=0",
		"DATA_DIR=" + filepath.Dir(o.SQLitePath),
	}
	if o.MySQL.Address != "" {
		cmd.Env = append(cmd.Env, "MYSQL_ADDRESS="+o.MySQL.Address, "MYSQL_USERNAME="+o.MySQL.Username,
			"MYSQL_DATABASE="+o.MySQL.Database, "DATA_DIR="+t.TempDir())
	}
	cmd.Env = append(cmd.Env, settings...)
	return start(t, address, "/readyz", cmd)
}

// mariadb starts a server as it would be in production, flushing at every commit.
func mariadb(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "wxcomponent-bench-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	asRoot := []string{"--no-defaults"}
	if os.Getuid() == 0 {
		asRoot = append(asRoot, "--user=root")
	}
	data := "--datadir=" + filepath.Join(dir, "data")
	out, err := exec.Command("mariadb-install-db", append(asRoot, data, "--auth-root-authentication-method=normal", "--skip-test-db")...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	binary, err := exec.LookPath("mariadbd")
	if err != nil {
		binary = "/usr/sbin/mariadbd"
	}
	cmd := exec.Command(binary, append(asRoot, data, "--tmpdir="+dir, "--socket="+filepath.Join(dir, "sock"), "--pid-file="+filepath.Join(dir, "pid"),
		"--bind-address=127.0.0.1", "--port="+port, "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=1G",
		"--innodb-log-file-size=512M", "--max-connections=300", "--skip-log-bin", "--skip-name-resolve", "--performance-schema=OFF")...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, time.Minute, 50*time.Millisecond)
	return address
}

func freeAddress(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}
