package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/console/notify"
	"wxcomponent/comm/log"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const testAccount = "wx570bc396a51b8ff8"

// plainSealer keeps secrets as they are, so that tests see that they pass through it.
type plainSealer struct{}

func (plainSealer) Seal(plain, aad string) (string, error) { return "enc1:" + aad + "|" + plain, nil }

func (plainSealer) Open(sealed, aad string) (string, error) {
	plain, ok := strings.CutPrefix(sealed, "enc1:"+aad+"|")
	if !ok {
		return "", errors.New("sealed for another row")
	}
	return plain, nil
}

// Kinds of work.
const (
	kindEvent = "notify.event"
	kindSend  = "notify.send"
)

// rig is one instance as far as notifications are concerned.
type rig struct {
	*notify.Service
	t     *testing.T
	db    *db.DB
	store *dao.Store
	logs  *lockedBuffer
	log   *zap.Logger

	mu     sync.Mutex
	now    time.Time // zero: the host's clock
	ticket time.Time
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// each runs a test on both databases, with an instance that works by itself.
func each(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	eachByHand(t, func(t *testing.T, r *rig) {
		r.run()
		test(t, r)
	})
}

// eachByHand runs a test on both databases, with an instance that works only when it is told to.
func eachByHand(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		test(t, newRig(t, d, nil))
	})
}

func newRig(t *testing.T, d *db.DB, change func(*notify.Deps)) *rig {
	t.Helper()
	r := &rig{t: t, db: d, logs: &lockedBuffer{}}
	r.store = dao.New(d, plainSealer{}).WithPatience(waittest.Limit).WithClock(r.clock)
	l, err := log.New("debug", r.logs)
	require.NoError(t, err)
	r.log = l
	deps := notify.Deps{
		Store:  r.store,
		Guard:  outgoing.Limits{AllowPrivate: true},
		IsTest: func(appid string) bool { return appid == testAccount }, Version: "test", Log: l, Now: r.clock,
		TicketAt: func(context.Context) (time.Time, error) { r.mu.Lock(); defer r.mu.Unlock(); return r.ticket, nil },
		Nudge:    func() {}, Window: 50 * time.Millisecond, Watch: 50 * time.Millisecond, Settle: time.Minute,
		Call: waittest.Limit, Backoff: []time.Duration{time.Millisecond, time.Millisecond},
	}
	if change != nil {
		change(&deps)
	}
	r.Service = notify.New(deps)
	require.NoError(t, r.Live().Refresh(t.Context()))
	return r
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.IsZero() {
		return time.Now()
	}
	return r.now
}

// set stops the clock at a time.
func (r *rig) set(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = at
}

func (r *rig) ticketAt(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ticket = at
}

// run works on everything until the test ends.
func (r *rig) run() {
	r.t.Helper()
	r.t.Cleanup(r.begin(r.QueueKinds()...))
}

// begin works on some kinds until the function that it returns is called.
func (r *rig) begin(kinds ...queue.Kind) (end func()) {
	r.t.Helper()
	q, err := queue.New(r.store, r.log, queue.Options{
		Owner: fmt.Sprintf("%p", r), Poll: 10 * time.Millisecond, Lease: waittest.Limit,
	}, kinds...)
	require.NoError(r.t, err)
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); q.Run(ctx) }()
	return func() { cancel(); <-done }
}

// kinds are the kinds of work with these names.
func (r *rig) kinds(names ...string) (some []queue.Kind) {
	for _, k := range r.QueueKinds() {
		if slices.Contains(names, k.Name) {
			some = append(some, k)
		}
	}
	return some
}

// gather puts all that was told on the lists of the channels. Nothing is sent.
func (r *rig) gather() {
	r.t.Helper()
	defer r.begin(r.kinds(kindEvent)...)()
	r.until("events wait", func() bool { return r.left(kindEvent) == 0 })
}

// send sends what is on the lists, as if the windows of all channels had just ended, until all of it
// is sent or given up.
func (r *rig) send() {
	r.t.Helper()
	r.endWindows()
	defer r.begin(r.kinds(kindSend)...)()
	r.until("messages wait", func() bool { return r.left(kindSend) == 0 })
}

func (r *rig) endWindows() {
	r.t.Helper()
	require.NoError(r.t, r.db.Write.WithContext(r.t.Context()).
		Exec("UPDATE work SET nextms = 0 WHERE kind = ? AND state = ?", kindSend, model.WorkReady).Error)
}

// look is one look of the watch.
func (r *rig) look() {
	r.t.Helper()
	for _, kind := range r.QueueKinds() {
		if kind.Every > 0 {
			require.NoError(r.t, kind.Handle(r.t.Context(), &queue.Task{}))
		}
	}
}

// left is how much work of the kinds has not ended.
func (r *rig) left(kinds ...string) (n int64) {
	r.t.Helper()
	require.NoError(r.t, r.db.Write.WithContext(r.t.Context()).Raw("SELECT COUNT(*) FROM work WHERE kind IN ? AND state IN ?",
		kinds, []model.WorkState{model.WorkReady, model.WorkLeased}).Scan(&n).Error)
	return n
}

// account stores an authorized account.
func (r *rig) account(appid, name string) {
	r.t.Helper()
	_, err := r.store.AuthorizerSaveToken(r.t.Context(), model.Grant{AppID: appid, RefreshToken: "r", AuthTime: time.Now(), EventMS: 1})
	require.NoError(r.t, err)
	_, err = r.store.AuthorizerSaveDetails(r.t.Context(), model.AuthorizerDetails{AppID: appid, IfGrantRev: 1, NickName: name, UserName: "gh_1"})
	require.NoError(r.t, err)
}

func (r *rig) channel(d notify.Draft) int64 {
	r.t.Helper()
	if d.Events == nil {
		d.Events = notify.Kinds()
	}
	if d.Name == "" {
		d.Name = "运维群"
	}
	d.Enabled = true
	id, _, err := r.AddChannel(r.t.Context(), d)
	require.NoError(r.t, err)
	return id
}

func (r *rig) tell(events ...notify.Event) {
	r.t.Helper()
	for _, e := range events {
		require.NoError(r.t, r.Notify(r.t.Context(), e))
	}
}

func (r *rig) messages() []model.NotifyMessage {
	r.t.Helper()
	list, err := r.Messages(r.t.Context())
	require.NoError(r.t, err)
	return list
}

// cause stores events in one transaction, as what causes them does.
func (r *rig) cause(events ...notify.Event) {
	r.t.Helper()
	require.NoError(r.t, r.store.Tx(r.t.Context(), func(tx *dao.Store) error {
		for _, e := range events {
			for _, work := range r.Plan(e) {
				if _, _, err := tx.WorkAdd(r.t.Context(), work, 0); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// until waits for something that a worker does.
func (r *rig) until(what string, ok func() bool) {
	r.t.Helper()
	waittest.Until(r.t, ok, "%s; messages: %+v", what, func() any { return r.messages() })
}

// call is what a chat or a program got.
type call struct {
	path   string
	query  map[string][]string
	header http.Header
	body   []byte
}

// text is the message as people read it.
func (c call) text(t *testing.T) (title, body string) {
	t.Helper()
	var m struct {
		Markdown struct{ Title, Text, Content string }
		Card     struct {
			Header   struct{ Title struct{ Content string } }
			Elements []struct{ Content string }
		}
		Data struct{ Title, Text string }
	}
	require.NoError(t, json.Unmarshal(c.body, &m))
	switch {
	case m.Markdown.Content != "":
		title, body, _ = strings.Cut(m.Markdown.Content, "\n")
		return strings.Trim(title, "*"), body
	case m.Markdown.Text != "":
		return m.Markdown.Title, m.Markdown.Text
	case len(m.Card.Elements) > 0:
		return m.Card.Header.Title.Content, m.Card.Elements[0].Content
	default:
		return m.Data.Title, m.Data.Text
	}
}

// chat plays the other side.
type chat struct {
	*httptest.Server
	mu     sync.Mutex
	got    []call
	answer func(n int) (status int, body string) // to the n-th call, counted from 1
}

func newChat(t *testing.T, answer func(n int) (int, string)) *chat {
	t.Helper()
	c := &chat{answer: answer}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		c.mu.Lock()
		c.got = append(c.got, call{req.URL.Path, req.URL.Query(), req.Header.Clone(), body})
		n := len(c.got)
		c.mu.Unlock()
		status, text := c.answer(n)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(func() { c.CloseClientConnections(); c.Close() })
	return c
}

func (c *chat) calls() []call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]call(nil), c.got...)
}

func taken(int) (int, string) { return http.StatusOK, `{"errcode":0,"errmsg":"ok"}` }

func takenByFeishu(int) (int, string) {
	return http.StatusOK, `{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`
}

const robotKey = "693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa"

func (c *chat) wecom() notify.Draft {
	return notify.Draft{Kind: notify.WeCom, URL: log.Secret(c.URL + "/cgi-bin/webhook/send?key=" + robotKey)}
}

func authorized(appid string) notify.Event {
	return notify.Event{Kind: notify.AccountAuthorized, Key: "account.authorized:" + appid, At: time.Now(), AppID: appid}
}
