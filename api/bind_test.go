package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"wxcomponent/api"
)

type paging struct {
	Offset int64 `query:"offset"`
	Limit  int   `query:"limit" validate:"min=0,max=200"`
}

type request struct {
	paging
	AppID  string  `query:"appid"`
	Kind   *int    `query:"kind" validate:"omitempty,oneof=0 1"`
	All    *bool   `query:"all"`
	Name   string  `json:"name" validate:"required,max=5"`
	Port   api.Int `json:"port"`
	Nested struct {
		Flag bool     `json:"flag"`
		List []string `json:"list"`
	} `json:"nested"`
}

// echo answers with the request as it was understood.
func echo(_ context.Context, req *request) (*map[string]any, error) {
	out := map[string]any{
		"offset": req.Offset, "limit": req.Limit, "appid": req.AppID, "name": req.Name, "port": req.Port,
		"flag": req.Nested.Flag, "list": req.Nested.List,
	}
	if req.Kind != nil {
		out["kind"] = *req.Kind
	}
	if req.All != nil {
		out["all"] = *req.All
	}
	return &out, nil
}

func server() http.Handler {
	gin.SetMode(gin.TestMode)
	e := gin.New()
	api.Frame{}.Mount(e, api.Admin, []api.Route{api.POST("/echo", "", echo)})
	return e
}

type answer struct {
	Code     int
	ErrorMsg string
	Field    string
	Data     any
}

func ask(t testing.TB, h http.Handler, query, body string) answer {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/echo", strings.NewReader(body))
	req.URL.RawQuery = query
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	require.Equal(t, http.StatusOK, w.Code)
	var a answer
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a), "%s", w.Body)
	return a
}

func TestRequestIsUnderstood(t *testing.T) {
	const body = `{"name":"n"}`
	for _, tt := range []struct {
		name, query, body string
		want              map[string]any
	}{
		{name: "embedded query fields", query: "offset=5&limit=7", body: body, want: map[string]any{"offset": 5., "limit": 7.}},
		{name: "stray end", query: "appid=wx1&limit=7?", body: body, want: map[string]any{"appid": "wx1", "limit": 7.}},
		{name: "stray ends", query: "appid=wx1&?&", body: body, want: map[string]any{"appid": "wx1"}},
		{name: "empty means absent", query: "limit=&kind=", body: body, want: map[string]any{"limit": 0., "kind": nil}},
		{name: "zero is not absent", query: "kind=0&all=false", body: body, want: map[string]any{"kind": 0., "all": false}},
		{name: "brackets mean nothing", query: "a[=1&b]=2&c[0].d=3&appid=wx1", body: body, want: map[string]any{"appid": "wx1"}},
		{name: "body fields do not come from the query", query: "name=x&Name=x&port=1", body: body, want: map[string]any{"name": "n", "port": 0.}},
		{name: "query fields do not come from the body", body: `{"name":"n","AppID":"x","Limit":5}`, want: map[string]any{"appid": "", "limit": 0.}},
		{name: "number as text", body: `{"name":"n","port":"8080"}`, want: map[string]any{"port": 8080.}},
		{name: "no number", body: `{"name":"n","port":""}`, want: map[string]any{"port": 0.}},
		{name: "unknown fields, also those that the query has", body: `{"name":"n","appid":7,"id":7,"limit":"x","rows":[{}]}`, want: map[string]any{"name": "n", "appid": ""}},
		{name: "nothing for a part", body: `{"name":"n","nested":null}`, want: map[string]any{"flag": false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := ask(t, server(), tt.query, tt.body)
			require.Zero(t, a.Code, a.ErrorMsg)
			got, ok := a.Data.(map[string]any)
			require.True(t, ok)
			for name, want := range tt.want {
				require.Equal(t, want, got[name], name)
			}
		})
	}
}

func TestBadRequestNamesTheFieldAtFault(t *testing.T) {
	for _, tt := range []struct{ name, query, body, field, says string }{
		{name: "text for a number", query: "limit=ten", field: "limit", says: "must be a number"},
		{name: "too large for a number", query: "offset=99999999999999999999", field: "offset", says: "must be a number"},
		{name: "text for a switch", query: "all=perhaps", field: "all", says: "must be true or false"},
		{name: "above the limit", query: "limit=201", field: "limit", says: "must be at most 200"},
		{name: "not one of", query: "kind=2", field: "kind", says: "must be one of 0 1"},
		{name: "malformed query", query: "appid=%zz", says: "malformed query"},
		{name: "missing", body: `{}`, field: "name", says: "is required"},
		{name: "too long", body: `{"name":"123456"}`, field: "name", says: "must be at most 5"},
		{name: "number for text", body: `{"name":1}`, field: "name", says: "must be a string"},
		{name: "object for a switch", body: `{"name":"n","nested":{"flag":{}}}`, field: "nested.flag", says: "must be true or false"},
		{name: "text for a port", body: `{"name":"n","port":"http"}`, field: "port", says: "must be a number"},
		{name: "no JSON", body: `{"name":`, says: "not valid JSON"},
		{name: "deep nesting", body: `{"name":"n","rows":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, says: "not valid JSON"},
		{name: "no object", body: `[]`, field: "body", says: "must be an object"},
		{name: "too long a body", body: `{"name":"` + strings.Repeat("x", 1<<20), says: "more than 1048576 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.body == "" {
				tt.body = `{"name":"n"}`
			}
			a := ask(t, server(), tt.query, tt.body)
			require.Equal(t, 1001, a.Code)
			require.Equal(t, tt.field, a.Field)
			require.Contains(t, a.ErrorMsg, tt.says)
			require.NotContains(t, a.ErrorMsg, "json:")
			require.Less(t, len(a.ErrorMsg), 200)
		})
	}
}

// FuzzRequest holds that no request makes the binder panic, or answer anything but an envelope.
func FuzzRequest(f *testing.F) {
	h := server()
	f.Add("limit=5&appid=wx1?", `{"name":"n","port":"1"}`)
	f.Add("a[b=1&kind=2", `[1,{"name":null}]`)
	f.Fuzz(func(t *testing.T, query, body string) {
		a := ask(t, h, query, body)
		require.Contains(t, []int{0, 1001}, a.Code)
	})
}
