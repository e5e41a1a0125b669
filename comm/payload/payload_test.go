package payload_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/payload"
)

func TestParse(t *testing.T) {
	type leaves = []payload.Leaf
	tests := map[string]struct {
		body   string
		format payload.Format
		want   leaves
	}{
		"xml": {
			"<xml><A><![CDATA[x<&>]]></A><B>1</B></xml>", payload.XML,
			leaves{{"A", "x<&>"}, {"B", "1"}},
		},
		"xml with prologue, layout, comments and a byte order mark": {
			"\ufeff<?xml version=\"1.0\"?>\n<!-- <A> -->\n<xml>\n <A>\n<![CDATA[ x ]]>\n</A>\n<!-- c --></xml>\n", payload.XML,
			leaves{{"A", " x "}},
		},
		"xml nested": {
			"<xml><S><T>qr</T><R><V>1</V></R></S><E/></xml>", payload.XML,
			leaves{{"S.T", "qr"}, {"S.R.V", "1"}, {"E", ""}},
		},
		"xml repeated": {
			"<xml><L><item>a</item><item>b</item></L></xml>", payload.XML,
			leaves{{"L.item", "a"}, {"L.item", "b"}},
		},
		"xml entities and references": {
			"<xml><A>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;!</A></xml>", payload.XML,
			leaves{{"A", "<>&\"'A😀!"}},
		},
		"xml in pieces": {
			"<xml><A>a<![CDATA[b]]><!-- x -->c<![CDATA[]]><![CDATA[]]]]><![CDATA[>]]></A></xml>", payload.XML,
			leaves{{"A", "abc]]>"}},
		},
		"xml attributes": {
			`<xml a="1>2" b='/'><A c="x"/><B d='">'>1</B ></xml>`, payload.XML,
			leaves{{"A", ""}, {"B", "1"}},
		},
		"xml empty":             {"<xml/>", payload.XML, nil},
		"xml control character": {"<xml><A><![CDATA[a\x08b]]></A></xml>", payload.XML, leaves{{"A", "a\x08b"}}},
		"json": {
			`{"A":"x","MsgId":23637352235060880,"N":null,"T":true,"F":-1.50e3}`, payload.JSON,
			leaves{{"A", "x"}, {"MsgId", "23637352235060880"}, {"N", ""}, {"T", "true"}, {"F", "-1.50e3"}},
		},
		"json escapes": {
			`{"\u0041":"\"\\\/\n\ud83d\ude00","B":"\\"}`, payload.JSON,
			leaves{{"A", "\"\\/\n😀"}, {"B", "\\"}},
		},
		"json nested": {
			" { \"S\" : { \"T\" : \"qr\" , \"R\" : [ 1 , [ 2 ] , { \"V\" : 3 } ] } , \"E\" : { } , \"L\" : [ ] , \"Z\":0 } ", payload.JSON,
			leaves{{"S.T", "qr"}, {"S.R", "1"}, {"S.R", "2"}, {"S.R.V", "3"}, {"Z", "0"}},
		},
		"json empty": {"{}", payload.JSON, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc, err := payload.Parse([]byte(tt.body))
			require.NoError(t, err)
			require.Equal(t, payload.Document{Format: tt.format, Text: tt.body, Leaves: tt.want}, doc)
		})
	}
}

func TestMalformed(t *testing.T) {
	deep := strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40)
	tests := map[string]string{
		"empty":                 "",
		"blank":                 " \n",
		"text":                  "success",
		"form":                  "a=1&b=2",
		"json list":             `[{"A":1}]`,
		"json string":           `"x"`,
		"json cut off":          `{"A":"x"`,
		"json with a tail":      `{"A":1} x`,
		"json trailing comma":   `{"A":1,}`,
		"json deep list":        `{"A":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
		"json very deep list":   `{"A":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + `}`,
		"json many elements":    `{"A":[1` + strings.Repeat(",1", 30_000) + `]}`,
		"json long name":        `{"` + strings.Repeat("n", 600) + `":1}`,
		"invalid UTF-8 in json": "{\"A\":\"\xff\"}",
		"invalid UTF-8 in xml":  "<xml><A>\xc3\x28</A></xml>",
		"UTF-16":                "\xff\xfe<\x00x\x00",
		"xml cut off":           "<xml><A>1</A>",
		"xml cut off in a tag":  "<xml><A",
		"xml with a tail":       "<xml></xml>x",
		"two roots":             "<xml></xml><xml></xml>",
		"xml crossed":           "<xml><A><B></A></B></xml>",
		"xml no name":           "<xml><>1</></xml>",
		"xml open comment":      "<xml><!-- </xml>",
		"xml open CDATA":        "<xml><A><![CDATA[x]]</A></xml>",
		"xml deep":              "<xml>" + deep + "</xml>",
		"xml many elements":     "<xml>" + strings.Repeat("<a/>", 30_000) + "</xml>",
		"xml long name":         "<xml><" + strings.Repeat("n", 600) + "/></xml>",
		"unknown entity":        "<xml><A>&nbsp;</A></xml>",
		"bare ampersand":        "<xml><A>a & b</A></xml>",
		"reference to nothing":  "<xml><A>&#0;</A></xml>",
		"reference too large":   "<xml><A>&#x110000;</A></xml>",
		"surrogate":             "<xml><A>&#xD800;</A></xml>",
		"document type":         `<!DOCTYPE xml><xml><A>1</A></xml>`,
		"entity bomb":           `<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><xml><A>&b;</A></xml>`,
		"external entity":       `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>`,
		"inner document type":   `<xml><!DOCTYPE x><A>1</A></xml>`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := payload.Parse([]byte(body))
			require.ErrorIs(t, err, payload.ErrMalformed)
		})
	}
}

// A text cannot make the reader hold much more than itself.
func TestTextDoesNotGrow(t *testing.T) {
	name := strings.Repeat("n", 500)
	body := []byte("<xml><" + name + ">" + strings.Repeat("<a/>", 19_000) + "</" + name + "></xml>")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := payload.Parse(body)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
}

func TestGetPrefersTheExactName(t *testing.T) {
	doc, err := payload.Parse([]byte(`<xml><AppId>component</AppId><appid>new</appid><appid>other</appid><Msg>1</Msg></xml>`))
	require.NoError(t, err)
	require.Equal(t, "component", doc.Get("AppId"))
	require.Equal(t, "new", doc.Get("appid"))
	require.Equal(t, "component", doc.Get("APPID"))
	require.Equal(t, "1", doc.Get("msg"))
	require.Empty(t, doc.Get("nothing"))
}

// What encoding/xml or encoding/json read without complaint as well must come out the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"<xml><A><![CDATA[x]]></A><B>&amp;1</B></xml>", `{"A":{"B":[1,"\u0041",null]}}`, "<xml a='1'><A/><!-- x --></xml>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := payload.Parse(body)
		if err != nil {
			require.ErrorIs(t, err, payload.ErrMalformed)
			return
		}
		require.Equal(t, string(body), doc.Text)
		if doc.Format == payload.JSON {
			require.True(t, json.Valid([]byte(strings.TrimPrefix(doc.Text, "\ufeff"))))
			return
		}
		if want, ok := leavesOfXML(body); ok {
			var got []payload.Leaf
			for _, l := range doc.Leaves {
				got = append(got, payload.Leaf{Path: l.Path, Value: normalise(l.Value)})
			}
			require.Equal(t, want, got)
		}
	})
}

// leavesOfXML does with encoding/xml what Parse does.
func leavesOfXML(body []byte) ([]payload.Leaf, bool) {
	var leaves []payload.Leaf
	var names, texts []string
	var hasChild []bool
	dec := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(string(body), "\ufeff")))
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return leaves, len(names) == 0
		}
		if err != nil {
			return nil, false
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(hasChild) > 0 {
				hasChild[len(hasChild)-1] = true
			}
			name := token.Name.Local
			if token.Name.Space != "" {
				name = token.Name.Space + ":" + name
			}
			names, texts, hasChild = append(names, name), append(texts, ""), append(hasChild, false)
		case xml.EndElement:
			last := len(names) - 1
			if last > 0 && !hasChild[last] {
				leaves = append(leaves, payload.Leaf{Path: strings.Join(names[1:], "."), Value: normalise(texts[last])})
			}
			names, texts, hasChild = names[:last], texts[:last], hasChild[:last]
		case xml.CharData:
			if len(texts) > 0 {
				texts[len(texts)-1] += string(token)
			}
		}
	}
}

// normalise takes out what the two readers do by choice differently: line ends, and white space
// outside of CDATA sections.
func normalise(s string) string {
	return strings.Join(strings.Fields(s), "")
}
