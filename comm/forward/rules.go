package forward

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/outgoing"
	"wxcomponent/db/model"
)

// Bounds of a rule's own settings.
const (
	syncTimeout    = 4500 * time.Millisecond // WeChat hangs up after 5 s
	asyncTimeout   = 15 * time.Second
	maxTimeout     = 30 * time.Second
	minTimeout     = 100 * time.Millisecond
	concurrency    = 16
	dropBatch      = 1000 // deliveries
	maxRuleText    = 64   // characters of the columns
	ruleKeyPrefix  = "r"
	fieldPrefix    = "data."
	takenRuleText  = "there is a rule for this event already"
	unknownRuleMsg = "there is no rule with this id"
)

// RuleData is where a rule leads to, as it is stored with the rule. URL stands in place of port and
// path.
type RuleData struct {
	Port      int    `json:"port"`
	Path      string `json:"path"`
	URL       string `json:"url,omitempty"`
	Mode      Mode   `json:"mode,omitempty"` // empty: sync, as the template had it
	TimeoutMS int64  `json:"timeoutMs,omitempty"`
}

// RuleEntry is a rule as people see it.
type RuleEntry struct {
	ID        int
	Name      string
	Pattern   Pattern
	Open      bool
	Data      RuleData
	Secret    log.Secret
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Rules returns the rules of one kind (1: authorization events, 2: messages, else all) and how
// many there are.
func (s *Service) Rules(ctx context.Context, kind, offset, limit int) ([]RuleEntry, int64, error) {
	rows, total, err := s.deps.Store.RuleList(ctx, kind, offset, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("list rules: %w", err)
	}
	entries := make([]RuleEntry, len(rows))
	for i, row := range rows {
		entries[i] = entryOf(row)
	}
	return entries, total, nil
}

// Rule returns one rule.
func (s *Service) Rule(ctx context.Context, id int) (RuleEntry, error) {
	row, err := s.deps.Store.RuleGet(ctx, id)
	if err != nil {
		return RuleEntry{}, ruleError(err)
	}
	return entryOf(row), nil
}

// AddRule stores a new rule. It is in force when AddRule returns, on other instances within a
// second or two.
func (s *Service) AddRule(ctx context.Context, e RuleEntry) (int, error) {
	row, err := s.rowOf(ctx, e)
	if err != nil {
		return 0, err
	}
	_, have, err := s.deps.Store.RuleList(ctx, 0, 0, 1)
	if err != nil {
		return 0, fmt.Errorf("count the rules: %w", err)
	}
	if have >= MaxRules {
		return 0, errno.Param("name", fmt.Sprintf("there are %d rules already, and no more than %d may be added", have, MaxRules))
	}
	begin, err := s.deps.Store.Now(ctx)
	if err != nil {
		return 0, fmt.Errorf("store the rule: %w", err)
	}
	id, err := s.deps.Store.RuleCreate(ctx, row)
	if err != nil {
		return 0, ruleError(err)
	}
	// A database may give out an id again: what waited for the rule that had it is not for this one.
	return id, errors.Join(s.drop(ctx, ruleKey(id), begin), s.inForce(ctx))
}

// SetRule changes a rule.
func (s *Service) SetRule(ctx context.Context, e RuleEntry) error {
	row, err := s.rowOf(ctx, e)
	if err != nil {
		return err
	}
	if err := s.deps.Store.RuleUpdate(ctx, row); err != nil {
		return ruleError(err)
	}
	return s.inForce(ctx)
}

// DeleteRule removes a rule. Deliveries that wait for its target go nowhere any more.
func (s *Service) DeleteRule(ctx context.Context, id int) error {
	if err := s.deps.Store.RuleDelete(ctx, id); err != nil {
		return ruleError(err)
	}
	s.dropLater(ctx, ruleKey(id))
	return s.inForce(ctx)
}

// inForce makes this instance follow a change at once.
func (s *Service) inForce(ctx context.Context) error {
	if err := s.set.Refresh(ctx); err != nil {
		return fmt.Errorf("the change is stored and will be in force soon: %w", err)
	}
	s.Nudge()
	return nil
}

// drop cancels the deliveries that wait for a target.
func (s *Service) drop(ctx context.Context, key string, before time.Time) error {
	for _, kind := range []string{deliverKind + key, holdKind + key} {
		for _, drop := range []func(context.Context, string, time.Time, int) (int64, error){
			s.deps.Store.WorkBundleDrop, s.deps.Store.ForwardDrop,
		} {
			for n := int64(dropBatch); n == dropBatch; {
				var err error
				if n, err = drop(ctx, kind, before, dropBatch); err != nil {
					return fmt.Errorf("cancel deliveries: %w", err)
				}
			}
		}
	}
	return nil
}

// dropLater does so in the background, for a target that was removed.
func (s *Service) dropLater(ctx context.Context, key string) {
	ctx = context.WithoutCancel(ctx)
	s.background(func() {
		if err := s.drop(ctx, key, farFuture()); err != nil {
			s.logger(ctx).Warn("deliveries of a removed target remain; they go nowhere", zap.Error(err))
		}
	})
}

func farFuture() time.Time { return time.Unix(1<<40, 0) }

func ruleError(err error) error {
	switch {
	case errors.Is(err, model.ErrNotFound):
		return errno.Param("id", unknownRuleMsg)
	case errors.Is(err, model.ErrDuplicate):
		return errno.New(errno.BadParam, takenRuleText)
	default:
		return fmt.Errorf("store the rule: %w", err)
	}
}

// rowOf checks a rule and makes the row of it.
func (s *Service) rowOf(ctx context.Context, e RuleEntry) (model.Rule, error) {
	if e.Data.Mode == "" {
		e.Data.Mode = Sync
	}
	if err := s.checkRule(ctx, e); err != nil {
		if bad, ok := errors.AsType[fieldError](err); ok {
			return model.Rule{}, errno.Param(bad.field, bad.why)
		}
		return model.Rule{}, err
	}
	info, err := json.Marshal(e.Data)
	if err != nil {
		return model.Rule{}, fmt.Errorf("encode the rule: %w", err)
	}
	return model.Rule{
		ID: e.ID, Name: e.Name, InfoType: e.Pattern.InfoType, MsgType: e.Pattern.MsgType, Event: e.Pattern.Event,
		Type: model.RuleHTTP, Open: e.Open, Info: string(info), Secret: e.Secret.Reveal(),
	}, nil
}

func (s *Service) checkRule(ctx context.Context, e RuleEntry) error {
	if e.Pattern.Empty() {
		return errno.New(errno.BadParam, "infoType, msgType and event are all empty")
	}
	for _, f := range []fieldError{
		{"name", e.Name}, {"infoType", e.Pattern.InfoType}, {"msgType", e.Pattern.MsgType}, {"event", e.Pattern.Event},
	} {
		if len([]rune(f.why)) > maxRuleText {
			return fieldError{f.field, fmt.Sprintf("must be at most %d characters", maxRuleText)}
		}
	}
	if e.Data.Mode != Sync && e.Data.Mode != Async {
		return fieldError{fieldPrefix + "mode", "must be sync or async"}
	}
	if t := time.Duration(e.Data.TimeoutMS) * time.Millisecond; t != 0 && (t < minTimeout || t > maxTimeout) {
		return fieldError{fieldPrefix + "timeoutMs", "must be between 100 and 30000"}
	}
	if err := outgoing.CheckSecret(e.Secret); err != nil {
		return fieldError{fieldPrefix + "secret", err.Error()}
	}
	address, err := e.Data.address()
	if err == nil {
		err = admit(ctx, s.guard, address)
	}
	if bad, ok := errors.AsType[fieldError](err); ok {
		return fieldError{fieldPrefix + bad.field, bad.why}
	}
	return err
}

func (d RuleData) address() (Address, error) {
	if d.URL != "" {
		return RemoteAddress(d.URL)
	}
	return LocalAddress(d.Port, d.Path)
}

func entryOf(row model.Rule) RuleEntry {
	e := RuleEntry{
		ID: row.ID, Name: row.Name, Pattern: Pattern{row.InfoType, row.MsgType, row.Event},
		Open: row.Open, Secret: log.Secret(row.Secret), CreatedAt: row.CreateTime, UpdatedAt: row.UpdateTime,
	}
	// What another program wrote and cannot be read is shown empty, to be set anew.
	_ = json.Unmarshal([]byte(row.Info), &e.Data)
	if e.Data.Mode == "" {
		e.Data.Mode = Sync
	}
	return e
}

// rule makes a rule in force of a row.
func (s *Service) rule(row model.Rule) (Rule, error) {
	e := entryOf(row)
	t, err := s.targetOf(e)
	if err != nil {
		return Rule{}, err
	}
	return Rule{ID: e.ID, Name: e.Name, Pattern: e.Pattern, Mode: e.Data.Mode, Target: t}, nil
}

func (s *Service) targetOf(e RuleEntry) (*Target, error) {
	address, err := e.Data.address()
	if err != nil {
		return nil, err
	}
	t := &Target{
		Key: ruleKey(e.ID), Name: e.Name, Address: address,
		SyncTimeout: s.deps.SyncTimeout, Timeout: asyncTimeout, Concurrency: concurrency, Schedule: s.deps.Schedule,
	}
	if own := time.Duration(e.Data.TimeoutMS) * time.Millisecond; own > 0 {
		t.SyncTimeout, t.Timeout = min(own, s.deps.SyncTimeout), min(own, maxTimeout)
	}
	if e.Secret != "" {
		t.Secrets = []Secret{{Text: e.Secret}}
	}
	return t, nil
}

func ruleKey(id int) string { return ruleKeyPrefix + strconv.Itoa(id) }

// ruleID is the id of the rule whose target has the key.
func ruleID(key string) (int, bool) {
	digits, ok := strings.CutPrefix(key, ruleKeyPrefix)
	id, err := strconv.Atoi(digits)
	return id, ok && err == nil
}
