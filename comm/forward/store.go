package forward

import (
	"context"
	"time"

	"wxcomponent/comm/queue"
	"wxcomponent/db/model"
)

// Store is the tables that forwarding works on.
type Store interface {
	queue.Store
	RuleStore
	DeliveryStore
}

// RuleStore keeps rules. Each change raises the revision in its own transaction, so that every
// instance follows.
type RuleStore interface {
	RuleGet(ctx context.Context, id int) (model.Rule, error)
	RuleList(ctx context.Context, kind, offset, limit int) (rules []model.Rule, total int64, err error)
	RuleOpenList(ctx context.Context) ([]model.Rule, error)
	// RuleCreate fails with dao.ErrDuplicate when the rule's InfoType, MsgType and Event are taken.
	RuleCreate(ctx context.Context, rule model.Rule) (id int, err error)
	// RuleUpdate fails with dao.ErrNotFound or dao.ErrDuplicate.
	RuleUpdate(ctx context.Context, rule model.Rule) error
	// RuleDelete fails with dao.ErrNotFound.
	RuleDelete(ctx context.Context, id int) error
	// ForwardRuleClose switches a rule off.
	ForwardRuleClose(ctx context.Context, id int) error
}

// DeliveryStore keeps deliveries, which are work, and the record of their attempts.
type DeliveryStore interface {
	// ForwardDue returns, for each kind that has unfinished work, how long it takes until some of it
	// is due; not above zero when some is due now.
	ForwardDue(ctx context.Context, kinds []string) (map[string]time.Duration, error)
	// ForwardRecord writes attempts and what became of their work in one transaction, and tells for
	// each whether its work was still held. Attempts of work that was not are recorded all the same.
	ForwardRecord(ctx context.Context, outcomes []model.Outcome) (held []bool, err error)
	// ForwardPromote makes ready work of one kind that has waited for at least the given time work
	// of another kind, due now, and returns how much it was.
	ForwardPromote(ctx context.Context, from, to string, waited time.Duration, limit int) (int64, error)
	// ForwardPromoteKey does so for the unfinished item of the kind with the key.
	ForwardPromoteKey(ctx context.Context, key, from, to string) error
	// ForwardDrop cancels unfinished work of a kind that was put in before the time, at most limit of it.
	ForwardDrop(ctx context.Context, kind string, before time.Time, limit int) (int64, error)
	// Now is the database's clock.
	Now(ctx context.Context) (time.Time, error)
}
