package inits

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin" //nolint:depguard // only it knows what it serves
	"go.uber.org/zap"

	"wxcomponent/api"
	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/config"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/routers"
)

// Public is what the public listener serves, without a listener and without workers: for a bubble of
// testing/synctest, which knows no network. WeChat is called by way of wechat.
func (p Program) Public(ctx context.Context, cfg config.Config, wechat http.RoundTripper) (public http.Handler, store *dao.Store, stop func() error, err error) {
	d, err := db.Open(ctx, databaseOptions(cfg))
	if err != nil {
		return nil, nil, nil, err
	}
	if err := db.Migrate(ctx, d); err != nil {
		return nil, nil, nil, errors.Join(err, d.Close())
	}
	a, err := build(ctx, cfg, p, d, zap.NewNop(), io.Discard)
	if err != nil {
		return nil, nil, nil, errors.Join(err, d.Close())
	}
	a.outgoing.Transport = wechat
	return routers.Public(a.routes), a.store, func() error {
		a.tokens.Close(ctx)
		return d.Close()
	}, nil
}

// Endpoint is a route as it is served.
type Endpoint struct{ Method, Path string }

// Served are the routes of both listeners, and what is described of them.
func Served() (public, inner []Endpoint, groups []api.Group) {
	d := routers.Deps{Groups: new(areas).groups(), Callback: new(wxcallback.Handler), Log: zap.NewNop(), Metrics: http.NotFoundHandler()}
	return endpoints(routers.Public(d)), endpoints(routers.Inner(d)), d.Groups
}

func endpoints(listener http.Handler) (all []Endpoint) {
	for _, r := range listener.(*gin.Engine).Routes() {
		all = append(all, Endpoint{r.Method, r.Path})
	}
	return all
}
