package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/api"
	"wxcomponent/api/admin"
	"wxcomponent/comm/push/pushlog"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func pushRoutes(c *caller) []api.Route {
	pushes := admin.NewPushes(pushlog.New(c.store, c.forward, pushlog.FollowUp{}, time.Now), time.Now, nil, nil)
	return append(forwardRoutes(c), pushes.Routes()...)
}

func (c *caller) records(query string) []map[string]any {
	c.t.Helper()
	return listOf(c.t, c.data("GET", "/admin/push-list?"+query, ""), "records")
}

func TestLogOfPushes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	t.Cleanup(server.Close)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		c := newCaller(t, d, pushRoutes)
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"records":[]}}`, c.call("GET", "/admin/push-list", ""))
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"destinations":[]}}`, c.call("GET", "/admin/forward-destination-list", ""))
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"perSecond":0,"delivered":0,"failed":0,"medianMs":0,"p95Ms":0,"pending":0,"dead":0}}`,
			c.call("GET", "/admin/push-pulse", ""))
		c.data("PUT", "/admin/forward-target", `{"name":"crm","url":"`+server.URL+`/in","pauses":[1],"timeoutMs":60000}`)
		c.data("PUT", "/admin/forward-rule", `{"name":"all","open":true,"targets":[1],"conditions":{}}`)
		c.work()
		c.receive(`{"MsgType":"text","Content":"needle","MsgId":"23456789012345678","CreateTime":1700000000}`)
		_, err := c.store.PushInsert(t.Context(), []model.Push{{
			Channel: model.ChannelComponent, Identity: "c", ReceiveTime: time.Now(), InfoType: "authorized", AppID: "wxacc", Body: "<xml/>",
		}, {
			Channel: model.ChannelComponent, Identity: "bad", ReceiveTime: time.Now().Add(-time.Hour), InfoType: "unauthorized", Body: "neither",
		}})
		require.NoError(t, err)

		require.Len(t, c.records(""), 3)
		require.Len(t, c.records("limit=1"), 1)
		for query, want := range map[string]int{
			"channel=biz": 1, "appid=wxacc": 2, "infoType=authorized,unauthorized": 2, "kind=text": 1, "msgType=text": 1, "event=x": 0,
			"text=NEEDLE": 1, "id=biz-1": 1, "id=1": 2, "startTime=4000000000": 0, "endTime=1700000000": 0, "infoType=authorized&appid=wx0": 0,
		} {
			require.Len(t, c.records(query), want, query)
		}
		c.until("it is not given up", func() bool { return len(c.records("outcome=dead")) == 1 })
		require.Len(t, c.records("outcome=failed&target=t1"), 1)
		require.Empty(t, c.records("outcome=failed&target=t2"))
		require.Empty(t, c.records("outcome=pending"))
		for query, field := range map[string]string{
			"channel=x": "channel", "outcome=x": "state", "cursor=!": "cursor", "limit=201": "limit", "outcome=dead&cursor=!": "cursor",
		} {
			require.Contains(t, c.call("GET", "/admin/push-list?"+query, ""), `"field":"`+field+`"`, query)
		}

		one := c.data("GET", "/admin/push?channel=biz&id=1", "")
		require.JSONEq(t, `{"MsgType":"text","Content":"needle","MsgId":"23456789012345678","CreateTime":1700000000}`, one["json"].(string))
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{32}$`, one["identity"])
		require.Equal(t, "application/json; charset=utf-8", listOf(t, one, "headers")[0]["value"])
		require.Len(t, c.records("id="+one["identity"].(string)), 1)
		unreadable := c.data("GET", "/admin/push?channel=component&id=2", "")
		require.Equal(t, "neither", unreadable["postBody"])
		require.Equal(t, "neither XML nor a JSON object", unreadable["defect"])
		require.JSONEq(t, `{"raw":"neither"}`, unreadable["json"].(string))
		require.NotEmpty(t, listOf(t, unreadable, "headers"))
		require.NotContains(t, one, "unreadable")
		require.Contains(t, c.call("GET", "/admin/push?channel=biz&id=9", ""), `"field":"id"`)

		states := listOf(t, c.data("GET", "/admin/push-state-list?ids=biz-1,component-1,component-2", ""), "states")
		require.Len(t, states, 3)
		slices.SortFunc(states, func(a, b map[string]any) int { return strings.Compare(a["id"].(string), b["id"].(string)) })
		require.Equal(t, "biz-1", states[0]["id"])
		require.EqualValues(t, 1, states[0]["dead"])
		require.Contains(t, c.call("GET", "/admin/push-state-list?ids=biz-x", ""), `"field":"ids"`)

		target := listOf(t, c.data("GET", "/admin/forward-destination-list", ""), "destinations")[0]
		require.Equal(t, map[string]any{"key": "t1", "name": "crm", "inForce": true, "paused": false, "pending": 0.0, "dead": 1.0}, target)
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"count":1}}`, c.call("GET", "/admin/forward-replay-preview?source=dead&target=t1", ""))
		require.EqualValues(t, 1, c.data("GET", "/admin/push-pulse", "")["dead"])
	})
}

func viewRoutes(c *caller) []api.Route {
	return admin.NewViews(admin.ViewDeps{Views: c.store}).Routes()
}

func TestSavedViews(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		c := newCaller(t, d, viewRoutes)
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"views":[]}}`, c.call("GET", "/admin/saved-view-list?page=message", ""))
		require.Equal(t, "1", c.data("PUT", "/admin/saved-view", `{"page":"message","name":" 失败 ","query":"?outcome=failed&appid=wx1"}`)["id"])
		for body, field := range map[string]string{
			`{"page":"message","name":"失败"}`: "name", `{"page":"message","name":" "}`: "name", `{"page":"a b","name":"x"}`: "page",
			`{"page":"message","name":"y","query":"%"}`: "query", `{"page":"message","name":"` + strings.Repeat("长", 65) + `"}`: "name",
		} {
			require.Contains(t, c.call("PUT", "/admin/saved-view", body), `"field":"`+field+`"`, body)
		}
		require.Equal(t, ok, c.call("POST", "/admin/saved-view", `{"id":"1","name":"b","query":"outcome=dead"}`))
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"views":[{"id":"1","name":"b","query":"outcome=dead"}]}}`,
			c.call("GET", "/admin/saved-view-list?page=message", ""))
		require.Contains(t, c.call("POST", "/admin/saved-view", `{"id":"9","name":"z"}`), `"field":"id"`)
		require.Contains(t, c.call("DELETE", "/admin/saved-view?id=9", ""), `"field":"id"`)
		require.Equal(t, ok, c.call("DELETE", "/admin/saved-view?id=1", ""))
		for i := range 50 {
			c.data("PUT", "/admin/saved-view", fmt.Sprintf(`{"page":"message","name":"v%d"}`, i))
		}
		require.Contains(t, c.call("PUT", "/admin/saved-view", `{"page":"message","name":"one more"}`), `"code":1008`)
	})
}
