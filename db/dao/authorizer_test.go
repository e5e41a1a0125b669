package dao_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

func authorize(t *testing.T, s *dao.Store, g model.Grant) bool {
	t.Helper()
	if g.AuthTime.IsZero() {
		g.AuthTime = noon
	}
	applied, err := s.AuthorizerSaveToken(t.Context(), g)
	require.NoError(t, err)
	return applied
}

func account(t *testing.T, s *dao.Store, appid string) model.Authorizer {
	t.Helper()
	a, err := s.AuthorizerGet(t.Context(), appid)
	require.NoError(t, err)
	return a
}

func TestAnOlderEventChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		ctx := t.Context()
		require.True(t, authorize(t, s, model.Grant{AppID: "wx1", RefreshToken: "R-NEW", FuncInfo: "|1|", EventMS: 200}))
		require.False(t, authorize(t, s, model.Grant{AppID: "wx1", RefreshToken: "R-OLD", EventMS: 100}))
		changed, err := s.AuthorizerUnauthorize(ctx, "wx1", 100)
		require.NoError(t, err)
		require.False(t, changed)
		a := account(t, s, "wx1")
		require.Equal(t, "R-NEW", a.RefreshToken)
		require.Equal(t, model.Authorized, a.Status)
		require.Contains(t, raw[string](t, d, "SELECT refreshtoken FROM authorizers"), "enc1:")

		// the reply to a refresh that was asked for before the new authorization
		ok, err := s.AuthorizerRotateToken(ctx, "wx1", a.GrantRev-1, "R-OLD-2")
		require.NoError(t, err)
		require.False(t, ok)
		ok, err = s.AuthorizerRotateToken(ctx, "wx1", a.GrantRev, "R-NEW-2")
		require.NoError(t, err)
		require.True(t, ok)
		require.True(t, authorize(t, s, model.Grant{AppID: "wx1", EventMS: 300})) // nothing learnt: all kept
		a = account(t, s, "wx1")
		require.Equal(t, "R-NEW-2", a.RefreshToken)
		require.Equal(t, "|1|", a.FuncInfo)
		ok, err = s.AuthorizerFillToken(ctx, "wx1", "other")
		require.NoError(t, err)
		require.False(t, ok)
	})
}

func TestUnauthorizedAccountStaysWithoutTokens(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		authorize(t, s, model.Grant{AppID: "wx1", RefreshToken: "r", EventMS: 100})
		token := model.Token{Type: model.TokenAuthorizer, AppID: "wx1", Token: "t", ExpireTime: noon}
		require.NoError(t, s.TokenPut(ctx, token, db.Lease{}))
		changed, err := s.AuthorizerUnauthorize(ctx, "wx1", 200)
		require.NoError(t, err)
		require.True(t, changed)
		_, err = s.TokenGet(ctx, model.TokenAuthorizer, "wx1")
		require.ErrorIs(t, err, model.ErrNotFound)
		require.ErrorIs(t, s.TokenPut(ctx, token, db.Lease{}), model.ErrNotFound, "a refresh that was under way")
		a := account(t, s, "wx1")
		require.Equal(t, model.Unauthorized, a.Status)
		require.NotZero(t, a.StatusMS)
		require.Empty(t, a.RefreshToken)
		ok, err := s.AuthorizerFillToken(ctx, "wx1", "r2")
		require.NoError(t, err)
		require.False(t, ok)

		changed, err = s.AuthorizerUnauthorize(ctx, "wx2", 200) // not known yet
		require.NoError(t, err)
		require.True(t, changed)
		require.False(t, authorize(t, s, model.Grant{AppID: "wx2", RefreshToken: "r", EventMS: 100}))
		require.True(t, authorize(t, s, model.Grant{AppID: "wx2", EventMS: 300}))
		ok, err = s.AuthorizerFillToken(ctx, "wx2", "r3")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, "r3", account(t, s, "wx2").RefreshToken)
	})
}

func TestDetailsNeverBlankNorTouchTheToken(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		authorize(t, s, model.Grant{AppID: "wx1", RefreshToken: "r", FuncInfo: "|1|18|", EventMS: 100})
		many := "|" + strings.Repeat("123|", 60)
		ok, err := s.AuthorizerSaveDetails(ctx, model.AuthorizerDetails{
			AppID: "wx1", IfGrantRev: 1, NickName: "名 😀", UserName: "gh_1", HeadImg: strings.Repeat("h", 600),
			PrincipalName: "principal", FuncInfo: many, AppType: new(1), VerifyInfo: new(-1), ServiceType: new(2),
			Details: `{"all":"😀"}`, BasicConfig: "{}", AccountStatus: new(1), RegisterType: new(3),
		})
		require.NoError(t, err)
		require.True(t, ok)
		before := account(t, s, "wx1")
		require.Equal(t, "名 😀", before.NickName)
		require.Equal(t, many, before.FuncInfo)
		require.Len(t, before.HeadImg, 512)
		details, err := s.AuthorizerDetailGet(ctx, "wx1")
		require.NoError(t, err)
		require.JSONEq(t, `{"all":"😀"}`, details)

		ok, err = s.AuthorizerSaveDetails(ctx, model.AuthorizerDetails{AppID: "wx1", IfGrantRev: 1}) // WeChat failed
		require.NoError(t, err)
		require.True(t, ok)
		after := account(t, s, "wx1")
		after.UpdateTime, after.DetailsMS = before.UpdateTime, before.DetailsMS
		require.Equal(t, before, after)

		authorize(t, s, model.Grant{AppID: "wx1", RefreshToken: "r2", EventMS: 200})
		ok, err = s.AuthorizerSaveDetails(ctx, model.AuthorizerDetails{AppID: "wx1", IfGrantRev: 1, NickName: "stale"})
		require.NoError(t, err)
		require.False(t, ok)
		require.Equal(t, "名 😀", account(t, s, "wx1").NickName)
		require.Equal(t, "r2", account(t, s, "wx1").RefreshToken)
	})
}

func TestVanishOnlyWhenNothingHappenedSince(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		authorize(t, s, model.Grant{AppID: "wx1", RefreshToken: "r", EventMS: 100})
		seen, err := s.AuthorizerStates(ctx)
		require.NoError(t, err)
		require.Len(t, seen, 1)
		authorize(t, s, model.Grant{AppID: "wx1", RefreshToken: "r2", EventMS: 200})
		changed, err := s.AuthorizerVanish(ctx, "wx1", seen[0].EventMS, seen[0].StatusMS)
		require.NoError(t, err)
		require.False(t, changed)
		seen, err = s.AuthorizerStates(ctx)
		require.NoError(t, err)
		changed, err = s.AuthorizerVanish(ctx, "wx1", seen[0].EventMS, seen[0].StatusMS)
		require.NoError(t, err)
		require.True(t, changed)
		require.Equal(t, "r2", account(t, s, "wx1").RefreshToken)
	})
}

func TestAuthorizerList(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		require.NoError(t, s.Tx(ctx, func(tx *dao.Store) error {
			var errs []error
			for i := range 45 { // three in each second
				appid := fmt.Sprintf("wx%02d", i)
				funcs := "|1|118|"
				if i%5 == 0 {
					funcs = "|1|18|"
				}
				_, err := tx.AuthorizerSaveToken(ctx, model.Grant{
					AppID: appid, RefreshToken: "r", FuncInfo: funcs, EventMS: 100, AuthTime: noon.Add(time.Duration(i/3) * time.Second),
					IsTest: i == 44,
				})
				_, err2 := tx.AuthorizerSaveDetails(ctx, model.AuthorizerDetails{
					AppID: appid, IfGrantRev: 1, NickName: fmt.Sprintf("50%% 名%d_", i), PrincipalName: "Acme", AppType: new(i % 2),
					Kind: []model.AccountKind{model.KindMiniProgram, model.KindStore, "", model.KindService}[i%4],
				})
				errs = append(errs, err, err2)
			}
			return errors.Join(errs...)
		}))
		_, err := s.AuthorizerUnauthorize(ctx, "wx00", 200)
		require.NoError(t, err)
		for name, tt := range map[string]struct {
			filter model.AuthorizerFilter
			want   int64
		}{
			"authorized":   {model.AuthorizerFilter{}, 44},
			"unauthorized": {model.AuthorizerFilter{Status: model.OnlyUnauthorized}, 1},
			"any":          {model.AuthorizerFilter{Status: model.AnyStatus}, 45},
			"permission":   {model.AuthorizerFilter{Permission: 18}, 8},
			"appid":        {model.AuthorizerFilter{AppID: "wx07"}, 1},
			"type":         {model.AuthorizerFilter{AppType: new(0)}, 22},
			"kind":         {model.AuthorizerFilter{Kinds: []model.AccountKind{model.KindStore}}, 11},
			"kinds":        {model.AuthorizerFilter{Kinds: []model.AccountKind{model.KindService, model.KindOther}}, 22},
			"name":         {model.AuthorizerFilter{Search: "名13"}, 1},
			"sign":         {model.AuthorizerFilter{Search: "0% 名1_"}, 1},
			"principal":    {model.AuthorizerFilter{Search: "acm"}, 44},
			"nothing":      {model.AuthorizerFilter{Search: "!"}, 0},
			"no test":      {model.AuthorizerFilter{HideTest: true}, 43},
			"by name":      {model.AuthorizerFilter{Sort: model.ByName}, 44},
		} {
			tt.filter.Limit = 10
			for _, byCursor := range []bool{false, true} {
				if byCursor && tt.filter.Sort == model.ByName {
					continue
				}
				seen := map[string]bool{}
				f := tt.filter
				for {
					list, err := s.AuthorizerList(ctx, f)
					require.NoError(t, err)
					require.Equal(t, tt.want, list.Total, name)
					for _, a := range list.Rows {
						require.False(t, seen[a.AppID], "%s: twice: %s", name, a.AppID)
						seen[a.AppID] = true
					}
					f.Offset += 10
					if byCursor {
						f.Offset, f.Cursor = 0, list.NextCursor
					}
					if len(list.Rows) < 10 || byCursor && list.NextCursor == "" {
						break
					}
				}
				require.Len(t, seen, int(tt.want), name)
			}
		}
		counts, err := s.AuthorizerCounts(ctx)
		require.NoError(t, err)
		require.Equal(t, map[model.AccountKind]int64{ // without the one that is not authorized and the one of the test
			model.KindMiniProgram: 10, model.KindStore: 11, model.KindOther: 11, model.KindService: 11,
		}, counts)
		stale, err := s.AuthorizerStale(ctx, time.Now().Add(time.Hour).UnixMilli(), 2)
		require.NoError(t, err)
		require.Equal(t, "wx01", stale[0].AppID)
		require.NoError(t, s.AuthorizerDetailsTried(ctx, "wx01", time.Now().Add(time.Minute).UnixMilli()))
		stale, err = s.AuthorizerStale(ctx, time.Now().Add(time.Hour).UnixMilli(), 1)
		require.NoError(t, err)
		require.NotEqual(t, "wx01", stale[0].AppID)
	})
}

func TestHistoryAndState(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		authorize(t, s, model.Grant{AppID: "wx1", EventMS: 1})
		require.NoError(t, s.AuthorizerSetState(ctx, "wx1", "tenant-7"))
		require.Equal(t, "tenant-7", account(t, s, "wx1").BindState)
		require.ErrorIs(t, s.AuthorizerSetState(ctx, "wx9", "x"), model.ErrNotFound)
		for i := range 3 {
			require.NoError(t, s.AuthorizerHistoryAdd(ctx, model.AuthorizerHistory{AppID: "wx1", AtMS: 5, Kind: fmt.Sprint(i)}))
		}
		rows, err := s.AuthorizerHistoryList(ctx, "wx1", 2)
		require.NoError(t, err)
		require.Equal(t, []string{"2", "1"}, []string{rows[0].Kind, rows[1].Kind})
	})
}
