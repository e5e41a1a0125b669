package wxsim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

const outageGrace = 200 * time.Millisecond

// ListenAndServe serves [Sim.Handler] on addr until ctx ends; call [Sim.Run] beside it. ready,
// which may be nil, is told the address once connections are taken. Only a simulator that serves
// itself can have outages.
func (s *Sim) ListenAndServe(ctx context.Context, addr string, ready func(net.Addr)) error {
	for ctx.Err() == nil {
		bound, outage, err := s.serveOnce(ctx, addr, ready)
		if err != nil {
			return err
		}
		// The next listener takes the same port, whatever was asked for first.
		addr, ready = bound, nil
		sleep(ctx, outage)
	}
	return nil
}

// serveOnce serves until ctx ends or an outage begins.
func (s *Sim) serveOnce(ctx context.Context, addr string, ready func(net.Addr)) (bound string, outage time.Duration, err error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return "", 0, fmt.Errorf("simulator: %w", err)
	}
	if ready != nil {
		ready(ln.Addr())
	}
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	s.outages.enable(true) // before a request can order one
	defer s.outages.enable(false)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return "", 0, fmt.Errorf("simulator: %w", err)
	case outage = <-s.outages.begin:
	case <-ctx.Done():
	}
	// The answer that ordered the outage is still on its way; requests that hang are cut off.
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return "", 0, fmt.Errorf("stop simulator: %w", err)
	}
	_ = srv.Close()
	return ln.Addr().String(), outage, nil
}

// Outage makes the simulator refuse connections for d.
func (s *Sim) Outage(d time.Duration) error {
	if d <= 0 || d > time.Hour {
		return errors.New("duration must be above 0 and at most 1h")
	}
	if !s.outages.order(d) {
		return errors.New("the simulator does not listen by itself or is out already")
	}
	return nil
}

// outageSwitch carries an order to stop listening to the one who listens.
type outageSwitch struct {
	begin chan time.Duration
	mu    sync.Mutex
	on    bool // somebody listens
}

func newOutageSwitch() *outageSwitch { return &outageSwitch{begin: make(chan time.Duration, 1)} }

func (o *outageSwitch) enable(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.on = on
}

// order is false when nobody is there to carry it out.
func (o *outageSwitch) order(d time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.on {
		return false
	}
	select {
	case o.begin <- d:
		return true
	default:
		return false
	}
}
