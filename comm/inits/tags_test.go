package inits_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

type accountPage struct {
	Total   int64
	Records []struct {
		AppID string
		Tags  []string
	}
}

// TestTagsDecideOnEveryInstance tags an account at one instance; another forwards by it.
func TestTagsDecideOnEveryInstance(t *testing.T) {
	t.Parallel()
	var tagged, others atomic.Int64
	behind := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(r.URL.Path, "wxtagged") && len(body) > 0 {
			tagged.Add(1)
		} else {
			others.Add(1)
		}
	}))
	t.Cleanup(behind.Close)
	env := onMySQL(dbtest.EmptyMySQL(t)).with(localAdmin()).with(environment{"WX_PLAIN_CALLBACK": "on", "WX_APPID": appID})
	a, b := start(t, env), start(t, env)
	store := openBeside(t, env)
	for _, appid := range []string{"wxtagged", "wxother"} {
		_, err := store.AuthorizerSaveToken(t.Context(), model.Grant{AppID: appid, RefreshToken: "R", AuthTime: time.Now(), EventMS: 1})
		require.NoError(t, err)
	}
	admin := a.admin()
	target := admin.call(http.MethodPut, "/wxcomponent/admin/forward-target",
		asJSON(t, map[string]any{"name": "t", "port": portOf(t, behind.URL), "path": "/$APPID$"}))
	require.Zero(t, target.Code, target.raw)
	rule := admin.call(http.MethodPut, "/wxcomponent/admin/forward-rule", asJSON(t, map[string]any{
		"name": "VIP", "open": true, "targets": []int{1}, "conditions": map[string]any{"tags": []string{"VIP"}},
	}))
	require.Zero(t, rule.Code, rule.raw)
	const setTags = "/wxcomponent/admin/authorizer-tags?appid="
	require.Equal(t, 1001, admin.call(http.MethodPost, setTags+"wxnobody", `{"tags":["VIP"]}`).Code)
	bad := admin.call(http.MethodPost, setTags+"wxtagged", `{"tags":["a,b"]}`)
	require.Equal(t, []any{1001, "tags"}, []any{bad.Code, bad.Field})
	set := admin.call(http.MethodPost, setTags+"wxtagged", `{"tags":[" VIP ","华东","VIP"]}`)
	require.JSONEq(t, `{"tags":["VIP","华东"]}`, string(set.Data))

	id := int64(1)
	eventually(t, "the other instance forwards", func() bool {
		for _, appid := range []string{"wxtagged", "wxother"} {
			id++
			_, answer, err := b.pushPlain("/wxcallback/biz/"+appid, message(id))
			require.NoError(t, err)
			require.Equal(t, "success", answer)
		}
		return tagged.Load() > 0
	})
	there := b.as(admin.jwt)
	list := get[accountPage](there, "/wxcomponent/admin/authorizer-list?tag=VIP")
	require.EqualValues(t, 1, list.Total)
	require.Equal(t, []string{"VIP", "华东"}, list.Records[0].Tags)
	require.EqualValues(t, 2, get[accountPage](there, "/wxcomponent/admin/authorizer-list").Total)
	require.JSONEq(t, `{"tags":[{"tag":"VIP","accounts":1},{"tag":"华东","accounts":1}]}`,
		string(there.call(http.MethodGet, "/wxcomponent/admin/authorizer-tag-list", "").Data))
	require.NotContains(t, there.call(http.MethodGet, "/wxcomponent/admin/delivery-list?limit=200", "").raw, "wxother")
	require.NoError(t, a.stop())
	require.NoError(t, b.stop())
	require.Zero(t, others.Load())
}
