package forward

import (
	"cmp"
	"slices"
	"time"

	"wxcomponent/comm/log"
	"wxcomponent/comm/wx/event"
)

// Mode says whether WeChat waits for the target.
type Mode string

// The two modes.
const (
	Sync  Mode = "sync"  // the target's answer is passed to WeChat
	Async Mode = "async" // the push is delivered from the queue
)

const anything = "*"

// Pattern matches pushes by their kind. In a field, "" and "*" mean any value. InfoType speaks of
// authorization events, MsgType and Event of messages; a pattern is about the channel whose fields
// it fills, "*" included.
type Pattern struct{ InfoType, MsgType, Event string }

// component tells whether the pattern is about authorization events.
func (p Pattern) component() bool {
	return p.InfoType != "" && isAny(p.MsgType) && isAny(p.Event)
}

// biz tells whether the pattern is about messages and events of accounts.
func (p Pattern) biz() bool {
	return isAny(p.InfoType) && (p.MsgType != "" || p.Event != "")
}

// Empty tells whether the pattern matches nothing because it says nothing.
func (p Pattern) Empty() bool { return p == Pattern{} }

// Match tells whether the push is one of those meant.
func (p Pattern) Match(push *event.Push) bool {
	if push.Channel == event.Component {
		return p.component() && fits(p.InfoType, push.InfoType)
	}
	return p.biz() && fits(p.MsgType, push.MsgType) && fits(p.Event, push.Event)
}

// weight orders patterns that match the same push: the more it says, the more specific it is.
func (p Pattern) weight() int {
	const one, more = 1, 2
	w := 0
	if !isAny(p.InfoType) {
		w += more
	}
	if !isAny(p.MsgType) {
		w += one
	}
	if !isAny(p.Event) {
		w += more
	}
	return w
}

func isAny(s string) bool { return s == "" || s == anything }

func fits(pattern, value string) bool { return isAny(pattern) || pattern == value }

// Target is a program that gets pushes.
type Target struct {
	Key         string // "r12" for the target of a rule with port and path, "t3" for one of its own
	Name        string
	Address     Address
	Secrets     []Secret      // each signs every delivery
	Format      Format        // of the body; empty: as received
	Lists       []string      // paths of what is a list in JSON even with one entry
	SyncTimeout time.Duration // of a call that WeChat waits for
	Timeout     time.Duration // of a delivery from the queue
	Concurrency int           // deliveries at the same time, on each instance
	Rate        int           // deliveries a second, on each instance; 0 for no limit
	Ordered     bool          // a delivery waits for the one before it, on all instances
	Schedule    []time.Duration
	Paused      bool // deliveries wait
}

// Secret signs deliveries until it expires.
type Secret struct {
	Text      log.Secret
	ExpiresAt time.Time // zero: never
}

// Rule leads the pushes that match its pattern to its target. It is one of the kind that the
// template has; the most specific synchronous one answers.
type Rule struct {
	ID      int
	Name    string
	Pattern Pattern
	Mode    Mode
	Target  *Target
}

// Branch leads the pushes that meet its conditions to its targets. Branches are looked at in order,
// after the rules.
type Branch struct {
	ID         int64
	Name       string
	Conditions Conditions
	Mode       Mode // sync: the first target answers, unless a rule or branch before has one that does
	Stop       bool // no branch behind it is looked at
	Targets    []*Target
}

// Set is every rule in force, as one immutable snapshot.
type Set struct {
	rules    []Rule // most specific first, then by id
	branches []Branch
	tags     map[string][]string // by appid; of those that a branch speaks of
	targets  map[string]*Target
}

func newSet(rules []Rule, branches []Branch, tags map[string][]string, targets []*Target) *Set {
	s := &Set{rules: slices.Clone(rules), branches: branches, tags: tags, targets: make(map[string]*Target)}
	slices.SortStableFunc(s.rules, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(b.Pattern.weight(), a.Pattern.weight()), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range s.rules {
		s.targets[r.Target.Key] = r.Target
	}
	for _, t := range targets {
		s.targets[t.Key] = t
	}
	return s
}

// Route is where one push goes.
type Route struct {
	Sync  *Target   // asked while WeChat waits; nil for none
	Async []*Target // served from the queue
}

// add lets a target have the push, once.
func (r *Route) add(t *Target, mode Mode) {
	if t == r.Sync || slices.Contains(r.Async, t) {
		return
	}
	if mode == Sync && r.Sync == nil && !t.Paused {
		r.Sync = t
		return
	}
	r.Async = append(r.Async, t)
}

// Match finds where a push goes. Of the rules, the most specific synchronous one and all
// asynchronous ones count. Then the branches follow: a synchronous one whose target does not get to
// answer, because another does, delivers to it from the queue. No target gets a push twice.
func (s *Set) Match(p *event.Push) Route {
	var route Route
	if s == nil {
		return route
	}
	answered := false
	for i := range s.rules {
		r := &s.rules[i]
		if r.Mode == Sync && answered || !r.Pattern.Match(p) {
			continue
		}
		answered = answered || r.Mode == Sync
		route.add(r.Target, r.Mode)
	}
	tags := s.tagsOf(p)
	for i := range s.branches {
		b := &s.branches[i]
		if !b.Conditions.Match(p, tags) {
			continue
		}
		for _, t := range b.Targets {
			route.add(t, b.Mode)
		}
		if b.Stop {
			break
		}
	}
	return route
}

// tagsOf are the tags of the accounts that a push is about, of those that a branch speaks of.
func (s *Set) tagsOf(p *event.Push) []string {
	if len(s.tags) == 0 {
		return nil
	}
	return tagsOfAll(s.tags, p.AccountAppIDs())
}

// tagsOfAll are the tags that any of the accounts has.
func tagsOfAll(tags map[string][]string, appids []string) (all []string) {
	switch len(appids) {
	case 0:
		return tags[""]
	case 1:
		return tags[appids[0]]
	}
	for _, appid := range appids {
		all = append(all, tags[appid]...)
	}
	return all
}

// Target returns the target with the key, nil when it is gone or switched off.
func (s *Set) Target(key string) *Target {
	if s == nil {
		return nil
	}
	return s.targets[key]
}
