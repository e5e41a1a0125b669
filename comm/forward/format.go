package forward

import (
	"wxcomponent/comm/payload"
	"wxcomponent/comm/wx/event"
)

// Format is the form in which a target gets bodies.
type Format string

// The forms.
const (
	Raw    Format = "raw"  // as WeChat sent it, byte for byte
	AsJSON Format = "json" // an object of JSON, whatever WeChat sent
)

// bodyFor is the body that a target gets and its form.
func (t *Target) bodyFor(m *Message) (string, payload.Format) {
	if t.Format == AsJSON {
		return event.JSON(m.Body, t.Lists), payload.JSON
	}
	return m.Body, m.Format
}
