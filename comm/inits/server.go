package inits

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// Time limits of a listener. The write limit must let a synchronous forwarding target answer and an
// upload finish; streams lift it for themselves.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 60 * time.Second
	writeTimeout      = 120 * time.Second
	idleTimeout       = 120 * time.Second
	maxHeaderBytes    = 64 << 10
)

// server is one listener whose handler can be put in place after it has been opened: the port is
// there at once, while the database is still being waited for.
type server struct {
	name     string
	log      *zap.Logger
	http     *http.Server
	listener net.Listener
	handler  atomic.Pointer[http.Handler]
}

// listen opens the address that a setting gives, and answers with the given handler until use is
// called.
func (p Program) listen(ctx context.Context, name, setting, addr string, first http.Handler, l *zap.Logger) (*server, error) {
	s := &server{name: name, log: l}
	s.use(first)
	var conf net.ListenConfig
	ln, err := conf.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("open the %s listener, set by %s: %w", name, setting, err)
	}
	s.listener = ln
	s.http = &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.handler.Load()).ServeHTTP(w, r) }),
		ReadHeaderTimeout: p.Times.limit(readHeaderTimeout),
		ReadTimeout:       p.Times.limit(readTimeout),
		WriteTimeout:      p.Times.limit(writeTimeout),
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          zap.NewStdLog(l.WithOptions(zap.IncreaseLevel(zap.WarnLevel))),
	}
	return s, nil
}

func (s *server) use(h http.Handler) { s.handler.Store(&h) }

// serve runs until stop; a listener that fails ends the program.
func (s *server) serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s listener: %w", s.name, err)
	}
	return nil
}

// stop lets requests under way finish until ctx ends, then closes what is left.
func (s *server) stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err == nil {
		return nil
	}
	s.log.Warn("requests under way were cut off", zap.String("listener", s.name), zap.Error(err))
	if err := s.http.Close(); err != nil {
		return fmt.Errorf("stop the %s listener: %w", s.name, err)
	}
	return nil
}

// addr is where the listener really is, for port 0.
func (s *server) addr() string { return s.listener.Addr().String() }

// starting answers while the service is not ready: it is alive, and takes nothing yet.
func starting(reason func() string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			_, _ = w.Write([]byte("ok"))
			return
		}
		w.Header().Set("Retry-After", "5")
		http.Error(w, "not ready: "+reason(), http.StatusServiceUnavailable)
	})
}
