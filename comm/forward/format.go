package forward

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"wxcomponent/comm/payload"
)

// Format is the form in which a target gets bodies.
type Format string

// The forms.
const (
	Raw    Format = "raw"  // as WeChat sent it
	AsJSON Format = "json" // XML is turned into JSON
)

// safeDigits is how many digits every integer of JavaScript can have.
const safeDigits = 15

// bodyFor is the body that a target gets and its form.
func (t *Target) bodyFor(m *Message) (string, payload.Format) {
	if t.Format != AsJSON {
		return m.Body, m.Format
	}
	convert := jsonOfXML
	if m.Format == payload.JSON {
		convert = safeJSON
	}
	if body, err := convert(m.Body); err == nil {
		return body, payload.JSON
	}
	return m.Body, m.Format // better as it is than not at all
}

// jsonOfXML turns the children of the root into members, in their order:
//
//   - an element with elements inside becomes an object, one that is repeated a list of all of them;
//   - a text becomes a string; one that is a whole number of up to 15 digits and was not written as
//     CDATA becomes a number, except where the name ends in "id": ids stay strings, whatever their
//     length;
//   - an empty element becomes "".
func jsonOfXML(text string) (string, error) {
	dec := xml.NewDecoder(strings.NewReader(text))
	dec.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	for {
		tok, err := dec.Token()
		if err != nil {
			return "", fmt.Errorf("read the body: %w", err)
		}
		if start, ok := tok.(xml.StartElement); ok {
			root, err := readNode(dec, text, start.Name.Local)
			if err != nil {
				return "", fmt.Errorf("read the body: %w", err)
			}
			if len(root.children) == 0 {
				return "{}", nil
			}
			var b bytes.Buffer
			root.write(&b)
			return b.String(), nil
		}
	}
}

// node is an element of XML.
type node struct {
	name     string
	text     strings.Builder
	quoted   bool // some of the text was CDATA
	children []*node
}

func readNode(dec *xml.Decoder, source, name string) (*node, error) {
	n := &node{name: name}
	for {
		begin := dec.InputOffset()
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			child, err := readNode(dec, source, tok.Name.Local)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, child)
		case xml.CharData:
			cdata := strings.HasPrefix(source[begin:], "<![CDATA[")
			n.quoted = n.quoted || cdata
			if cdata || len(bytes.TrimSpace(tok)) > 0 {
				n.text.Write(tok)
			}
		case xml.EndElement:
			return n, nil
		}
	}
}

func (n *node) write(b *bytes.Buffer) {
	if len(n.children) == 0 {
		n.writeText(b)
		return
	}
	var names []string
	byName := make(map[string][]*node)
	for _, child := range n.children {
		if byName[child.name] == nil {
			names = append(names, child.name)
		}
		byName[child.name] = append(byName[child.name], child)
	}
	b.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			b.WriteByte(',')
		}
		writeString(b, name)
		b.WriteByte(':')
		writeAll(b, byName[name])
	}
	b.WriteByte('}')
}

// writeAll writes one element, or the list of several of the same name.
func writeAll(b *bytes.Buffer, same []*node) {
	if len(same) == 1 {
		same[0].write(b)
		return
	}
	b.WriteByte('[')
	for i, c := range same {
		if i > 0 {
			b.WriteByte(',')
		}
		c.write(b)
	}
	b.WriteByte(']')
}

func (n *node) writeText(b *bytes.Buffer) {
	text := n.text.String()
	if !n.quoted {
		text = strings.TrimSpace(text)
	}
	if !n.quoted && isSafeInteger(text) && !strings.HasSuffix(strings.ToLower(n.name), "id") {
		b.WriteString(text)
		return
	}
	writeString(b, text)
}

func isSafeInteger(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > safeDigits || len(digits) > 1 && digits[0] == '0' || s == "-0" {
		return false
	}
	return strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func writeString(b *bytes.Buffer, s string) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always can be
	b.Truncate(b.Len() - 1)
}

// safeJSON writes whole numbers of more than 15 digits as strings, and leaves all else as it is.
func safeJSON(text string) (string, error) {
	if !json.Valid([]byte(text)) {
		return "", errors.New("not JSON")
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		end := i + 1
		switch c := text[i]; {
		case c == '"':
			end = endOfString(text, i)
			b.WriteString(text[i:end])
		case c == '-' || c >= '0' && c <= '9':
			end = i + len(text[i:]) - len(strings.TrimLeft(text[i:], "+-.0123456789eE"))
			b.WriteString(safeNumber(text[i:end]))
		default:
			b.WriteByte(c)
		}
		i = end
	}
	return b.String(), nil
}

func endOfString(text string, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func safeNumber(number string) string {
	if len(strings.TrimPrefix(number, "-")) <= safeDigits || strings.ContainsAny(number, ".eE") {
		return number
	}
	return `"` + number + `"`
}
