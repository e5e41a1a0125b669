package forward_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// benchStore is a database with ended deliveries to target t1 in it.
func benchStore(b *testing.B, d *db.DB, ended int) *dao.Store {
	b.Helper()
	const batch = 5000
	row := "('deliver:t1','x','{}',2,1,1,1)"
	rows := strings.Repeat(row+",", batch-1) + row
	for range ended / batch {
		require.NoError(b, d.Write.Exec("INSERT INTO work (kind, grp, payload, state, nextms, createms, updatems) VALUES "+rows).Error)
	}
	return dao.New(d, plainSealer{})
}

func eachBench(b *testing.B, run func(b *testing.B, open func() *db.DB)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { run(b, func() *db.DB { return dbtest.SQLite(b) }) })
	b.Run("mysql", func(b *testing.B) { run(b, func() *db.DB { return dbtest.MySQL(b) }) })
}

// What is looked up all the time must not cost more after years of deliveries.
func BenchmarkLookingForDueDeliveries(b *testing.B) {
	eachBench(b, func(b *testing.B, open func() *db.DB) {
		for _, ended := range []int{0, 500_000} {
			b.Run(strconv.Itoa(ended), func(b *testing.B) {
				store := benchStore(b, open(), ended)
				kinds := []string{"deliver:t1", "hold:t1", "deliver:t2", "hold:t2"}
				for b.Loop() {
					_, err := store.ForwardDue(b.Context(), kinds)
					require.NoError(b, err)
					_, err = store.WorkTake(b.Context(), kinds[:1], "me", time.Second, 16)
					require.NoError(b, err)
					_, err = store.ForwardTakeFirst(b.Context(), "deliver:t1", "me", time.Second)
					require.NoError(b, err)
				}
			})
		}
	})
}

// BenchmarkDeliver delivers to one healthy local target.
func BenchmarkDeliver(b *testing.B) {
	eachBench(b, func(b *testing.B, open func() *db.DB) {
		store := dao.New(open(), plainSealer{})
		const batch = 100
		got := make(chan struct{}, batch)
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got <- struct{}{} }))
		defer server.Close()
		s := forward.New(forward.Deps{
			Store: store, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Owner: "bench", Version: "bench",
			TextMode: payload.XML, Now: time.Now, Guard: outgoing.Limits{AllowPrivate: true},
		})
		id, _, err := s.AddTarget(b.Context(), forward.TargetEntry{Name: "t", URL: server.URL + "/$APPID$"})
		require.NoError(b, err)
		_, err = s.AddBranch(b.Context(), forward.BranchEntry{Name: "all", Open: true, Targets: []int64{id}})
		require.NoError(b, err)
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		defer func() { cancel(); <-done }()

		var total int64
		for b.Loop() {
			var pushes []model.Push
			for i := range batch {
				total++
				p := event.Parse(event.Biz, []byte(fmt.Sprintf(`{"MsgType":"text","MsgId":"%d","Content":%q,"CreateTime":1700000000}`, total, strings.Repeat("x", 300+i))))
				p.AppID, p.ReceivedAt = "wxacc", time.Now()
				pushes = append(pushes, model.Push{
					Channel: model.ChannelBiz, Identity: p.Identity(), ReceiveTime: p.ReceivedAt, AppID: p.AppID, Body: p.Body, Work: s.Plan(p),
				})
			}
			_, err := store.PushInsert(b.Context(), pushes)
			require.NoError(b, err)
			s.Nudge()
			for range batch {
				waittest.Receive(b, got, "a delivery")
			}
		}
		b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "deliveries/s")
	})
}
