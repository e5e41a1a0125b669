package forward

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

const (
	maxReply     = 1 << 20                // bytes of an answer that is passed to WeChat
	replyMargin  = 50 * time.Millisecond  // left for encrypting and writing it
	minReplyTime = 200 * time.Millisecond // a call that would have less is not begun
	maxSyncCalls = 100                    // of one target at the same time
	replyKept    = 20 * time.Second       // for repetitions; WeChat gives up before
	maxReplyKept = 32 << 20               // bytes of all of them
	success      = "success"
)

// Asked is a stored push that WeChat waits for the answer to.
type Asked struct {
	Push      *event.Push
	Request   *http.Request // that it came with; its query and headers are passed on
	Duplicate bool          // it had been stored before
	Deadline  time.Time     // to answer by
}

// Answer is what WeChat gets for a push instead of "success".
type Answer struct {
	Body        []byte
	ContentType string
}

// call is the one call of a synchronous target for a push. Repetitions of the push wait for it.
type call struct {
	done   chan struct{}
	answer Answer
	ok     bool
}

// calls are those under way and those that WeChat may still ask for again.
type calls struct {
	mu     sync.Mutex
	byPush map[string]*call
	byKey  map[string]int // under way, by target
	kept   int            // bytes
}

func newCalls() *calls { return &calls{byPush: make(map[string]*call), byKey: make(map[string]int)} }

// Reply asks the synchronous target of a stored push for the answer to it, and returns before the
// deadline. False means "success": there is no such target, or it did not answer as it should and gets
// the push from the queue. A push that WeChat repeats while the first delivery still waits gets the
// same answer, and the target is called once.
func (s *Service) Reply(ctx context.Context, a Asked) (Answer, bool) {
	target := s.set.Get().Match(a.Push).Sync
	if target == nil {
		return Answer{}, false
	}
	m := newMessage(a.Push)
	c, first := s.calls.join(m.Identity, target.Key, !a.Duplicate)
	switch {
	case c == nil && a.Duplicate:
		return Answer{}, false // asked by another instance, or long ago
	case c == nil:
		s.giveToQueue(ctx, target, &m, nil)
		return Answer{}, false
	}
	if first {
		work := context.WithoutCancel(ctx) // WeChat may hang up and ask again
		limit := min(target.SyncTimeout, time.Until(a.Deadline)-replyMargin)
		r := request{target: target, message: &m, attempt: 1, push: a.Push, inbound: inboundOf(a.Request), limit: maxReply}
		s.background(func() { s.call(work, c, r, limit) })
	}
	ctx, cancel := context.WithDeadline(ctx, a.Deadline)
	defer cancel()
	select {
	case <-c.done:
		return c.answer, c.ok
	case <-ctx.Done():
		return Answer{}, false
	}
}

// call asks the target and settles the delivery that stands behind the call.
func (s *Service) call(ctx context.Context, c *call, r request, limit time.Duration) {
	a, err := s.ask(ctx, r, limit)
	var made *model.Attempt
	if a != nil {
		made = s.attempt(r, a, err, model.CauseSync)
		s.observe(made, r.message.ReceivedMS)
	}
	if err == nil {
		reply, unfit := s.replyOf(ctx, r, a)
		if unfit != nil { // the target has the push all the same
			s.logger(ctx).Warn("the answer of a target is not passed to WeChat",
				zap.String("target", r.target.Key), zap.NamedError("why", unfit))
			made.Error = refusal(unfit, a.body)
		}
		c.answer, c.ok = reply, reply.Body != nil
	}
	s.calls.finish(r.message.Identity, r.target.Key, c)
	if err != nil {
		s.giveToQueue(ctx, r.target, r.message, made)
		return
	}
	s.settle(ctx, model.Outcome{
		Key: deliveryKey(r.message.Identity, r.target.Key), State: model.WorkDone, Attempt: made,
	})
}

// ask calls the target unless it is known to be unwell. The error is why the push has to go by the
// queue.
func (s *Service) ask(ctx context.Context, r request, limit time.Duration) (a *answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the call panicked: %v", p)
		}
	}()
	if limit < minReplyTime {
		return nil, errors.New("too little time was left to wait for the target")
	}
	if !s.state(r.target.Key).breaker.try() {
		return nil, errors.New("the target keeps failing and is given a rest")
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	a = s.sender.send(ctx, r)
	err = a.failure()
	s.called(ctx, r.target, err == nil, true)
	return a, err
}

// fit tells why an answer cannot be passed to WeChat.
func fit(a *answer) error {
	switch {
	case !a.whole:
		return errors.New("the answer is larger than 1 MiB")
	case !isText(a):
		return errors.New("the answer is not text")
	}
	return nil
}

// isText accepts the types that text comes in, and no type, if the bytes are text.
func isText(a *answer) bool {
	kind, _, _ := strings.Cut(strings.ToLower(a.contentType), ";")
	kind = strings.TrimSpace(kind)
	for _, binary := range []string{"image/", "audio/", "video/", "font/", "application/octet-stream", "application/zip"} {
		if strings.HasPrefix(kind, binary) {
			return false
		}
	}
	return utf8.Valid(a.body) && strings.IndexFunc(string(a.body), func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t'
	}) < 0
}

// replyOf is what WeChat gets, nothing for "success". The error is why the answer is no reply.
func (s *Service) replyOf(ctx context.Context, r request, a *answer) (Answer, error) {
	if err := fit(a); err != nil {
		return Answer{}, err
	}
	if saysNothing(a.body) {
		return Answer{}, nil
	}
	body, err := replyTo(r.push, a.body, func() bool { return s.miniProgram(ctx, r.message.AppID) })
	if err != nil {
		return Answer{}, fmt.Errorf("the answer is no reply to this push: %w", err)
	}
	kind := a.contentType
	if kind == "" {
		kind = "text/plain; charset=utf-8"
	}
	return Answer{Body: body, ContentType: kind}, nil
}

// miniProgram tells whether an account is known to be a mini program.
func (s *Service) miniProgram(ctx context.Context, appid string) bool {
	if s.deps.MiniProgram == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, s.deps.StoreTimeout)
	defer cancel()
	return s.deps.MiniProgram(ctx, appid)
}

// refusal is what people are told of an answer that is not passed on.
func refusal(why error, body []byte) string {
	return clip(why.Error()+" (it begins with "+beginningOf(body)+"); WeChat got success", maxError)
}

// giveToQueue turns the delivery behind a failed call into an ordinary one, after WeChat has its
// answer. Should that fail as well, the delivery is found when its time is over.
func (s *Service) giveToQueue(ctx context.Context, t *Target, m *Message, made *model.Attempt) {
	ctx = context.WithoutCancel(ctx)
	s.background(func() {
		ctx, cancel := context.WithTimeout(ctx, s.settleTimeout())
		defer cancel()
		if made != nil {
			s.settle(ctx, model.Outcome{Attempt: made})
		}
		err := s.deps.Store.ForwardPromoteKey(ctx, deliveryKey(m.Identity, t.Key), holdKind+t.Key, deliverKind+t.Key)
		if err != nil {
			s.logger(ctx).Warn("a push whose target did not answer will be delivered later", zap.Error(err))
			return
		}
		s.Nudge()
	})
}

// background runs what goes on after WeChat has its answer.
func (s *Service) background(fn func()) {
	s.after.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				s.deps.Log.Error("forwarding panicked", zap.Any("panic", p), zap.Stack("stack"))
			}
		}()
		fn()
	})
}

// settleTimeout is for the record of a call, which may have to wait for another to be written.
func (s *Service) settleTimeout() time.Duration { return 2 * s.deps.StoreTimeout }

func (s *Service) settle(ctx context.Context, o model.Outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.settleTimeout())
	defer cancel()
	if _, err := s.ledger.record(ctx, o); err != nil {
		s.logger(ctx).Warn("the call of a target could not be recorded, it may get the push again", zap.Error(err))
	}
}

// join returns the call for a push. It begins one when there is none and begin is set; nil means
// that there is none, or that the target has too many.
func (c *calls) join(identity, target string, begin bool) (_ *call, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.byPush[identity]; known != nil {
		return known, false
	}
	if !begin || c.byKey[target] >= maxSyncCalls {
		return nil, false
	}
	c.byKey[target]++
	next := &call{done: make(chan struct{})}
	c.byPush[identity] = next
	return next, true
}

// finish wakes those who wait and keeps the answer for repetitions, memory permitting.
func (c *calls) finish(identity, target string, ended *call) {
	close(ended.done)
	size := len(ended.answer.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[target]--; c.byKey[target] == 0 {
		delete(c.byKey, target)
	}
	if c.kept+size > maxReplyKept {
		delete(c.byPush, identity)
		return
	}
	c.kept += size
	time.AfterFunc(replyKept, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.kept -= size
		delete(c.byPush, identity)
	})
}
