//go:build bench

package bench

import (
	"bytes"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/payload"
)

// The platform that pushes come from.
const (
	appID  = "wx00000000000bench"
	token  = "benchtoken"
	aesKey = "YmVuY2hrZXliZW5jaGtleWJlbmNoa2V5YmVuY2hrZXk"

	accounts = 100 // that messages are for
)

// messageID makes no two pushes of a run alike. 19 digits, as WeChat's are.
var messageID atomic.Int64

func nextMessageID() int64 { return 2_400_000_000_000_000_000 + messageID.Add(1) }

func account(n int64) string { return fmt.Sprintf("wx%016d", n%accounts) }

func message(format payload.Format, id int64) string {
	created := time.Now().Unix()
	if format == payload.XML {
		return fmt.Sprintf("<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>"+
			"<FromUserName><![CDATA[oBenchBenchBenchBenchBenchBe]]></FromUserName><CreateTime>%d</CreateTime>"+
			"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好，请问什么时候发货？]]></Content><MsgId>%d</MsgId></xml>", created, id)
	}
	return fmt.Sprintf(`{"ToUserName":"gh_0123456789ab","FromUserName":"oBenchBenchBenchBenchBenchBe",`+
		`"CreateTime":%d,"MsgType":"text","Content":"你好，请问什么时候发货？","MsgId":%d}`, created, id)
}

func request(path, header string, body []byte) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\n%sContent-Length: %d\r\n\r\n%s", path, header, len(body), body)
}

// plainPushes are messages in clear. The request is built once and gets its numbers written over,
// so that the generator leaves the machine to the service.
func plainPushes(int) requests {
	const idMark, accountMark = "2400000000000000000", "wx0000000000000000"
	body := bytes.Replace([]byte(message(payload.JSON, 0)), []byte(`"MsgId":0`), []byte(`"MsgId":`+idMark), 1)
	whole := request("/wxcallback/biz/"+accountMark, "Content-Type: application/json\r\nx-wx-source: wx_unknown\r\n", body)
	idAt := bytes.Index(whole, []byte(idMark))
	accountAt := bytes.Index(whole, []byte(accountMark))
	timeAt := bytes.Index(whole, []byte(`"CreateTime":`)) + len(`"CreateTime":`)
	return func() []byte {
		id := nextMessageID()
		strconv.AppendInt(whole[:idAt], id, 10)
		copy(whole[accountAt:], account(id))
		strconv.AppendInt(whole[:timeAt], time.Now().Unix(), 10)
		return whole
	}
}

// counted ends after n requests.
func counted(n int, next requests) requests {
	return func() []byte {
		if n--; n < 0 {
			return nil
		}
		return next()
	}
}

// encryptedPushes makes n encrypted messages beforehand, shared out among the connections.
func encryptedPushes(n, connections int) (func(connection int) requests, error) {
	crypt, err := encrypt.NewMsgCrypt(appID, token, aesKey, "")
	if err != nil {
		return nil, err
	}
	made := make([][]byte, n)
	for i := range made {
		id := nextMessageID()
		head := encrypt.Envelope{Format: payload.XML, ToUserName: "gh_0123456789ab"}
		now := strconv.FormatInt(time.Now().Unix(), 10)
		body, query, err := crypt.EncryptPush([]byte(message(payload.XML, id)), head, now, strconv.FormatInt(id, 36))
		if err != nil {
			return nil, err
		}
		made[i] = request("/wxcallback/biz/"+account(id)+"?"+query.Encode(), "Content-Type: text/xml\r\n", body)
	}
	return func(connection int) requests {
		i := connection - connections
		return func() []byte {
			if i += connections; i >= n {
				return nil
			}
			return made[i]
		}
	}, nil
}
