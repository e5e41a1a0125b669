// Package token is the centre that hands out WeChat's access tokens. A token comes from memory, else
// from the store that all instances share, else from WeChat; only one goroutine of one instance
// renews a token at a time, and the others get what it got. A token is renewed in good time while
// the old one is still handed out, and at once when WeChat refused it.
//
// Lifetimes are measured by the database's clock, so the clocks of the hosts do not matter.
package token

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/wx"
)

// Token is an access token. The zero Token is none.
type Token struct {
	Value     string
	ExpiresAt time.Time     // by the database's clock
	Lifetime  time.Duration // at the time it was got; 0 when that is not known
}

// Lease is the right to change a token. A fence is higher than every one before it, so that whoever
// lost its lease without noticing can be told from the holder.
type Lease struct {
	Name, Owner string
	Fence       int64
}

// ErrFenced says that a token was not stored because its lease had gone to another holder.
var ErrFenced = errors.New("the lease has gone to another holder")

// Store is what the instances share. The appid "" stands for the platform's own token.
type Store interface {
	// Now is the database's clock.
	Now(ctx context.Context) (time.Time, error)
	// Ticket is the newest component_verify_ticket, "" when there was none yet.
	Ticket(ctx context.Context) (string, error)
	// TokenGet returns the zero Token when there is none.
	TokenGet(ctx context.Context, appid string) (Token, error)
	// TokenPut stores the token if the lease is still held, and fails with ErrFenced if not.
	TokenPut(ctx context.Context, appid string, t Token, l Lease) error
	TokenDelete(ctx context.Context, appid string) error
	// LeaseTake takes the lease unless it is held. Every take comes with another owner.
	LeaseTake(ctx context.Context, name, owner string, ttl time.Duration) (fence int64, ok bool, err error)
	LeaseRelease(ctx context.Context, name, owner string, fence int64) error
}

// Accounts are the accounts that authorize the platform.
type Accounts interface {
	// RefreshToken of an authorized account, "" when none is known. An account that is not known or
	// not authorized any more is errno.BadParam for "appid".
	RefreshToken(ctx context.Context, appid string) (string, error)
	// RefreshTokenPut replaces it.
	RefreshTokenPut(ctx context.Context, appid, refreshToken string) error
}

// Platform gives the AppSecret; errno.NotConfigured when there is none.
type Platform interface {
	Secret() (log.Secret, error)
}

// Deps are what a Centre needs.
type Deps struct {
	WX       *wx.Client // its source of tokens is ignored
	Platform Platform
	Store    Store
	Accounts Accounts
	Clock    func() time.Time // nil: time.Now
	// Renewed is told of every renewal, of the platform's token with the appid "", and of the error of
	// one that failed; nil tells nobody. Nobody waits for it.
	Renewed func(ctx context.Context, appid string, failure error)
	Log     *zap.Logger
}

// Centre hands out tokens. It is safe for concurrent use and is a wx.Tokens.
type Centre struct {
	client   *wx.Client
	platform Platform
	store    Store
	accounts Accounts
	clock    *clock
	tell     func(ctx context.Context, appid string, failure error)
	log      *zap.Logger

	owner  string // this instance's name in leases
	leases atomic.Uint64
	jitter float64 // spreads the instances' renewals

	life  context.Context // of work that outlives the call it was started for
	end   context.CancelFunc
	tasks sync.WaitGroup

	mu      sync.Mutex // guards ended and entries
	ended   bool
	entries map[string]*entry
}

// New returns a centre, to be closed with Close. Of ctx only the values count.
func New(ctx context.Context, d Deps) *Centre {
	c := &Centre{
		platform: d.Platform, store: d.Store, accounts: d.Accounts,
		clock: newClock(d.Clock, d.Store), tell: d.Renewed, log: d.Log,
		owner: rand.Text(), jitter: 0.9 + 0.2*mathrand.Float64(), //nolint:gosec // spreading needs no secrecy
		entries: map[string]*entry{},
	}
	c.life, c.end = context.WithCancel(context.WithoutCancel(ctx))
	c.client = d.WX.As(c)
	return c
}

// Close starts no more work and waits for what is under way, since a renewal that is cut off may
// have cost the old token already. When ctx ends it is cut off all the same.
func (c *Centre) Close(ctx context.Context) {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	stop := context.AfterFunc(ctx, c.end)
	defer stop()
	c.tasks.Wait()
	c.end()
}

// Client is WeChat's API with this centre's tokens.
func (c *Centre) Client() *wx.Client { return c.client }

// Component returns the component_access_token. Errors: errno.NoTicket, errno.NotConfigured, WeChat's.
func (c *Centre) Component(ctx context.Context) (Token, error) { return c.get(ctx, "") }

// Authorizer returns the account's authorizer_access_token. Errors: errno.BadParam for an appid that
// is empty, not known or not authorized; those of Component; WeChat's.
func (c *Centre) Authorizer(ctx context.Context, appid string) (Token, error) {
	if appid == "" {
		return Token{}, errno.Param("appid", "is required")
	}
	return c.get(ctx, appid)
}

// Ticket returns the newest component_verify_ticket, or errno.NoTicket.
func (c *Centre) Ticket(ctx context.Context) (string, error) {
	ticket, err := c.store.Ticket(ctx)
	if err != nil {
		return "", fmt.Errorf("read the component_verify_ticket: %w", err)
	}
	if ticket == "" {
		return "", errno.New(errno.NoTicket, "")
	}
	return ticket, nil
}

// CloudBase returns cloud hosting's own access token; errno.NotConfigured elsewhere.
func (c *Centre) CloudBase(ctx context.Context) (string, error) {
	file := c.client.CloudBase()
	if file == nil {
		return "", errno.New(errno.NotConfigured, "cloud hosting's access token is not in use here (WX_CLOUDBASE_TOKEN)")
	}
	return file.Token(ctx)
}

// AccessToken implements wx.Tokens.
func (c *Centre) AccessToken(ctx context.Context, appid string) (string, error) {
	t, err := c.get(ctx, appid)
	return t.Value, err
}

// Put makes the token that came with an account's authorization the one to hand out. It waits for a
// renewal under way on any instance.
func (c *Centre) Put(ctx context.Context, appid string, g wx.Grant) error {
	if appid == "" || g.Token == "" {
		return errors.New("put a token: appid or token is empty")
	}
	return c.holding(ctx, appid, nil, func(ctx context.Context, l Lease) error {
		c.clock.sync(ctx, 0)
		t := c.issued(g, c.clock.now())
		if err := c.store.TokenPut(ctx, appid, t, l); err != nil {
			return fmt.Errorf("store the token: %w", err)
		}
		c.entry(appid).replace(t, c.clock.now())
		c.renewed(ctx, appid, nil)
		return nil
	})
}

// Forget stops handing out the account's token, on this instance at once and on the others within a
// second. The account must be stored as not authorized before, or the token is got anew.
func (c *Centre) Forget(ctx context.Context, appid string) error {
	if appid == "" {
		return errno.Param("appid", "is required")
	}
	return c.holding(ctx, appid, nil, func(ctx context.Context, _ Lease) error {
		if err := c.store.TokenDelete(ctx, appid); err != nil {
			return fmt.Errorf("delete the token: %w", err)
		}
		c.entry(appid).replace(Token{}, time.Time{})
		c.drop(appid)
		return nil
	})
}
