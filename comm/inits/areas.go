package inits

import (
	"context"
	"time"

	"wxcomponent/api"
	"wxcomponent/api/admin"
	"wxcomponent/api/authpage"
	"wxcomponent/api/innerservice"
	"wxcomponent/comm/console/selfcheck"
	"wxcomponent/comm/push/pushlog"
	"wxcomponent/db"
)

// areas are the handlers of the API. Without what they work with they can be described, not called.
type areas struct {
	main       admin.Handlers
	accounts   admin.AccountHandlers
	links      admin.LinkHandlers
	rules      admin.RuleHandlers
	targets    admin.TargetHandlers
	branches   admin.BranchHandlers
	deliveries admin.DeliveryHandlers
	notify     admin.NotifyHandlers
	pushes     admin.PushHandlers
	views      admin.ViewHandlers
	weapps     admin.WeappHandlers
	check      admin.ReleaseCheckHandlers
	calls      admin.PlatformCallHandlers
	authPage   authpage.Handlers
	inner      innerservice.Handlers
}

// groups is the one list of what is served: the routers, the description and the tests are made from it.
func (a *areas) groups() []api.Group {
	groups := []api.Group{
		{Prefix: "/wxcomponent/authpage", Tag: "authpage", Limited: true, Routes: a.authPage.Routes()},
		{Prefix: "/inner", Tag: "inner", Routes: a.inner.Routes()},
	}
	for _, area := range []interface{ Routes() []api.Route }{
		&a.main, &a.accounts, &a.links, &a.rules, &a.targets, &a.branches, &a.deliveries, &a.notify, &a.pushes, &a.views,
		&a.weapps, &a.check, &a.calls,
	} {
		groups = append(groups, api.Group{Prefix: "/wxcomponent", Tag: "admin", Routes: area.Routes()})
	}
	return groups
}

// areas joins the handlers to what they work with.
func (a *app) areas() *areas {
	return &areas{
		main: *admin.New(admin.Deps{
			Logins: a.logins, Tokens: a.tokens, Platform: a.creds, Records: a.store, Series: a.store,
			Overview: a.selfcheck(), Settings: a.settings, Proxy: a.proxy,
			Place: admin.Place{EnvID: a.cfg.CloudEnvID, Service: a.cfg.Service, OnCloud: a.cfg.OnCloud},
			Build: admin.Build(a.build), Database: string(a.db.Dialect) + " " + a.db.Version, Now: time.Now,
		}),
		accounts:   *admin.NewAccounts(admin.AccountDeps{Rows: a.store, Accounts: a.accounts}),
		links:      *admin.NewLinks(admin.LinkDeps{Links: a.links, Redirects: a.settings}),
		rules:      *admin.NewRules(a.forward),
		targets:    *admin.NewTargets(a.forward, time.Now),
		branches:   *admin.NewBranches(a.forward),
		deliveries: *admin.NewDeliveries(a.forward),
		notify:     *admin.NewNotify(a.notify),
		pushes: *admin.NewPushes(
			pushlog.New(a.store, a.forward, pushlog.FollowUp{Plan: a.plan, Nudge: a.nudgeFor}, time.Now),
			time.Now, a.logins.Lasts, a.stopping),
		views:  *admin.NewViews(admin.ViewDeps{Views: a.store}),
		weapps: *admin.NewWeapp(a.weapps),
		check:  *admin.NewReleaseCheck(a.check, simulatorOf(a.cfg.WX)),
		calls:  *admin.NewPlatformCalls(a.tokens.Client(), a.creds),
		authPage: *authpage.New(authpage.Deps{
			AppID: a.cfg.WX.AppID, PreAuth: preAuth{a.tokens.Client(), a.store, a.refusals.Count}, Info: a.settings, Links: a.links,
		}),
		inner: *innerservice.New(a.tokens),
	}
}

func (a *app) selfcheck() *selfcheck.Service {
	return selfcheck.New(selfcheck.Deps{
		Facts: facts{a.store}, Refusals: a.refusals, Untrusted: a.untrusted, Tokens: a.tokens, Platform: a.creds.Get, APIBase: a.cfg.WX.APIBase, Client: a.outgoing,
		PlainCallback: a.cfg.WX.PlainCallback, OnCloud: a.cfg.OnCloud,
		DatabaseKind: string(a.db.Dialect), DatabaseVersion: a.db.Version,
		SecretsProtected: a.box.Protected(), Exposed: a.exposed, Writable: a.writable.check, Now: time.Now,
	})
}

// exposed is what other users of this host can get at of the embedded database.
func (a *app) exposed() []string {
	if a.db.Dialect != db.SQLite {
		return nil
	}
	return db.Exposed(databaseOptions(a.cfg).SQLitePath)
}

func (a *app) putProbe(ctx context.Context, key, value string) error {
	return a.store.KVPut(ctx, key, value)
}
