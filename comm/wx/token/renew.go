package token

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
)

const (
	// leaseTime is when a holder that died is replaced; a living one is done before.
	leaseTime     = 10 * time.Second
	fetchPatience = leaseTime - time.Second
	// leasePatience is how long the lease is waited for: a dead holder's time and some more.
	leasePatience = leaseTime + 5*time.Second
	holdPatience  = leaseTime + 5*time.Second
	endPatience   = 2 * time.Second
	tellPatience  = 5 * time.Second

	firstPoll   = 50 * time.Millisecond
	slowestPoll = 400 * time.Millisecond
)

// Ten tries in ten minutes are what a failing renewal may take.
const (
	firstPause = 5 * time.Second // when there is no token at all, the first failure is retried soon
	pause      = time.Minute
	lastPause  = 2*pause - firstPause // after the tenth try, to make up for it
	triesMax   = 10
)

const usualLifetime = 2 * time.Hour

// errElsewhere is what callers get while another instance's failed renewal keeps all from trying.
var errElsewhere = errno.New(errno.System,
	"another instance failed to renew the access token a moment ago; it is tried again within a minute")

// issued is a token that WeChat was asked for at a time. Whole seconds are what the store keeps.
func (c *Centre) issued(g wx.Grant, at time.Time) Token {
	return Token{Value: g.Token, ExpiresAt: at.Add(g.ExpiresIn).Truncate(time.Second), Lifetime: g.ExpiresIn}
}

func (t Token) lifetime() time.Duration {
	if t.Lifetime > 0 {
		return t.Lifetime
	}
	return usualLifetime
}

// ahead is how long before its end a token is renewed.
func (t Token) ahead(jitter float64) time.Duration {
	return time.Duration(float64(min(10*time.Minute, t.lifetime()/5)) * jitter)
}

// margin is how long before its end a token is not handed out any more: the call that it is for
// takes its time.
func (t Token) margin() time.Duration { return min(10*time.Second, t.lifetime()/10) }

// renewEarly is renew for a token that is still good: nobody waits for the result.
func (c *Centre) renewEarly(ctx context.Context, e *entry) (Token, error) {
	t, err := c.renew(ctx, e)
	if err != nil {
		c.log.Warn("an access token could not be renewed ahead of its end",
			zap.String("appid", e.appid), zap.Error(err))
		e.mu.Lock()
		e.earlyAfter = c.clock.now().Add(firstPause)
		e.mu.Unlock()
	}
	return t, err
}

// renew gets a token to replace the one in memory: another instance's new one, or WeChat's.
func (c *Centre) renew(ctx context.Context, e *entry) (Token, error) {
	if err := c.recentFailure(ctx, e); err != nil {
		return Token{}, err
	}
	if err := c.prepare(ctx, e.appid); err != nil {
		return Token{}, err
	}
	e.mu.Lock()
	old := e.token.Value
	e.mu.Unlock()
	var t Token
	err := c.holding(ctx, e.appid,
		func(ctx context.Context) (done bool, err error) {
			t, err = c.newer(ctx, e, old)
			return t.Value != "", err
		},
		func(ctx context.Context, l Lease) (err error) {
			t, err = c.renewHolding(ctx, e, old, l)
			return err
		})
	return t, err
}

// renewHolding renews under the lease.
func (c *Centre) renewHolding(ctx context.Context, e *entry, old string, lease Lease) (Token, error) {
	if t, err := c.newer(ctx, e, old); err != nil || t.Value != "" {
		return t, err
	}
	if err := c.othersFailure(ctx, e); err != nil {
		return Token{}, err
	}
	c.clock.sync(ctx, 0)
	start := c.clock.now()
	g, err := c.fetch(ctx, e.appid)
	if err != nil {
		return Token{}, c.fail(ctx, e, start, err)
	}
	t := c.issued(g, start)
	if err := c.store.TokenPut(ctx, e.appid, t, lease); err != nil {
		if errors.Is(err, ErrFenced) {
			return c.afterFencing(ctx, e, old, err)
		}
		return Token{}, c.fail(ctx, e, start, fmt.Errorf("store the new access token: %w", err))
	}
	e.replace(t, c.clock.now())
	c.renewed(ctx, e.appid, nil)
	return t, nil
}

// renewed tells how a renewal went, beside everything else.
func (c *Centre) renewed(ctx context.Context, appid string, failure error) {
	if c.tell == nil || !c.begin() {
		return
	}
	ctx = context.WithoutCancel(ctx)
	go func() {
		defer c.tasks.Done()
		defer func() {
			if p := recover(); p != nil {
				c.log.Error("telling of a renewal panicked", zap.Any("panic", p), zap.Stack("stack"))
			}
		}()
		ctx, cancel := context.WithTimeout(ctx, tellPatience)
		defer cancel()
		c.tell(ctx, appid, failure)
	}()
}

// afterFencing takes the token of whoever got the lease meanwhile.
func (c *Centre) afterFencing(ctx context.Context, e *entry, old string, fenced error) (Token, error) {
	t, err := c.newer(ctx, e, old)
	if err == nil && t.Value == "" {
		err = fmt.Errorf("store the new access token: %w", fenced)
	}
	return t, err
}

// newer returns the store's token if it is a good one other than old, else none.
func (c *Centre) newer(ctx context.Context, e *entry, old string) (Token, error) {
	t, err := c.store.TokenGet(ctx, e.appid)
	if err != nil {
		return Token{}, fmt.Errorf("read the token: %w", err)
	}
	now := c.clock.now()
	e.mu.Lock()
	good := t.Value != old && e.usable(t, now)
	e.mu.Unlock()
	if !good {
		return Token{}, nil
	}
	e.replace(t, now)
	return t, nil
}

// recentFailure is the error of a renewal that failed too short a time ago to try again.
func (c *Centre) recentFailure(ctx context.Context, e *entry) error {
	e.mu.Lock()
	last := e.failed
	e.mu.Unlock()
	if last == nil || !c.clock.now().Before(last.until) {
		return nil
	}
	if secret, err := c.platform.Secret(); e.appid == "" && last.pause != nil && err == nil && secret != last.secret {
		c.release(ctx, *last.pause)
		return nil
	}
	return last.err
}

// othersFailure asks whether another instance's failure keeps all from trying.
func (c *Centre) othersFailure(ctx context.Context, e *entry) error {
	probe, ok, err := c.take(ctx, pauseName(e.appid), time.Second)
	if err != nil {
		return err
	}
	if ok {
		c.release(ctx, probe)
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failed = &failure{err: errElsewhere, until: c.clock.now().Add(recheck)}
	return errElsewhere
}

// fail notes that the renewal that began at start failed, for this instance and the others, and
// returns its error. There is no pause after what went wrong before WeChat was asked, nor when it
// was this instance that gave up.
func (c *Centre) fail(ctx context.Context, e *entry, start time.Time, err error) error {
	if _, ours := errors.AsType[*errno.Error](err); ours || c.life.Err() != nil {
		return err
	}
	now := c.clock.now()
	e.mu.Lock()
	e.failures++
	f := &failure{err: err, until: start.Add(retryPause(e.failures, e.usable(e.token, now)))}
	e.mu.Unlock()
	if soonest := now.Add(recheck); f.until.Before(soonest) {
		f.until = soonest
	}
	c.renewed(ctx, e.appid, err)
	f.secret, _ = c.platform.Secret()
	f.pause = c.pauseOthers(ctx, e.appid, f.until.Sub(now))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failed = f
	return err
}

// pauseOthers keeps the other instances from trying for a time; nil when they could not be told.
func (c *Centre) pauseOthers(ctx context.Context, appid string, d time.Duration) *Lease {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
	defer cancel()
	lease, ok, err := c.take(ctx, pauseName(appid), d)
	if err != nil {
		c.log.Warn("the other instances could not be told of a failed renewal", zap.String("appid", appid), zap.Error(err))
	}
	if !ok {
		return nil
	}
	return &lease
}

// retryPause is the time from one failed try to the next, the n-th in a row having failed; served
// says that the old token is still good.
func retryPause(n int, served bool) time.Duration {
	switch {
	case served:
		return pause
	case n%triesMax == 1:
		return firstPause
	case n%triesMax == 0:
		return lastPause
	}
	return pause
}

// holding runs do under the lease of a token. While another holds the lease it asks instead, where
// given, whether that has settled the matter.
func (c *Centre) holding(ctx context.Context, appid string, instead func(context.Context) (bool, error), do func(context.Context, Lease) error) error {
	waiting, cancel := context.WithTimeout(ctx, leasePatience)
	defer cancel()
	for wait := firstPoll; ; wait = min(2*wait, slowestPoll) {
		lease, ok, err := c.take(waiting, leaseName(appid), leaseTime)
		if err != nil {
			return err
		}
		if ok {
			defer c.release(ctx, lease)
			ctx, cancel := context.WithTimeout(ctx, holdPatience)
			defer cancel()
			return do(ctx, lease)
		}
		if err := sleep(waiting, wait); err != nil {
			return fmt.Errorf("wait for the lease of the access token: %w", err)
		}
		if instead == nil {
			continue
		}
		if done, err := instead(waiting); err != nil || done {
			return err
		}
	}
}

func leaseName(appid string) string { return "token:" + appid }
func pauseName(appid string) string { return "token-pause:" + appid }

// take takes a lease, each time as another owner: a lease that this instance itself holds is taken.
func (c *Centre) take(ctx context.Context, name string, ttl time.Duration) (Lease, bool, error) {
	l := Lease{Name: name, Owner: c.owner + "-" + strconv.FormatUint(c.leases.Add(1), 10)}
	var ok bool
	var err error
	l.Fence, ok, err = c.store.LeaseTake(ctx, l.Name, l.Owner, ttl)
	if err != nil {
		return Lease{}, false, fmt.Errorf("take the lease %s: %w", name, err)
	}
	return l, ok, nil
}

// release gives a lease back, even when ctx has ended; failing that it runs out by itself.
func (c *Centre) release(ctx context.Context, l Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
	defer cancel()
	if err := c.store.LeaseRelease(ctx, l.Name, l.Owner, l.Fence); err != nil {
		c.log.Warn("a lease could not be given back", zap.String("lease", l.Name), zap.Error(err))
	}
}

// sleep waits for about d.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d/2 + rand.N(d)) //nolint:gosec // spreading needs no secrecy
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
