package payload

import (
	"encoding/json"
	"strings"
)

// jsonDocument reads an object that fills the rest of the text. The syntax is checked by
// encoding/json in one pass, so that the walk behind it may trust every character.
func (r *reader) jsonDocument() error {
	if !json.Valid([]byte(r.src)) {
		return malformed("not JSON")
	}
	return r.jsonValue("", 0)
}

// jsonValue reads the value of path. The elements of a list have the list's path.
func (r *reader) jsonValue(path string, depth int) error {
	r.skipSpace()
	switch r.peek() {
	case '{':
		return r.jsonMembers(path, depth)
	case '[':
		return r.jsonElements(path, depth)
	case '"':
		r.leaf(path, r.jsonString())
		return nil
	}
	r.leaf(path, r.jsonLiteral())
	return nil
}

func (r *reader) jsonMembers(path string, depth int) error {
	for r.jsonNext('}') {
		name := r.jsonString()
		r.skipSpace()
		r.pos++ // the colon
		member, err := r.enter(path, name, depth+1)
		if err != nil {
			return err
		}
		if err := r.jsonValue(member, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) jsonElements(path string, depth int) error {
	for r.jsonNext(']') {
		if _, err := r.enter(path, "", depth+1); err != nil {
			return err
		}
		if err := r.jsonValue(path, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// jsonNext steps over the bracket that opens a list or object, or the comma behind a value, to
// the next value, and reports whether there is one; the closing bracket is stepped over.
func (r *reader) jsonNext(closing byte) bool {
	r.skipSpace()
	if r.peek() != closing {
		r.pos++
		r.skipSpace()
	}
	if r.peek() == closing {
		r.pos++
		return false
	}
	return true
}

// jsonString reads a string; most have no escape and are taken as they stand.
func (r *reader) jsonString() string {
	start := r.pos
	escaped := false
	for r.pos++; r.src[r.pos] != '"'; r.pos++ {
		if r.src[r.pos] == '\\' {
			escaped = true
			r.pos++
		}
	}
	r.pos++
	quoted := r.src[start:r.pos]
	if !escaped {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	// Cannot fail: the text has been checked to be JSON.
	_ = json.Unmarshal([]byte(quoted), &s)
	return s
}

// jsonLiteral reads a number, true, false or null as written; null is "no value".
func (r *reader) jsonLiteral() string {
	rest := r.src[r.pos:]
	if end := strings.IndexAny(rest, ",]} \n\r\t"); end >= 0 {
		rest = rest[:end]
	}
	r.pos += len(rest)
	if rest == "null" {
		return ""
	}
	return rest
}
