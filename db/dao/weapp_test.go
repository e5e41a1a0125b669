package dao_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// addAccount stores an authorized mini program with permission sets.
func addAccount(t *testing.T, s *dao.Store, appid, name, funcs string, at time.Time) {
	t.Helper()
	applied, err := s.AuthorizerSaveToken(t.Context(), model.Grant{
		AppID: appid, RefreshToken: "r-" + appid, FuncInfo: funcs, AuthTime: at, EventMS: 1,
	})
	require.NoError(t, err)
	require.True(t, applied)
	applied, err = s.AuthorizerSaveDetails(t.Context(), model.AuthorizerDetails{AppID: appid, IfGrantRev: 1, NickName: name})
	require.NoError(t, err)
	require.True(t, applied)
}

func TestWeappChangesWaitForEachOther(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		w, err := s.WeappGet(ctx, "wx1")
		require.NoError(t, err)
		require.Equal(t, model.NewWeapp("wx1"), w)
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				if err := s.WeappUpdate(ctx, "wx1", func(w *model.Weapp) { w.AuditID++ }); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		w, err = s.WeappGet(ctx, "wx1")
		require.NoError(t, err)
		require.EqualValues(t, 8, w.AuditID)
		require.Equal(t, model.NoAudit, w.AuditStatus)
		require.Equal(t, 1, w.VisitStatus)
		long := strings.Repeat("述", 3000)
		require.NoError(t, s.WeappUpdate(ctx, "wx1", func(w *model.Weapp) { w.AuditStatus, w.ReleaseDesc = 0, long }))
		w, err = s.WeappGet(ctx, "wx1")
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("述", 2000), w.ReleaseDesc)
		require.Zero(t, w.AuditStatus)
	})
}

func TestPermissionThatContains18IsNotAgencyDevelopment(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		addAccount(t, s, "wx1", "a", "|1|118|", noon)
		addAccount(t, s, "wx2", "b", "|180|", noon)
		addAccount(t, s, "wx3", "c", "|18|", noon)
		addAccount(t, s, "wx4", "d", "17|18", noon) // as other programs may have stored it
		page, err := s.WeappList(t.Context(), model.WeappFilter{Limit: 20})
		require.NoError(t, err)
		require.Equal(t, []string{"wx4", "wx3"}, appids(page))
		require.EqualValues(t, 2, page.Total)
	})
}

func appids(page model.Page[model.WeappRecord]) []string {
	ids := []string{}
	for _, r := range page.Rows {
		ids = append(ids, r.Account.AppID)
	}
	return ids
}

func TestWeappListFiltersAndPages(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		for i := range 7 {
			addAccount(t, s, "wx"+strconv.Itoa(i), "店 "+strconv.Itoa(i), "|18|", noon.Add(time.Duration(i/3)*time.Second))
		}
		require.NoError(t, s.WeappUpdate(ctx, "wx2", func(w *model.Weapp) { w.AuditStatus, w.ReleaseVersion = 2, "1.0" }))
		require.NoError(t, s.WeappUpdate(ctx, "wx5", func(w *model.Weapp) { w.AuditStatus, w.VisitStatus = 2, 0 }))
		require.NoError(t, s.WeappUpdate(ctx, "wx6", func(w *model.Weapp) { w.RefreshMS = 5 }))
		changed, err := s.AuthorizerUnauthorize(ctx, "wx5", 2)
		require.NoError(t, err)
		require.True(t, changed)

		var seen []string
		for cursor, more := "", true; more; {
			page, err := s.WeappList(ctx, model.WeappFilter{Limit: 2, Cursor: cursor})
			require.NoError(t, err)
			require.EqualValues(t, 6, page.Total)
			seen = append(seen, appids(page)...)
			cursor, more = page.NextCursor, page.NextCursor != ""
		}
		require.Equal(t, []string{"wx6", "wx4", "wx3", "wx2", "wx1", "wx0"}, seen)

		auditing, none := 2, model.NoAudit
		for want, f := range map[string]model.WeappFilter{
			"wx2":                 {AuditStatus: &auditing},
			"wx6 wx4 wx3 wx1 wx0": {AuditStatus: &none},
			"wx3":                 {Search: "店 3"},
			"wx1":                 {AppID: "wx1"},
			"":                    {AppID: "wx1", AuditStatus: &auditing},
			"wx0":                 {Offset: 5},
		} {
			f.Limit = 20
			page, err := s.WeappList(ctx, f)
			require.NoError(t, err)
			require.Equal(t, want, strings.Join(appids(page), " "))
			for _, r := range page.Rows {
				require.Empty(t, r.Account.RefreshToken)
			}
		}
		_, err = s.WeappList(ctx, model.WeappFilter{Limit: 2, Cursor: "no cursor"})
		require.ErrorIs(t, err, model.ErrBadCursor)

		counts, err := s.WeappCounts(ctx)
		require.NoError(t, err)
		require.Equal(t, model.WeappCounts{Total: 6, Released: 1, ByAudit: map[int]int64{2: 1, model.NoAudit: 5}}, counts)

		stale, err := s.WeappStale(ctx, 10, 4)
		require.NoError(t, err)
		require.Equal(t, []string{"wx0", "wx1", "wx2", "wx3"}, stale)
		stale, err = s.WeappStale(ctx, 5, 10)
		require.NoError(t, err)
		require.Len(t, stale, 5)
	})
}

// BenchmarkWeappList reads a page of ten thousand mini programs in the ways in which the dashboard
// does; p99 is what counts.
func BenchmarkWeappList(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "mysql": dbtest.MySQL} {
		b.Run(name, func(b *testing.B) {
			d := open(b)
			fillWeapps(b, d, 10_000)
			s, auditing := dao.New(d, box{}).WithPatience(waittest.Limit), 2
			for view, f := range map[string]model.WeappFilter{
				"first": {}, "deep": {Offset: 9000}, "auditing": {AuditStatus: &auditing}, "search": {Search: "店 5000"},
			} {
				f.Limit = 20
				b.Run(view, func(b *testing.B) {
					percentiles(b, func() {
						page, err := s.WeappList(b.Context(), f)
						require.NoError(b, err)
						require.NotEmpty(b, page.Rows)
					})
				})
			}
		})
	}
}

func fillWeapps(b *testing.B, d *db.DB, n int) {
	b.Helper()
	accounts, states := make([]model.Authorizer, n), make([]model.Weapp, n)
	for i := range n {
		appid := "wxfill" + strconv.Itoa(i)
		at := time.Unix(int64(1_700_000_000+i/3), 0).UTC()
		accounts[i] = model.Authorizer{
			AppID: appid, NickName: "店 " + strconv.Itoa(i), FuncInfo: "|3|17|18|19|25|30|31|37|", AuthTime: at, UpdateTime: at,
			RefreshToken: strings.Repeat("r", 120), Status: model.Authorized,
			HeadImg: "http://wx.qlogo.cn/mmopen/" + strings.Repeat("h", 60), PrincipalName: "某某餐饮有限公司",
		}
		states[i] = model.NewWeapp(appid)
		states[i].AuditStatus = i%6 - 1
	}
	require.NoError(b, d.Write.WithContext(b.Context()).CreateInBatches(accounts, 500).Error)
	require.NoError(b, d.Write.WithContext(b.Context()).CreateInBatches(states, 500).Error)
}
