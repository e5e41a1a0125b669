package dao

import (
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

// isBasic tells whether s is text of which basic replaces nothing.
func isBasic(s string) bool {
	for i := range len(s) {
		if s[i] >= 0xF0 { // begins a character of four bytes, or none
			return false
		}
	}
	return utf8.ValidString(s)
}

// bodies splits a body for tables that the template made: post fits a TEXT column of three-byte
// utf8, full is the whole body when that is something else.
func bodies(body string) (post string, full *string) {
	if len(body) <= narrowBytes && isBasic(body) {
		return body, nil
	}
	body = strings.ToValidUTF8(body, "\uFFFD")
	post = basic(body)
	if len(post) > narrowBytes {
		end := narrowBytes
		for !utf8.RuneStart(post[end]) {
			end--
		}
		post = post[:end]
	}
	if post != body {
		full = &body
	}
	return post, full
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
