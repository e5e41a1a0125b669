package wxcallback_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/config"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/log"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// childDatabase makes this program the process that gets killed.
const childDatabase = "WXCALLBACK_TEST_DATABASE"

func TestMain(m *testing.M) {
	if o := os.Getenv(childDatabase); o != "" {
		fmt.Fprintln(os.Stderr, serve(o))
		os.Exit(1)
	}
	os.Exit(dbtest.Main(m))
}

// stored is a rig whose pushes go into a database.
func stored(t *testing.T, d *db.DB) (*rig, *dao.Store) {
	t.Helper()
	box, err := encrypt.OpenBox(t.Context(), dao.New(d, nil).WithPatience(waittest.Limit), "secret key of the test", "")
	require.NoError(t, err)
	s := dao.New(d, box).WithPatience(waittest.Limit)
	g := ingest.New(s, prometheus.NewRegistry(), ingest.Options{Writers: 2, Timeout: waittest.Limit})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); g.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return newRig(t, func(deps *wxcallback.Deps) { deps.Ingest, deps.Tickets = g, s }), s
}

func TestPushReachesTheDatabaseWhole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		r, s := stored(t, d)
		long := `{"FromUserName":"o1","CreateTime":1700000000,"MsgType":"text","Content":"` + strings.Repeat("长😀", 30_000) + `","MsgId":1}`
		infoType := strings.Repeat("x", 100)
		before := time.Now()
		r.plain("/wxcallback/biz/wxacc", text).isSuccess(t)
		r.plain("/wxcallback/biz/wxacc", text).isSuccess(t)
		r.sealed(r.crypt, "/wxcallback/biz/wxacc", long, payload.XML).isSuccess(t)
		r.plain("/wxcallback/component", `{"InfoType":"`+infoType+`","CreateTime":1700000000}`).isSuccess(t)

		biz, err := s.BizRecordList(t.Context(), model.BizRecordFilter{Limit: 10})
		require.NoError(t, err)
		require.Len(t, biz.Rows, 2)
		require.Equal(t, long, biz.Rows[0].PostBody)
		require.Equal(t, text, biz.Rows[1].PostBody)
		require.Equal(t, "wxacc", biz.Rows[1].AppID)
		require.Equal(t, int64(1700000000), biz.Rows[1].CreateTime.Unix())
		received := biz.Rows[1].ReceiveTime // in whole seconds
		require.False(t, received.Before(before.Add(-time.Second)) || received.After(time.Now().Add(time.Second)), received)

		component, err := s.ComponentRecordList(t.Context(), model.ComponentRecordFilter{Limit: 10})
		require.NoError(t, err)
		require.Len(t, component.Rows, 1)
		require.Equal(t, infoType[:64], component.Rows[0].InfoType)
	})
}

func TestSamePushOnTwoInstancesIsStoredOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		a, s := stored(t, d)
		b, _ := stored(t, d)
		var all sync.WaitGroup
		for i := range 20 {
			body := fmt.Sprintf(`{"FromUserName":"o1","CreateTime":1700000000,"MsgType":"event","Event":"CLICK","EventKey":"%d"}`, i)
			for _, r := range []*rig{a, b, a, b} {
				all.Go(func() { r.plain("/wxcallback/biz/wxacc", body).isSuccess(t) })
			}
		}
		all.Wait()
		biz, err := s.BizRecordList(t.Context(), model.BizRecordFilter{Limit: 100})
		require.NoError(t, err)
		require.Len(t, biz.Rows, 20)
	})
}

func TestTicketOutlivesAnUnwritableLog(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		r, s := stored(t, d)
		require.NoError(t, d.Write.Exec("DROP TABLE wxcallback_component").Error)
		r.plain("/wxcallback/component", ticketPush).isRefused(t, 503, 1002)
		ticket, err := s.TicketGet(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, ticket)
		older := strings.NewReplacer("1700000000", "1600000000", "secret", "old").Replace(ticketPush)
		r.plain("/wxcallback/component", older)
		again, err := s.TicketGet(t.Context())
		require.NoError(t, err)
		require.Equal(t, ticket, again, "an older ticket changes nothing")
	})
}

// A process is killed under load again and again: whatever it answered "success" to is stored.
func TestKilledProcessLosesNoAcknowledgedPush(t *testing.T) {
	t.Parallel()
	options := map[string]func(t *testing.T) db.Options{
		"sqlite": func(t *testing.T) db.Options {
			return db.Options{SQLitePath: filepath.Join(t.TempDir(), "test.db")}
		},
		"mysql": func(t *testing.T) db.Options { return db.Options{MySQL: dbtest.EmptyMySQL(t)} },
	}
	for name, make := range options {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := make(t)
			s := dao.New(dbtest.Open(t, o), nil).WithPatience(waittest.Limit)
			var acknowledged []string
			for round, enough := range []int{1, 40, 100} {
				acknowledged = append(acknowledged, pushUntilKilled(t, o, round, enough)...)
			}
			seen := map[string]int{}
			for cursor, first := "", true; first || cursor != ""; first = false {
				page, err := s.BizRecordList(t.Context(), model.BizRecordFilter{Cursor: cursor, Limit: 200})
				require.NoError(t, err)
				for _, row := range page.Rows {
					seen[row.PostBody]++
				}
				cursor = page.NextCursor
			}
			for _, body := range acknowledged {
				require.Equal(t, 1, seen[body], body)
			}
		})
	}
}

// pushUntilKilled kills the process when so many pushes or more were answered "success", and returns
// the bodies of all that were.
func pushUntilKilled(t *testing.T, o db.Options, round, enough int) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDatabase+"="+
		strings.Join([]string{o.SQLitePath, o.MySQL.Address, o.MySQL.Username, o.MySQL.Database}, "|"))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)

	var mu sync.Mutex
	var acknowledged []string
	var senders sync.WaitGroup
	for sender := range 16 {
		senders.Go(func() {
			for i := 0; ; i++ {
				body := fmt.Sprintf(`{"FromUserName":"o%d","CreateTime":%d,"MsgType":"text","MsgId":%d}`, sender, 1700000000+round, i+1)
				taken, err := acknowledges("http://"+strings.TrimSpace(address)+"/wxcallback/biz/wxacc", body)
				if err != nil {
					return
				}
				if !taken {
					t.Errorf("%s is not acknowledged", body)
					return
				}
				mu.Lock()
				acknowledged = append(acknowledged, body)
				mu.Unlock()
			}
		})
	}
	waittest.Until(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(acknowledged) >= enough
	}, "no more than %v pushes are acknowledged", func() any { mu.Lock(); defer mu.Unlock(); return len(acknowledged) })
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	senders.Wait()
	return acknowledged
}

// acknowledges fails when the process is gone.
func acknowledges(url, body string) (bool, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("X-Wx-Source", "test")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode == http.StatusOK && string(answer) == "success", err
}

// serve is the process that gets killed. It prints its address.
func serve(database string) error {
	part := strings.Split(database, "|")
	o := db.Options{SQLitePath: part[0], MySQL: config.MySQL{
		Address: part[1], Username: part[2], Database: part[3],
		Password: log.Secret(os.Getenv("WXCOMPONENT_TEST_MYSQL_PASSWORD")),
	}}
	d, err := db.Open(context.Background(), o)
	if err != nil {
		return err
	}
	s := dao.New(d, nil).WithPatience(waittest.Limit)
	g := ingest.New(s, prometheus.NewRegistry(), ingest.Options{Timeout: waittest.Limit})
	go g.Run(context.Background())
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	wxcallback.New(wxcallback.Deps{
		Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Credentials: credentials{}, Ingest: g, Tickets: s, Plain: true,
		BodyTime: waittest.Limit,
	}).Register(e.Group("/wxcallback"))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	return http.Serve(ln, e)
}
