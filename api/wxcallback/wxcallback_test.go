package wxcallback_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/log"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/waittest"
	"wxcomponent/comm/wx/event"
)

const text = `{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1700000000,"MsgType":"text","Content":"hi 😀","MsgId":23637352235060881}`

func TestPlainPushIsStored(t *testing.T) {
	r := newRig(t, nil)
	before := time.Now()
	r.plain("/wxcallback/biz/wxacc", text).isSuccess(t)
	after := time.Now()
	require.Len(t, r.pushes, 1)
	p := r.pushes[0]
	require.Equal(t, text, p.Body)
	require.Equal(t, "wxacc", p.AppID)
	require.Equal(t, event.Biz, p.Channel)
	require.False(t, p.ReceivedAt.Before(before) || p.ReceivedAt.After(after), p.ReceivedAt)
	require.Equal(t, 1, r.counted("wxcomponent_pushes_total", "biz", "stored"))
}

func TestEncryptedPushIsStoredInEveryForm(t *testing.T) {
	for _, format := range []payload.Format{payload.XML, payload.JSON} {
		for name, k := range map[string]log.Secret{"current key": key, "previous key": keyOld} {
			t.Run(string(format)+" "+name, func(t *testing.T) {
				r := newRig(t, func(d *wxcallback.Deps) { d.Plain = false })
				body := `<xml><AppId>` + appID + `</AppId><CreateTime>1700000000</CreateTime><InfoType>unauthorized</InfoType><AuthorizerAppid>wxacc</AuthorizerAppid></xml>`
				r.sealed(crypt(t, appID, token, k, ""), "/wxcallback/component", body, format).isSuccess(t)
				require.Len(t, r.pushes, 1)
				require.Equal(t, body, r.pushes[0].Body)
				require.Equal(t, "unauthorized", r.pushes[0].InfoType)
			})
		}
	}
}

func TestSamePushAgainIsAcknowledgedAndStoredOnce(t *testing.T) {
	r := newRig(t, nil)
	r.plain("/wxcallback/biz/wxacc", text).isSuccess(t)
	r.plain("/wxcallback/biz/wxacc", text).isSuccess(t)
	r.sealed(r.crypt, "/wxcallback/biz/wxacc", text, payload.XML).isSuccess(t)
	require.Len(t, r.pushes, 1)
}

func TestUnknownEventIsAcknowledgedAndStored(t *testing.T) {
	r := newRig(t, nil)
	r.plain("/wxcallback/component", `{"InfoType":"brand_new","CreateTime":"1700000000"}`).isSuccess(t)
	r.plain("/wxcallback/biz/wxacc", `<xml><MsgType>?</MsgType></xml>`).isSuccess(t)
	require.Len(t, r.pushes, 2)
}

func TestLargestBodyIsStoredWhole(t *testing.T) {
	r := newRig(t, nil)
	body := `{"MsgType":"text","Content":"` + strings.Repeat("😀", (1<<20-40)/4) + `"}`
	require.Less(t, len(body), 1<<20)
	r.plain("/wxcallback/biz/wxacc", body).isSuccess(t)
	require.Len(t, r.pushes, 1)
	require.Equal(t, body, r.pushes[0].Body)
}

func TestPlainPushIsRefusedWherePlainIsOff(t *testing.T) {
	r := newRig(t, func(d *wxcallback.Deps) { d.Plain = false })
	forged := `{"InfoType":"unauthorized","AuthorizerAppid":"wxacc","CreateTime":1700000000}`
	r.plain("/wxcallback/component", forged).isRefused(t, 401, 1000)
	require.Empty(t, r.pushes)
}

func TestEncryptedPushWithoutCredentialsIsRefused(t *testing.T) {
	r := newRig(t, func(d *wxcallback.Deps) { d.Credentials = credentials{} })
	r.sealed(r.crypt, "/wxcallback/component", text, payload.XML).isRefused(t, 401, 1000)
	require.Empty(t, r.pushes)
	require.Equal(t, 1, r.logs.FilterField(zap.String("reason", "not_configured")).Len())
}

func TestFloodOfBadPushesIsOneLogLine(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		flood := func() {
			for range 50 {
				r.do(http.MethodPost, "/wxcallback/component", nil, strings.NewReader(text))
			}
		}
		flood()
		waittest.Pass(time.Minute - 1)
		flood()
		require.Equal(t, 1, r.logs.Len())
		require.Equal(t, 100, r.counted("wxcomponent_pushes_refused_total", "component", "no_source"))
		waittest.Pass(1)
		flood()
		require.Equal(t, 2, r.logs.Len())
		require.EqualValues(t, 99, r.logs.All()[1].ContextMap()["moreSinceLast"])
	})
}

func TestPushThatCannotBeStoredIsNotAcknowledged(t *testing.T) {
	for _, err := range []error{errors.New("disk full"), ingest.ErrOverloaded, ingest.ErrTimeout, ingest.ErrStopped} {
		r := newRig(t, nil)
		r.err = err
		a := r.plain("/wxcallback/biz/wxacc", text)
		a.isRefused(t, 503, 1002)
		require.NotContains(t, a.body, "disk full")
	}
}

const ticketPush = `{"AppId":"` + appID + `","CreateTime":1700000000,"InfoType":"component_verify_ticket","ComponentVerifyTicket":"ticket@@@secret"}`

func TestTicketIsKeptWhenTheLogCannotBeWritten(t *testing.T) {
	r := newRig(t, nil)
	r.err = errors.New("table full")
	r.plain("/wxcallback/component", ticketPush).isRefused(t, 503, 1002)
	require.Equal(t, []string{"ticket@@@secret"}, r.tickets)
}

func TestTicketThatCannotBeKeptIsNotAcknowledged(t *testing.T) {
	r := newRig(t, nil)
	r.lost = errors.New("read only")
	r.plain("/wxcallback/component", ticketPush).isRefused(t, 503, 1002)
}

func TestTicketOnTheMessageAddressIsAMessage(t *testing.T) {
	r := newRig(t, nil)
	r.plain("/wxcallback/biz/wxacc", ticketPush).isSuccess(t)
	require.Empty(t, r.tickets)
}

func TestLogHoldsNoBodyAndNoSecret(t *testing.T) {
	r := newRig(t, nil)
	r.plain("/wxcallback/component", ticketPush)
	r.plain("/wxcallback/component", ticketPush+"}")
	r.err = errors.New("down")
	r.plain("/wxcallback/component", ticketPush)
	for _, e := range r.logs.All() {
		require.NotContains(t, fmt.Sprint(e.Message, e.ContextMap()), "ticket@@@")
	}
}

func TestProbeAnswersAndIsNotStored(t *testing.T) {
	for _, body := range []string{`{"action":"CheckContainerPath"}`, `<xml><action>CheckContainerPath</action></xml>`} {
		for _, plain := range []bool{true, false} {
			r := newRig(t, func(d *wxcallback.Deps) { d.Plain = plain })
			r.plain("/wxcallback/component", body).isSuccess(t)
			r.do(http.MethodPost, "/wxcallback/biz/$APPID$", nil, strings.NewReader(body)).isSuccess(t)
			r.do(http.MethodPost, "/wxcallback/biz/wxacc", nil, strings.NewReader(body)).isSuccess(t)
			require.Empty(t, r.pushes)
		}
	}
}

func TestEchostr(t *testing.T) {
	_, q, err := crypt(t, appID, token, key, "").EncryptPush([]byte("x"), encrypt.Envelope{Format: payload.XML}, signed(), "n1")
	require.NoError(t, err)
	r := newRig(t, nil)
	for _, path := range []string{"/wxcallback/component", "/wxcallback/biz/wxacc"} {
		q.Set("echostr", "<b>5837</b>")
		a := r.do(http.MethodGet, path+"?"+q.Encode(), nil, nil)
		require.Equal(t, 200, a.status)
		require.Equal(t, "<b>5837</b>", a.body)
		require.Equal(t, "text/plain; charset=utf-8", a.header.Get("Content-Type"))
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))

		bad := url.Values{"signature": {"0"}, "timestamp": {"1"}, "nonce": {"2"}, "echostr": {"5837"}}
		r.do(http.MethodGet, path+"?"+bad.Encode(), nil, nil).isRefused(t, 401, 1000)
	}
	none := newRig(t, func(d *wxcallback.Deps) { d.Credentials = credentials{} })
	none.do(http.MethodGet, "/wxcallback/component?"+q.Encode(), nil, nil).isRefused(t, 401, 1000)
}

// target answers pushes in place of the text "success".
type target struct {
	body       string
	duplicates []bool
	asked      time.Time
	deadline   time.Time
}

func (r *target) Reply(_ context.Context, a wxcallback.Asked) (wxcallback.Reply, bool) {
	r.duplicates = append(r.duplicates, a.Duplicate)
	r.asked, r.deadline = time.Now(), a.Deadline
	return wxcallback.Reply{Body: []byte(r.body), ContentType: "application/xml"}, r.body != ""
}

func TestReplyOfASynchronousTarget(t *testing.T) {
	tgt := &target{body: "<xml><Content>hello</Content></xml>"}
	r := newRig(t, func(d *wxcallback.Deps) { d.Replier = tgt })

	before := time.Now()
	a := r.plain("/wxcallback/biz/wxacc", text)
	require.Equal(t, tgt.body, a.body)
	require.Equal(t, "application/xml", a.header.Get("Content-Type"))
	begun := tgt.deadline.Add(-4500 * time.Millisecond)
	require.False(t, begun.Before(before) || begun.After(tgt.asked), begun)

	for _, format := range []payload.Format{payload.XML, payload.JSON} {
		old := crypt(t, appID, token, keyOld, "")
		a = r.sealed(old, "/wxcallback/biz/wxacc", text, format)
		require.Equal(t, 200, a.status)
		plain, err := old.DecryptReply([]byte(a.body)) // with the key that the push came with
		require.NoError(t, err)
		require.Equal(t, tgt.body, string(plain))
		require.Contains(t, a.header.Get("Content-Type"), string(format))
	}
	require.Equal(t, []bool{false, true, true}, tgt.duplicates)

	tgt.body = "success"
	a = r.sealed(r.crypt, "/wxcallback/biz/wxacc", text, payload.XML)
	require.Equal(t, "success", a.body)
	tgt.body = ""
	r.plain("/wxcallback/biz/wxacc", text).isSuccess(t)
}

func TestNoReplyIsAskedForWhatWasNotStored(t *testing.T) {
	tgt := &target{body: "x"}
	r := newRig(t, func(d *wxcallback.Deps) { d.Replier = tgt })
	r.err = errors.New("down")
	r.plain("/wxcallback/biz/wxacc", text).isRefused(t, 503, 1002)
	r.plain("/wxcallback/biz/wxacc", `{"action":"CheckContainerPath"}`).isSuccess(t)
	require.Empty(t, tgt.duplicates)
}
