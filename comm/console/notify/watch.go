package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/queue"
	"wxcomponent/db/model"
)

const (
	usualSettle = time.Minute
	// ticketLate is when a ticket should have come long ago: WeChat pushes one every ten minutes.
	ticketLate = 25 * time.Minute
	// ticketPatience is how long a service that was away itself waits for its first ticket.
	ticketPatience = 12 * time.Minute
	// tokenGrace is how long a renewal may fail before people are told: a hiccup is over by then.
	tokenGrace = time.Minute
	// forgotten is when a trouble that nobody has noticed any more is forgotten.
	forgotten = 30 * 24 * time.Hour
)

// Names of troubles.
const (
	troubleTicket = "ticket"
	troubleToken  = "token:"  // and the account's appid, none for the platform's
	troubleTarget = "target:" // and the target's key
)

// Target is told how a forwarding target is doing. Instances notice the same at about the same time;
// people are told once.
func (s *Service) Target(ctx context.Context, kind EventKind, key, name, reason string) error {
	trouble := troubleTarget + key
	if kind == TargetRecovered {
		return s.deps.Store.NotifyStateWell(ctx, trouble)
	}
	paused := kind == TargetPaused
	state, err := s.deps.Store.NotifyStateSee(ctx, trouble, name, !paused)
	if err != nil {
		return err
	}
	return s.tell(ctx, state, paused, Event{Kind: kind, Subject: name, Reason: reason})
}

// TokenRenewed is told of every renewal of an access token, of the platform's with the appid "". The
// failure of one that failed is what people are told after a while.
func (s *Service) TokenRenewed(ctx context.Context, appid string, failure error) error {
	trouble := troubleToken + appid
	if failure == nil {
		return s.deps.Store.NotifyStateWell(ctx, trouble)
	}
	if appid != "" && s.deps.IsTest(appid) {
		return nil
	}
	state, err := s.deps.Store.NotifyStateSee(ctx, trouble, "", false)
	if err != nil || state.SeenMS-state.SinceMS < tokenGrace.Milliseconds() {
		return err
	}
	return s.tell(ctx, state, false, Event{Kind: TokenFailing, AppID: appid, Reason: shown(failure)})
}

// shown is what people are told of an error: WeChat's words or those of our own API. Any other
// error, such as the database's, is for the log.
func shown(err error) string {
	if up, ok := errors.AsType[errno.UpstreamError](err); ok {
		return fmt.Sprintf("errcode %d: %s", up.Upstream().ErrCode, up.Upstream().ErrMsg)
	}
	if _, ok := errors.AsType[net.Error](err); ok || errors.Is(err, context.DeadlineExceeded) {
		return "WeChat's API could not be reached"
	}
	return errno.As(err).Text()
}

// tell tells people of a trouble, unless they know.
func (s *Service) tell(ctx context.Context, state model.NotifyState, paused bool, e Event) error {
	if told := state.ToldMS; !paused && told != 0 || paused && state.PausedMS != 0 {
		return nil
	}
	e.At = s.deps.Now()
	if e.Since.IsZero() {
		e.Since = time.UnixMilli(state.SinceMS).UTC()
	}
	since := state.SinceMS
	if paused { // it may be paused again within the same trouble
		since = state.SeenMS
	}
	e.Key = fmt.Sprintf("%s:%s:%d", e.Kind, state.Name, since)
	work, err := eventWork(e)
	if err != nil {
		return err
	}
	told, err := s.deps.Store.NotifyStateTell(ctx, state.Name, paused, work)
	if told {
		s.deps.Nudge()
	}
	return err
}

// handleWatch is the queue handler of kindWatch.
func (s *Service) handleWatch(ctx context.Context, _ *queue.Task) error {
	ticketAt, err := s.deps.TicketAt(ctx)
	if err == nil {
		err = s.watchTicket(ctx, ticketAt)
	}
	return errors.Join(err, s.watchTroubles(ctx, ticketAt), s.watchLists(ctx))
}

func (s *Service) late(ticketAt time.Time) bool {
	return !ticketAt.IsZero() && s.deps.Now().Sub(ticketAt) > ticketLate
}

// watchTicket tells people when tickets stay away that came before.
func (s *Service) watchTicket(ctx context.Context, at time.Time) error {
	if !s.late(at) || s.deps.Now().Sub(s.began) < ticketPatience {
		return nil
	}
	state, err := s.deps.Store.NotifyStateSee(ctx, troubleTicket, "", false)
	if err != nil {
		return err
	}
	return s.tell(ctx, state, false, Event{Kind: TicketMissing, Since: at})
}

// watchTroubles ends the troubles that are over.
func (s *Service) watchTroubles(ctx context.Context, ticketAt time.Time) error {
	states, err := s.deps.Store.NotifyStateList(ctx)
	for _, state := range states {
		err = errors.Join(err, s.watchTrouble(ctx, state, ticketAt))
	}
	return err
}

func (s *Service) watchTrouble(ctx context.Context, state model.NotifyState, ticketAt time.Time) error {
	now := s.deps.Now().UnixMilli()
	switch {
	case state.WellMS != 0:
		if now-state.WellMS >= s.deps.Settle.Milliseconds() {
			return s.end(ctx, state)
		}
		return nil
	case state.Name == troubleTicket:
		if !s.late(ticketAt) {
			return s.end(ctx, state)
		}
	case strings.HasPrefix(state.Name, troubleTarget):
		return s.watchTarget(ctx, state)
	case strings.HasPrefix(state.Name, troubleToken):
		return s.watchToken(ctx, state)
	}
	return nil
}

// watchTarget notes that a target is well of which the instance that saw it fail does not say so any
// more, because it has ended.
func (s *Service) watchTarget(ctx context.Context, state model.NotifyState) error {
	span, err := s.deps.Store.ForwardSpan(ctx, strings.TrimPrefix(state.Name, troubleTarget))
	if err != nil {
		return err
	}
	if span.LastOKMS > state.SeenMS {
		return s.deps.Store.NotifyStateWell(ctx, state.Name)
	}
	return s.forget(ctx, state)
}

// watchToken forgets the token of an account that does not authorize the platform any more.
func (s *Service) watchToken(ctx context.Context, state model.NotifyState) error {
	appid := strings.TrimPrefix(state.Name, troubleToken)
	if appid == "" {
		return s.forget(ctx, state)
	}
	account, err := s.deps.Store.AuthorizerGet(ctx, appid)
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		return err
	}
	if err != nil || account.Status != model.Authorized {
		_, err := s.deps.Store.NotifyStateEnd(ctx, state.Name, 0, nil)
		return err
	}
	return s.forget(ctx, state)
}

func (s *Service) forget(ctx context.Context, state model.NotifyState) error {
	if s.deps.Now().UnixMilli()-state.SeenMS < forgotten.Milliseconds() {
		return nil
	}
	_, err := s.deps.Store.NotifyStateEnd(ctx, state.Name, 0, nil)
	return err
}

// end forgets a trouble and tells people that it is over, if they knew of it.
func (s *Service) end(ctx context.Context, state model.NotifyState) error {
	e := Event{At: s.deps.Now(), Since: time.UnixMilli(state.SinceMS).UTC(), Subject: state.Subject}
	if state.WellMS != 0 {
		e.At = time.UnixMilli(state.WellMS).UTC()
	}
	switch appid, token := strings.CutPrefix(state.Name, troubleToken); {
	case token:
		e.Kind, e.AppID = TokenRecovered, appid
	case state.Name == troubleTicket:
		e.Kind = TicketRecovered
	default:
		e.Kind = TargetRecovered
	}
	e.Key = fmt.Sprintf("%s:%s:%d", e.Kind, state.Name, state.SinceMS)
	var work *model.Work
	if state.ToldMS != 0 || state.PausedMS != 0 {
		made, err := eventWork(e)
		if err != nil {
			return err
		}
		work = &made
	}
	_, err := s.deps.Store.NotifyStateEnd(ctx, state.Name, state.WellMS, work)
	return err
}

// watchLists makes sure that what is on the lists goes out: what came onto one in the very moment in
// which the work that sends it ended, and what is left of a long one.
func (s *Service) watchLists(ctx context.Context) error {
	channels, err := s.deps.Store.NotifyWaitingChannels(ctx)
	for _, channel := range channels {
		err = errors.Join(err, s.plan(ctx, channel, 0))
	}
	return err
}
