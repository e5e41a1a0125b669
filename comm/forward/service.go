package forward

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"wxcomponent/comm/live"
	"wxcomponent/comm/log"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Deps are what forwarding works with.
type Deps struct {
	Store   Store
	Sealer  Sealer
	Log     *zap.Logger
	Metrics prometheus.Registerer
	Guard   outgoing.Limits // which addresses may be reached
	Owner   string          // names this instance; different for every process
	Version string          // of this program, told to targets
	// TextMode is the form of samples: JSON on cloud hosting, XML elsewhere.
	TextMode payload.Format
	// Schedule is the pauses of a delivery that fails; nil means the usual one. Its first entry is
	// the pause before the first attempt.
	Schedule []time.Duration
	Rest     time.Duration // of a target that keeps failing; 0 means the usual one
	// SyncTimeout is the most that WeChat waits for a target, StoreTimeout the limit of a statement; 0
	// means the usual ones.
	SyncTimeout, StoreTimeout time.Duration
	// PauseAfter is how long a target of its own may fail before it is paused; 0 means five days.
	PauseAfter time.Duration
	// Notify is told what people should know of a target; nil tells nobody.
	Notify func(ctx context.Context, n Notice)
	// MiniProgram tells whether an account is known to be a mini program, whose pushes have other
	// replies; nil knows none. It is asked while WeChat waits.
	MiniProgram func(ctx context.Context, appid string) bool
	// Transport stands around what calls targets; nil for nothing.
	Transport func(http.RoundTripper) http.RoundTripper
	Now       func() time.Time
}

// Service forwards pushes.
type Service struct {
	deps     Deps
	guard    *outgoing.Guard
	sender   *sender
	messages codec
	set      *live.Value[*Set]
	ledger   *ledger
	metrics  metrics
	calls    *calls
	wake     chan struct{}

	stats *stats
	made  atomic.Int64 // calls of targets from the queue since they were last counted

	mu     sync.Mutex
	states map[string]*targetState // by the key of the target
	after  sync.WaitGroup          // what goes on after a push was answered
}

// New returns a service that delivers nothing until Run. Its rules come with the first Refresh of
// Live.
func New(d Deps) *Service {
	if d.Schedule == nil {
		d.Schedule = usualSchedule()
	}
	if d.Rest <= 0 {
		d.Rest = breakerRest
	}
	if d.SyncTimeout <= 0 {
		d.SyncTimeout = syncTimeout
	}
	if d.StoreTimeout <= 0 {
		d.StoreTimeout = storeTimeout
	}
	if d.PauseAfter <= 0 {
		d.PauseAfter = pauseAfter
	}
	s := &Service{
		deps: d, messages: codec{sealer: d.Sealer}, guard: outgoing.NewGuard(d.Guard), metrics: newMetrics(d.Metrics),
		calls: newCalls(), wake: make(chan struct{}, 1), stats: newStats(), states: make(map[string]*targetState),
	}
	s.ledger = newLedger(d.Store, d.StoreTimeout, s.Nudge)
	s.sender = newSender(s.guard, d)
	s.set = live.NewValue(s.load)
	return s
}

// usualSchedule is some ten attempts in two days: dense while a target restarts, thin while it is
// being mended.
func usualSchedule() []time.Duration {
	return []time.Duration{
		0, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	}
}

// Live is the snapshot of the rules, to register with the watcher.
func (s *Service) Live() *live.Value[*Set] { return s.set }

// load reads the rules that are switched on. One that cannot be used, because another program wrote
// it, is left out.
func (s *Service) load(ctx context.Context) (*Set, error) {
	rows, err := s.deps.Store.RuleOpenList(ctx)
	if err != nil {
		return nil, fmt.Errorf("load rules: %w", err)
	}
	rules := make([]Rule, 0, len(rows))
	for _, row := range rows {
		rule, err := s.rule(row)
		if err != nil {
			log.From(ctx, s.deps.Log).Warn("a forwarding rule cannot be used", zap.Int("rule", row.ID), zap.Error(err))
			continue
		}
		rules = append(rules, rule)
	}
	targets, err := s.ownTargets(ctx)
	if err != nil {
		return nil, err
	}
	branches, err := s.openBranches(ctx, targets)
	if err != nil {
		return nil, err
	}
	tags, err := s.deps.Store.AccountsTagged(ctx, tagsIn(branches))
	if err != nil {
		return nil, fmt.Errorf("load the tags of accounts: %w", err)
	}
	return newSet(rules, branches, tags, targets), nil
}

// Kinds of work: deliveries to a target, and those that a synchronous call stands before. Each
// target has kinds of its own, so that what waits for one is never in the way of another.
const (
	deliverKind = "deliver:"
	holdKind    = "hold:"
)

// IsDelivery tells whether work of a kind is a delivery.
func IsDelivery(kind string) bool {
	return strings.HasPrefix(kind, deliverKind) || strings.HasPrefix(kind, holdKind)
}

// deliveryKey finds the delivery behind a synchronous call.
func deliveryKey(identity, target string) string { return identity + "/" + target }

// Plan returns the deliveries of a push, to be stored together with it.
func (s *Service) Plan(p *event.Push) []model.Work {
	route := s.set.Get().Match(p)
	if route.Sync == nil && len(route.Async) == 0 {
		return nil
	}
	m := newMessage(p)
	text, err := s.messages.encode(&m)
	if err != nil { // cannot happen: it is made of strings
		s.deps.Log.Error("cannot plan deliveries", zap.Error(err))
		return nil
	}
	work := make([]model.Work, 0, 1+len(route.Async))
	if route.Sync != nil {
		work = append(work, delivery(holdKind, route.Sync, m.Identity, text))
	}
	for _, t := range route.Async {
		work = append(work, delivery(deliverKind, t, m.Identity, text))
	}
	return work
}

// delivery is the row of a delivery. Those behind a synchronous call have a key to be found by; the
// others need none, for a push is planned once.
func delivery(kind string, t *Target, identity, text string) model.Work {
	w := model.Work{Kind: kind + t.Key, Grp: identity, Payload: text}
	if kind == holdKind {
		key := deliveryKey(identity, t.Key)
		w.UKey = &key
	}
	w.MayWait = kind == deliverKind && !t.Ordered // the order is that in which rows are put in
	return w
}

func (s *Service) logger(ctx context.Context) *zap.Logger { return log.From(ctx, s.deps.Log) }
