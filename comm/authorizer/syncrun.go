package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

const (
	syncConcurrency = 8                      // calls for details at the same time
	syncSaveEvery   = 500 * time.Millisecond // how old the progress that is shown may be
	// quotaPatience is how many accounts in a row may meet a used-up quota before WeChat is no longer
	// asked: the rest would meet it as well.
	quotaPatience = 20
)

// errQuota stands for calls that were not made because the quota is used up.
var errQuota = errors.New("not asked: the quota of WeChat's API is used up")

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
// that were asked for since the sync began are not asked for again.
func (s *Service) handleSync(ctx context.Context, task *queue.Task) error {
	r := &syncRun{Service: s, task: task, progress: progressOf(task.Progress)}
	if r.progress.BeganMS == 0 {
		r.progress.BeganMS = s.nowMS()
	}
	r.progress.Done, r.progress.Page, r.progress.Incomplete = 0, 0, false
	r.progress.Errors = slices.DeleteFunc(r.progress.Errors, func(e SyncError) bool { return e.AppID == "" })
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
		r.known[state.AppID] = state
	}
	list, err := r.readList(ctx)
	if err != nil {
		return err
	}
	r.progress.Total = len(list.accounts)
	if err := r.save(ctx); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(syncConcurrency)
	for _, listed := range list.accounts {
		group.Go(func() error { return r.account(groupCtx, listed) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return r.vanish(ctx, list)
}

// account brings one listed account up to date. An error ends the whole sync; what fails for this
// account alone is counted and named.
func (r *syncRun) account(ctx context.Context, listed wx.ListedAccount) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	before, found := r.known[listed.AppID]
	current := found && before.Status == model.Authorized
	if current && before.DetailsMS >= r.progress.BeganMS {
		return r.step(ctx, false)
	}
	added, err := r.bring(ctx, listed, before, current)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		r.failed(ctx, listed.AppID, err)
	}
	return r.step(ctx, added)
}

// bring fetches an account's details and stores them. An account that is not current is authorized
// by it; one that was never seen even when there are no details to be had.
func (r *syncRun) bring(ctx context.Context, listed wx.ListedAccount, before model.AuthorizerState, current bool) (added bool, err error) {
	account, auth, infoErr := r.info(ctx, listed.AppID)
	if infoErr != nil {
		auth = &wx.Authorization{}
	}
	known := before.AppID != ""
	if !current && (infoErr == nil || !known) {
		if auth.RefreshToken == "" {
			auth.RefreshToken = listed.RefreshToken
		}
		if added, err = r.adopt(ctx, listed, before.EventMS, auth); err != nil {
			return false, err
		}
	}
	if infoErr != nil {
		return added, errors.Join(infoErr, r.deps.Rows.AuthorizerDetailsTried(ctx, listed.AppID, r.nowMS()))
	}
	return added, r.storeDetails(ctx, listed.AppID, before.EventMS, account, auth)
}

// adopt makes a listed account authorized, unless an event has told of it since the sync began.
func (r *syncRun) adopt(ctx context.Context, listed wx.ListedAccount, ifEventMS int64, auth *wx.Authorization) (applied bool, err error) {
	authTime := time.Unix(listed.AuthTime.Int64(), 0).UTC()
	if listed.AuthTime <= 0 {
		authTime = r.deps.Now()
	}
	err = r.deps.Tx(ctx, func(tx Rows) error {
		applied, err = tx.AuthorizerSaveToken(ctx, model.Grant{
			AppID: listed.AppID, RefreshToken: auth.RefreshToken, FuncInfo: FormatPermissions(auth.FuncInfo),
			AuthTime: authTime, EventMS: ifEventMS, IsTest: IsTestAccount(listed.AppID),
		})
		if err != nil || !applied {
			return err
		}
		return r.record(ctx, tx, listed.AppID, HistorySynced, Detail{
			AuthTime: authTime.UnixMilli(), FuncInfo: FormatPermissions(auth.FuncInfo),
		})
	})
	if err != nil {
		return false, fmt.Errorf("store the listed account: %w", err)
	}
	return applied, nil
}

// info is AccountInfo until the quota is used up.
func (r *syncRun) info(ctx context.Context, appid string) (*wx.Account, *wx.Authorization, error) {
	r.mu.Lock()
	stop := r.noQuota >= quotaPatience
	r.mu.Unlock()
	if stop {
		return nil, nil, errQuota
	}
	account, auth, err := r.deps.WeChat.AccountInfo(ctx, appid)
	r.mu.Lock()
	defer r.mu.Unlock()
	if wx.ActionOf(err) == wx.ActionStopQuota {
		r.noQuota++
	} else {
		r.noQuota = 0
	}
	return account, auth, err
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

// step counts an account, and shows the progress now and then.
func (r *syncRun) step(ctx context.Context, added bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.Done++
	if added {
		r.progress.Added++
	}
	if time.Since(r.saved) < syncSaveEvery {
		return nil
	}
	return r.saveLocked(ctx)
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
