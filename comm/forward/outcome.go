package forward

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Failed is the outcome of a push whose call of a target failed at least once, whatever came later.
const Failed DeliveryState = "failed"

// OutcomeQuery chooses pushes by what became of them on their way to targets.
type OutcomeQuery struct {
	Outcome DeliveryState // Pending, DeadState, Delivered, Cancelled or Failed
	Target  string        // key; "" for all
	To      time.Time     // of the calls, with Failed; zero: now
	Cursor  string
	Limit   int
}

// Outcome is one delivery, or with Failed one call, of a push.
type Outcome struct {
	At      time.Time // when the delivery was planned, the call made
	Message Message
}

// Outcomes returns pushes that have an outcome, one entry for each delivery or call, newest first,
// and the cursor for more. Pushes whose deliveries are no longer kept are left out, so that there may
// be fewer entries than asked for.
func (s *Service) Outcomes(ctx context.Context, q OutcomeQuery) ([]Outcome, string, error) {
	if q.Outcome == Failed {
		return s.failures(ctx, q)
	}
	list, next, err := s.Deliveries(ctx, DeliveryQuery{Target: q.Target, State: q.Outcome, Cursor: q.Cursor, Limit: q.Limit})
	out := make([]Outcome, 0, len(list))
	for _, d := range list {
		if d.Message.Identity != "" {
			out = append(out, Outcome{d.CreatedAt, d.Message})
		}
	}
	return out, next, err
}

func (s *Service) failures(ctx context.Context, q OutcomeQuery) ([]Outcome, string, error) {
	targets := []string{q.Target}
	if q.Target == "" {
		var err error
		if targets, err = s.deps.Store.AttemptTargets(ctx); err != nil {
			return nil, "", fmt.Errorf("list failed pushes: %w", err)
		}
	}
	calls, next, err := s.deps.Store.AttemptFailures(ctx, targets, q.To, q.Cursor, q.Limit)
	if err != nil {
		return nil, "", fmt.Errorf("list failed pushes: %w", err)
	}
	identities := make([]string, 0, len(calls))
	for _, c := range calls {
		if !slices.Contains(identities, c.Identity) {
			identities = append(identities, c.Identity)
		}
	}
	known, err := s.Messages(ctx, identities)
	if err != nil {
		return nil, "", err
	}
	out := make([]Outcome, 0, len(calls))
	for _, c := range calls {
		if m, ok := known[c.Identity]; ok {
			out = append(out, Outcome{time.UnixMilli(c.AtMS), m})
		}
	}
	return out, next, nil
}

// Messages returns pushes by their identities, as their deliveries keep them.
func (s *Service) Messages(ctx context.Context, identities []string) (map[string]Message, error) {
	payloads, err := s.deps.Store.ForwardPayloads(ctx, identities)
	if err != nil {
		return nil, fmt.Errorf("read the deliveries of pushes: %w", err)
	}
	found := make(map[string]Message, len(payloads))
	for identity, text := range payloads {
		if m, err := s.messages.decode(text); err == nil { // one that cannot be read is none of ours
			found[identity] = m
		}
	}
	return found, nil
}

// States returns what became of pushes, by their identities.
func (s *Service) States(ctx context.Context, identities []string) (map[string]model.PushState, error) {
	states, err := s.deps.Store.ForwardStates(ctx, identities)
	if err != nil {
		return nil, fmt.Errorf("read what became of pushes: %w", err)
	}
	return states, nil
}

// Destination is a target as a choice: one in force, or one that deliveries have been given up for.
type Destination struct {
	Key           string
	Name          string
	InForce       bool  // deliveries to it can be made
	Paused        bool  // they wait
	Pending, Dead int64 // deliveries, counted up to 10 001
}

// Destinations returns all targets, in the order of their names.
func (s *Service) Destinations(ctx context.Context) ([]Destination, error) {
	keys, err := s.deliveryKinds(ctx)
	if err != nil {
		return nil, err
	}
	for i, kind := range keys {
		_, keys[i], _ = strings.Cut(kind, ":")
	}
	set := s.set.Get()
	if set != nil {
		for key := range set.targets {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	list := []Destination{}
	for _, key := range slices.Compact(keys) {
		d := Destination{Key: key, Name: key}
		if t := set.Target(key); t != nil {
			d.InForce, d.Paused, d.Name = true, t.Paused, cmp.Or(t.Name, key)
		}
		counts, err := s.deps.Store.ForwardCounts(ctx, []string{deliverKind + key, holdKind + key})
		if err != nil {
			return nil, fmt.Errorf("count deliveries: %w", err)
		}
		if d.Pending, d.Dead = counts.Pending, counts.Dead; d.InForce || d.Dead > 0 || d.Pending > 0 {
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b Destination) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// Backlog is what waits for targets.
type Backlog struct {
	Pending, Dead int64     // deliveries, each target's counted up to 10 001
	Since         time.Time // when the oldest that waits was planned; zero when none does
}

// Backlog returns what waits for all targets together.
func (s *Service) Backlog(ctx context.Context) (*Backlog, error) {
	kinds, err := s.deliveryKinds(ctx)
	if err != nil {
		return nil, err
	}
	b := &Backlog{}
	if len(kinds) == 0 {
		return b, nil
	}
	counts, err := s.deps.Store.ForwardCounts(ctx, kinds)
	if err == nil {
		b.Pending, b.Dead = counts.Pending, counts.Dead
		b.Since, err = s.deps.Store.ForwardOldest(ctx, kinds)
	}
	if err != nil {
		return nil, fmt.Errorf("measure the backlog: %w", err)
	}
	return b, nil
}

// Rendering is a stored push as targets get it.
type Rendering struct {
	Push    *event.Push
	JSON    string      // the body in the form of targets that want JSON
	Headers http.Header // of a delivery, without what depends on the target
}

// Render returns a stored push as targets get it.
func (s *Service) Render(ctx context.Context, channel event.Channel, id int64) (*Rendering, error) {
	p, err := s.stored(ctx, channel, id)
	if err != nil {
		return nil, err
	}
	m := newMessage(p)
	r := &Rendering{Push: p, JSON: event.JSON(p.Body, nil), Headers: http.Header{}}
	r.Headers.Set("Content-Type", contentType(p.Format))
	s.sender.describe(r.Headers, request{message: &m, attempt: 1})
	r.Headers.Set("Webhook-Id", m.Identity)
	return r, nil
}
