package react_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/push/react"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx"
	"wxcomponent/comm/wx/event"
	"wxcomponent/comm/wx/token"
	"wxcomponent/comm/wxsim"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// patient waits for an answer however long it takes.
type patient struct{ http.RoundTripper }

func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	return p.RoundTripper.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
}

// tokenRows is the token table for the token centre. It takes as long as it takes.
type tokenRows struct{ *dao.Store }

func (s tokenRows) Ticket(ctx context.Context) (string, error) {
	return s.TicketGet(context.WithoutCancel(ctx))
}

func (s tokenRows) TokenGet(ctx context.Context, appid string) (token.Token, error) {
	t, err := s.Store.TokenGet(context.WithoutCancel(ctx), kindOf(appid), appid)
	if errors.Is(err, model.ErrNotFound) {
		return token.Token{}, nil
	}
	return token.Token{Value: t.Token, ExpiresAt: t.ExpireTime}, err
}

func (s tokenRows) TokenPut(ctx context.Context, appid string, t token.Token, l token.Lease) error {
	return s.Store.TokenPut(context.WithoutCancel(ctx), model.Token{Type: kindOf(appid), AppID: appid, Token: t.Value, ExpireTime: t.ExpiresAt}, db.Lease(l))
}

func kindOf(appid string) int {
	if appid == "" {
		return model.TokenComponent
	}
	return model.TokenAuthorizer
}

type secret struct{}

func (secret) Secret() (log.Secret, error) { return "sim-secret", nil }

// service is what stands between WeChat's pushes and the accounts, on a real database and against
// the simulated WeChat.
type service struct {
	t        *testing.T
	store    *dao.Store
	sim      *wxsim.Sim
	tokens   *token.Centre
	accounts *authorizer.Service
	reaction *react.Handler
	queue    *queue.Queue
}

func newService(t *testing.T, d *db.DB) *service {
	t.Helper()
	s := &service{t: t, store: dao.New(d, testSealer{}).WithPatience(waittest.Limit)}
	endpoint := httptest.NewServer(http.HandlerFunc(s.push))
	t.Cleanup(endpoint.Close)
	var err error
	s.sim, err = wxsim.New(wxsim.Config{
		AppID: "wxplatform", Secret: "sim-secret", Plain: true, Accounts: 4,
		Settings: wxsim.Settings{Target: endpoint.URL, PushTimeout: wxsim.Duration(waittest.Limit)},
	})
	require.NoError(t, err)
	wechat := httptest.NewServer(s.sim.Handler())
	t.Cleanup(wechat.Close)
	t.Cleanup(s.sim.Wait)

	l := zap.NewNop()
	s.tokens = token.New(t.Context(), token.Deps{
		WX: wx.New(wx.Options{
			Platform: wx.Platform{AppID: "wxplatform"}, APIBase: wechat.URL, Log: l,
			HTTP: &http.Client{Transport: patient{&http.Transport{}}},
		}),
		Platform: secret{}, Store: tokenRows{s.store}, Log: l,
		Accounts: &authorizer.RefreshTokens{Rows: s.store},
	})
	t.Cleanup(func() { s.tokens.Close(t.Context()) })
	s.accounts = authorizer.New(authorizer.Deps{
		Rows: s.store, WeChat: s.tokens.Client(), Tokens: s.tokens,
		Tx: func(ctx context.Context, fn func(authorizer.Rows) error) error {
			return s.store.Tx(ctx, func(tx *dao.Store) error { return fn(tx) })
		},
		Nudge: func() { s.queue.Nudge() }, Now: time.Now, Log: l,
	})
	s.reaction = react.New(react.Deps{Accounts: s.accounts, Sealer: testSealer{}, Log: l})
	s.run(l)
	require.True(t, s.sim.PushTicket(t.Context()).Accepted)
	return s
}

func (s *service) run(l *zap.Logger) {
	s.t.Helper()
	var err error
	kinds := append(s.accounts.QueueKinds(), s.reaction.QueueKind())
	for i := range kinds { // what failed is tried again at once
		kinds[i].Backoff = queue.Steps(time.Millisecond)
	}
	s.queue, err = queue.New(s.store, l, queue.Options{
		Owner: "test", Poll: 20 * time.Millisecond, Lease: time.Minute, Grace: waittest.Limit,
	}, kinds...)
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(s.t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.queue.Run(ctx) })
	s.t.Cleanup(func() { cancel(); running.Wait() })
}

// push is the endpoint that WeChat pushes to.
func (s *service) push(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	require.NoError(s.t, err)
	channel, row := event.Component, model.Push{Channel: model.ChannelComponent}
	if appid, ok := strings.CutPrefix(r.URL.Path, "/wxcallback/biz/"); ok {
		channel, row = event.Biz, model.Push{Channel: model.ChannelBiz, AppID: appid}
	}
	p := event.Parse(channel, body)
	p.ReceivedAt = time.Now()
	if channel == event.Biz {
		p.AppID = row.AppID
	}
	if ticket := p.Field("ComponentVerifyTicket"); ticket != "" {
		require.NoError(s.t, s.store.TicketSave(r.Context(), ticket, p.CreatedAt))
	}
	row.Identity, row.ReceiveTime, row.CreateTime = p.Identity(), p.ReceivedAt, p.CreatedAt
	row.InfoType, row.Body, row.Work = p.InfoType, p.Body, s.reaction.Plan(p)
	_, err = s.store.PushInsert(r.Context(), []model.Push{row})
	require.NoError(s.t, err)
	s.queue.Nudge()
	_, _ = io.WriteString(w, "success")
}

func (s *service) eventually(what string, is func() bool) {
	s.t.Helper()
	waittest.Until(s.t, is, "%s", what)
}

// token is the account's, from a centre whose limits may run out on a busy machine.
func (s *service) token(appid string) (got token.Token) {
	s.t.Helper()
	s.eventually("token", func() (ok bool) {
		var err error
		if got, err = s.tokens.Authorizer(s.t.Context(), appid); errors.Is(err, context.DeadlineExceeded) || errors.Is(err, model.ErrFenced) {
			return false
		}
		require.NoError(s.t, err)
		return true
	})
	return got
}

func (s *service) status(appid string) int8 {
	row, err := s.store.AuthorizerGet(s.t.Context(), appid)
	if errors.Is(err, model.ErrNotFound) {
		return -1
	}
	require.NoError(s.t, err)
	return row.Status
}

func (s *service) firstAppID() string {
	_, list := s.sim.Accounts(wxsim.AccountFilter{Limit: 1})
	return list[0].AppID
}

func TestTokenIsNotHandedOutAfterUnauthorized(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		appid := s.firstAppID()
		_, err := s.sim.Authorize(t.Context(), appid, wxsim.AuthorizeOptions{})
		require.NoError(t, err)
		s.eventually("authorized", func() bool { return s.status(appid) == model.Authorized })
		s.eventually("details", func() bool {
			row, err := s.store.AuthorizerGet(t.Context(), appid)
			require.NoError(t, err)
			return row.NickName != ""
		})
		first := s.token(appid)

		require.NoError(t, s.sim.Unauthorize(t.Context(), appid, false))
		s.eventually("unauthorized", func() bool { return s.status(appid) == model.Unauthorized })
		s.eventually("no token", func() bool {
			_, err := s.tokens.Authorizer(t.Context(), appid)
			return errno.Is(err, errno.BadParam)
		})

		_, err = s.sim.Authorize(t.Context(), appid, wxsim.AuthorizeOptions{})
		require.NoError(t, err)
		s.eventually("authorized again", func() bool { return s.status(appid) == model.Authorized })
		s.eventually("a new token", func() bool {
			second, err := s.tokens.Authorizer(t.Context(), appid)
			return err == nil && second.Value != first.Value
		})
	})
}

func TestFastRegisteredAccountAppears(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		account, push := s.sim.FastRegister(t.Context())
		require.True(t, push.Accepted)
		s.eventually("authorized", func() bool { return s.status(account.AppID) == model.Authorized })
		s.token(account.AppID)
	})
}

func TestExchangeWhoseAnswerIsLostIsRecovered(t *testing.T) {
	t.Parallel()
	const queryAuth, info = "/cgi-bin/component/api_query_auth", "/cgi-bin/component/api_get_authorizer_info"
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		appid := s.firstAppID()
		require.NoError(t, s.sim.SetFault(
			wxsim.Fault{Path: queryAuth, Reset: true, Executed: true, Times: 1},
			wxsim.Fault{Path: info, Errcode: -1, Errmsg: "system error", Times: 3},
		))
		_, err := s.sim.Authorize(t.Context(), appid, wxsim.AuthorizeOptions{})
		require.NoError(t, err)
		s.eventually("authorized", func() bool { return s.status(appid) == model.Authorized })
		s.token(appid)
	})
}

func TestSyncFindsWhatNoEventTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		s.sim.AddAccounts(30, true)
		total, _ := s.sim.Accounts(wxsim.AccountFilter{Authorized: new(true)})
		id, err := s.accounts.StartSync(t.Context())
		require.NoError(t, err)
		s.queue.Nudge()
		var job authorizer.SyncJob
		s.eventually("synced", func() bool {
			job, err = s.accounts.Sync(t.Context(), id)
			require.NoError(t, err)
			return job.State != authorizer.SyncWaiting && job.State != authorizer.SyncRunning
		})
		require.Equal(t, authorizer.SyncDone, job.State)
		require.Equal(t, total, job.Progress.Done)
		require.Zero(t, job.Progress.Failed, "%v", job.Progress.Errors)
		page, err := s.store.AuthorizerList(t.Context(), model.AuthorizerFilter{Limit: 20})
		require.NoError(t, err)
		require.EqualValues(t, total, page.Total)
		for _, row := range page.Rows {
			require.NotEmpty(t, row.NickName)
			require.NotEmpty(t, row.RefreshToken)
		}
	})
}
