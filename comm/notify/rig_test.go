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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/log"
	"wxcomponent/comm/notify"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/queue"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// patience is how long a slow machine may take to send what is due.
const patience = 2 * time.Minute

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

// rig is one instance as far as notifications are concerned.
type rig struct {
	*notify.Service
	t     *testing.T
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

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d, nil)
		r.run()
		test(t, r)
	})
}

func newRig(t *testing.T, d *db.DB, change func(*notify.Deps)) *rig {
	t.Helper()
	r := &rig{t: t, logs: &lockedBuffer{}}
	r.store = dao.New(d, plainSealer{}).WithClock(r.clock)
	l, err := log.New("debug", r.logs)
	require.NoError(t, err)
	r.log = l
	deps := notify.Deps{
		Store: r.store, Missing: func(err error) bool { return errors.Is(err, dao.ErrNotFound) },
		Guard:  outgoing.Limits{AllowPrivate: true},
		IsTest: func(appid string) bool { return appid == testAccount }, Version: "test", Log: l, Now: r.clock,
		TicketAt: func(context.Context) (time.Time, error) { r.mu.Lock(); defer r.mu.Unlock(); return r.ticket, nil },
		Nudge:    func() {}, Window: 200 * time.Millisecond, Watch: 100 * time.Millisecond, Settle: time.Minute,
		Backoff: []time.Duration{20 * time.Millisecond, 20 * time.Millisecond},
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

// run works on the queue until the test ends.
func (r *rig) run() {
	r.t.Helper()
	q, err := queue.New(r.store, r.log, queue.Options{Owner: fmt.Sprintf("%p", r), Poll: 10 * time.Millisecond}, r.QueueKinds()...)
	require.NoError(r.t, err)
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); q.Run(ctx) }()
	r.t.Cleanup(func() { cancel(); <-done })
}

// account stores an authorized account.
func (r *rig) account(appid, name string) {
	r.t.Helper()
	_, err := r.store.AuthorizerSaveToken(r.t.Context(), model.Grant{AppID: appid, RefreshToken: "r", AuthTime: time.Now(), EventMS: 1})
	require.NoError(r.t, err)
	_, err = r.store.AuthorizerSaveDetails(r.t.Context(), model.AuthorizerDetails{AppID: appid, IfEventMS: 1, NickName: name, UserName: "gh_1"})
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

// eventually waits for something that a worker does.
func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	require.Eventually(r.t, ok, patience, 10*time.Millisecond, what)
}

// call is what a chat or a program got.
type call struct {
	path   string
	query  map[string][]string
	header http.Header
	body   []byte
	at     time.Time
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
		c.got = append(c.got, call{req.URL.Path, req.URL.Query(), req.Header.Clone(), body, time.Now()})
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
