package inits_test

import (
	"context"
	"net"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
)

// TestDemo plays the demo where real settings are at hand, which it must leave alone.
func TestDemo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, ended := &output{}, make(chan error, 1)
	env := environment{
		"PORT": "0", "INNER_ADDRESS": "127.0.0.1:0", "MYSQL_ADDRESS": "192.0.2.1:3306", "MYSQL_USERNAME": "real",
		"MYSQL_PASSWORD": "real", "WX_APPID": "wxreal", "WX_SECRET": "real", "CBR_ENV_ID": "real-1", "ADMIN_PASSWORD": "real",
	}
	go func() { ended <- program(env, out).Run(ctx, []string{"demo", "--simulator", "127.0.0.1:0"}) }()
	banner := regexp.MustCompile(`(?s)dashboard +(http://\S+).*user +(\S+).*password +(\S+).*simulator +(http://\S+)`)
	var found []string
	eventually(t, "the demo tells where it is", func() bool {
		found = banner.FindStringSubmatch(out.String())
		return found != nil
	})
	s := newClient(t, found[1])
	t.Run("nobody else reaches it", func(t *testing.T) {
		outside := net.JoinHostPort(addressOfThisHost(t), strconv.Itoa(portOf(t, found[1])))
		_, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", outside)
		require.Error(t, err)
	})
	token, code := s.login(found[2], found[3])
	require.Zero(t, code)
	admin := s.as(token)
	eventually(t, "the sample accounts are there", func() bool {
		return get[recordPage](admin, "/wxcomponent/admin/authorizer-list?limit=20").Total == 18
	})
	eventually(t, "messages come in", func() bool { return get[recordPage](admin, bizRecords).Total > 0 })
	eventually(t, "a component token can be had", func() bool {
		return admin.call("GET", "/wxcomponent/admin/component-access-token", "").Code == 0
	})
	cancel()
	require.NoError(t, waittest.Receive(t, ended, "the demo ends"))
}
