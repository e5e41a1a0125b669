package payload

import (
	"bytes"
	"encoding/json"
	"strings"
)

// safeDigits is how many digits every integer of JavaScript can have.
const safeDigits = 15

// Typing says how texts become JSON. A nil function says no.
type Typing struct {
	// Number tells whether the field at a path is a number; it becomes one where its text is a whole
	// number of at most 15 digits, which every reader keeps.
	Number func(path string) bool
	// List tells whether the element at a path is a list even when there is one entry.
	List func(path string) bool
}

// JSON writes the document as an object of JSON, always a valid one, with as much of it as could be
// read. Of XML the children of the root become the members, in their order: an element with elements
// inside becomes an object, one that is repeated a list of all of them, an empty one "", and any other a
// string, except for numbers as said by t. Of JSON everything stays what it was, but for numbers of
// more than 15 digits, which become strings. A text of which nothing can be read is the one member "raw".
func (d Document) JSON(t Typing) string {
	r := reader{src: source(d.Text), tree: &tree{}}
	if format := r.document(); d.Format == "" || format == "" {
		var b bytes.Buffer
		b.WriteString(`{"raw":`)
		writeString(&b, r.src)
		b.WriteByte('}')
		return b.String()
	}
	root := &node{}
	if len(r.tree.top.children) > 0 {
		root = r.tree.top.children[0]
	}
	w := jsonWriter{typing: t}
	w.object(root, "")
	return w.out.String()
}

// node is an element of a text.
type node struct {
	kind     kind
	name     string
	value    string
	children []*node
}

type kind int

const (
	text    kind = iota
	literal      // of JSON, written without quotes
	object
	list
)

// tree gathers nodes as the reader comes by. A nil tree gathers none.
type tree struct {
	top  node
	path []*node // those that are open
}

func (t *tree) last() *node {
	if len(t.path) == 0 {
		return &t.top
	}
	return t.path[len(t.path)-1]
}

func (t *tree) add(n *node) {
	in := t.last()
	in.children = append(in.children, n)
}

func (t *tree) open(name string, k kind) {
	if t == nil {
		return
	}
	n := &node{kind: k, name: name}
	t.add(n)
	t.path = append(t.path, n)
}

func (t *tree) close() {
	if t != nil {
		t.path = t.path[:len(t.path)-1]
	}
}

func (t *tree) leaf(name, value string, k kind) {
	if t != nil {
		t.add(&node{kind: k, name: name, value: value})
	}
}

// treeMark is a place in a tree to go back to.
type treeMark struct{ open, children int }

func (t *tree) mark() treeMark {
	if t == nil {
		return treeMark{}
	}
	return treeMark{len(t.path), len(t.last().children)}
}

func (t *tree) reset(m treeMark) {
	if t == nil {
		return
	}
	t.path = t.path[:m.open]
	in := t.last()
	in.children = in.children[:m.children]
}

// jsonWriter writes nodes.
type jsonWriter struct {
	out    bytes.Buffer
	typing Typing
}

func (w *jsonWriter) node(n *node, path string) {
	switch n.kind {
	case list:
		w.list(n.children, path)
	case object:
		w.object(n, path)
	default:
		w.leaf(n, path)
	}
}

func (w *jsonWriter) list(entries []*node, path string) {
	w.out.WriteByte('[')
	for i, entry := range entries {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.node(entry, path)
	}
	w.out.WriteByte(']')
}

// object writes the children by name, in the order in which the names come first.
func (w *jsonWriter) object(n *node, path string) {
	var names []string
	byName := make(map[string][]*node, len(n.children))
	for _, child := range n.children {
		if byName[child.name] == nil {
			names = append(names, child.name)
		}
		byName[child.name] = append(byName[child.name], child)
	}
	w.out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			w.out.WriteByte(',')
		}
		writeString(&w.out, name)
		w.out.WriteByte(':')
		below := name
		if path != "" {
			below = path + "." + name
		}
		same := byName[name]
		if len(same) > 1 || same[0].kind != list && w.typing.List != nil && w.typing.List(below) {
			w.list(same, below)
		} else {
			w.node(same[0], below)
		}
	}
	w.out.WriteByte('}')
}

func (w *jsonWriter) leaf(n *node, path string) {
	asItIs := n.kind == literal && isJSONLiteral(n.value)
	number := n.kind == text && w.typing.Number != nil && isSafeInteger(n.value) && w.typing.Number(path)
	if asItIs || number {
		w.out.WriteString(n.value)
	} else {
		writeString(&w.out, n.value)
	}
}

// isJSONLiteral tells whether s, which stood in JSON without quotes, can be passed on so.
func isJSONLiteral(s string) bool {
	if whole := !strings.ContainsAny(s, ".eE"); whole && len(strings.TrimPrefix(s, "-")) > safeDigits {
		return false
	}
	return json.Valid([]byte(s))
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
