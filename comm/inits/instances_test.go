package inits_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db/dbtest"
)

// pushPlain pushes as WeChat does inside cloud hosting and returns the HTTP status and the answer.
func (c *client) pushPlain(path, body string) (status int, answer string, err error) {
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("X-Wx-Source", "wx_unknown")
	res, err := c.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	text := make([]byte, 4096)
	n, _ := res.Body.Read(text)
	return res.StatusCode, string(text[:n]), nil
}

func message(id int64) string {
	return fmt.Sprintf(`{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1700000000,"MsgType":"text","Content":"hi","MsgId":%d}`, id)
}

// TestInstancesShareTheirWork runs three instances on one database.
func TestInstancesShareTheirWork(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	env := onMySQL(dbtest.EmptyMySQL(t)).with(wechat.settings()).with(environment{"WX_PLAIN_CALLBACK": "on"})
	instances := make([]*service, 3)
	var starting sync.WaitGroup
	for i := range instances {
		starting.Go(func() { instances[i] = start(t, env) }) // all at once, on an empty database
	}
	starting.Wait()
	wechat.SetTarget(instances[0].base)
	require.True(t, wechat.PushTicket(t.Context()).Accepted)
	admin := instances[0].admin()
	for _, s := range instances {
		require.Zero(t, s.code(admin.jwt), "a login counts everywhere")
	}
	merchant := wechat.stranger(t)
	authorization, err := wechat.Authorize(t.Context(), merchant.AppID, wxsim.AuthorizeOptions{Silent: true})
	require.NoError(t, err)

	t.Run("an authorization that reaches two of them is handled once", func(t *testing.T) {
		body := fmt.Sprintf(`{"AppId":%q,"CreateTime":%d,"InfoType":"authorized","AuthorizerAppid":%q,"AuthorizationCode":%q,`+
			`"AuthorizationCodeExpiredTime":%d,"PreAuthCode":"x"}`, appID, time.Now().Unix(), merchant.AppID,
			authorization.AuthCode, time.Now().Add(time.Hour).Unix())
		everywhere(instances, func(s *service) {
			_, answer, err := s.pushPlain("/wxcallback/component", body)
			require.NoError(t, err)
			require.Equal(t, "success", answer)
		})
		eventually(t, "the account is stored", func() bool {
			return get[recordPage](admin, "/wxcomponent/admin/authorizer-list").Total == 1
		})
		idle(t, openBeside(t, env))
		require.Equal(t, 1, wechat.Calls("/cgi-bin/component/api_query_auth").Count)
	})
	t.Run("a message that reaches all of them is stored once", func(t *testing.T) {
		everywhere(instances, func(s *service) {
			status, answer, err := s.pushPlain("/wxcallback/biz/"+merchant.AppID, message(1))
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, "success", answer)
		})
		require.Equal(t, int64(1), get[recordPage](admin, bizRecords+"?appid="+merchant.AppID).Total)
	})
	t.Run("a cold cache costs one call to WeChat", func(t *testing.T) { coldTokens(t, env, wechat, merchant.AppID) })
}

func everywhere(instances []*service, do func(*service)) {
	var wg sync.WaitGroup
	for _, s := range instances {
		wg.Go(func() { do(s) })
	}
	wg.Wait()
}

// coldTokens reads tokens from three instances that have just started, when none is stored.
func coldTokens(t *testing.T, env environment, wechat *platform, merchant string) {
	t.Helper()
	store := openBeside(t, env)
	for _, id := range []string{"", merchant} {
		require.NoError(t, store.TokenDelete(t.Context(), id))
	}
	instances := []*service{start(t, env), start(t, env), start(t, env)}
	for _, tt := range []struct{ path, api string }{
		{"/inner/component-access-token", "/cgi-bin/component/api_component_token"},
		{"/inner/authorizer-access-token?appid=" + merchant, "/cgi-bin/component/api_authorizer_token"},
	} {
		wechat.ResetCalls()
		arrived, letGo := wechat.gate.hold(t, tt.api)
		const readers = 50
		tokens, sent := make(chan string, readers), make(chan struct{}, readers)
		for i := range readers {
			go func() { tokens <- instances[i%len(instances)].inner.sending(sent).token(tt.path) }()
		}
		for range readers {
			waittest.Receive(t, sent, "all have asked")
		}
		waittest.Receive(t, arrived, "WeChat is asked")
		letGo()
		first := waittest.Receive(t, tokens, "a token")
		require.NotEmpty(t, first)
		for range readers - 1 {
			require.Equal(t, first, waittest.Receive(t, tokens, "a token"))
		}
		require.Equal(t, 1, wechat.Calls(tt.api).Count, tt.api)
	}
}

// sending returns a client that tells when a request of its has been sent.
func (c *client) sending(sent chan<- struct{}) *client {
	other := *c
	other.wrote = func() { sent <- struct{}{} }
	return &other
}

// token reads a token; it is "" when there is none.
func (c *client) token(path string) string {
	e := c.call(http.MethodGet, path, "")
	var data tokenData
	if e.Code != 0 || json.Unmarshal(e.Data, &data) != nil {
		c.t.Errorf("GET %s: %s", path, e.raw)
	}
	return data.Token
}

// TestKilledInstanceLosesNothing kills the program while pushes come in: what it has acknowledged
// must be in the database, once.
func TestKilledInstanceLosesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		env := database.with(localAdmin()).with(environment{"WX_PLAIN_CALLBACK": "on", "WX_APPID": appID})
		var ledger sync.Map // ids that were acknowledged
		var last, taken atomic.Int64
		const enough = 100
		for round := range int64(2) {
			c := startChild(t, env)
			var wg sync.WaitGroup
			for range 16 {
				wg.Go(func() { pushUntilDead(c.client, &ledger, &last, &taken) })
			}
			eventually(t, "pushes are acknowledged", func() bool { return taken.Load() > (round+1)*enough })
			require.NoError(t, c.cmd.Process.Kill())
			wg.Wait()
			c.await()
		}
		stored := storedMessages(start(t, env).admin())
		acknowledged := 0
		ledger.Range(func(id, _ any) bool {
			acknowledged++
			require.Equal(t, 1, stored[id.(int64)], "message %d", id)
			return true
		})
		require.Greater(t, acknowledged, 2*enough)
		for id, times := range stored {
			require.Equal(t, 1, times, "message %d", id)
		}
	})
}

// pushUntilDead pushes messages, some of them twice, and notes those that were acknowledged.
func pushUntilDead(c *client, ledger *sync.Map, last, taken *atomic.Int64) {
	for {
		id := last.Add(1)
		for range 1 + id%10/9 {
			status, answer, err := c.pushPlain("/wxcallback/biz/wx1", message(id))
			if err != nil {
				return
			}
			if status == http.StatusOK && answer == "success" {
				if _, before := ledger.Swap(id, true); !before {
					taken.Add(1)
				}
			}
		}
	}
}

// storedMessages counts how often each message is in the list, read page by page.
func storedMessages(admin *client) map[int64]int {
	admin.t.Helper()
	stored := map[int64]int{}
	for cursor := ""; ; {
		page := get[recordPage](admin, bizRecords+"?limit=200&cursor="+cursor)
		for _, r := range page.Records {
			var body struct{ MsgID int64 }
			require.NoError(admin.t, json.Unmarshal([]byte(r.PostBody), &body))
			stored[body.MsgID]++
		}
		if cursor = page.NextCursor; cursor == "" {
			return stored
		}
	}
}

// child is the program as a process of its own.
type child struct {
	*client
	cmd   *exec.Cmd
	await func() // until it has ended
}

func startChild(t *testing.T, env environment) *child {
	t.Helper()
	env = environment{"PORT": "127.0.0.1:0", "INNER_ADDRESS": "127.0.0.1:0", asProgram: "1"}.with(env)
	out := &output{}
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), out, out
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	var public string
	eventually(t, "process "+strconv.Itoa(cmd.Process.Pid)+" is ready", func() (ok bool) {
		public, _, ok = out.addresses()
		return ok
	})
	return &child{client: newClient(t, public), cmd: cmd, await: func() { <-ended }}
}
