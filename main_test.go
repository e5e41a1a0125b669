package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
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
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/config"
	"wxcomponent/db/dbtest"
)

// asProgram, when set, makes the test binary be the program itself, for tests of a whole process.
const asProgram = "WXCOMPONENT_TEST_AS_PROGRAM"

// patience is how long anything may take on a busy machine.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
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

// address waits for the line that tells where the service listens.
func (o *output) address(t *testing.T) string {
	t.Helper()
	var entry struct{ Msg, Public string }
	require.Eventually(t, func() bool {
		for line := range strings.Lines(o.String()) {
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "ready" {
				return true
			}
		}
		return false
	}, patience, 10*time.Millisecond)
	return entry.Public
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
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var stdout, stderr output
	require.Equal(t, 1, run(ctx, args, env.get, &stdout, &stderr))
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
	begin := time.Now()
	var stdout, stderr output
	env := environment{
		"MYSQL_ADDRESS": conf.Address, "MYSQL_USERNAME": "nobody", "MYSQL_PASSWORD": password, "MYSQL_DATABASE": conf.Database,
	}
	require.Equal(t, 1, run(t.Context(), nil, env.get, &stdout, &stderr))
	require.Less(t, time.Since(begin), 10*time.Second)
	require.Contains(t, stderr.String(), "nobody")
	require.Equal(t, 1, strings.Count(stderr.String(), "\n"))
	require.NotContains(t, stdout.String()+stderr.String(), password)
}

// TestServiceWaitsForItsDatabase starts the service while its database server is away.
func TestServiceWaitsForItsDatabase(t *testing.T) {
	t.Chdir(t.TempDir())
	conf := dbtest.EmptyMySQL(t)
	away, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, away.Close())
	public, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, public.Close())

	env := environment{
		"PORT": public.Addr().String(), "MYSQL_ADDRESS": away.Addr().String(), "MYSQL_DATABASE": conf.Database,
		"MYSQL_USERNAME": conf.Username, "MYSQL_PASSWORD": conf.Password.Reveal(), "ADMIN_PASSWORD": "password",
	}
	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr output
	code := make(chan int, 1)
	go func() { code <- run(ctx, nil, env.get, &stdout, &stderr) }()
	defer func() {
		cancel()
		require.Zero(t, <-code, "%s", &stderr)
	}()
	base := "http://" + public.Addr().String()
	awaitAnswer(t, base+"/readyz", http.StatusServiceUnavailable, "waiting for the database")
	awaitAnswer(t, base+"/healthz", http.StatusOK, "ok")
	awaitAnswer(t, base+"/wxcallback/component", http.StatusServiceUnavailable, "")
	require.Contains(t, stdout.String(), "waiting for the database")

	relay(t, away.Addr().String(), conf)
	awaitAnswer(t, base+"/readyz", http.StatusOK, "ready")
}

func awaitAnswer(t *testing.T, url string, status int, text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		res, err := http.Get(url)
		if err != nil {
			return false
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		return err == nil && res.StatusCode == status && strings.Contains(string(body), text)
	}, patience, 20*time.Millisecond, "%s: %d %s", url, status, text)
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

// TestProcess runs the program as it is run in production: started anywhere, asked to stop while a
// push is on its way in.
func TestProcess(t *testing.T) {
	binary, err := filepath.Abs(os.Args[0])
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), binary, "serve")
	cmd.Dir = "/"
	cmd.Env = []string{
		asProgram + "=1", "PORT=127.0.0.1:0", "INNER_ADDRESS=127.0.0.1:0", "DATA_DIR=" + filepath.Join(t.TempDir(), "new", "data"),
		"WX_PLAIN_CALLBACK=on", "ADMIN_USERNAME=operator",
	}
	var out output
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	address := out.address(t)
	require.Regexp(t, `user operator, password [0-9A-Za-z]{20} `, out.String(), "the random password is shown")
	t.Setenv("PORT", address)
	require.Zero(t, run(t.Context(), []string{"healthcheck"}, os.Getenv, io.Discard, io.Discard))

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
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool { // it takes no new ones any more
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, patience, 10*time.Millisecond)

	_, err = io.WriteString(conn, body[20:])
	require.NoError(t, err)
	res, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "success", string(answer))
	require.NoError(t, <-ended, "%s", &out)
}

func TestVersion(t *testing.T) {
	var stdout, stderr output
	require.Zero(t, run(t.Context(), []string{"version"}, environment{}.get, &stdout, &stderr))
	require.Contains(t, stdout.String(), "wxcomponent dev (commit unknown")
}
