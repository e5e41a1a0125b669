package forward

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

const maxAtOnce = 200 // deliveries or pushes that one call sends again

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of deliveries.
const (
	Pending   DeliveryState = "pending" // waits for its time, its target or the answer of a call
	Delivered DeliveryState = "delivered"
	DeadState DeliveryState = "dead" // given up; it can be sent again
	Cancelled DeliveryState = "cancelled"
)

func stateOf(s model.WorkState) DeliveryState {
	switch s {
	case model.WorkDone:
		return Delivered
	case model.WorkDead:
		return DeadState
	case model.WorkCancelled:
		return Cancelled
	default:
		return Pending
	}
}

func workStates(s DeliveryState) []model.WorkState {
	switch s {
	case Pending:
		return []model.WorkState{model.WorkReady, model.WorkLeased, model.WorkPaused}
	case Delivered:
		return []model.WorkState{model.WorkDone}
	case DeadState:
		return []model.WorkState{model.WorkDead}
	case Cancelled:
		return []model.WorkState{model.WorkCancelled}
	case "":
		return []model.WorkState{
			model.WorkReady, model.WorkLeased, model.WorkPaused, model.WorkDone, model.WorkDead, model.WorkCancelled,
		}
	}
	return nil
}

// Delivery is a push on its way to a target, or there.
type Delivery struct {
	ID        int64
	Target    string // key
	State     DeliveryState
	Attempts  int
	NextAt    time.Time // of the next attempt; zero when there is none
	LastError string
	CreatedAt time.Time
	UpdatedAt time.Time
	Message   Message
}

// DeliveryQuery chooses deliveries. Zero values do not limit.
type DeliveryQuery struct {
	Target string // key
	State  DeliveryState
	Cursor string
	Limit  int
}

// Deliveries returns deliveries, newest first.
func (s *Service) Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, string, error) {
	f := model.DeliveryFilter{States: workStates(q.State), Cursor: q.Cursor, Limit: q.Limit}
	if f.States == nil {
		return nil, "", errno.Param("state", "must be pending, delivered, dead or cancelled")
	}
	f.Kinds = []string{deliverKind + q.Target, holdKind + q.Target}
	if q.Target == "" {
		kinds, err := s.deliveryKinds(ctx)
		if err != nil {
			return nil, "", err
		}
		f.Kinds = kinds
	}
	page, err := s.deps.Store.ForwardList(ctx, f)
	if err != nil {
		return nil, "", fmt.Errorf("list deliveries: %w", err)
	}
	return s.deliveriesOf(page.Rows), page.NextCursor, nil
}

func (s *Service) deliveryKinds(ctx context.Context) ([]string, error) {
	var kinds []string
	for _, prefix := range []string{deliverKind, holdKind} {
		some, err := s.deps.Store.ForwardKinds(ctx, prefix)
		if err != nil {
			return nil, fmt.Errorf("list deliveries: %w", err)
		}
		kinds = append(kinds, some...)
	}
	return kinds, nil
}

func (s *Service) deliveriesOf(rows []model.Work) []Delivery {
	out := make([]Delivery, len(rows))
	for i, row := range rows {
		out[i] = s.deliveryOf(row)
	}
	return out
}

func (s *Service) deliveryOf(row model.Work) Delivery {
	_, target, _ := strings.Cut(row.Kind, ":")
	d := Delivery{
		ID: row.ID, Target: target, State: stateOf(row.State), Attempts: row.Attempt, LastError: row.LastError,
		CreatedAt: time.UnixMilli(row.CreateMS), UpdatedAt: time.UnixMilli(row.UpdateMS),
	}
	if d.State == Pending {
		d.NextAt = time.UnixMilli(row.NextMS)
	}
	d.Message, _ = s.messages.decode(row.Payload) // one that cannot be read is shown without it
	return d
}

// Timeline is all that happened to a push on its way to targets.
type Timeline struct {
	Identity   string
	Deliveries []Delivery // oldest first
	Attempts   []model.Attempt
}

// Timeline returns what happened to a stored push.
func (s *Service) Timeline(ctx context.Context, channel event.Channel, id int64) (*Timeline, error) {
	p, err := s.stored(ctx, channel, id)
	if err != nil {
		return nil, err
	}
	identity := p.Identity()
	rows, err := s.deps.Store.ForwardOf(ctx, identity)
	if err != nil {
		return nil, fmt.Errorf("read the deliveries of a push: %w", err)
	}
	attempts, err := s.deps.Store.AttemptList(ctx, model.AttemptFilter{Identity: identity, Limit: maxExplained})
	if err != nil {
		return nil, fmt.Errorf("read the attempts of a push: %w", err)
	}
	return &Timeline{Identity: identity, Deliveries: s.deliveriesOf(rows), Attempts: attempts.Rows}, nil
}

// Attempts returns calls of targets, newest first.
func (s *Service) Attempts(ctx context.Context, f model.AttemptFilter) (model.Page[model.Attempt], error) {
	return s.deps.Store.AttemptList(ctx, f)
}

// Redeliver makes deliveries once more, at once and from the beginning of their schedule, and
// returns how many. One that waits is not waited for any longer; one under way is left alone.
func (s *Service) Redeliver(ctx context.Context, ids []int64) (int, error) {
	if len(ids) > maxAtOnce {
		return 0, errno.Param("ids", fmt.Sprintf("must be at most %d", maxAtOnce))
	}
	n := 0
	for _, id := range ids {
		ok, err := s.redeliver(ctx, id)
		if err != nil {
			return n, err
		}
		if ok {
			n++
		}
	}
	s.Nudge()
	return n, nil
}

func (s *Service) redeliver(ctx context.Context, id int64) (bool, error) {
	row, err := s.deps.Store.WorkGet(ctx, id)
	kind, target, _ := strings.Cut(row.Kind, ":")
	if errors.Is(err, model.ErrNotFound) || err == nil && kind+":" != deliverKind && kind+":" != holdKind {
		return false, errno.Param("ids", fmt.Sprintf("there is no delivery %d", id))
	}
	if err != nil {
		return false, fmt.Errorf("read a delivery: %w", err)
	}
	if row.State == model.WorkDone {
		return true, s.add(ctx, []model.Work{manual(target, row.Grp, row.Payload)})
	}
	if kind+":" == holdKind {
		return false, nil // a call is under way
	}
	ok, err := s.deps.Store.ForwardAgain(ctx, id, model.CauseManual)
	if err != nil {
		return false, fmt.Errorf("deliver again: %w", err)
	}
	return ok, nil
}

func (s *Service) add(ctx context.Context, items []model.Work) error {
	if err := s.deps.Store.ForwardAdd(ctx, items); err != nil {
		return fmt.Errorf("deliver again: %w", err)
	}
	return nil
}

// manual is the row of a delivery that somebody asked for.
func manual(target, identity, payload string) model.Work {
	return model.Work{Kind: deliverKind + target, Grp: identity, Payload: payload, Progress: model.CauseManual}
}

// Send delivers stored pushes to targets, whatever the rules say, and returns how many deliveries
// that makes.
func (s *Service) Send(ctx context.Context, channel event.Channel, ids []int64, targets []string) (int, error) {
	if len(ids)*len(targets) > maxAtOnce {
		return 0, errno.Param("ids", fmt.Sprintf("must be at most %d deliveries", maxAtOnce))
	}
	if err := s.knowTargets(targets); err != nil {
		return 0, err
	}
	var items []model.Work
	for _, id := range ids {
		p, err := s.sendable(ctx, channel, id)
		if err != nil {
			return 0, err
		}
		m := newMessage(p)
		text, err := s.messages.encode(&m)
		if err != nil {
			return 0, err
		}
		for _, key := range targets {
			items = append(items, manual(key, p.Identity(), text))
		}
	}
	if err := s.add(ctx, items); err != nil {
		return 0, err
	}
	s.Nudge()
	return len(items), nil
}

func (s *Service) knowTargets(keys []string) error {
	for _, key := range keys {
		if s.set.Get().Target(key) == nil {
			return errno.Param("targets", "there is no target "+key+" in force")
		}
	}
	return nil
}

// TargetHealth is how a target does.
type TargetHealth struct {
	Pending, Dead int64 // deliveries, counted up to 10 001
	Breaker       BreakerState
	BreakerSince  time.Time           // both of this instance
	Stats         []model.ForwardStat // of the time that was asked for
}

// Health returns how a target has done between the times.
func (s *Service) Health(ctx context.Context, key string, from, to time.Time, step time.Duration) (*TargetHealth, error) {
	stats, err := s.deps.Store.ForwardStatSeries(ctx, key, from, to, step)
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	return s.health(ctx, key, stats)
}

// HealthOfAll is Health of every target with one of the keys, whose statistics are read at once.
func (s *Service) HealthOfAll(ctx context.Context, keys []string, from, to time.Time, step time.Duration) (map[string]*TargetHealth, error) {
	stats, err := s.deps.Store.ForwardStatSeries(ctx, "", from, to, step)
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	of := make(map[string][]model.ForwardStat)
	for _, stat := range stats {
		of[stat.Target] = append(of[stat.Target], stat)
	}
	all := make(map[string]*TargetHealth, len(keys))
	for _, key := range keys {
		if all[key], err = s.health(ctx, key, of[key]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Service) health(ctx context.Context, key string, stats []model.ForwardStat) (*TargetHealth, error) {
	counts, err := s.deps.Store.ForwardCounts(ctx, []string{deliverKind + key, holdKind + key})
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	h := &TargetHealth{Stats: stats}
	h.Pending, h.Dead = counts.Pending, counts.Dead
	h.Breaker, h.BreakerSince = s.state(key).breaker.get()
	return h, nil
}
