package inits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/account/authlink"
	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/releasecheck"
	"wxcomponent/comm/auth"
	"wxcomponent/comm/console/refusals"
	"wxcomponent/comm/console/selfcheck"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/token"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

// tokenStore is the token table as the token centre wants it.
type tokenStore struct{ store *dao.Store }

func (s tokenStore) Now(ctx context.Context) (time.Time, error) { return s.store.Now(ctx) }

func (s tokenStore) Ticket(ctx context.Context) (string, error) {
	return s.store.TicketGet(ctx)
}

func (s tokenStore) TokenGet(ctx context.Context, appid string) (token.Token, error) {
	t, err := s.store.TokenGet(ctx, tokenType(appid), appid)
	if errors.Is(err, model.ErrNotFound) {
		return token.Token{}, nil
	}
	if err != nil {
		return token.Token{}, err
	}
	return token.Token{Value: t.Token, ExpiresAt: t.ExpireTime, Lifetime: time.Duration(t.Lifetime) * time.Second}, nil
}

func (s tokenStore) TokenPut(ctx context.Context, appid string, t token.Token, l token.Lease) error {
	err := s.store.TokenPut(ctx, model.Token{
		Type: tokenType(appid), AppID: appid, Token: t.Value,
		ExpireTime: t.ExpiresAt, Lifetime: int(t.Lifetime.Seconds()),
	}, db.Lease(l))
	if errors.Is(err, model.ErrFenced) {
		return fmt.Errorf("%w: %w", token.ErrFenced, err)
	}
	return err
}

func (s tokenStore) TokenDelete(ctx context.Context, appid string) error {
	return s.store.TokenDelete(ctx, appid)
}

func (s tokenStore) LeaseTake(ctx context.Context, name, owner string, ttl time.Duration) (int64, bool, error) {
	return s.store.LeaseTake(ctx, name, owner, ttl)
}

func (s tokenStore) LeaseRelease(ctx context.Context, name, owner string, fence int64) error {
	return s.store.LeaseRelease(ctx, name, owner, fence)
}

func tokenType(appid string) int {
	if appid == "" {
		return model.TokenComponent
	}
	return model.TokenAuthorizer
}

// facts is what the self-check asks of the database.
type facts struct{ store *dao.Store }

func (f facts) TicketReceivedAt(ctx context.Context) (time.Time, error) {
	kv, err := f.store.KVRow(ctx, dao.KeyTicket)
	if errors.Is(err, model.ErrNotFound) {
		return time.Time{}, nil
	}
	return kv.UpdateTime, err
}

func (f facts) LastPush(ctx context.Context) (component, biz time.Time, err error) {
	if component, err = f.store.PushLatest(ctx, model.ChannelComponent); err != nil {
		return component, biz, err
	}
	biz, err = f.store.PushLatest(ctx, model.ChannelBiz)
	return component, biz, err
}

func (f facts) AuthorizerCounts(ctx context.Context) (selfcheck.Counts, error) {
	kinds, err := f.store.AuthorizerCounts(ctx)
	counts := selfcheck.Counts{Kinds: map[string]int64{}}
	for kind, n := range kinds {
		counts.Kinds[string(kind)] = n
		counts.Authorizers += n
		if kind.Official() {
			counts.OfficialAccounts += n
		}
	}
	counts.MiniPrograms = kinds[model.KindMiniProgram]
	return counts, err
}

func (f facts) ClockRefusal(ctx context.Context) (signedAt, at time.Time, err error) {
	return f.store.ClockRefusal(ctx)
}

// auditor writes the audit trail with who is logged in and where the request came from.
type auditor struct {
	store *dao.Store
	now   func() time.Time
}

func (a auditor) Record(ctx context.Context, action, object string) error {
	id := auth.IdentityOf(ctx)
	return a.store.AuditAdd(ctx, model.Audit{
		AtMS: a.now().UnixMilli(), Username: id.Username, Address: id.Address,
		Action: action, Object: object, Result: "ok",
	})
}

// preAuth gets pre-auth codes from WeChat, no more in a minute than merchants need: anybody may ask for
// one, and the platform's quota is one for all.
type preAuth struct {
	wechat  *wx.Client
	store   *dao.Store
	refused func(area, reason string)
}

// preAuthMost is how many codes all instances together ask for in a minute.
const preAuthMost = 120

func (p preAuth) PreAuthCode(ctx context.Context) (string, time.Duration, error) {
	const key = "preauth"
	n, err := p.store.CounterGet(ctx, key, time.Minute)
	if err == nil && n < preAuthMost {
		n, err = p.store.CounterHit(ctx, key, time.Minute)
		n--
	}
	if err != nil {
		return "", 0, fmt.Errorf("count pre-auth codes: %w", err)
	}
	if n >= preAuthMost {
		p.refused(refusals.PreAuth, "total_budget")
		return "", 0, errno.New(errno.RateLimited, "")
	}
	c, err := p.wechat.CreatePreAuthCode(ctx)
	return c.Code, c.ExpiresIn, err
}

// linkAccounts is what authorization links need of accounts.
type linkAccounts struct {
	*authorizer.Service
	store *dao.Store
}

func (l linkAccounts) Bind(ctx context.Context, appid, state string) error {
	return l.SetState(ctx, appid, state)
}

func (l linkAccounts) Brief(ctx context.Context, appid string) (authlink.Account, error) {
	row, err := l.store.AuthorizerGet(ctx, appid)
	return authlink.Account{AppID: appid, NickName: row.NickName, HeadImg: row.HeadImg}, err
}

// replier answers the pushes of WeChat's release check, and the others with what synchronous
// forwarding targets say.
type replier struct {
	check    *releasecheck.Service
	forward  *forward.Service
	patience time.Duration // beyond the deadline
}

func (r replier) Reply(ctx context.Context, a wxcallback.Asked) (wxcallback.Reply, bool) {
	if answer, ours := r.check.Reply(a.Push); ours {
		return wxcallback.Reply(answer), true
	}
	a.Deadline = a.Deadline.Add(r.patience)
	answer, ok := r.forward.Reply(ctx, forward.Asked(a))
	return wxcallback.Reply(answer), ok
}
