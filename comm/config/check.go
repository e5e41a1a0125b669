package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wxcomponent/comm/log"
)

// checker turns texts into typed values and gathers what is wrong with them.
type checker struct {
	values values
	errs   []error
}

func (c *checker) add(err error) {
	if err != nil {
		c.errs = append(c.errs, err)
	}
}

func (c *checker) fail(name, why string) { c.add(problem(name, why)) }

func (c *checker) oneOf(name string, allowed ...string) string {
	text := strings.ToLower(c.values[name])
	if !slices.Contains(allowed, text) {
		last := len(allowed) - 1
		c.fail(name, "must be "+strings.Join(allowed[:last], ", ")+" or "+allowed[last])
	}
	return text
}

func (c *checker) autoSwitch(name string, auto bool) bool {
	switch c.oneOf(name, "auto", "on", "off") {
	case "on":
		return true
	case "off":
		return false
	}
	return auto
}

// publicAddress takes a port, ":port" or "host:port".
func (c *checker) publicAddress() string {
	text := c.values[port]
	if !strings.Contains(text, ":") {
		text = ":" + text
	}
	if !validAddress(text) {
		c.fail(port, "must be a port from 0 to 65535, alone or as host:port")
	}
	return text
}

func (c *checker) address(name string) string {
	text := c.values[name]
	if !validAddress(text) {
		c.fail(name, "must be host:port, as in 127.0.0.1:8081")
	}
	return text
}

func validAddress(text string) bool {
	host, number, err := net.SplitHostPort(text)
	return err == nil && !strings.ContainsAny(host, " /@") && validPort(number, 0)
}

func validPort(text string, lowest int) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= lowest && n <= 65535 && text == strconv.Itoa(n)
}

// mysqlAddress adds MySQL's own port where none is given.
func (c *checker) mysqlAddress() string {
	text := c.values[mysqlAddress]
	if text == "" {
		return ""
	}
	if !strings.Contains(text, ":") {
		text += ":3306"
	}
	host, number, err := net.SplitHostPort(text)
	if err != nil || host == "" || strings.ContainsAny(host, " /@()") || !validPort(number, 1) {
		c.fail(mysqlAddress, "must be host:port, as in 10.0.0.5:3306")
	}
	return text
}

// identifier accepts only what needs no escaping in SQL.
func (c *checker) identifier(name string) string {
	text := c.values[name]
	if !regexp.MustCompile(`^[0-9A-Za-z_$-]{1,64}$`).MatchString(text) {
		c.fail(name, "must have 1 to 64 characters out of letters, digits, _, $ and -")
	}
	return text
}

func (c *checker) query(name string) string {
	text := strings.TrimPrefix(c.values[name], "?")
	if _, err := url.ParseQuery(text); err != nil {
		c.fail(name, "must be name=value pairs joined by &, as in tls=true&timeout=5s")
	}
	return text
}

func (c *checker) appID() string {
	text := c.values[wxAppID]
	if text != "" && !regexp.MustCompile(`^[0-9A-Za-z_]{1,64}$`).MatchString(text) {
		c.fail(wxAppID, "must be an appid, as in wx0123456789abcdef")
	}
	return text
}

func (c *checker) aesKey(name string) log.Secret {
	text := c.values[name]
	if text != "" && !regexp.MustCompile(`^[0-9A-Za-z]{43}$`).MatchString(text) {
		c.fail(name, "must have exactly 43 letters and digits, as the WeChat console shows it")
	}
	return log.Secret(text)
}

// base checks an address that paths are appended to. Without TLS only where the way is a private
// one: AppSecret and tokens travel on it. Cloud hosting's side car takes plain HTTP to any host.
func (c *checker) base(name string, onCloud bool) string {
	text := strings.TrimRight(c.values[name], "/")
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") ||
		u.User != nil || strings.ContainsAny(text, "?#"):
		c.fail(name, "must be an address that starts with https:// and has no query, as in https://api.weixin.qq.com")
	case u.Port() != "" && !validPort(u.Port(), 1):
		c.fail(name, "must have a port from 1 to 65535")
	case u.Scheme == "http" && !onCloud && !privateHost(u.Hostname()):
		c.fail(name, "must start with https://; http:// is for this machine and private networks only")
	}
	return text
}

// privateHost tells whether a host is this machine, in a private network, or a bare name, which
// only a private network's resolver knows.
func privateHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".internal") ||
		strings.HasSuffix(host, ".local")
}

// hosts are names without port, in lower case.
func (c *checker) hosts(name string) []string {
	wellFormed := regexp.MustCompile(`^[0-9a-z_]([0-9a-z_.-]*[0-9a-z_])?$`)
	names := items(strings.ToLower(c.values[name]))
	if slices.ContainsFunc(names, func(n string) bool { return len(n) > 253 || !wellFormed.MatchString(n) }) {
		c.fail(name, "must be names without port joined by commas, as in wxcomponent,wxcomponent.internal")
		return nil
	}
	return names
}

// items are the parts of a list.
func items(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func (c *checker) prefixes(name string) []netip.Prefix {
	var out []netip.Prefix
	for _, item := range items(c.values[name]) {
		prefix, err := netip.ParsePrefix(item)
		if ip, ipErr := netip.ParseAddr(item); ipErr == nil {
			prefix, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		if err != nil {
			c.fail(name, "must be addresses or networks joined by commas, as in 10.0.0.0/8,192.0.2.7")
			return nil
		}
		out = append(out, prefix)
	}
	return out
}
