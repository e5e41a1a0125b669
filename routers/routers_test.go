package routers_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api"
	"wxcomponent/comm/auth"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/waittest"
	"wxcomponent/routers"
)

// rig serves the real routes around parts that only note what reaches them.
type rig struct {
	untrusted, refused []string
	deps               routers.Deps
	proxied            []string // paths
	address            string   // of the last caller, as handlers see it
	panics             any
}

type callback struct{}

func (callback) Register(g gin.IRoutes) {
	g.POST("/component", func(c *gin.Context) { c.String(http.StatusOK, "success") })
}

type sessions struct{}

func (sessions) Check(_ context.Context, token string) (auth.Identity, error) {
	if token != "good" {
		return auth.Identity{}, errno.New(errno.BadToken, "")
	}
	return auth.Identity{UserID: 1, Username: "operator"}, nil
}

// Serve is the switched-on proxy.
func (r *rig) Serve(w http.ResponseWriter, req *http.Request) bool {
	r.proxied = append(r.proxied, req.URL.Path)
	w.WriteHeader(http.StatusAccepted)
	return true
}

type off struct{}

func (off) Serve(http.ResponseWriter, *http.Request) bool { return false }

func newRig() *rig {
	gin.SetMode(gin.TestMode)
	r := &rig{}
	where := func(ctx context.Context, _ *api.None) (*api.None, error) {
		r.address = auth.AddressOf(ctx)
		if r.panics != nil {
			panic(r.panics)
		}
		return nil, nil
	}
	r.deps = routers.Deps{
		Log: zap.NewNop(), Sessions: sessions{}, Callback: callback{}, Proxy: off{},
		Groups: []api.Group{
			{Prefix: "/wxcomponent", Routes: append(api.For(api.Public, api.PUT("/auth", "", where)), api.GET("/admin/where", "", where))},
			{Prefix: "/wxcomponent/authpage", Limited: true, Routes: api.For(api.Public, api.GET("/page", "", where))},
			{Prefix: "/inner", Routes: api.For(api.Inner, api.GET("/ticket", "", where))},
		},
		Metrics:   http.NotFoundHandler(),
		Ready:     func(context.Context) error { return nil },
		Untrusted: func(address string) { r.untrusted = append(r.untrusted, address) },
		Refused:   func(area, reason string) { r.refused = append(r.refused, area+" "+reason) },
		Files: fstest.MapFS{
			"index.html": {Data: []byte("<page>")}, "index.html.br": {Data: []byte("br")}, "index.html.gz": {Data: []byte("gz")},
			"assets/app-0a1b2c.js": {Data: []byte("script")}, "assets/app-0a1b2c.js.br": {Data: []byte("br")},
			"assets/app-0a1b2c.js.gz": {Data: []byte("gz")}, "favicon.svg": {Data: []byte("<svg>")},
		},
	}
	return r
}

func (r *rig) do(method, path string, header http.Header) *httptest.ResponseRecorder {
	return serve(routers.Public(r.deps), method, path, "127.0.0.1:1234", header)
}

// serve asks for a path exactly as it is written.
func serve(h http.Handler, method, path, peer string, header http.Header) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "/", strings.NewReader("{}"))
	req.URL.Path, req.RequestURI, req.RemoteAddr, req.Host = path, path, peer, "localhost"
	if header != nil {
		req.Header = header
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

func TestFilesOfTheDashboard(t *testing.T) {
	const forEver, hour, never = "public, max-age=31536000, immutable", "public, max-age=3600", "no-store"
	const script = "/assets/app-0a1b2c.js"
	for _, tt := range []struct{ path, accept, body, encoding, cache, kind string }{
		{"/", "gzip, deflate, br, zstd", "br", "br", never, "text/html"},
		{"/index.html", "", "<page>", "", never, "text/html"},
		{script, "gzip, deflate, br", "br", "br", forEver, "text/javascript"},
		{script, "GZIP;q=0.5", "gz", "gzip", forEver, "text/javascript"},
		{script, "br;q=0, gzip;q=1.0", "gz", "gzip", forEver, "text/javascript"},
		{script, "br;q=0.0,gzip; q=0", "script", "", forEver, "text/javascript"},
		{script, "brotli, x-gzip", "script", "", forEver, "text/javascript"},
		{"/favicon.svg", "br", "<svg>", "", hour, "image/svg+xml"},
	} {
		t.Run(tt.path+" "+tt.accept, func(t *testing.T) {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				w := newRig().do(method, tt.path, http.Header{"Accept-Encoding": {tt.accept}})
				require.Equal(t, http.StatusOK, w.Code)
				body := tt.body
				if method == http.MethodHead {
					body = ""
				}
				require.Equal(t, body, w.Body.String())
				h := w.Header()
				require.Equal(t, tt.encoding, h.Get("Content-Encoding"))
				require.Equal(t, tt.cache, h.Get("Cache-Control"))
				require.Equal(t, "Accept-Encoding", h.Get("Vary"))
				require.Contains(t, h.Get("Content-Type"), tt.kind)
				require.Contains(t, h.Get("Content-Security-Policy"), "script-src 'self'")
				require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
			}
		})
	}
}

func TestWhatIsNoFileIsNotFound(t *testing.T) {
	for _, path := range []string{
		"/nothing", "/assets", "/assets/", "/assets/app-000000.js", "/../go.mod", "/assets/../../go.mod",
		"/../../../../../../etc/passwd", "//etc/passwd", "/.git/config", "/index.html/x", "/assets/\x00", "/assets\\..\\index.html",
	} {
		w := newRig().do(http.MethodGet, path, nil)
		require.Equal(t, http.StatusNotFound, w.Code, path)
		require.Contains(t, w.Body.String(), `"code":1001`, path)
	}
	require.Equal(t, http.StatusNotFound, newRig().do(http.MethodPost, "/", nil).Code)
}

func TestProxyGetsWhatIsNobodyElses(t *testing.T) {
	r := newRig()
	r.deps.Proxy = r
	for _, path := range []string{"/shop", "/shop/inner", "/innermost", "/wxcomponents", "/metricsx"} {
		w := r.do(http.MethodGet, path, nil)
		require.Equal(t, http.StatusAccepted, w.Code, path)
		require.Empty(t, w.Header().Get("Content-Security-Policy"), "the service behind has its own")
	}
	require.Equal(t, http.StatusAccepted, r.do(http.MethodPost, "/", nil).Code)
	require.Equal(t, http.StatusOK, r.do(http.MethodGet, "/", nil).Code, "the dashboard stays where it is")

	r.proxied = nil
	for _, path := range []string{
		"/wxcomponent", "/wxcomponent/nothing", "/wxcallback/nothing", "/wxcallback", "/inner", "/inner/ticket", "/metrics",
		"//inner/ticket", "/./metrics", "/shop/../inner/ticket", "/wxcomponent/../inner/ticket", "/shop/..//metrics/",
	} {
		r.do(http.MethodGet, path, nil)
		r.do(http.MethodPost, path, nil)
	}
	require.Empty(t, r.proxied)
}

func TestProxyOpensNoTunnel(t *testing.T) {
	r := newRig()
	r.deps.Proxy = r
	for _, path := range []string{"", "/", "/shop", "example.com:443"} {
		require.Equal(t, http.StatusNotFound, r.do(http.MethodConnect, path, nil).Code, path)
	}
	require.Empty(t, r.proxied)
}

func TestStrangersDoNotReadTheDescription(t *testing.T) {
	for header, code := range map[string]string{"": "1000", "Bearer bad": "1004"} {
		w := newRig().do(http.MethodGet, "/wxcomponent/openapi.json", http.Header{"Authorization": {header}})
		require.Contains(t, w.Body.String(), `"code":`+code+",", header)
		require.NotContains(t, w.Body.String(), "openapi")
	}
	w := newRig().do(http.MethodGet, "/wxcomponent/openapi.json", http.Header{"Authorization": {"Bearer good"}})
	require.Contains(t, w.Body.String(), `"openapi": "3`)
}

func TestInnerListenerServesOnlyThisHost(t *testing.T) {
	r := newRig()
	h := routers.Inner(r.deps)
	for peer, status := range map[string]int{
		"127.0.0.1:1": http.StatusOK, "127.8.9.1:1": http.StatusOK, "[::1]:1": http.StatusOK, "[::ffff:127.0.0.1]:1": http.StatusOK,
		"192.0.2.1:1": http.StatusForbidden, "[2001:db8::1]:1": http.StatusForbidden, "[::ffff:192.0.2.1]:1": http.StatusForbidden,
		"": http.StatusForbidden, "localhost:1": http.StatusForbidden,
	} {
		claims := http.Header{"X-Forwarded-For": {"127.0.0.1"}, "X-Real-Ip": {"127.0.0.1"}, "Forwarded": {"for=127.0.0.1"}}
		w := serve(h, http.MethodGet, "/inner/ticket", peer, claims)
		require.Equal(t, status, w.Code, peer)
		for _, path := range []string{"/metrics", "/", "/wxcomponent/auth"} {
			if status == http.StatusForbidden {
				require.Equal(t, status, serve(h, http.MethodGet, path, peer, claims).Code, "%s %s", peer, path)
			}
		}
	}
}

// TestNoPageReadsTheInnerListener: a browser on this host carries requests of any page that was opened
// under a name which resolves to this host.
func TestNoPageReadsTheInnerListener(t *testing.T) {
	r := newRig()
	r.deps.InnerHosts = []string{"component"}
	for name, tt := range map[string]struct {
		host   string
		header http.Header
		status int
	}{
		"name":                 {host: "localhost:8081", status: http.StatusOK},
		"name without port":    {host: "LocalHost.", status: http.StatusOK},
		"address":              {host: "127.0.0.1:8081", status: http.StatusOK},
		"other loopback":       {host: "127.8.9.1", status: http.StatusOK},
		"IPv6":                 {host: "[::1]:8081", status: http.StatusOK},
		"IPv6 without port":    {host: "[::1]", status: http.StatusOK},
		"configured":           {host: "Component:8081", status: http.StatusOK},
		"the address reached":  {host: "10.1.2.3:8081", status: http.StatusOK},
		"another address":      {host: "10.1.2.4:8081", status: http.StatusForbidden},
		"foreign name":         {host: "evil.example:8081", status: http.StatusForbidden},
		"like localhost":       {host: "localhost.evil.example", status: http.StatusForbidden},
		"like an address":      {host: "127.0.0.1.evil.example:8081", status: http.StatusForbidden},
		"like a configured":    {host: "component.evil.example", status: http.StatusForbidden},
		"no name":              {host: "", status: http.StatusForbidden},
		"page of another site": {host: "localhost:8081", header: http.Header{"Origin": {"http://evil.example"}}, status: http.StatusForbidden},
		"page without origin":  {host: "localhost:8081", header: http.Header{"Origin": {"null"}}, status: http.StatusForbidden},
		"fetch":                {host: "localhost:8081", header: http.Header{"Sec-Fetch-Site": {"cross-site"}}, status: http.StatusForbidden},
		"fetch of its own":     {host: "localhost:8081", header: http.Header{"Sec-Fetch-Site": {"same-origin"}}, status: http.StatusForbidden},
		"address bar":          {host: "localhost:8081", header: http.Header{"Sec-Fetch-Site": {"none"}}, status: http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/inner/ticket", "/metrics", "/nothing"} {
				req := httptest.NewRequest(http.MethodGet, path, nil)
				req.Host, req.RemoteAddr = tt.host, "127.0.0.1:1234"
				if tt.header != nil {
					req.Header = tt.header
				}
				reached := &net.TCPAddr{IP: net.ParseIP("10.1.2.3"), Port: 8081}
				w := httptest.NewRecorder()
				routers.Inner(r.deps).ServeHTTP(w, req.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, reached)))
				require.Equal(t, tt.status == http.StatusForbidden, w.Code == http.StatusForbidden, path)
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	r := newRig()
	require.Equal(t, http.StatusOK, r.do(http.MethodGet, "/readyz", nil).Code)
	r.deps.Ready = func(context.Context) error { return errors.New("dial tcp 10.1.2.3:3306: refused") }
	w := r.do(http.MethodGet, "/readyz", nil)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.NotContains(t, w.Body.String(), "10.1.2.3")
	require.Equal(t, http.StatusOK, r.do(http.MethodGet, "/healthz", nil).Code)
}

func TestPanicIsASystemError(t *testing.T) {
	r := newRig()
	r.panics = "secret detail"
	w := r.do(http.MethodPut, "/wxcomponent/auth", nil)
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Contains(t, w.Body.String(), `"code":1002`)
	require.NotContains(t, w.Body.String(), "secret")
}

func TestLoginHeader(t *testing.T) {
	for header, code := range map[string]string{
		"": "1000", "Bearer ": "1000", "Bear good": "1000", "Basic Z29vZA==": "1000", "good": "1000", "Bearer bad": "1004", "Bearer good": "0",
	} {
		w := newRig().do(http.MethodGet, "/wxcomponent/admin/where", http.Header{"Authorization": {header}})
		require.Equal(t, http.StatusOK, w.Code)
		require.Contains(t, w.Body.String(), `"code":`+code+",", header)
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	}
}

func TestAddressOfTheCaller(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tt := range []struct {
		name, peer, want string
		trusted          []netip.Prefix
		onCloud          bool
		header           http.Header
	}{
		{name: "no proxy", peer: "192.0.2.1:5", want: "192.0.2.1", header: http.Header{"X-Forwarded-For": {"198.51.100.1"}}},
		{name: "stranger claims", peer: "192.0.2.1:5", trusted: trusted, want: "192.0.2.1", header: http.Header{"X-Forwarded-For": {"198.51.100.1"}}},
		{name: "proxy tells", peer: "10.1.1.1:5", trusted: trusted, want: "198.51.100.1", header: http.Header{"X-Forwarded-For": {"198.51.100.1"}}},
		{name: "client prepends", peer: "10.1.1.1:5", trusted: trusted, want: "198.51.100.1", header: http.Header{"X-Forwarded-For": {"127.0.0.1, 198.51.100.1"}}},
		{name: "two proxies", peer: "10.1.1.1:5", trusted: trusted, want: "198.51.100.1", header: http.Header{"X-Forwarded-For": {"1.1.1.1, 198.51.100.1, 10.9.9.9"}}},
		{name: "another header", peer: "10.1.1.1:5", trusted: trusted, want: "10.1.1.1", header: http.Header{"X-Real-Ip": {"198.51.100.1"}}},
		{name: "garbage", peer: "10.1.1.1:5", trusted: trusted, want: "10.1.1.1", header: http.Header{"X-Forwarded-For": {"x, y"}}},
		{name: "IPv6", peer: "[fd00::1]:5", trusted: trusted, want: "2001:db8::7", header: http.Header{"X-Forwarded-For": {"2001:db8::7"}}},
		{name: "cloud gateway", peer: "10.1.1.1:5", trusted: trusted, onCloud: true, want: "198.51.100.1", header: http.Header{"X-Original-Forwarded-For": {"198.51.100.1"}, "X-Forwarded-For": {"10.3.3.3"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig()
			r.deps.TrustedProxies, r.deps.OnCloud = tt.trusted, tt.onCloud
			serve(routers.Public(r.deps), http.MethodPut, "/wxcomponent/auth", tt.peer, tt.header)
			require.Equal(t, tt.want, r.address)
		})
	}
}

func TestPublicEndpointsAreRateLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		h := routers.Public(r.deps)
		limited := func(peer string) bool {
			return strings.Contains(serve(h, http.MethodGet, "/wxcomponent/authpage/page", peer, nil).Body.String(), `"code":1100`)
		}
		passed := func() (n int) {
			for range 100 {
				if !limited("192.0.2.1:5") {
					n++
				}
			}
			return n
		}
		require.Equal(t, 20, passed())
		require.False(t, limited("192.0.2.2:5"), "another address")
		for i := range 100 {
			limited("[2001:db8::" + string(rune('a'+i%6)) + "]:5")
		}
		require.True(t, limited("[2001:db8::ffff]:5"), "a network is one caller")
		waittest.Pass(10 * time.Second)
		require.Equal(t, 5, passed(), "half a request a second")
	})
}

func TestAProxyThatIsNotTrustedDoesNotGoUnseen(t *testing.T) {
	for _, header := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded"} {
		r := newRig()
		r.deps.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		h := routers.Public(r.deps)
		forwarded := http.Header{header: {"192.0.2.9"}}
		serve(h, http.MethodPut, "/wxcomponent/auth", "10.1.2.3:5", forwarded)
		serve(h, http.MethodPut, "/wxcomponent/auth", "172.17.0.1:5", nil)
		require.Empty(t, r.untrusted)
		serve(h, http.MethodPut, "/wxcomponent/auth", "172.17.0.1:5", forwarded)
		require.Equal(t, []string{"172.17.0.1"}, r.untrusted, header)
	}
}

// FuzzAddressOfTheCaller holds that an address is never made of what a stranger claims.
func FuzzAddressOfTheCaller(f *testing.F) {
	r := newRig()
	r.deps.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	h := routers.Public(r.deps)
	f.Add("198.51.100.1, 10.0.0.1", "1.1.1.1")
	f.Add("::ffff:1.2.3.4,,x", "[::1]:80")
	f.Fuzz(func(t *testing.T, forwarded, real string) {
		header := http.Header{"X-Forwarded-For": {forwarded}, "X-Real-Ip": {real}, "X-Original-Forwarded-For": {real}}
		serve(h, http.MethodPut, "/wxcomponent/auth", "192.0.2.1:5", header.Clone())
		require.Equal(t, "192.0.2.1", r.address)
		serve(h, http.MethodPut, "/wxcomponent/auth", "10.1.1.1:5", header)
		_, err := netip.ParseAddr(r.address)
		require.NoError(t, err)
	})
}
