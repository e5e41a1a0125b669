package middleware

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/httputils"
)

// Sessions tells whose a login token is.
type Sessions interface {
	// Check returns the identity that a token stands for; errno.LoginExpired or errno.BadToken when
	// it no longer counts.
	Check(ctx context.Context, token string) (auth.Identity, error)
}

// Login lets a request pass that carries a login token which still counts, and puts the identity
// into its context.
func Login(s Sessions) gin.HandlerFunc {
	return func(c *gin.Context) {
		token, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
		if !ok || token == "" {
			refuse(c, http.StatusOK, errno.New(errno.NotAuthorized, ""))
			return
		}
		id, err := s.Check(c.Request.Context(), token)
		if err != nil {
			refuse(c, http.StatusOK, err)
			return
		}
		id.Address = c.ClientIP()
		c.Request = c.Request.WithContext(auth.WithIdentity(c.Request.Context(), id))
		c.Next()
	}
}

// Loopback lets only connections from this host pass. It looks at the connection itself: forwarding
// headers are claims of the caller and count for nothing.
func Loopback() gin.HandlerFunc {
	return func(c *gin.Context) {
		host, _, err := net.SplitHostPort(c.Request.RemoteAddr)
		if err == nil {
			if addr, perr := netip.ParseAddr(host); perr == nil && addr.Unmap().IsLoopback() {
				c.Next()
				return
			}
		}
		refuse(c, http.StatusForbidden, errno.New(errno.NotAuthorized, ""))
	}
}

// NoPages refuses requests that a page in a browser on this host makes: those that came under a foreign
// name, which anybody can let resolve to this host, and those that a browser marks. names are those by
// which the listener may be called besides localhost and the address that the caller has reached; refused is
// told why a request is refused.
func NoPages(names []string, refused func(reason string)) gin.HandlerFunc {
	return func(c *gin.Context) {
		switch {
		case !httputils.HostIsOwn(c.Request, names):
			refused("host")
			refuse(c, http.StatusForbidden, errno.New(errno.NotAuthorized, "the Host is no name of this listener (INNER_HOSTS)"))
		case len(c.Request.Header.Values("Origin")) > 0 || len(c.Request.Header.Values("Sec-Fetch-Site")) > 0:
			refused("page")
			refuse(c, http.StatusForbidden, errno.New(errno.NotAuthorized, "not for pages in a browser"))
		default:
			c.Next()
		}
	}
}

// ClientAddress makes the caller's address, and the service's own as the caller wrote it, known to
// handlers that need them without gin.
func ClientAddress() gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Request = httputils.WithOrigin(c.Request.WithContext(auth.WithAddress(c.Request.Context(), c.ClientIP())))
		c.Next()
	}
}

// UntrustedProxies notes the addresses of connections that bring forwarding headers and are not trusted:
// all that come through such a proxy count as one address.
func UntrustedProxies(trusted []netip.Prefix, note func(address string)) gin.HandlerFunc {
	return func(c *gin.Context) {
		h := c.Request.Header
		if h.Get("X-Forwarded-For") != "" || h.Get("Forwarded") != "" || h.Get("X-Real-Ip") != "" {
			addr, err := netip.ParseAddr(c.RemoteIP())
			inside := func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) }
			if err == nil && !slices.ContainsFunc(trusted, inside) {
				note(addr.Unmap().String())
			}
		}
		c.Next()
	}
}

// maxAddresses bounds the memory that strangers can make RateLimit use.
const maxAddresses = 10_000

// RateLimit lets each address (an IPv6 network counts as one) make perMinute requests a minute, in
// bursts of at most burst; refused is told of each other one.
func RateLimit(perMinute, burst int, refused func()) gin.HandlerFunc {
	var mu sync.Mutex
	limiters := make(map[string]*rate.Limiter)
	allow := func(addr string) bool {
		mu.Lock()
		defer mu.Unlock()
		l, ok := limiters[addr]
		if !ok {
			if len(limiters) >= maxAddresses {
				clear(limiters)
			}
			l = rate.NewLimiter(rate.Every(time.Minute/time.Duration(perMinute)), burst)
			limiters[addr] = l
		}
		return l.Allow()
	}
	return func(c *gin.Context) {
		if !allow(auth.Network(c.ClientIP())) {
			refused()
			c.Header("Retry-After", "60")
			refuse(c, http.StatusOK, errno.New(errno.RateLimited, ""))
			return
		}
		c.Next()
	}
}

func refuse(c *gin.Context, status int, err error) {
	_ = c.Error(err)
	if werr := httputils.WriteErrorStatus(c.Writer, status, err); werr != nil {
		_ = c.Error(werr)
	}
	c.Abort()
}
