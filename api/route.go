// Package api is the frame of the HTTP API: a handler is a function from a typed request to a typed
// answer, and a route is a value that both the router and the OpenAPI document are made from.
package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/gin-gonic/gin"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/httputils"
	"wxcomponent/db/model"
)

// Access says who may call a route.
type Access int

// The kinds of access.
const (
	Admin  Access = iota // needs a login
	Public               // anybody
	Inner                // only this host, on the inner listener
)

// Route is one endpoint. Path is relative to the group that it is mounted in, in gin's notation.
type Route struct {
	Method, Path, Summary string
	Access                Access
	Handler               gin.HandlerFunc
	Req, Res              reflect.Type // for the OpenAPI document; nil means none
	Multipart             bool         // the body is a form, not JSON
	Stream                bool         // the answer is text/event-stream, not the envelope
	Audit                 string       // the action that a call is in the audit trail; empty: a call leaves no trace
	// Time is how long the handler has for all that it does: the context of its request ends then. 0 is
	// for one that ends by itself.
	Time time.Duration
}

// The whole time of a route.
const (
	OwnTime  = 15 * time.Second  // for one that asks nobody but the database
	CallTime = 110 * time.Second // for one that calls WeChat, a target or a channel
)

// Takes returns the route with another time than OwnTime.
func (r Route) Takes(whole time.Duration) Route {
	r.Time = whole
	return r
}

// None is the request or answer of a handler that has none.
type None struct{}

// Func is a handler: it gets a validated request and returns what goes into "data".
type Func[Req, Res any] func(ctx context.Context, req *Req) (*Res, error)

// GET makes a route from a handler.
func GET[Req, Res any](path, summary string, fn Func[Req, Res]) Route {
	return newRoute(http.MethodGet, path, summary, fn)
}

// POST makes a route from a handler.
func POST[Req, Res any](path, summary string, fn Func[Req, Res]) Route {
	return newRoute(http.MethodPost, path, summary, fn)
}

// PUT makes a route from a handler.
func PUT[Req, Res any](path, summary string, fn Func[Req, Res]) Route {
	return newRoute(http.MethodPut, path, summary, fn)
}

// DELETE makes a route from a handler.
func DELETE[Req, Res any](path, summary string, fn Func[Req, Res]) Route {
	return newRoute(http.MethodDelete, path, summary, fn)
}

// Raw makes a route from a gin handler, for answers that are no envelope (streams, files). Req and
// Res only describe it.
func Raw[Req, Res any](method, path, summary string, h gin.HandlerFunc) Route {
	return Route{
		Method: method, Path: path, Summary: summary, Handler: h, Time: OwnTime,
		Req: reflect.TypeFor[Req](), Res: reflect.TypeFor[Res](),
	}
}

// For returns the routes with another access than Admin.
func For(access Access, routes ...Route) []Route {
	for i := range routes {
		routes[i].Access = access
	}
	return routes
}

func newRoute[Req, Res any](method, path, summary string, fn Func[Req, Res]) Route {
	r := Raw[Req, Res](method, path, summary, nil)
	bind := newBinder(r.Req)
	r.Handler = func(c *gin.Context) {
		var req Req
		if err := bind.request(c.Request, &req); err != nil {
			Fail(c, err)
			return
		}
		res, err := fn(c.Request.Context(), &req)
		if errors.Is(err, model.ErrBadCursor) {
			err = errno.Param("cursor", "is not a cursor of this list")
		}
		Answer(c, res, err)
	}
	return r
}

// Answer ends a call: with its error, or with res as data once the audit trail knows of it.
func Answer[Res any](c *gin.Context, res *Res, err error) {
	if err == nil {
		ends, failed := audit(c.Request.Context())
		switch {
		case ends:
			err = failed
		case failed != nil:
			_ = c.Error(failed)
		}
	}
	if err != nil {
		Fail(c, err)
		return
	}
	ok(c, res)
}

// ok answers with res as data; None and nil are left out.
func ok[Res any](c *gin.Context, res *Res) {
	var data any
	if _, none := any(res).(*None); !none && res != nil {
		data = res
	}
	if err := httputils.WriteOK(c.Writer, data); err != nil {
		_ = c.Error(err)
	}
}

// Fail answers with the error's envelope and hands the error to the access log, which writes it
// down once.
func Fail(c *gin.Context, err error) {
	_ = c.Error(err)
	if werr := httputils.WriteError(c.Writer, err); werr != nil {
		_ = c.Error(werr)
	}
	c.Abort()
}

// Frame is what routes are mounted in.
type Frame struct {
	Auditor Auditor
	Least   time.Duration // no route has less time
}

// Mount registers the routes that have the given access in a router group.
func (f Frame) Mount(g gin.IRoutes, access Access, routes []Route) {
	for _, r := range routes {
		if r.Access == access {
			g.Handle(r.Method, r.Path, f.around(r))
		}
	}
}

func (f Frame) around(r Route) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx := r.begin(c.Request.Context(), f.Auditor)
		if r.Time > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, max(r.Time, f.Least))
			defer cancel()
		}
		c.Request = c.Request.WithContext(ctx)
		r.Handler(c)
	}
}

// NotFound answers for a path that is none of ours.
func NotFound(c *gin.Context) {
	_ = httputils.WriteErrorStatus(c.Writer, http.StatusNotFound, errno.New(errno.BadParam, "no such path"))
}
