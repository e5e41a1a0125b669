package payload

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlDocument reads one root element, of any name, that fills the rest of the text but for
// comments and processing instructions. Attributes are skipped: WeChat puts nothing in them.
func (r *reader) xmlDocument() error {
	if err := r.xmlMisc(); err != nil {
		return err
	}
	if r.peek() != '<' {
		return malformed("no root element")
	}
	r.pos++
	name, empty, err := r.xmlOpenTag()
	if err != nil {
		return err
	}
	if !empty {
		if err := r.xmlContent(name, "", 0); err != nil {
			return err
		}
	}
	if err := r.xmlMisc(); err != nil {
		return err
	}
	if r.pos < len(r.src) {
		return malformed("text behind the root element")
	}
	return nil
}

// xmlMisc skips white space, comments and processing instructions around the root element.
func (r *reader) xmlMisc() error {
	for {
		r.skipSpace()
		skipped, err := r.xmlSkipMarkup()
		if !skipped || err != nil {
			return err
		}
	}
}

// xmlSkipMarkup skips one comment or processing instruction.
func (r *reader) xmlSkipMarkup() (bool, error) {
	rest := r.src[r.pos:]
	var closing string
	switch {
	case strings.HasPrefix(rest, "<!--"):
		r.pos += len("<!--")
		closing = "-->"
	case strings.HasPrefix(rest, "<?"):
		r.pos += len("<?")
		closing = "?>"
	default:
		return false, nil
	}
	_, err := r.xmlUntil(closing)
	return true, err
}

// xmlContent reads what an element holds, and its end tag. An element that holds no other is a
// leaf; text between elements is layout.
func (r *reader) xmlContent(name, path string, depth int) error {
	var text pieces
	leaf := true
	for {
		run, err := r.xmlText()
		if err != nil {
			return err
		}
		text.add(run)
		rest := r.src[r.pos:]
		switch {
		case strings.HasPrefix(rest, "</"):
			if leaf && depth > 0 {
				r.leaf(path, text.String())
			}
			return r.xmlEndTag(name)
		case strings.HasPrefix(rest, cdataOpen):
			r.pos += len(cdataOpen)
			section, err := r.xmlUntil("]]>")
			if err != nil {
				return err
			}
			text.add(section)
		case strings.HasPrefix(rest, "<!--"), strings.HasPrefix(rest, "<?"):
			if _, err := r.xmlSkipMarkup(); err != nil {
				return err
			}
		default:
			leaf = false
			if err := r.xmlChild(path, depth+1); err != nil {
				return err
			}
		}
	}
}

const cdataOpen = "<![CDATA["

func (r *reader) xmlChild(path string, depth int) error {
	r.pos++
	name, empty, err := r.xmlOpenTag()
	if err != nil {
		return err
	}
	child, err := r.enter(path, name, depth)
	if err != nil {
		return err
	}
	if empty {
		r.leaf(child, "")
		return nil
	}
	return r.xmlContent(name, child, depth)
}

// xmlOpenTag reads a tag from its name on.
func (r *reader) xmlOpenTag() (name string, empty bool, err error) {
	start := r.pos
	for r.pos < len(r.src) && !isSpace(r.src[r.pos]) && r.src[r.pos] != '>' && r.src[r.pos] != '/' {
		r.pos++
	}
	name = r.src[start:r.pos]
	// "!" would be a document type or an entity declaration: there is none.
	if name == "" || strings.ContainsAny(name, "<!?&\"'=") {
		return "", false, malformed("bad tag")
	}
	for ; r.pos < len(r.src); r.pos++ {
		switch c := r.src[r.pos]; c {
		case '>':
			empty = r.src[r.pos-1] == '/'
			r.pos++
			return name, empty, nil
		case '"', '\'':
			r.pos++
			if _, err := r.xmlUntil(string(c)); err != nil {
				return "", false, err
			}
			r.pos--
		case '<':
			return "", false, malformed("bad tag")
		}
	}
	return "", false, malformed("tag without end")
}

func (r *reader) xmlEndTag(name string) error {
	r.pos += len("</")
	tag, err := r.xmlUntil(">")
	if err != nil {
		return err
	}
	if strings.TrimRight(tag, " \n\r\t") != name {
		return malformed("end tag does not match")
	}
	return nil
}

// xmlText reads text up to the next tag. White space alone is layout.
func (r *reader) xmlText() (string, error) {
	length := strings.IndexByte(r.src[r.pos:], '<')
	if length < 0 {
		return "", malformed("element without end")
	}
	run := r.src[r.pos : r.pos+length]
	r.pos += length
	if strings.Trim(run, " \n\r\t") == "" {
		return "", nil
	}
	return unescapeXML(run)
}

// xmlUntil returns the text up to closing and steps behind it.
func (r *reader) xmlUntil(closing string) (string, error) {
	length := strings.Index(r.src[r.pos:], closing)
	if length < 0 {
		return "", malformed(closing + " is missing")
	}
	text := r.src[r.pos : r.pos+length]
	r.pos += length + len(closing)
	return text, nil
}

// unescapeXML resolves character references and the five entities that XML has by itself.
func unescapeXML(s string) (string, error) {
	amp := strings.IndexByte(s, '&')
	if amp < 0 {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for amp >= 0 {
		out = append(out, s[:amp]...)
		s = s[amp+1:]
		end := strings.IndexByte(s, ';')
		if end < 0 {
			return "", malformed("bad entity")
		}
		char, ok := entity(s[:end])
		if !ok {
			return "", malformed("bad entity")
		}
		out = utf8.AppendRune(out, char)
		s = s[end+1:]
		amp = strings.IndexByte(s, '&')
	}
	return string(append(out, s...)), nil
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, isRef := strings.CutPrefix(name, "#")
	if !isRef {
		return 0, false
	}
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
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
