package forward

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ErrForbidden says that a target is at an address that forwarding may not reach.
var ErrForbidden = errors.New("forwarding to this address is not allowed")

const resolveTimeout = 3 * time.Second

// Guard decides which addresses forwarding may reach.
type Guard struct {
	AllowPrivate bool  // private networks and this host, by setting
	OwnPorts     []int // of this service on this host: a push must not come back to it
}

// never are the addresses that nobody forwards to on purpose: those of cloud metadata services
// above all, whose answers are credentials.
func never() []netip.Prefix {
	return prefixes(
		"0.0.0.0/8", "169.254.0.0/16", "100.100.100.200/32", "192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/128", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128", "2001:db8::/32", "100::/64",
		"64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", // IPv4 addresses in disguise
	)
}

// private are networks that only this installation's own programs should be in.
func private() []netip.Prefix {
	return prefixes(
		"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "198.18.0.0/15",
		"::1/128", "fc00::/7",
	)
}

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// guard is a Guard with its tables made.
type guard struct {
	Guard
	never, private []netip.Prefix
}

func newGuard(g Guard) *guard { return &guard{Guard: g, never: never(), private: private()} }

// check refuses an address that a full-address target may not reach.
func (g *guard) check(addr netip.AddrPort) error {
	ip := addr.Addr().Unmap().WithZone("")
	if !ip.IsValid() || contains(g.never, ip) {
		return fmt.Errorf("%w: %s", ErrForbidden, ip)
	}
	if contains(g.private, ip) && !g.AllowPrivate {
		return fmt.Errorf("%w: %s is in a private network", ErrForbidden, ip)
	}
	if ip.IsLoopback() && slices.Contains(g.OwnPorts, int(addr.Port())) {
		return fmt.Errorf("%w: port %d is this service's own", ErrForbidden, addr.Port())
	}
	return nil
}

func contains(list []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// control is called for every connection with the address that is really dialled, after the name
// was resolved: a name that points elsewhere from one moment to the next is checked all the same.
func (g *guard) control(_, address string, _ syscall.RawConn) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	return g.check(addr)
}

// controlLocal lets only this host be dialled, and none of this service's own ports.
func (g *guard) controlLocal(_, address string, _ syscall.RawConn) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil || addr.Addr().String() != loopback || slices.Contains(g.OwnPorts, int(addr.Port())) {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	return nil
}

// admit is the check when a target is saved. A name that does not resolve now is admitted: it is
// checked whenever it is dialled.
func (g *guard) admit(ctx context.Context, a Address) error {
	if a.local {
		if slices.Contains(g.OwnPorts, a.port) {
			return fieldError{"port", "is this service's own"}
		}
		return nil
	}
	for _, ip := range resolve(ctx, a) {
		if err := g.check(netip.AddrPortFrom(ip, uint16(a.port))); err != nil { //nolint:gosec // a checked port
			return fieldError{"url", strings.TrimPrefix(err.Error(), ErrForbidden.Error()+": ") + ": " + ErrForbidden.Error()}
		}
	}
	return nil
}

func resolve(ctx context.Context, a Address) []netip.Addr {
	if ip, err := netip.ParseAddr(a.name); err == nil {
		return []netip.Addr{ip}
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", a.name)
	if err != nil {
		return nil
	}
	return ips
}

// dialer is guarded by the given check of the address that is dialled.
func dialer(control func(network, address string, c syscall.RawConn) error) *net.Dialer {
	return &net.Dialer{Timeout: connectTimeout, KeepAlive: keepAlive, Control: control}
}
