package faulttest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
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

	"wxcomponent/comm/config"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
)

const (
	adminUser     = "fault"
	adminPassword = "fault-password"
	fileName      = "wxcomponent.db" // in the folder that DATA_DIR names
	readyLimit    = 10 * time.Second
	everyDefect   = "ack-early,patient,no-identity,done-first,retry-at-once,trusting,no-rest,no-store"
)

// product is the service as a process, on addresses and a database that stay while it is killed
// and started again.
type product struct {
	t        testing.TB
	binary   string
	args     []string   // before it, to run it under another program
	files    []*os.File // that it and the other program get besides
	defects  string
	database db.Options
	public   string
	inner    string
	dir      string
	cmd      *exec.Cmd
	output   *os.File
}

// newProduct returns the service as it is shipped, or with defects. What is shipped is asked to
// have all of them, and must not.
func newProduct(t testing.TB, database db.Options, defects string) *product {
	t.Helper()
	binary, err := build(defects != "")
	require.NoError(t, err)
	p := &product{
		t: t, binary: binary, defects: cmp.Or(defects, everyDefect), database: database,
		public: reserve(t), inner: reserve(t), dir: t.TempDir(),
	}
	p.output, err = os.Create(filepath.Join(p.dir, "output"))
	require.NoError(t, err)
	t.Cleanup(func() {
		p.kill()
		_ = p.output.Close()
	})
	return p
}

// sqlite is a database of the test's own.
func sqlite(t testing.TB) db.Options {
	return db.Options{SQLitePath: filepath.Join(t.TempDir(), fileName)}
}

func mysql(login config.MySQL) db.Options { return db.Options{MySQL: login} }

// start starts it and returns how long it took until it was ready.
func (p *product) start() time.Duration {
	p.t.Helper()
	command := append(append([]string{}, p.args...), p.binary, "serve")
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Dir = p.dir
	p.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "PORT=" + p.public, "INNER_ADDRESS=" + p.inner, "WX_APPID=wx0000000000000001",
		"WX_PLAIN_CALLBACK=on", "WX_API_BASE=http://127.0.0.1:9", // nothing answers there
		"ADMIN_USERNAME=" + adminUser, "ADMIN_PASSWORD=" + adminPassword, "RETENTION_DAYS=0", "LOG_LEVEL=error",
		"FORWARD_ALLOW_PRIVATE=on", "WXCOMPONENT_DEFECTS=" + p.defects, "DATA_DIR=" + p.dir,
	}
	if m := p.database.MySQL; m.Address != "" {
		p.cmd.Env = append(p.cmd.Env, "MYSQL_ADDRESS="+m.Address, "MYSQL_USERNAME="+m.Username,
			"MYSQL_PASSWORD="+m.Password.Reveal(), "MYSQL_DATABASE="+m.Database)
	} else {
		p.cmd.Env = append(p.cmd.Env, "DATA_DIR="+filepath.Dir(p.database.SQLitePath))
	}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.ExtraFiles = p.output, p.output, p.files
	p.cmd.SysProcAttr = dieWithParent()
	begin := time.Now()
	require.NoError(p.t, p.cmd.Start())
	p.await(true)
	return time.Since(begin)
}

// await waits until the service says that it is ready, or that it is not, and returns how long
// that took.
func (p *product) await(ready bool) time.Duration {
	p.t.Helper()
	begin := time.Now()
	waittest.Until(p.t, func() bool { return p.ready() == ready }, "ready is %v:\n%s", ready, func() any {
		text, _ := os.ReadFile(p.output.Name())
		return text[max(0, len(text)-3000):]
	})
	return time.Since(begin)
}

// ready asks whether it is. No answer is a no, after readyLimit.
func (p *product) ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), readyLimit)
	defer cancel()
	req := must(http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.public+"/readyz", nil))
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill ends it as a crash does.
func (p *product) kill() { p.end(syscall.SIGKILL) }

// stop ends it as its operator does.
func (p *product) stop() { p.end(syscall.SIGTERM) }

func (p *product) end(signal syscall.Signal) {
	if p.cmd != nil && p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Signal(signal)
		_ = p.cmd.Wait()
	}
}

// metric is one of the figures that it gives of itself.
func (p *product) metric(name string) float64 {
	p.t.Helper()
	res, err := http.Get("http://" + p.inner + "/metrics")
	require.NoError(p.t, err)
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			f, err := strconv.ParseFloat(value, 64)
			require.NoError(p.t, err)
			return f
		}
	}
	p.t.Fatalf("there is no metric %s", name)
	return 0
}

// resident is the memory that it occupies, in bytes, and the most that it ever did.
func (p *product) resident() (now, most int64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	read := func(name string) int64 {
		_, after, _ := bytes.Cut(text, []byte(name+":"))
		fields := strings.Fields(string(after))
		if len(fields) == 0 {
			return 0
		}
		kb, _ := strconv.ParseInt(fields[0], 10, 64)
		return kb << 10
	}
	return read("VmRSS"), read("VmHWM")
}
