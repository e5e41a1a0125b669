package wx

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// FuncInfo are the permission sets that an account granted. WeChat sends them as
// [{"funcscope_category":{"id":1}},…].
type FuncInfo []int

// UnmarshalJSON implements json.Unmarshaler. Anything but a list means that no set was granted.
func (f *FuncInfo) UnmarshalJSON(b []byte) error {
	*f = nil
	if !bytes.HasPrefix(bytes.TrimSpace(b), []byte("[")) {
		return nil
	}
	var sets []struct {
		Category struct {
			ID Int `json:"id"`
		} `json:"funcscope_category"`
	}
	if err := json.Unmarshal(b, &sets); err != nil {
		return fmt.Errorf("func_info: %w", err)
	}
	for _, s := range sets {
		*f = append(*f, int(s.Category.ID))
	}
	return nil
}

// text is a string that WeChat may also send as a number.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		return json.Unmarshal(b, (*string)(t))
	}
	*t = text(b)
	return nil
}
