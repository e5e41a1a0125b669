// Package releasecheck answers WeChat's check of a platform before its release to all merchants
// (全网发布检测), so that a platform passes it whatever else is done with its pushes.
//
// WeChat checks with accounts of its own: it has them authorize the platform, writes a fixed text and
// wants a fixed reply at once, and writes an authorization code and wants an empty answer at once
// and the code back as a customer service message, sent with what the code was exchanged for. The
// exchange is work of the queue, planned in the transaction that stores the push. Each step is
// noted, to show how the last check went.
package releasecheck

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/log"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Step is a part of the check, as its notes name it.
type Step string

// The steps, in the order in which they are shown.
const (
	StepTicket     Step = "ticket"     // a component_verify_ticket was there
	StepAuthorized Step = "authorized" // the account's authorization was handled
	StepText       Step = "text"       // the fixed text was answered
	StepEvent      Step = "event"      // an event was answered, as older versions of the check want it
	StepCode       Step = "code"       // the code was received and answered with nothing
	StepExchange   Step = "exchange"   // the code was exchanged (api_query_auth)
	StepMessage    Step = "message"    // the customer service message was sent
)

// Switch says whether the check is answered.
type Switch interface {
	Get() bool
	Set(ctx context.Context, on bool) error
}

// Store keeps the steps. Of a step that is put again the outcome changes until it is a good one.
type Store interface {
	CheckStepPut(ctx context.Context, c model.CheckStep) error
	// CheckStepList returns up to limit of the newest steps, oldest first.
	CheckStepList(ctx context.Context, limit int) ([]model.CheckStep, error)
}

// Accounts keep what authorizes the platform.
type Accounts interface {
	// Exchange turns a code into an authorized account, or finds the account if it did so before.
	Exchange(ctx context.Context, code string) (appid string, err error)
	Timeline(ctx context.Context, appid string) ([]authorizer.Entry, error)
}

// WeChat sends customer service messages.
type WeChat interface {
	SendText(ctx context.Context, appid, openID, content string) error
}

// Sealer encrypts payloads at rest: they hold authorization codes.
type Sealer interface {
	Seal(plain, aad string) (string, error)
	Open(sealed, aad string) (string, error)
}

// Deps are what a Service works with.
type Deps struct {
	Switch   Switch
	Store    Store
	Accounts Accounts
	WeChat   WeChat
	Sealer   Sealer
	TicketAt func(ctx context.Context) (time.Time, error) // when the newest ticket came, zero for none
	Now      func() time.Time
	Log      *zap.Logger
}

// Service answers the check.
type Service struct {
	deps     Deps
	accounts accounts
	notes    chan model.CheckStep
}

// notesKept is how many notes may wait to be written. A check makes a dozen.
const notesKept = 256

// New returns the service. Run writes its notes.
func New(deps Deps) *Service {
	return &Service{deps: deps, accounts: newAccounts(), notes: make(chan model.CheckStep, notesKept)}
}

// Enabled tells whether the check is answered.
func (s *Service) Enabled() bool { return s.deps.Switch.Get() }

// SetEnabled switches the answers on or off, on every instance.
func (s *Service) SetEnabled(ctx context.Context, on bool) error { return s.deps.Switch.Set(ctx, on) }

// Plan returns the work that follows from a push of the check. True says that the push is of the
// check, and nobody else's business.
func (s *Service) Plan(p *event.Push) (work []model.Work, ours bool) {
	r, ours := s.read(p)
	if !ours || r.step != StepCode {
		return nil, ours
	}
	return s.planExchange(p, r), true
}

// Reply returns the answer to a push of the check; false when it is not one. A push that WeChat
// repeats gets the same answer.
func (s *Service) Reply(p *event.Push) (Answer, bool) {
	r, ours := s.read(p)
	if !ours {
		return Answer{}, false
	}
	s.noteLater(model.CheckStep{
		PushKey: p.Identity(), Step: string(r.step), AppID: p.AppID, AtMS: p.ReceivedAt.UnixMilli(),
		DurationMS: s.deps.Now().Sub(p.ReceivedAt).Milliseconds(), Attempt: 1, State: model.CheckOK,
	})
	return r.answer(p), true
}

func (s *Service) read(p *event.Push) (request, bool) {
	if _, ours := s.accounts[p.AppID]; !ours || !s.Enabled() {
		return request{}, false
	}
	return s.accounts.read(p)
}

func (s *Service) logger(ctx context.Context) *zap.Logger { return log.From(ctx, s.deps.Log) }

// noteTimeout bounds the writing of a note: it is only there to be shown.
const noteTimeout = 5 * time.Second

// noteLater has Run write a note, without waiting for it.
func (s *Service) noteLater(step model.CheckStep) {
	select {
	case s.notes <- step:
	default:
		s.deps.Log.Warn("a step of the release check was not noted: too many are waiting", zap.String("step", step.Step))
	}
}

// Run writes notes until ctx ends, and those that are waiting then.
func (s *Service) Run(ctx context.Context) {
	for {
		select {
		case step := <-s.notes:
			s.note(ctx, step)
		case <-ctx.Done():
			for len(s.notes) > 0 {
				s.note(ctx, <-s.notes)
			}
			return
		}
	}
}

// note writes a step, and the ticket of that time. The check does not depend on it.
func (s *Service) note(ctx context.Context, step model.CheckStep) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	err := s.deps.Store.CheckStepPut(ctx, step)
	if err == nil {
		err = s.noteTicket(ctx)
	}
	if err != nil {
		s.logger(ctx).Warn("a step of the release check could not be noted", zap.String("step", step.Step), zap.Error(err))
	}
}

// noteTicket keeps which ticket there was: WeChat sends one when a check begins.
func (s *Service) noteTicket(ctx context.Context) error {
	at, err := s.deps.TicketAt(ctx)
	if err != nil || at.IsZero() {
		return err
	}
	return s.deps.Store.CheckStepPut(ctx, model.CheckStep{
		PushKey: fmt.Sprintf("%s:%d", StepTicket, at.UnixMilli()), Step: string(StepTicket), AtMS: at.UnixMilli(),
		Attempt: 1, State: model.CheckOK,
	})
}
