package inits

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"wxcomponent/api/proxy"
	"wxcomponent/api/wxcallback"
	"wxcomponent/client"
	"wxcomponent/comm/account/authlink"
	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/releasecheck"
	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/auth"
	"wxcomponent/comm/config"
	"wxcomponent/comm/console/login"
	"wxcomponent/comm/console/notify"
	"wxcomponent/comm/console/refusals"
	"wxcomponent/comm/console/selfcheck"
	"wxcomponent/comm/console/settings"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/httputils"
	"wxcomponent/comm/live"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/push/react"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/event"
	"wxcomponent/comm/wx/platform"
	"wxcomponent/comm/wx/token"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
	"wxcomponent/routers"
)

// app is everything that runs behind the listeners.
type app struct {
	cfg   config.Config
	build Build
	db    *db.DB
	log   *zap.Logger

	box      *encrypt.Box
	store    *dao.Store
	refusals *refusals.Counter
	// untrusted are the proxies that are not trusted.
	untrusted *selfcheck.Untrusted
	logins    *login.Service
	creds     *platform.Service
	settings  *settings.Service
	proxy     *settings.ProxySwitch
	checking  *settings.Switch
	watcher   *live.Watcher
	outgoing  *http.Client
	tokens    *token.Centre
	links     *authlink.Service
	weapps    *weapp.Service
	forward   *forward.Service
	notify    *notify.Service
	notices   chan forward.Notice // of targets, to be noted
	accounts  *authorizer.Service
	check     *releasecheck.Service
	names     *userNames
	reactions *react.Handler
	metrics   *prometheus.Registry
	queue     *queue.Queue
	ingest    *ingest.Ingest
	keeper    *keeper
	writable  *writable
	routes    routers.Deps
	defects   defects
	times     Times

	stopping chan struct{} // closed when the listeners are about to stop
}

// build makes every part in the order in which they need each other. It starts nothing.
func build(ctx context.Context, cfg config.Config, p Program, d *db.DB, l *zap.Logger, out io.Writer) (*app, error) {
	a := &app{
		cfg: cfg, build: p.Build, db: d, log: l, metrics: newMetrics(), outgoing: httputils.NewClient(l), times: p.Times,
		stopping: make(chan struct{}), untrusted: selfcheck.NewUntrusted(time.Now), notices: make(chan forward.Notice, noticesMost),
	}
	var err error
	if a.defects, err = newDefects(p.Getenv); err != nil {
		return nil, err
	}
	steps := []func() error{
		func() error { return a.openStore(ctx) },
		func() error { return a.buildLogins(ctx, cmp.Or(p.PasswordCost, auth.Cost), out) },
		func() error { return a.buildShared(ctx) },
		func() error { return a.buildNotify(ctx) },
		func() error { a.buildAccounts(ctx); return nil },
		func() error { return a.buildForward(ctx) },
		a.buildWork,
		func() error { return a.buildKeeper(ctx) },
		a.buildRoutes,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// openStore opens the data key that seals secrets, and the store that uses it.
func (a *app) openStore(ctx context.Context) error {
	dataDir := ""
	if a.cfg.MySQL.Address == "" {
		dataDir = a.cfg.DataDir
	}
	box, err := encrypt.OpenBox(ctx, dao.New(a.db, nil), a.cfg.SecretKey, dataDir)
	if err != nil {
		return fmt.Errorf("open the data key: %w", err)
	}
	a.writable = &writable{put: a.putProbe, wait: a.times.limit(readyWait), now: time.Now}
	a.box, a.store = box, dao.New(a.db, box).WithPatience(a.times.Patience)
	a.refusals = refusals.New(a.store, time.Now, a.log)
	return nil
}

const keyJWT = "jwtkey"

func (a *app) buildLogins(ctx context.Context, cost int, out io.Writer) error {
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
		Users: a.store, Counters: a.store, Values: a.store, Refused: a.refusals.Count, Log: a.log, Issuer: issuer, Passwords: auth.NewPasswords(cost),
	})
	return a.logins.First(ctx, a.cfg.Admin.Username, a.cfg.Admin.Password, out)
}

// buildShared makes what all instances keep in memory.
func (a *app) buildShared(ctx context.Context) error {
	a.creds = platform.New(a.cfg.WX, a.cfg.MySQL.Password, a.store, a.log)
	if err := a.creds.Init(ctx); err != nil {
		return err
	}
	a.settings = settings.New(a.store)
	a.proxy = settings.NewProxySwitch(a.store, portOf(a.cfg.PublicAddress), portOf(a.cfg.InnerAddress))
	a.checking = settings.NewSwitch(a.store, settings.KeyReleaseCheck, true)
	a.watcher = live.NewWatcher(a.store, a.log)
	a.watcher.Add("platform", a.creds.Live())
	a.watcher.Add("proxy", a.proxy.Live())
	a.watcher.Add("release check", a.checking.Live())
	a.names = newUserNames(a.store)
	a.watcher.Add("original ids", a.names.byUserName)
	return errors.Join(a.creds.Live().Refresh(ctx), a.proxy.Live().Refresh(ctx), a.checking.Live().Refresh(ctx),
		a.names.byUserName.Refresh(ctx))
}

// buildAccounts makes what talks to WeChat.
func (a *app) buildAccounts(ctx context.Context) {
	a.tokens = token.New(ctx, token.Deps{
		WX: wx.New(wx.Options{
			Platform: wx.Platform{AppID: a.cfg.WX.AppID}, APIBase: a.cfg.WX.APIBase, HTTP: a.outgoing,
			CloudBase: cloudBase(a.cfg.WX), Log: a.log, Patience: a.times.Patience,
		}),
		Platform: a.creds, Store: tokenStore{a.store},
		Accounts: &authorizer.RefreshTokens{Rows: a.store}, Renewed: a.tellOfToken, Log: a.log,
	})
	wechat := a.tokens.Client()
	a.accounts = authorizer.New(authorizer.Deps{
		Rows: a.store, Tx: a.authorizerTx, WeChat: wechat, Tokens: a.tokens,
		State: a.stateOf, Tell: a.tellOfAccount, Tagged: a.rulesAgain, Nudge: a.nudge, Now: time.Now, Log: a.log,
	})
	a.links = authlink.New(authlink.Deps{
		Store: a.store, PreAuth: preAuth{wechat, a.store, a.refusals.Count}, Accounts: linkAccounts{a.accounts, a.store},
		AppID: a.cfg.WX.AppID, PCBase: a.cfg.WX.PCAuthBase, H5Base: a.cfg.WX.H5AuthBase,
		Redirects: a.settings.Redirects, General: a.generalRedirect, Now: time.Now,
	})
	a.weapps = weapp.New(weapp.Deps{
		Rows: a.store, WeChat: wechat, Tell: a.tellOfAudit, Nudge: a.nudge, Now: time.Now,
		Log: a.log,
	})
	a.check = releasecheck.New(releasecheck.Deps{
		Switch: a.checking, Store: a.store, Accounts: a.accounts, WeChat: wechat, Sealer: a.box,
		TicketAt: facts{a.store}.TicketReceivedAt, Now: time.Now, Log: a.log,
	})
}

func (a *app) authorizerTx(ctx context.Context, fn func(authorizer.Rows) error) error {
	return a.store.Tx(ctx, func(tx *dao.Store) error { return fn(tx) })
}

// generalRedirect is where merchants of the general authorization link go on to.
func (a *app) generalRedirect(ctx context.Context) (string, error) {
	info, err := a.settings.ComponentInfo(ctx)
	return info.RedirectURL, err
}

// stateOf, nudge and rulesAgain lead to parts that are built after those who call them.
func (a *app) stateOf(ctx context.Context, preAuthCode string) (string, error) {
	return a.links.StateOf(ctx, preAuthCode)
}

func (a *app) nudge() { a.queue.Nudge() }

func (a *app) rulesAgain(ctx context.Context) error { return a.forward.Live().Refresh(ctx) }

// buildForward makes what hands pushes on to the provider's own programs.
func (a *app) buildForward(ctx context.Context) error {
	form := payload.XML
	if a.cfg.OnCloud {
		form = payload.JSON
	}
	a.forward = forward.New(a.defects.forwarding(forward.Deps{
		Store: a.store, Sealer: a.box, Log: a.log, Metrics: a.metrics, Owner: rand.Text(), Version: a.build.Version,
		Guard: a.outgoingLimits(), TextMode: form, Notify: a.tellOfTarget, Now: time.Now,
		MiniProgram: a.accounts.IsMiniProgram,
		SyncTimeout: a.times.Patience, StoreTimeout: a.times.Patience,
	}))
	a.watcher.Add("forwarding rules", a.forward.Live())
	return a.forward.Live().Refresh(ctx)
}

// outgoingLimits decide which addresses that operators enter may be called.
func (a *app) outgoingLimits() outgoing.Limits {
	return outgoing.Limits{
		AllowPrivate: a.cfg.ForwardPrivate,
		OwnPorts:     []int{portOf(a.cfg.PublicAddress), portOf(a.cfg.InnerAddress)},
	}
}

// buildWork makes what stores pushes and what works on them afterwards.
func (a *app) buildWork() error {
	a.reactions = react.New(react.Deps{Accounts: a.check.Watch(a.accounts), Audits: a.weapps, Sealer: a.box, Log: a.log})
	kinds := slices.Concat(a.accounts.QueueKinds(), a.weapps.QueueKinds(), a.notify.QueueKinds(),
		[]queue.Kind{a.reactions.QueueKind(), a.check.QueueKind(), a.forward.QueueKind()})
	q, err := queue.New(a.store, a.log, queue.Options{Owner: rand.Text(), StoreTimeout: a.times.Patience}, kinds...)
	if err != nil {
		return err
	}
	a.queue = q
	store, options := a.defects.storing(a.store, ingest.Options{
		Writers: pushWriters, Nudge: a.nudgeFor, Timeout: a.times.Patience,
		Plan: a.plan, Hold: a.names.mismatch,
	})
	a.ingest = ingest.New(store, a.metrics, options)
	return nil
}

// plan is what is to be done about a push.
func (a *app) plan(p *event.Push) []model.Work {
	work, ours := a.check.Plan(p)
	if !ours { // what WeChat checks the platform with is never forwarded
		work = a.forward.Plan(p)
	}
	if own := a.reactions.Plan(p); len(own) > 0 {
		return append(own, work...)
	}
	return work
}

// buildRoutes makes the API.
func (a *app) buildRoutes() error {
	files, err := client.Files()
	if err != nil {
		return fmt.Errorf("open the dashboard's files: %w", err)
	}
	a.routes = routers.Deps{
		Log: a.log, Sessions: a.logins, Files: files, Ready: a.ready,
		OnCloud: a.cfg.OnCloud, TrustedProxies: a.cfg.TrustedProxies, InnerHosts: a.cfg.InnerHosts, Patience: a.times.Patience,
		Untrusted: a.untrusted.Note, Refused: a.refusals.Count,
		Metrics: promhttp.HandlerFor(a.metrics, promhttp.HandlerOpts{}),
		Groups:  a.areas().groups(),
		Auditor: auditor{a.store, time.Now},
		Callback: wxcallback.New(wxcallback.Deps{
			Log: a.log, Metrics: a.metrics, Credentials: a.creds, Ingest: watched{a.defects.acknowledging(a.ingest), a.writable}, Tickets: a.store,
			Clock:   a.store,
			Replier: replier{a.check, a.forward, a.times.Patience}, Plain: a.cfg.WX.PlainCallback,
			Refused: a.refusals.Count, BodyTime: a.times.Patience, TicketTime: a.times.Patience,
		}),
		Proxy: proxy.New(a.proxy, proxyTransport(), a.log),
	}
	return nil
}

// ready tells whether requests can be served: the tables are up to date once this exists, so what is left
// to ask is whether the database answers and takes pushes.
func (a *app) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.times.limit(readyWait))
	defer cancel()
	if err := a.db.Ping(ctx); err != nil {
		return fmt.Errorf("ask the database: %w", err)
	}
	return a.writable.check(ctx)
}

const readyWait = 2 * time.Second

func cloudBase(conf config.WX) *wx.CloudBase {
	if !conf.CloudBaseToken {
		return nil
	}
	return wx.NewCloudBase(conf.CloudBaseTokenFile)
}

// simulatorOf is the address of the simulated WeChat, "" for the real one, whose parts are on hosts of
// their own.
func simulatorOf(conf config.WX) string {
	if conf.APIBase == conf.PCAuthBase && conf.APIBase == conf.H5AuthBase {
		return conf.APIBase
	}
	return ""
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
