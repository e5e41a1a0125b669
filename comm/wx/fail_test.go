package wx_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"wxcomponent/comm/httputils"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx"
)

// inBubble calls the fake without a connection, in a bubble in which pauses take no time.
func (f *fake) inBubble(t *testing.T, test func(t *testing.T, c *wx.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, wx.New(wx.Options{
			Platform: wx.Platform{AppID: self}, APIBase: "http://wechat", HTTP: &http.Client{Transport: f}, Log: zap.NewNop(),
		}).As(&tokens{}))
	})
}

// RoundTrip answers a call at once.
func (f *fake) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequestWithContext(req.Context(), req.Method, req.URL.String(), req.Body))
	return w.Result(), nil
}

func TestBusyIsRetried(t *testing.T) {
	busy := fmt.Sprintf(ridError, -1)
	tests := map[string]struct {
		tries int
		call  func(context.Context, *wx.Client) error
	}{
		"reading": {3, func(ctx context.Context, c *wx.Client) error { _, err := c.PageList(ctx, appid); return err }},
		"acting":  {2, func(ctx context.Context, c *wx.Client) error { return c.Release(ctx, appid) }},
		"getting a token": {1, func(ctx context.Context, c *wx.Client) error {
			_, err := c.ComponentToken(ctx, secret, "x")
			return err
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, busy)
			f.inBubble(t, func(t *testing.T, c *wx.Client) { require.Equal(t, -1, wx.CodeOf(tt.call(t.Context(), c))) })
			require.Len(t, f.got, tt.tries)
		})
	}
	t.Run("until it works", func(t *testing.T) {
		f := newFake(t, fmt.Sprintf(ridError, -1000), `{"errcode":0}`)
		f.inBubble(t, func(t *testing.T, c *wx.Client) { require.NoError(t, c.Release(t.Context(), appid)) })
		require.Len(t, f.got, 2)
	})
}

// TestNothingSecretIsLoggedOrReturned makes calls fail in every way and looks for the secrets.
func TestNothingSecretIsLoggedOrReturned(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	gone := httptest.NewServer(nil)
	gone.Close()
	arrived, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		giveUp()
		<-r.Context().Done()
	}))
	defer silent.Close()
	refusing := newFake(t, fmt.Sprintf(ridError, 40001))
	var texts []string
	calls := func(ctx context.Context, base string, patience time.Duration) (err error) {
		t.Helper()
		h := httputils.NewClient(zap.New(core))
		defer h.CloseIdleConnections()
		c := wx.New(wx.Options{
			Platform: wx.Platform{AppID: self}, APIBase: base, HTTP: h, Log: zap.New(core), Patience: patience,
		}).As(&tokens{})
		_, err = c.ComponentToken(ctx, secret, "TICKETTICKET")
		require.Error(t, err)
		texts = append(texts, fmt.Sprintf("%+v", err))
		_, err = c.PageList(ctx, appid)
		require.Error(t, err)
		texts = append(texts, fmt.Sprintf("%+v", err))
		return err
	}
	for _, base := range []string{gone.URL, refusing.URL, "http://bad host/", "nonsense://x"} {
		require.NotErrorIs(t, calls(t.Context(), base, waittest.Limit), context.DeadlineExceeded)
	}
	require.ErrorIs(t, calls(arrived, silent.URL, waittest.Limit), context.Canceled)
	require.ErrorIs(t, calls(t.Context(), silent.URL, 50*time.Millisecond), context.DeadlineExceeded)
	for _, e := range logs.All() {
		line, err := json.Marshal(e.ContextMap())
		require.NoError(t, err)
		texts = append(texts, e.Message+string(line))
	}
	require.NotZero(t, logs.FilterMessage("outgoing call").Len())
	for _, text := range texts {
		for _, s := range []string{secret.Reveal(), "TICKETTICKET", acctTok, newTok, "access_token="} {
			require.NotContains(t, text, s)
		}
	}
}
