package releasecheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Kind names the exchange of a code in the queue.
const Kind = "release-check"

// maxAttempts are made within some fifteen seconds: WeChat does not wait longer.
const maxAttempts = 8

// asked is the progress of an exchange that WeChat may have made.
const asked = "asked"

// job is the work that a code causes. It is sealed: the code is one.
type job struct {
	Push   string // the identity of the push
	AppID  string
	OpenID string
	Code   string
}

func (s *Service) planExchange(p *event.Push, r request) []model.Work {
	j := job{Push: p.Identity(), AppID: p.AppID, OpenID: p.FromUserName, Code: r.code.Reveal()}
	item := queue.Item{Kind: Kind, Key: Kind + ":" + j.Push, Payload: s.seal(j)}
	work, err := item.Work()
	if err != nil { // a text always makes a payload
		s.deps.Log.Error("the exchange of a code could not be planned", zap.Error(err))
		return nil
	}
	return []model.Work{work}
}

// seal makes the payload. Should sealing fail, it is stored as it is: the push beside it holds the
// same code, and the check would fail without.
func (s *Service) seal(j job) string {
	plain, err := json.Marshal(j)
	if err != nil {
		return "" // texts always encode
	}
	sealed, err := s.deps.Sealer.Seal(string(plain), Kind)
	if err != nil {
		s.deps.Log.Error("the code of a release check could not be encrypted", zap.Error(err))
		return string(plain)
	}
	return sealed
}

func (s *Service) open(task *queue.Task) (j job, err error) {
	plain, err := s.deps.Sealer.Open(task.Payload, Kind)
	if err != nil {
		return j, fmt.Errorf("decrypt the payload: %w", err)
	}
	if err := json.Unmarshal([]byte(plain), &j); err != nil {
		return j, queue.Dead(fmt.Errorf("read the payload: %w", err))
	}
	return j, nil
}

// QueueKind is the kind of work that Plan makes.
func (s *Service) QueueKind() queue.Kind {
	return queue.Kind{
		Name: Kind, Concurrency: 4, Timeout: 30 * time.Second, MaxAttempts: maxAttempts, Handle: s.Handle,
		Backoff: queue.Steps(200*time.Millisecond, 500*time.Millisecond, time.Second, time.Second, 2*time.Second, 4*time.Second),
	}
}

// Handle exchanges the code of an item and sends it back to the user.
func (s *Service) Handle(ctx context.Context, task *queue.Task) error {
	j, err := s.open(task)
	if err != nil {
		return err
	}
	if err := s.step(ctx, j, task, StepExchange, func() error { return s.exchange(ctx, j, task) }); err != nil {
		return err
	}
	return s.step(ctx, j, task, StepMessage, func() error {
		return s.deps.WeChat.SendText(ctx, j.AppID, j.OpenID, j.Code+messageSuffix)
	})
}

// exchange has the code exchanged and the account stored with its new token. A code works once: one
// that is refused after an attempt whose answer was lost has been exchanged by that.
func (s *Service) exchange(ctx context.Context, j job, task *queue.Task) error {
	unsure := task.Progress == asked
	if !unsure {
		if err := task.SetProgress(ctx, asked); err != nil {
			return err
		}
	}
	appid, err := s.deps.Accounts.Exchange(ctx, j.Code)
	switch {
	case err == nil && appid != j.AppID:
		return queue.Dead(errno.New(errno.BadState, "the code belongs to another account"))
	case err == nil:
		return nil
	case unsure && codeSpent(err):
		s.logger(ctx).Info("the code of a release check had been exchanged", zap.String("appid", j.AppID))
		return nil
	case !unsure && refused(err):
		return errors.Join(err, task.SetProgress(ctx, ""))
	}
	return err
}

func codeSpent(err error) bool {
	code := wx.CodeOf(err)
	return code == wx.CodeAuthCodeUsed || code == wx.CodeAuthCodeExpired
}

// refused tells whether WeChat, or we ourselves, said no: then nothing was done.
func refused(err error) bool {
	_, ours := errors.AsType[*errno.Error](err)
	return ours || wx.CodeOf(err) != 0
}

// step does a step and notes how it went.
func (s *Service) step(ctx context.Context, j job, task *queue.Task, step Step, do func() error) error {
	began := s.deps.Now()
	err := do()
	cause := context.Cause(ctx)
	if err != nil && (errors.Is(cause, queue.ErrStopping) || errors.Is(cause, queue.ErrCancelled)) {
		return err // another instance goes on
	}
	note := model.CheckStep{
		PushKey: j.Push, Step: string(step), AppID: j.AppID, AtMS: began.UnixMilli(),
		DurationMS: s.deps.Now().Sub(began).Milliseconds(), Attempt: task.Attempt, State: model.CheckOK,
	}
	if err != nil {
		err = fmt.Errorf("%s of %s: %w", step, j.AppID, err)
		note.State = model.CheckRetrying
		if task.Attempt >= maxAttempts || hopeless(err) {
			note.State, err = model.CheckFailed, queue.Dead(err)
		}
		explain(&note, err)
	}
	s.note(ctx, note)
	return err
}

// hopeless tells whether only a person could make another attempt succeed.
func hopeless(err error) bool {
	switch wx.ActionOf(err) {
	case wx.ActionConfig, wx.ActionPermission, wx.ActionRestartAuth, wx.ActionFixRequest, wx.ActionStopQuota:
		return true
	case wx.ActionNone, wx.ActionRetry, wx.ActionHealToken, wx.ActionReloadTicket, wx.ActionRecoverRefreshToken,
		wx.ActionConfirmAccount, wx.ActionWait:
	}
	return errno.Is(err, errno.NotConfigured) || errno.Is(err, errno.BadState)
}

// explain puts into a note what people are told of an error: WeChat's words or those of our own
// API. Any other error, such as the database's, is for the log.
func explain(note *model.CheckStep, err error) {
	if up, ok := errors.AsType[errno.UpstreamError](err); ok {
		u := up.Upstream()
		note.ErrCode, note.Error, note.Hint = u.ErrCode, u.ErrMsg, u.Hint
		return
	}
	note.Error = errno.As(err).Text()
}
