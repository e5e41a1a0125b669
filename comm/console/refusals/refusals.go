// Package refusals counts what the service refuses, by area and reason, over the last hour: all
// instances together, so that the self-check can say what goes wrong and what to do about it.
//
// Counting is cheap and never waits. What was counted is written at most once a minute.
package refusals

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
)

// The areas.
const (
	Push    = "push"    // what comes to WeChat's addresses
	Login   = "login"   // to the dashboard
	PreAuth = "preauth" // pre-auth codes for merchants' authorizations
	Inner   = "inner"   // the listener for programs on this host
)

// Other is the reason of whatever has none that is known.
const Other = "other"

// Reason is one why something is refused. The dashboard has a text for each: overview.json,
// refusal.<area>.<name>.
type Reason struct {
	Area, Name string
	// Notable is from how many within an hour on it is worth an operator's attention.
	Notable int64
}

// Reasons lists all that are known.
func Reasons() []Reason {
	var all []Reason
	add := func(area string, names ...string) {
		for _, name := range append(names, Other) {
			all = append(all, Reason{area, name, 1})
		}
	}
	add(Push, "no_source", "plain_off", "not_configured", "signature", "cipher", "appid", "malformed", "address",
		"unreadable", "too_slow", "too_large", "busy", "busy_address", "clock_or_replay", "overloaded", "timeout", "stopping", "not_stored",
		"ticket_not_stored", "internal")
	add(Login, "busy", "address_budget", "locked", "name_budget")
	add(Inner, "host", "page")
	add(PreAuth, "address_budget", "total_budget")
	return append(all, Reason{Login, "wrong_password", 10}) // people mistype
}

// Sum is how often something was refused for a reason within the last hour.
type Sum struct {
	Area   string `json:"area"`
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// Store keeps sums by key; those of long ago it forgets by itself.
type Store interface {
	// CounterAdd adds to the values of keys.
	CounterAdd(ctx context.Context, counts map[string]int64) error
	// CounterRange returns the values of keys from first until before end.
	CounterRange(ctx context.Context, first, end string) (map[string]int64, error)
}

const (
	hour       = time.Hour
	bucket     = 5 * time.Minute // that sums are kept for
	writeEvery = time.Minute
	writeTime  = 10 * time.Second
)

// Counter counts.
type Counter struct {
	store   Store
	now     func() time.Time
	log     *zap.Logger
	notable map[[2]string]int64 // of all known reasons

	mu      sync.Mutex
	pending map[string]int64 // counted and not yet written, by key
	writing sync.Mutex       // held while what is counted moves to the store, and while both are read
}

// New returns a Counter.
func New(s Store, now func() time.Time, l *zap.Logger) *Counter {
	c := &Counter{store: s, now: now, log: l, notable: map[[2]string]int64{}, pending: map[string]int64{}}
	for _, r := range Reasons() {
		c.notable[[2]string{r.Area, r.Name}] = r.Notable
	}
	return c
}

// Count notes that something was refused. A reason that is not known counts as Other.
func (c *Counter) Count(area, reason string) {
	if _, known := c.notable[[2]string{area, reason}]; !known {
		reason = Other
	}
	k := key(c.now(), area+":"+reason)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending[k]++
}

// Notable tells whether any of the sums is worth an operator's attention.
func (c *Counter) Notable(sums []Sum) bool {
	return slices.ContainsFunc(sums, func(s Sum) bool { return s.Count >= c.notable[[2]string{s.Area, s.Reason}] })
}

// Run writes what was counted until ctx ends, and what is left then.
func (c *Counter) Run(ctx context.Context) {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.write(ctx)
		case <-ctx.Done():
			c.write(context.WithoutCancel(ctx))
			return
		}
	}
}

func (c *Counter) write(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	c.writing.Lock()
	defer c.writing.Unlock()
	counts := c.take()
	if len(counts) == 0 {
		return
	}
	if err := c.store.CounterAdd(ctx, counts); err != nil {
		c.log.Warn("what was refused could not be written down", zap.Error(err))
		c.giveBack(counts)
		return
	}
	// A flood is not one line for each. Pushes have lines of their own.
	told := slices.DeleteFunc(sums(counts), func(s Sum) bool { return s.Area == Push })
	if len(told) > 0 {
		c.log.Warn("requests were refused", zap.Any("refused", told))
	}
}

func (c *Counter) take() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.pending
	c.pending = map[string]int64{}
	return counts
}

// giveBack keeps what could not be written for another try, within the hour.
func (c *Counter) giveBack(counts map[string]int64) {
	oldest := c.oldest()
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, n := range counts {
		if k >= oldest {
			c.pending[k] += n
		}
	}
}

// LastHour returns what all instances have refused within the last hour, the most frequent first.
// What other instances have counted within the last minute may be missing.
func (c *Counter) LastHour(ctx context.Context) ([]Sum, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	counts, err := c.store.CounterRange(ctx, c.oldest(), key(c.now().Add(hour), ""))
	if err != nil {
		return nil, fmt.Errorf("read what was refused: %w", err)
	}
	for k, n := range c.unwritten() {
		counts[k] += n
	}
	return sums(counts), nil
}

func (c *Counter) unwritten() map[string]int64 {
	oldest := c.oldest()
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := maps.Clone(c.pending)
	maps.DeleteFunc(counts, func(k string, _ int64) bool { return k < oldest })
	return counts
}

func sums(counts map[string]int64) []Sum {
	of := map[[2]string]int64{}
	for k, n := range counts {
		if parts := strings.Split(k, ":"); len(parts) == 4 {
			of[[2]string{parts[2], parts[3]}] += n
		}
	}
	out := []Sum{}
	for name, n := range of {
		out = append(out, Sum{name[0], name[1], n})
	}
	slices.SortFunc(out, func(a, b Sum) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Area, b.Area), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}

const prefix = "refused:"

// key sorts by time: the number of the bucket has the same number of digits for centuries.
func key(at time.Time, what string) string {
	return prefix + strconv.FormatInt(at.Unix()/int64(bucket.Seconds()), 10) + ":" + what
}

// oldest is what the keys of the last hour are not before.
func (c *Counter) oldest() string { return key(c.now().Add(-hour), "") }
