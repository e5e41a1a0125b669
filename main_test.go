package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/config"
	"wxcomponent/comm/inits"
	"wxcomponent/comm/waittest"
	"wxcomponent/db/dbtest"
)

// asProgram, when set, makes the test binary be the program itself, for tests of a whole process.
const asProgram = "WXCOMPONENT_TEST_AS_PROGRAM"

// times are those of a program whose machine may be slow, or stand still for a while.
func times() inits.Times { return inits.Times{Patience: waittest.Limit} }

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(process(times()))
	}
	os.Exit(dbtest.Main(m))
}

// output keeps what a program writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// environment is the settings of a program under test. Ports are free ones unless it says otherwise.
type environment map[string]string

func (e environment) get(name string) string {
	if value, ok := e[name]; ok {
		return value
	}
	return map[string]string{"PORT": "127.0.0.1:0", "INNER_ADDRESS": "127.0.0.1:0"}[name]
}

// fails runs a command that must end by itself, not well, and returns the one line it says.
func fails(t *testing.T, env environment, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Limit)
	defer cancel()
	var stdout, stderr output
	require.Equal(t, 1, run(ctx, times(), args, env.get, &stdout, &stderr))
	require.NoError(t, ctx.Err(), "it had to be stopped")
	line, rest, _ := strings.Cut(stderr.String(), "\n")
	require.NotEmpty(t, line)
	require.Empty(t, rest, "more than one line")
	return line
}

func TestWrongSettingEndsTheStart(t *testing.T) {
	t.Chdir(t.TempDir()) // no .env there
	require.NoError(t, os.WriteFile("file", nil, 0o600))
	for _, tt := range []struct {
		name, value string
		others      environment
	}{
		{name: "PORT", value: "99999"},
		{name: "INNER_ADDRESS", value: "8081"},
		{name: "MYSQL_ADDRESS", value: "db:port", others: environment{"MYSQL_USERNAME": "u"}},
		{name: "MYSQL_USERNAME", value: "", others: environment{"MYSQL_ADDRESS": "db:3306"}},
		{name: "MYSQL_DATABASE", value: "a b"},
		{name: "MYSQL_PARAMS", value: "%zz"},
		{name: "WX_APPID", value: "wx 1"},
		{name: "WX_AES_KEY", value: "tooshort"},
		{name: "WX_AES_KEY_PREVIOUS", value: "tooshort"},
		{name: "WX_PLAIN_CALLBACK", value: "maybe"},
		{name: "WX_API_BASE", value: "ftp://api.weixin.qq.com"},
		{name: "WX_API_BASE", value: "http://api.weixin.qq.com"},
		{name: "WX_PC_AUTH_BASE", value: "mp.weixin.qq.com"},
		{name: "WX_H5_AUTH_BASE", value: "https://"},
		{name: "WX_CLOUDBASE_TOKEN", value: "perhaps"},
		{name: "DATA_DIR", value: "file"},
		{name: "ADMIN_USERNAME", value: strings.Repeat("a", 33)},
		{name: "TRUSTED_PROXIES", value: "10.0.0.0/33"},
		{name: "RETENTION_DAYS", value: "-1"},
		{name: "LOG_LEVEL", value: "loud"},
		{name: "WXCOMPONENT_CONFIG", value: "missing.yaml"},
	} {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			env := environment{tt.name: tt.value}
			for name, value := range tt.others {
				env[name] = value
			}
			require.Contains(t, fails(t, env, "serve"), tt.name)
		})
	}
}

func TestWrongCommandLine(t *testing.T) {
	for _, args := range [][]string{{"dance"}, {"serve", "now"}, {"--unknown-flag"}} {
		fails(t, environment{}, args...)
	}
}

func TestPortInUse(t *testing.T) {
	t.Chdir(t.TempDir())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	for _, name := range []string{"PORT", "INNER_ADDRESS"} {
		line := fails(t, environment{name: taken.Addr().String()})
		require.Contains(t, line, name)
		require.Contains(t, line, taken.Addr().String())
	}
}

func TestWrongDatabasePassword(t *testing.T) {
	t.Chdir(t.TempDir())
	const password = "not-the-right-password"
	conf := dbtest.EmptyMySQL(t)
	var stdout, stderr output
	env := environment{
		"MYSQL_ADDRESS": conf.Address, "MYSQL_USERNAME": "nobody", "MYSQL_PASSWORD": password, "MYSQL_DATABASE": conf.Database,
	}
	require.Equal(t, 1, run(t.Context(), times(), nil, env.get, &stdout, &stderr))
	require.NotContains(t, stdout.String(), "waiting for the database")
	require.Contains(t, stderr.String(), "nobody")
	require.Equal(t, 1, strings.Count(stderr.String(), "\n"))
	require.NotContains(t, stdout.String()+stderr.String(), password)
}

// child is the program as it is run in production: a process of its own, started anywhere.
type child struct {
	cmd   *exec.Cmd
	out   output
	ended chan struct{} // closed when err tells how
	err   error
}

func startChild(t *testing.T, env environment, args ...string) *child {
	t.Helper()
	binary, err := filepath.Abs(os.Args[0])
	require.NoError(t, err)
	c := &child{cmd: exec.CommandContext(t.Context(), binary, args...), ended: make(chan struct{})}
	c.cmd.Dir, c.cmd.Stdout, c.cmd.Stderr = "/", &c.out, &c.out
	c.cmd.Env = []string{asProgram + "=1", "INNER_ADDRESS=127.0.0.1:0"}
	for name, value := range env {
		c.cmd.Env = append(c.cmd.Env, name+"="+value)
	}
	require.NoError(t, c.cmd.Start())
	go func() {
		defer close(c.ended)
		c.err = c.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		<-c.ended
	})
	return c
}

// until waits for what the child does while it runs.
func (c *child) until(t *testing.T, condition func() bool, what string) {
	t.Helper()
	waittest.Until(t, func() bool {
		select {
		case <-c.ended:
			require.Fail(t, "the program has ended", "%v\n%s", c.err, &c.out)
		default:
		}
		return condition()
	}, "%s: %s", what, func() any { return c.out.String() })
}

// answers waits for an answer of the child.
func (c *child) answers(t *testing.T, url string, status int, text string) {
	t.Helper()
	client := http.Client{Timeout: waittest.Limit}
	c.until(t, func() bool {
		res, err := client.Get(url)
		if err != nil {
			return false
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		return err == nil && res.StatusCode == status && strings.Contains(string(body), text)
	}, fmt.Sprintf("%s answers %d %s", url, status, text))
}

// stops asks the child to stop, which it has to do well.
func (c *child) stops(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	waittest.Receive(t, c.ended, "the program ends")
	require.NoError(t, c.err, "%s", &c.out)
}

// reserve returns an address of this host that nobody listens at, and that nobody gets who does not ask
// for it.
func reserve(t *testing.T) string {
	t.Helper()
	syscall.ForkLock.RLock() // or a child that is being started would keep it
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	require.NoError(t, syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	name, err := syscall.Getsockname(fd)
	require.NoError(t, err)
	return fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
}

// TestServiceWaitsForItsDatabase starts the service while its database server is away.
func TestServiceWaitsForItsDatabase(t *testing.T) {
	t.Parallel()
	conf := dbtest.EmptyMySQL(t)
	away, public := reserve(t), reserve(t)
	c := startChild(t, environment{
		"PORT": public, "MYSQL_ADDRESS": away, "MYSQL_DATABASE": conf.Database,
		"MYSQL_USERNAME": conf.Username, "MYSQL_PASSWORD": conf.Password.Reveal(), "ADMIN_PASSWORD": "password",
	})
	base := "http://" + public
	c.answers(t, base+"/readyz", http.StatusServiceUnavailable, "waiting for the database")
	c.answers(t, base+"/healthz", http.StatusOK, "ok")
	c.answers(t, base+"/wxcallback/component", http.StatusServiceUnavailable, "")
	require.Contains(t, c.out.String(), "waiting for the database")

	relay(t, away, conf)
	c.answers(t, base+"/readyz", http.StatusOK, "ready")
	c.stops(t)
}

// relay opens a listener that leads to the database server, until the test ends.
func relay(t *testing.T, listen string, conf config.MySQL) {
	t.Helper()
	ln, err := net.Listen("tcp", listen)
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", conf.Address)
			if err != nil {
				_ = in.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					_, _ = io.Copy(way[0], way[1])
					_ = way[0].Close()
				}()
			}
		}
	}()
}

// TestProcess asks the program to stop while a push is on its way in.
func TestProcess(t *testing.T) {
	t.Parallel()
	address := reserve(t)
	c := startChild(t, environment{
		"PORT": address, "DATA_DIR": filepath.Join(t.TempDir(), "new", "data"), "WX_PLAIN_CALLBACK": "on", "ADMIN_USERNAME": "operator",
	}, "serve")
	c.until(t, func() bool { return strings.Contains(c.out.String(), `"msg":"ready"`) }, "it is ready")
	require.Regexp(t, `user operator, password [0-9A-Za-z]{20} `, c.out.String(), "the random password is shown")
	check := startChild(t, environment{"PORT": address}, "healthcheck")
	waittest.Receive(t, check.ended, "the health check ends")
	require.NoError(t, check.err, "%s", &check.out)

	const body = `{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1,"MsgType":"text","Content":"hi","MsgId":1}`
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "POST /wxcallback/biz/wx1 HTTP/1.1\r\nHost: x\r\nX-Wx-Source: x\r\nContent-Length: %d\r\n"+
		"Expect: 100-continue\r\n\r\n", len(body))
	require.NoError(t, err)
	answers := bufio.NewReader(conn)
	wanted, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusContinue, wanted.StatusCode) // so the push is being read when the stop comes
	_, err = io.WriteString(conn, body[:20])
	require.NoError(t, err)
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	c.until(t, func() bool {
		other, err := net.Dial("tcp", address)
		if err == nil {
			_ = other.Close()
		}
		return err != nil
	}, "it takes no new ones any more")

	_, err = io.WriteString(conn, body[20:])
	require.NoError(t, err)
	res, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "success", string(answer))
	waittest.Receive(t, c.ended, "the program ends")
	require.NoError(t, c.err, "%s", &c.out)
}

func TestVersion(t *testing.T) {
	var stdout, stderr output
	require.Zero(t, run(t.Context(), times(), []string{"version"}, environment{}.get, &stdout, &stderr))
	require.Contains(t, stdout.String(), "wxcomponent dev (commit unknown")
}
