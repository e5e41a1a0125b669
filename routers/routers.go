// Package routers puts every route of both listeners together.
package routers

import (
	"context"
	"io/fs"
	"net/http"
	"net/netip"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"wxcomponent/api"
	"wxcomponent/middleware"
)

// Area is an api package: it lists its routes relative to its group.
type Area interface {
	Routes() []api.Route
}

// Registrar is an api package whose handlers work on gin directly.
type Registrar interface {
	Register(g gin.IRoutes)
}

// Deps are what the routes are made of.
type Deps struct {
	Log            *zap.Logger
	Sessions       middleware.Sessions
	Admin          []Area
	AuthPage       Area
	Inner          Area
	Callback       Registrar
	Proxy          Proxy
	Files          fs.FS // the built dashboard
	Metrics        http.Handler
	Ready          func(ctx context.Context) error // nil when requests can be served
	OnCloud        bool
	TrustedProxies []netip.Prefix
}

// Proxy hands a request to the provider's own service and tells whether it is switched on.
type Proxy interface {
	Serve(w http.ResponseWriter, r *http.Request) bool
}

// Limits of the public endpoints, per address.
const (
	authPagePerMinute = 30
	authPageBurst     = 20
)

// Public serves WeChat, merchants and administrators.
func Public(d Deps) http.Handler {
	e := engine(d)
	e.GET("/healthz", healthz)
	e.GET("/readyz", readyz(d.Ready))

	d.Callback.Register(e.Group("/wxcallback"))

	root := e.Group("/wxcomponent", middleware.SecurityHeaders(), middleware.ClientAddress())
	root.GET("/openapi.json", openAPI(d))
	loggedIn := root.Group("", middleware.Login(d.Sessions))
	for _, area := range d.Admin {
		api.Mount(root, api.Public, area.Routes())
		api.Mount(loggedIn, api.Admin, area.Routes())
	}
	api.Mount(root.Group("/authpage", middleware.RateLimit(authPagePerMinute, authPageBurst)), api.Public, d.AuthPage.Routes())

	e.NoRoute(fallback(d))
	return e
}

// Inner serves programs on the same host.
func Inner(d Deps) http.Handler {
	e := engine(d)
	local := e.Group("", middleware.Loopback())
	local.GET("/metrics", gin.WrapH(d.Metrics))
	api.Mount(local.Group("/inner"), api.Inner, d.Inner.Routes())
	e.NoRoute(middleware.Loopback(), api.NotFound)
	return e
}

// Groups lists every described route with its prefix, for the OpenAPI document.
func Groups(d Deps) []api.Group {
	groups := []api.Group{
		{Prefix: "/wxcomponent/authpage", Tag: "authpage", Routes: d.AuthPage.Routes()},
		{Prefix: "/inner", Tag: "inner", Routes: d.Inner.Routes()},
	}
	for _, area := range d.Admin {
		groups = append(groups, api.Group{Prefix: "/wxcomponent", Tag: "admin", Routes: area.Routes()})
	}
	return groups
}

func engine(d Deps) *gin.Engine {
	gin.SetMode(gin.ReleaseMode) // its other modes print every route
	e := gin.New()
	e.HandleMethodNotAllowed = false
	e.RemoteIPHeaders = []string{"X-Forwarded-For"}
	proxies := make([]string, 0, len(d.TrustedProxies))
	for _, p := range d.TrustedProxies {
		proxies = append(proxies, p.String())
	}
	if d.OnCloud {
		e.RemoteIPHeaders = []string{"X-Original-Forwarded-For", "X-Forwarded-For"}
	}
	_ = e.SetTrustedProxies(proxies) // the prefixes were parsed when the settings were read
	e.Use(middleware.RequestID(), middleware.AccessLog(d.Log), middleware.Recovery(d.Log))
	return e
}

func healthz(c *gin.Context) { c.String(http.StatusOK, "ok") }

// readyz tells no more than that something is wrong: anybody may ask, and the log has the rest.
func readyz(ready func(context.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := ready(c.Request.Context()); err != nil {
			_ = c.Error(err)
			c.String(http.StatusServiceUnavailable, "not ready: the database does not answer")
			return
		}
		c.String(http.StatusOK, "ready")
	}
}
