package forward_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
)

// receiver is a target that keeps what it gets.
type receiver struct {
	*httptest.Server
	port int

	mu     sync.Mutex
	got    []received
	answer http.HandlerFunc
}

type received struct {
	path, query, body string
	header            http.Header
}

// receiver starts a target. It outlives the services of the rig: another server may get its port then.
func (r *rig) receiver(answer http.HandlerFunc) *receiver {
	r.t.Helper()
	s := &receiver{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		s.mu.Lock()
		s.got = append(s.got, received{req.URL.Path, req.URL.RawQuery, string(body), req.Header.Clone()})
		answer := s.answer
		s.mu.Unlock()
		if answer != nil {
			answer(w, req)
		}
	}))
	r.t.Cleanup(func() {
		r.end()
		s.CloseClientConnections()
		s.Close()
	})
	u, err := url.Parse(s.URL)
	require.NoError(r.t, err)
	s.port, err = strconv.Atoi(u.Port())
	require.NoError(r.t, err)
	return s
}

func (s *receiver) turn(answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *receiver) all() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

func (s *receiver) count() int { return len(s.all()) }

// calls waits until the target has been called n times.
func (s *receiver) calls(t *testing.T, n int) {
	t.Helper()
	waittest.Until(t, func() bool { return s.count() >= n }, "%d calls, but %d", n, func() any { return s.count() })
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// hang answers nothing until its caller gives up or the test is over.
func (r *rig) hang(w http.ResponseWriter, req *http.Request) { r.until(nil, nil)(w, req) }

// until answers when the test lets it go on.
func (r *rig) until(goOn <-chan struct{}, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		select {
		case <-goOn:
			answer(w, req)
		case <-req.Context().Done():
		case <-r.over:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}
