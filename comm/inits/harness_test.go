package inits_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/releasecheck"
	"wxcomponent/comm/auth"
	"wxcomponent/comm/config"
	"wxcomponent/comm/inits"
	"wxcomponent/comm/push/react"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// What must never be seen in a log carries this mark.
const mark = "MARKED"

const (
	appID         = "wx00000000000000aa"
	appSecret     = mark + "appsecret0123456789abcdef"
	pushToken     = mark + "pushtoken"
	aesKey        = mark + "aeskey0123456789abcdefghijklmnopqrstu"
	adminName     = "operator"
	adminPassword = mark + " password with spaces"
)

// asProgram, when set, makes the test binary be the program itself, for tests that kill it.
const asProgram = "WXCOMPONENT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		flag.Parse()
		_ = flag.Set("test.parallel", "8") // most of the time they wait
		os.Exit(dbtest.Main(m))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	p := program(nil, os.Stdout)
	p.Getenv, p.Stderr = os.Getenv, os.Stderr
	err := p.Run(ctx, os.Args[1:])
	stop()
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// environment is the settings of a service under test.
type environment map[string]string

// with returns a copy with some settings changed.
func (e environment) with(changes environment) environment {
	out := environment{}
	for _, from := range []environment{e, changes} {
		for name, value := range from {
			out[name] = value
		}
	}
	return out
}

// onEach runs a test on the embedded database and on MariaDB, beside all others. It gets settings that
// name a new one.
func onEach(t *testing.T, test func(t *testing.T, database environment)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, onSQLite(t))
	})
	t.Run("mysql", func(t *testing.T) {
		t.Parallel()
		test(t, onMySQL(dbtest.EmptyMySQL(t)))
	})
}

// onSQLite names a new embedded database, a copy of one whose tables have been made: making them takes
// longer than most tests.
func onSQLite(t *testing.T) environment {
	t.Helper()
	dir := filepath.Dir(dbtest.EmptySQLite(t).SQLitePath)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "wxcomponent.db"), madeTables(t), 0o600))
	return environment{"DATA_DIR": dir}
}

var tables struct {
	once sync.Once
	file []byte
}

// madeTables is the file of a database that has its tables and nothing in them.
func madeTables(t *testing.T) []byte {
	t.Helper()
	tables.once.Do(func() {
		o := dbtest.EmptySQLite(t)
		d, err := db.Open(t.Context(), o)
		require.NoError(t, err)
		require.NoError(t, db.Migrate(t.Context(), d))
		require.NoError(t, d.Close())
		tables.file, err = os.ReadFile(o.SQLitePath)
		require.NoError(t, err)
	})
	return tables.file
}

func onMySQL(c config.MySQL) environment {
	return environment{
		"MYSQL_ADDRESS": c.Address, "MYSQL_USERNAME": c.Username, "MYSQL_PASSWORD": c.Password.Reveal(),
		"MYSQL_DATABASE": c.Database,
	}
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

// addresses returns where the service says it listens, once it is ready.
func (o *output) addresses() (public, inner string, ok bool) {
	for line := range strings.Lines(o.String()) {
		var entry struct{ Msg, Public, Inner string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "ready" {
			return "http://" + entry.Public, "http://" + entry.Inner, true
		}
	}
	return "", "", false
}

// service is a running program.
type service struct {
	*client
	inner *client
	out   *output
	stop  func() error // ends it and returns what it ended with
}

// times are those of a program whose machine may be slow, or stand still for a while. What people are
// told of is told at once.
func times() inits.Times {
	return inits.Times{Patience: waittest.Limit, Gather: 50 * time.Millisecond, Watch: time.Second}
}

func program(env environment, out io.Writer) inits.Program {
	return inits.Program{
		Build: inits.Build{Version: "test"}, Stdout: out, Stderr: out, PasswordCost: bcrypt.MinCost,
		Getenv: func(name string) string { return env[name] }, CloudBaseTokenFile: env[tokenFile], Times: times(),
	}
}

// tokenFile is no setting: it names the file that cloud hosting keeps its token in.
const tokenFile = "TEST_CLOUDBASE_TOKEN_FILE"

// runToItsEnd runs a command that ends by itself and returns what it ended with.
func runToItsEnd(t *testing.T, env environment, args ...string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waittest.Limit)
	defer cancel()
	err := program(env, io.Discard).Run(ctx, args)
	require.NoError(t, ctx.Err(), "it had to be stopped")
	return err
}

// start runs the program in this process until the test ends.
func start(t *testing.T, env environment) *service {
	t.Helper()
	env = environment{"PORT": "127.0.0.1:0", "INNER_ADDRESS": "127.0.0.1:0"}.with(env)
	ctx, cancel := context.WithCancel(context.Background())
	ended, out := make(chan struct{}), &output{}
	var err error
	go func() {
		defer close(ended)
		err = program(env, out).Run(ctx, []string{"serve"})
	}()
	s := &service{out: out, stop: func() error {
		cancel()
		<-ended
		return err
	}}
	t.Cleanup(func() { _ = s.stop() })
	var public, inner string
	waittest.Until(t, func() (ready bool) {
		select {
		case <-ended:
			require.Fail(t, "the program has ended", "%v\n%s", err, out)
		default:
		}
		public, inner, ready = out.addresses()
		return ready
	}, "the program is ready; it has said %s", func() any { return out.String() })
	s.client, s.inner = newClient(t, public), newClient(t, inner)
	return s
}

// envelope is an answer of the API.
type envelope struct {
	Status   int
	Code     int
	ErrorMsg string
	Data     json.RawMessage
	Field    string
	WX       *struct{ Errcode int }
	raw      string
}

// data reads the data of an answer that is an object.
func (e envelope) data(t *testing.T) obj {
	t.Helper()
	var data obj
	require.NoError(t, json.Unmarshal(e.Data, &data), "%s", e.raw)
	return data
}

// client calls the API, with the login that it has.
type client struct {
	t      *testing.T
	base   string
	http   *http.Client
	jwt    string
	header http.Header // of every request
	wrote  func()      // is told when one has been sent; nil is nobody
}

func newClient(t *testing.T, base string) *client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t: t, base: base, http: &http.Client{Transport: transport, Timeout: waittest.Limit}, header: http.Header{}}
}

// as returns a client with another login token; "" is none.
func (c *client) as(jwt string) *client {
	other := *c
	other.jwt = jwt
	return &other
}

// from returns a client whose requests a front proxy passes on for an address.
func (c *client) from(address string) *client {
	other := *c
	other.header = http.Header{"X-Forwarded-For": {address}}
	return &other
}

func (c *client) request(method, path, body string) *http.Request {
	c.t.Helper()
	ctx := c.t.Context()
	if c.wrote != nil {
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { c.wrote() }})
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	require.NoError(c.t, err)
	req.Header = c.header.Clone()
	if c.jwt != "" {
		req.Header.Set("Authorization", "Bearer "+c.jwt)
	}
	return req
}

// do sends a request and returns the answer, its body read.
func (c *client) do(req *http.Request) (*http.Response, string) {
	c.t.Helper()
	res, err := c.http.Do(req)
	require.NoError(c.t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	return res, string(body)
}

// call sends a request to the API.
func (c *client) call(method, path, body string) envelope {
	c.t.Helper()
	res, text := c.do(c.request(method, path, body))
	e := envelope{raw: text}
	dec := json.NewDecoder(strings.NewReader(text))
	require.NoError(c.t, dec.Decode(&e), "%s %s: %.500s", method, path, text)
	require.False(c.t, dec.More(), "%s %s answers more than one document: %s", method, path, text)
	e.Status = res.StatusCode
	return e
}

// get reads data that must be there.
func get[T any](c *client, path string) T {
	c.t.Helper()
	e := c.call(http.MethodGet, path, "")
	require.Zero(c.t, e.Code, "GET %s: %s", path, e.raw)
	var data T
	require.NoError(c.t, json.Unmarshal(e.Data, &data), "%s", e.raw)
	return data
}

// post sends a body that must be taken.
func (c *client) post(path string, body any) {
	c.t.Helper()
	e := c.call(http.MethodPost, path, asJSON(c.t, body))
	require.Zero(c.t, e.Code, "POST %s: %s", path, e.raw)
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// login tries a name and a password as the login page sends it.
func (c *client) login(name, password string) (jwt string, code int) {
	c.t.Helper()
	e := c.call(http.MethodPut, "/wxcomponent/auth", asJSON(c.t, map[string]string{
		"username": name, "password": auth.Sent(password),
	}))
	var data struct{ JWT string }
	if e.Code == 0 {
		require.NoError(c.t, json.Unmarshal(e.Data, &data))
	}
	return data.JWT, e.Code
}

// admin logs in and returns a client that is.
func (c *client) admin() *client {
	c.t.Helper()
	jwt, code := c.login(adminName, adminPassword)
	require.Zero(c.t, code)
	return c.as(jwt)
}

// eventually waits for what workers do.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	waittest.Until(t, done, "%s", what)
}

// idle waits until what pushes and codes have caused is done: nothing more comes of them.
func idle(t *testing.T, store *dao.Store) {
	t.Helper()
	for _, kind := range []string{react.Kind, authorizer.KindDetails, releasecheck.Kind} {
		eventually(t, "all work of the kind "+kind+" has ended", func() bool {
			counts, err := store.WorkCounts(t.Context(), model.WorkFilter{Kind: kind})
			require.NoError(t, err)
			return counts[model.WorkReady]+counts[model.WorkLeased] == 0
		})
	}
}
