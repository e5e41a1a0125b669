package wx

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// unmarshal reads an object of WeChat's into res as far as it goes: a member whose value cannot be
// what res wants stays as it is and takes none of the others with it. Members that res does not name
// are left out; letter case does not matter where there is no exact match.
func unmarshal(raw []byte, res any) error {
	raw = repair(raw)
	if !json.Valid(raw) {
		return json.Unmarshal(raw, new(any)) // tells what is wrong with it
	}
	if kindOf(raw) != '{' {
		return errors.New("not an object")
	}
	assign(raw, reflect.ValueOf(res).Elem())
	return nil
}

// kindOf is the first character of a value: it tells what kind of value it is.
func kindOf(raw []byte) byte {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return 0
	}
	return raw[0]
}

// repair makes JSON of what WeChat sends in its place: a byte order mark is dropped, control characters
// and backslashes that stand bare in a text are escaped, and bytes that are not UTF-8 become U+FFFD.
func repair(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if utf8.Valid(raw) && json.Valid(raw) {
		return raw
	}
	raw = bytes.ToValidUTF8(raw, []byte(string(utf8.RuneError)))
	fixed := make([]byte, 0, len(raw)+len(raw)/8)
	inText := false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case inText && c == '\\' && escapes(raw[i:]):
			fixed = append(fixed, c, raw[i+1])
			i++
			continue
		case inText && c == '\\':
			fixed = append(fixed, '\\')
		case inText && c < ' ':
			fixed = fmt.Appendf(fixed, `\u%04x`, c)
			continue
		case c < ' ':
			c = ' '
		case c == '"':
			inText = !inText
		}
		fixed = append(fixed, c)
	}
	return fixed
}

// escapes tells whether a text's backslash begins an escape sequence of JSON's.
func escapes(rest []byte) bool {
	if len(rest) < 2 {
		return false
	}
	if rest[1] != 'u' {
		return strings.IndexByte(`"\/bfnrt`, rest[1]) >= 0
	}
	const digits = "0123456789abcdefABCDEF"
	return len(rest) >= 6 && len(bytes.Trim(rest[2:6], digits)) == 0
}

// assign puts a value into v, and reports whether it could be done; v is not touched where it could
// not. What is to be told from "not there" has a pointer, which stays nil.
func assign(raw []byte, v reflect.Value) bool {
	if bytes.Equal(raw, []byte("null")) {
		return false
	}
	if own, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return assignOwn(raw, v, own)
	}
	switch v.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		if fresh.Elem().Kind() != reflect.String && blank(raw) || !assign(raw, fresh.Elem()) {
			return false
		}
		v.Set(fresh)
		return true
	case reflect.Struct:
		return assignMembers(raw, v)
	case reflect.Slice:
		return assignList(raw, v)
	case reflect.String:
		return assignText(raw, v)
	case reflect.Bool:
		var flag Bool
		_ = flag.UnmarshalJSON(raw) // takes anything
		v.SetBool(bool(flag))
		return true
	default:
		return json.Unmarshal(raw, v.Addr().Interface()) == nil
	}
}

// blank tells whether a text says that there is nothing.
func blank(raw []byte) bool {
	text := bytes.TrimSpace(bytes.Trim(raw, `"`))
	return len(text) == 0 || bytes.Equal(text, []byte("null"))
}

// assignOwn leaves the reading to the type itself.
func assignOwn(raw []byte, v reflect.Value, own json.Unmarshaler) bool {
	before := reflect.New(v.Type()).Elem()
	before.Set(v)
	if own.UnmarshalJSON(raw) != nil {
		v.Set(before)
		return false
	}
	return true
}

func assignMembers(raw []byte, v reflect.Value) bool {
	if kindOf(raw) != '{' {
		return false
	}
	each(raw, func(name string, value json.RawMessage) {
		if field, ok := fieldNamed(v, name); ok {
			assign(value, field)
		}
	})
	return true
}

// each calls do for the members of an object, or the elements of a list, which have no name.
func each(raw []byte, do func(name string, value json.RawMessage)) {
	d := json.NewDecoder(bytes.NewReader(raw))
	open, err := d.Token()
	for err == nil && d.More() {
		var name string
		if open == json.Delim('{') {
			var key json.Token
			if key, err = d.Token(); err != nil {
				return
			}
			name, _ = key.(string)
		}
		var value json.RawMessage
		if err = d.Decode(&value); err == nil {
			do(name, value)
		}
	}
}

// fieldNamed finds the field that a member belongs to.
func fieldNamed(v reflect.Value, name string) (field reflect.Value, ok bool) {
	for f, value := range v.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "" || tag == "-":
		case tag == name:
			return value, true
		case strings.EqualFold(tag, name):
			field, ok = value, true
		}
	}
	return field, ok
}

// assignList reads a list. An element that cannot be read is empty, so that nobody takes the list for
// a shorter one; a value in place of the list is a list of one.
func assignList(raw []byte, v reflect.Value) bool {
	if blank(raw) {
		return false
	}
	elements := []json.RawMessage{raw}
	if kindOf(raw) == '[' {
		elements = elements[:0]
		each(raw, func(_ string, value json.RawMessage) { elements = append(elements, value) })
	}
	list := reflect.MakeSlice(v.Type(), len(elements), len(elements))
	for i, element := range elements {
		assign(element, list.Index(i))
	}
	v.Set(list)
	return true
}

// assignText reads a text; a number or flag is the text that it is written as.
func assignText(raw []byte, v reflect.Value) bool {
	var s string
	switch kindOf(raw) {
	case '{', '[':
		return false
	case '"':
		if json.Unmarshal(raw, &s) != nil {
			return false
		}
	default:
		s = string(raw)
	}
	v.SetString(s)
	return true
}
