package authorizer_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/log"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// testSealer only looks like encryption.
type testSealer struct{}

func (testSealer) Seal(plain, aad string) (string, error) {
	return "enc1:" + base64.StdEncoding.EncodeToString([]byte(aad+"\n"+plain)), nil
}

func (testSealer) Open(sealed, aad string) (string, error) {
	text, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sealed, "enc1:"))
	plain, ok := strings.CutPrefix(string(text), aad+"\n")
	if err != nil || !ok {
		return "", errors.New("cannot open")
	}
	return plain, nil
}

// clock is a clock that stands still.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a service on a real database, with WeChat and the token centre as fakes.
type world struct {
	t      *testing.T
	db     *db.DB
	store  *dao.Store
	wechat *fakeWeChat
	tokens *fakeTokens
	clock  *clock
	svc    *authorizer.Service
	txFail error // fails the next transaction, once
	tagged int   // how often rules were told of tags

	tell func(appid, kind string, at time.Time) []model.Work
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	c := &clock{at: time.Unix(1_800_000_000, 0)}
	w := &world{
		t: t, db: d, store: dao.New(d, testSealer{}).WithPatience(waittest.Limit).WithClock(c.now),
		wechat: newWeChat(), tokens: newTokens(), clock: c,
	}
	w.svc = w.service(zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)))
	return w
}

// service is one instance's.
func (w *world) service(l *zap.Logger) *authorizer.Service {
	return authorizer.New(authorizer.Deps{
		Rows: w.store,
		Tx: func(ctx context.Context, fn func(authorizer.Rows) error) error {
			if err := w.txFail; err != nil {
				w.txFail = nil
				return err
			}
			return w.store.Tx(ctx, func(tx *dao.Store) error { return fn(tx) })
		},
		WeChat: w.wechat, Tokens: w.tokens,
		State: func(_ context.Context, code string) (string, error) {
			if code == "preauth-of-tenant-7" {
				return "tenant-7", nil
			}
			return "", nil
		},
		Tell: func(appid, kind string, at time.Time) []model.Work {
			if w.tell == nil {
				return nil
			}
			return w.tell(appid, kind, at)
		},
		Tagged: func(context.Context) error { w.tagged++; return nil },
		Nudge:  func() {}, Now: w.clock.now, Log: l,
	})
}

// event is an authorization event of the account, made at so many seconds after the clock's start.
func (w *world) event(appid, code string, seconds int) authorizer.AuthEvent {
	w.wechat.change(func() { w.wechat.codes[code] = appid })
	return authorizer.AuthEvent{
		AppID: appid, Kind: authorizer.HistoryAuthorized, Code: log.Secret(code),
		CodeExpires: w.clock.now().Add(time.Hour), CreatedAt: w.at(seconds),
	}
}

func (w *world) at(seconds int) time.Time {
	return time.Unix(1_800_000_000+int64(seconds), 0).UTC()
}

func (w *world) authorized(ev authorizer.AuthEvent) {
	w.t.Helper()
	require.NoError(w.t, w.svc.Authorized(w.t.Context(), ev))
}

func (w *world) get(appid string) model.Authorizer {
	w.t.Helper()
	row, err := w.store.AuthorizerGet(w.t.Context(), appid)
	require.NoError(w.t, err)
	return row
}

func (w *world) kinds(appid string) []string {
	w.t.Helper()
	entries, err := w.svc.Timeline(w.t.Context(), appid)
	require.NoError(w.t, err)
	var kinds []string
	for i := len(entries) - 1; i >= 0; i-- {
		kinds = append(kinds, entries[i].Kind)
	}
	return kinds
}

// worker is the service's queue on one instance.
type worker struct {
	ended chan error // how each attempt ended
	stop  func()     // returns when no handler runs any more
}

// work runs the service's queue until it is stopped or the test ends. What failed is tried again at
// once, and a stop lets handlers finish.
func (w *world) work(names ...string) *worker { return w.workWithGrace(waittest.Limit, names...) }

// workWithGrace has a stop cut off what runs for longer than grace.
func (w *world) workWithGrace(grace time.Duration, names ...string) *worker {
	w.t.Helper()
	running := &worker{ended: make(chan error, 100)}
	var handlers sync.WaitGroup
	var kinds []queue.Kind
	for _, kind := range w.svc.QueueKinds() {
		if !slices.Contains(names, kind.Name) {
			continue
		}
		handle := kind.Handle
		kind.Handle = func(ctx context.Context, task *queue.Task) error {
			handlers.Add(1)
			defer handlers.Done()
			err := handle(ctx, task)
			running.ended <- err
			return err
		}
		kind.Backoff = queue.Steps(time.Millisecond)
		kinds = append(kinds, kind)
	}
	q, err := queue.New(w.store, zap.NewNop(), queue.Options{
		Owner: rand.Text(), Poll: 10 * time.Millisecond, Lease: time.Minute, Grace: grace,
	}, kinds...)
	require.NoError(w.t, err)
	ctx, cancel := context.WithCancel(w.t.Context())
	var run sync.WaitGroup
	run.Go(func() { q.Run(ctx) })
	running.stop = func() { cancel(); run.Wait(); handlers.Wait() }
	w.t.Cleanup(running.stop)
	return running
}

// sync runs a sync to its end.
func (w *world) sync() authorizer.SyncJob {
	w.t.Helper()
	w.clock.pass(time.Minute)
	defer w.work(authorizer.KindSync).stop()
	return w.await(w.startSync())
}

func (w *world) startSync() (id int64) {
	w.t.Helper()
	id, err := w.svc.StartSync(w.t.Context())
	require.NoError(w.t, err)
	return id
}

func (w *world) job(id int64) authorizer.SyncJob {
	w.t.Helper()
	job, err := w.svc.Sync(w.t.Context(), id)
	require.NoError(w.t, err)
	return job
}

// await returns a sync when it has ended.
func (w *world) await(id int64) (job authorizer.SyncJob) {
	w.t.Helper()
	waittest.Until(w.t, func() bool {
		job = w.job(id)
		return job.State != authorizer.SyncWaiting && job.State != authorizer.SyncRunning
	}, "the end of the sync: %+v", func() any { return job })
	return job
}
