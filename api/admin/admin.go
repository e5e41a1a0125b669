// Package admin is the API of the dashboard and of the provider's operators, under /wxcomponent.
package admin

import (
	"context"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/auth"
	"wxcomponent/comm/log"
	"wxcomponent/comm/wx/platform"
	"wxcomponent/comm/wx/token"
)

// Logins checks, gives out and ends login tokens.
type Logins interface {
	Login(ctx context.Context, name, password, address string) (string, error)
	Refresh(ctx context.Context, userID int) (string, error)
	Logout(ctx context.Context, userID int) error
	Rename(ctx context.Context, userID int, name string) error
	SetPassword(ctx context.Context, userID int, old, password, address string) error
}

// Tokens is the token centre.
type Tokens interface {
	Ticket(ctx context.Context) (string, error)
	Component(ctx context.Context) (token.Token, error)
	Authorizer(ctx context.Context, appid string) (token.Token, error)
	CloudBase(ctx context.Context) (string, error)
}

// Platform holds the platform's credentials.
type Platform interface {
	Get() platform.Snapshot
	SetSecret(ctx context.Context, secret log.Secret) error
	SetPush(ctx context.Context, p platform.PushCredentials) error
}

// Place is where this instance runs, as far as callers are told.
type Place struct {
	EnvID   string // of WeChat cloud hosting, empty elsewhere
	Service string // the service's name there
	OnCloud bool
}

// Build is what was built.
type Build struct {
	Version, Commit, Time string
}

// Deps are what the handlers work with.
type Deps struct {
	Logins   Logins
	Tokens   Tokens
	Platform Platform
	Records  Records
	Overview Overview
	Series   Series
	Settings Settings
	Proxy    ProxySwitch
	Place    Place
	Build    Build
	Database string // kind and version of the database server
	Now      func() time.Time
}

// Handlers are the endpoints.
type Handlers struct{ Deps }

// New returns the endpoints.
func New(d Deps) *Handlers { return &Handlers{d} }

// Routes lists every endpoint of this package, relative to /wxcomponent.
func (h *Handlers) Routes() []api.Route {
	routes := api.For(api.Public,
		api.PUT("/auth", "Log in; the password is its lower-case hex MD5, or clear", h.login),
	)
	return append(routes,
		api.GET("/admin/refresh-auth", "A fresh login token", h.refreshAuth),
		api.POST("/admin/logout", "End all login tokens of this user", h.logout),
		api.POST("/admin/username", "Change the own user name", h.setUsername).Audited("user.rename"),
		api.POST("/admin/userpwd", "Change the own password", h.setPassword).Audited("user.password"),

		api.GET("/admin/ticket", "The newest component_verify_ticket", h.ticket),
		api.GET("/admin/component-access-token", "The component access token", h.componentToken).Takes(api.CallTime),
		api.GET("/admin/authorizer-access-token", "The access token of an authorized account", h.authorizerToken).Takes(api.CallTime),
		api.GET("/admin/cloudbase-access-token", "Cloud hosting's own access token", h.cloudbaseToken).Takes(api.CallTime),

		api.GET("/admin/wx-component-records", "Authorization events, newest first", h.componentRecords),
		api.GET("/admin/wx-biz-records", "Messages and events of accounts, newest first", h.bizRecords),
		api.GET("/admin/push-series", "Pushes over time", h.pushSeries),

		api.GET("/admin/overview", "What is configured, what works, what is missing", h.overview).Takes(api.CallTime),
		api.GET("/admin/callback-config", "Where WeChat has to push to", h.callbackConfig),
		api.GET("/admin/secret", "The AppSecret, masked", h.secret),
		api.POST("/admin/secret", "Set the AppSecret", h.setSecret).Audited("platform.secret"),
		api.GET("/admin/push-config", "Push token and AES keys, masked", h.pushConfig),
		api.POST("/admin/push-config", "Set push token and AES keys", h.setPushConfig).Audited("platform.push"),
		api.POST("/admin/componentinfo", "Set what the authorization pages show", h.setComponentInfo).Audited("componentinfo"),
		api.GET("/admin/proxy", "Whether unknown paths go to the provider's own service", h.proxy),
		api.POST("/admin/proxy", "Switch the proxy", h.setProxy).Audited("proxy"),
		api.GET("/admin/version", "What is running", h.version),
	)
}

// userID is the id of the logged-in user; the login middleware has put it there.
func userID(ctx context.Context) int { return auth.IdentityOf(ctx).UserID }
