//go:build bench

package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/encrypt"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

const (
	listedAccounts = 10_000
	syncedAccounts = 1000
	callTime       = 50 * time.Millisecond // of each call of the simulated WeChat in a sync
	detailsPath    = "/cgi-bin/component/api_get_authorizer_info"
	appSecret      = "benchsecret0123456789abcdefbench0"
)

// wechat is a simulated WeChat in a process of its own.
type wechat struct{ *process }

func startWechat(t testing.TB) wechat {
	t.Helper()
	binary, err := filepath.Abs("../../bin/wxcomponent")
	require.NoError(t, err)
	address := freeAddress(t)
	cmd := exec.Command(binary, "simulate", "--listen", address, "--accounts", "0", "--target", "http://127.0.0.1:9")
	cmd.Dir = t.TempDir()
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "WX_APPID=" + appID, "WX_SECRET=" + appSecret, "WX_TOKEN=" + token, "WX_AES_KEY=" + aesKey,
		"DATA_DIR=" + t.TempDir(),
	}
	return wechat{start(t, address, "/_sim/state", cmd)}
}

func (w wechat) ask(t testing.TB, method, path, body string, answer any) {
	t.Helper()
	require.NoError(t, askJSON(t.Context(), method, "http://"+w.address+"/_sim"+path, body, answer))
}

// calls are what was asked of one API.
type calls struct{ Count, MaxInFlight int }

// calls returns how many calls there were, and how many of them for details went at the same time.
func (w wechat) calls(t testing.TB) (count, atOnce int) {
	t.Helper()
	var all map[string]calls
	w.ask(t, http.MethodGet, "/calls", "", &all)
	for _, c := range all {
		count += c.Count
	}
	return count, all[detailsPath].MaxInFlight
}

func (w wechat) forgetCalls(t testing.TB) {
	t.Helper()
	w.ask(t, http.MethodDelete, "/calls", "", &struct{}{})
}

// platform is a service that talks to the simulated WeChat and has its ticket.
func platform(t testing.TB, o db.Options) (*process, wechat) {
	t.Helper()
	w := startWechat(t)
	p := service(t, o, "WX_API_BASE=http://"+w.address, "WX_SECRET="+appSecret)
	w.ask(t, http.MethodPost, "/settings", fmt.Sprintf(`{"target":"http://%s"}`, p.address), &struct{}{})
	var push map[string]any
	w.ask(t, http.MethodPost, "/ticket", "", &push)
	return p, w
}

// accounts measures the lists of accounts and a sync.
func (r report) accounts(t *testing.T, e engine) {
	r.printf("\n### Accounts, %s\n", e.name)
	r.accountLists(t, e)
	r.sync(t, e)
}

func (r report) accountLists(t *testing.T, e engine) {
	o := e.fresh(t)
	seedAccounts(t, o)
	p, w := platform(t, o)
	a := login(t, p)
	w.forgetCalls(t)
	r.printf("\n| page of %d accounts | p50 | p99 |\n|---|---|---|\n", listedAccounts)
	views := 0
	for _, l := range accountListings(t, a) {
		m := a.measure(t, l, 200)
		views += len(m.latencies)
		r.printf("| %s | %s | %s |\n", l.name, ms(m.quantile(.5)), ms(m.quantile(.99)))
	}
	count, _ := w.calls(t)
	r.printf("\nCalls of WeChat in %d views: %d.\n", views, count)
}

func accountListings(t testing.TB, a admin) []listing {
	t.Helper()
	const all, dev = "/admin/authorizer-list", "/admin/dev-weapp-list"
	with := func(pairs ...string) url.Values {
		v := url.Values{"limit": {"20"}}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	deep := func(path string, offset int) url.Values {
		_, cursor, err := a.page(t.Context(), listing{path: path, query: with("offset", strconv.Itoa(offset))})
		require.NoError(t, err)
		require.NotEmpty(t, cursor)
		return with("cursor", cursor)
	}
	return []listing{
		{"accounts, first page", all, with()},
		{"accounts, deep cursor", all, deep(all, listedAccounts*4/5)},
		{"accounts, deep offset", all, with("offset", strconv.Itoa(listedAccounts*4/5))},
		{"accounts, appid", all, with("appid", listedAppID(77))},
		{"accounts, search", all, with("search", "商户 99")},
		{"accounts, search that nothing matches", all, with("search", "没有")},
		{"accounts, type", all, with("appType", "1")},
		{"accounts, permission", all, with("permission", "18")},
		{"accounts, status unauthorized", all, with("status", "unauthorized")},
		{"accounts, every status", all, with("status", "all")},
		{"accounts, by name", all, with("sort", "name")},
		{"accounts, by name, deep offset", all, with("sort", "name", "offset", strconv.Itoa(listedAccounts*4/5))},
		{"mini programs, first page", dev, with()},
		{"mini programs, deep cursor", dev, deep(dev, listedAccounts/3)},
		{"mini programs, deep offset", dev, with("offset", strconv.Itoa(listedAccounts/3))},
		{"mini programs, appid", dev, with("appid", listedAppID(78))},
		{"mini programs, search", dev, with("search", "商户 99")},
		{"mini programs, search that nothing matches", dev, with("search", "没有")},
		{"mini programs, in review", dev, with("auditStatus", "2")},
		{"mini programs, no audit", dev, with("auditStatus", "-1")},
	}
}

func listedAppID(i int) string { return fmt.Sprintf("wx%016x", i) }

// seedAccounts stores accounts of which every second is a mini program, and the states of these.
func seedAccounts(t testing.TB, o db.Options) {
	t.Helper()
	d, err := db.Open(t.Context(), o)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	require.NoError(t, db.Migrate(t.Context(), d))
	dataDir := ""
	if o.MySQL.Address == "" {
		dataDir = filepath.Dir(o.SQLitePath)
	}
	box, err := encrypt.OpenBox(t.Context(), dao.New(d, nil), "", dataDir)
	require.NoError(t, err)
	require.NoError(t, dao.New(d, box).Tx(t.Context(), func(tx *dao.Store) error {
		for i := range listedAccounts {
			if err := seedAccount(t.Context(), tx, i); err != nil {
				return err
			}
		}
		return nil
	}))
}

func seedAccount(ctx context.Context, tx *dao.Store, i int) error {
	appid, now := listedAppID(i), time.Now()
	grant := model.Grant{
		AppID: appid, RefreshToken: fmt.Sprintf("refreshtoken@@@%032d", i), EventMS: 1, FuncInfo: "|1|17|18|19|25|30|31|",
		AuthTime: now.Add(-time.Duration(i*7919%listedAccounts) * time.Minute),
	}
	if _, err := tx.AuthorizerSaveToken(ctx, grant); err != nil {
		return err
	}
	kind := i % 2
	details := model.AuthorizerDetails{
		AppID: appid, IfGrantRev: 1, NickName: fmt.Sprint("商户 ", i), UserName: fmt.Sprintf("gh_%012d", i),
		PrincipalName: fmt.Sprintf("某某%d（深圳）科技有限公司", i%500), AppType: &kind,
		HeadImg: "http://wx.qlogo.cn/mmopen/0123456789012345678901234567890123456789/0",
	}
	if _, err := tx.AuthorizerSaveDetails(ctx, details); err != nil {
		return err
	}
	if i%20 == 19 {
		if _, err := tx.AuthorizerUnauthorize(ctx, appid, 2); err != nil {
			return err
		}
	}
	if kind != 0 {
		return nil
	}
	return tx.WeappUpdate(ctx, appid, func(w *model.Weapp) {
		w.RefreshMS, w.ReleaseMS, w.ReleaseVersion = now.UnixMilli(), now.UnixMilli(), "1.0.0"
		w.AuditStatus = i/2%6 - 1
	})
}

// sync measures a sync of accounts that nothing is known of.
func (r report) sync(t *testing.T, e engine) {
	p, w := platform(t, e.fresh(t))
	a := login(t, p)
	w.ask(t, http.MethodPost, "/accounts", fmt.Sprintf(`{"count":%d,"authorized":true}`, syncedAccounts), &struct{}{})
	w.ask(t, http.MethodPost, "/faults", fmt.Sprintf(`{"path":"*","delay":%q}`, callTime), &[]any{})
	w.forgetCalls(t)
	begin := time.Now()
	var started struct{ JobID string }
	require.NoError(t, a.call(t.Context(), http.MethodPost, "/admin/pull-authorizer-list", "{}", &started))
	var job struct {
		State    string
		Progress struct{ Done, Failed int }
	}
	for job.State != "done" {
		require.Less(t, time.Since(begin), drainTime, "%+v", job)
		time.Sleep(drainLook / 5)
		require.NoError(t, a.call(t.Context(), http.MethodGet, "/admin/pull-authorizer-job?id="+started.JobID, "", &job))
	}
	took := time.Since(begin)
	require.Equal(t, syncedAccounts, job.Progress.Done)
	require.Zero(t, job.Progress.Failed)
	count, atOnce := w.calls(t)
	least := time.Duration(count) * callTime / time.Duration(max(atOnce, 1))
	r.printf("\nSync of %d accounts at %s a call: %s, %d calls, %d at the same time: %.2f times calls ÷ concurrency.\n",
		syncedAccounts, callTime, took.Round(time.Millisecond), count, atOnce, took.Seconds()/least.Seconds())
}
