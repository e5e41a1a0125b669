package wxsim_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wxsim"
)

func TestLoadCountsWhatWasAcknowledged(t *testing.T) {
	p := newPlatform(t)
	var mu sync.Mutex
	acked := map[int64]bool{}
	n := 0
	p.product.on(func(g push) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%5 == 0 {
			return http.StatusServiceUnavailable, ""
		}
		return http.StatusOK, "success"
	})
	report, err := p.Load(t.Context(), wxsim.Traffic{
		Count: 200, Concurrency: 8, Attempts: 1, Kinds: []string{"text"},
		OnAck: func(_ string, id int64) {
			mu.Lock()
			defer mu.Unlock()
			acked[id] = true
		},
	})
	require.NoError(t, err)
	require.EqualValues(t, 200, report.Sent)
	require.EqualValues(t, 160, report.Accepted)
	require.EqualValues(t, 200, report.Attempts)
	require.Len(t, acked, 160, "every message has its own id")
	require.Positive(t, report.P50)
	require.GreaterOrEqual(t, report.Max, report.P99)
	require.GreaterOrEqual(t, report.P99, report.P50)
	require.Positive(t, report.PerSecond())
	require.Empty(t, p.Pushes(0), "traffic fills no list")
}

func TestLoadKeepsItsRateAndItsTime(t *testing.T) {
	inBubble(t, func(t *testing.T, p *platform) {
		done := make(chan wxsim.TrafficReport, 1)
		go func() {
			report, err := p.Load(t.Context(), wxsim.Traffic{Rate: 100, Duration: wxsim.Duration(295 * time.Millisecond)})
			if err != nil {
				t.Error(err)
			}
			done <- report
		}()
		synctest.Wait()
		for n := range 30 {
			require.Len(t, p.product.got(), n+1)
			waittest.Pass(10 * time.Millisecond)
		}
		report := waittest.Receive(t, done, "the report")
		require.EqualValues(t, 30, report.Sent)
		require.Equal(t, report.Sent, report.Accepted)
		kinds := map[string]bool{}
		for _, g := range p.product.got() {
			kinds[g.fields.Get("MsgType")] = true
		}
		require.Greater(t, len(kinds), 4, "a mix of messages and events")
	})
}

func TestTrafficStartsAndStops(t *testing.T) {
	inBubble(t, func(t *testing.T, p *platform) {
		run(t, p.Sim)
		require.Equal(t, http.StatusBadRequest, p.status(http.MethodPost, "/_sim/traffic", fields{"rate": -1}))
		p.post("/_sim/traffic", fields{"rate": 200})
		waittest.Pass(50 * time.Millisecond)
		require.Len(t, p.product.got(), 11)
		require.Equal(t, true, p.call(http.MethodGet, "/_sim/traffic", nil)["running"])
		p.call(http.MethodDelete, "/_sim/traffic", nil)
		waittest.Pass(time.Second)
		report := p.TrafficReport()
		require.False(t, report.Running)
		require.EqualValues(t, 11, report.Sent)
		require.NoError(t, p.StartTraffic(wxsim.Traffic{Count: 5}))
		synctest.Wait()
		require.Len(t, p.product.got(), 11+5)
		report = p.TrafficReport()
		require.False(t, report.Running)
		require.EqualValues(t, 5, report.Sent)
	}, func(c *wxsim.Config) { c.Settings.TicketStopped = true })
}

func TestTrafficWaitsForAnAccount(t *testing.T) {
	inBubble(t, func(t *testing.T, p *platform) {
		run(t, p.Sim)
		require.NoError(t, p.StartTraffic(wxsim.Traffic{Rate: 50}))
		waittest.Pass(3 * time.Second)
		require.Empty(t, p.product.got(), "there is nobody to write to")
		a := p.stranger()
		_, err := p.Authorize(t.Context(), a.AppID, wxsim.AuthorizeOptions{Silent: true})
		require.NoError(t, err)
		waittest.Pass(2 * time.Second)
		require.NotEmpty(t, p.product.got())
		require.Equal(t, "/wxcallback/biz/"+a.AppID, p.product.last().path)
	}, func(c *wxsim.Config) { c.Authorized, c.Settings.TicketStopped = 0, true })
}

func (p *platform) status(method, path string, body any) int {
	p.t.Helper()
	resp, _ := p.do(method, path, body)
	return resp.StatusCode
}
