package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/config"
	"wxcomponent/comm/log"
)

const aesKey = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"

// load reads settings from an environment only, in an empty working directory.
func load(t *testing.T, env map[string]string) (config.Config, error) {
	t.Helper()
	return config.Load(config.Options{
		Getenv:             func(name string) string { return env[name] },
		Dir:                t.TempDir(),
		CloudBaseTokenFile: filepath.Join(t.TempDir(), "none"),
	})
}

func TestDefaults(t *testing.T) {
	cfg, err := load(t, nil)
	require.NoError(t, err)
	require.Equal(t, config.Config{
		MySQL: config.MySQL{Database: "wxcomponent"},
		WX: config.WX{
			APIBase:            "https://api.weixin.qq.com",
			PCAuthBase:         "https://mp.weixin.qq.com",
			H5AuthBase:         "https://open.weixin.qq.com",
			CloudBaseTokenFile: cfg.WX.CloudBaseTokenFile,
		},
		Admin:          config.Admin{Username: "admin"},
		PublicAddress:  ":8080",
		InnerAddress:   "127.0.0.1:8081",
		InnerHosts:     []string{},
		DataDir:        "./data",
		Retention:      30 * 24 * time.Hour,
		AuditRetention: 180 * 24 * time.Hour,
		LogLevel:       "info",
	}, cfg)
}

func TestValues(t *testing.T) {
	cases := map[string]struct {
		env  map[string]string
		got  func(config.Config) any
		want any
	}{
		"appid":                {map[string]string{"WX_APPID": "wx1", "CBR_ENV_ID": "wx2-env"}, func(c config.Config) any { return c.WX.AppID }, "wx1"},
		"appid of environment": {map[string]string{"CBR_ENV_ID": "wx2-env-3"}, func(c config.Config) any { return c.WX.AppID }, "wx2"},
		"on cloud":             {map[string]string{"CBR_ENV_ID": "wx2-env-3"}, func(c config.Config) any { return c.OnCloud }, true},
		"environment id":       {map[string]string{"CBR_ENV_ID": "wx2-env-3"}, func(c config.Config) any { return c.CloudEnvID }, "wx2-env-3"},
		"service":              {map[string]string{"HOSTNAME": "wxcomponent-00012-abc"}, func(c config.Config) any { return c.Service }, "wxcomponent"},
		"plain auto on cloud":  {map[string]string{"CBR_ENV_ID": "wx2-env"}, func(c config.Config) any { return c.WX.PlainCallback }, true},
		"plain off on cloud":   {map[string]string{"CBR_ENV_ID": "wx2-env", "WX_PLAIN_CALLBACK": "off"}, func(c config.Config) any { return c.WX.PlainCallback }, false},
		"plain on":             {map[string]string{"WX_PLAIN_CALLBACK": "ON"}, func(c config.Config) any { return c.WX.PlainCallback }, true},
		"cloudbase on":         {map[string]string{"WX_CLOUDBASE_TOKEN": "on"}, func(c config.Config) any { return c.WX.CloudBaseToken }, true},
		"port number":          {map[string]string{"PORT": "80"}, func(c config.Config) any { return c.PublicAddress }, ":80"},
		"port with colon":      {map[string]string{"PORT": ":0"}, func(c config.Config) any { return c.PublicAddress }, ":0"},
		"port with host":       {map[string]string{"PORT": "127.0.0.1:9000"}, func(c config.Config) any { return c.PublicAddress }, "127.0.0.1:9000"},
		"inner":                {map[string]string{"INNER_ADDRESS": "[::1]:9001"}, func(c config.Config) any { return c.InnerAddress }, "[::1]:9001"},
		"inner hosts":          {map[string]string{"INNER_HOSTS": "Component, a.internal"}, func(c config.Config) any { return c.InnerHosts }, []string{"component", "a.internal"}},
		"mysql port added":     {map[string]string{"MYSQL_ADDRESS": "db", "MYSQL_USERNAME": "u"}, func(c config.Config) any { return c.MySQL.Address }, "db:3306"},
		"keep for ever":        {map[string]string{"RETENTION_DAYS": "0"}, func(c config.Config) any { return c.Retention + c.AuditRetention }, time.Duration(0)},
		"audit never shorter":  {map[string]string{"RETENTION_DAYS": "400"}, func(c config.Config) any { return c.AuditRetention }, 400 * 24 * time.Hour},
		"spaces trimmed":       {map[string]string{"WX_TOKEN": " tok\n"}, func(c config.Config) any { return c.WX.Token.Reveal() }, "tok"},
		"aes key":              {map[string]string{"WX_AES_KEY": aesKey}, func(c config.Config) any { return c.WX.AESKey.Reveal() }, aesKey},
		"base without slash":   {map[string]string{"WX_API_BASE": "http://127.0.0.1:9/x/"}, func(c config.Config) any { return c.WX.APIBase }, "http://127.0.0.1:9/x"},
		"plain http on cloud":  {map[string]string{"WX_API_BASE": "http://api.weixin.qq.com", "CBR_ENV_ID": "wx2-e"}, func(c config.Config) any { return c.WX.APIBase }, "http://api.weixin.qq.com"},
		"proxies":              {map[string]string{"TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7"}, func(c config.Config) any { return fmt.Sprint(c.TrustedProxies) }, "[10.0.0.0/8 192.0.2.7/32]"},
		"level":                {map[string]string{"LOG_LEVEL": "WARN"}, func(c config.Config) any { return c.LogLevel }, "warn"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cfg, err := load(t, c.env)
			require.NoError(t, err)
			require.Equal(t, c.want, c.got(cfg))
		})
	}
}

func TestAdminFallsBackToDatabaseLogin(t *testing.T) {
	cases := map[string]struct {
		env      map[string]string
		username string
		password log.Secret
	}{
		"nothing set":              {nil, "admin", ""},
		"database login":           {map[string]string{"MYSQL_USERNAME": "root", "MYSQL_PASSWORD": "pw"}, "root", "pw"},
		"no database password":     {map[string]string{"MYSQL_USERNAME": "root"}, "admin", ""},
		"own login wins":           {map[string]string{"MYSQL_USERNAME": "root", "MYSQL_PASSWORD": "pw", "ADMIN_USERNAME": "a", "ADMIN_PASSWORD": "b"}, "a", "b"},
		"own name, their password": {map[string]string{"MYSQL_USERNAME": "root", "MYSQL_PASSWORD": "pw", "ADMIN_USERNAME": "a"}, "a", "pw"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cfg, err := load(t, c.env)
			require.NoError(t, err)
			require.Equal(t, config.Admin{Username: c.username, Password: c.password}, cfg.Admin)
		})
	}
}

func TestOnCloudOnlyPrivateNetworksAreTrusted(t *testing.T) {
	cfg, err := load(t, map[string]string{"CBR_ENV_ID": "wx2-env", "TRUSTED_PROXIES": "192.0.2.0/24"})
	require.NoError(t, err)
	list := fmt.Sprint(cfg.TrustedProxies)
	require.Contains(t, list, "192.0.2.0/24")
	require.Contains(t, list, "10.0.0.0/8")
	require.NotContains(t, list, "0.0.0.0/0 ")
}

func TestWrongSettingIsNamed(t *testing.T) {
	cases := []struct{ name, value string }{
		{"MYSQL_ADDRESS", "host:port"},
		{"MYSQL_ADDRESS", ":3306"},
		{"MYSQL_ADDRESS", "host:0"},
		{"MYSQL_ADDRESS", "a b:3306"},
		{"MYSQL_DATABASE", "a`b"},
		{"MYSQL_DATABASE", strings.Repeat("a", 65)},
		{"MYSQL_PARAMS", "a=%zz"},
		{"WX_APPID", "wx 1"},
		{"WX_AES_KEY", "short"},
		{"WX_AES_KEY", aesKey + "="},
		{"WX_AES_KEY_PREVIOUS", aesKey[:42] + "+"},
		{"WX_PLAIN_CALLBACK", "yes"},
		{"WX_CLOUDBASE_TOKEN", "true"},
		{"WX_API_BASE", "api.weixin.qq.com"},
		{"WX_API_BASE", "ftp://x"},
		{"WX_API_BASE", "https://"},
		{"WX_API_BASE", "http://api.weixin.qq.com"},
		{"WX_API_BASE", "https://x/?a=b"},
		{"WX_API_BASE", "https://x:99999"},
		{"WX_PC_AUTH_BASE", "https://user:pw@x"},
		{"WX_H5_AUTH_BASE", "://"},
		{"PORT", "http"},
		{"PORT", "-1"},
		{"PORT", "65536"},
		{"PORT", "1:2:3"},
		{"PORT", "+80"},
		{"PORT", "080"},
		{"INNER_ADDRESS", "8081"},
		{"INNER_HOSTS", "component:8081"},
		{"INNER_HOSTS", "http://component"},
		{"INNER_HOSTS", "*"},
		{"INNER_ADDRESS", "127.0.0.1:x"},
		{"ADMIN_USERNAME", strings.Repeat("名", 33)},
		{"TRUSTED_PROXIES", "10.0.0.0/33"},
		{"TRUSTED_PROXIES", "gateway"},
		{"RETENTION_DAYS", "abc"},
		{"RETENTION_DAYS", "-1"},
		{"RETENTION_DAYS", "1.5"},
		{"RETENTION_DAYS", "99999999999999999999"},
		{"LOG_LEVEL", "verbose"},
		{"LOG_LEVEL", "fatal"},
	}
	for _, c := range cases {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			_, err := load(t, map[string]string{c.name: c.value, "MYSQL_USERNAME": "u"})
			require.ErrorContains(t, err, c.name+": must ")
			require.Len(t, strings.Split(err.Error(), "\n"), 1)
		})
	}
}

func TestDatabaseAddressNeedsUser(t *testing.T) {
	_, err := load(t, map[string]string{"MYSQL_ADDRESS": "db:3306"})
	require.EqualError(t, err, "MYSQL_USERNAME: must be set because MYSQL_ADDRESS is")
}

func TestLongDatabaseUserAsksForAdminUser(t *testing.T) {
	_, err := load(t, map[string]string{"MYSQL_USERNAME": strings.Repeat("u", 40), "MYSQL_PASSWORD": "pw"})
	require.EqualError(t, err, "ADMIN_USERNAME: must have at most 32 characters; it is taken from MYSQL_USERNAME, so set it")
}

func TestAllProblemsAreReportedTogether(t *testing.T) {
	_, err := load(t, map[string]string{"PORT": "x", "LOG_LEVEL": "x", "RETENTION_DAYS": "x"})
	require.Len(t, strings.Split(err.Error(), "\n"), 3)
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	env := map[string]string{
		"MYSQL_USERNAME": "u", "MYSQL_PASSWORD": "marked-1", "WX_SECRET": "marked-2", "WX_TOKEN": "marked-3",
		"WX_AES_KEY": strings.Repeat("marked4", 6) + "x", "WX_AES_KEY_PREVIOUS": "marked-5-wrong",
		"ADMIN_PASSWORD": "marked-6", "SECRET_KEY": "marked-7", "MYSQL_PARAMS": "marked-8=%zz",
	}
	cfg, err := load(t, env)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "marked")
	cfg.MySQL.Params = ""
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg), "marked")
}

// sources sets LOG_LEVEL in the given layers, each to another value.
func sources(t *testing.T, file, dotenv, env, flag string) config.Options {
	t.Helper()
	dir := t.TempDir()
	environment := map[string]string{}
	if file != "" {
		write(t, dir, "conf.yaml", "log_level: "+file+"\n")
		environment["WXCOMPONENT_CONFIG"] = "conf.yaml"
	}
	if dotenv != "" {
		write(t, dir, ".env", "# comment\nLOG_LEVEL="+dotenv+"\nCOMPOSE_PROJECT_NAME=x\n")
	}
	environment["LOG_LEVEL"] = env
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.AddFlags(flags)
	if flag != "" {
		require.NoError(t, flags.Parse([]string{"--log-level", flag}))
	}
	return config.Options{Getenv: func(name string) string { return environment[name] }, Dir: dir, Flags: flags}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

func TestPrecedence(t *testing.T) {
	cases := []struct{ file, dotenv, env, flag, want string }{
		{"", "", "", "", "info"},
		{"error", "", "", "", "error"},
		{"error", "warn", "", "", "warn"},
		{"error", "warn", "debug", "", "debug"},
		{"error", "warn", "debug", "info", "info"},
		{"error", "", "", "warn", "warn"},
	}
	for _, c := range cases {
		cfg, err := config.Load(sources(t, c.file, c.dotenv, c.env, c.flag))
		require.NoError(t, err)
		require.Equal(t, c.want, cfg.LogLevel, "%+v", c)
	}
}

func TestConfigurationFile(t *testing.T) {
	cases := map[string]string{
		"a.yaml": "port: 9000\nretention_days: 7\ntrusted_proxies: [10.0.0.0/8, 192.0.2.1]\nwx_token: 'p$ss'\n",
		"a.toml": "port = 9000\nretention_days = \"7\"\ntrusted_proxies = [\"10.0.0.0/8\", \"192.0.2.1\"]\nwx_token = 'p$ss'\n",
		"a.json": `{"port": 9000, "retention_days": 7, "trusted_proxies": "10.0.0.0/8,192.0.2.1", "wx_token": "p$ss"}`,
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, name, text)
			flags := pflag.NewFlagSet("", pflag.ContinueOnError)
			config.AddFlags(flags)
			require.NoError(t, flags.Parse([]string{"--config", filepath.Join(dir, name)}))
			cfg, err := config.Load(config.Options{Getenv: func(string) string { return "" }, Dir: t.TempDir(), Flags: flags})
			require.NoError(t, err)
			require.Equal(t, ":9000", cfg.PublicAddress)
			require.Equal(t, 7*24*time.Hour, cfg.Retention)
			require.Equal(t, "[10.0.0.0/8 192.0.2.1/32]", fmt.Sprint(cfg.TrustedProxies))
			require.Equal(t, "p$ss", cfg.WX.Token.Reveal())
		})
	}
}

func TestWrongConfigurationFile(t *testing.T) {
	cases := map[string]struct{ name, text, want string }{
		"missing":     {"a.yaml", "", "WXCOMPONENT_CONFIG: file a.yaml: file does not exist"},
		"extension":   {"a.ini", "x=1", "WXCOMPONENT_CONFIG: must name a file that ends in .yaml, .yml, .toml or .json"},
		"unknown key": {"a.yaml", "prot: 80", `WXCOMPONENT_CONFIG: file a.yaml: "prot" is not a setting`},
		"nested":      {"a.yaml", "mysql:\n  address: x", `WXCOMPONENT_CONFIG: file a.yaml: "mysql" is not a setting`},
		"not yaml":    {"a.yaml", "port: 80\nwx_secret: \"marked", "WXCOMPONENT_CONFIG: file a.yaml: is not valid yaml (line 2)"},
		"not json":    {"a.json", `{"wx_secret": marked}`, "WXCOMPONENT_CONFIG: file a.json: is not valid json (at byte 15)"},
		"number":      {"a.yaml", "mysql_password: 0123", "MYSQL_PASSWORD: must be text in the configuration file; put the value in quotes"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if c.text != "" {
				write(t, dir, c.name, c.text)
			}
			env := map[string]string{"WXCOMPONENT_CONFIG": c.name}
			_, err := config.Load(config.Options{Getenv: func(name string) string { return env[name] }, Dir: dir})
			require.EqualError(t, err, c.want)
		})
	}
}

func TestDotenvQuotes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, ".env", "WX_TOKEN='p$ss # 1'\nexport WX_SECRET=\"a b\"\r\nSECRET_KEY=plain # comment\n")
	cfg, err := config.Load(config.Options{Getenv: func(string) string { return "" }, Dir: dir})
	require.NoError(t, err)
	require.Equal(t, "p$ss # 1", cfg.WX.Token.Reveal())
	require.Equal(t, "a b", cfg.WX.Secret.Reveal())
	require.Equal(t, "plain", cfg.SecretKey.Reveal())
}

func TestWrongDotenvDoesNotShowItsText(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, ".env", "this is marked\n")
	_, err := config.Load(config.Options{Getenv: func(string) string { return "" }, Dir: dir})
	require.EqualError(t, err, ".env: is not valid dotenv")
}

func TestCloudBaseTokenFollowsFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "token", "x")
	cfg, err := config.Load(config.Options{
		Getenv: func(string) string { return "" }, Dir: dir, CloudBaseTokenFile: filepath.Join(dir, "token"),
	})
	require.NoError(t, err)
	require.True(t, cfg.WX.CloudBaseToken)
}

func TestSecretsHaveNoFlag(t *testing.T) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.AddFlags(flags)
	for _, name := range []string{"mysql-password", "wx-secret", "wx-token", "wx-aes-key", "wx-aes-key-previous", "admin-password", "secret-key"} {
		require.Nil(t, flags.Lookup(name), name)
	}
	require.NotNil(t, flags.Lookup("mysql-address"))
}
