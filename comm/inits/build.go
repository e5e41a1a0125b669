package inits

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"wxcomponent/api/admin"
	"wxcomponent/api/authpage"
	"wxcomponent/api/innerservice"
	"wxcomponent/api/proxy"
	"wxcomponent/api/wxcallback"
	"wxcomponent/client"
	"wxcomponent/comm/auth"
	"wxcomponent/comm/authorizer"
	"wxcomponent/comm/config"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/httputils"
	"wxcomponent/comm/ingest"
	"wxcomponent/comm/live"
	"wxcomponent/comm/login"
	"wxcomponent/comm/platform"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/react"
	"wxcomponent/comm/selfcheck"
	"wxcomponent/comm/settings"
	"wxcomponent/comm/token"
	"wxcomponent/comm/wx"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/routers"
)

// app is everything that runs behind the listeners.
type app struct {
	cfg      config.Config
	db       *db.DB
	log      *zap.Logger
	store    *dao.Store
	logins   *login.Service
	tokens   *token.Centre
	accounts *authorizer.Service
	ingest   *ingest.Ingest
	queue    *queue.Queue
	watcher  *live.Watcher
	keeper   *keeper
	routes   routers.Deps
}

// build makes every part in the order in which they need each other. It starts nothing.
func build(ctx context.Context, cfg config.Config, b Build, d *db.DB, l *zap.Logger, out io.Writer) (*app, error) {
	a := &app{cfg: cfg, db: d, log: l}
	box, err := a.openStore(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.buildLogins(ctx, out); err != nil {
		return nil, err
	}
	creds := platform.New(cfg.WX, cfg.MySQL.Password, a.store, l)
	if err := creds.Init(ctx); err != nil {
		return nil, err
	}
	proxySwitch := settings.NewProxySwitch(a.store, portOf(cfg.PublicAddress), portOf(cfg.InnerAddress))
	a.watcher = live.NewWatcher(a.store, l)
	a.watcher.Add("platform", creds.Live())
	a.watcher.Add("proxy", proxySwitch.Live())
	if err := errors.Join(creds.Live().Refresh(ctx), proxySwitch.Live().Refresh(ctx)); err != nil {
		return nil, err
	}

	outgoing := httputils.NewClient(l)
	a.tokens = token.New(ctx, token.Deps{
		WX: wx.New(wx.Options{
			Platform: wx.Platform{AppID: cfg.WX.AppID}, APIBase: cfg.WX.APIBase, HTTP: outgoing,
			CloudBase: cloudBase(cfg.WX), Log: l,
		}),
		Platform: creds, Store: tokenStore{a.store}, Accounts: &authorizer.RefreshTokens{Rows: a.store}, Log: l,
	})
	wechat := a.tokens.Client()

	a.accounts = authorizer.New(authorizer.Deps{
		Rows: a.store, Tx: a.authorizerTx, WeChat: wechat, Tokens: a.tokens,
		Nudge: a.nudge, Now: time.Now, Log: l,
	})
	reactions := react.New(react.Deps{Accounts: a.accounts, Sealer: box, Log: l})
	metrics := newMetrics()
	if err := a.buildWork(reactions, metrics); err != nil {
		return nil, err
	}
	a.keeper = &keeper{store: a.store, retention: cfg.Retention, auditRetention: cfg.AuditRetention, now: time.Now, log: l}

	files, err := client.Files()
	if err != nil {
		return nil, fmt.Errorf("open the dashboard's files: %w", err)
	}
	info := settings.New(a.store)
	a.routes = routers.Deps{
		Log: l, Sessions: a.logins, Files: files, Ready: a.ready,
		OnCloud: cfg.OnCloud, TrustedProxies: cfg.TrustedProxies,
		Metrics: promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}),
		Admin: admin.New(admin.Deps{
			Logins: a.logins, Tokens: a.tokens, Platform: creds, Records: a.store, Series: a.store,
			Overview: a.selfcheck(creds, outgoing, box), Settings: info, Audit: auditor{a.store, time.Now},
			Place: admin.Place{EnvID: cfg.CloudEnvID, Service: cfg.Service, OnCloud: cfg.OnCloud},
			Build: admin.Build(b), Database: string(d.Dialect) + " " + d.Version, Now: time.Now,
		}),
		AuthPage: authpage.New(authpage.Deps{AppID: cfg.WX.AppID, PreAuth: preAuth{wechat}, Info: info}),
		Inner:    innerservice.New(a.tokens),
		Callback: wxcallback.New(wxcallback.Deps{
			Log: l, Metrics: metrics, Credentials: creds, Ingest: a.ingest, Tickets: a.store, Plain: cfg.WX.PlainCallback,
		}),
		Proxy: proxy.New(proxySwitch, proxyTransport(), l),
	}
	return a, nil
}

// openStore opens the data key that seals secrets, and the store that uses it.
func (a *app) openStore(ctx context.Context) (*encrypt.Box, error) {
	dataDir := ""
	if a.cfg.MySQL.Address == "" {
		dataDir = a.cfg.DataDir
	}
	box, err := encrypt.OpenBox(ctx, dao.New(a.db, nil), a.cfg.SecretKey, dataDir)
	if err != nil {
		return nil, fmt.Errorf("open the data key: %w", err)
	}
	a.store = dao.New(a.db, box)
	return box, nil
}

const keyJWT = "jwtkey"

func (a *app) buildLogins(ctx context.Context, out io.Writer) error {
	fresh := make([]byte, auth.KeySize)
	_, _ = rand.Read(fresh) // never fails
	text, err := a.store.KVSecretCreate(ctx, keyJWT, base64.StdEncoding.EncodeToString(fresh))
	if err != nil {
		return fmt.Errorf("read the login token key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("decode the login token key: %w", err)
	}
	issuer, err := auth.NewIssuer(key)
	if err != nil {
		return err
	}
	a.logins = login.New(login.Deps{
		Users: a.store, Counters: a.store, Issuer: issuer, Passwords: auth.NewPasswords(auth.Cost),
		Missing: is(dao.ErrNotFound), Taken: is(dao.ErrDuplicate),
	})
	return a.logins.First(ctx, a.cfg.Admin.Username, a.cfg.Admin.Password, out)
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func (a *app) authorizerTx(ctx context.Context, fn func(authorizer.Rows) error) error {
	return a.store.Tx(ctx, func(tx *dao.Store) error { return fn(tx) })
}

// nudge wakes the work queue, which is built after those who call it.
func (a *app) nudge() { a.queue.Nudge() }

func (a *app) buildWork(reactions *react.Handler, metrics *prometheus.Registry) error {
	kinds := append(a.accounts.QueueKinds(), reactions.QueueKind())
	q, err := queue.New(a.store, a.log, queue.Options{Owner: rand.Text()}, kinds...)
	if err != nil {
		return err
	}
	a.queue = q
	a.ingest = ingest.New(a.store, metrics, ingest.Options{
		Writers: writers(a.db.Dialect), Plan: reactions.Plan, Nudge: a.nudge,
	})
	return nil
}

func (a *app) selfcheck(creds *platform.Service, client *http.Client, box *encrypt.Box) *selfcheck.Service {
	return selfcheck.New(selfcheck.Deps{
		Facts: facts{a.store}, Tokens: a.tokens, Platform: creds.Get, APIBase: a.cfg.WX.APIBase, Client: client,
		PlainCallback: a.cfg.WX.PlainCallback, OnCloud: a.cfg.OnCloud,
		DatabaseKind: string(a.db.Dialect), DatabaseVersion: a.db.Version,
		SecretsProtected: box.Protected(), Now: time.Now,
	})
}

// ready tells whether requests can be served: the tables are up to date once this exists, so only
// the database's answer is left to ask for.
func (a *app) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), readyWait) //nolint:forbidigo // bounded, and no caller's context is at hand
	defer cancel()
	return a.db.Ping(ctx)
}

const readyWait = 2 * time.Second

func cloudBase(conf config.WX) *wx.CloudBase {
	if !conf.CloudBaseToken {
		return nil
	}
	return wx.NewCloudBase(conf.CloudBaseTokenFile)
}

func newMetrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// proxyTransport connects to the provider's own service on this host: a dead one is noticed at
// once, a slow one is left to the browser's patience.
func proxyTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 3 * time.Second}
	return &http.Transport{
		DialContext: dialer.DialContext, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute,
		ResponseHeaderTimeout: writeTimeout, DisableCompression: true,
	}
}

func portOf(addr string) int {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(port) // the settings are checked; 0 names no port
	return n
}

// databaseOptions chooses MySQL or the embedded database.
func databaseOptions(cfg config.Config) db.Options {
	return db.Options{MySQL: cfg.MySQL, SQLitePath: filepath.Join(cfg.DataDir, "wxcomponent.db")}
}

// writers is how many transactions store pushes at the same time: SQLite has one writer, and a MySQL
// server is busy with a few.
func writers(d db.Dialect) int {
	if d == db.SQLite {
		return 1
	}
	return 3
}
