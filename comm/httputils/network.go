package httputils

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// HostIsOwn tells whether the Host of a request is localhost, one of names, an address of the loopback
// interface, or the very address that the connection came to. Any other name may be a stranger's that was
// made to resolve to this host.
func HostIsOwn(r *http.Request, names []string) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ip.Unmap().IsLoopback() || ip.Unmap() == reached(r)
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || slices.Contains(names, host)
}

// reached is the address of this host that a request's connection came to.
func reached(r *http.Request) netip.Addr {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if local == nil {
		return netip.Addr{}
	}
	return local.AddrPort().Addr().Unmap()
}
