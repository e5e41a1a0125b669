package notify

import (
	"context"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"time"
	"unicode"

	"wxcomponent/db/model"
)

// What fits into a message.
const (
	listed     = 5    // events of a kind that are named
	nameMax    = 40   // characters of an account's or target's name
	reasonMax  = 400  // characters of the reason of a single event
	shortMax   = 60   // and of one in a list
	robotBytes = 4096 // of WeCom's markdown; the others take 20 kB
	titleMax   = 60   // characters of a title
)

// message is what one call tells a channel.
type message struct {
	id     string
	events []Event
	missed int               // earlier events that were given up
	names  map[string]string // of accounts, by appid
	test   bool

	level       level
	title, body string // body is Markdown, without the title
}

// compose puts a message into words.
func (s *Service) compose(ctx context.Context, m *message, channel *model.NotifyChannel) error {
	w := wordsOf(channel.Language)
	groups := groupsOf(m.events)
	for _, group := range groups {
		named := group
		if channel.Kind != Webhook {
			named = group[:min(len(group), listed)]
		}
		if err := s.nameAccounts(ctx, m, named); err != nil {
			return err
		}
		m.level = max(m.level, w.of[group[0].Kind].level)
	}
	fitInto(m, w, s.set.Get().base)
	return nil
}

// fitInto writes title and body, and names fewer events where that is too much for a robot.
func fitInto(m *message, w *words, base string) {
	groups := groupsOf(m.events)
	m.title = cut(w.product+titleOf(w, m, groups), titleMax)
	for most := listed; most >= 0; most-- {
		m.body = strings.Join(bodyOf(w, m, groups, base, most), "\n")
		if len(m.title)+len(m.body)+len("****\n") <= robotBytes {
			return
		}
	}
}

// groupsOf sorts events by kind, in the order of Kinds.
func groupsOf(events []Event) [][]Event {
	byKind := map[EventKind][]Event{}
	for _, e := range events {
		byKind[e.Kind] = append(byKind[e.Kind], e)
	}
	groups := [][]Event{}
	for _, kind := range Kinds() {
		if len(byKind[kind]) > 0 {
			groups = append(groups, byKind[kind])
		}
	}
	return groups
}

// nameAccounts looks up the names of the events' accounts. One that is not known goes by its appid.
func (s *Service) nameAccounts(ctx context.Context, m *message, events []Event) error {
	for _, e := range events {
		if _, known := m.names[e.AppID]; known || e.AppID == "" {
			continue
		}
		row, err := s.deps.Store.AuthorizerGet(ctx, e.AppID)
		if err != nil && !errors.Is(err, model.ErrNotFound) {
			return fmt.Errorf("look up the name of an account: %w", err)
		}
		m.names[e.AppID] = row.NickName
	}
	return nil
}

func titleOf(w *words, m *message, groups [][]Event) string {
	switch {
	case len(groups) == 0:
		return fmt.Sprintf(w.missed, m.missed)
	case len(groups) > 1:
		return fmt.Sprintf(w.mixed, len(m.events))
	case len(groups[0]) > 1:
		return fmt.Sprintf(w.of[groups[0][0].Kind].many, len(groups[0]))
	}
	e := groups[0][0]
	title := w.of[e.Kind].one
	if name := shortName(w, m, e); name != "" {
		title += w.colon + name
	}
	return title
}

func bodyOf(w *words, m *message, groups [][]Event, base string, most int) []string {
	var lines []string
	page := pageNotify
	switch {
	case len(groups) == 1 && len(groups[0]) == 1:
		e := groups[0][0]
		lines = single(w, m, e)
		page = w.of[e.Kind].page
		if page == pageVersion {
			page += "?appId=" + e.AppID
		}
	case len(groups) == 1:
		lines = list(w, m, groups[0], most)
		page = w.of[groups[0][0].Kind].page
		if page == pageVersion {
			page = pageAccounts
		}
	default:
		for _, group := range groups {
			lines = append(lines, bold(heading(w, group)))
			lines = append(lines, list(w, m, group, most)...)
		}
	}
	if m.missed > 0 && len(groups) > 0 {
		lines = append(lines, fmt.Sprintf(w.missed, m.missed))
	}
	if base != "" {
		lines = append(lines, "["+w.page+"]("+base+"/"+page+")")
	}
	return lines
}

func heading(w *words, group []Event) string {
	of := w.of[group[0].Kind]
	if len(group) == 1 {
		return of.one
	}
	return fmt.Sprintf(of.many, len(group))
}

// single is everything about one event.
func single(w *words, m *message, e Event) []string {
	var lines []string
	line := func(label, text string) {
		if text != "" {
			lines = append(lines, bold(label)+w.colon+text)
		}
	}
	subject, label := whole(w, m, e), w.account
	if e.AppID == "" && e.Subject != "" {
		label = w.target
	}
	line(label, subject)
	line(w.at, clock(w, e.At, "2006-01-02 15:04:05"))
	if !e.Since.IsZero() {
		line(w.since, clock(w, e.Since, "2006-01-02 15:04:05"))
	}
	reason := safe(plainReason(e.Reason), reasonMax)
	if e.BySync {
		reason = w.bySync
	}
	line(w.why, reason)
	line(w.do, w.of[e.Kind].advice)
	return lines
}

// list names the first events of a kind and says how many more there are.
func list(w *words, m *message, group []Event, most int) []string {
	var lines []string
	for _, e := range group[:min(len(group), most)] {
		text := "- " + clock(w, e.At, "01-02 15:04")
		if subject := whole(w, m, e); subject != "" {
			text = "- " + subject + w.comma + clock(w, e.At, "01-02 15:04")
		}
		if reason := safe(plainReason(e.Reason), shortMax); reason != "" {
			text += w.comma + reason
		}
		lines = append(lines, text)
	}
	if rest := len(group) - most; rest > 0 {
		lines = append(lines, "- "+fmt.Sprintf(w.more, rest))
	}
	return lines
}

// whole is an account with its appid, or the name of what else an event is about.
func whole(w *words, m *message, e Event) string {
	name := shortName(w, m, e)
	if e.AppID == "" || name == e.AppID {
		return name
	}
	return name + w.open + e.AppID + w.shut
}

func shortName(w *words, m *message, e Event) string {
	switch {
	case e.AppID != "":
		if name := safe(m.names[e.AppID], nameMax); name != "" {
			return name
		}
		return e.AppID
	case e.Kind == TokenFailing || e.Kind == TokenRecovered:
		return w.platform
	}
	return safe(e.Subject, nameMax)
}

// clock gives a time in China's, which readers anywhere can tell from their own by the offset.
func clock(w *words, at time.Time, layout string) string {
	const hours = 8
	return at.In(time.FixedZone("UTC+8", hours*60*60)).Format(layout) + w.open + "UTC+8" + w.shut
}

func bold(text string) string { return "**" + text + "**" }

// plainReason takes the HTML out of a reason that WeChat gave.
func plainReason(reason string) string {
	tag := regexp.MustCompile(`<[^<>]{0,200}>`)
	return html.UnescapeString(tag.ReplaceAllString(reason, " "))
}

// safe is a text from outside on one line and of at most max characters, in which nothing is read as
// Markdown, a link or a mention: what could be becomes its full-width likeness.
func safe(text string, max int) string {
	likeness := strings.NewReplacer("<", "＜", ">", "＞", "[", "［", "]", "］", "*", "＊", "`", "'", "~", "～", "#", "＃", "|", "｜")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return cut(likeness.Replace(strings.Join(strings.Fields(text), " ")), max)
}

// cut leaves at most max characters.
func cut(text string, max int) string {
	runes := []rune(text)
	if len(runes) <= max {
		return text
	}
	return string(runes[:max-1]) + "…"
}
