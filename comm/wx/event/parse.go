package event

import (
	"math"
	"strconv"
	"strings"
	"time"

	"wxcomponent/comm/payload"
)

// Parse reads a decrypted body, whatever it holds; the caller bounds its length. What could not be
// read says so by its Defect. The receiver sets ReceivedAt and, on Biz, AppID.
func Parse(channel Channel, body []byte) *Push {
	doc := payload.Parse(body)
	p := &Push{
		Channel:      channel,
		InfoType:     header(doc, "InfoType"),
		ToUserName:   header(doc, "ToUserName"),
		FromUserName: header(doc, "FromUserName"),
		MsgType:      header(doc, "MsgType"),
		Event:        header(doc, "Event"),
		EventKey:     header(doc, "EventKey"),
		MsgID:        header(doc, "MsgId"),
		CreatedAt:    unixSeconds(header(doc, "CreateTime")),
		Format:       doc.Format,
		Body:         doc.Text,
		Fields:       doc.Fields,
		Defect:       doc.Defect,
	}
	if channel == Component {
		p.AppID = header(doc, "AppId")
	}
	if p.MsgID == "0" {
		p.MsgID = ""
	}
	return p
}

func header(doc payload.Document, name string) string {
	return strings.TrimSpace(doc.Get(name))
}

// unixSeconds reads a time; one that is no number, or that the TIMESTAMP columns of the kept
// tables could not hold, counts as not given.
func unixSeconds(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt32 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
