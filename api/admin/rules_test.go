package admin_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api"
	"wxcomponent/api/admin"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
)

// caller calls the endpoints of an installation.
type caller struct {
	t       *testing.T
	db      *db.DB
	handler http.Handler
	forward *forward.Service
	store   *dao.Store
	audit   *trail
}

func newCaller(t *testing.T, d *db.DB, routes func(c *caller) []api.Route) *caller {
	t.Helper()
	c := &caller{t: t, db: d, store: dao.New(d, plain{}).WithPatience(waittest.Limit), audit: &trail{}}
	c.forward = forward.New(forward.Deps{
		Store: c.store, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Owner: "test", Version: "test",
		TextMode: payload.JSON, Now: time.Now, Guard: outgoing.Limits{AllowPrivate: true},
		SyncTimeout: waittest.Limit, StoreTimeout: waittest.Limit,
	})
	gin.SetMode(gin.TestMode)
	engine := gin.New()
	api.Frame{Auditor: c.audit, Least: waittest.Limit}.Mount(engine, api.Admin, routes(c))
	c.handler = engine
	return c
}

// call returns the whole answer.
func (c *caller) call(method, path, body string) string {
	c.t.Helper()
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(body)))
	require.Equal(c.t, http.StatusOK, w.Code)
	return strings.TrimSpace(w.Body.String())
}

const ok = `{"code":0,"errorMsg":"OK"}`

func ruleRoutes(c *caller) []api.Route { return admin.NewRules(c.forward).Routes() }

func TestRules(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		c := newCaller(t, d, ruleRoutes)
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"total":0,"rules":[]}}`,
			c.call("GET", "/admin/callback-proxy-rule-list?offset=0&limit=999&type=1", ""))

		// As the template's page sends it: port as text, port and path outside data as well.
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"id":1}}`, c.call("PUT", "/admin/callback-proxy-rule",
			`{"name":"n","infoType":"","msgType":"event","event":"subscribe","open":1,"port":"8000","path":"/x","data":{"port":8000,"path":"/x/$APPID$"},"extra":{"a":[1]}}`))
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"id":2}}`, c.call("PUT", "/admin/callback-proxy-rule",
			`{"name":"auth","infoType":"authorized","open":true,"port":"9000","path":"/top"}`))

		require.Regexp(t, `^{"code":0,"errorMsg":"OK","data":{"total":1,"rules":\[{"id":1,"name":"n","infoType":"","msgType":"event","event":"subscribe","open":1,`+
			`"data":{"port":8000,"path":"/x/\$APPID\$","mode":"sync"},"createTime":1\d{9},"updateTime":1\d{9}}\]}}$`,
			c.call("GET", "/admin/callback-proxy-rule-list?type=2?", ""))
		require.Contains(t, c.call("GET", "/admin/callback-proxy-rule-list?type=1&", ""), `"data":{"port":9000,"path":"/top","mode":"sync"}`)

		// The whole row comes back on a change.
		require.JSONEq(t, ok, c.call("POST", "/admin/callback-proxy-rule",
			`{"id":"1","name":"n","infoType":"","msgType":"event","event":"*","open":"0","data":{"port":"8000","path":"/x","mode":"async","secret":"0123456789abcdefghij","timeoutMs":"500"},"createTime":1700000000,"updateTime":1700000000}`))
		list := c.call("GET", "/admin/callback-proxy-rule-list?type=2", "")
		require.Contains(t, list, `"open":0,"data":{"port":8000,"path":"/x","mode":"async","secret":"01234***********ghij","timeoutMs":500}`)

		require.JSONEq(t, ok, c.call("POST", "/admin/callback-proxy-rule",
			`{"id":1,"msgType":"event","event":"*","open":1,"data":{"port":8001,"path":"/y","secret":"01234***********ghij"}}`))
		e, err := c.forward.Rule(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, "0123456789abcdefghij", e.Secret.Reveal())
		require.Equal(t, forward.RuleData{Port: 8001, Path: "/y", Mode: forward.Async, TimeoutMS: 500}, e.Data)

		require.JSONEq(t, ok, c.call("DELETE", "/admin/callback-proxy-rule?id=1", ""))
		require.JSONEq(t, `{"code":1001,"errorMsg":"id: there is no rule with this id","data":"id: there is no rule with this id","field":"id"}`,
			c.call("DELETE", "/admin/callback-proxy-rule?id=1", ""))
		require.Equal(t, []string{"rule.add rule 1", "rule.add rule 2", "rule.change rule 1", "rule.change rule 1", "rule.delete rule 1"}, c.audit.lines)
	})
}

func TestRuleWithAFullAddress(t *testing.T) {
	t.Parallel()
	c := newCaller(t, dbtest.SQLite(t), ruleRoutes)
	c.call("PUT", "/admin/callback-proxy-rule", `{"msgType":"text","open":1,"data":{"url":"http://127.0.0.1:7/x","port":80,"path":"/z"}}`)
	require.Contains(t, c.call("GET", "/admin/callback-proxy-rule-list", ""), `"data":{"port":0,"path":"","url":"http://127.0.0.1:7/x","mode":"sync"}`)
	// A client that knows nothing of addresses sends the row back without it.
	require.JSONEq(t, ok, c.call("POST", "/admin/callback-proxy-rule", `{"id":1,"msgType":"text","open":0,"data":{"port":0,"path":""}}`))
	require.Contains(t, c.call("GET", "/admin/callback-proxy-rule-list", ""), `"url":"http://127.0.0.1:7/x"`)
	require.JSONEq(t, ok, c.call("POST", "/admin/callback-proxy-rule", `{"id":1,"msgType":"text","open":0,"data":{"port":70,"path":"/p"}}`))
	require.Contains(t, c.call("GET", "/admin/callback-proxy-rule-list", ""), `"data":{"port":70,"path":"/p","mode":"sync"}`)
}

func TestBadRules(t *testing.T) {
	t.Parallel()
	c := newCaller(t, dbtest.SQLite(t), ruleRoutes)
	c.call("PUT", "/admin/callback-proxy-rule", `{"msgType":"text","data":{"port":80,"path":"/"}}`)
	for body, field := range map[string]string{
		`{"data":{"port":80,"path":"/"}}`:                                    "",
		`{"msgType":"text","data":{"port":80,"path":"/"}}`:                   "",
		`{"msgType":"a","data":{"port":80,"path":"@evil:1/"}}`:               "data.path",
		`{"msgType":"a","data":{"port":"x","path":"/"}}`:                     "data.port",
		`{"msgType":"a","data":{"port":0,"path":"/"}}`:                       "data.port",
		`{"msgType":"a","open":"maybe","data":{"port":80,"path":"/"}}`:       "open",
		`{"msgType":"a","data":{"url":"http://169.254.169.254/"}}`:           "data.url",
		`{"msgType":"a","data":{"port":80,"path":"/","mode":"x"}}`:           "data.mode",
		`{"msgType":["a"],"data":{"port":80,"path":"/"}}`:                    "msgType",
		`{"msgType":"a","data":{"port":80,"path":"/a\r\nb"}}`:                "data.path",
		`{"msgType":"a","data":{"port":80,"path":"/","secret":"whsec_==="}}`: "data.secret",
	} {
		answer := c.call("PUT", "/admin/callback-proxy-rule", body)
		require.Contains(t, answer, `"code":1001`, body)
		if field != "" {
			require.Contains(t, answer, `"field":"`+field+`"`, body)
		}
	}
	require.Contains(t, c.call("POST", "/admin/callback-proxy-rule", `{"id":99,"msgType":"a","data":{"port":80,"path":"/"}}`), `"code":1001`)
	require.Contains(t, c.call("POST", "/admin/callback-proxy-rule", `{"msgType":"a","data":{"port":80,"path":"/"}}`), `"code":1001`)
	for _, q := range []string{"offset=-1", "limit=-1", "type=3", "limit=x"} {
		require.Contains(t, c.call("GET", "/admin/callback-proxy-rule-list?"+q, ""), `"code":1001`, q)
	}
}

func TestCallbackTest(t *testing.T) {
	t.Parallel()
	var status int
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "got %t", strings.Contains(string(body), `"Event":"subscribe"`))
	}))
	defer target.Close()
	u, err := url.Parse(target.URL)
	require.NoError(t, err)
	c := newCaller(t, dbtest.SQLite(t), ruleRoutes)
	c.call("PUT", "/admin/callback-proxy-rule", `{"msgType":"event","event":"subscribe","open":1,"data":{"path":"/","port":`+u.Port()+`}}`)

	status = 200
	require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":"got true"}`, c.call("POST", "/admin/callback-test", `{"id":1}`))
	status = 500
	require.JSONEq(t, `{"code":1010,"errorMsg":"the target answered HTTP 500","data":"the target answered HTTP 500: got true"}`,
		c.call("POST", "/admin/callback-test", `{"id":"1"}`))
	target.Close()
	require.Regexp(t, `^{"code":1010,"errorMsg":".+","data":".+"}$`, c.call("POST", "/admin/callback-test", `{"id":1}`))
	c.call("POST", "/admin/callback-proxy-rule", `{"id":1,"msgType":"event","event":"subscribe","open":0,"data":{"path":"/","port":80}}`)
	require.Contains(t, c.call("POST", "/admin/callback-test", `{"id":1}`), `{"code":1008,"errorMsg":"the rule is switched off","data":"the rule`)
	require.Contains(t, c.call("POST", "/admin/callback-test", `{"id":7}`), `"code":1001`)
	require.Contains(t, c.call("POST", "/admin/callback-test", `{}`), `"code":1001`)
}
