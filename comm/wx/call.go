package wx

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/httputils"
	"wxcomponent/comm/log"
)

// How long one call may take. Code commits copy a whole template, media take their time to upload.
const (
	callTimeout   = 5 * time.Second
	mediaTimeout  = 30 * time.Second
	commitTimeout = 60 * time.Second
)

// Pauses before a call that WeChat was too busy for is made again.
const (
	busyPause    = 300 * time.Millisecond
	busyPauseMax = 2 * time.Second
)

// bearer says whose token a call carries.
type bearer int

const (
	none      bearer = iota // the call needs no token
	component               // component_access_token, or cloud hosting's stand-in
	account                 // authorizer_access_token of the account the call is for
)

// effect says what a call does, and so how often it may be made when WeChat answers "busy".
type effect int

const (
	reads effect = iota // up to three tries
	acts                // two: "busy" means that nothing was done, but once more is enough
	once                // one: its caller has its own plan for failures
)

func (e effect) tries() uint {
	switch e {
	case acts:
		return 2
	case once:
		return 1
	case reads:
	}
	return 3
}

// endpoint is one API of WeChat's. Left empty, the method is POST and the timeout callTimeout, or
// mediaTimeout where files are sent or received.
type endpoint struct {
	method  string
	path    string
	as      bearer
	effect  effect
	timeout time.Duration
	media   bool
}

func (e endpoint) verb() string {
	if e.method == "" {
		return http.MethodPost
	}
	return e.method
}

func (e endpoint) patience() time.Duration {
	switch {
	case e.timeout > 0:
		return e.timeout
	case e.media:
		return mediaTimeout
	}
	return callTimeout
}

func (e endpoint) answerLimit() int64 {
	if e.media {
		return httputils.MaxMedia
	}
	return httputils.MaxAnswer
}

// request is one call of an endpoint. appid is the account that the call is for; calls as the
// platform leave it empty.
type request struct {
	endpoint
	appid  string
	query  url.Values
	body   *body
	decode func(*httputils.Answer) error
}

// call sends req as JSON and decodes the answer into res, which may be nil. A GET has its parameters
// in query and no req.
func (c *Client) call(ctx context.Context, e endpoint, appid string, query url.Values, req, res any) error {
	content, err := e.content(req)
	if err != nil {
		return err
	}
	return c.send(ctx, request{
		endpoint: e, appid: appid, query: query, body: content,
		decode: func(a *httputils.Answer) error { return decode(e.path, a, res) },
	})
}

// image makes a call whose answer is an image, or JSON when it failed.
func (c *Client) image(ctx context.Context, e endpoint, appid string, query url.Values, req any) ([]byte, error) {
	content, err := e.content(req)
	if err != nil {
		return nil, err
	}
	var img []byte
	err = c.send(ctx, request{
		endpoint: e, appid: appid, query: query, body: content,
		decode: func(a *httputils.Answer) error {
			if a.Status == http.StatusOK && strings.HasPrefix(a.Header.Get("Content-Type"), "image/") {
				img = a.Body
				return nil
			}
			if err := decode(e.path, a, nil); err != nil {
				return err
			}
			return &Unreachable{Path: e.path, Status: a.Status, Cause: errors.New("neither an image nor an error")}
		},
	})
	return img, err
}

// send makes the call until it is done: again after "busy" as often as the endpoint allows, and
// once more with a new token when the token was refused.
func (c *Client) send(ctx context.Context, r request) error {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = busyPause, busyPauseMax
	var healed bool
	try := func() (struct{}, error) {
		err := c.heal(ctx, r, &healed)
		if err != nil && ActionOf(err) != ActionRetry {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}
	_, err := backoff.Retry(ctx, try, backoff.WithBackOff(pause), backoff.WithMaxTries(r.effect.tries()))
	if last, ok := errors.AsType[*backoff.PermanentError](err); ok {
		return last.Unwrap()
	}
	return err
}

// heal makes the call, and again with a new token when WeChat refused the first. healed keeps that
// to once over all tries of a call.
func (c *Client) heal(ctx context.Context, r request, healed *bool) error {
	switch {
	case r.as == none:
		return c.try(ctx, r, "")
	case r.as == account && r.appid == "":
		return errno.Param("appid", "is required")
	}
	tokens := c.tokensFor(r.as)
	token, err := tokens.AccessToken(ctx, r.appid)
	if err != nil {
		return err
	}
	err = c.try(ctx, r, token)
	if ActionOf(err) != ActionHealToken || *healed {
		return err
	}
	*healed = true
	log.From(ctx, c.log).Info("WeChat refused an access token, getting a new one",
		zap.String("path", r.path), zap.String("appid", r.appid), zap.Error(err))
	tokens.Invalidate(r.appid, token)
	fresh, freshErr := tokens.AccessToken(ctx, r.appid)
	if freshErr != nil {
		return freshErr
	}
	if fresh == token {
		return err // there is no other to be had for now
	}
	err = c.try(ctx, r, fresh)
	if ActionOf(err) == ActionHealToken {
		tokens.Unhealed(r.appid)
	}
	return err
}

// try makes one HTTP call.
func (c *Client) try(ctx context.Context, r request, token string) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.patience, r.patience()))
	defer cancel()
	req, err := c.build(ctx, r, token)
	if err != nil {
		return err
	}
	answer, err := httputils.Fetch(c.http, req, r.answerLimit())
	if err != nil {
		return &Unreachable{Path: r.path, Cause: err}
	}
	return r.decode(answer)
}

func (c *Client) build(ctx context.Context, r request, token string) (*http.Request, error) {
	query := url.Values{}
	for k, v := range r.query {
		query[k] = v
	}
	switch {
	case r.as == component && c.cloudBase != nil:
		query.Set("cloudbase_access_token", token)
	case r.as != none:
		query.Set("access_token", token)
	}
	target := c.base + r.path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var content io.Reader
	if r.body != nil {
		var err error
		if content, err = r.body.open(); err != nil {
			return nil, fmt.Errorf("%s: read the content to send: %w", r.path, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.verb(), target, content)
	if err != nil {
		return nil, errno.Wrap(errno.NotConfigured, httputils.WithoutURL(err), "WX_API_BASE is not an address")
	}
	if r.body != nil {
		req.Header.Set("Content-Type", r.body.contentType)
		req.ContentLength = r.body.size // WeChat does not take chunked bodies
	}
	return req, nil
}

func (c *Client) tokensFor(as bearer) Tokens {
	if as == component && c.cloudBase != nil {
		return cloudBaseTokens{c.cloudBase}
	}
	return c.tokens
}

// cloudBaseTokens makes cloud hosting's token a source of tokens. There is nothing to renew: the
// file is read anew for each call.
type cloudBaseTokens struct{ file *CloudBase }

func (t cloudBaseTokens) AccessToken(ctx context.Context, _ string) (string, error) {
	return t.file.Token(ctx)
}
func (cloudBaseTokens) Invalidate(string, string) {}
func (cloudBaseTokens) Unhealed(string)           {}
