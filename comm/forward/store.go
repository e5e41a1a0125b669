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
	TargetStore
	DeliveryStore
	LogStore
}

// RuleStore keeps rules. Each change raises the revision in its own transaction, so that every
// instance follows.
type RuleStore interface {
	RuleGet(ctx context.Context, id int) (model.Rule, error)
	RuleList(ctx context.Context, kind, offset, limit int) (rules []model.Rule, total int64, err error)
	RuleOpenList(ctx context.Context) ([]model.Rule, error)
	// RuleCreate fails with model.ErrDuplicate when the rule's InfoType, MsgType and Event are taken.
	RuleCreate(ctx context.Context, rule model.Rule) (id int, err error)
	// RuleUpdate fails with model.ErrNotFound or model.ErrDuplicate.
	RuleUpdate(ctx context.Context, rule model.Rule) error
	// RuleDelete fails with model.ErrNotFound.
	RuleDelete(ctx context.Context, id int) error
	// ForwardRuleClose switches a rule off.
	ForwardRuleClose(ctx context.Context, id int) error
}

// TargetStore keeps targets and the branches that lead to them. Each change raises the revision.
// What is missing is model.ErrNotFound.
type TargetStore interface {
	ForwardTargetList(ctx context.Context) ([]model.ForwardTarget, error)
	ForwardTargetGet(ctx context.Context, id int64) (model.ForwardTarget, error)
	ForwardTargetCreate(ctx context.Context, t model.ForwardTarget, secret string) (int64, error)
	ForwardTargetUpdate(ctx context.Context, t model.ForwardTarget) error
	ForwardTargetPause(ctx context.Context, id int64, paused bool, reason string) error
	ForwardTargetDelete(ctx context.Context, id int64) error
	ForwardSecretList(ctx context.Context) ([]model.ForwardSecret, error)
	ForwardSecretRotate(ctx context.Context, targetID int64, secret string, overlap time.Duration) error
	ForwardRuleList(ctx context.Context) ([]model.ForwardRule, error)
	ForwardRuleCreate(ctx context.Context, r model.ForwardRule) (int64, error)
	ForwardRuleUpdate(ctx context.Context, r model.ForwardRule) error
	ForwardRuleDelete(ctx context.Context, id int64) error
	ForwardRuleOrder(ctx context.Context, ids []int64) error
	// AccountsTagged returns, by appid, which of the tags an account has.
	AccountsTagged(ctx context.Context, tags []string) (map[string][]string, error)
	// AccountTagsOf returns all tags of the accounts, by appid.
	AccountTagsOf(ctx context.Context, appids []string) (map[string][]string, error)
}

// LogStore reads what was received and delivered, and keeps statistics.
type LogStore interface {
	ComponentRecordGet(ctx context.Context, id int64) (model.ComponentRecord, error)
	BizRecordGet(ctx context.Context, id int64) (model.BizRecord, error)
	ComponentRecordList(ctx context.Context, f model.ComponentRecordFilter) (model.Page[model.ComponentRecord], error)
	BizRecordList(ctx context.Context, f model.BizRecordFilter) (model.Page[model.BizRecord], error)
	AttemptList(ctx context.Context, f model.AttemptFilter) (model.Page[model.Attempt], error)
	ForwardList(ctx context.Context, f model.DeliveryFilter) (model.Page[model.Work], error)
	ForwardOf(ctx context.Context, identity string) ([]model.Work, error)
	ForwardDead(ctx context.Context, kind string, from, to time.Time, beyond int64, limit int) ([]model.Work, error)
	ForwardStatAdd(ctx context.Context, stats []model.ForwardStat) error
	ForwardStatSeries(ctx context.Context, target string, from, to time.Time, step time.Duration) ([]model.ForwardStat, error)
	ForwardSpan(ctx context.Context, target string) (model.ForwardSpan, error)
	// ForwardCounts counts deliveries of the kinds, those of each kind and state up to 10 001.
	ForwardCounts(ctx context.Context, kinds []string) (model.DeliveryCounts, error)
	WorkGet(ctx context.Context, id int64) (model.Work, error)
	WorkCancel(ctx context.Context, id int64) (bool, error)
	OutcomeStore
	// ForwardPushes returns stored pushes, oldest first.
	ForwardPushes(ctx context.Context, r model.PushRange) ([]model.BizRecord, error)
}

// OutcomeStore tells what became of pushes, and how much there is to do.
type OutcomeStore interface {
	AttemptTargets(ctx context.Context) ([]string, error)
	AttemptFailures(ctx context.Context, targets []string, to time.Time, cursor string, limit int) ([]model.FailedCall, string, error)
	ForwardPayloads(ctx context.Context, identities []string) (map[string]string, error)
	ForwardStates(ctx context.Context, identities []string) (map[string]model.PushState, error)
	ForwardOldest(ctx context.Context, kinds []string) (time.Time, error)
	// ForwardDeadCount counts among so many of the newest, and tells whether there are others.
	ForwardDeadCount(ctx context.Context, kind string, from, to time.Time, most int) (n int64, more bool, err error)
	// PushRangeCount counts up to a number.
	PushRangeCount(ctx context.Context, r model.PushRange, most int) (int64, error)
}

// DeliveryStore keeps deliveries, which are work, and the record of their attempts.
type DeliveryStore interface {
	// ForwardDue returns, for each kind that has unfinished work, how long it takes until some of it
	// is due; not above zero when some is due now.
	ForwardDue(ctx context.Context, kinds []string) (map[string]time.Duration, error)
	// WorkBundles returns the lists of kinds that bundled work waits for, and how long ago pushes came
	// in crowds that went before all work; far more than a day if there is no sign of that.
	WorkBundles(ctx context.Context) (lists [][]string, crowd time.Duration, err error)
	// WorkUnbundle puts in the work of the oldest bundles for such a list, of limit pushes or those of
	// one bundle at least, and returns of how many; 0 as well when another instance does the same just
	// now.
	WorkUnbundle(ctx context.Context, kinds []string, limit int) (int, error)
	// WorkBundleDrop takes a kind out of up to limit bundles that were made before the time, and
	// returns how many bundles they were.
	WorkBundleDrop(ctx context.Context, kind string, before time.Time, limit int) (int64, error)
	// WorkDue counts the work of each kind that is due, up to limit.
	WorkDue(ctx context.Context, kinds []string, limit int) (map[string]int, error)
	// ForwardRecord writes attempts and what became of their work in one transaction, and tells for
	// each whether its work was still held. Attempts of work that was not are recorded all the same.
	ForwardRecord(ctx context.Context, outcomes []model.Outcome) (held []bool, err error)
	// ForwardPromote makes ready work of one kind that has waited for at least the given time work
	// of another kind, due now, and returns how much it was.
	ForwardPromote(ctx context.Context, from, to string, waited time.Duration, limit int) (int64, error)
	// ForwardPromoteKey does so for the unfinished item of the kind with the key.
	ForwardPromoteKey(ctx context.Context, key, from, to string) error
	// ForwardTakeFirst leases the first unfinished item of a kind, in the order they were put in, when
	// it is due; none while the first is leased or waits.
	ForwardTakeFirst(ctx context.Context, kind, owner string, lease time.Duration) ([]model.Work, error)
	ForwardAdd(ctx context.Context, items []model.Work) error
	// ForwardAgain makes a delivery that has not ended well due at once, from the beginning of its
	// schedule. False means that it is being made or has ended well.
	ForwardAgain(ctx context.Context, id int64, progress string) (bool, error)
	// ForwardKinds returns the kinds of work with a prefix.
	ForwardKinds(ctx context.Context, prefix string) ([]string, error)
	// ForwardDrop cancels unfinished work of a kind that was put in before the time, at most limit of it.
	ForwardDrop(ctx context.Context, kind string, before time.Time, limit int) (int64, error)
	// Now is the database's clock.
	Now(ctx context.Context) (time.Time, error)
}
