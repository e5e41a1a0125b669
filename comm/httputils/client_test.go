package httputils_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"wxcomponent/comm/httputils"
)

func get(ctx context.Context, t *testing.T, address string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	require.NoError(t, err)
	return req
}

func TestFetch(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	client := httputils.NewClient(zap.New(core))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/other?token=SECRET", http.StatusFound)
		case "/slow":
			<-r.Context().Done()
		case "/half":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
		default:
			_, _ = io.WriteString(w, strings.Repeat("x", 100))
		}
	}))
	defer srv.Close()
	defer client.CloseIdleConnections()

	a, err := httputils.Fetch(client, get(t.Context(), t, srv.URL+"/ok?token=SECRET"), 100)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.Status)
	require.Len(t, a.Body, 100)
	_, err = httputils.Fetch(client, get(t.Context(), t, srv.URL+"/ok"), 99)
	require.ErrorIs(t, err, httputils.ErrTooLarge)
	a, err = httputils.Fetch(client, get(t.Context(), t, srv.URL+"/redirect"), 100)
	require.NoError(t, err)
	require.Equal(t, http.StatusFound, a.Status, "redirects are not followed")
	_, err = httputils.Fetch(client, get(t.Context(), t, srv.URL+"/half"), 100)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = httputils.Fetch(client, get(ctx, t, srv.URL+"/slow?token=SECRET"), 100)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotContains(t, err.Error(), "SECRET")

	first := logs.All()[0].ContextMap()
	require.Equal(t, "/ok", first["path"])
	require.EqualValues(t, 200, first["status"])
	for _, e := range logs.All() {
		for _, v := range e.ContextMap() {
			if s, ok := v.(string); ok {
				require.NotContains(t, s, "SECRET")
			}
		}
	}
}

func TestWithoutURL(t *testing.T) {
	cause := errors.New("refused")
	nested := &url.Error{Op: "Get", URL: "https://x/?token=SECRET", Err: &url.Error{Op: "Get", URL: "https://x/?token=SECRET", Err: cause}}
	require.Equal(t, cause, httputils.WithoutURL(nested))
	require.NoError(t, httputils.WithoutURL(nil))
}
