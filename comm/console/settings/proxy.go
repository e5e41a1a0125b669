package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/live"
)

const keyProxy = "proxy"

// Proxy is the switch that hands requests for unknown paths to the provider's own service on this
// host.
type Proxy struct {
	Open bool   `json:"open"`
	Port int    `json:"port"`
	URL  string `json:"url"` // http://127.0.0.1:<port>
}

// ProxySwitch keeps the switch; every instance follows a change of it.
type ProxySwitch struct {
	store    SharedStore
	live     *live.Value[Proxy]
	ownPorts []int
}

// NewProxySwitch returns the switch. ownPorts are the ports this service listens on: requests are
// never proxied back to them.
func NewProxySwitch(store SharedStore, ownPorts ...int) *ProxySwitch {
	s := &ProxySwitch{store: store, ownPorts: ownPorts}
	s.live = live.NewValue(s.load)
	return s
}

// Live is the snapshot to register with the watcher.
func (s *ProxySwitch) Live() *live.Value[Proxy] { return s.live }

// Get returns the switch as it is now.
func (s *ProxySwitch) Get() Proxy { return s.live.Get() }

// Set changes the switch, on this instance at once.
func (s *ProxySwitch) Set(ctx context.Context, open bool, port int) error {
	if port < 0 || port > 65535 || open && port == 0 {
		return errno.Param("port", "must be between 1 and 65535")
	}
	if slices.Contains(s.ownPorts, port) {
		return errno.Param("port", "is this service's own")
	}
	text, err := json.Marshal(proxyTo(open, port))
	if err != nil {
		return fmt.Errorf("encode %s: %w", keyProxy, err)
	}
	if err := s.store.KVPut(ctx, keyProxy, string(text)); err != nil {
		return fmt.Errorf("store %s: %w", keyProxy, err)
	}
	return errors.Join(s.store.RevisionBump(ctx), s.live.Refresh(ctx))
}

func (s *ProxySwitch) load(ctx context.Context) (Proxy, error) {
	var p Proxy
	text, err := s.store.KVGet(ctx, keyProxy)
	if err != nil || text == "" {
		return p, err
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("decode %s: %w", keyProxy, err)
	}
	if slices.Contains(s.ownPorts, p.Port) {
		return proxyTo(false, p.Port), nil
	}
	return proxyTo(p.Open, p.Port), nil // the address is made anew: only this host is ever proxied to
}

func proxyTo(open bool, port int) Proxy {
	p := Proxy{Open: open, Port: port}
	if port != 0 {
		p.URL = fmt.Sprintf("http://127.0.0.1:%d", port)
	}
	return p
}
