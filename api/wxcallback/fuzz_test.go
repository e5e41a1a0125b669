package wxcallback_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api/wxcallback"
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
