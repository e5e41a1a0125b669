// Package payload reads the text of a push (XML or JSON, told apart by its first character) into
// a flat list of its fields, and writes it as JSON.
//
// WeChat sends the same fields in both forms, spells them in several cases, and sends numbers as
// strings and the other way round. So nothing is decoded into types: a value stays the text it
// was sent as, which also keeps every digit of an id past 2^53.
//
// WeChat puts what its users type into these texts and does not always escape it. The text of a user
// must not cost a push, so the reader never fails: what is well-formed is read as everybody reads it,
// what is not is read as far as its meaning is plain, and a text that cannot be read to its end says
// why and keeps the fields before that place.
//
// The reader is meant for text from outside: nesting, number of elements and length of names are
// bounded, and there is no document type and no entity but XML's own five, so that no text can
// grow while it is read.
package payload

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a text. They are far above anything WeChat sends and keep the work small whatever
// comes: the paths of all fields together stay below maxElements*maxPath bytes.
const (
	maxDepth    = 32
	maxElements = 20_000
	maxPath     = 512
)

// Format is the form that a text has.
type Format string

// The two forms that WeChat sends. The empty one is a text of which nothing could be read.
const (
	XML  Format = "xml"
	JSON Format = "json"
)

// Field is an element without elements of its own.
type Field struct {
	Path  string // the names from below the root, joined by dots: "ScanCodeInfo.ScanType"
	Value string // the text, with escapes resolved and bytes that are no UTF-8 replaced; null is empty
	// Place tells apart what has the same path: for each name of the path the place among its like,
	// joined by dots, as in "0.1"; "" where all are the first.
	Place string
}

// Document is a text that has been read.
type Document struct {
	Format Format
	Text   string  // as it came
	Fields []Field // in the order of the text
	Defect string  // why the text could not be read to its end; "" where it could
}

// Parse reads body. The document shares no memory with it.
func Parse(body []byte) Document {
	doc := Document{Text: string(body)}
	r := reader{src: source(doc.Text)}
	doc.Format = r.document()
	doc.Fields, doc.Defect = r.fields, r.defect
	if doc.Defect != "" && len(doc.Fields) == 0 {
		doc.Format = ""
	}
	return doc
}

// Get returns the value at path, the first one where it is repeated, or "". A path in another
// case is taken only when none is written exactly so: one push can hold both AppId and appid.
func (d Document) Get(path string) string {
	folded := -1
	for i := range d.Fields {
		if d.Fields[i].Path == path {
			return d.Fields[i].Value
		}
		if folded < 0 && strings.EqualFold(d.Fields[i].Path, path) {
			folded = i
		}
	}
	if folded < 0 {
		return ""
	}
	return d.Fields[folded].Value
}

// All returns the values at path in the order of the text, with the same care about case.
func (d Document) All(path string) []string {
	same := func(s string) bool { return s == path }
	for _, equal := range []func(string) bool{same, func(s string) bool { return strings.EqualFold(s, path) }} {
		var all []string
		for i := range d.Fields {
			if equal(d.Fields[i].Path) {
				all = append(all, d.Fields[i].Value)
			}
		}
		if all != nil {
			return all
		}
	}
	return nil
}

// reader walks through src and gathers fields, and a tree of them where one is wanted.
type reader struct {
	src      string
	pos      int
	elements int
	retries  int // of values that hold what ends them
	fields   []Field
	tree     *tree // nil: fields are enough
	defect   string
}

// source is what is read of a text.
func source(text string) string {
	text = strings.TrimPrefix(text, "\ufeff")
	if utf8.ValidString(text) {
		return text
	}
	return strings.ToValidUTF8(text, "\ufffd")
}

// document reads the whole text.
func (r *reader) document() Format {
	r.skipSpace()
	switch r.peek() {
	case '<':
		r.xmlDocument()
		return XML
	case '{':
		r.jsonDocument()
		return JSON
	}
	r.fail("neither XML nor a JSON object")
	return ""
}

// fail ends the reading; the first reason stays. It returns false, for its callers to return.
func (r *reader) fail(why string) bool {
	if r.defect == "" {
		r.defect = why
	}
	return false
}

// element is one that is being read.
type element struct {
	path  string
	place string
	names int  // in path
	depth int  // elements around it
	item  bool // it is an entry of a list of JSON, and has the path of that
	seen  siblings
}

// enter counts an element inside another. It fails where a bound is passed.
func (r *reader) enter(e *element) bool {
	r.elements++
	switch {
	case r.elements > maxElements:
		return r.fail("too many elements")
	case e.depth >= maxDepth:
		return r.fail("nested too deeply")
	}
	return true
}

// child returns the next element of a name inside e.
func (r *reader) child(e *element, name string) (element, bool) {
	if !r.enter(e) {
		return element{}, false
	}
	if len(e.path)+len(name) >= maxPath {
		return element{}, r.fail("names too long")
	}
	c := element{path: name, names: e.names + 1, depth: e.depth + 1}
	if e.names > 0 {
		c.path = e.path + "." + name
	}
	if index := e.seen.next(name); e.place != "" {
		c.place = e.place + "." + strconv.Itoa(index)
	} else if index > 0 {
		c.place = strings.Repeat("0.", e.names) + strconv.Itoa(index)
	}
	return c, true
}

// entry returns an entry of the list e, which is like another element with the list's name.
func (r *reader) entry(e *element, index int) (element, bool) {
	if !r.enter(e) {
		return element{}, false
	}
	c := element{path: e.path, place: e.place, names: e.names, depth: e.depth + 1, item: true}
	if index == 0 {
		return c, true
	}
	if c.place == "" {
		c.place = strings.Repeat("0.", e.names-1) + "0"
	}
	if e.item { // a list in a list
		c.place += "/" + strconv.Itoa(index)
	} else {
		c.place = c.place[:strings.LastIndexByte(c.place, '.')+1] + strconv.Itoa(index)
	}
	return c, true
}

func (r *reader) field(e *element, value string) {
	if r.fields == nil {
		r.fields = make([]Field, 0, 16)
	}
	r.fields = append(r.fields, Field{Path: e.path, Value: value, Place: e.place})
}

// siblings counts the children of an element by name. Few have many: those names are in a map.
type siblings struct {
	few  [8]sibling
	n    int
	many map[string]int
}

type sibling struct {
	name  string
	count int
}

// next returns how many of the name there were before.
func (s *siblings) next(name string) int {
	for i := range s.n {
		if s.few[i].name == name {
			s.few[i].count++
			return s.few[i].count
		}
	}
	if s.n < len(s.few) {
		s.few[s.n].name = name
		s.n++
		return 0
	}
	if s.many == nil {
		s.many = make(map[string]int)
	}
	before := s.many[name]
	s.many[name]++
	return before
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
