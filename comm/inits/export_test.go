package inits

import (
	"context"
	"errors"
	"io"
	"net/http"

	"go.uber.org/zap"

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
