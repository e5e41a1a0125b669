package forward

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"wxcomponent/comm/wx/event"
)

// Bounds of the conditions of a rule.
const (
	maxAccounts  = 500
	maxTags      = 50
	maxTag       = 32 // characters
	maxFilters   = 20
	maxCondition = 200 // characters of one text
)

// Conditions say which pushes a rule is for; all of them have to be met. In the texts "*" stands
// for any number of any characters. Empty ones are met by every push.
type Conditions struct {
	Channel  event.Channel `json:"channel,omitempty"`  // component or biz
	Accounts []string      `json:"accounts,omitempty"` // one of these appids
	Tags     []string      `json:"tags,omitempty"`     // the account has one of these
	InfoType string        `json:"infoType,omitempty"`
	MsgType  string        `json:"msgType,omitempty"`
	Event    string        `json:"event,omitempty"`
	EventKey string        `json:"eventKey,omitempty"`
	Filters  []Filter      `json:"filters,omitempty"`
}

// Filter is a condition on the text of a field.
type Filter struct {
	Field string   `json:"field,omitempty"` // such as Content or ScanCodeInfo.ScanResult; empty: the whole body
	Op    FilterOp `json:"op"`
	Value string   `json:"value"`
}

// FilterOp is how a filter compares.
type FilterOp string

// The comparisons.
const (
	Contains    FilterOp = "contains"
	ContainsNot FilterOp = "notContains"
	Equals      FilterOp = "equals"
	EqualsNot   FilterOp = "notEquals"
	StartsWith  FilterOp = "startsWith"
	Like        FilterOp = "like" // with * for any characters
)

// Check is one condition and whether a push meets it.
type Check struct {
	Field   string `json:"field"`
	Wanted  string `json:"wanted"`
	Found   string `json:"found"`
	Entry   int    `json:"entry,omitempty"` // of a list, which entry Found is, from 1 on: the one that decided
	Matched bool   `json:"matched"`
}

// check refuses conditions that are out of bounds.
func (c Conditions) check() error {
	if c.Channel != "" && c.Channel != event.Component && c.Channel != event.Biz {
		return fieldError{"conditions.channel", "must be component or biz"}
	}
	if len(c.Accounts) > maxAccounts {
		return fieldError{"conditions.accounts", fmt.Sprintf("must be at most %d", maxAccounts)}
	}
	for _, a := range c.Accounts {
		if a == "" || len(a) > maxAppID {
			return fieldError{"conditions.accounts", "must be appids"}
		}
	}
	if len(c.Tags) > maxTags {
		return fieldError{"conditions.tags", fmt.Sprintf("must be at most %d", maxTags)}
	}
	for _, tag := range c.Tags {
		if n := utf8.RuneCountInString(tag); n == 0 || n > maxTag {
			return fieldError{"conditions.tags", fmt.Sprintf("must have 1 to %d characters", maxTag)}
		}
	}
	for field, text := range map[string]string{
		"infoType": c.InfoType, "msgType": c.MsgType, "event": c.Event, "eventKey": c.EventKey,
	} {
		if len(text) > maxCondition {
			return fieldError{"conditions." + field, fmt.Sprintf("must be at most %d characters", maxCondition)}
		}
	}
	return checkFilters(c.Filters)
}

func checkFilters(filters []Filter) error {
	if len(filters) > maxFilters {
		return fieldError{"conditions.filters", fmt.Sprintf("must be at most %d", maxFilters)}
	}
	for i, f := range filters {
		name := fmt.Sprintf("conditions.filters[%d]", i)
		if len(f.Field) > maxCondition || len(f.Value) > maxCondition || f.Value == "" {
			return fieldError{name, fmt.Sprintf("needs a value; texts have at most %d characters", maxCondition)}
		}
		switch f.Op {
		case Contains, ContainsNot, Equals, EqualsNot, StartsWith, Like:
		default:
			return fieldError{name + ".op", "must be contains, notContains, equals, notEquals, startsWith or like"}
		}
	}
	return nil
}

// Match tells whether a push meets all conditions. tags are those of the account that it is about,
// as far as conditions speak of them.
func (c *Conditions) Match(p *event.Push, tags []string) bool {
	return (c.Channel == "" || c.Channel == p.Channel) &&
		glob(c.InfoType, p.InfoType) && glob(c.MsgType, p.MsgType) && glob(c.Event, p.Event) &&
		glob(c.EventKey, p.EventKey) && c.matchAccount(p) && c.matchTags(tags) && c.matchFilters(p)
}

func (c *Conditions) matchAccount(p *event.Push) bool {
	if len(c.Accounts) == 0 {
		return true
	}
	appids := p.AccountAppIDs()
	if len(appids) == 0 {
		appids = []string{""} // "*" is met by a push about no account
	}
	return slices.ContainsFunc(appids, func(appid string) bool {
		return slices.ContainsFunc(c.Accounts, func(pattern string) bool { return glob(pattern, appid) })
	})
}

func (c *Conditions) matchTags(tags []string) bool {
	return len(c.Tags) == 0 || slices.ContainsFunc(c.Tags, func(tag string) bool { return slices.Contains(tags, tag) })
}

func (c *Conditions) matchFilters(p *event.Push) bool {
	for i := range c.Filters {
		if matched, _, _ := c.Filters[i].match(p); !matched {
			return false
		}
	}
	return true
}

// match tells whether a push meets the filter, and what decided: the text, and of a list which entry it
// was, from 1 on. A list contains what one of its entries contains.
func (f *Filter) match(p *event.Push) (matched bool, found string, entry int) {
	values := []string{p.Body}
	if f.Field != "" {
		values = p.Values(f.Field)
	}
	if len(values) < 2 {
		if len(values) == 1 {
			found = values[0]
		}
		return f.fits(found), found, 0
	}
	negative := f.Op == ContainsNot || f.Op == EqualsNot
	for i, value := range values {
		if f.fits(value) != negative {
			return !negative, value, i + 1
		}
	}
	return negative, values[0], 1
}

func (f *Filter) fits(text string) bool {
	switch f.Op {
	case Contains:
		return strings.Contains(text, f.Value)
	case ContainsNot:
		return !strings.Contains(text, f.Value)
	case Equals:
		return text == f.Value
	case EqualsNot:
		return text != f.Value
	case StartsWith:
		return strings.HasPrefix(text, f.Value)
	case Like:
		return glob(f.Value, text)
	}
	return false
}

// Explain tells of every condition that says something whether a push meets it. All are met
// exactly when Match is true.
func (c *Conditions) Explain(p *event.Push, tags []string) []Check {
	checks := []Check{}
	add := func(field, wanted, found string, ok bool) {
		if wanted != "" {
			checks = append(checks, Check{Field: field, Wanted: wanted, Found: clip(found, maxCondition), Matched: ok})
		}
	}
	add("channel", string(c.Channel), string(p.Channel), c.Channel == p.Channel)
	add("account", strings.Join(c.Accounts, ", "), strings.Join(p.AccountAppIDs(), ", "), c.matchAccount(p))
	add("tags", strings.Join(c.Tags, ", "), strings.Join(tags, ", "), c.matchTags(tags))
	add("infoType", c.InfoType, p.InfoType, glob(c.InfoType, p.InfoType))
	add("msgType", c.MsgType, p.MsgType, glob(c.MsgType, p.MsgType))
	add("event", c.Event, p.Event, glob(c.Event, p.Event))
	add("eventKey", c.EventKey, p.EventKey, glob(c.EventKey, p.EventKey))
	for i := range c.Filters {
		f := &c.Filters[i]
		name := f.Field
		if name == "" {
			name = "body"
		}
		matched, found, entry := f.match(p)
		checks = append(checks, Check{name, string(f.Op) + " " + f.Value, clip(found, maxCondition), entry, matched})
	}
	return checks
}

// glob matches text against a pattern in which "*" stands for any characters; an empty pattern
// matches everything. Its cost is bounded by the product of the lengths.
func glob(pattern, text string) bool {
	if pattern == "" || pattern == anything {
		return true
	}
	head, rest, found := strings.Cut(pattern, anything)
	if !found {
		return pattern == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	for {
		part, next, more := strings.Cut(rest, anything)
		if !more {
			return strings.HasSuffix(text, part)
		}
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(part):], next
	}
}
