package wxcallback_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// FuzzPush sends any body to any address, in clear and as an encrypted push. Nothing but the text
// of a push may be stored, and every answer is one of the few that there are.
func FuzzPush(f *testing.F) {
	f.Add([]byte(text), "", false)
	f.Add([]byte(ticketPush), "msg_signature=0&timestamp=1&nonce=2", true)
	f.Add([]byte(`<xml><ToUserName>gh</ToUserName><Encrypt>AAAA</Encrypt></xml>`), "msg_signature=0&timestamp=1&nonce=2", true)
	f.Add([]byte(`{"action":"CheckContainerPath"}`), "%", false)
	gin.SetMode(gin.TestMode)
	f.Fuzz(func(t *testing.T, body []byte, query string, source bool) {
		rec := &recorder{}
		e := gin.New()
		wxcallback.New(wxcallback.Deps{
			Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Ingest: rec, Tickets: rec, Plain: true,
			Credentials: credentials{crypt(t, appID, token, key, keyOld)},
		}).Register(e.Group("/wxcallback"))
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/wxcallback/component", bytes.NewReader(body))
		req.URL.RawQuery = query
		if source {
			req.Header.Set("X-Wx-Source", "fuzz")
		}
		res := httptest.NewRecorder()
		e.ServeHTTP(res, req)
		require.Contains(t, []int{200, 400, 401, 413}, res.Code)
		if len(rec.pushes) > 0 {
			require.True(t, source, "nobody without the header can make a signature")
			require.Equal(t, string(body), rec.pushes[0].Body)
			require.Equal(t, "success", res.Body.String())
		}
	})
}

// FuzzSignedPush signs and encrypts whatever comes, as WeChat does with what its users type: it is
// acknowledged, and lies in the database byte for byte.
func FuzzSignedPush(f *testing.F) {
	for _, component := range []bool{false, true} {
		f.Add([]byte(text), component)
		f.Add([]byte(ticketPush), component)
		f.Add([]byte("<xml><Content><![CDATA[a]]><b>]]></Content></xml>"), component)
		f.Add([]byte("{\"Content\":\"\x00\x1d\xff\"}"), component)
		f.Add([]byte("no push at all"), component)
	}
	s := dao.New(dbtest.SQLite(f), plain{}).WithPatience(waittest.Limit)
	g := &watched{Ingest: ingest.New(s, prometheus.NewRegistry(), ingest.Options{Timeout: waittest.Limit})}
	go g.Run(f.Context())
	c := crypt(f, appID, token, key, "")
	gin.SetMode(gin.TestMode)
	e := gin.New()
	wxcallback.New(wxcallback.Deps{
		Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Ingest: g, Tickets: s, Credentials: credentials{c},
		TicketTime: waittest.Limit,
	}).Register(e.Group("/wxcallback"))
	came := map[string]bool{} // identities
	f.Fuzz(func(t *testing.T, body []byte, component bool) {
		outer, q, err := c.EncryptPush(body, encrypt.Envelope{Format: payload.XML, ToUserName: "gh_1"},
			strconv.FormatInt(time.Now().Unix(), 10), "n1")
		require.NoError(t, err)
		path, channel := "/wxcallback/biz/wxacc?", model.ChannelBiz
		if component {
			path, channel = "/wxcallback/component?", model.ChannelComponent
		}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path+q.Encode(), bytes.NewReader(outer))
		res := httptest.NewRecorder()
		g.last = nil
		e.ServeHTTP(res, req)
		require.Equal(t, http.StatusOK, res.Code)
		require.Equal(t, "success", res.Body.String())
		if g.last == nil { // the console's probe is not kept
			require.Equal(t, "CheckContainerPath", event.Parse(event.Biz, body).Field("action"))
			return
		}
		if came[g.last.DedupKey()] { // what says the same is one push
			return
		}
		came[g.last.DedupKey()] = true
		scan, err := s.PushScan(t.Context(), model.PushFilter{Channel: channel}, nil, 1)
		require.NoError(t, err)
		rows, err := s.PushRows(t.Context(), scan.Keys, 0)
		require.NoError(t, err)
		require.Equal(t, string(body), rows[0].Body)
	})
}

// watched remembers the last push that was to be stored.
type watched struct {
	*ingest.Ingest
	last *event.Push
}

func (w *watched) Store(ctx context.Context, p *event.Push) (ingest.Result, error) {
	w.last = p
	return w.Ingest.Store(ctx, p)
}

// plain is a sealer that seals nothing.
type plain struct{}

func (plain) Seal(text, _ string) (string, error) { return "enc1:" + text, nil }

func (plain) Open(sealed, _ string) (string, error) { return strings.TrimPrefix(sealed, "enc1:"), nil }
