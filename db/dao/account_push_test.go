package dao_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// TestMessagesAreFoundByAccount has so many that SQLite enters most of them by account, and some not.
func TestMessagesAreFoundByAccount(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		const n, accounts = 150, 3
		s = s.EnterFrom(64)
		var ofOne []string // newest first
		for from := 0; from < n; from += 10 {
			var batch []model.Push
			for i := from; i < from+10; i++ {
				p := bizPush(i, noon.Add(time.Duration(i/5)*time.Second))
				p.AppID = fmt.Sprint("wx", i%accounts)
				if i%accounts == 1 {
					ofOne = append(ofOne, p.Body)
				}
				batch = append(batch, p)
			}
			insert(t, s, batch...)
		}
		slices.Reverse(ofOne)
		requireEntered(t, d, n)

		bodies := func(f model.BizRecordFilter) (list []string) {
			f.AppID, f.Limit = "wx1", 7
			for {
				page, err := s.BizRecordList(t.Context(), f)
				require.NoError(t, err)
				for _, r := range page.Rows {
					list = append(list, r.PostBody)
				}
				if f.Cursor = page.NextCursor; f.Cursor == "" {
					return list
				}
			}
		}
		require.Equal(t, ofOne, bodies(model.BizRecordFilter{}))
		page, err := s.BizRecordList(t.Context(), model.BizRecordFilter{AppID: "wx1", Offset: 30, Limit: 5})
		require.NoError(t, err)
		require.EqualValues(t, len(ofOne), page.Total)
		require.Equal(t, ofOne[30], page.Rows[0].PostBody)

		var scanned []string
		for _, row := range all(t, s, model.PushFilter{AppID: "wx1"}, 8) {
			scanned = append(scanned, row.Body)
		}
		require.Equal(t, ofOne, scanned)

		r := model.PushRange{Channel: model.ChannelBiz, AppID: "wx1", From: noon, To: noon.Add(time.Hour), Limit: n}
		count, err := s.PushRangeCount(t.Context(), r, n)
		require.NoError(t, err)
		require.EqualValues(t, len(ofOne), count)
		rows, err := s.ForwardPushes(t.Context(), r)
		require.NoError(t, err)
		require.Len(t, rows, len(ofOne))
		require.Equal(t, ofOne[0], rows[len(rows)-1].PostBody)

		places := []model.PushPlace{
			{Channel: model.ChannelBiz, AppID: "wx1", At: noon.Unix()},                                // entered
			{Channel: model.ChannelBiz, AppID: "wx1", At: noon.Add((n - 1) / 5 * time.Second).Unix()}, // not
		}
		at, err := s.PushAt(t.Context(), places)
		require.NoError(t, err)
		require.Len(t, at, 2+2)

		removed, err := s.PushPrune(t.Context(), model.ChannelBiz, noon.Add(24*time.Second), n)
		require.NoError(t, err)
		require.Equal(t, 120, removed)
		require.Equal(t, ofOne[:10], bodies(model.BizRecordFilter{}))
		page, err = s.BizRecordList(t.Context(), model.BizRecordFilter{AppID: "wx1", Limit: 1})
		require.NoError(t, err)
		require.EqualValues(t, 10, page.Total, "what is gone is not counted")
	})
}

func requireEntered(t *testing.T, d *db.DB, stored int) {
	t.Helper()
	if d.Dialect != db.SQLite {
		return
	}
	var entered int
	require.NoError(t, d.Read.Raw("SELECT COUNT(*) FROM account_push").Scan(&entered).Error)
	require.Greater(t, entered, stored/2)
	require.Less(t, entered, stored, "the newest are not entered yet")
}

// TestManyMessagesOfOthersAreEnteredInSteps: a program that wrote a lot holds up no push for long.
func TestManyMessagesOfOthersAreEnteredInSteps(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	s := dao.New(d, box{}).WithPatience(waittest.Limit)
	const others = 12_000 // more than are entered at once, and than are counted
	require.NoError(t, d.Write.Exec("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"+
		" INSERT INTO wxcallback_biz (receivetime, createtime, appid, postbody) SELECT ?, ?, 'wx9', i FROM n", others, noon, noon).Error)
	entered := func() (n int) {
		require.NoError(t, d.Read.Raw("SELECT COUNT(*) FROM account_push").Scan(&n).Error)
		return n
	}
	for i := range 3 {
		before := entered()
		var batch []model.Push
		for k := range 300 {
			batch = append(batch, bizPush(300*i+k, noon))
			batch[k].Work = nil
		}
		insert(t, s, batch...)
		require.LessOrEqual(t, entered()-before, 8192)
	}
	require.Greater(t, entered(), others)
	page, err := s.BizRecordList(t.Context(), model.BizRecordFilter{AppID: "wx9", Limit: 1})
	require.NoError(t, err)
	require.Equal(t, int64(dao.MaxTotal), page.Total)
}
