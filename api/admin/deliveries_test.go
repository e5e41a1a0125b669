package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api"
	"wxcomponent/api/admin"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

func forwardRoutes(c *caller) []api.Route {
	routes := append(admin.NewTargets(c.forward, time.Now).Routes(), admin.NewBranches(c.forward).Routes()...)
	return append(routes, admin.NewDeliveries(c.forward).Routes()...)
}

// work delivers and replays until the test ends.
func (c *caller) work() {
	c.t.Helper()
	q, err := queue.New(c.store, zap.NewNop(), queue.Options{Owner: "q", Poll: 20 * time.Millisecond, Lease: waittest.Limit}, c.forward.QueueKind())
	require.NoError(c.t, err)
	for _, run := range []func(context.Context){q.Run, c.forward.Run} {
		ctx, cancel := context.WithCancel(c.t.Context())
		done := make(chan struct{})
		go func() { defer close(done); run(ctx) }()
		c.t.Cleanup(func() { cancel(); <-done })
	}
}

// until waits for what becomes of deliveries. Their pauses are over at once.
func (c *caller) until(what string, ok func() bool) {
	c.t.Helper()
	waittest.Until(c.t, func() bool {
		require.NoError(c.t, c.db.Write.WithContext(c.t.Context()).Exec("UPDATE work SET nextms = 0 WHERE state = ?", model.WorkReady).Error)
		c.forward.Nudge()
		return ok()
	}, "%s: %s", what, func() any { return c.call("GET", "/admin/delivery-list", "") })
}

// receive stores a push and plans its deliveries.
func (c *caller) receive(body string) {
	c.t.Helper()
	p := event.Parse(event.Biz, []byte(body))
	p.AppID, p.ReceivedAt = "wxacc", time.Now().UTC()
	_, err := c.store.PushInsert(c.t.Context(), []model.Push{{
		Channel: model.ChannelBiz, Identity: p.Identity(), ReceiveTime: p.ReceivedAt, CreateTime: p.CreatedAt,
		AppID: p.AppID, MsgType: p.MsgType, Body: p.Body, Work: c.forward.Plan(p),
	}})
	require.NoError(c.t, err)
	c.forward.Nudge()
}

// data is the data of a good answer.
func (c *caller) data(method, path, body string) map[string]any {
	c.t.Helper()
	var a struct {
		Code int
		Data map[string]any
	}
	text := c.call(method, path, body)
	require.NoError(c.t, json.Unmarshal([]byte(text), &a))
	require.Zero(c.t, a.Code, text)
	return a.Data
}

func listOf(t *testing.T, data map[string]any, name string) []map[string]any {
	t.Helper()
	raw, is := data[name].([]any)
	require.True(t, is, "%s is no list: %v", name, data)
	out := make([]map[string]any, len(raw))
	for i, v := range raw {
		out[i], _ = v.(map[string]any)
	}
	return out
}

func TestTargetsAndTheirDeliveries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		var status atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(int(status.Load()))
			_, _ = w.Write([]byte("answer"))
		}))
		defer server.Close()
		u, err := url.Parse(server.URL)
		require.NoError(t, err)
		status.Store(http.StatusInternalServerError)
		c := newCaller(t, d, forwardRoutes)
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"targets":[]}}`, c.call("GET", "/admin/forward-target-list", ""))
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"rules":[]}}`, c.call("GET", "/admin/forward-rule-list", ""))
		require.JSONEq(t, `{"code":0,"errorMsg":"OK","data":{"deliveries":[]}}`, c.call("GET", "/admin/delivery-list", ""))

		added := c.data("PUT", "/admin/forward-target", `{"name":"crm","port":"`+u.Port()+`","path":"/in","pauses":[1],"timeoutMs":60000}`)
		require.Regexp(t, `^whsec_.{32}$`, added["secret"])
		c.data("PUT", "/admin/forward-rule", `{"name":"all","open":true,"targets":[1],"conditions":{"msgType":"te*"}}`)
		c.work()
		c.receive(`{"MsgType":"text","Content":"x","MsgId":"23456789012345678","CreateTime":1700000000}`)
		var dead []map[string]any
		c.until("it is not given up", func() bool {
			dead = listOf(t, c.data("GET", "/admin/delivery-list?state=dead&target=t1", ""), "deliveries")
			return len(dead) == 1
		})
		require.Equal(t, "text", dead[0]["event"])
		require.Equal(t, "the target answered HTTP 500", dead[0]["lastError"])

		line := c.data("GET", "/admin/push-deliveries?channel=biz&id=1", "")
		require.Len(t, listOf(t, line, "deliveries"), 1)
		made := listOf(t, line, "attempts")
		require.Len(t, made, 2)
		require.Equal(t, "answer", made[0]["answer"])
		require.Equal(t, dead[0]["id"], made[0]["deliveryId"])
		require.Len(t, listOf(t, c.data("GET", "/admin/attempt-list?target=t1&ok=false&limit=1", ""), "attempts"), 1)

		status.Store(http.StatusOK)
		require.EqualValues(t, 1, c.data("POST", "/admin/delivery-redeliver", fmt.Sprintf(`{"ids":[%q]}`, dead[0]["id"]))["count"])
		c.awaitDelivered(1)
		require.EqualValues(t, 1, c.data("POST", "/admin/push-send", `{"channel":"biz","ids":[1],"targets":["t1"]}`)["count"])
		c.awaitDelivered(2)
		job := c.data("PUT", "/admin/forward-replay", `{"source":"pushes","channel":"biz","target":"t1","from":1}`)["jobId"]
		c.awaitDelivered(3)
		c.until("the replay does not end", func() bool {
			return c.data("GET", fmt.Sprintf("/admin/forward-replay?id=%s", job), "")["state"] == "done"
		})
		require.Len(t, listOf(t, c.data("GET", "/admin/forward-replay-list", ""), "jobs"), 1)
		require.Contains(t, c.call("POST", "/admin/forward-replay-cancel", fmt.Sprintf(`{"jobId":%q}`, job)), `"code":1008`)

		health, _ := listOf(t, c.data("GET", "/admin/forward-target-list", ""), "targets")[0]["health"].(map[string]any)
		require.EqualValues(t, 0, health["dead"])
		require.Equal(t, "closed", health["breaker"])
	})
}

func (c *caller) awaitDelivered(n int) {
	c.t.Helper()
	c.until("it is not delivered", func() bool {
		return len(listOf(c.t, c.data("GET", "/admin/delivery-list?state=delivered", ""), "deliveries")) == n
	})
}

func TestTargetSettings(t *testing.T) {
	t.Parallel()
	c := newCaller(t, dbtest.SQLite(t), forwardRoutes)
	c.data("PUT", "/admin/forward-target", `{"name":"a","url":"http://127.0.0.1:7/$APPID$","port":9,"path":"/x","format":"json","timeoutMs":500,"concurrency":3,"rate":9,"ordered":true,"pauses":[5,60]}`)
	one := c.data("GET", "/admin/forward-target?id=1", "")
	for name, want := range map[string]any{
		"key": "t1", "url": "http://127.0.0.1:7/$APPID$", "port": 0.0, "path": "", "format": "json", "timeoutMs": 500.0,
		"concurrency": 3.0, "rate": 9.0, "ordered": true, "pauses": []any{5.0, 60.0}, "paused": false,
	} {
		require.Equal(t, want, one[name], name)
	}
	require.JSONEq(t, ok, c.call("POST", "/admin/forward-target", `{"id":1,"name":"b","port":80,"path":"/y"}`))
	require.JSONEq(t, ok, c.call("POST", "/admin/forward-target-pause", `{"id":1,"paused":true}`))
	one = c.data("GET", "/admin/forward-target?id=1&from=1700000000&to=1700003600&step=60", "")
	require.Equal(t, "b", one["name"])
	require.Equal(t, true, one["paused"])
	require.Equal(t, "raw", one["format"])

	given := c.data("POST", "/admin/forward-target-secret", `{"id":1,"secret":"my own secret, long enough","overlapHours":1}`)
	require.Equal(t, "my own secret, long enough", given["secret"])
	secrets := listOf(t, c.data("GET", "/admin/forward-target?id=1", ""), "secrets")
	require.Len(t, secrets, 2)
	require.Equal(t, "my ow***********ough", secrets[0]["secret"])
	require.NotZero(t, secrets[1]["expireTime"])

	c.data("PUT", "/admin/forward-rule", `{"name":"r","open":1,"mode":"sync","targets":[1]}`)
	c.data("PUT", "/admin/forward-rule", `{"name":"s","stop":true}`)
	require.JSONEq(t, ok, c.call("POST", "/admin/forward-rule-order", `{"ids":[2]}`))
	require.JSONEq(t, ok, c.call("POST", "/admin/forward-rule", `{"id":1,"name":"r2","open":true,"targets":[1],"conditions":{"accounts":["wx*"],"filters":[{"op":"contains","value":"x"}]}}`))
	rules := listOf(t, c.data("GET", "/admin/forward-rule-list", ""), "rules")
	require.Equal(t, "s", rules[0]["name"])
	require.Equal(t, "async", rules[1]["mode"])
	require.Equal(t, map[string]any{"accounts": []any{"wx*"}, "filters": []any{map[string]any{"op": "contains", "value": "x"}}}, rules[1]["conditions"])

	dry := c.data("POST", "/admin/forward-dry-run", `{"channel":"biz","appid":"wxacc","body":"<xml><MsgType>text</MsgType><Content>x</Content></xml>"}`)
	require.Equal(t, []any{"t1"}, dry["async"])
	require.Len(t, listOf(t, dry, "rules"), 2)
	require.Contains(t, c.call("DELETE", "/admin/forward-target?id=1", ""), `"code":1008`)
	require.JSONEq(t, ok, c.call("DELETE", "/admin/forward-rule?id=1", ""))
	require.JSONEq(t, ok, c.call("DELETE", "/admin/forward-target?id=1", ""))
	require.Equal(t, []string{
		"target.add target 1", "target.change target 1", "target.pause target 1", "target.secret target 1",
		"forwardRule.add forwarding rule 1", "forwardRule.add forwarding rule 2", "forwardRule.order ",
		"forwardRule.change forwarding rule 1", "forwardRule.delete forwarding rule 1", "target.delete target 1",
	}, c.audit.lines)
}

func TestBadForwardRequests(t *testing.T) {
	t.Parallel()
	c := newCaller(t, dbtest.SQLite(t), forwardRoutes)
	for _, bad := range [][3]string{
		{"GET", "/admin/forward-target?id=9", ""},
		{"GET", "/admin/forward-target?id=x", ""},
		{"GET", "/admin/forward-target?id=1&from=5&to=4", ""},
		{"PUT", "/admin/forward-target", `{"name":"","port":80,"path":"/"}`},
		{"PUT", "/admin/forward-target", `{"name":"a","url":"http://169.254.169.254/"}`},
		{"POST", "/admin/forward-target", `{"id":9,"name":"a","port":80,"path":"/"}`},
		{"POST", "/admin/forward-target-pause", `{"id":9}`},
		{"POST", "/admin/forward-target-secret", `{"id":9}`},
		{"POST", "/admin/forward-target-test", `{"id":9}`},
		{"PUT", "/admin/forward-rule", `{"name":"a","targets":[9]}`},
		{"POST", "/admin/forward-rule", `{"id":9,"name":"a","stop":true}`},
		{"DELETE", "/admin/forward-rule?id=9", ""},
		{"POST", "/admin/forward-rule-order", `{"ids":[1]}`},
		{"POST", "/admin/forward-dry-run", `{"channel":"biz"}`},
		{"POST", "/admin/forward-dry-run", `{"channel":"x","body":"{}"}`},
		{"POST", "/admin/forward-dry-run", `{"channel":"biz","id":77}`},
		{"GET", "/admin/delivery-list?state=lost", ""},
		{"GET", "/admin/delivery-list?cursor=x&target=t1", ""},
		{"GET", "/admin/delivery-list?limit=201", ""},
		{"GET", "/admin/attempt-list?cursor=x", ""},
		{"GET", "/admin/push-deliveries?channel=biz&id=77", ""},
		{"POST", "/admin/delivery-redeliver", `{"ids":["77"]}`},
		{"POST", "/admin/push-send", `{"channel":"biz","ids":[1],"targets":["t9"]}`},
		{"PUT", "/admin/forward-replay", `{"source":"dead","target":"t9"}`},
		{"GET", "/admin/forward-replay?id=77", ""},
		{"POST", "/admin/forward-replay-cancel", `{"jobId":"77"}`},
	} {
		require.Contains(t, c.call(bad[0], bad[1], bad[2]), `"code":1001`, bad)
	}
	require.Empty(t, c.audit.lines)
}
