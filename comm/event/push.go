// Package event is about what a push from WeChat means: reading its fields, telling a repeated
// push from a new one, and the reactions to it.
package event

import (
	"strings"
	"time"

	"wxcomponent/comm/payload"
)

// Channel is the way a push came in.
type Channel string

// The two addresses that WeChat pushes to.
const (
	Component Channel = "component" // authorization events, meant for the platform
	Biz       Channel = "biz"       // messages and events of authorized accounts
)

// ErrMalformed is returned by Parse for a body that is neither well-formed XML nor a JSON object.
var ErrMalformed = payload.ErrMalformed

// Push is one push from WeChat, decrypted and read. Fields that the push does not have are empty;
// unknown InfoTypes, MsgTypes and Events are pushes like any other.
type Push struct {
	Channel Channel
	// AppID is the platform's appid on Component; on Biz it is the account's, which is in the
	// address of the push alone, so the receiver sets it before Identity is asked for.
	AppID        string
	InfoType     string // what happened, on Component
	ToUserName   string // the account's original id (gh_…), on Biz
	FromUserName string // the user's openid, on Biz
	MsgType      string
	Event        string // what happened, where MsgType is "event"
	EventKey     string
	MsgID        string    // decimal digits, up to 64 bits; most events have none
	CreatedAt    time.Time // when WeChat made the push, whole seconds; zero when it does not say
	ReceivedAt   time.Time // when it arrived here; the receiver sets it
	Format       payload.Format
	Body         string         // the decrypted text as it was sent
	Leaves       []payload.Leaf // all fields of the body in its order
}

// Field returns the value of the first of the named fields that is not empty, or "". Nested
// fields are named with dots: "info.unique_id". A name in another case counts when none is
// written exactly so: WeChat is not consistent, and some pushes hold both AppId and appid.
func (p *Push) Field(names ...string) string {
	doc := payload.Document{Leaves: p.Leaves}
	for _, name := range names {
		if v := doc.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// AccountAppID returns the appid of the account that the push is about, or "" when it is about
// none. On Component it has several names, and there "appid" (the account) is not "AppId" (the
// platform).
func (p *Push) AccountAppID() string {
	if p.Channel == Biz {
		return p.AppID
	}
	if id := p.Field("AuthorizerAppid", "authorizer_appid", "verify_appid"); id != "" {
		return strings.TrimSpace(id)
	}
	for i := range p.Leaves {
		if p.Leaves[i].Path == "appid" {
			return strings.TrimSpace(p.Leaves[i].Value)
		}
	}
	return ""
}
