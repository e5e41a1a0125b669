package payload

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	cdataOpen  = "<![CDATA["
	cdataClose = "]]>"
	// maxRetries is how many values are looked at again because they hold what seemed to end them.
	maxRetries = 16
)

// xmlDocument reads one root element, of any name, that fills the rest of the text but for
// comments and processing instructions. Attributes are skipped: WeChat puts nothing in them.
func (r *reader) xmlDocument() {
	if !r.xmlMisc() {
		return
	}
	if !r.xmlTagAhead() {
		r.fail("no root element")
		return
	}
	r.pos++
	name, empty, ok := r.xmlOpenTag()
	if !ok {
		return
	}
	if !empty && !r.xmlContent(&element{}, name) {
		return
	}
	if r.xmlMisc() && r.pos < len(r.src) {
		r.fail("text behind the root element")
	}
}

// xmlMisc skips white space, comments and processing instructions around the root element.
func (r *reader) xmlMisc() bool {
	for {
		r.skipSpace()
		if !r.xmlMarkupAhead() {
			return true
		}
		if !r.xmlSkipMarkup() {
			return false
		}
	}
}

// xmlMarkupAhead tells whether a comment or processing instruction comes next.
func (r *reader) xmlMarkupAhead() bool {
	rest := r.src[r.pos:]
	return strings.HasPrefix(rest, "<!--") || strings.HasPrefix(rest, "<?")
}

func (r *reader) xmlSkipMarkup() bool {
	closing := "-->"
	if r.src[r.pos+1] == '?' {
		closing = "?>"
	}
	_, ok := r.xmlUntil(closing)
	return ok
}

// xmlTagAhead tells whether the bracket that comes next opens a tag. One before anything that no name
// begins with is text that was not escaped.
func (r *reader) xmlTagAhead() bool {
	if r.pos+1 >= len(r.src) || r.src[r.pos] != '<' {
		return false
	}
	c := r.src[r.pos+1]
	return c == '_' || c == ':' || c == '/' || c == '!' || c >= utf8.RuneSelf || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// xmlContent reads what an element holds, and its end tag. An element that holds no other has a value;
// text between elements is layout.
//
// Where a user typed what ends a CDATA section, WeChat sends it as it is, and the rest of his text
// looks like markup. An element that cannot be read for that reason has the whole text up to its own end.
func (r *reader) xmlContent(e *element, name string) bool {
	begin := mark{len(r.fields), r.tree.mark()}
	var parts pieces
	section := -1 // where the text of the first CDATA section begins
	if r.xmlParts(e, name, &parts, &section) {
		return true
	}
	if section < 0 || e.depth == 0 || r.retries >= maxRetries {
		return false
	}
	closing := cdataClose + "</" + name + ">"
	length := strings.Index(r.src[section:], closing)
	if length < 0 {
		return false
	}
	r.retries++
	r.defect, r.fields = "", r.fields[:begin.fields]
	r.tree.reset(begin.tree)
	value := r.src[section : section+length]
	r.pos = section + length + len(closing)
	r.field(e, value)
	r.tree.leaf(name, value, text)
	return true
}

// mark is a place to go back to.
type mark struct {
	fields int
	tree   treeMark
}

func (r *reader) xmlParts(e *element, name string, parts *pieces, section *int) bool {
	leaf := true
	for {
		run, ok := r.xmlText()
		if !ok {
			return false
		}
		parts.add(run)
		rest := r.src[r.pos:]
		switch {
		case strings.HasPrefix(rest, "</"):
			if !r.xmlEndTag(name) {
				return false
			}
			r.xmlEnd(e, name, leaf, parts, *section >= 0)
			return true
		case strings.HasPrefix(rest, cdataOpen):
			r.pos += len(cdataOpen)
			if *section < 0 {
				*section = r.pos
			}
			part, ok := r.xmlUntil(cdataClose)
			if !ok {
				return false
			}
			parts.add(part)
		case r.xmlMarkupAhead():
			if !r.xmlSkipMarkup() {
				return false
			}
		default:
			if leaf {
				leaf = false
				r.tree.open(name, object)
			}
			if !r.xmlChild(e) {
				return false
			}
		}
	}
}

// xmlEnd is called behind the end tag of an element.
func (r *reader) xmlEnd(e *element, name string, leaf bool, parts *pieces, cdata bool) {
	if !leaf {
		r.tree.close()
		return
	}
	value := parts.String()
	if e.depth > 0 {
		r.field(e, value)
	}
	if !cdata {
		value = strings.TrimSpace(value)
	}
	r.tree.leaf(name, value, text)
}

func (r *reader) xmlChild(e *element) bool {
	r.pos++
	name, empty, ok := r.xmlOpenTag()
	if !ok {
		return false
	}
	child, ok := r.child(e, name)
	if !ok {
		return false
	}
	if empty {
		r.field(&child, "")
		r.tree.leaf(name, "", text)
		return true
	}
	return r.xmlContent(&child, name)
}

// xmlOpenTag reads a tag from its name on.
func (r *reader) xmlOpenTag() (name string, empty, ok bool) {
	start := r.pos
	for r.pos < len(r.src) && !isSpace(r.src[r.pos]) && r.src[r.pos] != '>' && r.src[r.pos] != '/' {
		r.pos++
	}
	name = r.src[start:r.pos]
	if strings.HasPrefix(name, "!") {
		return "", false, r.fail("a document type")
	}
	if name == "" || strings.ContainsAny(name, "<?&\"'=") {
		return "", false, r.fail("a bad tag")
	}
	for ; r.pos < len(r.src); r.pos++ {
		switch c := r.src[r.pos]; c {
		case '>':
			empty = r.src[r.pos-1] == '/'
			r.pos++
			return name, empty, true
		case '"', '\'':
			r.pos++
			if _, ok := r.xmlUntil(string(c)); !ok {
				return "", false, false
			}
			r.pos--
		case '<':
			return "", false, r.fail("a bad tag")
		}
	}
	return "", false, r.fail("a tag has no end")
}

func (r *reader) xmlEndTag(name string) bool {
	r.pos += len("</")
	tag, ok := r.xmlUntil(">")
	if ok && strings.TrimRight(tag, " \n\r\t") != name {
		return r.fail("an end tag does not match")
	}
	return ok
}

// xmlText reads text up to the next tag. White space alone is layout.
func (r *reader) xmlText() (string, bool) {
	start := r.pos
	for {
		length := strings.IndexByte(r.src[r.pos:], '<')
		if length < 0 {
			return "", r.fail("an element has no end")
		}
		r.pos += length
		if r.xmlTagAhead() || r.xmlMarkupAhead() {
			break
		}
		r.pos++
	}
	run := r.src[start:r.pos]
	if strings.Trim(run, " \n\r\t") == "" {
		return "", true
	}
	return unescapeXML(run), true
}

// xmlUntil returns the text up to closing and steps behind it.
func (r *reader) xmlUntil(closing string) (string, bool) {
	length := strings.Index(r.src[r.pos:], closing)
	if length < 0 {
		return "", r.fail(closing + " is missing")
	}
	run := r.src[r.pos : r.pos+length]
	r.pos += length + len(closing)
	return run, true
}

// unescapeXML resolves character references and the five entities that XML has by itself. Any other
// ampersand stands for itself.
func unescapeXML(s string) string {
	amp := strings.IndexByte(s, '&')
	if amp < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for amp >= 0 {
		out = append(out, s[:amp]...)
		s = s[amp:]
		char, length := entity(s)
		if length == 0 {
			char, length = '&', 1
		}
		out = utf8.AppendRune(out, char)
		s = s[length:]
		amp = strings.IndexByte(s, '&')
	}
	return string(append(out, s...))
}

// maxEntity is the length of the longest reference that means something, with leading zeros.
const maxEntity = 16

// entity reads the reference that s begins with and returns how long it is, 0 when it is none.
func entity(s string) (char rune, length int) {
	end := strings.IndexByte(s[:min(len(s), maxEntity)], ';')
	if end < 0 {
		return 0, 0
	}
	name, length := s[1:end], end+1
	switch name {
	case "lt":
		return '<', length
	case "gt":
		return '>', length
	case "amp":
		return '&', length
	case "quot":
		return '"', length
	case "apos":
		return '\'', length
	}
	digits, isRef := strings.CutPrefix(name, "#")
	if !isRef {
		return 0, 0
	}
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), length
}

// pieces joins the runs of text of one element; nearly always there is one, which costs nothing.
type pieces struct {
	first string
	all   []byte
}

func (p *pieces) add(s string) {
	switch {
	case s == "":
	case p.all != nil:
		p.all = append(p.all, s...)
	case p.first == "":
		p.first = s
	default:
		p.all = append([]byte(p.first), s...)
	}
}

func (p *pieces) String() string {
	if p.all != nil {
		return string(p.all)
	}
	return p.first
}
