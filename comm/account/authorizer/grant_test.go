package authorizer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

var errOutage = &wx.Unreachable{Path: "/fake", Cause: errors.New("connection refused")}

func TestAuthorizationIsStoredWithItsTokens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.wechat.add(fakeAccount{appid: "wx1", name: "店", refreshToken: "R1", funcs: []int{1, 18}, mini: true})
		ev := w.event("wx1", "code1", 100)
		ev.PreAuthCode = "preauth-of-tenant-7"
		w.authorized(ev)

		row := w.get("wx1")
		require.Equal(t, model.Authorized, row.Status)
		require.Equal(t, "R1", row.RefreshToken)
		require.Equal(t, "|1|18|", row.FuncInfo)
		require.Equal(t, w.at(100).UnixMilli(), row.EventMS)
		require.True(t, w.at(100).Equal(row.AuthTime))
		require.Equal(t, "tenant-7", row.BindState)
		require.Equal(t, "access-R1", w.tokens.get("wx1"))
		require.Zero(t, w.wechat.count("info"), "details are fetched afterwards")

		require.NoError(t, waittest.Receive(t, w.work(authorizer.KindDetails).ended, "the details"))
		require.Equal(t, "店", w.get("wx1").NickName)
		require.Equal(t, authorizer.TypeMiniProgram, w.get("wx1").AppType)
	})
}

func TestDetailsFailureDoesNotLoseAuthorization(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.wechat.add(fakeAccount{appid: "wx1", name: "店", refreshToken: "R1", funcs: []int{1}})
	failures := 1
	w.wechat.info = func(string) error {
		if failures--; failures >= 0 {
			return errOutage
		}
		return nil
	}
	details := w.work(authorizer.KindDetails)
	w.authorized(w.event("wx1", "code1", 100))
	require.Equal(t, "R1", w.get("wx1").RefreshToken)
	require.Error(t, waittest.Receive(t, details.ended, "the first attempt"))
	require.NoError(t, waittest.Receive(t, details.ended, "the second attempt"))
	require.Equal(t, "店", w.get("wx1").NickName)
}

func TestManyPermissionsAndEmojiAreNotRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		funcs := make([]int, 60)
		for i := range funcs {
			funcs[i] = 100 + i
		}
		name := "🍜 面馆 " + strings.Repeat("🍥", 30)
		w.wechat.add(fakeAccount{appid: "wx1", name: name, refreshToken: "R1", funcs: funcs})
		w.authorized(w.event("wx1", "code1", 100))
		require.NoError(t, w.svc.RefreshDetails(t.Context(), "wx1"))
		row := w.get("wx1")
		require.Equal(t, name, row.NickName)
		require.Equal(t, funcs, authorizer.ParsePermissions(row.FuncInfo))
	})
}

func TestSameEventTwiceIsExchangedOnce(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
	ev := w.event("wx1", "code1", 100)
	w.authorized(ev)
	w.authorized(ev)
	require.Equal(t, 1, w.wechat.count("query_auth"))
	require.Equal(t, []string{"authorized"}, w.kinds("wx1"))
	require.Equal(t, "R1", w.get("wx1").RefreshToken)
}

func TestOlderEventChangesNothing(t *testing.T) {
	type step struct {
		kind string // + authorized, - unauthorized, ! unauthorized before the authorization that is known
		at   int
	}
	cases := map[string]struct {
		steps  []step
		status int8
		token  string
	}{
		"old unauthorized does not remove a new authorization": {[]step{{"+", 200}, {"-", 100}}, model.Authorized, "R200"},
		"old authorized does not undo an end":                  {[]step{{"-", 200}, {"+", 100}}, model.Unauthorized, ""},
		"old authorized does not replace a new token":          {[]step{{"+", 200}, {"+", 100}}, model.Authorized, "R200"},
		"end of an unknown account is remembered":              {[]step{{"-", 300}, {"+", 200}, {"+", 100}}, model.Unauthorized, ""},
		"the order of the events counts":                       {[]step{{"+", 100}, {"-", 200}, {"+", 300}}, model.Authorized, "R300"},
		"an end in the same second counts":                     {[]step{{"+", 100}, {"-", 100}}, model.Unauthorized, ""},
		"a start in the same second counts":                    {[]step{{"-", 100}, {"+", 100}}, model.Authorized, "R100"},
		"an end that comes late in the same second":            {[]step{{"+", 100}, {"!", 100}}, model.Authorized, "R100"},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for name, c := range cases {
			appid := fmt.Sprintf("wx-%d", len(w.wechat.accounts))
			account := w.wechat.add(fakeAccount{appid: appid})
			for _, s := range c.steps {
				if s.kind != "+" {
					w.wechat.change(func() { account.unlisted = s.kind == "-" })
					require.NoError(t, w.svc.Unauthorized(t.Context(), appid, w.at(s.at)), name)
					continue
				}
				w.wechat.change(func() { account.unlisted, account.refreshToken = false, fmt.Sprintf("R%d", s.at) })
				w.authorized(w.event(appid, fmt.Sprintf("code-%s-%d", appid, s.at), s.at))
			}
			row := w.get(appid)
			require.Equal(t, c.status, row.Status, name)
			require.Equal(t, c.token, row.RefreshToken, name)
		}
	})
}

func TestUnauthorizedAccountKeepsItsHistoryAndLosesItsTokens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.wechat.add(fakeAccount{appid: "wx1", name: "店", refreshToken: "R1"})
		w.authorized(w.event("wx1", "code1", 100))
		require.NoError(t, w.svc.RefreshDetails(t.Context(), "wx1"))
		tokens := &authorizer.RefreshTokens{Rows: w.store}
		refresh, err := tokens.RefreshToken(t.Context(), "wx1")
		require.NoError(t, err)
		require.Equal(t, "R1", refresh)

		for range 2 { // the event may come twice
			require.NoError(t, w.svc.Unauthorized(t.Context(), "wx1", w.at(200)))
		}
		row := w.get("wx1")
		require.Equal(t, model.Unauthorized, row.Status)
		require.Equal(t, "店", row.NickName)
		require.Empty(t, w.tokens.get("wx1"))
		require.Equal(t, []string{"authorized", "unauthorized"}, w.kinds("wx1"))
		_, err = tokens.RefreshToken(t.Context(), "wx1")
		require.True(t, errno.Is(err, errno.BadParam), "%v", err)
		require.True(t, errno.Is(w.svc.RefreshDetails(t.Context(), "wx1"), errno.BadParam))

		// a renewal that began before must not bring the token back
		require.NoError(t, tokens.RefreshTokenPut(t.Context(), "wx1", "R1b"))
		require.Empty(t, w.get("wx1").RefreshToken)
	})
}

func TestFailedForgettingIsTriedAgain(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
	w.authorized(w.event("wx1", "code1", 100))
	w.tokens.fail = errors.New("database is away")
	require.Error(t, w.svc.Unauthorized(t.Context(), "wx1", w.at(200)))
	w.tokens.fail = nil
	require.NoError(t, w.svc.Unauthorized(t.Context(), "wx1", w.at(200)))
	require.Empty(t, w.tokens.get("wx1"))
}

func TestSlowRenewalDoesNotReplaceTheTokenOfANewAuthorization(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		account := w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R-OLD"})
		w.authorized(w.event("wx1", "code1", 100))
		tokens := &authorizer.RefreshTokens{Rows: w.store}
		_, err := tokens.RefreshToken(t.Context(), "wx1")
		require.NoError(t, err)
		w.wechat.change(func() { account.refreshToken = "R-NEW" })
		w.authorized(w.event("wx1", "code2", 200))
		require.NoError(t, tokens.RefreshTokenPut(t.Context(), "wx1", "R-OLD-ROTATED"))
		require.Equal(t, "R-NEW", w.get("wx1").RefreshToken)
		_, err = tokens.RefreshToken(t.Context(), "wx1")
		require.NoError(t, err)
		require.NoError(t, tokens.RefreshTokenPut(t.Context(), "wx1", "R-ROTATED"))
		require.Equal(t, "R-ROTATED", w.get("wx1").RefreshToken)
	})
}

func TestExchangedCodeIsNotLost(t *testing.T) {
	lost := func(w *world, _ authorizer.AuthEvent) { // WeChat's answer does not arrive
		once := true
		w.wechat.lost = func(string) error {
			if once {
				once = false
				return errOutage
			}
			return nil
		}
	}
	killed := func(w *world, _ authorizer.AuthEvent) { // the instance dies before it has stored the answer
		w.txFail = errors.New("killed")
	}
	for name, strike := range map[string]func(*world, authorizer.AuthEvent){"answer lost": lost, "killed before storing": killed} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, dbtest.SQLite(t))
			w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1", funcs: []int{1}})
			ev := w.event("wx1", "code1", 100)
			strike(w, ev)
			require.Error(t, w.svc.Authorized(t.Context(), ev))
			infoFails := true
			w.wechat.info = func(string) error {
				if infoFails {
					return errOutage
				}
				return nil
			}
			require.Error(t, w.svc.Authorized(t.Context(), ev), "the refresh token could not be read yet")
			infoFails = false
			require.NoError(t, w.svc.Authorized(t.Context(), ev))
			require.Equal(t, "R1", w.get("wx1").RefreshToken)
			entries, err := w.svc.Timeline(t.Context(), "wx1")
			require.NoError(t, err)
			require.Len(t, entries, 1)
			require.True(t, entries[0].Detail.Recovered)
		})
	}
}

func TestOutageIsRetriedUntilTheCodeExpires(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.wechat.add(fakeAccount{appid: "wx1", name: "店", refreshToken: "R1"})
		ev := w.event("wx1", "code1", 100)
		w.wechat.queryAuth = func(string) error { return errOutage }
		w.wechat.info = func(string) error { return errOutage }
		for range 3 {
			require.Error(t, w.svc.Authorized(t.Context(), ev))
		}
		require.Empty(t, w.kinds("wx1"))

		w.clock.pass(61 * time.Minute)
		require.NoError(t, w.svc.Authorized(t.Context(), ev), "there is nothing left to try")
		require.Equal(t, []string{"code_expired"}, w.kinds("wx1"))
		require.Equal(t, model.Authorized, w.get("wx1").Status, "the account is shown, without a token")

		w.wechat.info = nil
		require.NoError(t, w.svc.RefreshDetails(t.Context(), "wx1"))
		require.Equal(t, "R1", w.get("wx1").RefreshToken, "and is recovered as soon as WeChat answers")
		require.Equal(t, []string{"code_expired", "recovered"}, w.kinds("wx1"))
	})
}

func TestCodeOfAStrangerIsNotAnAccount(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	ev := w.event("wx1", "code1", 100) // WeChat knows neither the code nor the account
	require.NoError(t, w.svc.Authorized(t.Context(), ev))
	require.Equal(t, []string{"code_invalid"}, w.kinds("wx1"))
	_, err := w.store.AuthorizerGet(t.Context(), "wx1")
	require.ErrorIs(t, err, model.ErrNotFound)
	entries, err := w.svc.Timeline(t.Context(), "wx1")
	require.NoError(t, err)
	require.Equal(t, wx.CodeAuthCodeUsed, entries[0].Detail.ErrCode)
}

func TestAccountWithoutAPIRightsLosesItsOldToken(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	account := w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
	w.authorized(w.event("wx1", "code1", 100))
	w.wechat.change(func() { account.refreshToken = "" })
	w.wechat.noToken = true
	w.authorized(w.event("wx1", "code2", 200))
	require.Empty(t, w.tokens.get("wx1"))
}

func TestReturningMerchantIsExchangedOnce(t *testing.T) {
	for name, order := range map[string]string{"merchant first": "me", "event first": "em"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, dbtest.SQLite(t))
			w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
			ev := w.event("wx1", "code1", 100)
			for _, who := range order {
				if who == 'e' {
					w.authorized(ev)
					continue
				}
				appid, err := w.svc.Exchange(t.Context(), "code1")
				require.NoError(t, err)
				require.Equal(t, "wx1", appid)
			}
			require.Equal(t, 1, w.wechat.count("query_auth"))
			require.Equal(t, []string{"authorized"}, w.kinds("wx1"))
			require.Equal(t, w.at(100).UnixMilli(), w.get("wx1").EventMS, "a later end must count")
		})
	}
}

func TestLateEndOfAnEarlierAuthorizationDoesNotStay(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	account := w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
	w.authorized(w.event("wx1", "code1", 50))
	w.wechat.change(func() { account.refreshToken = "R2" }) // ended at 90 and authorized again at 100
	ev := w.event("wx1", "code2", 100)
	_, err := w.svc.Exchange(t.Context(), "code2") // the merchant is back before the events
	require.NoError(t, err)
	require.NoError(t, w.svc.Unauthorized(t.Context(), "wx1", w.at(90)), "by this instance's clock, it is older than the end")
	w.authorized(ev)
	row := w.get("wx1")
	require.Equal(t, model.Authorized, row.Status)
	require.Equal(t, "R2", row.RefreshToken)
}

func TestLateEndDoesNotEndWhatTheMerchantCameBackWith(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	account := w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
	w.authorized(w.event("wx1", "code1", 50))
	w.clock.pass(100 * time.Second)
	w.wechat.change(func() { account.refreshToken = "R2" })
	w.event("wx1", "code2", 100)
	_, err := w.svc.Exchange(t.Context(), "code2")
	require.NoError(t, err)
	w.wechat.info = func(string) error { return refuse(-1, "system error") }
	require.Error(t, w.svc.Unauthorized(t.Context(), "wx1", w.at(90)), "nobody knows: tried again")
	w.wechat.info = nil
	require.NoError(t, w.svc.Unauthorized(t.Context(), "wx1", w.at(90)))
	row := w.get("wx1")
	require.Equal(t, model.Authorized, row.Status)
	require.Equal(t, "R2", row.RefreshToken)
}

func TestTwoInstancesWithOneEvent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
		ev := w.event("wx1", "code1", 100)
		errs := make(chan error, 4)
		for range 4 {
			go func() { errs <- w.svc.Authorized(t.Context(), ev) }()
		}
		for range 4 {
			require.NoError(t, <-errs)
		}
		require.Equal(t, "R1", w.get("wx1").RefreshToken)
	})
}

func TestTestAccountsAreNotCustomers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		appid := authorizer.TestAccounts()[3].AppID
		w.wechat.add(fakeAccount{appid: appid, refreshToken: "R1"})
		w.authorized(w.event(appid, "code1", 100))
		page, err := w.store.AuthorizerList(t.Context(), model.AuthorizerFilter{HideTest: true, Limit: 20})
		require.NoError(t, err)
		require.Empty(t, page.Rows)
		require.True(t, w.get(appid).IsTest)
	})
}

func TestSecretsDoNotShow(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R-SECRET"})
	ev := w.event("wx1", "CODE-SECRET", 100)
	require.NotContains(t, log.Secret("CODE-SECRET").String(), "SECRET")
	w.authorized(ev)
	work, err := w.store.WorkGet(t.Context(), 1)
	require.NoError(t, err)
	require.NotContains(t, work.Payload+*work.UKey, "SECRET")
}
