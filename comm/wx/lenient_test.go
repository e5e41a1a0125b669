package wx

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/httputils"
)

type accountAnswer struct {
	Account       *Account      `json:"authorizer_info"`
	Authorization Authorization `json:"authorization_info"`
}

func read(body string, res any) error {
	return decode("/p", &httputils.Answer{Status: http.StatusOK, Body: []byte(body)}, res)
}

// readable is an answer in which the member comes before the others.
func readable(member string) string {
	return `{"errcode":0,"authorizer_info":{` + member + `,"user_name":"gh_1","principal_name":"P","MiniProgramInfo":{"visit_status":"1"}},` +
		`"authorization_info":{"authorizer_appid":"wx1","authorizer_refresh_token":"RT","func_info":[{"funcscope_category":{"id":18}}]}}`
}

// requireOthers holds that all but the member of readable was read.
func requireOthers(t *testing.T, got accountAnswer, body string) {
	t.Helper()
	require.NotNil(t, got.Account, "%q", body)
	require.Equal(t, "gh_1", got.Account.UserName, "%q", body)
	require.Equal(t, "P", got.Account.PrincipalName, "%q", body)
	require.True(t, got.Account.IsMiniProgram(), "%q", body)
	require.EqualValues(t, 1, got.Account.MiniProgramInfo.VisitStatus, "%q", body)
	require.Equal(t, Authorization{AppID: "wx1", RefreshToken: "RT", FuncInfo: FuncInfo{18}}, got.Authorization, "%q", body)
	require.True(t, json.Valid(got.Account.Raw), "%q", got.Account.Raw)
}

func TestTextsThatAreNotJSONAreRead(t *testing.T) {
	for in, want := range map[string]string{
		"a\bb": "a\bb", "one\ntwo": "one\ntwo", "\x00": "\x00", "cut \xe4\xb8": "cut \uFFFD", "\xff": "\uFFFD", `a\qb`: `a\qb`,
		`\u00e4`: "ä", `\u00g4`: `\u00g4`, `\"`: `"`, "tab\there": "tab\there", "😀": "😀",
	} {
		for _, mark := range []string{"", "\ufeff"} {
			body := mark + readable(`"nick_name":"`+in+`"`) + "\x00\n"
			var got accountAnswer
			require.NoError(t, read(body, &got), "%q", in)
			require.Equal(t, want, got.Account.NickName, "%q", in)
			requireOthers(t, got, body)
		}
	}
}

func TestOneOddTypeDoesNotCostTheOtherFields(t *testing.T) {
	odd := []string{`null`, `true`, `false`, `12`, `-1.5`, `1e999`, `""`, `"x"`, `{}`, `{"a":{"b":[1]}}`, `[]`, `["x",null,{}]`}
	for _, name := range []string{
		"nick_name", "head_img", "service_type_info", "verify_type_info", "account_status", "basic_config", "nobody_knows", "User_Name",
	} {
		for _, value := range odd {
			body := readable(`"` + name + `":` + value)
			var got accountAnswer
			require.NoError(t, read(body, &got), body)
			requireOthers(t, got, body)
		}
	}
}

func TestOddTypesAreReadAsFarAsTheyGo(t *testing.T) {
	var got struct {
		Text, Flag string
		Names      []string `json:"names"`
		One        []string `json:"one"`
		Yes        bool     `json:"yes"`
		Number     Int      `json:"number"`
		Plain      int      `json:"plain"`
		Version    string   `json:"user_version"`
		Kind       string   `json:"flag"`
	}
	require.NoError(t, read(`{"user_version":1.10,"flag":true,"names":["a",{},2],"one":"b","yes":"1","number":"7","plain":"x","Text":"untagged"}`, &got))
	require.Equal(t, "1.10", got.Version)
	require.Equal(t, "true", got.Kind)
	require.Equal(t, []string{"a", "", "2"}, got.Names)
	require.Equal(t, []string{"b"}, got.One)
	require.True(t, got.Yes)
	require.EqualValues(t, 7, got.Number)
	require.Zero(t, got.Plain)
}

// TestStatusThatCannotBeReadIsNotApproved: 0 is WeChat's number for "approved".
func TestStatusThatCannotBeReadIsNotApproved(t *testing.T) {
	for _, status := range []string{`""`, `null`, `{}`, `[]`, `"x"`, `false`, `"null"`} {
		var s auditState
		require.NoError(t, read(`{"errcode":0,"auditid":1,"status":`+status+`}`, &s), status)
		_, err := endpoint{path: "/p"}.state(s)
		require.Error(t, err, status)
	}
}

// FuzzWeChatAnswer: whatever bytes WeChat answers with, nothing crashes; as a text or as a value of
// one field they do not change the others.
func FuzzWeChatAnswer(f *testing.F) {
	for _, s := range []string{"Case\bShop", "one\ntwo", "\xff\xfe", "\ufeff", `{}`, `[[]]`, `{"id":"1"}`, `12`, `null`, `"a"`, `\`, `\u12`, `{"errcode":40001}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, junk []byte) {
		var whole accountAnswer
		_ = read(string(junk), &whole)

		text := strings.NewReplacer(`"`, "", `\`, "").Replace(string(junk))
		body := readable(`"nick_name":"` + text + `"`)
		var got accountAnswer
		require.NoError(t, read(body, &got), "%q", body)
		requireOthers(t, got, body)
		require.Equal(t, strings.ToValidUTF8(text, "\uFFFD"), got.Account.NickName)

		if value := bytes.TrimSpace(junk); json.Valid(value) {
			for _, name := range []string{"nick_name", "service_type_info", "basic_config", "account_status"} {
				body := readable(`"` + name + `":` + string(value))
				var got accountAnswer
				require.NoError(t, read(body, &got), "%q", body)
				requireOthers(t, got, body)
			}
		}
	})
}
