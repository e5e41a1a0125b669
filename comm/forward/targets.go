package forward

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/outgoing"
	"wxcomponent/db/model"
)

// Bounds of a target's settings.
const (
	targetKeyPrefix  = "t"
	maxTargetTimeout = time.Minute
	maxConcurrency   = 200
	maxRate          = 10_000
	maxPauses        = 20
	maxPause         = 7 * 24 * time.Hour
	maxOverlap       = 7 * 24 * time.Hour
	maxLists         = 20
)

// TargetEntry is a target as people see it. Zero values mean the usual ones.
type TargetEntry struct {
	ID          int64
	Name        string
	URL         string // in place of port and path
	Port        int
	Path        string
	Format      Format
	Lists       []string // paths of what is a list in JSON even with one entry
	TimeoutMS   int64
	Concurrency int
	Rate        int
	Ordered     bool
	Pauses      []int64 // seconds between the attempts of a delivery
	PausedAt    time.Time
	PauseReason string
	Secrets     []model.ForwardSecret
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Key names the target in deliveries, attempts and statistics.
func (e TargetEntry) Key() string { return targetKey(e.ID) }

// ownID is the id of the target that has the key.
func ownID(key string) (int64, bool) {
	digits, ok := strings.CutPrefix(key, targetKeyPrefix)
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, ok && err == nil
}

func targetKey(id int64) string { return targetKeyPrefix + strconv.FormatInt(id, 10) }

// How many can be added. Every push looks at all rules, and every list shows all targets.
const (
	MaxTargets = 200
	MaxRules   = 500 // event rules, and as many forwarding rules
)

// Targets returns all targets, by name.
func (s *Service) Targets(ctx context.Context) ([]TargetEntry, error) {
	rows, err := s.deps.Store.ForwardTargetList(ctx)
	if err != nil {
		return nil, fmt.Errorf("list targets: %w", err)
	}
	secrets, err := s.deps.Store.ForwardSecretList(ctx)
	if err != nil {
		return nil, fmt.Errorf("list targets: %w", err)
	}
	entries := make([]TargetEntry, len(rows))
	for i, row := range rows {
		entries[i] = targetEntry(row)
		for _, secret := range secrets {
			if secret.TargetID == row.ID {
				entries[i].Secrets = append(entries[i].Secrets, secret)
			}
		}
	}
	return entries, nil
}

// Target returns one target.
func (s *Service) Target(ctx context.Context, id int64) (TargetEntry, error) {
	all, err := s.Targets(ctx)
	if err != nil {
		return TargetEntry{}, err
	}
	i := slices.IndexFunc(all, func(e TargetEntry) bool { return e.ID == id })
	if i < 0 {
		return TargetEntry{}, errno.Param("id", "there is no target with this id")
	}
	return all[i], nil
}

// AddTarget stores a new target and gives it a signing secret, which is returned this once.
func (s *Service) AddTarget(ctx context.Context, e TargetEntry) (int64, log.Secret, error) {
	row, err := s.targetRow(ctx, e)
	if err != nil {
		return 0, "", err
	}
	have, err := s.deps.Store.ForwardTargetList(ctx)
	if err != nil {
		return 0, "", fmt.Errorf("count the targets: %w", err)
	}
	if len(have) >= MaxTargets {
		return 0, "", errno.Param("name", fmt.Sprintf("there are %d targets already, and no more than %d may be added", len(have), MaxTargets))
	}
	begin, err := s.deps.Store.Now(ctx)
	if err != nil {
		return 0, "", fmt.Errorf("store the target: %w", err)
	}
	secret := outgoing.NewSecret()
	id, err := s.deps.Store.ForwardTargetCreate(ctx, row, secret.Reveal())
	if err != nil {
		return 0, "", targetError(err)
	}
	return id, secret, errors.Join(s.drop(ctx, targetKey(id), begin), s.inForce(ctx))
}

// SetTarget changes a target.
func (s *Service) SetTarget(ctx context.Context, e TargetEntry) error {
	row, err := s.targetRow(ctx, e)
	if err != nil {
		return err
	}
	if err := s.deps.Store.ForwardTargetUpdate(ctx, row); err != nil {
		return targetError(err)
	}
	return s.inForce(ctx)
}

// DeleteTarget removes a target that no rule names. Deliveries that wait for it go nowhere.
func (s *Service) DeleteTarget(ctx context.Context, id int64) error {
	branches, err := s.Branches(ctx)
	if err != nil {
		return err
	}
	for _, b := range branches {
		if slices.Contains(b.Targets, id) {
			return errno.New(errno.BadState, "the rule \""+b.Name+"\" leads to this target")
		}
	}
	if err := s.deps.Store.ForwardTargetDelete(ctx, id); err != nil {
		return targetError(err)
	}
	s.dropLater(ctx, targetKey(id))
	return s.inForce(ctx)
}

// PauseTarget keeps a target's deliveries until it is resumed.
func (s *Service) PauseTarget(ctx context.Context, id int64, paused bool, reason string) error {
	if err := s.deps.Store.ForwardTargetPause(ctx, id, paused, reason); err != nil {
		return targetError(err)
	}
	return s.inForce(ctx)
}

// RotateSecret gives a target a new signing secret, the given one or a random one, which is
// returned this once. The old ones sign beside it until the overlap is over.
func (s *Service) RotateSecret(ctx context.Context, id int64, secret log.Secret, overlap time.Duration) (log.Secret, error) {
	if overlap < 0 || overlap > maxOverlap {
		return "", errno.Param("overlapHours", "must be between 0 and 168")
	}
	if err := outgoing.CheckSecret(secret); err != nil {
		return "", errno.Param("secret", err.Error())
	}
	if secret == "" {
		secret = outgoing.NewSecret()
	}
	if _, err := s.deps.Store.ForwardTargetGet(ctx, id); err != nil {
		return "", targetError(err)
	}
	if err := s.deps.Store.ForwardSecretRotate(ctx, id, secret.Reveal(), overlap); err != nil {
		return "", targetError(err)
	}
	return secret, s.inForce(ctx)
}

// TestTarget calls a target with a sample of the kind that a pattern is about, and returns its
// answer as text.
func (s *Service) TestTarget(ctx context.Context, id int64, p Pattern) (string, error) {
	e, err := s.Target(ctx, id)
	if err != nil {
		return "", err
	}
	target, err := s.ownTarget(e)
	if err != nil {
		return "", errno.New(errno.BadState, err.Error())
	}
	if p.Empty() {
		p.MsgType = "text"
	}
	m := s.sample(p)
	return s.test(ctx, target, &m, false)
}

func targetError(err error) error {
	if errors.Is(err, model.ErrNotFound) {
		return errno.Param("id", "there is no target with this id")
	}
	return fmt.Errorf("store the target: %w", err)
}

func (s *Service) targetRow(ctx context.Context, e TargetEntry) (model.ForwardTarget, error) {
	if e.URL != "" {
		e.Port, e.Path = 0, ""
	}
	if e.Format == "" {
		e.Format = Raw
	}
	if err := s.checkTarget(ctx, e); err != nil {
		if bad, ok := errors.AsType[fieldError](err); ok {
			return model.ForwardTarget{}, errno.Param(bad.field, bad.why)
		}
		return model.ForwardTarget{}, err
	}
	pauses := make([]string, len(e.Pauses))
	for i, p := range e.Pauses {
		pauses[i] = strconv.FormatInt(p, 10)
	}
	return model.ForwardTarget{
		ID: e.ID, Name: e.Name, URL: e.URL, Port: e.Port, Path: e.Path, Format: string(e.Format),
		Lists: strings.Join(e.Lists, ","), TimeoutMS: e.TimeoutMS, Concurrency: e.Concurrency, RateLimit: e.Rate, Ordered: e.Ordered,
		Schedule: strings.Join(pauses, ","),
	}, nil
}

func (s *Service) checkTarget(ctx context.Context, e TargetEntry) error {
	if n := len([]rune(e.Name)); n == 0 || n > maxRuleText {
		return fieldError{"name", fmt.Sprintf("must have 1 to %d characters", maxRuleText)}
	}
	if e.Format != Raw && e.Format != AsJSON {
		return fieldError{"format", "must be raw or json"}
	}
	if err := checkLists(e.Lists); err != nil {
		return err
	}
	if t := time.Duration(e.TimeoutMS) * time.Millisecond; t != 0 && (t < minTimeout || t > maxTargetTimeout) {
		return fieldError{"timeoutMs", "must be between 100 and 60000"}
	}
	if e.Concurrency < 0 || e.Concurrency > maxConcurrency {
		return fieldError{"concurrency", fmt.Sprintf("must be at most %d", maxConcurrency)}
	}
	if e.Rate < 0 || e.Rate > maxRate {
		return fieldError{"rate", fmt.Sprintf("must be at most %d", maxRate)}
	}
	if len(e.Pauses) > maxPauses {
		return fieldError{"pauses", fmt.Sprintf("must be at most %d", maxPauses)}
	}
	for _, p := range e.Pauses {
		if p < 1 || p > int64(maxPause.Seconds()) {
			return fieldError{"pauses", "must be between 1 second and 7 days"}
		}
	}
	address, err := e.address()
	if err != nil {
		return err
	}
	return admit(ctx, s.guard, address)
}

func checkLists(lists []string) error {
	if len(lists) > maxLists {
		return fieldError{"lists", fmt.Sprintf("must be at most %d", maxLists)}
	}
	for _, path := range lists {
		if path == "" || len(path) > maxCondition || strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == ',' }) {
			return fieldError{"lists", "must be paths of fields, such as SubscribeMsgPopupEvent.List"}
		}
	}
	return nil
}

func (e TargetEntry) address() (Address, error) {
	return RuleData{Port: e.Port, Path: e.Path, URL: e.URL}.address()
}

func targetEntry(row model.ForwardTarget) TargetEntry {
	e := TargetEntry{
		ID: row.ID, Name: row.Name, URL: row.URL, Port: row.Port, Path: row.Path, Format: Format(row.Format),
		TimeoutMS: row.TimeoutMS, Concurrency: row.Concurrency, Rate: row.RateLimit, Ordered: row.Ordered,
		PauseReason: row.PauseReason, CreatedAt: time.UnixMilli(row.CreateMS), UpdatedAt: time.UnixMilli(row.UpdateMS),
	}
	if row.PauseMS != 0 {
		e.PausedAt = time.UnixMilli(row.PauseMS)
	}
	if row.Lists != "" {
		e.Lists = strings.Split(row.Lists, ",")
	}
	for text := range strings.SplitSeq(row.Schedule, ",") {
		if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
			e.Pauses = append(e.Pauses, seconds)
		}
	}
	return e
}

// ownTarget makes a target in force of an entry.
func (s *Service) ownTarget(e TargetEntry) (*Target, error) {
	address, err := e.address()
	if err != nil {
		return nil, err
	}
	t := &Target{
		Key: e.Key(), Name: e.Name, Address: address, Format: e.Format, Lists: e.Lists, Rate: e.Rate, Ordered: e.Ordered,
		SyncTimeout: s.deps.SyncTimeout, Timeout: asyncTimeout, Concurrency: concurrency, Schedule: s.deps.Schedule,
		Paused: !e.PausedAt.IsZero(),
	}
	if own := time.Duration(e.TimeoutMS) * time.Millisecond; own > 0 {
		t.SyncTimeout, t.Timeout = min(own, s.deps.SyncTimeout), min(own, maxTargetTimeout)
	}
	if e.Concurrency > 0 {
		t.Concurrency = e.Concurrency
	}
	if e.Ordered {
		t.Concurrency = 1
	}
	if len(e.Pauses) > 0 {
		t.Schedule = []time.Duration{0}
		for _, p := range e.Pauses {
			t.Schedule = append(t.Schedule, time.Duration(p)*time.Second)
		}
	}
	for _, secret := range e.Secrets {
		own := Secret{Text: log.Secret(secret.Secret)}
		if secret.ExpireMS != 0 {
			own.ExpiresAt = time.UnixMilli(secret.ExpireMS)
		}
		t.Secrets = append(t.Secrets, own)
	}
	return t, nil
}

// ownTargets are all targets in force. One that cannot be used is left out.
func (s *Service) ownTargets(ctx context.Context) ([]*Target, error) {
	entries, err := s.Targets(ctx)
	if err != nil {
		return nil, err
	}
	targets := make([]*Target, 0, len(entries))
	for _, e := range entries {
		t, err := s.ownTarget(e)
		if err != nil {
			s.logger(ctx).Warn("a forwarding target cannot be used", zap.Int64("target", e.ID), zap.Error(err))
			continue
		}
		targets = append(targets, t)
	}
	return targets, nil
}
