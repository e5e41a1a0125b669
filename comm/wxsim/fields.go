package wxsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Field is one element of a push. Its value is a string, a number, Fields for a nested element, or
// []Fields for one that repeats.
type Field struct {
	Name  string
	Value any
}

// Fields are the elements of a push in the order in which WeChat writes them.
type Fields []Field

// with returns the fields with those of more put in place, or behind them by name.
func (f Fields) with(more map[string]any) Fields {
	out := slices.Clone(f)
	for _, name := range slices.Sorted(maps.Keys(more)) {
		v := fromJSON(more[name])
		if i := slices.IndexFunc(out, func(x Field) bool { return x.Name == name }); i >= 0 {
			out[i].Value = v
			continue
		}
		out = append(out, Field{name, v})
	}
	return out
}

// asMap returns the fields by name.
func (f Fields) asMap() map[string]any {
	m := make(map[string]any, len(f))
	for _, x := range f {
		m[x.Name] = x.Value
	}
	return m
}

// fromJSON turns decoded JSON into field values.
func fromJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return Fields{}.with(v)
	case []any:
		list := make([]Fields, 0, len(v))
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				list = append(list, Fields{}.with(m))
			}
		}
		return list
	}
	return v
}

// XML writes the fields as WeChat does: texts in CDATA, numbers bare.
func (f Fields) XML() []byte {
	var b bytes.Buffer
	b.WriteString("<xml>")
	f.writeXML(&b)
	b.WriteString("</xml>")
	return b.Bytes()
}

func (f Fields) writeXML(b *bytes.Buffer) {
	for _, x := range f {
		if list, ok := x.Value.([]Fields); ok {
			for _, e := range list {
				Fields{{x.Name, e}}.writeXML(b)
			}
			continue
		}
		b.WriteString("<" + x.Name + ">")
		switch v := x.Value.(type) {
		case Fields:
			v.writeXML(b)
		case string:
			b.WriteString("<![CDATA[" + strings.ReplaceAll(v, "]]>", "]]]]><![CDATA[>") + "]]>")
		default:
			fmt.Fprint(b, v)
		}
		b.WriteString("</" + x.Name + ">\n")
	}
}

// MarshalJSON implements json.Marshaler: an object with the members in order.
func (f Fields) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(x.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(x.Value)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", x.Name, err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
