package config

import (
	"strings"

	"github.com/spf13/pflag"
)

// Names of the settings, as the environment knows them. The key in a configuration file is the
// name in lower case, the flag the same with "-" for "_".
const (
	mysqlAddress     = "MYSQL_ADDRESS"
	mysqlUsername    = "MYSQL_USERNAME"
	mysqlPassword    = "MYSQL_PASSWORD"
	mysqlDatabase    = "MYSQL_DATABASE"
	mysqlParams      = "MYSQL_PARAMS"
	wxAppID          = "WX_APPID"
	cbrEnvID         = "CBR_ENV_ID"
	hostname         = "HOSTNAME"
	wxSecret         = "WX_SECRET"
	wxToken          = "WX_TOKEN"
	wxAESKey         = "WX_AES_KEY"
	wxAESKeyPrevious = "WX_AES_KEY_PREVIOUS"
	wxPlainCallback  = "WX_PLAIN_CALLBACK"
	wxAPIBase        = "WX_API_BASE"
	wxPCAuthBase     = "WX_PC_AUTH_BASE"
	wxH5AuthBase     = "WX_H5_AUTH_BASE"
	wxCloudBaseToken = "WX_CLOUDBASE_TOKEN" // #nosec G101 -- the name of a switch
	port             = "PORT"
	innerAddress     = "INNER_ADDRESS"
	innerHosts       = "INNER_HOSTS"
	dataDir          = "DATA_DIR"
	adminUsername    = "ADMIN_USERNAME"
	adminPassword    = "ADMIN_PASSWORD"
	secretKey        = "SECRET_KEY"
	trustedProxies   = "TRUSTED_PROXIES"
	forwardPrivate   = "FORWARD_ALLOW_PRIVATE"
	retentionDays    = "RETENTION_DAYS"
	logLevel         = "LOG_LEVEL"

	configFile = "WXCOMPONENT_CONFIG" // not a setting itself: names the file that holds them
)

// setting describes one setting for the flags and for the layers that values come from.
type setting struct {
	name    string
	initial string
	usage   string // empty: no flag, because the platform sets it or because it is secret
	number  bool   // a configuration file may give a number
	list    bool   // a configuration file may give a list
}

func (s setting) key() string  { return strings.ToLower(s.name) }
func (s setting) flag() string { return strings.ReplaceAll(s.key(), "_", "-") }

// settings lists every setting. Secrets have no flag: command lines are visible to other users of
// the machine.
func settings() []setting {
	return []setting{
		{name: mysqlAddress, usage: "MySQL server as host:port; empty uses the embedded database"},
		{name: mysqlUsername, usage: "MySQL user"},
		{name: mysqlPassword},
		{name: mysqlDatabase, initial: "wxcomponent", usage: "MySQL database, created when missing"},
		{name: mysqlParams, usage: "further MySQL connection parameters, as in tls=true&timeout=5s"},
		{name: wxAppID, usage: "appid of the third-party platform"},
		{name: cbrEnvID},
		{name: hostname},
		{name: wxSecret},
		{name: wxToken},
		{name: wxAESKey},
		{name: wxAESKeyPrevious},
		{name: wxPlainCallback, initial: "auto", usage: "accept unencrypted pushes: auto, on or off"},
		{name: wxAPIBase, initial: "https://api.weixin.qq.com", usage: "address of WeChat's server API"},
		{name: wxPCAuthBase, initial: "https://mp.weixin.qq.com", usage: "address of the PC authorization page"},
		{name: wxH5AuthBase, initial: "https://open.weixin.qq.com", usage: "address of the mobile authorization page"},
		{name: wxCloudBaseToken, initial: "auto", usage: "use cloud hosting's own access token: auto, on or off"},
		{name: port, initial: "8080", usage: "public listener: a port, on every address, or host:port", number: true},
		{name: innerAddress, initial: "127.0.0.1:8081", usage: "inner listener as host:port"},
		{name: innerHosts, usage: "names besides localhost and this host's loopback addresses by which the inner listener may be called, joined by commas", list: true},
		{name: dataDir, initial: "./data", usage: "folder of the embedded database"},
		{name: adminUsername, usage: "first administrator's user name"},
		{name: adminPassword},
		{name: secretKey},
		{name: trustedProxies, usage: "networks whose X-Forwarded-For is believed, as CIDRs", list: true},
		{name: forwardPrivate, initial: "off", usage: "forward to addresses of private networks as well: on or off"},
		{name: retentionDays, usage: "days that messages are kept, 30 unless set; 0 keeps them for ever", number: true},
		{name: logLevel, initial: "info", usage: "debug, info, warn or error"},
	}
}

// AddFlags adds --config and one flag for each setting that may stand on a command line.
func AddFlags(flags *pflag.FlagSet) {
	flags.String("config", "", "configuration file (.yaml, .toml or .json), also "+configFile)
	for _, s := range settings() {
		if s.usage == "" {
			continue
		}
		usage := s.usage + " (" + s.name
		if s.initial != "" {
			usage += ", default " + s.initial
		}
		flags.String(s.flag(), "", usage+")")
	}
}
