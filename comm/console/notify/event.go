package notify

import (
	"slices"
	"strings"
	"time"
)

// EventKind is what an event is about.
type EventKind string

// What people can be told of.
const (
	AccountAuthorized   EventKind = "account.authorized"
	AccountUnauthorized EventKind = "account.unauthorized"
	AuditApproved       EventKind = "audit.approved"
	AuditRejected       EventKind = "audit.rejected"
	AuditDelayed        EventKind = "audit.delayed"
	ReviewPassed        EventKind = "review.passed" // of something else than code, such as the privacy statement
	ReviewRefused       EventKind = "review.refused"
	ReviewDelayed       EventKind = "review.delayed"
	TicketMissing       EventKind = "ticket.missing" // WeChat has not pushed one for a long time
	TicketRecovered     EventKind = "ticket.recovered"
	TokenFailing        EventKind = "token.failing" // the platform's, or an account's, cannot be renewed
	TokenRecovered      EventKind = "token.recovered"
	TargetFailing       EventKind = "target.failing" // of forwarding
	TargetPaused        EventKind = "target.paused"
	TargetRecovered     EventKind = "target.recovered"
)

// Kinds returns all kinds of events in the order in which a message tells of them: what has to be
// done something about comes first.
func Kinds() []EventKind {
	return []EventKind{
		TicketMissing, TokenFailing, TargetPaused, TargetFailing, AuditRejected, ReviewRefused, AccountUnauthorized, AuditDelayed,
		ReviewDelayed, AuditApproved, ReviewPassed, AccountAuthorized, TicketRecovered, TokenRecovered, TargetRecovered,
	}
}

// Event is something that people may want to know.
type Event struct {
	Kind    EventKind `json:"kind"`
	Key     string    `json:"key"` // the same whenever the event is noticed, different for every event
	At      time.Time `json:"at"`
	Since   time.Time `json:"since,omitzero"`    // when the trouble began
	AppID   string    `json:"appid,omitempty"`   // of the account it is about
	Subject string    `json:"subject,omitempty"` // name of what else it is about, such as a target
	Reason  string    `json:"reason,omitempty"`  // may hold HTML and come from outside
	BySync  bool      `json:"bySync,omitempty"`  // found when comparing with WeChat's list
}

func splitKinds(text string) []EventKind {
	var kinds []EventKind
	for name := range strings.SplitSeq(text, ",") {
		if kind := EventKind(name); slices.Contains(Kinds(), kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func joinKinds(kinds []EventKind) string {
	names := make([]string, 0, len(kinds))
	for _, kind := range Kinds() { // each once, in the usual order
		if slices.Contains(kinds, kind) {
			names = append(names, string(kind))
		}
	}
	return strings.Join(names, ",")
}
