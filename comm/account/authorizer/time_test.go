package authorizer_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// concurrency is how many calls for details a sync makes at the same time.
const concurrency = 8

// memory is as much of a database as a sync or an exchange needs, in a bubble's time. Where anything
// else is asked of it, it panics.
type memory struct {
	authorizer.Rows
	queue.Store

	tx time.Duration // that a transaction takes

	mu       sync.Mutex
	accounts map[string]model.Authorizer
	details  map[string]bool
	exchange map[string]string // appid by the key of the work that follows an exchange
	work     []model.Work
	done     chan struct{}
}

func newMemory() *memory {
	return &memory{
		accounts: map[string]model.Authorizer{}, details: map[string]bool{}, exchange: map[string]string{},
		done: make(chan struct{}),
	}
}

func (m *memory) service(wechat *fakeWeChat) *authorizer.Service {
	return authorizer.New(authorizer.Deps{
		Rows: m, WeChat: wechat, Tokens: newTokens(),
		Tx: func(_ context.Context, fn func(authorizer.Rows) error) error {
			time.Sleep(m.tx) //nolint:forbidigo // the bubble's time, beside the test's own goroutine
			return fn(m)
		},
		Nudge: func() {}, Now: time.Now, Log: zap.NewNop(),
	})
}

func (m *memory) AuthorizerStates(context.Context) ([]model.AuthorizerState, error) { return nil, nil }

func (m *memory) AuthorizerGet(_ context.Context, appid string) (model.Authorizer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row, ok := m.accounts[appid]
	if !ok {
		return row, model.ErrNotFound
	}
	return row, nil
}

func (m *memory) AuthorizerSaveToken(_ context.Context, g model.Grant) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accounts[g.AppID] = model.Authorizer{AppID: g.AppID, Status: model.Authorized, RefreshToken: g.RefreshToken}
	return true, nil
}

func (m *memory) AuthorizerSaveDetails(_ context.Context, d model.AuthorizerDetails) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.details[d.AppID] = true
	return true, nil
}

func (m *memory) AuthorizerHistoryAdd(context.Context, model.AuthorizerHistory) error { return nil }

func (m *memory) WorkFind(_ context.Context, _, key string) (model.Work, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	appid, ok := m.exchange[key]
	if !ok {
		return model.Work{}, model.ErrNotFound
	}
	return model.Work{Payload: appid}, nil
}

func (m *memory) WorkAdd(_ context.Context, item model.Work, _ time.Duration) (int64, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if item.Kind == authorizer.KindDetails {
		m.exchange[*item.UKey] = item.Payload
		return 1, true, nil
	}
	item.ID = 1
	m.work = append(m.work, item)
	return 1, true, nil
}

func (m *memory) WorkTake(context.Context, []string, string, time.Duration, int) ([]model.Work, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.work
	m.work = nil
	return taken, nil
}

func (m *memory) WorkHeld(context.Context, string, []model.Work) ([]int64, error) {
	return []int64{1}, nil
}

func (m *memory) WorkRenew(context.Context, string, []model.Work, time.Duration) ([]int64, error) {
	return []int64{1}, nil
}

func (m *memory) WorkProgress(context.Context, model.Work, string) (bool, error) { return true, nil }

func (m *memory) WorkDone(context.Context, model.Work) (bool, error) {
	close(m.done)
	return true, nil
}

// TestSyncIsAsFastAsItsCalls: calls do not wait for each other more than they must, nor for what is
// stored, and nothing is left to store after the last call but what came in during a transaction.
func TestSyncIsAsFastAsItsCalls(t *testing.T) {
	const accounts, call, tx = 1000, 50 * time.Millisecond, 150 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		w := &world{wechat: newWeChat()}
		w.accounts(accounts)
		w.wechat.delay = call
		rows := newMemory()
		rows.tx = tx
		svc := rows.service(w.wechat)
		_, err := svc.StartSync(t.Context())
		require.NoError(t, err)
		kinds := slices.DeleteFunc(svc.QueueKinds(), func(k queue.Kind) bool { return k.Name != authorizer.KindSync })
		q, err := queue.New(rows, zap.NewNop(), queue.Options{Owner: "test"}, kinds...)
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		begin := time.Now()
		go q.Run(ctx)
		<-rows.done
		end := time.Now()

		require.Len(t, rows.details, accounts)
		require.Equal(t, 2, w.wechat.count("list"))
		require.Equal(t, accounts, w.wechat.count("info"))
		require.Equal(t, concurrency, w.wechat.most)
		calls := (2 + accounts/concurrency) * call
		require.LessOrEqual(t, end.Sub(begin), calls+2*tx)
	})
}

func TestReturningMerchantWithAForeignCodeIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := newMemory().service(newWeChat())
		_, err := svc.Exchange(t.Context(), "made-up")
		require.Equal(t, wx.CodeAuthCodeUsed, wx.CodeOf(err))
		_, err = svc.Exchange(t.Context(), "")
		require.True(t, errno.Is(err, errno.BadParam))
	})
}

// TestReturningMerchantWaitsForTheOtherInstance: it has taken the code and is storing what that grants.
func TestReturningMerchantWaitsForTheOtherInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wechat, rows := newWeChat(), newMemory()
		wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
		wechat.codes["code1"] = "wx1"
		rows.tx = time.Second
		svc := rows.service(wechat)
		var merchants sync.WaitGroup
		for range 2 {
			merchants.Go(func() {
				appid, err := svc.Exchange(t.Context(), "code1")
				assert.NoError(t, err)
				assert.Equal(t, "wx1", appid)
			})
		}
		merchants.Wait()
		require.Equal(t, 2, wechat.count("query_auth"), "both tried, and one was refused")
	})
}
