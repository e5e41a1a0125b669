// Package payload reads the text of a push (XML or JSON, told apart by its first character) into
// a flat list of its leaf fields.
//
// WeChat sends the same fields in both forms, spells them in several cases, and sends numbers as
// strings and the other way round. So nothing is decoded into types: a value stays the text it
// was sent as, which also keeps every digit of an id past 2^53.
//
// The reader is meant for text from outside: nesting, number of elements and length of names are
// bounded, and there is no document type and no entity but XML's own five, so that no text can
// grow while it is read.
package payload

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrMalformed is returned for a text that is neither well-formed JSON nor XML, is not valid
// UTF-8, or goes past the bounds of this package.
var ErrMalformed = errors.New("malformed push body")

// Bounds of a text. They are far above anything WeChat sends and keep the work small whatever
// comes: the paths of all leaves together stay below maxElements*maxPath bytes.
const (
	maxDepth    = 32
	maxElements = 20_000
	maxPath     = 512
)

// Format is the form that a text has.
type Format string

// The two forms that WeChat sends.
const (
	XML  Format = "xml"
	JSON Format = "json"
)

// Leaf is a field without fields of its own.
type Leaf struct {
	Path  string // the names from below the root, joined by dots: "ScanCodeInfo.ScanType"
	Value string // the text, with escapes resolved; a JSON number, true and false as written; null is empty
}

// Document is a text that has been read.
type Document struct {
	Format Format
	Text   string
	Leaves []Leaf // in the order of the text; what is repeated (lists) has the same path each time
}

// Parse reads body. The document shares no memory with it.
func Parse(body []byte) (Document, error) {
	if !utf8.Valid(body) {
		return Document{}, malformed("not valid UTF-8")
	}
	doc := Document{Text: string(body)}
	r := reader{src: strings.TrimPrefix(doc.Text, "\ufeff")}
	r.skipSpace()
	var err error
	switch r.peek() {
	case '<':
		doc.Format, err = XML, r.xmlDocument()
	case '{':
		doc.Format, err = JSON, r.jsonDocument()
	default:
		err = malformed("neither XML nor a JSON object")
	}
	if err != nil {
		return Document{}, err
	}
	doc.Leaves = r.leaves
	return doc, nil
}

// Get returns the value at path, the first one where it is repeated, or "". A path in another
// case is taken only when none is written exactly so: one push can hold both AppId and appid.
func (d Document) Get(path string) string {
	folded := -1
	for i := range d.Leaves {
		if d.Leaves[i].Path == path {
			return d.Leaves[i].Value
		}
		if folded < 0 && strings.EqualFold(d.Leaves[i].Path, path) {
			folded = i
		}
	}
	if folded < 0 {
		return ""
	}
	return d.Leaves[folded].Value
}

// reader walks through src and gathers leaves.
type reader struct {
	src      string
	pos      int
	elements int
	leaves   []Leaf
}

// enter counts an element below path at a depth and returns its own path.
func (r *reader) enter(path, name string, depth int) (string, error) {
	r.elements++
	if r.elements > maxElements {
		return "", malformed("too many elements")
	}
	if depth > maxDepth {
		return "", malformed("nested too deeply")
	}
	if len(path)+len(name) >= maxPath {
		return "", malformed("names too long")
	}
	if path == "" {
		return name, nil
	}
	return path + "." + name, nil
}

func (r *reader) leaf(path, value string) {
	if r.leaves == nil {
		r.leaves = make([]Leaf, 0, 16)
	}
	r.leaves = append(r.leaves, Leaf{Path: path, Value: value})
}

// peek returns the character at the reading position, 0 at the end.
func (r *reader) peek() byte {
	if r.pos < len(r.src) {
		return r.src[r.pos]
	}
	return 0
}

func (r *reader) skipSpace() {
	for r.pos < len(r.src) && isSpace(r.src[r.pos]) {
		r.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func malformed(why string) error { return fmt.Errorf("%w: %s", ErrMalformed, why) }
