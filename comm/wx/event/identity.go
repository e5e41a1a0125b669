package event

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wxcomponent/comm/payload"
)

// Identity returns a key that is the same for every delivery of one push and different for
// different pushes: eight hex digits of its time, a dash and 32 hex digits, which are a hash, or a
// MsgId that is a number and half a hash.
//
// WeChat sends a push again when the answer was late, and names what tells repetitions from new
// pushes: MsgId where there is one. It is hashed together with sender, time, type and event,
// because a MsgId alone has been seen twice. Most events have none, and their sender and second
// do not suffice: one user can cause two events in one second, and events of the platform have
// no sender. There the hash covers every field instead, sorted, each with its place in the lists that it
// is in, without empty ones and without surrounding white space, so that neither the form (XML or JSON)
// nor a new encryption of the same push matters, while any difference between two events keeps them
// apart. Of a push that could not be read in full the hash covers the bytes.
//
// The time comes first so that a unique index over identities grows at its end and stays in
// memory however many there are; MsgIds rise with the time, so that pushes that are stored together
// are neighbours there. A push that does not say when it was made takes the hour of
// its arrival: repetitions come within seconds, and the same event on another day is new.
func (p *Push) Identity() string { return p.identity(string(p.Channel), p.AppID) }

// DedupKey returns the key that a push is stored under once. It has the form of Identity, but stands for
// what the push says alone: the address that it came to is not signed, and whoever caught a push could
// send it to the addresses of other accounts. WeChat names the account in each push, as ToUserName, or
// it is an event of the platform. Of any other push the address is a part all the same: two accounts may
// get the same text.
func (p *Push) DedupKey() string {
	switch {
	case p.ToUserName != "":
		return p.identity("account", p.ToUserName)
	case p.InfoType != "":
		return p.identity("platform", "")
	default:
		return p.Identity()
	}
}

// HeldKey returns the key that a push is stored under while it is held, the same whatever address it came
// to: it must not stand for the push that its account is still to get.
func (p *Push) HeldKey() string { return p.identity("held", p.ToUserName) }

// CipherKey returns a key of the encrypted text that the push came as, "" when DedupKey is the same
// wherever and whenever that text is sent: a push that tells neither account nor time takes both from
// the delivery. The time that the key begins with is the signed one.
func (p *Push) CipherKey() string {
	named := p.ToUserName != "" || p.InfoType != ""
	if p.Cipher == "" || named && !p.CreatedAt.IsZero() {
		return ""
	}
	sum := sha256.Sum256([]byte(p.Cipher))
	return timedKey(p.SignedAt, sum[:16])
}

func (p *Push) identity(scope, account string) string {
	at := p.CreatedAt
	if at.IsZero() {
		at = p.ReceivedAt.Truncate(time.Hour)
	}
	parts := make([]byte, 0, 1024)
	parts = appendPart(parts, scope)
	parts = appendPart(parts, account)
	switch {
	case p.Defect != "" || !utf8.ValidString(p.Body):
		parts = append(parts, p.Body...)
	case p.MsgID != "":
		for _, part := range [...]string{p.FromUserName, p.MsgID, p.MsgType, p.Event} {
			parts = appendPart(parts, part)
		}
	default:
		for _, field := range fingerprint(p.Fields) {
			parts = appendPart(parts, field.Path)
			parts = appendPart(parts, field.Value)
			if field.Place != "" {
				parts = append(parts, placeMark...)
				parts = appendPart(parts, field.Place)
			}
		}
	}
	sum := sha256.Sum256(parts)
	if id, err := strconv.ParseUint(p.MsgID, 10, 64); err == nil {
		copy(sum[8:16], sum[:8])
		binary.BigEndian.PutUint64(sum[:8], id)
	}
	return timedKey(at, sum[:16])
}

// timedKey puts a time before a hash.
func timedKey(at time.Time, hash []byte) string {
	key := make([]byte, 0, 41)
	key = hex.AppendEncode(key, binary.BigEndian.AppendUint32(nil, uint32(max(0, at.Unix())))) //nolint:gosec // a clock before 2106
	key = append(key, '-')
	return string(hex.AppendEncode(key, hash))
}

// fingerprint returns the fields that have a value, in an order that the form does not change.
func fingerprint(fields []payload.Field) []payload.Field {
	out := make([]payload.Field, 0, len(fields))
	for _, field := range fields {
		if field.Value = strings.TrimSpace(field.Value); field.Value != "" {
			out = append(out, field)
		}
	}
	slices.SortFunc(out, func(a, b payload.Field) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// placeMark stands where the length of a part would: no part is so long.
const placeMark = "\xff\xff\xff\xff"

// appendPart puts the length before s, so that no two lists of parts run into the same bytes.
func appendPart(to []byte, s string) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(s))) //nolint:gosec // bodies are bounded far below 4 GiB
	return append(to, s...)
}
