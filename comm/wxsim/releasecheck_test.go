package wxsim_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/wxsim"
)

// answerCheck answers the release check as a platform has to. lazy leaves the customer-service
// message out.
func answerCheck(p *platform, lazy bool) (wait func()) {
	var wg sync.WaitGroup
	cat := p.componentToken()
	p.product.on(func(g push) (int, string) {
		content := g.fields.Get("Content")
		if code, ok := strings.CutPrefix(content, "QUERY_AUTH_CODE:"); ok {
			wg.Go(func() {
				out := p.post("/cgi-bin/component/api_query_auth?access_token="+cat, fields{"component_appid": appID, "authorization_code": code})
				info, _ := out["authorization_info"].(fields)
				if info == nil || lazy {
					return
				}
				p.post("/cgi-bin/message/custom/send?access_token="+info["authorizer_access_token"].(string), fields{
					"touser": g.fields.Get("FromUserName"), "msgtype": "text", "text": fields{"content": code + "_from_api"},
				})
			})
			return http.StatusOK, ""
		}
		if content == "TESTCOMPONENT_MSG_TYPE_TEXT" {
			return http.StatusOK, p.product.reply(g, content+"_callback")
		}
		return http.StatusOK, "success"
	})
	return wg.Wait
}

func TestReleaseCheckPasses(t *testing.T) {
	p := newPlatform(t)
	wait := answerCheck(p, false)
	report, err := p.RunReleaseCheck(t.Context(), 0)
	wait()
	require.NoError(t, err)
	require.True(t, report.Passed, "%+v", report)
	require.Len(t, report.Steps, 25)
	_, test := p.Accounts(wxsim.AccountFilter{ReleaseCheck: true})
	require.Len(t, test, 10)
	require.Nil(t, p.listed(p.componentToken(), "wx0"))
}

func TestReleaseCheckSaysWhatIsMissing(t *testing.T) {
	inBubble(t, func(t *testing.T, p *platform) {
		report, err := p.RunReleaseCheck(t.Context(), 2) // the product answers success to everything
		require.NoError(t, err)
		require.False(t, report.Passed)
		passed := []bool{}
		for _, s := range report.Steps {
			require.Equal(t, 2, s.Group)
			require.Equal(t, s.Passed, s.Reason == "")
			passed = append(passed, s.Passed)
		}
		require.Equal(t, []bool{true, true, false, false, false}, passed)
		require.Contains(t, report.Steps[2].Reason, "no passive reply")
		require.Contains(t, report.Steps[3].Reason, "must be empty")

		wait := answerCheck(p, true)
		report, err = p.RunReleaseCheck(t.Context(), 1)
		wait()
		require.NoError(t, err)
		require.False(t, report.Steps[3].Passed)
		require.Contains(t, report.Steps[3].Reason, "was not sent to the user in time")
		require.Equal(t, wxsim.Duration(10*time.Second), report.Steps[3].Duration)

		_, err = p.RunReleaseCheck(t.Context(), 6)
		require.Error(t, err)
	})
}
