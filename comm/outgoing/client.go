package outgoing

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"time"

	"wxcomponent/comm/httputils"
)

const (
	connectTimeout = 5 * time.Second
	keepAlive      = 30 * time.Second
	idleTimeout    = 15 * time.Second // below that of most servers: one that closes first makes a call fail
	idlePerHost    = 64
	maxAnswerHead  = 64 << 10 // bytes of an answer's headers
)

// ErrTimeout stands for an answer that did not come in time.
var ErrTimeout = errors.New("the target did not answer in time")

// Client returns a client that reaches what Check allows and nothing else. It follows no redirect,
// uses no proxy and unpacks no compressed answer; how long a call may take is the deadline of its
// context.
func (g *Guard) Client() *http.Client { return newClient(g.control) }

// LocalClient returns a client that reaches 127.0.0.1 alone, and none of this service's own ports.
func (g *Guard) LocalClient() *http.Client { return newClient(g.controlLocal) }

func newClient(control func(network, address string, c syscall.RawConn) error) *http.Client {
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: keepAlive, Control: control}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
			TLSHandshakeTimeout:    connectTimeout,
			IdleConnTimeout:        idleTimeout,
			MaxIdleConnsPerHost:    idlePerHost,
			MaxResponseHeaderBytes: maxAnswerHead,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Plain drops the address from an error of net/http: it may hold a secret.
func Plain(err error) error {
	err = httputils.WithoutURL(err)
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrTimeout
	}
	return err
}
