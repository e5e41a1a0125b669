package authorizer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// syncSaveEvery is how old the progress that is shown may be.
const syncSaveEvery = 500 * time.Millisecond

// syncRun is one attempt at a sync.
type syncRun struct {
	*Service
	task  *queue.Task
	known map[string]model.AuthorizerState // as of before the list was read

	mu       sync.Mutex // guards what follows
	progress Progress
	saved    time.Time
	noQuota  int // accounts in a row that met a used-up quota
}

// handleSync is the queue handler of KindSync. An attempt that was cut off is continued: accounts
// whose details were fetched since the sync began are not asked for again.
func (s *Service) handleSync(ctx context.Context, task *queue.Task) error {
	earlier := progressOf(task.Progress)
	r := &syncRun{Service: s, task: task, progress: Progress{
		BeganMS: cmp.Or(earlier.BeganMS, s.nowMS()), Added: earlier.Added, Vanished: earlier.Vanished, Errors: []SyncError{},
	}}
	err := r.all(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		r.failed(ctx, "", err)
	}
	return errors.Join(err, r.save(ctx))
}

// all compares every account with WeChat's list.
func (r *syncRun) all(ctx context.Context) error {
	states, err := r.deps.Rows.AuthorizerStates(ctx)
	if err != nil {
		return err
	}
	r.known = make(map[string]model.AuthorizerState, len(states))
	for _, state := range states {
		if !IsTestAccount(state.AppID) { // listed or not, they are no customers
			r.known[state.AppID] = state
		}
	}
	list, err := r.readList(ctx)
	if err != nil {
		return err
	}
	list.accounts = slices.DeleteFunc(list.accounts, func(a wx.ListedAccount) bool { return IsTestAccount(a.AppID) })
	r.progress.Total = len(list.accounts)
	if err := r.save(ctx); err != nil {
		return err
	}
	if err := r.compare(ctx, list); err != nil {
		return err
	}
	return r.vanish(ctx, list)
}

// vanish takes accounts out of service that WeChat no longer lists. For them the list is read once
// more: it comes in pages, and what moves from one page to another meanwhile is missed. Accounts
// that an event has told of since the sync began stay.
func (r *syncRun) vanish(ctx context.Context, list accountList) (err error) {
	missing := r.missing(list)
	if len(missing) == 0 {
		return nil
	}
	if list.complete {
		if list, err = r.readList(ctx); err != nil {
			return err
		}
	}
	if !list.complete {
		r.progress.Incomplete = true
		return nil
	}
	for _, before := range missing {
		if list.has(before.AppID) {
			continue
		}
		if err := r.takeOut(ctx, before); err != nil {
			return err
		}
	}
	return nil
}

func (r *syncRun) missing(list accountList) []model.AuthorizerState {
	var missing []model.AuthorizerState
	for _, before := range r.known {
		if before.Status == model.Authorized && !list.has(before.AppID) {
			missing = append(missing, before)
		}
	}
	return missing
}

func (r *syncRun) takeOut(ctx context.Context, before model.AuthorizerState) error {
	var changed bool
	err := r.deps.Tx(ctx, func(tx Rows) (err error) {
		changed, err = tx.AuthorizerVanish(ctx, before.AppID, before.EventMS, before.StatusMS)
		if err != nil || !changed {
			return err
		}
		return r.record(ctx, tx, before.AppID, HistoryVanished, Detail{})
	})
	if err != nil {
		return fmt.Errorf("take %s out of service: %w", before.AppID, err)
	}
	if !changed {
		return nil
	}
	r.progress.Vanished++
	if err := r.deps.Tokens.Forget(ctx, before.AppID); err != nil { // the stored token is gone already
		r.logger(ctx).Warn("the token of a vanished account was not forgotten", zap.String("appid", before.AppID), zap.Error(err))
	}
	return nil
}

// failed names what went wrong with an account, or with the whole sync where appid is empty.
func (r *syncRun) failed(ctx context.Context, appid string, err error) {
	r.logger(ctx).Warn("sync of accounts", zap.String("appid", appid), zap.Error(err))
	code, text := shown(err)
	if errors.Is(err, errQuota) {
		text = errQuota.Error()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if appid != "" {
		r.progress.Failed++
	}
	if len(r.progress.Errors) < errorsMax || appid == "" {
		r.progress.Errors = append(r.progress.Errors, SyncError{AppID: appid, ErrCode: code, Message: text})
	}
}

func (r *syncRun) save(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.saveLocked(ctx)
}

func (r *syncRun) saveLocked(ctx context.Context) error {
	text, err := json.Marshal(r.progress)
	if err != nil {
		return fmt.Errorf("encode progress: %w", err)
	}
	r.saved = time.Now()
	return r.task.SetProgress(ctx, string(text))
}
