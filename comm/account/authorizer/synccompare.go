package authorizer

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

const (
	syncConcurrency = 8  // calls for details at the same time
	syncBatch       = 50 // accounts stored in one transaction at most
	// quotaPatience is how many accounts in a row may meet a used-up quota before WeChat is no longer
	// asked: the rest would meet it as well.
	quotaPatience = 20
)

// errQuota stands for calls that were not made because the quota is used up.
var errQuota = errors.New("not asked: the quota of WeChat's API is used up")

// fetched is what WeChat told of a listed account.
type fetched struct {
	listed  wx.ListedAccount
	before  model.AuthorizerState
	current bool // the account is authorized here
	skipped bool // an earlier attempt has stored its details already
	account *wx.Account
	auth    *wx.Authorization
	err     error // there are no details to be had
}

// compare brings every listed account up to date. Calls and storing do not wait for each other:
// what comes in while a transaction is under way is stored with the next.
func (r *syncRun) compare(ctx context.Context, list accountList) error {
	group, ctx := errgroup.WithContext(ctx)
	results := make(chan fetched, syncBatch)
	group.Go(func() error {
		defer close(results)
		return r.fetchAll(ctx, list, results)
	})
	group.Go(func() error { return r.storeAll(ctx, results) })
	return group.Wait()
}

func (r *syncRun) fetchAll(ctx context.Context, list accountList, results chan<- fetched) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(syncConcurrency)
	for _, listed := range list.accounts {
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			f := r.fetch(ctx, listed)
			select {
			case results <- f:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
	}
	return group.Wait()
}

func (r *syncRun) fetch(ctx context.Context, listed wx.ListedAccount) fetched {
	f := fetched{listed: listed, before: r.known[listed.AppID]}
	f.current = f.before.AppID != "" && f.before.Status == model.Authorized
	f.skipped = f.current && f.before.DetailsMS >= r.progress.BeganMS
	if f.skipped {
		return f
	}
	if f.account, f.auth, f.err = r.info(ctx, listed.AppID); f.err != nil {
		f.auth = &wx.Authorization{}
	}
	if f.auth.RefreshToken == "" {
		f.auth.RefreshToken = listed.RefreshToken
	}
	return f
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

func (r *syncRun) storeAll(ctx context.Context, results <-chan fetched) error {
	for first := range results {
		if err := r.store(ctx, gather(first, results)); err != nil {
			return err
		}
	}
	return nil
}

// gather adds what has come in, without waiting for more.
func gather(first fetched, results <-chan fetched) []fetched {
	batch := []fetched{first}
	for len(batch) < syncBatch {
		select {
		case f, ok := <-results:
			if !ok {
				return batch
			}
			batch = append(batch, f)
		default:
			return batch
		}
	}
	return batch
}

// store stores a batch in one transaction; when that fails, each account by itself, so that one
// does not take the others with it. An error ends the whole sync.
func (r *syncRun) store(ctx context.Context, batch []fetched) error {
	var added int
	var renewed []string // accounts whose later authorization was taken over
	err := r.deps.Tx(ctx, func(tx Rows) error {
		added, renewed = 0, nil // the transaction may run again
		for _, f := range batch {
			became, err := r.put(ctx, tx, f)
			if err != nil {
				return err
			}
			switch became {
			case adopted:
				added++
			case takenOver:
				renewed = append(renewed, f.listed.AppID)
			case unchanged:
			}
		}
		return nil
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil && len(batch) > 1 {
		for i := range batch {
			if err := r.store(ctx, batch[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	if err == nil {
		r.forget(ctx, renewed)
	}
	for _, f := range batch {
		if failure := errors.Join(f.err, err); failure != nil {
			r.failed(ctx, f.listed.AppID, failure)
		}
	}
	return r.step(ctx, len(batch), added)
}

// outcome is what became of a listed account's authorization.
type outcome int

const (
	unchanged outcome = iota
	adopted           // it was not authorized here
	takenOver         // it had authorized anew, which no event had told
)

// put stores one account. One that is not current is authorized by it; one that was never seen even
// when there are no details to be had.
func (r *syncRun) put(ctx context.Context, tx Rows, f fetched) (became outcome, err error) {
	appid, known, rev := f.listed.AppID, f.before.AppID != "", f.before.GrantRev
	switch {
	case f.current:
		became, err = r.takeOver(ctx, tx, f)
	case f.err == nil || !known:
		became, err = r.adopt(ctx, tx, f)
	}
	if err != nil || f.skipped {
		return became, err
	}
	if f.err != nil {
		return became, r.putOff(ctx, tx, appid, f.err)
	}
	if became != unchanged {
		rev++
	}
	_, err = r.putDetails(ctx, tx, appid, rev, f.account, f.auth)
	return became, err
}

// adopt makes a listed account authorized, unless an event or the merchant has told of it since the
// sync began.
func (r *syncRun) adopt(ctx context.Context, tx Rows, f fetched) (outcome, error) {
	authTime := time.Unix(f.listed.AuthTime.Int64(), 0).UTC()
	if f.listed.AuthTime <= 0 {
		authTime = r.deps.Now()
	}
	return r.grantListed(ctx, tx, adopted, model.Grant{
		AppID: f.listed.AppID, RefreshToken: f.auth.RefreshToken, FuncInfo: FormatPermissions(f.auth.FuncInfo),
		AuthTime: authTime, EventMS: f.before.EventMS, IfGrantRev: &f.before.GrantRev,
	})
}

// takeOver stores an authorization that the list shows and no event has told of: its time is later than
// that of the stored one, and its refresh token another. At the same time the stored token is the
// newer one, as WeChat may have given it when the listed one was used; so it is when anything has
// happened to the account since before the list was read.
func (r *syncRun) takeOver(ctx context.Context, tx Rows, f fetched) (outcome, error) {
	authTime := time.Unix(f.listed.AuthTime.Int64(), 0).UTC()
	if f.listed.RefreshToken == "" || !authTime.After(f.before.AuthTime) {
		return unchanged, nil
	}
	stored, _, err := r.find(ctx, tx, f.listed.AppID)
	if err != nil || stored.RefreshToken == f.listed.RefreshToken || !authTime.After(stored.AuthTime) {
		return unchanged, err
	}
	g := model.Grant{
		AppID: f.listed.AppID, RefreshToken: f.listed.RefreshToken, AuthTime: authTime,
		EventMS: min(authTime.UnixMilli(), r.nowMS()), IfGrantRev: &f.before.GrantRev,
	}
	if f.auth != nil {
		g.FuncInfo = FormatPermissions(f.auth.FuncInfo)
	}
	became, err := r.grantListed(ctx, tx, takenOver, g)
	if err != nil || became == unchanged {
		return unchanged, err
	}
	return became, tx.TokenDelete(ctx, f.listed.AppID)
}

// grantListed stores an authorization that the list tells of, and returns unchanged where it does not
// count any more.
func (r *syncRun) grantListed(ctx context.Context, tx Rows, became outcome, g model.Grant) (outcome, error) {
	applied, err := tx.AuthorizerSaveToken(ctx, g)
	if err != nil || !applied {
		return unchanged, err
	}
	return became, r.record(ctx, tx, g.AppID, HistorySynced, Detail{AuthTime: g.AuthTime.UnixMilli(), FuncInfo: g.FuncInfo})
}

// forget stops handing out the access tokens of earlier authorizations. The stored ones are gone
// already; one that was being fetched goes now.
func (r *syncRun) forget(ctx context.Context, appids []string) {
	for _, appid := range appids {
		if err := r.deps.Tokens.Forget(ctx, appid); err != nil {
			r.logger(ctx).Warn("the token of an earlier authorization was not forgotten", zap.String("appid", appid), zap.Error(err))
		}
	}
}

// step counts accounts, and shows the progress now and then.
func (r *syncRun) step(ctx context.Context, done, added int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.Done += done
	r.progress.Added += added
	if time.Since(r.saved) < syncSaveEvery {
		return nil
	}
	return r.saveLocked(ctx)
}
