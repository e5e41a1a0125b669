package config

import (
	"cmp"
	"errors"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"wxcomponent/comm/log"
)

const defaultRetentionDays = "30"

// auditRetentionDays is how long the audit trail is kept at least, unless everything is.
const auditRetentionDays = 180

// Options says where settings are read from.
type Options struct {
	// Getenv returns an environment variable, "" for one that is not set; os.Getenv in main.
	Getenv func(name string) string
	// Dir is the working directory: .env is looked for in it, and a relative configuration file
	// name counts from it. Empty means the process's own.
	Dir string
	// Flags are the parsed flags that AddFlags added; nil when there are none.
	Flags *pflag.FlagSet
	// CloudBaseTokenFile is where cloud hosting keeps its access token; empty means its usual
	// place.
	CloudBaseTokenFile string
}

// Load reads and checks all settings. A flag wins over the environment, that over .env in the
// working directory, that over the configuration file, that over the default. The error joins all
// problems, one line each, which names the setting and says what it may be.
func Load(opts Options) (Config, error) {
	set, err := collect(opts)
	c := &checker{values: set}
	c.add(err)

	cfg := Config{
		MySQL:          c.mysql(),
		WX:             c.wx(opts.CloudBaseTokenFile),
		Admin:          c.admin(),
		CloudEnvID:     set[cbrEnvID],
		OnCloud:        set[cbrEnvID] != "",
		Service:        beforeDash(set[hostname]),
		PublicAddress:  c.publicAddress(),
		InnerAddress:   c.address(innerAddress),
		InnerHosts:     c.hosts(innerHosts),
		DataDir:        set[dataDir],
		SecretKey:      log.Secret(set[secretKey]),
		ForwardPrivate: c.oneOf(forwardPrivate, "on", "off") == "on",
		LogLevel:       c.oneOf(logLevel, "debug", "info", "warn", "error"),
	}
	cfg.TrustedProxies = c.prefixes(trustedProxies)
	if cfg.OnCloud {
		cfg.TrustedProxies = append(cfg.TrustedProxies, privateNetworks()...)
	}
	cfg.RetentionChosen = set[retentionDays] != ""
	cfg.Retention, cfg.AuditRetention = c.retention()
	return cfg, errors.Join(c.errs...)
}

func (c *checker) mysql() MySQL {
	m := MySQL{
		Address:  c.mysqlAddress(),
		Username: c.values[mysqlUsername],
		Password: log.Secret(c.values[mysqlPassword]),
		Database: c.identifier(mysqlDatabase),
		Params:   c.query(mysqlParams),
	}
	if m.Address != "" && m.Username == "" {
		c.fail(mysqlUsername, "must be set because "+mysqlAddress+" is")
	}
	return m
}

func (c *checker) wx(tokenFile string) WX {
	if tokenFile == "" {
		tokenFile = "/.tencentcloudbase/wx/cloudbase_access_token" // #nosec G101 -- a path
	}
	onCloud := c.values[cbrEnvID] != ""
	appID := c.appID()
	if appID == "" {
		appID = beforeDash(c.values[cbrEnvID])
	}
	return WX{
		AppID:              appID,
		Secret:             log.Secret(c.values[wxSecret]),
		Token:              log.Secret(c.values[wxToken]),
		AESKey:             c.aesKey(wxAESKey),
		AESKeyPrevious:     c.aesKey(wxAESKeyPrevious),
		PlainCallback:      c.autoSwitch(wxPlainCallback, onCloud),
		APIBase:            c.base(wxAPIBase, onCloud),
		PCAuthBase:         c.base(wxPCAuthBase, onCloud),
		H5AuthBase:         c.base(wxH5AuthBase, onCloud),
		CloudBaseToken:     c.autoSwitch(wxCloudBaseToken, fileExists(tokenFile)),
		CloudBaseTokenFile: tokenFile,
	}
}

// admin falls back to the database login as a pair, and only as a whole: half of it would give
// the administrator a name or a password that nobody chose.
func (c *checker) admin() Admin {
	a := Admin{Username: "admin"}
	source := adminUsername
	if user, pass := c.values[mysqlUsername], c.values[mysqlPassword]; user != "" && pass != "" {
		a, source = Admin{Username: user, Password: log.Secret(pass)}, mysqlUsername
	}
	if name := c.values[adminUsername]; name != "" {
		a.Username, source = name, adminUsername
	}
	if pass := c.values[adminPassword]; pass != "" {
		a.Password = log.Secret(pass)
	}
	if n := len([]rune(a.Username)); n > 32 {
		why := "must have at most 32 characters"
		if source != adminUsername {
			why += "; it is taken from " + source + ", so set it"
		}
		c.fail(adminUsername, why)
	}
	return a
}

func (c *checker) retention() (messages, audit time.Duration) {
	const day = 24 * time.Hour
	days, err := strconv.Atoi(cmp.Or(c.values[retentionDays], defaultRetentionDays))
	if err != nil || days < 0 || days > 36500 {
		c.fail(retentionDays, "must be a whole number of days from 0 (keep for ever) to 36500")
		return 0, 0
	}
	if days == 0 {
		return 0, 0
	}
	return time.Duration(days) * day, time.Duration(max(days, auditRetentionDays)) * day
}

func beforeDash(text string) string {
	head, _, _ := strings.Cut(text, "-")
	return head
}

func fileExists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// privateNetworks are those that no address of the public internet belongs to. Trusting them and
// nothing else means that of a forwarding header the last public address counts, which is the one
// that the gateway saw, whatever a client wrote in front of it.
func privateNetworks() []netip.Prefix {
	var out []netip.Prefix
	for _, cidr := range []string{
		"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
		"169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10",
	} {
		out = append(out, netip.MustParsePrefix(cidr))
	}
	return out
}
