package forward

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

const maxBranchTargets = 20

// BranchEntry is a branch as people see it.
type BranchEntry struct {
	ID         int64
	Name       string
	Open       bool
	Mode       Mode
	Stop       bool
	Conditions Conditions
	Targets    []int64
	CreateMS   int64
	UpdateMS   int64
}

// Branches returns all branches in the order in which they are looked at.
func (s *Service) Branches(ctx context.Context) ([]BranchEntry, error) {
	rows, err := s.deps.Store.ForwardRuleList(ctx)
	if err != nil {
		return nil, fmt.Errorf("list forwarding rules: %w", err)
	}
	entries := make([]BranchEntry, 0, len(rows))
	for _, row := range rows {
		e, err := branchEntry(row)
		if err != nil {
			s.logger(ctx).Warn("a forwarding rule cannot be read", zap.Int64("rule", row.ID), zap.Error(err))
			continue
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// AddBranch stores a new branch behind the others.
func (s *Service) AddBranch(ctx context.Context, e BranchEntry) (int64, error) {
	row, err := s.branchRow(ctx, e)
	if err != nil {
		return 0, err
	}
	have, err := s.deps.Store.ForwardRuleList(ctx)
	if err != nil {
		return 0, fmt.Errorf("count the forwarding rules: %w", err)
	}
	if len(have) >= MaxRules {
		return 0, errno.Param("name", fmt.Sprintf("there are %d rules already, and no more than %d may be added", len(have), MaxRules))
	}
	id, err := s.deps.Store.ForwardRuleCreate(ctx, row)
	if err != nil {
		return 0, branchError(err)
	}
	return id, s.inForce(ctx)
}

// SetBranch changes a branch.
func (s *Service) SetBranch(ctx context.Context, e BranchEntry) error {
	row, err := s.branchRow(ctx, e)
	if err != nil {
		return err
	}
	if err := s.deps.Store.ForwardRuleUpdate(ctx, row); err != nil {
		return branchError(err)
	}
	return s.inForce(ctx)
}

// DeleteBranch removes a branch. What was planned by it is still delivered.
func (s *Service) DeleteBranch(ctx context.Context, id int64) error {
	if err := s.deps.Store.ForwardRuleDelete(ctx, id); err != nil {
		return branchError(err)
	}
	return s.inForce(ctx)
}

// OrderBranches puts the branches with the ids first, in the order of the ids.
func (s *Service) OrderBranches(ctx context.Context, ids []int64) error {
	known, err := s.Branches(ctx)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if slices.Contains(ids[:i], id) || !slices.ContainsFunc(known, func(b BranchEntry) bool { return b.ID == id }) {
			return errno.Param("ids", fmt.Sprintf("%d is not one rule", id))
		}
	}
	if err := s.deps.Store.ForwardRuleOrder(ctx, ids); err != nil {
		return branchError(err)
	}
	return s.inForce(ctx)
}

func branchError(err error) error {
	if errors.Is(err, model.ErrNotFound) {
		return errno.Param("id", unknownRuleMsg)
	}
	return fmt.Errorf("store the forwarding rule: %w", err)
}

func (s *Service) branchRow(ctx context.Context, e BranchEntry) (model.ForwardRule, error) {
	if e.Mode == "" {
		e.Mode = Async
	}
	if err := s.checkBranch(ctx, e); err != nil {
		if bad, ok := errors.AsType[fieldError](err); ok {
			return model.ForwardRule{}, errno.Param(bad.field, bad.why)
		}
		return model.ForwardRule{}, err
	}
	conditions, err1 := json.Marshal(e.Conditions)
	targets, err2 := json.Marshal(e.Targets)
	if err := errors.Join(err1, err2); err != nil {
		return model.ForwardRule{}, fmt.Errorf("encode the forwarding rule: %w", err)
	}
	return model.ForwardRule{
		ID: e.ID, Name: e.Name, Open: e.Open, Mode: string(e.Mode), Stop: e.Stop,
		Conditions: string(conditions), Targets: string(targets),
	}, nil
}

func (s *Service) checkBranch(ctx context.Context, e BranchEntry) error {
	if n := len([]rune(e.Name)); n == 0 || n > maxRuleText {
		return fieldError{"name", fmt.Sprintf("must have 1 to %d characters", maxRuleText)}
	}
	if e.Mode != Sync && e.Mode != Async {
		return fieldError{"mode", "must be sync or async"}
	}
	if len(e.Targets) > maxBranchTargets || len(e.Targets) == 0 && !e.Stop {
		return fieldError{"targets", fmt.Sprintf("must be 1 to %d; only a rule that stops may have none", maxBranchTargets)}
	}
	known, err := s.Targets(ctx)
	if err != nil {
		return err
	}
	for i, id := range e.Targets {
		if slices.Contains(e.Targets[:i], id) || !slices.ContainsFunc(known, func(t TargetEntry) bool { return t.ID == id }) {
			return fieldError{"targets", fmt.Sprintf("%d is not one target", id)}
		}
	}
	return e.Conditions.check()
}

func branchEntry(row model.ForwardRule) (BranchEntry, error) {
	e := BranchEntry{
		ID: row.ID, Name: row.Name, Open: row.Open, Mode: Mode(row.Mode), Stop: row.Stop,
		CreateMS: row.CreateMS, UpdateMS: row.UpdateMS,
	}
	if err := json.Unmarshal([]byte(row.Conditions), &e.Conditions); err != nil {
		return e, fmt.Errorf("read its conditions: %w", err)
	}
	if err := json.Unmarshal([]byte(row.Targets), &e.Targets); err != nil {
		return e, fmt.Errorf("read its targets: %w", err)
	}
	return e, nil
}

// openBranches are the branches in force.
func (s *Service) openBranches(ctx context.Context, targets []*Target) ([]Branch, error) {
	entries, err := s.Branches(ctx)
	if err != nil {
		return nil, err
	}
	branches := make([]Branch, 0, len(entries))
	for _, e := range entries {
		if e.Open {
			branches = append(branches, e.branch(targets))
		}
	}
	return branches, nil
}

// tagsIn are the tags that the branches speak of, each once.
func tagsIn(branches []Branch) []string {
	var tags []string
	for i := range branches {
		tags = append(tags, branches[i].Conditions.Tags...)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

func (e BranchEntry) branch(targets []*Target) Branch {
	b := Branch{ID: e.ID, Name: e.Name, Conditions: e.Conditions, Mode: e.Mode, Stop: e.Stop}
	for _, id := range e.Targets {
		if i := slices.IndexFunc(targets, func(t *Target) bool { return t.Key == targetKey(id) }); i >= 0 {
			b.Targets = append(b.Targets, targets[i])
		}
	}
	return b
}
