package pushlog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

const (
	outcomeLook = 200  // deliveries at once
	outcomeMost = 2000 // deliveries that one search looks at
)

type forwardMessage = forward.Message

// byOutcome goes through the deliveries of an outcome, which an index finds, and asks the rest of the
// filter of the pushes that they are of.
func (s *Service) byOutcome(ctx context.Context, q Query) (*Page, error) {
	page := &Page{Pushes: []model.PushRow{}}
	cursor := q.Cursor
	seen := make(map[string]bool)
	for looked := 0; ; {
		some, next, err := s.forwarding.Outcomes(ctx, forward.OutcomeQuery{
			Outcome: q.Outcome, Target: q.Target, To: q.To, Cursor: cursor, Limit: q.Limit,
		})
		if err != nil {
			return nil, err
		}
		rows, err := s.matching(ctx, q.PushFilter, some, seen)
		if err != nil {
			return nil, err
		}
		page.Pushes = append(page.Pushes, rows...)
		cursor, looked = next, looked+q.Limit
		switch {
		case cursor == "" || len(some) > 0 && some[len(some)-1].At.Before(q.From):
			return page, nil // what was planned or called before was received before
		case len(page.Pushes) >= q.Limit:
			page.NextCursor = cursor
			return page, nil
		case looked >= outcomeMost:
			page.NextCursor, page.SearchedTo = cursor, reached(some, s.now())
			return page, nil
		}
	}
}

func reached(some []forward.Outcome, now time.Time) time.Time {
	if len(some) == 0 {
		return now.UTC()
	}
	return some[len(some)-1].At.UTC()
}

// matching returns the stored pushes of outcomes that a filter lets through, each once.
func (s *Service) matching(ctx context.Context, f model.PushFilter, outcomes []forward.Outcome, seen map[string]bool) ([]model.PushRow, error) {
	var wanted []forward.Message
	for _, o := range outcomes {
		m := o.Message
		if seen[m.Identity] || !passes(f, m) {
			continue
		}
		seen[m.Identity] = true
		wanted = append(wanted, m)
	}
	rows, err := s.locate(ctx, wanted)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r model.PushRow) bool {
		return f.MsgType != "" && !strings.EqualFold(r.MsgType, f.MsgType)
	})
	for i := range rows {
		rows[i].Body = excerpt(rows[i].Body, f.Text)
	}
	return rows, nil
}

// passes asks of a message what it can say of a filter. Texts are compared as the databases do that
// are not strict about case.
func passes(f model.PushFilter, m forward.Message) bool {
	component := m.Channel == event.Component
	at := m.ReceivedMS / 1000
	switch {
	case f.Channel != 0 && f.Channel != channelNumber(m.Channel):
	case f.AppID != "" && !strings.EqualFold(f.AppID, m.AppID):
	case len(f.InfoTypes) > 0 && (!component || !slices.Contains(f.InfoTypes, m.Event)):
	case (f.MsgType != "" || f.Event != "") && component:
	case f.Event != "" && !strings.EqualFold(f.Event, m.Event):
	case f.Kind != "" && !strings.EqualFold(f.Kind, m.Event):
	case !f.From.IsZero() && at < f.From.Unix():
	case !f.To.IsZero() && at > f.To.Unix():
	case f.Text != "" && !strings.Contains(strings.ToLower(m.Body), strings.ToLower(f.Text)):
	default:
		return true
	}
	return false
}

// locate finds the stored pushes that deliveries are of, whole, in the order of the deliveries: among
// those of the same account that came in within the same second, the one with the same body. Pushes
// that are no longer kept are left out.
func (s *Service) locate(ctx context.Context, messages []forward.Message) ([]model.PushRow, error) {
	var places []model.PushPlace
	for _, m := range messages {
		if p := placeOf(m); !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	if len(places) == 0 {
		return nil, nil
	}
	rows, err := s.store.PushAt(ctx, places)
	if err != nil {
		return nil, fmt.Errorf("find pushes: %w", err)
	}
	type sign struct {
		channel event.Channel
		body    string
	}
	byBody := make(map[sign]model.PushRow, len(rows))
	for _, r := range rows {
		byBody[sign{channelName(r.Channel), r.Body}] = r
	}
	found := make([]model.PushRow, 0, len(messages))
	for _, m := range messages {
		if r, ok := byBody[sign{m.Channel, m.Body}]; ok {
			found = append(found, r)
		}
	}
	return found, nil
}

func placeOf(m forward.Message) model.PushPlace {
	p := model.PushPlace{Channel: channelNumber(m.Channel), At: m.ReceivedMS / 1000}
	if m.Channel == event.Biz {
		p.AppID = m.AppID
	}
	return p
}

// State is what became of one push.
type State struct {
	Key model.PushKey
	model.PushState
}

// States returns what became of pushes; those that are gone are left out.
func (s *Service) States(ctx context.Context, keys []model.PushKey) ([]State, error) {
	rows, err := s.store.PushRows(ctx, keys, 0)
	if err != nil {
		return nil, fmt.Errorf("read pushes: %w", err)
	}
	identities := make([]string, len(rows))
	for i, r := range rows {
		identities[i] = identityOf(r)
	}
	known, err := s.forwarding.States(ctx, identities)
	if err != nil {
		return nil, err
	}
	states := make([]State, len(rows))
	for i, r := range rows {
		states[i] = State{r.Key(), known[identities[i]]}
	}
	return states, nil
}

func identityOf(r model.PushRow) string { return parsed(r).Identity() }

// parsed reads a stored push.
func parsed(r model.PushRow) *event.Push {
	p := event.Parse(channelName(r.Channel), []byte(r.Body))
	p.ReceivedAt = r.ReceiveTime.UTC()
	if r.Channel == model.ChannelBiz {
		p.AppID = r.AppID
	}
	return p
}
