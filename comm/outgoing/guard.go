// Package outgoing is what all calls of addresses that operators enter have in common: which
// addresses may be reached, a client that reaches no other, and signatures.
package outgoing

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

// ErrForbidden says that an address may not be reached.
var ErrForbidden = errors.New("calling this address is not allowed")

const (
	loopback       = "127.0.0.1"
	resolveTimeout = 3 * time.Second
)

// Limits decide which addresses may be reached.
type Limits struct {
	AllowPrivate bool  // private networks and this host, by setting
	OwnPorts     []int // of this service on this host: nothing must come back to it
}

// never are the addresses that nobody calls on purpose: those of cloud metadata services above all,
// whose answers are credentials.
func never() []netip.Prefix {
	return prefixes(
		"0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::/32", "fd20:ce::254/128", "fd00:42::42/128", // of clouds
		"fe80::/10", "fec0::/10", "ff00::/8", "2001:db8::/32", "3fff::/20", "100::/64", "100:0:0:1::/64", "5f00::/16",
		// IPv4 addresses in disguise
		"::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23",
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

// Guard holds the Limits at every call.
type Guard struct {
	limits         Limits
	never, private []netip.Prefix
}

// NewGuard returns a guard.
func NewGuard(l Limits) *Guard { return &Guard{limits: l, never: never(), private: private()} }

// OwnPort tells whether this service itself listens on the port.
func (g *Guard) OwnPort(port int) bool { return slices.Contains(g.limits.OwnPorts, port) }

// Check refuses an address that may not be reached, with ErrForbidden.
func (g *Guard) Check(addr netip.AddrPort) error {
	ip := addr.Addr().Unmap().WithZone("")
	if !ip.IsValid() || contains(g.never, ip) && ip != netip.IPv6Loopback() {
		return fmt.Errorf("%w: %s", ErrForbidden, ip)
	}
	if contains(g.private, ip) && !g.limits.AllowPrivate {
		return fmt.Errorf("%w: %s is in a private network", ErrForbidden, ip)
	}
	if ip.IsLoopback() && g.OwnPort(int(addr.Port())) {
		return fmt.Errorf("%w: port %d is this service's own", ErrForbidden, addr.Port())
	}
	return nil
}

// CheckHost is Check for all addresses of a host, to be asked before an address is stored. A name
// that does not resolve now passes: it is checked whenever it is dialled.
func (g *Guard) CheckHost(ctx context.Context, host string, port int) error {
	for _, ip := range resolve(ctx, host) {
		if err := g.Check(netip.AddrPortFrom(ip, uint16(port))); err != nil { //nolint:gosec // a checked port
			return err
		}
	}
	return nil
}

// Why is a refusal in words that complete the sentence "<field>: <why>".
func Why(err error) string {
	return strings.TrimPrefix(err.Error(), ErrForbidden.Error()+": ") + ": " + ErrForbidden.Error()
}

func contains(list []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// control is called for every connection with the address that is really dialled, after the name
// was resolved: a name that points elsewhere from one moment to the next is checked all the same.
func (g *Guard) control(_, address string, _ syscall.RawConn) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	return g.Check(addr)
}

// controlLocal lets only this host be dialled, and none of this service's own ports.
func (g *Guard) controlLocal(_, address string, _ syscall.RawConn) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil || addr.Addr().String() != loopback || g.OwnPort(int(addr.Port())) {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	return nil
}

func resolve(ctx context.Context, host string) []netip.Addr {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	return ips
}
