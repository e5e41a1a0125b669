package authorizer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func (w *world) refreshTokens() *authorizer.RefreshTokens {
	return &authorizer.RefreshTokens{Rows: w.store}
}

// TestSyncTakesOverAnAuthorizationThatNoEventTold: the list shows a later one, with another refresh token.
func TestSyncTakesOverAnAuthorizationThatNoEventTold(t *testing.T) {
	t.Parallel()
	type listed struct {
		seconds int // of auth_time, after the stored authorization
		token   string
	}
	for name, tt := range map[string]struct {
		listed listed
		during func(w *world) // after the list was made, or the details that are asked for then
		token  string         // that is stored in the end
		access string         // that is handed out in the end
	}{
		"later":                     {listed{60, "R2"}, nil, "R2", ""},
		"later by a second":         {listed{1, "R2"}, nil, "R2", ""},
		"same time":                 {listed{0, "R2"}, nil, "R1", "access-R1"},
		"earlier":                   {listed{-60, "R2"}, nil, "R1", "access-R1"},
		"later with the same token": {listed{60, "R1"}, nil, "R1", "access-R1"},
		"later without a token":     {listed{60, ""}, nil, "R1", "access-R1"},
		"details refreshed beside the sync": {listed{60, "R2"}, func(w *world) {
			require.NoError(w.t, w.store.AuthorizerDetailsTried(w.t.Context(), "wx1", w.clock.now().Add(time.Hour).UnixMilli()))
		}, "R2", ""},
		"the event comes after all": {listed{60, "R2"}, func(w *world) {
			w.wechat.change(func() { w.wechat.find("wx1").refreshToken = "R3" })
			w.authorized(w.event("wx1", "code3", 120))
		}, "R3", "access-R3"},
		"the merchant comes back": {listed{60, "R2"}, func(w *world) {
			w.wechat.change(func() { w.wechat.find("wx1").refreshToken, w.wechat.codes["code3"] = "R3", "wx1" })
			_, err := w.svc.Exchange(w.t.Context(), "code3")
			require.NoError(w.t, err)
		}, "R3", "access-R3"},
		"the token is used": {listed{60, "R2"}, func(w *world) {
			tokens := w.refreshTokens()
			_, err := tokens.RefreshToken(w.t.Context(), "wx1")
			require.NoError(w.t, err)
			require.NoError(w.t, tokens.RefreshTokenPut(w.t.Context(), "wx1", "R1b"))
		}, "R1b", "access-R1"},
		"it has ended since": {listed{60, "R2"}, func(w *world) {
			require.NoError(w.t, w.svc.Unauthorized(w.t.Context(), "wx1", w.at(120)))
		}, "", ""},
	} {
		holdList := func(w *world) { w.wechat.duringList(func() { tt.during(w) }) }
		holdDetails := func(w *world) { w.wechat.duringDetails(func() { tt.during(w) }) }
		holds := map[string]func(*world){"list": holdList, "details": holdDetails}
		if tt.during == nil {
			holds = map[string]func(*world){"nothing": func(*world) {}}
		}
		for held, hold := range holds {
			t.Run(name+", while the answer is held: "+held, func(t *testing.T) {
				t.Parallel()
				dbtest.Each(t, func(t *testing.T, d *db.DB) {
					w := newWorld(t, d)
					account := w.wechat.add(fakeAccount{appid: "wx1", name: "店", refreshToken: "R1", funcs: []int{1}})
					w.authorized(w.event("wx1", "code1", 0))
					require.NoError(t, w.svc.RefreshDetails(t.Context(), "wx1"))
					w.clock.pass(time.Hour)
					w.wechat.change(func() {
						account.refreshToken, account.authTime = tt.listed.token, w.at(tt.listed.seconds).Unix()
					})
					hold(w)
					job := w.sync()
					require.Equal(t, authorizer.SyncDone, job.State, "%+v", job)
					require.Zero(t, job.Progress.Added, "it was authorized before")
					row := w.get("wx1")
					require.Equal(t, tt.token, row.RefreshToken)
					require.Equal(t, tt.access, w.tokens.get("wx1"))
					require.Equal(t, "店", row.NickName)
					if tt.token == "R2" {
						require.True(t, w.at(tt.listed.seconds).Equal(row.AuthTime))
						require.Equal(t, []string{"authorized", "synced"}, w.kinds("wx1"))
						require.NoError(t, w.svc.Unauthorized(t.Context(), "wx1", w.at(tt.listed.seconds-1)))
						require.Equal(t, model.Authorized, w.get("wx1").Status, "an end from before, whose event comes late")
						w.sync()
						require.Equal(t, []string{"authorized", "synced"}, w.kinds("wx1"), "it is known now")
					}
				})
			})
		}
	}
}

// TestUseOfTheEarlierTokenDoesNotReplaceTheOneTakenOver: a renewal was under way with it.
func TestUseOfTheEarlierTokenDoesNotReplaceTheOneTakenOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		account := w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
		w.authorized(w.event("wx1", "code1", 0))
		tokens := w.refreshTokens()
		_, err := tokens.RefreshToken(t.Context(), "wx1")
		require.NoError(t, err)
		w.clock.pass(time.Hour)
		w.wechat.change(func() { account.refreshToken, account.authTime = "R2", w.at(60).Unix() })
		w.sync()
		require.NoError(t, tokens.RefreshTokenPut(t.Context(), "wx1", "R1b"))
		require.Equal(t, "R2", w.get("wx1").RefreshToken)
		require.Equal(t, 1, w.tokens.forgot["wx1"])

		_, err = tokens.RefreshToken(t.Context(), "wx1")
		require.NoError(t, err)
		for _, token := range []string{"R2-recovered", "R2-used"} { // both within one renewal
			require.NoError(t, tokens.RefreshTokenPut(t.Context(), "wx1", token))
			require.Equal(t, token, w.get("wx1").RefreshToken)
		}
	})
}

// TestAccountKeepsItsNameWhenMerchantAndEventComeTogether: whatever comes first, and while details are
// being fetched.
func TestAccountKeepsItsNameWhenMerchantAndEventComeTogether(t *testing.T) {
	t.Parallel()
	for name, together := range map[string]func(w *world, ev authorizer.AuthEvent, merchant func()){
		"the event during the details": func(w *world, ev authorizer.AuthEvent, merchant func()) {
			w.wechat.duringDetails(func() { w.authorized(ev) })
			merchant()
		},
		"the merchant during the details": func(w *world, ev authorizer.AuthEvent, merchant func()) {
			w.wechat.duringDetails(merchant)
			w.authorized(ev)
		},
		"the event while the merchant's code is exchanged": func(w *world, ev authorizer.AuthEvent, merchant func()) {
			once := true
			w.wechat.lost = func(string) error { // the answer is on its way to the merchant
				if once {
					once = false
					w.authorized(ev)
				}
				return nil
			}
			merchant()
		},
		"the merchant while the event's code is exchanged": func(w *world, ev authorizer.AuthEvent, merchant func()) {
			w.wechat.duringDetails(merchant) // the answer to the event's refused code
			w.wechat.change(func() { delete(w.wechat.codes, ev.Code.Reveal()) })
			w.authorized(ev)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := newWorld(t, d)
				account := w.wechat.add(fakeAccount{appid: "wx1", name: "旧名", refreshToken: "R1", funcs: []int{1}})
				w.authorized(w.event("wx1", "code1", 0))
				require.NoError(t, w.svc.RefreshDetails(t.Context(), "wx1"))
				w.wechat.change(func() { account.name, account.refreshToken, account.funcs = "新名", "R2", []int{1, 18} })
				ev := w.event("wx1", "code2", 100)
				details := w.work(authorizer.KindDetails)
				together(w, ev, func() {
					w.wechat.change(func() { w.wechat.codes["code2"] = "wx1" })
					_, err := w.svc.Exchange(t.Context(), "code2")
					require.NoError(t, err)
				})
				waittest.Until(t, func() bool {
					row := w.get("wx1")
					return row.NickName == "新名" && row.EventMS == w.at(100).UnixMilli()
				}, "details and event are not both stored")
				details.stop()
				row := w.get("wx1")
				require.Equal(t, "新名", row.NickName)
				require.Equal(t, "R2", row.RefreshToken)
				require.Equal(t, "|1|18|", row.FuncInfo)
			})
		})
	}
}

func TestEmptyListOfPermissionSetsTakesThemAway(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		account := w.wechat.add(fakeAccount{appid: "wx1", name: "店", refreshToken: "R1", funcs: []int{1, 18}})
		w.authorized(w.event("wx1", "code1", 0))
		w.wechat.change(func() { account.funcs = nil })
		w.authorized(w.event("wx1", "code2", 100))
		require.Equal(t, []int{1, 18}, authorizer.ParsePermissions(w.get("wx1").FuncInfo), "what WeChat does not tell stays")
		w.wechat.change(func() { account.funcs = []int{} })
		w.authorized(w.event("wx1", "code3", 200))
		require.Empty(t, authorizer.ParsePermissions(w.get("wx1").FuncInfo))
		w.wechat.change(func() { account.funcs = nil })
		require.NoError(t, w.svc.RefreshDetails(t.Context(), "wx1"))
		require.Empty(t, authorizer.ParsePermissions(w.get("wx1").FuncInfo))
	})
}
