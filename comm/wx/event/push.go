// Package event is about what a push from WeChat means: reading its fields, telling a repeated
// push from a new one, and the reactions to it.
package event

import (
	"slices"
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
	// Cipher is the encrypted text that the push came as, SignedAt the time that is signed with it. The
	// receiver sets them; both are zero for a push that came in clear.
	Cipher   string
	SignedAt time.Time
	Format   payload.Format  // "" when nothing could be read
	Body     string          // the decrypted text as it was sent, byte for byte
	Fields   []payload.Field // all that could be read of the body, in its order
	Defect   string          // why the body could not be read to its end; "" where it could
}

// Field returns the value of the first of the named fields that is not empty, or "". Nested
// fields are named with dots: "info.unique_id". A name in another case counts when none is
// written exactly so: WeChat is not consistent, and some pushes hold both AppId and appid.
func (p *Push) Field(names ...string) string {
	doc := payload.Document{Fields: p.Fields}
	for _, name := range names {
		if v := doc.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// Values returns all values of a field, which are several where it is in a list, in the order of the
// push. Names are as for Field.
func (p *Push) Values(name string) []string { return payload.Document{Fields: p.Fields}.All(name) }

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
	for i := range p.Fields {
		if p.Fields[i].Path == "appid" {
			return strings.TrimSpace(p.Fields[i].Value)
		}
	}
	return ""
}

// AccountAppIDs returns the appids of all accounts that the push is about: some authorization events
// carry a list of accounts.
func (p *Push) AccountAppIDs() []string {
	if id := p.AccountAppID(); id != "" {
		return []string{id}
	}
	var ids []string
	if p.Channel != Component {
		return ids
	}
	for i := range p.Fields {
		path := strings.ToLower(p.Fields[i].Path)
		if !strings.HasPrefix(path, "list.") || !strings.HasSuffix(path, ".appid") {
			continue
		}
		if id := strings.TrimSpace(p.Fields[i].Value); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
