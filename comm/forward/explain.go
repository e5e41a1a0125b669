package forward

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Verdict is what one rule says of a push.
type Verdict struct {
	Kind    string // "rule" for one with port and path, "branch" for one with conditions
	ID      int64
	Name    string
	Mode    Mode
	Open    bool
	Matched bool
	Reached bool // no rule before it stopped
	Stop    bool
	Checks  []Check
	Targets []string // keys
}

// Explanation says which rules a push meets, and why.
type Explanation struct {
	Push     *event.Push
	Tags     []string  // of the account that it is about
	Verdicts []Verdict // in the order in which the rules are looked at
	Route    Route
}

// Explain reads a text as a push and says where it would go. appid is the account's, for a push on
// Biz. Nothing is sent.
func (s *Service) Explain(ctx context.Context, channel event.Channel, appid, body string) (*Explanation, error) {
	p := event.Parse(channel, []byte(body))
	if p.Format == "" {
		return nil, errno.Param("body", "is neither XML nor a JSON object")
	}
	p.ReceivedAt = s.deps.Now().UTC()
	if channel == event.Biz {
		p.AppID = appid
	}
	return s.explain(ctx, p)
}

// ExplainStored does so for a push that was received.
func (s *Service) ExplainStored(ctx context.Context, channel event.Channel, id int64) (*Explanation, error) {
	p, err := s.stored(ctx, channel, id)
	if err != nil {
		return nil, err
	}
	return s.explain(ctx, p)
}

// stored reads a push back from the log.
func (s *Service) stored(ctx context.Context, channel event.Channel, id int64) (*event.Push, error) {
	var body, appid string
	var receivedAt time.Time
	var err error
	if channel == event.Component {
		var row model.ComponentRecord
		row, err = s.deps.Store.ComponentRecordGet(ctx, id)
		body, receivedAt = row.PostBody, row.ReceiveTime
	} else {
		var row model.BizRecord
		row, err = s.deps.Store.BizRecordGet(ctx, id)
		body, appid, receivedAt = row.PostBody, row.AppID, row.ReceiveTime
	}
	switch {
	case errors.Is(err, model.ErrNotFound):
		return nil, errno.Param("id", "there is no push with this id")
	case err != nil:
		return nil, fmt.Errorf("read the push: %w", err)
	}
	return parseStored(channel, appid, body, receivedAt), nil
}

// sendable returns a stored push that is not held.
func (s *Service) sendable(ctx context.Context, channel event.Channel, id int64) (*event.Push, error) {
	p, err := s.stored(ctx, channel, id)
	if err != nil || channel != event.Biz {
		return p, err
	}
	row, err := s.deps.Store.BizRecordGet(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the push: %w", err)
	}
	if row.Held == model.PushHeld {
		return nil, errno.New(errno.BadState, fmt.Sprintf("push %d is of another account than its address says: release it first", id))
	}
	return p, nil
}

func parseStored(channel event.Channel, appid, body string, receivedAt time.Time) *event.Push {
	p := event.Parse(channel, []byte(body))
	p.ReceivedAt = receivedAt.UTC()
	if channel == event.Biz {
		p.AppID = appid
	}
	return p
}

func (s *Service) explain(ctx context.Context, p *event.Push) (*Explanation, error) {
	set, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	rules, _, err := s.Rules(ctx, 0, 0, maxExplained)
	if err != nil {
		return nil, err
	}
	branches, err := s.Branches(ctx)
	if err != nil {
		return nil, err
	}
	accounts := p.AccountAppIDs()
	tags, err := s.deps.Store.AccountTagsOf(ctx, accounts)
	if err != nil {
		return nil, fmt.Errorf("read the tags of the account: %w", err)
	}
	x := &Explanation{Push: p, Tags: tagsOfAll(tags, accounts), Route: set.Match(p)}
	for _, r := range rules {
		x.Verdicts = append(x.Verdicts, Verdict{
			Kind: "rule", ID: int64(r.ID), Name: r.Name, Mode: r.Data.Mode, Open: r.Open, Reached: true,
			Matched: r.Pattern.Match(p), Checks: r.Pattern.explain(p), Targets: []string{ruleKey(r.ID)},
		})
	}
	reached := true
	for _, b := range branches {
		v := Verdict{
			Kind: "branch", ID: b.ID, Name: b.Name, Mode: b.Mode, Open: b.Open, Reached: reached, Stop: b.Stop,
			Matched: b.Conditions.Match(p, x.Tags), Checks: b.Conditions.Explain(p, x.Tags),
		}
		for _, id := range b.Targets {
			v.Targets = append(v.Targets, targetKey(id))
		}
		x.Verdicts = append(x.Verdicts, v)
		stops := b.Open && v.Matched && b.Stop
		reached = reached && !stops
	}
	return x, nil
}

const maxExplained = 1000 // rules

// explain tells of every field of a pattern whether a push meets it.
func (p Pattern) explain(push *event.Push) []Check {
	checks := []Check{}
	add := func(field, wanted, found string) {
		if wanted != "" {
			checks = append(checks, Check{Field: field, Wanted: wanted, Found: clip(found, maxCondition), Matched: fits(wanted, found)})
		}
	}
	channel := event.Biz
	if p.component() && (!p.biz() || push.Channel == event.Component) {
		channel = event.Component
	}
	checks = append(checks, Check{
		Field: "channel", Wanted: string(channel), Found: string(push.Channel), Matched: channel == push.Channel,
	})
	add("infoType", p.InfoType, push.InfoType)
	add("msgType", p.MsgType, push.MsgType)
	add("event", p.Event, push.Event)
	return checks
}
