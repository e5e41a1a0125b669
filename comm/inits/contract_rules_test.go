package inits_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// receiver is a program of the provider: it keeps what it gets and answers with what it was told to.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	paths  []string
	status int
	answer string
}

func newReceiver(t *testing.T, answer string) *receiver {
	r := &receiver{answer: answer, status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.bodies, r.paths = append(r.bodies, string(body)), append(r.paths, req.URL.Path)
		status, answer := r.status, r.answer
		r.mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(r.Close)
	return r
}

// say changes the answer.
func (r *receiver) say(status int, answer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.answer = status, answer
}

// got returns the bodies so far.
func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.bodies...)
}

func (r *receiver) lastPath() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.paths[len(r.paths)-1]
}

// rules adds, changes, tests and removes a rule as the template's page does: the whole row comes
// back, port and path stand outside data as well, numbers are text.
func (c *contract) rules() {
	c.t.Helper()
	const path, every = adminAPI + "/callback-proxy-rule", adminAPI + "/callback-proxy-rule-list?offset=0&limit=999"
	own := newReceiver(c.t, "<xml>reply</xml>")
	port := portOf(c.t, own.URL)
	row := obj{
		"id": 1, "name": "规则", "infoType": "", "msgType": "event", "event": "unsubscribe", "open": 1,
		"data": obj{"port": port, "path": "/in/$APPID$", "mode": "sync"}, "createTime": now(), "updateTime": now(),
	}
	c.admin.wantAnswer(http.MethodPut, path, asJSON(c.t, obj{
		"name": "规则", "infoType": "", "msgType": "event", "event": "unsubscribe", "open": 1, "type": 2,
		"port": strconv.Itoa(port), "path": "/in/$APPID$", "data": obj{"port": port, "path": "/in/$APPID$"},
	}), data(obj{"id": 1}))
	c.admin.wantGet(every+"&type=2", data(obj{"total": 1, "rules": list{row}}))
	c.admin.wantGet(every+"&type=1", data(obj{"total": 0, "rules": list{}}))

	var stored struct{ Rules []obj }
	require.NoError(c.t, json.Unmarshal(c.admin.call(http.MethodGet, every+"&type=2", "").Data, &stored))
	changed := stored.Rules[0]
	changed["event"] = "subscribe"
	c.admin.wantPost(path, changed, done())
	row["event"] = "subscribe"
	c.admin.wantGet(every, data(obj{"total": 1, "rules": list{row}}))

	c.admin.wantPost(adminAPI+"/callback-test", obj{"id": 1}, data("<xml>reply</xml>"))
	require.Equal(c.t, "/in/wxtestappid", own.lastPath())
	own.say(http.StatusInternalServerError, "broken")
	c.admin.wantPost(adminAPI+"/callback-test", obj{"id": "1"}, obj{
		"code": 1010, "errorMsg": "the target answered HTTP 500", "data": "the target answered HTTP 500: broken",
	})
	c.rulesThatAreRefused(path, changed)
	c.admin.wantAnswer(http.MethodDelete, path+"?id=1", "", done())
	c.admin.wantGet(every, data(obj{"total": 0, "rules": list{}}))
}

func (c *contract) rulesThatAreRefused(path string, row obj) {
	c.t.Helper()
	unknown := refused(1001, "id: there is no rule with this id", "id")
	c.admin.wantAnswer(http.MethodDelete, path+"?id=99", "", unknown)
	c.admin.wantPost(path, with(row, "id", 99), unknown)
	c.admin.wantPost(adminAPI+"/callback-test", obj{"id": 99}, unknown)
	for _, bad := range []obj{
		with(row, "data", obj{"port": 80, "path": "@192.0.2.1:80/x"}),
		with(with(row, "msgType", ""), "event", ""),
		row, // is there already
	} {
		e := c.admin.call(http.MethodPut, path, asJSON(c.t, bad))
		require.Equal(c.t, 1001, e.Code, e.raw)
	}
	c.admin.wantPost(path, with(row, "open", "0"), done())
	c.admin.wantPost(adminAPI+"/callback-test", obj{"id": 1}, refused(1008, "the rule is switched off", ""))
}

// with is a copy with one member changed.
func with(o obj, name string, value any) obj {
	out := obj{name: value}
	for k, v := range o {
		if k != name {
			out[k] = v
		}
	}
	return out
}
