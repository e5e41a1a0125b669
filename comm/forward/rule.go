package forward

import (
	"cmp"
	"slices"
	"time"

	"wxcomponent/comm/event"
	"wxcomponent/comm/log"
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
	Key         string // "r12" for the target of a rule with port and path
	Name        string
	Address     Address
	Secrets     []log.Secret  // each signs every delivery
	SyncTimeout time.Duration // of a call that WeChat waits for
	Timeout     time.Duration // of a delivery from the queue
	Concurrency int           // deliveries at the same time, on each instance
	Schedule    []time.Duration
}

// Rule leads the pushes that match its pattern to its target.
type Rule struct {
	ID      int
	Name    string
	Pattern Pattern
	Mode    Mode
	Target  *Target
}

// Set is every rule in force, as one immutable snapshot.
type Set struct {
	rules   []Rule // most specific first, then by id
	targets map[string]*Target
}

func newSet(rules []Rule) *Set {
	s := &Set{rules: slices.Clone(rules), targets: make(map[string]*Target)}
	slices.SortStableFunc(s.rules, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(b.Pattern.weight(), a.Pattern.weight()), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range s.rules {
		s.targets[r.Target.Key] = r.Target
	}
	return s
}

// Route is where one push goes.
type Route struct {
	Sync  *Target   // asked while WeChat waits; nil for none
	Async []*Target // served from the queue
}

// Match finds where a push goes: to the target of the most specific synchronous rule, and to those
// of all asynchronous ones. No target gets a push twice.
func (s *Set) Match(p *event.Push) Route {
	var route Route
	if s == nil {
		return route
	}
	for _, r := range s.rules {
		if !r.Pattern.Match(p) {
			continue
		}
		if r.Mode == Async {
			route.Async = append(route.Async, r.Target)
		} else if route.Sync == nil {
			route.Sync = r.Target
		}
	}
	return route
}

// Target returns the target with the key, nil when it is gone or switched off.
func (s *Set) Target(key string) *Target {
	if s == nil {
		return nil
	}
	return s.targets[key]
}
