package wx

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// Int is a number that WeChat sends as a JSON number in one API and as a string in another. An
// empty string and null are 0.
type Int int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *Int) UnmarshalJSON(b []byte) error {
	text := strings.TrimSpace(string(bytes.Trim(b, `"`)))
	if text == "" || text == "null" {
		*n = 0
		return nil
	}
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		*n = Int(v)
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < -1<<53 || f > 1<<53 {
		return errors.New("not a whole number")
	}
	*n = Int(f)
	return nil
}

// Int64 is the number as the type that most code wants.
func (n Int) Int64() int64 { return int64(n) }

// Bool is a flag that WeChat sends as true, 1 or "1". Whatever else it may be is false.
type Bool bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *Bool) UnmarshalJSON(b []byte) error {
	text := string(bytes.Trim(b, `" `))
	*f = text == "true" || text == "1"
	return nil
}

// FuncInfo are the permission sets that an account granted; empty is none, nil is not told. WeChat
// sends them as [{"funcscope_category":{"id":1}},…].
type FuncInfo []int

// UnmarshalJSON implements json.Unmarshaler. Anything but a list tells nothing, nor does a list in which
// no id of a set can be read; what else is no id is left out.
func (f *FuncInfo) UnmarshalJSON(b []byte) error {
	*f = nil
	if kindOf(b) != '[' {
		return nil
	}
	entries := 0
	sets := FuncInfo{}
	each(b, func(_ string, value json.RawMessage) {
		entries++
		var set struct {
			Category ID `json:"funcscope_category"`
		}
		if unmarshal(value, &set) == nil && set.Category.ID > 0 {
			sets = append(sets, int(set.Category.ID))
		}
	})
	if entries == 0 || len(sets) > 0 {
		*f = sets
	}
	return nil
}
