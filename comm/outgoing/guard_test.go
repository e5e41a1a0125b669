package outgoing

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGuard(t *testing.T) {
	strict, lax := NewGuard(Limits{OwnPorts: []int{8081}}), NewGuard(Limits{AllowPrivate: true, OwnPorts: []int{8081}})
	for address, allowed := range map[string][2]bool{ // strict, lax
		"93.184.216.34:80": {true, true}, "[2606:2800:220:1::1]:443": {true, true},
		"127.0.0.1:80": {false, true}, "10.1.2.3:80": {false, true}, "172.31.0.1:80": {false, true},
		"192.168.0.1:80": {false, true}, "100.64.0.1:80": {false, true}, "[::1]:80": {false, true}, "[fd12::1]:80": {false, true},
		"[::ffff:127.0.0.1]:80": {false, true}, "172.32.0.1:80": {true, true},
		"127.0.0.1:8081": {false, false}, "169.254.169.254:80": {false, false}, "169.254.0.23:80": {false, false},
		"100.100.100.200:80": {false, false}, "0.0.0.0:80": {false, false}, "[::]:80": {false, false}, "[fe80::1]:80": {false, false},
		"[fd00:ec2::254]:80": {false, false}, "224.0.0.1:80": {false, false}, "255.255.255.255:80": {false, false},
		"[64:ff9b::7f00:1]:80": {false, false}, "[2002:7f00:1::]:80": {false, false}, "[::ffff:169.254.169.254]:80": {false, false},
	} {
		for i, g := range []*Guard{strict, lax} {
			err := g.control("tcp", address, nil)
			require.Equal(t, allowed[i], err == nil, "%s %v", address, err)
			if err != nil {
				require.ErrorIs(t, err, ErrForbidden)
			}
		}
	}
	require.Error(t, strict.control("tcp", "localhost:80", nil))
	require.Error(t, strict.Check(netip.AddrPort{}))
	require.NoError(t, strict.controlLocal("tcp", "127.0.0.1:80", nil))
	for _, address := range []string{"127.0.0.1:8081", "127.0.0.2:80", "10.0.0.1:80", "[::1]:80"} {
		require.Error(t, strict.controlLocal("tcp", address, nil), address)
	}
}

func TestNoAddressOfSpecialUseIsReached(t *testing.T) {
	lax := NewGuard(Limits{AllowPrivate: true})
	for what, addresses := range map[string][]string{
		"metadata and hosts of clouds": {
			"169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200", "192.0.0.192",
			"fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42",
		},
		"IPv4-compatible":  {"::", "::a9fe:a9fe", "::127.0.0.1", "::10.0.0.1"},
		"IPv4-mapped":      {"::ffff:169.254.169.254", "::ffff:168.63.129.16", "::ffff:0.0.0.0"},
		"IPv4-translated":  {"::ffff:0:169.254.169.254", "::ffff:0:127.0.0.1", "::ffff:0:a00:1"},
		"NAT64":            {"64:ff9b::169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1"},
		"6to4 and relays":  {"2002:a9fe:a9fe::1", "2002:a00:1::1", "2002:7f00:1::", "192.88.99.1"},
		"Teredo, ORCHID":   {"2001::1", "2001:0:a9fe:a9fe::", "2001:2::1", "2001:10::1", "2001:20::1"},
		"local to a link":  {"fe80::1", "fe80::1%eth0", "fec0::1", "febf::1"},
		"of documents":     {"192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"},
		"to nobody or all": {"0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "ff02::1", "100::1", "5f00::1"},
	} {
		for _, a := range addresses {
			require.ErrorIs(t, lax.Check(netip.AddrPortFrom(netip.MustParseAddr(a), 80)), ErrForbidden, "%s: %s", what, a)
		}
	}
}

func TestNoPrivateNetworkIsReachedUnlessAllowed(t *testing.T) {
	strict, lax := NewGuard(Limits{}), NewGuard(Limits{AllowPrivate: true})
	for _, a := range []string{
		"10.0.0.1", "172.16.0.1", "192.168.1.1", "127.1.2.3", "100.64.0.1", "100.127.255.255", "198.18.0.1", "198.19.255.255",
		"::1", "fc00::1", "fd12::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
	} {
		addr := netip.AddrPortFrom(netip.MustParseAddr(a), 80)
		require.ErrorIs(t, strict.Check(addr), ErrForbidden, a)
		require.NoError(t, lax.Check(addr), a)
	}
	for _, a := range []string{"168.63.129.17", "192.88.100.1", "100.128.0.1", "198.20.0.1", "2001:4860:4860::8888", "2400:cb00::1"} {
		require.NoError(t, strict.Check(netip.AddrPortFrom(netip.MustParseAddr(a), 80)), a)
	}
}
