package forward

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/queue"
	"wxcomponent/db/model"
)

const (
	keptAnswer = 20_000 // bytes of an answer that are read and kept
	maxError   = 500    // characters
)

// errStopping says that the lane of a delivery is being closed.
var errStopping = errors.New("deliveries to the target are being stopped")

// turns are the calls of a target that may be under way at the same time. Writing down what became
// of a call is no part of it.
type turns chan struct{}

// take returns when it is the caller's turn, or ctx or lane ends.
func (t turns) take(ctx, lane context.Context) error {
	if lane.Err() != nil {
		return errStopping
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-lane.Done():
		return errStopping
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t turns) leave() { <-t }

// deliver is the handler of a delivery: one attempt. It waits until the target may be called, or
// lane ends.
func (s *Service) deliver(ctx, lane context.Context, calls turns, key string, task *queue.Task) error {
	m, err := s.messages.decode(task.Payload)
	if err != nil {
		return queue.Dead(err) // it would not fit next time either
	}
	r, a, err := s.callInTurn(ctx, lane, calls, key, task.Attempt, &m)
	if err != nil {
		if ctx.Err() == nil {
			s.ledger.giveBack(task.ID)
		}
		return err
	}
	s.made.Add(1)
	if err = a.failure(); a.accepted() {
		err = nil // what the answer says besides is for people
	}
	cutOff := err != nil && ctx.Err() != nil // from here: no attempt of the target's
	s.called(ctx, r.target, err == nil, !cutOff)
	if cutOff {
		return err
	}
	made := s.attempt(r, a, err, causeOf(task))
	made.WorkID = task.ID
	s.ledger.note(made)
	s.observe(made, m.ReceivedMS)
	if err == nil {
		return nil
	}
	if a.status == http.StatusGone {
		s.switchOff(ctx, r.target)
	}
	return s.again(r.target, task.Attempt, a.retryAfter, err)
}

// callInTurn calls the target as soon as that may be done. The error is why it was not called.
func (s *Service) callInTurn(ctx, lane context.Context, calls turns, key string, attempt int, m *Message) (
	r request, a *answer, err error,
) {
	if err := calls.take(ctx, lane); err != nil {
		return r, nil, err
	}
	defer calls.leave()
	target, err := s.awaitTarget(ctx, lane, key)
	if err != nil {
		return r, nil, err
	}
	r = request{target: target, message: m, attempt: attempt, limit: keptAnswer}
	return r, s.sendWithin(ctx, r), nil
}

func causeOf(task *queue.Task) string {
	if task.Progress == model.CauseManual {
		return model.CauseManual
	}
	return model.CausePush
}

func (s *Service) sendWithin(ctx context.Context, r request) *answer {
	ctx, cancel := context.WithTimeout(ctx, r.target.Timeout)
	defer cancel()
	return s.sender.send(ctx, r)
}

// awaitTarget returns when the target may be called. While it is unwell, or gets no more for now, the
// delivery waits in its lane, without an attempt.
func (s *Service) awaitTarget(ctx, lane context.Context, key string) (*Target, error) {
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(lane, func() { cancel(errStopping) })()
	for {
		target := s.set.Get().Target(key)
		if target != nil && !target.Paused {
			err := s.state(key).wait(waiting, target.Rate)
			return target, err
		}
		if !pauseFor(waiting, lookEvery) { // a target that was removed takes its lane with it
			return nil, context.Cause(waiting)
		}
	}
}

// again says when the delivery is tried once more. A target may ask for up to twice the pause, and is
// not called before that.
func (s *Service) again(t *Target, attempt int, asked time.Duration, err error) error {
	if attempt >= len(t.Schedule) {
		s.metrics.dead.Inc()
		return queue.Dead(err)
	}
	scheduled := t.Schedule[max(attempt, 1)]
	return queue.RetryAfter(max(spread(scheduled), min(asked, 2*scheduled)), err)
}

// spread moves a pause by up to 15 % either way, so that what failed together is not tried together, and
// a call that is a little late is still within a fifth of its schedule.
func spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.85 + 0.3*rand.Float64())) //nolint:gosec // spread, not secrecy
}

// attempt is the record of a call.
func (s *Service) attempt(r request, a *answer, err error, cause string) *model.Attempt {
	rec := &model.Attempt{
		Target: r.target.Key, Identity: r.message.Identity, Channel: string(r.message.Channel),
		AppID: r.message.AppID, Event: r.message.Event, AtMS: a.began.UnixMilli(), DurationMS: a.took.Milliseconds(),
		OK: err == nil, Status: a.status, Answer: readable(a.body), Cause: cause, Attempt: r.attempt,
	}
	if err != nil {
		rec.Error = clip(err.Error(), maxError)
	}
	return rec
}

// readable is the beginning of an answer, as far as it is text.
func readable(body []byte) string {
	text := strings.ToValidUTF8(string(body[:min(len(body), keptAnswer)]), "\ufffd")
	return strings.ReplaceAll(text, "\x00", "\ufffd")
}

func clip(s string, n int) string {
	runes := []rune(strings.ToValidUTF8(s, "\ufffd"))
	return string(runes[:min(len(runes), n)])
}

// switchOff is for a target that says it is gone for good.
func (s *Service) switchOff(ctx context.Context, t *Target) {
	const reason = "the target answered 410 Gone"
	var err error
	if id, ok := ruleID(t.Key); ok {
		err = s.deps.Store.ForwardRuleClose(ctx, id)
	} else if id, ok := ownID(t.Key); ok {
		err = s.deps.Store.ForwardTargetPause(ctx, id, true, reason)
	}
	if err == nil {
		err = s.inForce(ctx)
	}
	s.logger(ctx).Warn("a target is switched off", zap.String("target", t.Key), zap.String("why", reason), zap.Error(err))
	s.notify(ctx, Notice{Kind: NoticePaused, Target: t.Key, Name: t.Name, Reason: reason})
}
