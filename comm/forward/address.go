package forward

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

const (
	loopback       = "127.0.0.1"
	appIDMark      = "$APPID$"
	maxAddress     = 2000 // characters
	maxAppID       = 64
	decodingRounds = 3 // how often a path may have been percent-encoded over
)

// Address is where a target is. $APPID$ in its path or query stands for the account's appid.
type Address struct {
	text  string // the whole address, $APPID$ still in it
	host  string // host[:port], as text has it
	name  string // host alone
	port  int
	local bool // a port of this host, named by port and path
}

// LocalAddress is http://127.0.0.1:<port><path>. No path can change the host or the port.
func LocalAddress(port int, path string) (Address, error) {
	if port < 1 || port > 65535 {
		return Address{}, fieldError{"port", "must be between 1 and 65535"}
	}
	if err := checkPath(path); err != nil {
		return Address{}, fieldError{"path", err.Error()}
	}
	host := loopback + ":" + strconv.Itoa(port)
	a := Address{text: "http://" + host + path, host: host, name: loopback, port: port, local: true}
	if _, err := a.For("wx"); err != nil {
		return Address{}, fieldError{"path", "is not a valid path"}
	}
	return a, nil
}

// RemoteAddress is a full http or https address.
func RemoteAddress(raw string) (Address, error) {
	if err := checkText(raw); err != nil {
		return Address{}, fieldError{"url", err.Error()}
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return Address{}, fieldError{"url", "is not a valid address"}
	case u.Scheme != "http" && u.Scheme != "https", u.Opaque != "":
		return Address{}, fieldError{"url", "must begin with http:// or https://"}
	case u.Hostname() == "", strings.Contains(u.Host, "$"), !isPort(u.Port()), strings.HasSuffix(u.Host, ":"):
		return Address{}, fieldError{"url", "has no valid host and port"}
	case u.User != nil:
		return Address{}, fieldError{"url", "must not hold a user name or password"}
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return Address{}, fieldError{"url", "must not hold a fragment (#)"}
	}
	a := Address{text: raw, host: u.Host, name: u.Hostname(), port: portOf(u)}
	if _, err := a.For("wx"); err != nil {
		return Address{}, fieldError{"url", "is not a valid address"}
	}
	return a, nil
}

// fieldError is a value that cannot be used, by the name of its field.
type fieldError struct{ field, why string }

func (e fieldError) Error() string { return e.field + ": " + e.why }

// String is the address as it was given.
func (a Address) String() string { return a.text }

// For returns the address for pushes about the account.
func (a Address) For(appid string) (*url.URL, error) {
	text := a.text
	if strings.Contains(text, appIDMark) {
		if !isAppID(appid) {
			return nil, errors.New("the push names no appid that could stand for " + appIDMark)
		}
		text = strings.ReplaceAll(text, appIDMark, appid)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("the address cannot be read")
	}
	if u.Host != a.host || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the address leaves %s", a.host)
	}
	return u, nil
}

func portOf(u *url.URL) int {
	if p, err := strconv.Atoi(u.Port()); err == nil {
		return p
	}
	if u.Scheme == "https" {
		return 443
	}
	return 80
}

// checkPath accepts what may follow host and port. Whatever a server or proxy further on could
// read as another host, user or folder is refused, in any encoding.
func checkPath(path string) error {
	if path == "" {
		return nil
	}
	if !strings.HasPrefix(path, "/") {
		return errors.New("must start with /")
	}
	if err := checkText(path); err != nil {
		return err
	}
	if strings.Contains(path, "#") {
		return errors.New("must not hold #")
	}
	path, _, _ = strings.Cut(path, "?")
	for range decodingRounds {
		if err := checkSegments(path); err != nil {
			return err
		}
		plain, err := url.PathUnescape(path)
		if err != nil {
			return errors.New("holds a % that begins no valid encoding")
		}
		if plain == path {
			return nil
		}
		path = plain
	}
	return errors.New("is encoded too often")
}

func checkSegments(path string) error {
	switch {
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }):
		return errors.New(`must not hold control characters or \`)
	case strings.Contains(path, "@"):
		return errors.New("must not hold @")
	case strings.Contains(path, "//"):
		return errors.New("must not hold //")
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == ".." || segment == "." {
			return errors.New("must not hold . or .. as a folder")
		}
	}
	return nil
}

// checkText refuses what no address holds unencoded.
func checkText(s string) error {
	if len(s) > maxAddress {
		return fmt.Errorf("must be at most %d characters", maxAddress)
	}
	for _, r := range s {
		if r <= ' ' || r == 0x7f || r == '\\' || r == '\ufffd' {
			return errors.New(`must not hold spaces, control characters or \`)
		}
	}
	return nil
}

func isPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 1 && n <= 65535
}

// isAppID accepts the characters that appids are made of, none of which means anything in an
// address.
func isAppID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-':
		default:
			return false
		}
	}
	return s != "" && len(s) <= maxAppID
}
