package httputils

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/log"
)

// Limits of an answer's body that suit most callers of Fetch.
const (
	MaxAnswer = 4 << 20  // JSON
	MaxMedia  = 16 << 20 // images and files
)

const (
	connectTimeout = 5 * time.Second
	idleTimeout    = 90 * time.Second
	keepAlive      = 30 * time.Second
	idlePerHost    = 32
)

// ErrTooLarge says that an answer's body is larger than the caller is willing to read.
var ErrTooLarge = errors.New("the answer is too large")

// NewClient returns the client for calls that leave the service. It keeps connections, follows no
// redirect, and logs method, host, path, status and duration at debug level, never the query,
// headers or bodies. Connecting and the TLS handshake have their own limits; how long the answer may
// take is the deadline of the request's context.
func NewClient(l *zap.Logger) *http.Client {
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: keepAlive}
	return &http.Client{
		Transport: logged{log: l, next: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			ForceAttemptHTTP2:     true,
			TLSHandshakeTimeout:   connectTimeout,
			ExpectContinueTimeout: time.Second,
			IdleConnTimeout:       idleTimeout,
			MaxIdleConnsPerHost:   idlePerHost,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// logged writes one debug line a call.
type logged struct {
	log  *zap.Logger
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t logged) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	if line := log.From(req.Context(), t.log).Check(zap.DebugLevel, "outgoing call"); line != nil {
		fields := []zap.Field{
			zap.String("method", req.Method), zap.String("host", req.URL.Host),
			zap.String("path", req.URL.Path), zap.Duration("took", time.Since(start)),
		}
		if err != nil {
			fields = append(fields, zap.NamedError("failure", WithoutURL(err)))
		} else {
			fields = append(fields, zap.Int("status", resp.StatusCode))
		}
		line.Write(fields...)
	}
	return resp, err
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the transport.
func (t logged) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// Answer is a response whose body was read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Fetch sends the request and reads the answer, at most limit bytes of it: ErrTooLarge beyond. Its
// errors never hold the request's URL, which may carry a token.
func Fetch(client *http.Client, req *http.Request, limit int64) (*Answer, error) {
	resp, err := client.Do(req) //nolint:gosec // where it goes is the caller's to decide
	if err != nil {
		return nil, WithoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", WithoutURL(err))
	}
	if int64(len(body)) > limit {
		return nil, ErrTooLarge
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// WithoutURL returns what went wrong without the URL that net/http puts in front of it. A timeout
// is always context.DeadlineExceeded, however deep net/http noticed it.
func WithoutURL(err error) error {
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = u.Err
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	return err
}
