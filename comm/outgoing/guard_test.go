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
