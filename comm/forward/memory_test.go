package forward_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"wxcomponent/comm/forward"
	"wxcomponent/db/model"
)

// memory stands for the tables where a test needs a clock of its own. One branch leads to all targets.
// What is not needed for deliveries panics.
type memory struct {
	forward.Store
	rules   []model.Rule
	targets []model.ForwardTarget

	mu   sync.Mutex
	work []model.Work
}

func (m *memory) RuleOpenList(context.Context) ([]model.Rule, error) { return m.rules, nil }

func (m *memory) ForwardTargetList(context.Context) ([]model.ForwardTarget, error) {
	return m.targets, nil
}

func (m *memory) ForwardSecretList(context.Context) ([]model.ForwardSecret, error) { return nil, nil }

func (m *memory) ForwardRuleList(context.Context) ([]model.ForwardRule, error) {
	return []model.ForwardRule{{Open: true, Mode: string(forward.Async), Conditions: "{}", Targets: "[1]"}}, nil
}

func (m *memory) AccountsTagged(context.Context, []string) (map[string][]string, error) {
	return nil, nil
}

func (m *memory) ForwardStatAdd(context.Context, []model.ForwardStat) error { return nil }

func (m *memory) WorkBundles(context.Context) ([][]string, time.Duration, error) { return nil, 0, nil }

// add puts work in, due now.
func (m *memory) add(work []model.Work) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range work {
		w.ID, w.NextMS = int64(len(m.work)), time.Now().UnixMilli()
		m.work = append(m.work, w)
	}
}

func (m *memory) get(id int64) model.Work {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.work[id]
}

func (m *memory) ForwardDue(_ context.Context, kinds []string) (map[string]time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	due := make(map[string]time.Duration)
	for _, w := range m.work {
		in := time.Duration(w.NextMS-time.Now().UnixMilli()) * time.Millisecond
		if known, ok := due[w.Kind]; !w.State.Ended() && slices.Contains(kinds, w.Kind) && (!ok || in < known) {
			due[w.Kind] = in
		}
	}
	return due, nil
}

func (m *memory) WorkTake(_ context.Context, kinds []string, _ string, lease time.Duration, n int) (taken []model.Work, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for i := range m.work {
		w := &m.work[i]
		if len(taken) == n || w.State.Ended() || w.NextMS > now.UnixMilli() || !slices.Contains(kinds, w.Kind) {
			continue
		}
		w.State, w.Fence, w.Attempt, w.NextMS = model.WorkLeased, w.Fence+1, w.Attempt+1, now.Add(lease).UnixMilli()
		taken = append(taken, *w)
	}
	return taken, nil
}

func (m *memory) WorkHeld(_ context.Context, _ string, items []model.Work) (held []int64, err error) {
	return m.renew(items, 0), nil
}

func (m *memory) WorkRenew(_ context.Context, _ string, items []model.Work, lease time.Duration) ([]int64, error) {
	return m.renew(items, lease), nil
}

func (m *memory) renew(items []model.Work, lease time.Duration) (held []int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, item := range items {
		if w := &m.work[item.ID]; w.State == model.WorkLeased && w.Fence == item.Fence {
			w.NextMS = max(w.NextMS, time.Now().Add(lease).UnixMilli())
			held = append(held, w.ID)
		}
	}
	return held
}

func (m *memory) ForwardRecord(_ context.Context, outcomes []model.Outcome) ([]bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := make([]bool, len(outcomes))
	for i, o := range outcomes {
		if o.Work.Fence == 0 { // the record of a synchronous call that failed
			continue
		}
		w := &m.work[o.Work.ID]
		if held[i] = w.State == model.WorkLeased && w.Fence == o.Work.Fence; held[i] {
			w.State, w.NextMS = o.State, time.Now().Add(o.After).UnixMilli()
		}
	}
	return held, nil
}

func (m *memory) ForwardPromoteKey(_ context.Context, key, from, to string) error {
	m.promote(from, to, func(w model.Work) bool { return *w.UKey == key })
	return nil
}

func (m *memory) ForwardPromote(_ context.Context, from, to string, waited time.Duration, _ int) (int64, error) {
	since := time.Now().Add(-waited).UnixMilli()
	return m.promote(from, to, func(w model.Work) bool { return w.NextMS <= since }), nil
}

func (m *memory) promote(from, to string, what func(w model.Work) bool) (n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.work {
		if w := &m.work[i]; w.Kind == from && what(*w) {
			w.Kind, w.NextMS = to, time.Now().UnixMilli()
			n++
		}
	}
	return n
}
