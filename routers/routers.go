// Package routers puts every route of both listeners together.
package routers

import (
	"context"
	"io/fs"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"wxcomponent/api"
	"wxcomponent/comm/console/refusals"
	"wxcomponent/middleware"
)

// Registrar is an api package whose handlers work on gin directly.
type Registrar interface {
	Register(g gin.IRoutes)
}

// Deps are what the routes are made of.
type Deps struct {
	Log            *zap.Logger
	Sessions       middleware.Sessions
	Groups         []api.Group // of both listeners
	Auditor        api.Auditor
	Callback       Registrar
	Proxy          Proxy
	Files          fs.FS // the built dashboard
	Metrics        http.Handler
	Ready          func(ctx context.Context) error // nil when requests can be served
	OnCloud        bool
	TrustedProxies []netip.Prefix
	// Untrusted is told the address of a connection that brings forwarding headers and is not believed.
	Untrusted func(address string)
	// Refused is told the area and the reason of what is refused.
	Refused    func(area, reason string)
	InnerHosts []string      // names that the inner listener may be called by
	Patience   time.Duration // the least that each route may take
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

	root := e.Group("/wxcomponent", middleware.SecurityHeaders(), middleware.ClientAddress(),
		middleware.UntrustedProxies(d.TrustedProxies, d.Untrusted))
	loggedIn := root.Group("", middleware.Login(d.Sessions))
	loggedIn.GET("/openapi.json", openAPI(d))
	for _, group := range d.Groups {
		anybody := at(root, group.Prefix)
		if group.Limited {
			anybody.Use(middleware.RateLimit(authPagePerMinute, authPageBurst, func() { d.Refused(refusals.PreAuth, "address_budget") }))
		}
		d.frame().Mount(anybody, api.Public, group.Routes)
		d.frame().Mount(at(loggedIn, group.Prefix), api.Admin, group.Routes)
	}

	e.NoRoute(fallback(d))
	return e
}

// Inner serves programs on the same host.
func Inner(d Deps) http.Handler {
	e := engine(d)
	guards := []gin.HandlerFunc{middleware.Loopback(), middleware.NoPages(d.InnerHosts, func(reason string) { d.Refused(refusals.Inner, reason) })}
	local := e.Group("", guards...)
	local.GET("/metrics", gin.WrapH(d.Metrics))
	for _, group := range d.Groups {
		d.frame().Mount(local.Group(group.Prefix), api.Inner, group.Routes)
	}
	e.NoRoute(append(guards, api.NotFound)...)
	return e
}

func (d Deps) frame() api.Frame { return api.Frame{Auditor: d.Auditor, Least: d.Patience} }

// at is the group of the whole address prefix, below g.
func at(g *gin.RouterGroup, prefix string) *gin.RouterGroup {
	return g.Group(strings.TrimPrefix(prefix, g.BasePath()))
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
			c.String(http.StatusServiceUnavailable, "not ready: the database does not answer or takes nothing")
			return
		}
		c.String(http.StatusOK, "ready")
	}
}
