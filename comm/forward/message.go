package forward

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"wxcomponent/comm/event"
	"wxcomponent/comm/payload"
)

// Message is a push on its way to a target. It holds all that a delivery needs, so that a delivery
// does not depend on how long the log of pushes is kept.
type Message struct {
	Identity   string         `json:"id"` // of the push; the same in every delivery of it
	Channel    event.Channel  `json:"channel"`
	AppID      string         `json:"appid,omitempty"` // of the account that the push is about
	Event      string         `json:"event,omitempty"` // InfoType, or Event, or MsgType
	Format     payload.Format `json:"format"`
	ReceivedMS int64          `json:"received"` // Unix milliseconds
	Body       string         `json:"body"`     // as received, decrypted
}

func newMessage(p *event.Push) Message {
	m := Message{
		Identity: p.Identity(), Channel: p.Channel, AppID: p.AccountAppID(), Event: eventName(p),
		Format: p.Format, ReceivedMS: p.ReceivedAt.UnixMilli(), Body: p.Body,
	}
	if m.AppID == "" {
		m.AppID = p.AppID // of the platform itself
	}
	return m
}

// eventName is what happened, in one word.
func eventName(p *event.Push) string {
	switch {
	case p.Channel == event.Component:
		return p.InfoType
	case p.Event != "":
		return p.Event
	default:
		return p.MsgType
	}
}

// encode writes the message as JSON. It leaves the brackets of XML as they are: escaped, they would
// take six times the room.
func (m Message) encode() (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return "", fmt.Errorf("encode a push for delivery: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
