package inits_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/db/dbtest"
)

func portOf(t *testing.T, base string) int {
	t.Helper()
	u, err := url.Parse(base)
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	return port
}

// TestProxySwitch turns the proxy on at one instance and looks at another.
func TestProxySwitch(t *testing.T) {
	t.Parallel()
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, "own service: ", r.URL)
	}))
	t.Cleanup(behind.Close)
	env := onMySQL(dbtest.EmptyMySQL(t)).with(localAdmin())
	a, b := start(t, env), start(t, env)
	admin := a.admin()
	page := func(s *service) (int, string) {
		res, text := s.do(s.request(http.MethodGet, "/shop?item=1", ""))
		return res.StatusCode, text
	}
	status, _ := page(a)
	require.Equal(t, http.StatusNotFound, status)

	for name, port := range map[string]any{
		"public port": portOf(t, a.base), "inner port": portOf(t, a.inner.base), "no port": 0, "too high": 65536, "negative": -1, "text": "http",
	} {
		e := admin.call(http.MethodPost, "/wxcomponent/admin/proxy", asJSON(t, map[string]any{"open": true, "port": port}))
		require.Equal(t, 1001, e.Code, "%s: %s", name, e.raw)
	}
	port := portOf(t, behind.URL)
	admin.post("/wxcomponent/admin/proxy", map[string]any{"open": true, "port": strconv.Itoa(port), "url": "http://192.0.2.1"})
	status, text := page(a)
	require.Equal(t, http.StatusOK, status, "in force on this instance at once")
	require.Equal(t, "own service: /shop?item=1", text)
	eventually(t, "it is on at the other instance", func() bool { status, _ := page(b); return status == http.StatusOK })
	require.JSONEq(t, fmt.Sprintf(`{"open":true,"port":%d,"url":"http://127.0.0.1:%[1]d"}`, port),
		string(b.as(admin.jwt).call(http.MethodGet, "/wxcomponent/admin/proxy", "").Data))
	require.Equal(t, http.StatusNotFound, b.call(http.MethodGet, "/inner/ticket", "").Status)

	var wg sync.WaitGroup // switching while requests run
	for i := range 8 {
		wg.Go(func() {
			for range 5 {
				_, _ = page(a)
				admin.post("/wxcomponent/admin/proxy", map[string]any{"open": i%2 == 0, "port": port})
			}
		})
	}
	wg.Wait()
	admin.post("/wxcomponent/admin/proxy", map[string]any{"open": false, "port": port})
	status, _ = page(a)
	require.Equal(t, http.StatusNotFound, status)
	eventually(t, "it is off at the other instance", func() bool { status, _ := page(b); return status == http.StatusNotFound })
}

// TestInnerListenerRefusesOtherHosts opens the inner listener to the network by mistake.
func TestInnerListenerRefusesOtherHosts(t *testing.T) {
	t.Parallel()
	outside := addressOfThisHost(t)
	s := start(t, onSQLite(t).with(localAdmin()).with(environment{"INNER_ADDRESS": "0.0.0.0:0"}))
	port := strconv.Itoa(portOf(t, s.inner.base))
	near, far := newClient(t, "http://127.0.0.1:"+port), newClient(t, "http://"+net.JoinHostPort(outside, port)).from("127.0.0.1")
	require.Equal(t, 1007, near.call(http.MethodGet, "/inner/ticket", "").Code)
	for _, path := range []string{"/inner/ticket", "/inner/component-access-token", "/metrics", "/"} {
		require.Equal(t, http.StatusForbidden, far.call(http.MethodGet, path, "").Status, path)
	}
}

// addressOfThisHost is one that is not of the loopback interface.
func addressOfThisHost(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	t.Skip("this host has no other address than loopback")
	return ""
}
