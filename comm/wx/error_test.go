package wx

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/httputils"
)

func TestErrorTellsWhatToDo(t *testing.T) {
	tests := []struct {
		code   int
		msg    string
		action Action
		rid    string
		hint   string
	}{
		{-1, "system error", ActionRetry, "", "稍后重试"},
		{40001, "invalid credential rid: 6423c2b5-5c8d2a9e-1f", ActionHealToken, "6423c2b5-5c8d2a9e-1f", "access_token"},
		{61004, "access clientip is not registered requestIP: 203.0.113.9 rid: x-1", ActionConfig, "x-1", "IP：203.0.113.9"},
		{61004, "access clientip is not registered, requestIP: 2001:db8::1", ActionConfig, "", "IP：2001:db8::1"},
		{61004, "access clientip is not registered", ActionConfig, "", "白名单"},
		{61006, "", ActionReloadTicket, "", "ticket"},
		{61023, "", ActionRecoverRefreshToken, "", "重新授权"},
		{45009, "", ActionStopQuota, "", "次数"},
		{61007, "", ActionPermission, "", "权限集"},
		{61009, "", ActionRestartAuth, "", "授权"},
		{61003, "", ActionConfirmAccount, "", "同步"},
		{999999, "new", ActionNone, "", ""},
	}
	for _, tt := range tests {
		e := newError("/p", tt.code, tt.msg)
		require.Equal(t, tt.action, e.Action(), tt.code)
		require.Equal(t, tt.rid, e.RID, tt.code)
		require.Contains(t, e.Hint(), tt.hint)
		if tt.hint != "" {
			require.Contains(t, e.Hint(), " / ")
		}
		require.Equal(t, errno.Upstream{ErrCode: tt.code, ErrMsg: tt.msg, RID: tt.rid, Hint: e.Hint()}, e.Upstream())
		wrapped := fmt.Errorf("doing: %w", e)
		require.Equal(t, tt.code, CodeOf(wrapped))
		require.Equal(t, tt.action, ActionOf(wrapped))
		require.Equal(t, tt.code, httputils.EnvelopeOf(wrapped).WX.ErrCode)
	}
	require.Zero(t, CodeOf(errors.New("x")))
}

func TestEveryKnownCodeHasBothSentences(t *testing.T) {
	for code, known := range errCodes {
		require.NotEmpty(t, known.zh, code)
		require.NotEmpty(t, known.en, code)
	}
}

func TestInt(t *testing.T) {
	for in, want := range map[string]Int{
		`12`: 12, `"12"`: 12, `""`: 0, `null`: 0, `-1`: -1, `9007199254740993`: 9007199254740993,
		`"23637352235060880"`: 23637352235060880, `1.6e9`: 1600000000, `" 7 "`: 7,
	} {
		var n Int
		require.NoError(t, json.Unmarshal([]byte(in), &n), in)
		require.Equal(t, want, n, in)
	}
	for _, in := range []string{`"x"`, `{}`, `[]`, `true`, `1e300`} {
		require.Error(t, json.Unmarshal([]byte(in), new(Int)), in)
	}
	out, err := json.Marshal(Int(5))
	require.NoError(t, err)
	require.Equal(t, "5", string(out))
}

func TestBool(t *testing.T) {
	for in, want := range map[string]Bool{
		`true`: true, `1`: true, `"1"`: true, `"true"`: true, `false`: false, `0`: false, `"0"`: false, `""`: false, `null`: false, `{}`: false,
	} {
		flag := !want
		require.NoError(t, json.Unmarshal([]byte(in), &flag), in)
		require.Equal(t, want, flag, in)
	}
}

func TestEveryHintCanBeFollowed(t *testing.T) {
	buttons := regexp.MustCompile(`点击“([^”]+)”|the button “([^”]+)”`)
	for code, known := range errCodes {
		require.NotEmpty(t, known.zh, code)
		require.NotEmpty(t, known.en, code)
		for language, hint := range map[string]string{"zh": known.zh, "en": known.en} {
			for _, m := range buttons.FindAllStringSubmatch(hint, -1) {
				texts, err := os.ReadFile("../../client/src/locales/" + language + "/tokens.json")
				require.NoError(t, err)
				require.Contains(t, string(texts), `"`+m[1]+m[2]+`"`, "%d names a button that is not there", code)
			}
		}
	}
	for _, code := range []int{85051, 85077, 85087, 85093, 86007, 87006} {
		require.NotEmpty(t, newError("/wxa/submit_audit", code, "").Hint(), code)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"errcode":0}`, `{"errcode":"40001","errmsg":"x rid: 1"}`, `<html>`, `{"authorizer_info":{"nick_name":"a"},"authorization_info":{"func_info":[{"funcscope_category":{"id":"1"}}]}}`,
		`{"authorization_info":{"func_info":""}}`, "\xff", `null`, `[]`,
	} {
		f.Add([]byte(s), http.StatusOK)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		var res struct {
			Account       *Account      `json:"authorizer_info"`
			Authorization Authorization `json:"authorization_info"`
		}
		err := decode("/p", &httputils.Answer{Status: status, Body: body}, &res)
		_, refused := errors.AsType[*Error](err)
		_, garbled := errors.AsType[*Unreachable](err)
		require.True(t, err == nil || refused || garbled)
		if err == nil {
			require.Equal(t, http.StatusOK, status)
		}
	})
}
