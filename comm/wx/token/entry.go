package token

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
)

const (
	// recheck is how long a token from memory is handed out before it is compared with the store,
	// where another instance may have replaced or deleted it.
	recheck = time.Second
	// readPatience is how long the store may take to answer.
	readPatience = 5 * time.Second
	// healPause is how long a refused token stays in use after a new one was refused as well.
	healPause = time.Minute
)

// entry is what this instance knows of one token.
type entry struct {
	appid string

	mu        sync.Mutex
	token     Token
	checked   time.Time // when token was last compared with the store
	changes   int       // counts replacements of token that did not come from a check
	refused   string    // a token that WeChat refused
	healAfter time.Time // refusals count again from then on

	failures   int       // renewals that failed in a row
	failed     *failure  // the last of them
	earlyAfter time.Time // no renewal ahead of the token's end before

	checking, renewing *flight
}

// failure is a failed renewal: until then no other is tried, and everybody gets its error.
type failure struct {
	err    error
	until  time.Time
	secret log.Secret // the AppSecret it failed with; another one is worth a try at once
	pause  *Lease     // keeps the other instances from trying
}

// flight is work that several callers wait for.
type flight struct {
	done  chan struct{}
	token Token
	err   error
}

// wait returns the result, or early when the caller gives up; the work goes on for the others.
func (f *flight) wait(ctx context.Context) (Token, error) {
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return Token{}, fmt.Errorf("wait for the token: %w", context.Cause(ctx))
	}
}

// replace makes t the token and forgets what was held against the one before.
func (e *entry) replace(t Token, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.token, e.checked = t, now
	e.changes++
	e.healAfter, e.failures, e.failed = time.Time{}, 0, nil
}

// usable tells whether t may be handed out.
func (e *entry) usable(t Token, now time.Time) bool {
	return t.Value != "" && t.Value != e.refused && now.Before(t.ExpiresAt.Add(-t.margin()))
}

// recent returns the token from memory if it was compared with the store just now.
func (e *entry) recent(now time.Time) (Token, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	age := now.Sub(e.checked)
	return e.token, age >= 0 && age < recheck && e.usable(e.token, now)
}

func (c *Centre) entry(appid string) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[appid]
	if e == nil {
		e = &entry{appid: appid}
		c.entries[appid] = e
	}
	return e
}

// drop forgets an entry that holds nothing, so that memory does not grow with made-up appids.
func (c *Centre) drop(appid string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, appid)
}

func (c *Centre) get(ctx context.Context, appid string) (Token, error) {
	e := c.entry(appid)
	if t, ok := e.recent(c.clock.now()); ok {
		return t, nil
	}
	t, err := c.fly(e, &e.checking, c.check).wait(ctx)
	if errno.Is(err, errno.BadParam) {
		c.drop(appid)
	}
	return t, err
}

// fly starts work for the entry, or joins it when it is under way. The work outlives its callers.
func (c *Centre) fly(e *entry, slot **flight, work func(context.Context, *entry) (Token, error)) *flight {
	e.mu.Lock()
	defer e.mu.Unlock()
	if *slot != nil {
		return *slot
	}
	f := &flight{done: make(chan struct{})}
	if !c.begin() {
		f.err = fmt.Errorf("get a token: %w", context.Canceled)
		close(f.done)
		return f
	}
	*slot = f
	go func() {
		defer c.tasks.Done()
		defer close(f.done)
		defer func() {
			if p := recover(); p != nil {
				f.err = fmt.Errorf("panic: %v", p)
				c.log.Error("getting a token panicked", zap.Any("panic", p), zap.Stack("stack"))
			}
			e.mu.Lock()
			*slot = nil
			e.mu.Unlock()
		}()
		f.token, f.err = work(c.life, e)
	}()
	return f
}

// begin counts a task in, unless the centre has been closed.
func (c *Centre) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	c.tasks.Add(1)
	return true
}

// check compares memory with the store and gets a new token where that is needed.
func (c *Centre) check(ctx context.Context, e *entry) (Token, error) {
	t, err := c.read(ctx, e)
	if err != nil {
		return Token{}, err
	}
	now := c.clock.now()
	e.mu.Lock()
	usable := e.usable(t, now)
	paused := now.Before(e.earlyAfter) || e.failed != nil && now.Before(e.failed.until)
	e.mu.Unlock()
	if !usable {
		return c.fly(e, &e.renewing, c.renew).wait(ctx)
	}
	if !paused && now.After(t.ExpiresAt.Add(-t.ahead(c.jitter))) {
		c.fly(e, &e.renewing, c.renewEarly)
	}
	return t, nil
}

// read takes the store's token over into memory. While the store cannot be read, a good token from
// memory is handed out all the same.
func (c *Centre) read(ctx context.Context, e *entry) (Token, error) {
	ctx, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	e.mu.Lock()
	changes := e.changes
	e.mu.Unlock()
	c.clock.sync(ctx, recheck)
	t, err := c.store.TokenGet(ctx, e.appid)
	now := c.clock.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case err != nil && e.usable(e.token, now):
		e.checked = now
		c.log.Warn("the store cannot be read, handing out the token from memory",
			zap.String("appid", e.appid), zap.Error(err))
	case err != nil:
		return Token{}, fmt.Errorf("read the token: %w", err)
	case e.changes == changes: // what was read is not older than what memory has
		if t.Lifetime == 0 && t.Value == e.token.Value {
			t.Lifetime = e.token.Lifetime
		}
		e.token, e.checked = t, now
	}
	return e.token, nil
}

// Invalidate implements wx.Tokens.
func (c *Centre) Invalidate(appid, used string) {
	e := c.entry(appid)
	now := c.clock.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !now.Before(e.healAfter) {
		e.refused = used
	}
}

// Unhealed implements wx.Tokens.
func (c *Centre) Unhealed(appid string) {
	e := c.entry(appid)
	now := c.clock.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refused, e.healAfter = "", now.Add(healPause)
}
