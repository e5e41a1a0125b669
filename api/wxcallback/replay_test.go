package wxcallback_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/payload"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

// captured is an encrypted push that somebody who does not know the keys has got hold of.
type captured struct {
	body  []byte
	query url.Values
}

func capture(t *testing.T, text string, at time.Time) captured {
	t.Helper()
	body, q, err := crypt(t, appID, token, key, "").EncryptPush([]byte(text), encrypt.Envelope{Format: payload.XML},
		strconv.FormatInt(at.Unix(), 10), "n1")
	require.NoError(t, err)
	return captured{body, q}
}

func (r *rig) send(path string, c captured) answer {
	r.t.Helper()
	return r.do(http.MethodPost, path+"?"+c.query.Encode(), nil, bytes.NewReader(c.body))
}

func TestCapturedPushDoesNotCountAgainAtOtherAddresses(t *testing.T) {
	t.Parallel()
	now := time.Now()
	dated := fmt.Sprintf(`"CreateTime":%d`, now.Unix())
	for name, text := range map[string]string{
		"message":                `{"ToUserName":"gh_1","FromUserName":"o1",` + dated + `,"MsgType":"text","MsgId":7}`,
		"event":                  `{"ToUserName":"gh_1","FromUserName":"o1",` + dated + `,"MsgType":"event","Event":"subscribe"}`,
		"authorization event":    `{"AppId":"` + appID + `",` + dated + `,"InfoType":"unauthorized","AuthorizerAppid":"wxacc"}`,
		"of no account":          `{` + dated + `,"MsgType":"event","Event":"brand_new"}`,
		"of no time":             `{"ToUserName":"gh_1","MsgType":"event","Event":"brand_new"}`,
		"of no account nor time": `{"Event":"brand_new"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				r, _ := stored(t, d)
				push := capture(t, text, now)
				for _, path := range []string{"/wxcallback/biz/wxacc", "/wxcallback/biz/wxother", "/wxcallback/component", "/wxcallback/biz/wxacc"} {
					r.send(path, push).isSuccess(t)
				}
				var n int64
				require.NoError(t, d.Read.Raw("SELECT (SELECT COUNT(*) FROM wxcallback_biz) + (SELECT COUNT(*) FROM wxcallback_component)").
					Scan(&n).Error)
				require.EqualValues(t, 1, n)
				require.Equal(t, 1, r.counted("wxcomponent_pushes_total", "biz", "stored"))
			})
		})
	}
}

func TestAccountsThatGetTheSameTextKeepBoth(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r, _ := stored(t, d)
		text := fmt.Sprintf(`{"CreateTime":%d,"MsgType":"event","Event":"brand_new"}`, time.Now().Unix())
		r.send("/wxcallback/biz/wxacc", capture(t, text, time.Now())).isSuccess(t)
		r.send("/wxcallback/biz/wxother", capture(t, text, time.Now())).isSuccess(t)
		require.Equal(t, 2, r.counted("wxcomponent_pushes_total", "biz", "stored"))
	})
}

// clocks keeps refusals.
type clocks struct{ signedAt []time.Time }

func (c *clocks) ClockRefused(_ context.Context, signedAt, _ time.Time) error {
	c.signedAt = append(c.signedAt, signedAt)
	return nil
}

func TestPushSignedAtAnotherTimeIsNotStored(t *testing.T) {
	seen := &clocks{}
	r := newRig(t, func(d *wxcallback.Deps) { d.Clock = seen })
	now := time.Now()
	const day = 24 * time.Hour
	for i, tc := range []struct {
		at   time.Time
		good bool
	}{
		{now.Add(-20 * 365 * day), false},
		{now.Add(-3*day - time.Minute), false},
		{now.Add(-3*day + time.Hour), true},
		{now.Add(day - time.Hour), true},
		{now.Add(day + time.Hour), false},
		{now.Add(10 * 365 * day), false},
	} {
		a := r.send("/wxcallback/biz/wxacc", capture(t, fmt.Sprintf(`{"ToUserName":"gh_1","MsgType":"text","MsgId":%d}`, i+1), tc.at))
		if tc.good {
			a.isSuccess(t)
		} else {
			a.isRefused(t, http.StatusUnauthorized, 1000)
		}
	}
	require.Len(t, r.pushes, 2)
	require.Equal(t, 4, r.counted("wxcomponent_pushes_refused_total", "biz", "clock_or_replay"))
	require.Len(t, seen.signedAt, 1, "a flood of them is not written down one by one")
	require.Equal(t, now.Add(-20*365*day).Unix(), seen.signedAt[0].Unix())

	forged := capture(t, `{"MsgType":"text"}`, now.Add(-10*day))
	forged.query.Set("msg_signature", "0")
	r.send("/wxcallback/biz/wxacc", forged).isRefused(t, http.StatusUnauthorized, 1000)
	require.Equal(t, 4, r.counted("wxcomponent_pushes_refused_total", "biz", "clock_or_replay"), "only what is signed says something about clocks")
}
