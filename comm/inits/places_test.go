package inits_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db/dbtest"
)

// TestInsideCloudHosting runs the service with nothing but what WeChat's cloud hosting sets.
func TestInsideCloudHosting(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		const cloudToken = "cloudbase-token"
		wechat := newPlatform(t, wxsim.Settings{Format: wxsim.FormatPlain, CloudBaseToken: cloudToken})
		file := filepath.Join(t.TempDir(), "token")
		require.NoError(t, os.WriteFile(file, []byte(cloudToken+"\n"), 0o600))
		s := start(t, database.with(environment{
			"CBR_ENV_ID": appID + "-prod-1", "HOSTNAME": "wxcomponent-007-xyz", "WX_API_BASE": wechat.url, tokenFile: file,
			"ADMIN_USERNAME": adminName, "ADMIN_PASSWORD": adminPassword,
		}))
		wechat.SetTarget(s.base)
		admin := s.admin()
		admin.wantGet(adminAPI+"/callback-config", data(obj{
			"envId": appID + "-prod-1", "service": "wxcomponent", "componentPath": "/wxcallback/component",
			"bizPath": "/wxcallback/biz/$APPID$", "textMode": "json",
		}))
		s.wantGet(authPage+"/componentinfo", data(obj{"appid": appID, "name": "", "desc": "", "redirectUrl": ""}))
		admin.wantGet(adminAPI+"/cloudbase-access-token", data(obj{"token": cloudToken}))
		require.NoError(t, wechat.CheckURL(t.Context(), ""), "the console's probe")
		require.True(t, wechat.PushTicket(t.Context()).Accepted)

		account := wechat.stranger(t)
		authorization, err := wechat.Authorize(t.Context(), account.AppID, wxsim.AuthorizeOptions{})
		require.NoError(t, err)
		require.True(t, authorization.Push.Accepted)
		eventually(t, "the account is there", func() bool {
			return get[recordPage](admin, adminAPI+"/authorizer-list").Total == 1
		})
		require.Zero(t, admin.call(http.MethodGet, adminAPI+"/template-list", "").Code)
		query, err := url.ParseQuery(wechat.Calls("/wxa/gettemplatelist").LastQuery)
		require.NoError(t, err)
		require.Equal(t, cloudToken, query.Get("cloudbase_access_token"))

		require.NoError(t, os.WriteFile(file, []byte("default-tcb-wx-access-token"), 0o600))
		e := admin.call(http.MethodGet, adminAPI+"/cloudbase-access-token", "")
		require.Equal(t, 1101, e.Code, e.raw)
	})
}

// TestTimeZonesDoNotMatter runs the program in one time zone, next to a database server in another.
func TestTimeZonesDoNotMatter(t *testing.T) {
	t.Parallel()
	wechat := newPlatform(t, wxsim.Settings{})
	wechat.AddAccounts(5, true)
	begin := time.Now().Unix()
	env := onMySQL(dbtest.EmptyMySQL(t)).with(wechat.settings()) // this server is at +08:00
	here := startChild(t, env.with(environment{"TZ": "America/New_York"}))
	there := startChild(t, env.with(environment{"TZ": "Pacific/Kiritimati"}))
	wechat.SetTarget(here.base)
	require.True(t, wechat.PushTicket(t.Context()).Accepted)
	admin := here.admin()
	require.Zero(t, there.as(admin.jwt).code(admin.jwt), "a login counts in every zone")

	// Whoever holds the lease of a renewal holds it, whatever its clock shows.
	const tokenAPI = "/cgi-bin/component/api_component_token"
	arrived, letGo := wechat.gate.hold(t, tokenAPI)
	tokens, sent := make(chan string, 2), make(chan struct{}, 2)
	for _, c := range []*child{here, there} {
		go func() { tokens <- c.as(admin.jwt).sending(sent).token(adminAPI + "/component-access-token") }()
	}
	for range 2 {
		waittest.Receive(t, sent, "both have asked")
	}
	waittest.Receive(t, arrived, "WeChat is asked")
	letGo()
	first := waittest.Receive(t, tokens, "a token")
	require.NotEmpty(t, first)
	require.Equal(t, first, waittest.Receive(t, tokens, "a token"))
	require.Equal(t, 1, wechat.Calls(tokenAPI).Count)

	for range 2 {
		e := admin.call(http.MethodPost, adminAPI+"/pull-authorizer-list", "")
		eventually(t, "the sync has ended", func() bool {
			return get[struct{ State string }](there.as(admin.jwt), adminAPI+"/pull-authorizer-job?id="+e.data(t)["jobId"].(string)).State == "done"
		})
		require.EqualValues(t, 5, get[recordPage](admin, adminAPI+"/authorizer-list").Total)
	}
	record := get[recordPage](there.as(admin.jwt), componentRecords).Records[0]
	for _, at := range []int64{record.ReceiveTime, record.CreateTime} {
		require.GreaterOrEqual(t, at, begin)
		require.LessOrEqual(t, at, time.Now().Unix())
	}
}

// front is an address that is there before the service behind it: who connects waits for that.
type front struct {
	address string
	behind  chan string // has the address of the service, once there is one
}

func newFront(t *testing.T) *front {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	f := &front{ln.Addr().String(), make(chan string, 1)}
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			go f.lead(t.Context(), in)
		}
	}()
	return f
}

func (f *front) lead(ctx context.Context, in net.Conn) {
	defer func() { _ = in.Close() }()
	select {
	case to := <-f.behind:
		f.behind <- to
		out, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer func() { _ = out.Close() }()
		go func() {
			_, _ = io.Copy(out, in)
			_ = out.Close()
		}()
		_, _ = io.Copy(in, out)
	case <-ctx.Done():
	}
}

// TestSimulate runs the simulator and the service as two programs of their own.
func TestSimulate(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{nil, {"--plain"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			t.Parallel()
			platform := environment{"WX_APPID": appID, "WX_SECRET": appSecret, "WX_TOKEN": pushToken, "WX_AES_KEY": aesKey}
			target := newFront(t)
			out, ended := &output{}, make(chan error, 1)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				ended <- program(platform, out).Run(ctx, append([]string{
					"simulate", "--listen", "127.0.0.1:0", "--target", "http://" + target.address, "--accounts", "4", "--rate", "5",
				}, flags...))
			}()
			var found []string
			eventually(t, "the simulator tells where it is", func() bool {
				found = regexp.MustCompile(`platform: (http://\S+) .*pushing to http://` + target.address).FindStringSubmatch(out.String())
				return found != nil
			})
			s := start(t, onSQLite(t).with(localAdmin()).with(platform).with(environment{
				"WX_API_BASE": found[1], "WX_PLAIN_CALLBACK": map[bool]string{true: "on", false: "off"}[flags != nil],
			}))
			target.behind <- strings.TrimPrefix(s.base, "http://")
			admin := s.admin()
			eventually(t, "tickets come", func() bool { return admin.call(http.MethodGet, adminAPI+"/ticket", "").Code == 0 })
			eventually(t, "messages come", func() bool { return get[recordPage](admin, bizRecords).Total > 0 })
			page, err := http.Get(found[1] + "/")
			require.NoError(t, err)
			_ = page.Body.Close()
			require.Equal(t, http.StatusOK, page.StatusCode)
			cancel()
			require.NoError(t, waittest.Receive(t, ended, "the simulator ends"))
		})
	}
}
