package releasecheck_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/account/releasecheck"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
)

// toggle is a switch.
type toggle struct{ on bool }

func (t *toggle) Get() bool                            { return t.on }
func (t *toggle) Set(_ context.Context, on bool) error { t.on = on; return nil }

// testSealer only looks like encryption.
type testSealer struct{ fail error }

func (s testSealer) Seal(plain, _ string) (string, error) {
	return "sealed:" + base64.StdEncoding.EncodeToString([]byte(plain)), s.fail
}

func (testSealer) Open(sealed, _ string) (string, error) { return sealed, nil }

func newService(on bool, sealer testSealer) *releasecheck.Service {
	return releasecheck.New(releasecheck.Deps{Switch: &toggle{on}, Sealer: sealer, Now: time.Now, Log: zap.NewNop()})
}

// said is a push with the fields given, in both forms.
func said(t *testing.T, format payload.Format, appid string, fields map[string]string) *event.Push {
	t.Helper()
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	if format == payload.XML {
		var b strings.Builder
		for name, value := range fields {
			fmt.Fprintf(&b, "<%s><![CDATA[%s]]></%[1]s>", name, value)
		}
		text = []byte("<xml>" + b.String() + "</xml>")
	}
	p := event.Parse(event.Biz, text)
	p.AppID, p.ReceivedAt = appid, time.Now()
	return p
}

func TestAnswers(t *testing.T) {
	const (
		none  = "\x00none"
		empty = ""
	)
	all := authorizer.TestAccounts()
	official, mini := all[0], all[1]
	text := func(content string) map[string]string {
		return map[string]string{"MsgType": "text", "Content": content}
	}
	tests := map[string]struct {
		appid, user string
		fields      map[string]string
		want        string
		work        bool
	}{
		"fixed text":                   {official.AppID, official.UserName, text("TESTCOMPONENT_MSG_TYPE_TEXT"), "TESTCOMPONENT_MSG_TYPE_TEXT_callback", false},
		"fixed text with space around": {official.AppID, official.UserName, text(" TESTCOMPONENT_MSG_TYPE_TEXT\n"), "TESTCOMPONENT_MSG_TYPE_TEXT_callback", false},
		"code":                         {official.AppID, official.UserName, text("QUERY_AUTH_CODE:queryauthcode@@@a"), empty, true},
		"code to a mini program":       {mini.AppID, mini.UserName, text("QUERY_AUTH_CODE:queryauthcode@@@a"), empty, true},
		"no code":                      {official.AppID, official.UserName, text("QUERY_AUTH_CODE: "), none, false},
		"code in the middle":           {official.AppID, official.UserName, text("a QUERY_AUTH_CODE:b"), none, false},
		"event":                        {official.AppID, official.UserName, map[string]string{"MsgType": "event", "Event": "LOCATION"}, "LOCATIONfrom_callback", false},
		"event with an entity":         {official.AppID, official.UserName, map[string]string{"MsgType": "event", "Event": "a&lt;b"}, "a&lt;bfrom_callback", false},
		"event of a mini program":      {mini.AppID, mini.UserName, map[string]string{"MsgType": "event", "Event": "LOCATION"}, none, false},
		"another text":                 {official.AppID, official.UserName, text("hello"), none, false},
		"an image":                     {official.AppID, official.UserName, map[string]string{"MsgType": "image"}, none, false},
		"another group's name":         {official.AppID, all[2].UserName, text("QUERY_AUTH_CODE:a"), none, false},
		"the pair's other name":        {official.AppID, mini.UserName, text("QUERY_AUTH_CODE:a"), none, false},
		"no name":                      {official.AppID, "", text("QUERY_AUTH_CODE:a"), none, false},
		"another account":              {"wx0000000000000001", official.UserName, text("QUERY_AUTH_CODE:a"), none, false},
		"no account":                   {"", "", text("TESTCOMPONENT_MSG_TYPE_TEXT"), none, false},
	}
	on, off := newService(true, testSealer{}), newService(false, testSealer{})
	for name, tt := range tests {
		for _, format := range []payload.Format{payload.XML, payload.JSON} {
			t.Run(name+" "+string(format), func(t *testing.T) {
				tt.fields["ToUserName"], tt.fields["FromUserName"], tt.fields["CreateTime"] = tt.user, "o1", "1700000000"
				p := said(t, format, tt.appid, tt.fields)
				work, ours := on.Plan(p)
				require.Equal(t, tt.want != none, ours)
				require.Equal(t, tt.work, len(work) == 1)
				answer, ok := on.Reply(p)
				require.Equal(t, ours, ok)
				again, _ := on.Reply(p)
				require.Equal(t, answer, again)
				switch tt.want {
				case none:
				case empty:
					require.NotNil(t, answer.Body)
					require.Empty(t, answer.Body)
				default:
					doc := payload.Parse(answer.Body)
					require.Equal(t, format, doc.Format)
					require.Contains(t, answer.ContentType, string(format))
					require.Equal(t, [5]string{"o1", tt.user, "1700000000", "text", tt.want}, [5]string{
						doc.Get("ToUserName"), doc.Get("FromUserName"), doc.Get("CreateTime"), doc.Get("MsgType"), doc.Get("Content"),
					})
				}
				_, ours = off.Plan(p)
				_, ok = off.Reply(p)
				require.False(t, ours || ok, "switched off")
			})
		}
	}
}

func TestEventIsQuotedSafely(t *testing.T) {
	account := authorizer.TestAccounts()[2]
	p := said(t, payload.JSON, account.AppID, map[string]string{
		"MsgType": "event", "Event": "]]><Content>x</Content>", "ToUserName": account.UserName, "FromUserName": "o1",
	})
	p.Format = payload.XML
	answer, ok := newService(true, testSealer{}).Reply(p)
	require.True(t, ok)
	doc := payload.Parse(answer.Body)
	require.Equal(t, "]]><Content>x</Content>from_callback", doc.Get("Content"))
}

func TestComponentPushIsNotOfTheCheck(t *testing.T) {
	account := authorizer.TestAccounts()[0]
	p := said(t, payload.XML, account.AppID, map[string]string{
		"MsgType": "text", "Content": "TESTCOMPONENT_MSG_TYPE_TEXT", "ToUserName": account.UserName, "FromUserName": "o1",
	})
	p.Channel = event.Component
	_, ours := newService(true, testSealer{}).Plan(p)
	require.False(t, ours)
}

func TestCodeIsSealed(t *testing.T) {
	account := authorizer.TestAccounts()[0]
	p := said(t, payload.XML, account.AppID, map[string]string{
		"MsgType": "text", "Content": "QUERY_AUTH_CODE:SECRET", "ToUserName": account.UserName, "FromUserName": "o1", "MsgId": "1",
	})
	work, _ := newService(true, testSealer{}).Plan(p)
	require.NotContains(t, work[0].Payload+*work[0].UKey, "SECRET")
	work, _ = newService(true, testSealer{fail: errors.New("no key")}).Plan(p)
	require.Contains(t, work[0].Payload, "SECRET", "the check would fail without")
}
