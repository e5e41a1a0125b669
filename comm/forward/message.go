package forward

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"

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

// encoder writes messages as JSON. It leaves the brackets of XML as they are: escaped, they would take
// six times the room. The zero value is ready for use.
type encoder struct{ free sync.Pool } // of *encoding

// encoding keeps the memory of one message for the next.
type encoding struct {
	text bytes.Buffer
	json *json.Encoder
}

const keptText = 64 << 10 // of a longer message the memory is not worth keeping

func (e *encoder) encode(m *Message) (string, error) {
	to, _ := e.free.Get().(*encoding)
	if to == nil {
		to = &encoding{}
		to.json = json.NewEncoder(&to.text)
		to.json.SetEscapeHTML(false)
	}
	to.text.Reset()
	if err := to.json.Encode(m); err != nil {
		return "", fmt.Errorf("encode a push for delivery: %w", err)
	}
	text := string(bytes.TrimSuffix(to.text.Bytes(), []byte("\n")))
	if to.text.Cap() <= keptText {
		e.free.Put(to)
	}
	return text, nil
}
