package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/config"
)

// kept are the settings that deployments rely on: two values of each, and where they arrive. Those
// without a flag are secret, or set by the platform that the service runs on.
func kept() []keptSetting {
	const otherKey = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq"
	return []keptSetting{
		{"MYSQL_ADDRESS", true, "db:3306", "db:3307", func(c config.Config) any { return c.MySQL.Address }},
		{"MYSQL_USERNAME", true, "u1", "u2", func(c config.Config) any { return c.MySQL.Username }},
		{"MYSQL_PASSWORD", false, "p1", "p2", func(c config.Config) any { return c.MySQL.Password.Reveal() }},
		{"MYSQL_DATABASE", true, "d1", "d2", func(c config.Config) any { return c.MySQL.Database }},
		{"MYSQL_PARAMS", true, "tls=true", "tls=false", func(c config.Config) any { return c.MySQL.Params }},
		{"WX_APPID", true, "wx1", "wx2", func(c config.Config) any { return c.WX.AppID }},
		{"CBR_ENV_ID", false, "e1", "e2", func(c config.Config) any { return c.CloudEnvID }},
		{"HOSTNAME", false, "h1", "h2", func(c config.Config) any { return c.Service }},
		{"WX_SECRET", false, "s1", "s2", func(c config.Config) any { return c.WX.Secret.Reveal() }},
		{"WX_TOKEN", false, "t1", "t2", func(c config.Config) any { return c.WX.Token.Reveal() }},
		{"WX_AES_KEY", false, aesKey, otherKey, func(c config.Config) any { return c.WX.AESKey.Reveal() }},
		{"WX_AES_KEY_PREVIOUS", false, aesKey, otherKey, func(c config.Config) any { return c.WX.AESKeyPrevious.Reveal() }},
		{"WX_PLAIN_CALLBACK", true, "on", "off", func(c config.Config) any { return onOff(c.WX.PlainCallback) }},
		{"WX_API_BASE", true, "https://a1.example", "https://a2.example", func(c config.Config) any { return c.WX.APIBase }},
		{"WX_PC_AUTH_BASE", true, "https://b1.example", "https://b2.example", func(c config.Config) any { return c.WX.PCAuthBase }},
		{"WX_H5_AUTH_BASE", true, "https://c1.example", "https://c2.example", func(c config.Config) any { return c.WX.H5AuthBase }},
		{"PORT", true, ":81", ":82", func(c config.Config) any { return c.PublicAddress }},
		{"INNER_ADDRESS", true, "127.0.0.1:1", "127.0.0.1:2", func(c config.Config) any { return c.InnerAddress }},
		{"DATA_DIR", true, "/d1", "/d2", func(c config.Config) any { return c.DataDir }},
		{"ADMIN_USERNAME", true, "a1", "a2", func(c config.Config) any { return c.Admin.Username }},
		{"ADMIN_PASSWORD", false, "x1", "x2", func(c config.Config) any { return c.Admin.Password.Reveal() }},
		{"SECRET_KEY", false, "k1", "k2", func(c config.Config) any { return c.SecretKey.Reveal() }},
		{"TRUSTED_PROXIES", true, "10.0.0.0/8", "10.1.0.0/16", func(c config.Config) any { return c.TrustedProxies[0].String() }},
		{"RETENTION_DAYS", true, "7", "8", func(c config.Config) any { return fmt.Sprint(c.Retention.Hours() / 24) }},
		{"LOG_LEVEL", true, "warn", "error", func(c config.Config) any { return c.LogLevel }},
		{"WX_CLOUDBASE_TOKEN", true, "on", "off", func(c config.Config) any { return onOff(c.WX.CloudBaseToken) }},
	}
}

type keptSetting struct {
	name          string
	flag          bool
	first, second string
	got           func(config.Config) any
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// TestEverySettingArrivesFromEveryLayer holds the names of the settings, and that each layer wins
// over those below it.
func TestEverySettingArrivesFromEveryLayer(t *testing.T) {
	for _, s := range kept() {
		t.Run(s.name, func(t *testing.T) {
			layers := []string{"file", ".env", "environment"}
			if s.flag {
				layers = append(layers, "flag")
			}
			for i, upper := range layers {
				cfg, err := s.load(t, map[string]string{upper: s.first})
				require.NoError(t, err, upper)
				require.Equal(t, s.first, s.got(cfg), upper)
				for _, lower := range layers[:i] {
					cfg, err = s.load(t, map[string]string{upper: s.second, lower: s.first})
					require.NoError(t, err, "%s over %s", upper, lower)
					require.Equal(t, s.second, s.got(cfg), "%s over %s", upper, lower)
				}
			}
			if !s.flag {
				_, err := s.load(t, map[string]string{"flag": s.first})
				require.ErrorContains(t, err, "unknown flag")
			}
		})
	}
}

// load reads the settings with values of this one in some layers.
func (s keptSetting) load(t *testing.T, values map[string]string) (config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	file := ""
	if s.name != "MYSQL_USERNAME" { // which an address needs
		file = "mysql_username: u\n"
	}
	if v, ok := values["file"]; ok {
		file += strings.ToLower(s.name) + ": \"" + v + "\"\n"
	}
	write(t, dir, "conf.yaml", file)
	if v, ok := values[".env"]; ok {
		write(t, dir, ".env", s.name+"="+v+"\n")
	}
	env := map[string]string{"WXCOMPONENT_CONFIG": "conf.yaml"}
	if v, ok := values["environment"]; ok {
		env[s.name] = v
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.AddFlags(flags)
	if v, ok := values["flag"]; ok {
		if err := flags.Parse([]string{"--" + strings.ReplaceAll(strings.ToLower(s.name), "_", "-") + "=" + v}); err != nil {
			return config.Config{}, err
		}
	}
	return config.Load(config.Options{
		Getenv: func(name string) string { return env[name] }, Dir: dir, Flags: flags,
		CloudBaseTokenFile: filepath.Join(dir, "none"),
	})
}
