package dao

import (
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"
)

// narrowBytes is how much of a body a column of type TEXT holds.
const narrowBytes = 65535

// cut makes s fit a column of n characters.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// basic replaces the characters that MySQL's three-byte utf8 does not have, such as emoji.
func basic(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return utf8.RuneError
		}
		return r
	}, s)
}

// narrow makes s fit a three-byte utf8 column of n characters.
func narrow(s string, n int) string {
	if len(s) <= n && isBasic(s) {
		return s
	}
	return basic(cut(s, n))
}

// ascii makes s fit a column of ASCII that it is compared with: what a server cannot turn into the column's
// characters is an error to it, and is nothing that the column could hold.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '\x7f'
		}
		return r
	}, s)
}

// isBasic tells whether s is text of which basic replaces nothing.
func isBasic(s string) bool {
	for i := range len(s) {
		if s[i] >= 0xF0 { // begins a character of four bytes, or none
			return false
		}
	}
	return utf8.ValidString(s)
}

// A whole body that is not written as it is begins with a mark. No text that WeChat sends begins with a
// character for private use.
const (
	mark       = "\uE000"
	bytesMark  = mark + "bytes:"  // it is no text; what follows are its bytes, as base64
	sealedMark = mark + "sealed:" // a part of it must not be read in the table; what follows is sealed
)

// masked stands for what must not be read.
const masked = "***"

// onlyPostBody is the condition that a row has no whole body that can be read.
const onlyPostBody = "p.fullbody IS NULL OR p.fullbody LIKE '" + mark + "%'"

// sealedBodies is bodies for one that has secrets: they can be read in neither column.
func (s *Store) sealedBodies(body string, secrets []string) (post string, full *string, err error) {
	sealed, err := s.seal(body, bodyAAD)
	if err != nil {
		return "", nil, err
	}
	shown := body
	for _, secret := range secrets {
		if !strings.Contains(shown, secret) { // it is written with references or escapes
			shown = ""
		}
		shown = strings.ReplaceAll(shown, secret, masked)
	}
	post, _ = bodies(shown)
	whole := sealedMark + sealed
	return post, &whole, nil
}

const bodyAAD = "wxcallback_component.fullbody"

// bodies splits a body for tables that the template made: post fits a TEXT column of three-byte
// utf8, full is the whole body when that is something else.
func bodies(body string) (post string, full *string) {
	if len(body) <= narrowBytes && isBasic(body) && !strings.ContainsRune(body, 0) {
		return body, nil
	}
	whole := body
	if !utf8.ValidString(body) || strings.ContainsRune(body, 0) || strings.HasPrefix(body, mark) {
		whole = bytesMark + base64.StdEncoding.EncodeToString([]byte(body))
		body = strings.ReplaceAll(strings.ToValidUTF8(body, "\uFFFD"), "\x00", "\uFFFD")
	}
	post = basic(body)
	if len(post) > narrowBytes {
		end := narrowBytes
		for !utf8.RuneStart(post[end]) {
			end--
		}
		post = post[:end]
	}
	if post != whole {
		full = &whole
	}
	return post, full
}

// wholeBody turns what a row holds of a whole body into the body.
func (s *Store) wholeBody(stored string) string {
	if sealed, is := strings.CutPrefix(stored, sealedMark); is {
		body, err := s.open(sealed, bodyAAD)
		if err != nil {
			return "" // of another key, or without one
		}
		return body
	}
	encoded, marked := strings.CutPrefix(stored, bytesMark)
	if !marked {
		return stored
	}
	body, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return stored // cut, or not ours
	}
	return string(body)
}

// seconds makes t fit a TIMESTAMP column: whole seconds, UTC, within the years that MySQL knows.
func seconds(t time.Time) time.Time {
	first, last := time.Unix(1, 0), time.Unix(1<<31-1, 0)
	switch {
	case t.Before(first):
		t = first
	case t.After(last):
		t = last
	}
	return t.UTC().Truncate(time.Second)
}

// likePattern matches columns that contain s, with '!' as the escape character.
func likePattern(s string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) + "%"
}

func timeAt(unix int64) time.Time { return time.Unix(unix, 0).UTC() }
