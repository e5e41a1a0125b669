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
// no sender. There the hash covers every field instead, sorted, without empty ones and without
// surrounding white space, so that neither the form (XML or JSON) nor a new encryption of the
// same push matters, while any difference between two events keeps them apart.
//
// The time comes first so that a unique index over identities grows at its end and stays in
// memory however many there are; MsgIds rise with the time, so that pushes that are stored together
// are neighbours there. A push that does not say when it was made takes the hour of
// its arrival: repetitions come within seconds, and the same event on another day is new.
func (p *Push) Identity() string {
	at := p.CreatedAt
	if at.IsZero() {
		at = p.ReceivedAt.Truncate(time.Hour)
	}
	parts := make([]byte, 0, 1024)
	parts = appendPart(parts, string(p.Channel))
	parts = appendPart(parts, p.AppID)
	if p.MsgID != "" {
		for _, part := range [...]string{p.FromUserName, p.MsgID, p.MsgType, p.Event} {
			parts = appendPart(parts, part)
		}
	} else {
		for _, leaf := range fingerprint(p.Leaves) {
			parts = appendPart(parts, leaf.Path)
			parts = appendPart(parts, leaf.Value)
		}
	}
	sum := sha256.Sum256(parts)
	if id, err := strconv.ParseUint(p.MsgID, 10, 64); err == nil {
		copy(sum[8:16], sum[:8])
		binary.BigEndian.PutUint64(sum[:8], id)
	}
	key := make([]byte, 0, 41)
	key = hex.AppendEncode(key, binary.BigEndian.AppendUint32(nil, uint32(max(0, at.Unix())))) //nolint:gosec // a clock before 2106
	key = append(key, '-')
	return string(hex.AppendEncode(key, sum[:16]))
}

// fingerprint returns the fields that have a value, in an order that the form does not change.
func fingerprint(leaves []payload.Leaf) []payload.Leaf {
	out := make([]payload.Leaf, 0, len(leaves))
	for _, leaf := range leaves {
		if v := strings.TrimSpace(leaf.Value); v != "" {
			out = append(out, payload.Leaf{Path: leaf.Path, Value: v})
		}
	}
	slices.SortFunc(out, func(a, b payload.Leaf) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// appendPart puts the length before s, so that no two lists of parts run into the same bytes.
func appendPart(to []byte, s string) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(s))) //nolint:gosec // bodies are bounded far below 4 GiB
	return append(to, s...)
}
