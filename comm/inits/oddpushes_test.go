package inits_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/wxsim"
)

// pushSealed pushes a text as WeChat does, encrypted and signed, and returns the answer.
func (c *client) pushSealed(path, text string) string {
	c.t.Helper()
	crypt, err := encrypt.NewMsgCrypt(appID, pushToken, aesKey, "")
	require.NoError(c.t, err)
	body, query, err := crypt.EncryptPush([]byte(text), encrypt.Envelope{Format: payload.XML, ToUserName: "gh_case"},
		strconv.FormatInt(time.Now().Unix(), 10), "n")
	require.NoError(c.t, err)
	res, answer := c.do(c.request(http.MethodPost, path+"?"+query.Encode(), string(body)))
	require.Equal(c.t, http.StatusOK, res.StatusCode, answer)
	return answer
}

// addTarget adds a target and a rule that leads every message to it.
func (c *client) addTarget(to *receiver, target obj) {
	c.t.Helper()
	added := c.call(http.MethodPut, adminAPI+"/forward-target", asJSON(c.t, with(target, "port", portOf(c.t, to.URL))))
	require.Zero(c.t, added.Code, added.raw)
	rule := c.call(http.MethodPut, adminAPI+"/forward-rule", asJSON(c.t, obj{
		"name": target["name"], "open": true, "mode": "async", "conditions": obj{"channel": "biz"},
		"targets": []any{added.data(c.t)["id"]},
	}))
	require.Zero(c.t, rule.Code, rule.raw)
}

// oddPushes are texts as WeChat sends them and as no library writes them, with what a target that wants
// JSON gets.
func oddPushes() []struct{ name, text, want string } {
	at := time.Now().Unix()
	head := fmt.Sprintf("<ToUserName><![CDATA[gh_case]]></ToUserName><FromUserName><![CDATA[oCase]]></FromUserName>"+
		"<CreateTime>%d</CreateTime><MsgType><![CDATA[text]]></MsgType>", at)
	inJSON := fmt.Sprintf(`"ToUserName":"gh_case","FromUserName":"oCase","CreateTime":%d,"MsgType":"text"`, at)
	xml := func(name, content, want string) struct{ name, text, want string } {
		text, err := json.Marshal(want)
		if err != nil {
			panic(err)
		}
		return struct{ name, text, want string }{name, "<xml>" + head + "<Content>" + content + "</Content></xml>", fmt.Sprintf(`{%s,"Content":%s}`, inJSON, text)}
	}
	return []struct{ name, text, want string }{
		xml("a control character", "<![CDATA[order no.\x1d17]]>", "order no.\x1d17"),
		xml("a control character as a reference", "order no.&#x1d;18", "order no.\x1d18"),
		xml("a character that XML forbids", "<![CDATA[\ufffe\x0b]]>", "\ufffe\x0b"),
		xml("the end of a section", "<![CDATA[<note><![CDATA[x]]></note>]]>", "<note><![CDATA[x]]></note>"),
		xml("the end of a section and a tag", "<![CDATA[a]]><b>]]>", "a]]><b>"),
		xml("bytes that are no UTF-8", "<![CDATA[cut \xe4\xbd]]>", "cut \ufffd"),
		xml("a zero byte", "<![CDATA[a\x00b]]>", "a\x00b"),
		xml("a bare ampersand and bracket", "a & b < c", "a & b < c"),
		xml("a name that is a number", "<![CDATA[12306]]>", "12306"),
		{
			"an encoding that is not so", `<?xml version="1.0" encoding="gb2312"?><xml>` + head + "<Content>你好</Content></xml>",
			`{` + inJSON + `,"Content":"你好"}`,
		},
		{"control characters in JSON", "{" + inJSON + ",\"Content\":\"a\x00\x1d\nb\"}", `{` + inJSON + `,"Content":"a\u0000\u001d\nb"}`},
		{"bytes that are no UTF-8 in JSON", "{" + inJSON + ",\"Content\":\"\xff\"}", `{` + inJSON + `,"Content":"�"}`},
		{"XML that is cut", "<xml>" + head + "<Content><![CDATA[x", `{` + inJSON + `}`},
		{"JSON that is cut", "{" + inJSON + `,"Content":"x`, `{` + inJSON + `}`},
		{"no push at all", "success \xff", `{"raw":"success ` + "\ufffd" + `"}`},
	}
}

// TestSignedPushIsNeverRefusedForWhatItHolds: it is acknowledged, kept as it came and shown, and reaches
// targets as it came, or as JSON where they want that.
func TestSignedPushIsNeverRefusedForWhatItHolds(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		s := start(t, database.with(newPlatform(t, wxsim.Settings{}).settings()))
		admin, raw, asJSONs := s.admin(), newReceiver(t, ""), newReceiver(t, "")
		admin.addTarget(raw, obj{"name": "raw", "path": "/"})
		admin.addTarget(asJSONs, obj{"name": "json", "path": "/", "format": "json"})
		odd := oddPushes()
		for _, p := range odd {
			require.Equal(t, "success", s.pushSealed("/wxcallback/biz/wxcase", p.text), p.name)
			require.Equal(t, "success", s.pushSealed("/wxcallback/biz/wxcase/", p.text), "again, and with a slash")
		}
		eventually(t, "all are delivered", func() bool { return len(raw.got()) == len(odd) && len(asJSONs.got()) == len(odd) })
		got := asJSONs.got()
		for _, p := range odd {
			require.Contains(t, raw.got(), p.text, p.name)
			require.True(t, slices.ContainsFunc(got, func(body string) bool { return sameJSON(t, p.want, body) }), "%s: %s", p.name, p.want)
		}
		list := get[obj](admin, adminAPI+"/push-list?limit=200")["records"].([]any)
		require.Len(t, list, len(odd))
		unreadable := 0
		for _, row := range list {
			record := row.(obj)
			one := get[obj](admin, fmt.Sprintf("%s/push?channel=biz&id=%v", adminAPI, record["id"]))
			i := slices.IndexFunc(odd, func(p struct{ name, text, want string }) bool {
				return string([]rune(p.text)) == one["postBody"] // JSON holds no other bytes
			})
			require.GreaterOrEqual(t, i, 0, one)
			require.Equal(t, strings.Contains(odd[i].name, "cut") || odd[i].name == "no push at all", one["defect"] != nil, odd[i].name)
			if record["unreadable"] == true {
				require.Equal(t, "no push at all", odd[i].name)
				unreadable++
			}
		}
		require.Equal(t, 1, unreadable)
		require.Len(t, get[obj](admin, adminAPI+"/push-list?text=cut%20")["records"], 1, "what can be read of it is found")
	})
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var one, other any
	require.NoError(t, json.Unmarshal([]byte(a), &one), a)
	require.NoError(t, json.Unmarshal([]byte(b), &other), b)
	return asJSON(t, one) == asJSON(t, other)
}

// TestListsOfTwoEventsAreToldApart: one user, one second, and only the order of two answers differs. A
// filter sees both entries, and a list is one even with a single entry where the target wants that.
func TestListsOfTwoEventsAreToldApart(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		s := start(t, database.with(newPlatform(t, wxsim.Settings{}).settings()))
		admin, to := s.admin(), newReceiver(t, "")
		admin.addTarget(to, obj{"name": "crm", "path": "/", "format": "json", "lists": []string{"SubscribeMsgPopupEvent.List"}})
		at := time.Now().Unix()
		asXML := func(states ...string) string {
			var b strings.Builder
			for i, state := range states {
				fmt.Fprintf(&b, "<List><TemplateId><![CDATA[tmpl%d]]></TemplateId><SubscribeStatusString><![CDATA[%s]]></SubscribeStatusString></List>", i, state)
			}
			return fmt.Sprintf("<xml><ToUserName><![CDATA[gh_case]]></ToUserName><FromUserName><![CDATA[oCase]]></FromUserName><CreateTime>%d</CreateTime>"+
				"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_popup_event]]></Event>"+
				"<SubscribeMsgPopupEvent>%s</SubscribeMsgPopupEvent></xml>", at, b.String())
		}
		inJSON := func(states ...string) string {
			list := make([]obj, len(states))
			for i, state := range states {
				list[i] = obj{"TemplateId": fmt.Sprintf("tmpl%d", i), "SubscribeStatusString": state}
			}
			return asJSON(t, obj{
				"ToUserName": "gh_case", "FromUserName": "oCase", "CreateTime": at, "MsgType": "event",
				"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": obj{"List": list},
			})
		}
		events := [][]string{{"accept", "reject"}, {"reject", "accept"}, {"accept"}, {"reject", "reject", "accept"}}
		for _, states := range events {
			require.Equal(t, "success", s.pushSealed("/wxcallback/biz/wxcase", asXML(states...)))
			require.Equal(t, "success", s.pushSealed("/wxcallback/biz/wxcase", inJSON(states...)), "the same again in the other form")
		}
		eventually(t, "each is delivered once", func() bool { return len(to.got()) == len(events) })
		for _, states := range events {
			require.True(t, slices.ContainsFunc(to.got(), func(body string) bool { return sameJSON(t, inJSON(states...), body) }), states)
		}
		require.Len(t, get[obj](admin, adminAPI+"/push-list")["records"], len(events))

		rule := admin.call(http.MethodPut, adminAPI+"/forward-rule", asJSON(t, obj{
			"name": "rejected", "open": true, "mode": "async", "targets": []any{1}, "conditions": obj{"filters": []obj{
				{"field": "SubscribeMsgPopupEvent.List.SubscribeStatusString", "op": "equals", "value": "reject"},
			}},
		}))
		require.Zero(t, rule.Code, rule.raw)
		run := admin.call(http.MethodPost, adminAPI+"/forward-dry-run", asJSON(t, obj{"channel": "biz", "appid": "wxcase", "body": asXML("accept", "reject")}))
		require.Zero(t, run.Code, run.raw)
		require.Contains(t, run.raw, `"found":"reject","entry":2,"matched":true`)
	})
}

// TestEmojiInAFilterBreaksNoRoute: some columns of the template's hold no character of four bytes, and
// comparing them with one must find nothing rather than fail.
func TestEmojiInAFilterBreaksNoRoute(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		s := start(t, database.with(newPlatform(t, wxsim.Settings{}).settings()))
		admin := s.admin()
		text, err := description()
		require.NoError(t, err)
		var doc struct {
			Paths map[string]map[string]struct{ Parameters []idParameter }
		}
		require.NoError(t, json.Unmarshal(text, &doc))
		asked := 0
		for _, r := range routes(t) {
			if r.method != http.MethodGet || !strings.HasPrefix(r.path, adminAPI) || strings.HasSuffix(r.path, "-stream") {
				continue
			}
			for _, p := range doc.Paths[r.path]["get"].Parameters {
				if p.In != "query" || p.Schema.Type != "string" {
					continue
				}
				query := url.Values{"limit": {"5"}, p.Name: {"x😀"}}
				if p.Name != "appid" {
					query.Set("appid", "wxnobody")
				}
				e := admin.call(r.method, r.path+"?"+query.Encode(), "")
				assert.NotEqual(t, 1002, e.Code, "%s with %s: %s", r, p.Name, e.raw)
				asked++
			}
		}
		require.Greater(t, asked, 30, "there are many such routes")
	})
}
