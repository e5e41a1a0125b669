package dao_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

const (
	manyPushes   = 1_000_000
	manyAccounts = 10_000
)

func eachBench(b *testing.B, bench func(b *testing.B, s *dao.Store, d *db.DB)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { d := dbtest.SQLite(b); bench(b, dao.New(d, box{}), d) })
	b.Run("mysql", func(b *testing.B) { d := dbtest.MySQL(b); bench(b, dao.New(d, box{}), d) })
}

func benchPush(i int, at time.Time) model.Push {
	p := bizPush(i, at)
	p.AppID = fmt.Sprintf("wx%016d", i*7919%manyAccounts)
	if i%5 == 0 {
		p.MsgType, p.Event = "event", []string{"subscribe", "VIEW", "CLICK", "SCAN"}[i/5%4]
	}
	p.Body = fmt.Sprintf(`{"ToUserName":"gh_1","FromUserName":"o%d","CreateTime":%d,"MsgType":"text","Content":"%0300d"}`,
		i, at.Unix(), i)
	return p
}

// BenchmarkPushInsert stores batches of 200 pushes, each with an item of work.
func BenchmarkPushInsert(b *testing.B) {
	eachBench(b, func(b *testing.B, s *dao.Store, _ *db.DB) {
		i := 0
		for b.Loop() {
			batch := make([]model.Push, 200)
			for k := range batch {
				batch[k] = benchPush(i, noon.Add(time.Duration(i)*time.Millisecond))
				i++
			}
			_, err := s.PushInsert(b.Context(), batch)
			require.NoError(b, err)
		}
		b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "pushes/s")
	})
}

// BenchmarkLists reads pages of a million pushes; p99 is what counts.
func BenchmarkLists(b *testing.B) {
	eachBench(b, func(b *testing.B, s *dao.Store, _ *db.DB) {
		fillPushes(b, s)
		last := noon.Add(manyPushes * 100 * time.Millisecond)
		for name, f := range map[string]model.BizRecordFilter{
			"newest":             {},
			"offset 500000":      {Offset: 500_000},
			"account":            {AppID: "wx0000000000000001"},
			"text":               {MsgType: "text"},
			"event":              {Event: "VIEW"},
			"account and type":   {AppID: "wx0000000000000001", MsgType: "event"},
			"type and event":     {MsgType: "event", Event: "VIEW"},
			"type, never event":  {MsgType: "text", Event: "VIEW"},
			"an hour":            {From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour)},
			"a second's account": {From: last.Add(-time.Second), AppID: "wx0000000000000001"},
			"text, offset":       {MsgType: "text", Offset: 500_000},
			"no account":         {AppID: "wx-"},
			"no event":           {Event: "none"},
			"no such time":       {To: noon.Add(-time.Hour)},
		} {
			b.Run(name, func(b *testing.B) {
				f.Limit = 20
				percentiles(b, func() {
					_, err := s.BizRecordList(b.Context(), f)
					require.NoError(b, err)
				})
			})
		}
	})
}

// BenchmarkPushList reads pages of the list of both channels, with a million messages and a tenth of
// that of authorization events; p99 is what counts.
func BenchmarkPushList(b *testing.B) {
	eachBench(b, func(b *testing.B, s *dao.Store, d *db.DB) {
		require.NoError(b, db.MigrateOnline(b.Context(), d))
		fillPushes(b, s)
		fillEvents(b, s)
		deep, err := s.PushScan(b.Context(), model.PushFilter{}, &model.PushKey{At: noon.Unix() + manyPushes/20, ID: 1}, 1)
		require.NoError(b, err)
		for name, tt := range map[string]struct {
			filter model.PushFilter
			beyond *model.PushKey
		}{
			"newest":           {},
			"deep":             {beyond: deep.Last},
			"account":          {filter: model.PushFilter{AppID: "wx0000000000000001"}},
			"account, deep":    {filter: model.PushFilter{AppID: "wx0000000000000001"}, beyond: deep.Last},
			"messages":         {filter: model.PushFilter{Channel: model.ChannelBiz}},
			"events":           {filter: model.PushFilter{Channel: model.ChannelComponent}},
			"changes":          {filter: model.PushFilter{InfoTypes: []string{"authorized", "updateauthorized", "unauthorized"}}},
			"changes, deep":    {filter: model.PushFilter{InfoTypes: []string{"authorized", "unauthorized"}}, beyond: deep.Last},
			"type":             {filter: model.PushFilter{MsgType: "text"}, beyond: deep.Last},
			"event":            {filter: model.PushFilter{Event: "VIEW"}, beyond: deep.Last},
			"kind: event":      {filter: model.PushFilter{Kind: "VIEW"}},
			"kind: type":       {filter: model.PushFilter{Kind: "text"}},
			"account and type": {filter: model.PushFilter{AppID: "wx0000000000000001", MsgType: "event"}},
			"an hour":          {filter: model.PushFilter{From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour)}},
			"nobody":           {filter: model.PushFilter{AppID: "wx-"}},
			"nothing":          {filter: model.PushFilter{Kind: "none"}},
			"no such time":     {filter: model.PushFilter{To: noon.Add(-time.Hour)}},
			"a text, one look": {filter: model.PushFilter{Text: "nowhere"}},
		} {
			b.Run(name, func(b *testing.B) {
				percentiles(b, func() {
					scan, err := s.PushScan(b.Context(), tt.filter, tt.beyond, 128)
					require.NoError(b, err)
					_, err = s.PushRows(b.Context(), scan.Keys[:min(51, len(scan.Keys))], 400)
					require.NoError(b, err)
				})
			})
		}
	})
}

func fillEvents(b *testing.B, s *dao.Store) {
	b.Helper()
	for i := 0; i < manyPushes/10; {
		batch := make([]model.Push, 1000)
		for k := range batch {
			at := noon.Add(time.Duration(i) * time.Second)
			batch[k] = model.Push{
				Channel: model.ChannelComponent, Identity: fmt.Sprintf("%08x-c%d", at.Unix(), i), ReceiveTime: at,
				InfoType: "component_verify_ticket", Body: fmt.Sprintf("<xml><ComponentVerifyTicket>%0200d</ComponentVerifyTicket></xml>", i),
			}
			if i%50 == 0 {
				batch[k].InfoType = []string{"authorized", "unauthorized"}[i/50%2]
				batch[k].AppID = fmt.Sprintf("wx%016d", i*7919%manyAccounts)
			}
			i++
		}
		_, err := s.PushInsert(b.Context(), batch)
		require.NoError(b, err)
	}
}

// BenchmarkAuthorizerList searches ten thousand accounts.
func BenchmarkAuthorizerList(b *testing.B) {
	eachBench(b, func(b *testing.B, s *dao.Store, d *db.DB) {
		fillAccounts(b, s)
		for name, f := range map[string]model.AuthorizerFilter{
			"newest": {}, "offset": {Offset: 9000}, "search": {Search: "名999"}, "nothing": {Search: "zzz"},
			"permission": {Permission: 18}, "type": {AppType: new(1)}, "by name": {Sort: model.ByName},
		} {
			b.Run(name, func(b *testing.B) {
				f.Limit = 20
				percentiles(b, func() {
					_, err := s.AuthorizerList(b.Context(), f)
					require.NoError(b, err)
				})
			})
		}
	})
}

// BenchmarkWorkTake takes work beside a million items that have ended.
func BenchmarkWorkTake(b *testing.B) {
	eachBench(b, func(b *testing.B, s *dao.Store, d *db.DB) {
		fillPushes(b, s)
		require.NoError(b, d.Write.Exec("UPDATE work SET state = 2 WHERE id % 10 <> 0").Error)
		percentiles(b, func() {
			items, err := s.WorkTake(b.Context(), []string{"handle", "deliver", "sync"}, "me", time.Minute, 20)
			require.NoError(b, err)
			for _, w := range items {
				_, err := s.WorkDone(b.Context(), w)
				require.NoError(b, err)
			}
		})
	})
}

func fillPushes(b *testing.B, s *dao.Store) {
	b.Helper()
	for i := 0; i < manyPushes; {
		batch := make([]model.Push, 1000)
		for k := range batch {
			batch[k] = benchPush(i, noon.Add(time.Duration(i)*100*time.Millisecond))
			i++
		}
		_, err := s.PushInsert(b.Context(), batch)
		require.NoError(b, err)
	}
}

func fillAccounts(b *testing.B, s *dao.Store) {
	b.Helper()
	require.NoError(b, s.Tx(b.Context(), func(tx *dao.Store) error {
		for i := range manyAccounts {
			appid := fmt.Sprintf("wx%016d", i)
			if _, err := tx.AuthorizerSaveToken(b.Context(), model.Grant{
				AppID: appid, RefreshToken: "refreshtoken@@@0123456789", EventMS: 1, FuncInfo: "|1|18|30|",
				AuthTime: noon.Add(time.Duration(rand.IntN(1e6)) * time.Second),
			}); err != nil {
				return err
			}
			if _, err := tx.AuthorizerSaveDetails(b.Context(), model.AuthorizerDetails{
				AppID: appid, IfGrantRev: 1, NickName: fmt.Sprint("名", i), PrincipalName: "某某公司", AppType: new(i % 2),
				HeadImg: "http://wx.qlogo.cn/mmopen/0123456789012345678901234567890123456789/0",
			}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// percentiles runs f a few hundred times and reports how long it takes, in milliseconds.
func percentiles(b *testing.B, f func()) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		f()
		took = append(took, time.Since(begin)) //nolint:forbidigo // a benchmark's figure
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
