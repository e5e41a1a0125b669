package inits_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/stretchr/testify/require"

	"wxcomponent/api"
	"wxcomponent/comm/inits"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// route is an endpoint of the API description.
type route struct {
	method, path string
	stream       bool
}

var update = flag.Bool("update", false, "write routers/routes.txt")

// description is that of the API, made once.
var description = sync.OnceValues(inits.Describe)

// routes lists every endpoint in an order that ends logins last.
func routes(t *testing.T) []route {
	t.Helper()
	text, err := description()
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Content map[string]any }
		}
	}
	require.NoError(t, json.Unmarshal(text, &doc))
	var all []route
	for path, methods := range doc.Paths {
		for method, operation := range methods {
			_, stream := operation.Responses["200"].Content["text/event-stream"]
			all = append(all, route{strings.ToUpper(method), path, stream})
		}
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(a.String(), b.String()) })
	ends := func(r route) bool { return strings.HasSuffix(r.path, "/logout") }
	return append(slices.DeleteFunc(slices.Clone(all), ends), slices.DeleteFunc(all, func(r route) bool { return !ends(r) })...)
}

func (r route) String() string { return r.method + " " + r.path }
func (r route) admin() bool    { return strings.HasPrefix(r.path, "/wxcomponent/admin/") }

// TestDescriptionIsWhatTheDashboardWasMadeFrom fails when routes or their types were changed and the
// description in the repository was not: `make gen` writes it.
func TestDescriptionIsWhatTheDashboardWasMadeFrom(t *testing.T) {
	t.Parallel()
	now, err := description()
	require.NoError(t, err)
	kept, err := os.ReadFile("../../client/src/api/openapi.json")
	require.NoError(t, err)
	require.True(t, string(now)+"\n" == string(kept), "client/src/api/openapi.json is out of date: run `make gen`")
}

// notDescribed are the routes that are no part of the described API, and who may call them.
var notDescribed = map[string]string{
	"GET /healthz":                  "anybody",
	"GET /readyz":                   "anybody",
	"GET /metrics":                  "this host",
	"GET /wxcomponent/openapi.json": "administrator",
	"GET /wxcallback/component":     "WeChat",
	"GET /wxcallback/component/":    "WeChat",
	"POST /wxcallback/component":    "WeChat",
	"POST /wxcallback/component/":   "WeChat",
	"GET /wxcallback/biz/:appid":    "WeChat",
	"GET /wxcallback/biz/:appid/":   "WeChat",
	"POST /wxcallback/biz/:appid":   "WeChat",
	"POST /wxcallback/biz/:appid/":  "WeChat",
}

// TestRoutesAreThoseWrittenDown holds what is served against routers/routes.txt: every route of both
// listeners, who may call it, and what the audit trail gets. A route that is mounted elsewhere than it
// is described, or not at all, is found as well.
func TestRoutesAreThoseWrittenDown(t *testing.T) {
	t.Parallel()
	public, inner, groups := inits.Served()
	described := map[string]api.Route{}
	for _, group := range groups {
		for _, r := range group.Routes {
			described[r.Method+" "+group.Prefix+r.Path] = r
		}
	}
	who := map[api.Access]string{api.Public: "anybody", api.Admin: "administrator", api.Inner: "this host"}
	var text strings.Builder
	list := func(title string, routes []inits.Endpoint, access ...string) {
		fmt.Fprintf(&text, "%s\n\n", title)
		slices.SortFunc(routes, func(a, b inits.Endpoint) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
		})
		for _, r := range routes {
			name := r.Method + " " + r.Path
			may, action := notDescribed[name], ""
			if route, ok := described[name]; ok {
				may, action = who[route.Access], route.Audit
			}
			delete(described, name)
			require.Contains(t, access, may, "%s: say who may call it", name)
			line := fmt.Sprintf("%-7s %-48s %-14s %s", r.Method, r.Path, may, action)
			text.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	list("The public listener: method, path, who may call, what the audit trail gets.", public, "anybody", "administrator", "WeChat")
	list("\nThe inner listener.", inner, "this host")
	require.Empty(t, described, "these are described and not served")
	const golden = "../../routers/routes.txt"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(text.String()), 0o600))
	}
	kept, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(kept), text.String(), "routers/routes.txt is out of date: look at the difference, then run `go test ./comm/inits -run TestRoutesAre -update`")
}

// TestWhatChangesIsInTheAuditTrail: a route that changes something says what the trail gets, or here why
// nothing.
func TestWhatChangesIsInTheAuditTrail(t *testing.T) {
	t.Parallel()
	without := map[string]string{
		"PUT /wxcomponent/auth":                       "a login is in the log, and refused ones are counted",
		"POST /wxcomponent/admin/logout":              "it ends a login",
		"POST /wxcomponent/authpage/landing":          "a merchant's visit is counted with the link",
		"POST /wxcomponent/admin/authorizer-refresh":  "it reads anew",
		"POST /wxcomponent/admin/dev-weapp-refresh":   "it reads anew",
		"POST /wxcomponent/admin/callback-test":       "a trial",
		"POST /wxcomponent/admin/forward-target-test": "a trial",
		"POST /wxcomponent/admin/forward-dry-run":     "it only asks",
		"PUT /wxcomponent/admin/saved-view":           "a bookmark",
		"POST /wxcomponent/admin/saved-view":          "a bookmark",
		"DELETE /wxcomponent/admin/saved-view":        "a bookmark",
	}
	_, _, groups := inits.Served()
	for _, group := range groups {
		for _, r := range group.Routes {
			name := r.Method + " " + group.Prefix + r.Path
			reads := r.Method == http.MethodGet || r.Access == api.Inner
			if !reads && r.Audit == "" && without[name] == "" {
				t.Errorf("%s changes something, and leaves no trace", name)
			}
			if without[name] != "" {
				require.Empty(t, r.Audit, name)
			}
		}
	}
}

// TestContractRoutesAreThere holds the addresses that programs and bookmarks rely on.
func TestContractRoutesAreThere(t *testing.T) {
	t.Parallel()
	var have []string
	for _, r := range routes(t) {
		have = append(have, strings.Replace(r.String(), "/wxcomponent/admin/", "", 1))
	}
	for _, want := range []string{
		"PUT /wxcomponent/auth", "GET refresh-auth", "GET ticket", "GET component-access-token", "GET authorizer-access-token",
		"GET cloudbase-access-token", "GET wx-component-records", "GET wx-biz-records", "GET callback-config",
		"GET callback-proxy-rule-list", "PUT callback-proxy-rule", "POST callback-proxy-rule", "DELETE callback-proxy-rule",
		"POST callback-test", "POST pull-authorizer-list", "GET authorizer-list", "GET authorizer-refresh-token",
		"GET dev-weapp-list", "GET dev-versions", "POST submit-audit", "POST revoke-audit", "POST release-code",
		"POST rollback-release-version", "POST speed-up-audit", "POST commit-code", "POST upload-media",
		"POST change-visit-status", "GET template-list", "GET page-list", "GET category", "GET qrcode", "GET secret",
		"POST secret", "POST componentinfo", "POST username", "POST userpwd", "GET proxy", "POST proxy",
		"GET /wxcomponent/authpage/componentinfo", "GET /wxcomponent/authpage/preauthcode", "GET /wxcomponent/authpage/authurl",
		"GET /inner/ticket", "GET /inner/component-access-token", "GET /inner/authorizer-access-token",
	} {
		require.Contains(t, have, want)
	}
}

// TestEveryRoute asks every endpoint for nothing in particular, with each kind of login.
func TestEveryRoute(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		env := database.with(wechat.settings())
		s := start(t, env)
		wechat.SetTarget(s.base)
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		key := signingKey(t, env)
		good := s.admin().jwt
		bad := map[int]string{
			1000: "",
			1003: forge(t, jwt.SigningMethodHS256, key, time.Now().Add(-time.Hour)),
			1004: "garbage",
		}
		for _, r := range routes(t) {
			c := s.client
			if strings.HasPrefix(r.path, "/inner") {
				c = s.inner
			}
			if r.admin() {
				for code, token := range bad {
					e := c.as(token).call(r.method, r.path, "")
					require.Equal(t, http.StatusOK, e.Status, "%s", r)
					require.Equal(t, code, e.Code, "%s", r)
					require.Empty(t, e.WX, "%s", r)
				}
			}
			if !r.stream {
				requireOwnAnswer(t, r, c.as(good).call(r.method, r.path, ""))
			}
		}
		require.Equal(t, 1003, s.code(good), "the last one was the log-out")
	})
}

// requireOwnAnswer: whatever is missing from an empty request is the caller's mistake, not ours.
func requireOwnAnswer(t *testing.T, r route, e envelope) {
	t.Helper()
	require.Equal(t, http.StatusOK, e.Status, "%s", r)
	require.NotContains(t, []int{1000, 1003, 1004}, e.Code, "%s", r)
	if e.Code == 1002 {
		require.NotNil(t, e.WX, "%s: %s", r, e.raw)
	}
	require.NotContains(t, e.raw, ":null", "%s: an empty list is [], what is absent is left out", r)
}

func TestUnknownPathsOfOursAreNotFound(t *testing.T) {
	t.Parallel()
	s := start(t, onSQLite(t).with(localAdmin()))
	for _, path := range []string{
		"/wxcomponent", "/wxcomponent/", "/wxcomponent/admin/nothing", "/wxcallback", "/wxcallback/nothing", "/inner/ticket",
		"/metrics", "/inner",
	} {
		e := s.call(http.MethodGet, path, "")
		require.Equal(t, http.StatusNotFound, e.Status, path)
		require.NotZero(t, e.Code)
	}
	for _, path := range []string{"/", "/wxcomponent/auth", "/wxcallback/component"} {
		require.NotEqual(t, http.StatusOK, s.inner.call(http.MethodGet, path, "").Status, "the inner listener serves %s", path)
	}
	res, text := s.inner.do(s.inner.request(http.MethodGet, "/metrics", ""))
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Contains(t, text, "go_goroutines")
}

// TestTemplateClientsAreUnderstood holds what the template's pages send and programs have copied.
func TestTemplateClientsAreUnderstood(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		s := start(t, database.with(localAdmin()).with(environment{"WX_APPID": appID, "HOSTNAME": "myservice-001-abc"}))
		admin := s.admin()
		const prefix = "/wxcomponent/admin/"

		admin.post(prefix+"componentinfo", map[string]any{"appid": appID, "name": "n", "desc": "d", "redirectUrl": ""})
		info := get[map[string]string](s.client, "/wxcomponent/authpage/componentinfo")
		require.Equal(t, map[string]string{"appid": appID, "name": "n", "desc": "d", "redirectUrl": ""}, info)
		require.Equal(t, map[string]string{
			"envId": "", "service": "myservice", "componentPath": "/wxcallback/component",
			"bizPath": "/wxcallback/biz/$APPID$", "textMode": "xml",
		}, get[map[string]string](admin, prefix+"callback-config?"))

		require.Equal(t, 1001, admin.call(http.MethodGet, prefix+"authorizer-list?limit=21", "").Code)
		for _, query := range []string{"limit=-1", "limit=0", "offset=-1", "limit=21", "limit=x"} {
			require.Equal(t, 1001, admin.call(http.MethodGet, prefix+"authorizer-list?"+query, "").Code, query)
		}
		for _, list := range []string{
			"wx-biz-records?startTime=0&endTime=0&limit=999", "wx-biz-records?appid=%FF%00&event=%F0%9F%98%80", "wx-component-records?",
			"wx-component-records?infoType=&offset=0&limit=15&", "authorizer-list?offset=0&limit=20&appid=?",
			"callback-proxy-rule-list?offset=0&limit=999&type=1",
		} {
			page := get[struct{ Total int64 }](admin, prefix+list)
			require.Zero(t, page.Total, list)
		}
		for _, query := range []string{"cursor=!", "cursor=MS4x", "limit=-1", "offset=-1"} {
			require.Equal(t, 1001, admin.call(http.MethodGet, prefix+"wx-biz-records?"+query, "").Code, query)
		}

		secret := "0123456789abcdef0123456789abcdef"
		admin.post(prefix+"secret", map[string]any{"secret": secret, "appid": 7})
		require.Equal(t, "01234***********cdef", get[map[string]string](admin, prefix+"secret")["secret"])
		res, text := admin.do(admin.request(http.MethodGet, "/wxcomponent/openapi.json", ""))
		require.Equal(t, http.StatusOK, res.StatusCode)
		require.Contains(t, text, `"openapi"`)
	})
}

// TestNoListIsAnsweredWhole: whatever limit is asked for, or none, an answer stays small.
func TestNoListIsAnsweredWhole(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		env := database.with(localAdmin())
		s := start(t, env)
		store, admin := openBeside(t, env), s.admin()
		const mostPushes, mostAccounts, more = 200, 20, 3
		for i := range mostAccounts + more {
			_, err := store.AuthorizerSaveToken(t.Context(), model.Grant{
				AppID: fmt.Sprint("wx", i), FuncInfo: "|18|", AuthTime: time.Now(), EventMS: 1,
			})
			require.NoError(t, err)
		}
		for _, channel := range []int8{model.ChannelBiz, model.ChannelComponent} {
			insertPushes(t, store, channel, 0, mostPushes+more)
		}
		for path, most := range map[string]int{
			bizRecords: mostPushes, componentRecords: mostPushes,
			adminAPI + "/authorizer-list": mostAccounts, adminAPI + "/dev-weapp-list": mostAccounts,
		} {
			for _, query := range []string{"", "?limit=", "?offset=0", "?limit=0", "?limit=-1", "?limit=999", "?limit=2147483647", "?offset=5"} {
				e := admin.call(http.MethodGet, path+query, "")
				if e.Code == 1001 {
					continue
				}
				require.Zero(t, e.Code, path+query)
				var page recordPage
				require.NoError(t, json.Unmarshal(e.Data, &page), path+query)
				require.EqualValues(t, most+more, page.Total, path+query)
				require.NotEmpty(t, page.Records, path+query)
				require.LessOrEqual(t, len(page.Records), most, path+query)
			}
			require.Len(t, get[recordPage](admin, path+fmt.Sprintf("?limit=%d", most)).Records, most)
		}
		require.Len(t, get[recordPage](admin, bizRecords+"?limit=0").Records, 15)
	})
}

// insertPushes stores as many pushes, numbered from the first on.
func insertPushes(t *testing.T, store *dao.Store, channel int8, first, count int) {
	t.Helper()
	at := time.Now()
	pushes := make([]model.Push, count)
	for i := range pushes {
		pushes[i] = model.Push{
			Channel: channel, Identity: fmt.Sprint(channel, "-", first+i), ReceiveTime: at.Add(-time.Duration(i) * time.Second),
			CreateTime: at, Body: "{}",
		}
	}
	_, err := store.PushInsert(t.Context(), pushes)
	require.NoError(t, err)
}

// TestCountsStopAtTenThousand: counting more would make every page as slow as the table is long.
func TestCountsStopAtTenThousand(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		env := database.with(localAdmin())
		s := start(t, env)
		store, admin := openBeside(t, env), s.admin()
		const most, doubled = 10_000, 4
		insertPushes(t, store, model.ChannelBiz, 0, most>>doubled)
		d := databaseBeside(t, env)
		for range doubled {
			require.NoError(t, d.Write.Exec("INSERT INTO wxcallback_biz (receivetime, createtime, postbody)"+
				" SELECT receivetime, createtime, postbody FROM wxcallback_biz").Error)
		}
		page := admin.call(http.MethodGet, bizRecords+"?limit=1", "").data(t)
		require.EqualValues(t, most, page["total"])
		require.NotContains(t, page, "totalCapped", "it is exact")
		insertPushes(t, store, model.ChannelBiz, most, 1)
		page = admin.call(http.MethodGet, bizRecords+"?limit=1", "").data(t)
		require.EqualValues(t, most, page["total"])
		require.Equal(t, true, page["totalCapped"])
	})
}

// TestPagesOfMessages reads lists in the template's way and by cursor.
func TestPagesOfMessages(t *testing.T) {
	t.Parallel()
	env := onMySQL(dbtest.EmptyMySQL(t)).with(localAdmin()).with(environment{"WX_APPID": appID, "WX_PLAIN_CALLBACK": "on"})
	s := start(t, env)
	const messages = 33
	before := time.Now().Unix()
	for id := range int64(messages) {
		_, answer, err := s.pushPlain("/wxcallback/biz/wx1", message(id+1))
		require.NoError(t, err)
		require.Equal(t, "success", answer)
	}
	admin := s.admin()
	require.Len(t, get[recordPage](admin, bizRecords).Records, 15)
	require.Len(t, get[recordPage](admin, bizRecords+"?limit=200").Records, messages)
	seen := map[int64]bool{}
	for offset := range 3 {
		page := get[recordPage](admin, bizRecords+"?limit=15&offset="+[]string{"0", "15", "30"}[offset])
		require.Equal(t, int64(messages), page.Total)
		for _, r := range page.Records {
			require.GreaterOrEqual(t, r.ReceiveTime, before)
			require.Equal(t, int64(1700000000), r.CreateTime)
			seen[r.ID] = true
		}
	}
	require.Len(t, seen, messages, "each once, although many have the same second")
	require.Len(t, get[recordPage](admin, bizRecords+"?offset=20").Records, messages-20, "an offset needs no limit")
	require.Len(t, storedMessages(admin), messages)
	for query, want := range map[string]int{
		"appid=wx1": messages, "appid=wx2": 0, "msgType=text": messages, "msgType=event": 0, "event=x": 0, "endTime=1700000000": 0,
		"startTime=1700000000": messages, "startTime=4000000000": 0,
	} {
		require.Len(t, get[recordPage](admin, bizRecords+"?limit=200&"+query).Records, want, query)
	}
}
