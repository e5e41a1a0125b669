package inits_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
)

const (
	infoAPI = "/cgi-bin/component/api_get_authorizer_info"
	codeAPI = "/cgi-bin/component/api_query_auth"
)

// kept is an account as lists show it.
type kept struct {
	AppID, Kind, NickName, FuncInfo string
	AppType                         int
}

func (c *client) keptAccounts(query string) []kept {
	c.t.Helper()
	return get[struct{ Records []kept }](c, adminAPI+"/authorizer-list?"+query).Records
}

// infoOf is an answer about an account with further members.
func infoOf(appid, members string) string {
	return `{"authorizer_info":{"nick_name":"Case","user_name":"gh_case","principal_name":"P","service_type_info":{"id":0},` +
		`"verify_type_info":{"id":0}` + members + `},"authorization_info":{"authorizer_appid":"` + appid +
		`","authorizer_refresh_token":"RT","func_info":[{"funcscope_category":{"id":1}},{"funcscope_category":{"id":18}}]}}`
}

// TestAccountsAreShownAsWhatTheyAre: stores and others are no official accounts, though they are no mini
// programs either.
func TestAccountsAreShownAsWhatTheyAre(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()))
		wechat.SetTarget(s.base)
		admin := s.admin()
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		appid := wechat.stranger(t).AppID
		_, err := wechat.Authorize(t.Context(), appid, wxsim.AuthorizeOptions{})
		require.NoError(t, err)
		eventually(t, "the account has details", func() bool {
			list := admin.keptAccounts("")
			return len(list) == 1 && list[0].NickName != ""
		})
		for members, want := range map[string]kept{
			`,"store_info":{"id":1}`: {Kind: "store", AppType: 1},
			`,"store_info":{}`:       {Kind: "store", AppType: 1},
			`,"channels_info":{"id":1},"service_type_info":{"id":2}`: {Kind: "channels", AppType: 1},
			`,"talent_info":{"id":1},"store_info":null`:              {Kind: "talent", AppType: 1},
			`,"supplier_info":{"id":1},"store_info":{}`:              {Kind: "supplier", AppType: 1},
			`,"store_info":{},"channels_info":{},"talent_info":{}`:   {Kind: "subscription", AppType: 1},
			`,"store_info":[],"channels_info":""`:                    {Kind: "subscription", AppType: 1},
			`,"service_type_info":{"id":1}`:                          {Kind: "subscription", AppType: 1},
			`,"service_type_info":{"id":2}`:                          {Kind: "service", AppType: 1},
			`,"service_type_info":{"id":12}`:                         {Kind: "other", AppType: 1},
			`,"MiniProgramInfo":{},"store_info":{"id":1}`:            {Kind: "miniProgram", AppType: 0},
		} {
			wechat.ClearFaults()
			require.NoError(t, wechat.SetFault(wxsim.Fault{Path: infoAPI, Body: infoOf(appid, members)}))
			require.Zero(t, admin.call(http.MethodPost, adminAPI+"/authorizer-refresh?appid="+appid, "").Code)
			want.AppID, want.NickName, want.FuncInfo = appid, "Case", "|1|18"
			require.Equal(t, []kept{want}, admin.keptAccounts("kind="+want.Kind), members)
			official := want.Kind == "subscription" || want.Kind == "service"
			require.Equal(t, official, len(admin.keptAccounts("kind=official")) == 1, members)
			require.Len(t, admin.keptAccounts("appType="+strconv.Itoa(want.AppType)), 1, "as former clients ask")
			counts := get[struct {
				Counts struct {
					Authorizers, OfficialAccounts, MiniPrograms int
					Kinds                                       map[string]int
				}
			}](admin, adminAPI+"/overview").Counts
			require.Equal(t, map[string]int{want.Kind: 1}, counts.Kinds)
			require.Equal(t, []bool{official, want.Kind == "miniProgram"}, []bool{counts.OfficialAccounts == 1, counts.MiniPrograms == 1}, members)
		}
		require.Equal(t, 1001, admin.call(http.MethodGet, adminAPI+"/authorizer-list?kind=shop", "").Code)
	})
}

// TestUpdateWithoutPermissionSetsTakesThemAway, and what WeChat leaves out stays.
func TestUpdateWithoutPermissionSetsTakesThemAway(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()))
		wechat.SetTarget(s.base)
		admin := s.admin()
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		appid := wechat.stranger(t).AppID
		_, err := wechat.Authorize(t.Context(), appid, wxsim.AuthorizeOptions{Funcs: []int{1, 2}})
		require.NoError(t, err)
		sets := func() string {
			list := admin.keptAccounts("")
			if len(list) != 1 || list[0].NickName == "" {
				return "not there"
			}
			return list[0].FuncInfo
		}
		eventually(t, "the account is there", func() bool { return sets() == "|1|2" })
		update := func(token, funcs string) {
			wechat.ClearFaults()
			auth := `{"authorizer_appid":"` + appid + `","authorizer_refresh_token":"` + token + `"` + funcs + `}`
			require.NoError(t, wechat.SetFault(
				wxsim.Fault{Path: codeAPI, Body: `{"authorization_info":` + auth + `}`},
				wxsim.Fault{Path: infoAPI, Body: `{"authorizer_info":{"nick_name":"` + token + `"},"authorization_info":` + auth + `}`},
			))
			push, err := wechat.Push(t.Context(), wxsim.PushSpec{InfoType: "updateauthorized", Fields: map[string]any{
				"AuthorizerAppid": appid, "AuthorizationCode": token,
				"AuthorizationCodeExpiredTime": strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10),
			}})
			require.NoError(t, err)
			require.True(t, push.Accepted)
			eventually(t, "the update is stored", func() bool {
				list := admin.keptAccounts("")
				return len(list) == 1 && list[0].NickName == token
			})
		}
		for _, tt := range [][3]string{
			{"U1", "", "|1|2"},
			{"U2", `,"func_info":null`, "|1|2"},
			{"U3", `,"func_info":[]`, ""},
			{"U4", `,"func_info":[{"funcscope_category":{"id":7}}]`, "|7"},
			{"U5", "", "|7"},
		} {
			update(tt[0], tt[1])
			require.Equal(t, tt[2], sets(), tt[0])
		}
	})
}

// TestMerchantAndEventTogetherBringTheName: the calls for details are held, and let go after the event.
func TestMerchantAndEventTogetherBringTheName(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		for _, path := range []string{infoAPI, codeAPI} {
			wechat := newPlatform(t, wxsim.Settings{})
			s := start(t, database.with(wechat.settings()))
			wechat.SetTarget(s.base)
			admin := s.admin()
			require.True(t, wechat.PushTicket(t.Context()).Accepted)
			_, list := wechat.Accounts(wxsim.AccountFilter{Kind: wxsim.MiniProgram})
			appid := list[0].AppID
			v := s.visit("")
			arrived, letGo := wechat.gate.hold(t, path)
			authorization, err := wechat.Authorize(t.Context(), appid, wxsim.AuthorizeOptions{PreAuthCode: v.query.Get("pre_auth_code")})
			require.NoError(t, err)
			landed := make(chan envelope, 1)
			go func() {
				landed <- s.call(http.MethodPost, authPage+"/landing", asJSON(t, obj{"visit": v.id, "authCode": authorization.AuthCode}))
			}()
			waittest.Receive(t, arrived, "a call of WeChat")
			if path == codeAPI {
				waittest.Receive(t, arrived, "the other's call with the same code")
			}
			letGo()
			e := waittest.Receive(t, landed, "the merchant's landing")
			require.Zero(t, e.Code, e.raw)
			eventually(t, "the name", func() bool {
				list := admin.keptAccounts("appid=" + appid)
				return len(list) == 1 && list[0].NickName == wechat.name(t, appid)
			})
			require.NoError(t, s.stop())
		}
	})
}

func (p *platform) name(t *testing.T, appid string) string {
	t.Helper()
	a, ok := p.Account(appid)
	require.True(t, ok)
	return a.NickName
}

// TestNoIDWithASpaceNamesAnything: on no database, by no route.
func TestNoIDWithASpaceNamesAnything(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		wechat := newPlatform(t, wxsim.Settings{})
		s := start(t, database.with(wechat.settings()))
		wechat.SetTarget(s.base)
		admin := s.admin()
		require.True(t, wechat.PushTicket(t.Context()).Accepted)
		appid := wechat.stranger(t).AppID
		_, err := wechat.Authorize(t.Context(), appid, wxsim.AuthorizeOptions{})
		require.NoError(t, err)
		eventually(t, "the account has details", func() bool {
			list := admin.keptAccounts("")
			return len(list) == 1 && list[0].NickName != ""
		})
		asked := 0
		for _, r := range routes(t) {
			c := admin
			if strings.HasPrefix(r.path, "/inner") {
				c = s.inner
			}
			for _, p := range idsOf(t, r) {
				for _, id := range []string{appid + " ", " " + appid, appid + "\t", appid + "\u00a0"} {
					query, body := url.Values{"appid": {appid}}, obj{}
					if p.In == "query" {
						query.Set(p.Name, id)
					} else {
						body[p.Name] = id
						if p.list {
							body[p.Name] = list{id}
						}
					}
					e := c.call(r.method, r.path+"?"+query.Encode(), asJSON(t, body))
					require.Equal(t, 1001, e.Code, "%s with %s %q: %s", r, p.Name, id, e.raw)
					require.Equal(t, p.Name, e.Field, "%s with %s %q: %s", r, p.Name, id, e.raw)
					asked++
				}
			}
		}
		require.Greater(t, asked, 100, "there are many such routes")
	})
}

type idParameter struct {
	Name, In string
	Schema   struct{ Type any }
	list     bool
}

// idsOf lists the parameters of a route that are ids written as text.
func idsOf(t *testing.T, r route) (ids []idParameter) {
	t.Helper()
	text, err := description()
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters  []idParameter
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Properties map[string]struct {
							Type  any
							Items struct{ Type any }
						}
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &doc))
	operation := doc.Paths[r.path][strings.ToLower(r.method)]
	named := func(name string) bool {
		name = strings.TrimSuffix(name, "s")
		return strings.HasSuffix(name, "id") || strings.HasSuffix(name, "Id")
	}
	for _, p := range operation.Parameters {
		if named(p.Name) && p.Schema.Type == "string" {
			ids = append(ids, p)
		}
	}
	for name, p := range operation.RequestBody.Content["application/json"].Schema.Properties {
		if named(name) && (p.Type == "string" || p.Items.Type == "string") {
			ids = append(ids, idParameter{Name: name, In: "body", list: p.Items.Type == "string"})
		}
	}
	slices.SortFunc(ids, func(a, b idParameter) int { return strings.Compare(a.Name, b.Name) })
	return ids
}
