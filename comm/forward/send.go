package forward

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/wx/event"
)

const (
	headerPrefix = "x-wxcomponent-"
	maxHeader    = 128 // characters of a header that holds text from a push
)

// sender calls targets. It follows no redirect, uses no proxy and unpacks no compressed answer.
type sender struct {
	local, remote *http.Client
	agent         string
	now           func() time.Time
}

func newSender(g *outgoing.Guard, d Deps) *sender {
	s := &sender{
		local:  g.LocalClient(),
		remote: g.Client(),
		agent:  "wxcomponent/" + d.Version, now: d.Now,
	}
	if d.Transport != nil {
		s.local.Transport, s.remote.Transport = d.Transport(s.local.Transport), d.Transport(s.remote.Transport)
	}
	return s
}

// request is one call of a target.
type request struct {
	target  *Target
	message *Message
	attempt int
	test    bool
	push    *event.Push // what the answer has to be a reply to, where WeChat gets it
	inbound *inbound    // what the push came with, for a call that WeChat waits for
	limit   int64       // bytes of the answer that are read
}

// answer is what became of a call. A call without an answer has err set; one that was cut off in
// the middle of the body has a status and err.
type answer struct {
	status      int
	contentType string
	body        []byte // its first bytes
	whole       bool   // there was no more
	retryAfter  time.Duration
	began       time.Time
	took        time.Duration
	err         error
}

// accepted tells whether the target has taken the push: only a status of 2xx says so.
func (a *answer) accepted() bool { return a.status >= 200 && a.status < 300 }

// failure says in words why the push was not taken.
func (a *answer) failure() error {
	switch {
	case a.status != 0 && !a.accepted():
		return fmt.Errorf("the target answered HTTP %d", a.status)
	case a.err != nil:
		return a.err
	default:
		return nil
	}
}

// send calls the target and reads the beginning of its answer, until ctx ends.
func (s *sender) send(ctx context.Context, r request) *answer {
	a := &answer{began: s.now()}
	defer func() { a.took = s.now().Sub(a.began) }()
	req, err := s.build(ctx, r)
	if err != nil {
		a.err = err
		return a
	}
	client := s.remote
	if r.target.Address.local {
		client = s.local
	}
	resp, err := client.Do(req)
	if err != nil {
		a.err = outgoing.Plain(err)
		return a
	}
	defer func() { _ = resp.Body.Close() }()
	a.status, a.contentType = resp.StatusCode, resp.Header.Get("Content-Type")
	a.retryAfter = retryAfter(resp.Header.Get("Retry-After"), a.began)
	body, err := io.ReadAll(io.LimitReader(resp.Body, r.limit+1))
	a.whole = err == nil && int64(len(body)) <= r.limit
	a.body = body[:min(int64(len(body)), r.limit)]
	if err != nil {
		a.err = fmt.Errorf("the answer broke off: %w", outgoing.Plain(err))
	}
	return a
}

func (s *sender) build(ctx context.Context, r request) (*http.Request, error) {
	to, err := r.target.Address.For(r.message.AppID)
	if err != nil {
		return nil, err
	}
	body, format := r.target.bodyFor(r.message)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Content-Type", contentType(format))
	if r.inbound != nil {
		r.inbound.apply(req, format)
	}
	req.Header.Set("User-Agent", s.agent)
	s.describe(req.Header, r)
	now := s.now()
	return req, outgoing.Sign(req.Header, r.message.Identity, now, []byte(body), r.target.secretsAt(now))
}

// describe sets the headers that tell what the push is about.
func (s *sender) describe(h http.Header, r request) {
	h.Set(headerPrefix+"appid", headerText(r.message.AppID))
	h.Set(headerPrefix+"channel", string(r.message.Channel))
	h.Set(headerPrefix+"event", headerText(r.message.Event))
	h.Set(headerPrefix+"received", strconv.FormatInt(r.message.ReceivedMS, 10))
	h.Set(headerPrefix+"attempt", strconv.Itoa(r.attempt))
	if r.test {
		h.Set(headerPrefix+"test", "1")
	}
}

// headerText keeps what may stand in a header: texts of a push come from outside.
func headerText(s string) string {
	kept := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return kept[:min(len(kept), maxHeader)]
}

// retryAfter reads the header of that name: seconds, or a date. 0 means that it says nothing.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
