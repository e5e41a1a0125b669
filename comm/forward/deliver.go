package forward

import (
	"context"
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

// deliver is the handler of a delivery: one attempt.
func (s *Service) deliver(ctx context.Context, key string, task *queue.Task) error {
	var m Message
	if err := task.Decode(&m); err != nil {
		return err
	}
	target, err := s.awaitTarget(ctx, key)
	if err != nil {
		return err
	}
	cause := model.CausePush
	if task.Progress == model.CauseManual {
		cause = model.CauseManual
	}
	r := request{target: target, message: &m, attempt: task.Attempt, limit: keptAnswer}
	a := s.sendWithin(ctx, r)
	if err = a.failure(); a.accepted() {
		err = nil // what the answer says besides is for people
	}
	s.breaker(key).done(err == nil, ctx.Err() == nil)
	if ctx.Err() != nil && err != nil {
		return err // cut off from here: no attempt of the target's
	}
	made := s.attempt(r, a, err, cause)
	made.WorkID = task.ID
	s.ledger.note(made)
	s.metrics.delivered(cause, err == nil, s.deps.Now().Sub(time.UnixMilli(m.ReceivedMS)))
	if err == nil {
		return nil
	}
	if a.status == http.StatusGone {
		s.switchOff(ctx, target)
	}
	return s.again(target, task.Attempt, a.retryAfter, err)
}

func (s *Service) sendWithin(ctx context.Context, r request) *answer {
	ctx, cancel := context.WithTimeout(ctx, r.target.Timeout)
	defer cancel()
	return s.sender.send(ctx, r)
}

// awaitTarget returns when the target may be called. While it is switched off or unwell the
// delivery waits in its lane, without an attempt; a target that is removed takes the lane with it.
func (s *Service) awaitTarget(ctx context.Context, key string) (*Target, error) {
	for {
		if err := s.breaker(key).wait(ctx); err != nil {
			return nil, err
		}
		if target := s.set.Get().Target(key); target != nil {
			return target, nil
		}
		s.breaker(key).done(false, false)
		if !pauseFor(ctx, lookEvery) {
			return nil, context.Cause(ctx)
		}
	}
}

// again says when the delivery is tried once more. A target may ask for up to twice the pause.
func (s *Service) again(t *Target, attempt int, asked time.Duration, err error) error {
	if attempt >= len(t.Schedule) {
		return queue.Dead(err)
	}
	pause := t.Schedule[max(attempt, 1)]
	pause = min(max(asked, pause), 2*pause)
	return queue.RetryAfter(pause, err)
}

// attempt is the record of a call; a is nil when it was not made.
func (s *Service) attempt(r request, a *answer, err error, cause string) *model.Attempt {
	rec := &model.Attempt{
		Target: r.target.Key, Identity: r.message.Identity, Channel: string(r.message.Channel),
		AppID: r.message.AppID, Event: r.message.Event, AtMS: s.deps.Now().UnixMilli(),
		OK: err == nil, Cause: cause, Attempt: r.attempt,
	}
	if err != nil {
		rec.Error = clip(err.Error(), maxError)
	}
	if a != nil {
		rec.AtMS, rec.DurationMS, rec.Status = a.began.UnixMilli(), a.took.Milliseconds(), a.status
		rec.Answer = readable(a.body)
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
	id, ok := ruleID(t.Key)
	if !ok {
		return
	}
	err := s.deps.Store.ForwardRuleClose(ctx, id)
	if err == nil {
		err = s.set.Refresh(ctx)
	}
	s.logger(ctx).Warn("a target answered 410 Gone and is switched off", zap.String("target", t.Key), zap.Error(err))
}
