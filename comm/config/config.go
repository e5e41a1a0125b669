// Package config reads the settings of the service from flags, environment, a .env file and a
// configuration file, checks all of them, and hands them on as one typed struct. It is the only
// place that knows where a setting came from.
package config

import (
	"net/netip"
	"time"

	"wxcomponent/comm/log"
)

// Config holds every setting, checked. It is a plain value: nothing in it changes after Load.
type Config struct {
	MySQL MySQL
	WX    WX
	Admin Admin

	// CloudEnvID is the environment of WeChat cloud hosting that runs the service; OnCloud tells
	// whether there is one.
	CloudEnvID string
	OnCloud    bool
	// Service is the name of the service on cloud hosting, the part of the host name before the
	// first "-".
	Service string

	// PublicAddress and InnerAddress are what the two listeners listen on, as net.Listen takes it.
	PublicAddress string
	InnerAddress  string
	// InnerHosts are names by which the inner listener may be called besides localhost, in lower case.
	InnerHosts []string

	// DataDir holds the embedded database and the data key. It may be relative to the working
	// directory.
	DataDir string
	// SecretKey wraps the data key that encrypts secrets at rest; empty when none was set.
	SecretKey log.Secret
	// TrustedProxies are the networks whose X-Forwarded-For is believed. On cloud hosting they
	// include every private network, which is where the gateway's connections come from.
	TrustedProxies []netip.Prefix

	// ForwardPrivate lets forwarding targets have addresses of private networks and of this host.
	ForwardPrivate bool

	// Retention is how long received messages and delivery attempts are kept, AuditRetention the
	// same for the audit trail; 0 keeps them for ever.
	Retention      time.Duration
	AuditRetention time.Duration
	// RetentionChosen tells that Retention is not just the default.
	RetentionChosen bool

	// LogLevel is "debug", "info", "warn" or "error".
	LogLevel string
}

// MySQL is the database server; without an Address the embedded SQLite in DataDir is used.
type MySQL struct {
	Address  string // host:port
	Username string
	Password log.Secret
	Database string
	Params   string // further connection parameters as a URL query: "tls=true&timeout=5s"
}

// WX is what concerns WeChat and the third-party platform.
type WX struct {
	AppID          string     // the platform's appid; may be empty
	Secret         log.Secret // the AppSecret's first value, used when none is stored yet
	Token          log.Secret // the token that signs pushes (消息校验Token)
	AESKey         log.Secret // EncodingAESKey, 43 characters
	AESKeyPrevious log.Secret // the EncodingAESKey before the last change

	// PlainCallback accepts unencrypted JSON pushes that carry the header x-wx-source.
	PlainCallback bool

	APIBase    string // server API, without a trailing slash
	PCAuthBase string // authorization page for PCs, likewise
	H5AuthBase string // authorization page for phones, likewise

	// CloudBaseToken uses cloud hosting's own token, which CloudBaseTokenFile holds.
	CloudBaseToken     bool
	CloudBaseTokenFile string
}

// Admin is the first administrator, created when there is no user yet. An empty Password asks for
// a random one.
type Admin struct {
	Username string
	Password log.Secret
}
