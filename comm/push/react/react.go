// Package react is what the service does about a push after it has been stored: one table of
// reactions, one entry for each InfoType and Event that means something to it.
//
// Plan says, when a push is stored, whether there is anything to do; the work is stored with the
// push and handled later by Handle, on any instance. A new reaction is a line in a table and a
// function.
package react

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/weapp"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Kind names the follow-up work of pushes in the queue.
const Kind = "handle"

// maxAppID is the longest appid that an account can have.
const maxAppID = 32

// Accounts are told what became of accounts.
type Accounts interface {
	Authorized(ctx context.Context, ev authorizer.AuthEvent) error
	Unauthorized(ctx context.Context, appid string, at time.Time) error
}

// Audits are told that a review of a mini program seems to have ended: they ask WeChat which.
type Audits interface {
	AuditResult(ctx context.Context, appid string, outcome weapp.AuditOutcome) error
}

// Sealer encrypts payloads at rest: they hold authorization codes.
type Sealer interface {
	Seal(plain, aad string) (string, error)
	Open(sealed, aad string) (string, error)
}

// Deps are what a Handler works with.
type Deps struct {
	Accounts Accounts
	Audits   Audits // nil: events of audits are left alone
	Sealer   Sealer
	Log      *zap.Logger
}

// Handler plans and runs reactions.
type Handler struct {
	deps      Deps
	component map[string]reaction // by InfoType in lower case
	biz       map[string]reaction // by Event in lower case
}

// New returns the handler with all reactions.
func New(deps Deps) *Handler {
	h := &Handler{deps: deps}
	h.component, h.biz = h.componentReactions(), h.bizReactions()
	return h
}

// Push is what a reaction is given: the part of a push that it asked for.
type Push struct {
	Channel    event.Channel
	Name       string // InfoType or Event, in lower case
	AppID      string // of the account
	CreatedAt  time.Time
	ReceivedAt time.Time
	Fields     map[string]string
}

// at is when the event happened, as far as is known.
func (p *Push) at() time.Time { return p.notLater(p.CreatedAt) }

// notLater is a time that the push tells, but when it arrived where that is not told or later: an event
// from the future would otherwise count as newer than all that come after it.
func (p *Push) notLater(t time.Time) time.Time {
	if t.IsZero() || !p.ReceivedAt.IsZero() && t.After(p.ReceivedAt) {
		return p.ReceivedAt
	}
	return t
}

// Plan returns the follow-up work of a push, none for most. It only looks at the push.
func (h *Handler) Plan(p *event.Push) []model.Work {
	r, name, ok := h.find(p)
	appid := p.AccountAppID()
	if !ok || appid == "" || len(appid) > maxAppID || r.only != nil && !r.only(p) {
		return nil
	}
	follow := Push{
		Channel: p.Channel, Name: name, AppID: appid,
		CreatedAt: p.CreatedAt, ReceivedAt: p.ReceivedAt, Fields: map[string]string{},
	}
	for _, field := range r.fields {
		if v := p.Field(field); v != "" {
			follow.Fields[field] = v
		}
	}
	item := queue.Item{Kind: Kind, Key: Kind + ":" + p.Identity(), Payload: h.seal(follow)}
	work, err := item.Work()
	if err != nil { // a text always makes a payload
		h.deps.Log.Error("follow-up work of a push could not be planned", zap.String("name", name), zap.Error(err))
		return nil
	}
	return []model.Work{work}
}

func (h *Handler) find(p *event.Push) (r reaction, name string, ok bool) {
	switch {
	case p.Channel == event.Component:
		name = strings.ToLower(p.InfoType)
		r, ok = h.component[name]
	case p.Channel == event.Biz && strings.EqualFold(p.MsgType, "event"):
		name = strings.ToLower(p.Event)
		r, ok = h.biz[name]
	}
	return r, name, ok
}

// QueueKind is the kind of work that Plan makes.
//
// A reaction that fails is tried again for more than a day: only the reaction itself knows when there
// is no more hope, as with an authorization code that has expired.
func (h *Handler) QueueKind() queue.Kind {
	return queue.Kind{
		Name: Kind, Concurrency: 8, Timeout: time.Minute, MaxAttempts: 2000, Handle: h.Handle,
		Backoff: queue.Steps(time.Second, 2*time.Second, 5*time.Second, 10*time.Second, 20*time.Second, 30*time.Second, time.Minute),
	}
}

// Handle runs the reaction that an item stands for.
func (h *Handler) Handle(ctx context.Context, task *queue.Task) error {
	p, err := h.open(task)
	if err != nil {
		return err
	}
	table := h.component
	if p.Channel == event.Biz {
		table = h.biz
	}
	r, ok := table[p.Name]
	if !ok { // planned by a newer version that ran beside this one
		return queue.RetryAfter(time.Minute, fmt.Errorf("no reaction to %q in this version", p.Name))
	}
	if err := r.run(ctx, p); err != nil {
		return fmt.Errorf("%s of %s: %w", p.Name, p.AppID, err)
	}
	return nil
}

// seal makes the payload. Should sealing fail, the payload is stored as it is: the push beside it
// holds the same fields, and losing the event would be worse.
func (h *Handler) seal(p Push) string {
	plain, err := json.Marshal(p)
	if err != nil {
		return "" // texts and times always encode
	}
	sealed, err := h.deps.Sealer.Seal(string(plain), Kind)
	if err != nil {
		h.deps.Log.Error("the follow-up work of a push could not be encrypted", zap.Error(err))
		return string(plain)
	}
	return sealed
}

func (h *Handler) open(task *queue.Task) (*Push, error) {
	plain, err := h.deps.Sealer.Open(task.Payload, Kind)
	if err != nil {
		return nil, fmt.Errorf("decrypt the payload: %w", err)
	}
	var p Push
	if err := json.Unmarshal([]byte(plain), &p); err != nil {
		return nil, queue.Dead(fmt.Errorf("read the payload: %w", err))
	}
	return &p, nil
}
