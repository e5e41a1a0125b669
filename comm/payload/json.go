package payload

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonDocument reads an object that fills the rest of the text.
func (r *reader) jsonDocument() {
	if !r.jsonValue(&element{}, "") {
		return
	}
	if r.skipSpace(); r.pos < len(r.src) {
		r.fail("text behind the object")
	}
}

// jsonValue reads the value of e, which has a name inside an object.
func (r *reader) jsonValue(e *element, name string) bool {
	r.skipSpace()
	switch r.peek() {
	case '{':
		r.tree.open(name, object)
		ok := r.jsonMembers(e)
		r.tree.close()
		return ok
	case '[':
		r.tree.open(name, list)
		ok := r.jsonEntries(e)
		r.tree.close()
		return ok
	case '"':
		value, ok := r.jsonString()
		if ok {
			r.field(e, value)
			r.tree.leaf(name, value, text)
		}
		return ok
	}
	written := r.jsonLiteral()
	if written == "" {
		return r.fail("a value is missing")
	}
	r.tree.leaf(name, written, literal)
	if written == "null" {
		written = ""
	}
	r.field(e, written)
	return true
}

func (r *reader) jsonMembers(e *element) bool {
	for first := true; r.jsonNext('}', first); first = false {
		if !r.jsonMember(e) {
			return false
		}
	}
	return r.defect == ""
}

func (r *reader) jsonMember(e *element) bool {
	if r.peek() != '"' {
		return r.fail("a name is missing")
	}
	name, ok := r.jsonString()
	if !ok {
		return false
	}
	if r.skipSpace(); r.peek() != ':' {
		return r.fail("a colon is missing")
	}
	r.pos++
	member, ok := r.child(e, name)
	return ok && r.jsonValue(&member, name)
}

func (r *reader) jsonEntries(e *element) bool {
	for index := 0; r.jsonNext(']', index == 0); index++ {
		if !r.jsonEntry(e, index) {
			return false
		}
	}
	return r.defect == ""
}

func (r *reader) jsonEntry(e *element, index int) bool {
	entry, ok := r.entry(e, index)
	return ok && r.jsonValue(&entry, "")
}

// jsonNext steps over the bracket that opens a list or object, or the comma behind a value, to
// the next value, and reports whether there is one; the closing bracket is stepped over.
func (r *reader) jsonNext(closing byte, first bool) bool {
	r.skipSpace()
	switch {
	case first || r.peek() == ',':
		r.pos++
		r.skipSpace()
	case r.peek() != closing:
		return r.fail("a comma or a closing bracket is missing")
	}
	if r.peek() == closing {
		r.pos++
		return false
	}
	return true
}

// jsonString reads a string. Control characters, which JSON wants escaped, stand for themselves.
func (r *reader) jsonString() (string, bool) {
	start := r.pos + 1
	escaped := false
	for i := start; i < len(r.src); i++ {
		switch r.src[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			r.pos = i + 1
			if !escaped {
				return r.src[start:i], true
			}
			return unescapeJSON(r.src[start:i]), true
		}
	}
	return "", r.fail("a string has no end")
}

// unescapeJSON resolves what JSON escapes; a backslash before anything else stands for itself.
func unescapeJSON(s string) string {
	out := make([]byte, 0, len(s))
	for {
		slash := strings.IndexByte(s, '\\')
		if slash < 0 || slash+1 == len(s) {
			return string(append(out, s...))
		}
		out = append(out, s[:slash]...)
		s = s[slash+1:]
		switch c := s[0]; c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			char, length := jsonRune(s)
			if length == 0 {
				out = append(out, '\\', 'u')
				break
			}
			out = utf8.AppendRune(out, char)
			s = s[length-1:]
		default:
			out = append(out, '\\', c)
		}
		s = s[1:]
	}
}

// jsonRune reads "uXXXX", or two of them that make one character, and returns how long that was.
// One half of a pair is no character.
func jsonRune(s string) (char rune, length int) {
	first, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, len("uXXXX")
	}
	if rest, pair := strings.CutPrefix(s[len("uXXXX"):], `\`); pair {
		if second, ok := hex4(rest); ok {
			if char := utf16.DecodeRune(first, second); char != utf8.RuneError {
				return char, len(`uXXXX\uXXXX`)
			}
		}
	}
	return utf8.RuneError, len("uXXXX")
}

func hex4(s string) (rune, bool) {
	if len(s) < len("uXXXX") || s[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:5], 16, 16)
	return rune(n), err == nil
}

// jsonLiteral reads a number, true, false or null as written.
func (r *reader) jsonLiteral() string {
	rest := r.src[r.pos:]
	if end := strings.IndexAny(rest, ",]} \n\r\t"); end >= 0 {
		rest = rest[:end]
	}
	r.pos += len(rest)
	return rest
}
