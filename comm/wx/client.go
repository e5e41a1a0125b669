// Package wx is the client of WeChat's server API for third-party platforms. Every endpoint is a
// value beside the method that calls it; request and response types name the API they come from.
//
// Calls fail with *Error when WeChat refused them and with *Unreachable when no understandable
// answer came. Neither ever holds a token or a secret.
package wx

import (
	"context"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
)

// Platform is a third-party platform as WeChat knows it.
type Platform struct {
	AppID string // component_appid
}

// Tokens hands out access tokens. The appid "" stands for the platform itself
// (component_access_token), any other for an authorized account (authorizer_access_token).
type Tokens interface {
	// AccessToken returns a token to use now.
	AccessToken(ctx context.Context, appid string) (string, error)
	// Invalidate tells that WeChat refused the token: if it is still the one handed out, it is not
	// handed out again.
	Invalidate(appid, used string)
	// Unhealed tells that WeChat refused even the token that replaced a refused one, so getting yet
	// another would not help for now.
	Unhealed(appid string)
}

// Options are what a Client needs. CloudBase is nil off WeChat's cloud hosting.
type Options struct {
	Platform  Platform
	APIBase   string // https://api.weixin.qq.com
	HTTP      *http.Client
	CloudBase *CloudBase
	Log       *zap.Logger
	Patience  time.Duration // how long any call may take; 0: what suits its endpoint
}

// Client calls WeChat's API for one platform. It is safe for concurrent use.
type Client struct {
	platform  Platform
	base      string
	http      *http.Client
	cloudBase *CloudBase
	log       *zap.Logger
	patience  time.Duration
	tokens    Tokens
}

// New returns a client without a source of tokens: it can make the calls that need none. As gives
// it one.
func New(o Options) *Client {
	return &Client{
		platform: o.Platform, base: strings.TrimRight(o.APIBase, "/"), http: o.HTTP,
		cloudBase: o.CloudBase, log: o.Log, patience: o.Patience, tokens: noTokens{},
	}
}

// As returns a client like c that takes its tokens from tokens.
func (c *Client) As(tokens Tokens) *Client {
	as := *c
	as.tokens = tokens
	return &as
}

// Platform is the platform that the client calls for.
func (c *Client) Platform() Platform { return c.platform }

// CloudBase is cloud hosting's own token, nil when it is not used.
func (c *Client) CloudBase() *CloudBase { return c.cloudBase }

// componentAppID is the platform's appid; errno.NotConfigured when it is not set.
func (c *Client) componentAppID() (string, error) {
	if c.platform.AppID == "" {
		return "", errno.New(errno.NotConfigured, "the platform's appid is not set (WX_APPID)")
	}
	return c.platform.AppID, nil
}

// noTokens is the source of a client that was not given one.
type noTokens struct{}

func (noTokens) AccessToken(context.Context, string) (string, error) {
	return "", errno.New(errno.NotConfigured, "this client was given no source of tokens")
}
func (noTokens) Invalidate(string, string) {}
func (noTokens) Unhealed(string)           {}
