package forward

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"unicode/utf8"

	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
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
	// Bytes are the body in place of Body where it is no text, which JSON cannot hold; only in JSON.
	Bytes []byte `json:"bytes,omitempty"`
	// Sealed is the body in place of Body where it has secrets; only in JSON.
	Sealed string `json:"sealed,omitempty"`

	secret bool // the body has secrets
}

// Sealer encrypts what must not be readable in the database. aad binds a value to its place.
type Sealer interface {
	Seal(plain, aad string) (string, error)
	Open(sealed, aad string) (string, error)
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Message) UnmarshalJSON(text []byte) error {
	type plain Message
	if err := json.Unmarshal(text, (*plain)(m)); err != nil {
		return err
	}
	if m.Bytes != nil {
		m.Body, m.Bytes = string(m.Bytes), nil
	}
	return nil
}

func newMessage(p *event.Push) Message {
	m := Message{
		Identity: p.Identity(), Channel: p.Channel, AppID: p.AccountAppID(), Event: eventName(p),
		Format: p.Format, ReceivedMS: p.ReceivedAt.UnixMilli(), Body: p.Body, secret: len(p.Secrets()) > 0,
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

// codec writes messages as JSON, and reads them. It leaves the brackets of XML as they are: escaped, they
// would take six times the room.
type codec struct {
	sealer Sealer
	free   sync.Pool // of *encoding
}

// encoding keeps the memory of one message for the next.
type encoding struct {
	text bytes.Buffer
	json *json.Encoder
}

const messageAAD = "delivery " // and the identity of the push

const keptText = 64 << 10 // of a longer message the memory is not worth keeping

func (c *codec) encode(m *Message) (string, error) {
	to, _ := c.free.Get().(*encoding)
	if to == nil {
		to = &encoding{}
		to.json = json.NewEncoder(&to.text)
		to.json.SetEscapeHTML(false)
	}
	to.text.Reset()
	switch {
	case m.secret:
		sealed, err := c.sealer.Seal(m.Body, messageAAD+m.Identity)
		if err != nil {
			return "", fmt.Errorf("seal a push for delivery: %w", err)
		}
		hidden := *m
		hidden.Body, hidden.Sealed = "", sealed
		m = &hidden
	case !utf8.ValidString(m.Body):
		binary := *m
		binary.Body, binary.Bytes = "", []byte(m.Body)
		m = &binary
	}
	if err := to.json.Encode(m); err != nil {
		return "", fmt.Errorf("encode a push for delivery: %w", err)
	}
	text := string(bytes.TrimSuffix(to.text.Bytes(), []byte("\n")))
	if to.text.Cap() <= keptText {
		c.free.Put(to)
	}
	return text, nil
}

func (c *codec) decode(text string) (m Message, err error) {
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return m, fmt.Errorf("read the push of a delivery: %w", err)
	}
	if m.Sealed == "" {
		return m, nil
	}
	if m.Body, err = c.sealer.Open(m.Sealed, messageAAD+m.Identity); err != nil {
		return m, fmt.Errorf("open the push of a delivery: %w", err)
	}
	m.Sealed, m.secret = "", true
	return m, nil
}
