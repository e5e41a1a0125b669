package routers

import (
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"wxcomponent/api"
	"wxcomponent/comm/errno"
	"wxcomponent/middleware"
)

// own tells the addresses that are never handed to the provider's own service.
func own(requested string) bool {
	requested = path.Clean("/" + requested)
	for _, prefix := range []string{"/wxcomponent", "/wxcallback", "/inner", "/metrics", "/healthz", "/readyz"} {
		if requested == prefix || strings.HasPrefix(requested, prefix+"/") {
			return true
		}
	}
	return false
}

// fallback answers what is no route: a file of the dashboard, else the provider's own service where
// the proxy is switched on, else 404.
func fallback(d Deps) gin.HandlerFunc {
	dashboard, headers := static{d.Files}, middleware.SecurityHeaders()
	return func(c *gin.Context) {
		c.Status(http.StatusOK)
		switch {
		case own(c.Request.URL.Path), c.Request.Method == http.MethodConnect: // nobody is to tunnel through the proxy
			api.NotFound(c)
		case dashboard.has(c.Request):
			headers(c)
			dashboard.serve(c.Writer, c.Request)
		case d.Proxy.Serve(c.Writer, c.Request):
		default:
			api.NotFound(c)
		}
	}
}

// openAPI serves the description of the API, made at the first request for it.
func openAPI(d Deps) gin.HandlerFunc {
	document := sync.OnceValues(func() ([]byte, error) { return api.OpenAPI(d.Groups...) })
	return func(c *gin.Context) {
		body, err := document()
		if err != nil {
			api.Fail(c, errno.Wrap(errno.System, err, ""))
			return
		}
		c.Data(http.StatusOK, "application/json", body)
	}
}
