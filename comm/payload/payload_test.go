package payload_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/payload"
)

func TestParse(t *testing.T) {
	type fields = []payload.Field
	tests := map[string]struct {
		body   string
		format payload.Format
		want   fields
	}{
		"xml": {
			"<xml><A><![CDATA[x<&>]]></A><B>1</B></xml>", payload.XML,
			fields{{"A", "x<&>", ""}, {"B", "1", ""}},
		},
		"xml with prologue, layout, comments and a byte order mark": {
			"\ufeff<?xml version=\"1.0\"?>\n<!-- <A> -->\n<xml>\n <A>\n<![CDATA[ x ]]>\n</A>\n<!-- c --></xml>\n", payload.XML,
			fields{{"A", " x ", ""}},
		},
		"xml nested": {
			"<xml><S><T>qr</T><R><V>1</V></R></S><E/></xml>", payload.XML,
			fields{{"S.T", "qr", ""}, {"S.R.V", "1", ""}, {"E", "", ""}},
		},
		"xml repeated": {
			"<xml><L><item>a</item><item>b</item></L></xml>", payload.XML,
			fields{{"L.item", "a", ""}, {"L.item", "b", "0.1"}},
		},
		"xml entities and references": {
			"<xml><A>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;!</A></xml>", payload.XML,
			fields{{"A", "<>&\"'A😀!", ""}},
		},
		"xml in pieces": {
			"<xml><A>a<![CDATA[b]]><!-- x -->c<![CDATA[]]><![CDATA[]]]]><![CDATA[>]]></A></xml>", payload.XML,
			fields{{"A", "abc]]>", ""}},
		},
		"xml attributes": {
			`<xml a="1>2" b='/'><A c="x"/><B d='">'>1</B ></xml>`, payload.XML,
			fields{{"A", "", ""}, {"B", "1", ""}},
		},
		"xml empty":             {"<xml/>", payload.XML, nil},
		"xml control character": {"<xml><A><![CDATA[a\x08b]]></A></xml>", payload.XML, fields{{"A", "a\x08b", ""}}},
		"json": {
			`{"A":"x","MsgId":23637352235060880,"N":null,"T":true,"F":-1.50e3}`, payload.JSON,
			fields{{"A", "x", ""}, {"MsgId", "23637352235060880", ""}, {"N", "", ""}, {"T", "true", ""}, {"F", "-1.50e3", ""}},
		},
		"json escapes": {
			`{"\u0041":"\"\\\/\n\ud83d\ude00","B":"\\"}`, payload.JSON,
			fields{{"A", "\"\\/\n😀", ""}, {"B", "\\", ""}},
		},
		"json nested": {
			" { \"S\" : { \"T\" : \"qr\" , \"R\" : [ 1 , [ 2 ] , { \"V\" : 3 } ] } , \"E\" : { } , \"L\" : [ ] , \"Z\":0 } ", payload.JSON,
			fields{{"S.T", "qr", ""}, {"S.R", "1", ""}, {"S.R", "2", "0.1"}, {"S.R.V", "3", "0.2.0"}, {"Z", "0", ""}},
		},
		"json empty": {"{}", payload.JSON, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := payload.Parse([]byte(tt.body))
			require.Equal(t, payload.Document{Format: tt.format, Text: tt.body, Fields: tt.want}, doc)
		})
	}
}

// What is not well-formed is read as far as its meaning is plain.
func TestLenient(t *testing.T) {
	type fields = []payload.Field
	tests := map[string]struct {
		body string
		want fields
	}{
		"end of a section in a text": {
			"<xml><A><![CDATA[<note><![CDATA[x]]></note>]]></A><B>1</B></xml>",
			fields{{"A", "<note><![CDATA[x]]></note>", ""}, {"B", "1", ""}},
		},
		"end of a section and an open tag": {"<xml><A><![CDATA[a]]><b>]]></A></xml>", fields{{"A", "a]]><b>", ""}}},
		"end of a section and an end tag":  {"<xml><A><![CDATA[a]]></b>]]></A><C>c</C></xml>", fields{{"A", "a]]></b>", ""}, {"C", "c", ""}}},
		"end of a section and a comment":   {"<xml><A><![CDATA[]]><!-- ]]></A><C>c</C></xml>", fields{{"A", "]]><!-- ", ""}, {"C", "c", ""}}},
		"end of a section alone":           {"<xml><A><![CDATA[a]]> b]]></A></xml>", fields{{"A", "a b]]>", ""}}},
		"control characters in XML":        {"<xml><A>\x00\x08\x1d</A></xml>", fields{{"A", "\x00\x08\x1d", ""}}},
		"control characters in JSON":       {"{\"A\":\"a\x00\x1d\n\tb\",\"B\":1}", fields{{"A", "a\x00\x1d\n\tb", ""}, {"B", "1", ""}}},
		"bytes that are no UTF-8 in XML":   {"<xml><A>\xc3\x28</A><B>1</B></xml>", fields{{"A", "\ufffd(", ""}, {"B", "1", ""}}},
		"bytes that are no UTF-8 in JSON":  {"{\"A\":\"\xe4\xbd\",\"B\":\"1\"}", fields{{"A", "\ufffd", ""}, {"B", "1", ""}}},
		"bare ampersand":                   {"<xml><A>a & b &nbsp; &; &</A></xml>", fields{{"A", "a & b &nbsp; &; &", ""}}},
		"bare bracket":                     {"<xml><A>1 < 2 <3 <</A></xml>", fields{{"A", "1 < 2 <3 <", ""}}},
		"references to no character":       {"<xml><A>&#0;&#x110000;&#xD800;&#x1d;</A></xml>", fields{{"A", "&#0;&#x110000;&#xD800;\x1d", ""}}},
		"an encoding that is not so":       {"<?xml version=\"1.0\" encoding=\"gb2312\"?><xml><A>你好</A></xml>", fields{{"A", "你好", ""}}},
		"bad escapes in JSON":              {`{"A":"\x \u12 \ud800 \uzzzz"}`, fields{{"A", `\x \u12 ` + "\ufffd" + ` \uzzzz`, ""}}},
		"a comma too many":                 {`{"A":[1,],"B":2,}`, fields{{"A", "1", ""}, {"B", "2", ""}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := payload.Parse([]byte(tt.body))
			require.Empty(t, doc.Defect)
			require.Equal(t, tt.want, doc.Fields)
			require.Equal(t, tt.body, doc.Text)
		})
	}
}

// Of what cannot be read to its end there is what stands before that place.
func TestDefect(t *testing.T) {
	type fields = []payload.Field
	one := fields{{"A", "1", ""}}
	tests := map[string]struct {
		body string
		want fields
	}{
		"empty":                {"", nil},
		"blank":                {" \n", nil},
		"text":                 {"success", nil},
		"form":                 {"a=1&b=2", nil},
		"UTF-16":               {"\xff\xfe<\x00x\x00", nil},
		"json list":            {`[{"A":1}]`, nil},
		"json string":          {`"x"`, nil},
		"json cut off":         {`{"A":1,"B":"x`, one},
		"json cut off early":   {`{"A":`, nil},
		"json not closed":      {`{"A":"1"`, one},
		"json with a tail":     {`{"A":1} x`, one},
		"json without a comma": {`{"A":1 "B":2}`, one},
		"json without a colon": {`{"A":1,"B" 2}`, one},
		"json without quotes":  {`{"A":1,B:2}`, one},
		"json deep list":       {`{"A":1,"B":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + `}`, one},
		"json long name":       {`{"A":1,"` + strings.Repeat("n", 600) + `":1}`, one},
		"xml cut off":          {"<xml><A>1</A>", one},
		"xml cut off in a tag": {"<xml><A>1</A><B", one},
		"xml cut off in CDATA": {"<xml><A>1</A><B><![CDATA[x", one},
		"xml with a tail":      {"<xml><A>1</A></xml>x", one},
		"two roots":            {"<xml><A>1</A></xml><xml></xml>", one},
		"xml crossed":          {"<xml><A>1</A><B><C></B></C></xml>", one},
		"xml open comment":     {"<xml><A>1</A><!-- </xml>", one},
		"xml deep":             {"<xml><A>1</A>" + strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40) + "</xml>", one},
		"xml long name":        {"<xml><A>1</A><" + strings.Repeat("n", 600) + "/></xml>", one},
		"document type":        {`<!DOCTYPE xml><xml><A>1</A></xml>`, nil},
		"entity bomb":          {`<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><xml><A>&b;</A></xml>`, nil},
		"external entity":      {`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>`, nil},
		"inner document type":  {`<xml><A>1</A><!DOCTYPE x></xml>`, one},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := payload.Parse([]byte(tt.body))
			require.NotEmpty(t, doc.Defect)
			require.Equal(t, tt.want, doc.Fields)
			require.Equal(t, tt.want == nil, doc.Format == "")
			require.True(t, json.Valid([]byte(doc.JSON(payload.Typing{}))))
		})
	}
	for _, body := range []string{
		`{"A":[1` + strings.Repeat(",1", 30_000) + `]}`, "<xml>" + strings.Repeat("<a/>", 30_000) + "</xml>",
	} {
		doc := payload.Parse([]byte(body))
		require.NotEmpty(t, doc.Defect)
		require.InDelta(t, 20_000, len(doc.Fields), 1, "as many as may be")
	}
}

// A text that looks as if it had to be read again and again is not.
func TestReadingAgainEnds(t *testing.T) {
	body := "<xml>" + strings.Repeat("<C><![CDATA[]]><b>]]></C>", 40_000) + "</xml>"
	doc := payload.Parse([]byte(body))
	require.NotEmpty(t, doc.Defect)
	require.NotEmpty(t, doc.Fields)
}

func TestPlaces(t *testing.T) {
	type fields = []payload.Field
	for body, want := range map[string]fields{
		`<xml><L><i>a</i><j>b</j></L><L><i>c</i></L><M><i>d</i></M></xml>`: {{"L.i", "a", ""}, {"L.j", "b", ""}, {"L.i", "c", "1.0"}, {"M.i", "d", ""}},
		`{"L":[{"i":"a","j":"b"},{"i":"c"}],"M":{"i":"d"}}`:                {{"L.i", "a", ""}, {"L.j", "b", ""}, {"L.i", "c", "1.0"}, {"M.i", "d", ""}},
		`<xml><S><L>1</L><L>2</L></S></xml>`:                               {{"S.L", "1", ""}, {"S.L", "2", "0.1"}},
		`{"S":{"L":[1,2]}}`:                                                {{"S.L", "1", ""}, {"S.L", "2", "0.1"}},
		`{"L":[[1],[2,3],[4]]}`:                                            {{"L", "1", ""}, {"L", "2", "1"}, {"L", "3", "1/1"}, {"L", "4", "2"}},
		`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"i":2,"a":3,"j":4}`: {
			{"a", "1", ""},
			{"b", "1", ""},
			{"c", "1", ""},
			{"d", "1", ""},
			{"e", "1", ""},
			{"f", "1", ""},
			{"g", "1", ""},
			{"h", "1", ""},
			{"i", "1", ""},
			{"i", "2", "1"},
			{"a", "3", "1"},
			{"j", "4", ""},
		},
	} {
		require.Equal(t, want, payload.Parse([]byte(body)).Fields, body)
	}
}

func TestJSON(t *testing.T) {
	typing := payload.Typing{
		Number: func(path string) bool { return path == "CreateTime" || path == "a.n" },
		List:   func(path string) bool { return path == "L" || path == "S.L" },
	}
	for body, want := range map[string]string{
		`<xml><MsgId>6054768590064713728</MsgId><CreateTime>1411034505</CreateTime><Content><![CDATA[123]]></Content></xml>`: `{"MsgId":"6054768590064713728","CreateTime":1411034505,"Content":"123"}`,
		`<xml><CreateTime><![CDATA[5]]></CreateTime><Name>12306</Name><a><n> -7 </n><n>x</n></a></xml>`:                      `{"CreateTime":5,"Name":"12306","a":{"n":[-7,"x"]}}`,
		`<xml><CreateTime>007</CreateTime></xml>`:                                     `{"CreateTime":"007"}`,
		`<xml><CreateTime>12345678901234567</CreateTime></xml>`:                       `{"CreateTime":"12345678901234567"}`,
		`<xml><a><b><![CDATA[<x>&"]]></b><c/></a></xml>`:                              `{"a":{"b":"<x>&\"","c":""}}`,
		"<xml>\n <l>1</l>\n <l>2</l><o>x</o><l><k>3</k></l>\n</xml>":                  `{"l":["1","2",{"k":"3"}],"o":"x"}`,
		`<?xml version="1.0" encoding="gb2312"?><xml><e>&lt;你好 😀&#x1d;&gt;</e></xml>`: `{"e":"<你好 😀\u001d>"}`,
		"<xml><c><![CDATA[order no.\x1d17]]></c></xml>":                               `{"c":"order no.\u001d17"}`,
		`<xml></xml>`:                                               `{}`,
		`<xml><q>  <![CDATA[ kept ]]></q></xml>`:                    `{"q":" kept "}`,
		`<xml><L><x>1</x></L><S><L>2</L></S></xml>`:                 `{"L":[{"x":"1"}],"S":{"L":["2"]}}`,
		`{"L":{"x":1},"S":{"L":[2]},"o":{},"l":[],"n":null}`:        `{"L":[{"x":1}],"S":{"L":[2]},"o":{},"l":[],"n":null}`,
		`{"MsgId": 6054768590064713728, "s":"6\"", "t":1411034505}`: `{"MsgId":"6054768590064713728","s":"6\"","t":1411034505}`,
		`{"a":[1,-12345678901234567,1.2345678901234567e3]}`:         `{"a":[1,"-12345678901234567",1.2345678901234567e3]}`,
		"{\"a\":\"\x01\xff\",\"b\":oops}":                           `{"a":"\u0001�","b":"oops"}`,
		`{"a":1,"b":[2,{"c":3`:                                      `{"a":1,"b":[2,{"c":3}]}`,
		`<xml><a>1</a><b><c>2</c><d>3`:                              `{"a":"1","b":{"c":"2"}}`,
		"no <push>\x00":                                             `{"raw":"no <push>\u0000"}`,
		`{"a"`:                                                      `{"raw":"{\"a\""}`,
	} {
		require.Equal(t, want, payload.Parse([]byte(body)).JSON(typing), body)
	}
}

// A text cannot make the reader hold much more than itself.
func TestTextDoesNotGrow(t *testing.T) {
	name := strings.Repeat("n", 500)
	body := []byte("<xml><" + name + ">" + strings.Repeat("<a/>", 19_000) + "</" + name + "></xml>")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	doc := payload.Parse(body)
	runtime.ReadMemStats(&after)
	require.Empty(t, doc.Defect)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
}

func TestGetPrefersTheExactName(t *testing.T) {
	doc := payload.Parse([]byte(`<xml><AppId>component</AppId><appid>new</appid><appid>other</appid><Msg>1</Msg></xml>`))
	require.Equal(t, "component", doc.Get("AppId"))
	require.Equal(t, "new", doc.Get("appid"))
	require.Equal(t, "component", doc.Get("APPID"))
	require.Equal(t, "1", doc.Get("msg"))
	require.Empty(t, doc.Get("nothing"))
	require.Equal(t, []string{"new", "other"}, doc.All("appid"))
	require.Equal(t, []string{"component", "new", "other"}, doc.All("APPID"))
	require.Empty(t, doc.All("nothing"))
}

// What encoding/xml or encoding/json read without complaint must come out the same, and whatever is
// read can be written as JSON.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"<xml><A><![CDATA[x]]></A><B>&amp;1</B></xml>", `{"A":{"B":[1,"\u0041",null]}}`, "<xml a='1'><A/><!-- x --></xml>",
		"<xml><A><![CDATA[a]]><b>]]></A></xml>", "{\"a\":\"\xff\x00\"", "<xml><L><a>1</a></L><L><a>2</a></L></xml>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		doc := payload.Parse(body)
		require.Equal(t, string(body), doc.Text)
		require.True(t, json.Valid([]byte(doc.JSON(payload.Typing{Number: func(string) bool { return true }}))))
		if doc.Defect != "" || !utf8.Valid(body) {
			return
		}
		want, ok := fieldsOfXML(body)
		if doc.Format == payload.JSON {
			want, ok = fieldsOfJSON(body)
		}
		if ok {
			var got []payload.Field
			for _, l := range doc.Fields {
				got = append(got, payload.Field{Path: l.Path, Value: normalise(l.Value)})
			}
			require.Equal(t, want, got)
		}
	})
}

// fieldsOfJSON does with encoding/json what Parse does.
func fieldsOfJSON(body []byte) (fields []payload.Field, ok bool) {
	text := strings.TrimPrefix(string(body), "\ufeff")
	if !json.Valid([]byte(text)) {
		return nil, false
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var value func(names []string)
	value = func(names []string) {
		path := strings.Join(names, ".")
		switch token, _ := dec.Token(); token := token.(type) {
		case json.Delim:
			for dec.More() {
				below := names
				if token == '{' {
					name, _ := dec.Token()
					below = append(slices.Clone(names), fmt.Sprint(name))
				}
				value(below)
			}
			_, _ = dec.Token()
		case nil:
			fields = append(fields, payload.Field{Path: path})
		default:
			fields = append(fields, payload.Field{Path: path, Value: normalise(fmt.Sprint(token))})
		}
	}
	value(nil)
	return fields, true
}

// fieldsOfXML does with encoding/xml what Parse does.
func fieldsOfXML(body []byte) ([]payload.Field, bool) {
	text := strings.TrimPrefix(string(body), "\ufeff")
	for dec := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, false
		}
	}
	var fields []payload.Field
	var names, texts []string
	var hasChild []bool
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return fields, len(names) == 0
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
				fields = append(fields, payload.Field{Path: strings.Join(names[1:], "."), Value: normalise(texts[last])})
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
