package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-playground/validator/v10"

	"wxcomponent/comm/errno"
)

// maxBody bounds a JSON request; the largest real one is an ext.json of some 100 kB.
const maxBody = 1 << 20

// Int is a number that clients may also send as a string, as the template's pages do.
type Int int64

// UnmarshalJSON accepts 7, "7", "" and null.
func (n *Int) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	if text == "" || text == "null" {
		*n = 0
		return nil
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return &json.UnmarshalTypeError{Value: "text " + string(b), Type: reflect.TypeFor[int64]()}
	}
	*n = Int(v)
	return nil
}

// binder fills a request struct: fields tagged `query` from the address, fields tagged `json` from
// the body, those of embedded structs among them; then it validates once, by the fields' `validate`
// tags.
type binder struct {
	validate *validator.Validate
	query    []reflect.StructField
	body     []reflect.StructField
	bodyType reflect.Type // a struct of the fields of body and no others
	ids      []reflect.StructField
}

func newBinder(t reflect.Type) *binder {
	b := &binder{validate: validator.New(validator.WithRequiredStructEnabled())}
	b.validate.RegisterTagNameFunc(wireName)
	var body []reflect.StructField
	for _, f := range reflect.VisibleFields(t) {
		switch {
		case f.Tag.Get("query") != "":
			b.query = append(b.query, f)
		case f.Tag.Get("json") != "" && f.Tag.Get("json") != "-":
			b.body = append(b.body, f)
			body = append(body, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
		}
	}
	b.bodyType = reflect.StructOf(body)
	for _, f := range slices.Concat(b.query, b.body) {
		if isID(wireName(f)) && (f.Type.Kind() == reflect.String || f.Type == reflect.TypeFor[[]string]()) {
			b.ids = append(b.ids, f)
		}
	}
	return b
}

// isID tells by its name whether a field names something that there is: id, appid, bizAppid, jobId…
func isID(name string) bool {
	name = strings.TrimSuffix(name, "s")
	return strings.HasSuffix(name, "id") || strings.HasSuffix(name, "Id") || slices.Contains([]string{"link", "visit"}, name)
}

// wireName is the name that the caller knows a field by.
func wireName(f reflect.StructField) string {
	for _, tag := range []string{"query", "json"} {
		if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" && name != "-" {
			return name
		}
	}
	return f.Name
}

func (b *binder) request(r *http.Request, req any) error {
	to := reflect.ValueOf(req).Elem()
	if len(b.query) > 0 {
		if err := b.bindQuery(r.URL.RawQuery, to); err != nil {
			return err
		}
	}
	if len(b.body) > 0 {
		if err := b.bindBody(r, to); err != nil {
			return err
		}
	}
	if err := b.checkIDs(to); err != nil {
		return err
	}
	return b.check(req)
}

// checkIDs refuses ids with white space around them. They name nothing, but some databases leave a space
// at the end out of account when they compare, and would find what was not named.
func (b *binder) checkIDs(to reflect.Value) error {
	for _, f := range b.ids {
		field := to.FieldByIndex(f.Index)
		list, ok := field.Interface().([]string)
		if !ok {
			list = []string{field.String()}
		}
		for _, id := range list {
			if id != strings.TrimSpace(id) {
				return errno.Param(wireName(f), "must have no white space around it")
			}
		}
	}
	return nil
}

// bindQuery also understands a query that ends in a stray '?' or '&': the template's pages send
// those. A parameter that is absent or empty leaves its field as it is; of several the first counts.
func (b *binder) bindQuery(raw string, to reflect.Value) error {
	values, err := url.ParseQuery(strings.TrimRight(raw, "?&"))
	if err != nil {
		return errno.Wrap(errno.BadParam, err, "malformed query string")
	}
	for _, f := range b.query {
		name := f.Tag.Get("query")
		text := values.Get(name)
		if text == "" {
			continue
		}
		field := to.FieldByIndex(f.Index)
		if field.Kind() == reflect.Pointer {
			field.Set(reflect.New(f.Type.Elem()))
			field = field.Elem()
		}
		if !setText(field, text) {
			return errno.Param(name, "must be "+kindName(field.Type()))
		}
	}
	return nil
}

// setText sets a field from text and tells whether the text is a value of its type.
func setText(field reflect.Value, text string) bool {
	switch {
	case field.Kind() == reflect.String:
		field.SetString(text)
	case field.Kind() == reflect.Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return false
		}
		field.SetBool(v)
	case field.CanInt():
		v, err := strconv.ParseInt(text, 10, field.Type().Bits())
		if err != nil {
			return false
		}
		field.SetInt(v)
	default:
		return false
	}
	return true
}

// bindBody lets a body set no field but those that are tagged for it. Members that it has besides
// mean nothing, whatever they are: clients send whole rows back.
func (b *binder) bindBody(r *http.Request, to reflect.Value) error {
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return errno.New(errno.BadParam, fmt.Sprintf("body: more than %d bytes", maxBody))
		}
		return errno.Wrap(errno.BadParam, err, "body: could not be read")
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	body := reflect.New(b.bodyType)
	err = json.Unmarshal(text, body.Interface())
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return errno.Param(cmp.Or(bad.Field, "body"), "must be "+kindName(bad.Type)+", not "+bad.Value)
	}
	if err != nil {
		return errno.Wrap(errno.BadParam, err, "body: not valid JSON")
	}
	for i, f := range b.body {
		to.FieldByIndex(f.Index).Set(body.Elem().Field(i))
	}
	return nil
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a number"
	}
}

func (b *binder) check(req any) error {
	err := b.validate.Struct(req)
	if bad, ok := errors.AsType[validator.ValidationErrors](err); ok {
		return errno.Param(fieldPath(reflect.TypeOf(req).Elem(), bad[0].Namespace()), reason(bad[0]))
	}
	return err
}

// fieldPath drops the names of the struct itself and of those embedded in it:
// "submitReq.page.itemList[0].title" → "itemList[0].title".
func fieldPath(t reflect.Type, namespace string) string {
	_, path, _ := strings.Cut(namespace, ".")
	first, rest, _ := strings.Cut(path, ".")
	if f, ok := t.FieldByName(first); ok && f.Anonymous {
		return rest
	}
	return path
}

func reason(f validator.FieldError) string {
	switch f.Tag() {
	case "required":
		return "is required"
	case "min", "gte":
		return "must be at least " + f.Param()
	case "max", "lte":
		return "must be at most " + f.Param()
	case "oneof":
		return "must be one of " + f.Param()
	default:
		return "is not valid (" + f.Tag() + ")"
	}
}

// Binder returns a function that reads and checks a request of type Req, for raw handlers.
func Binder[Req any]() func(r *http.Request) (*Req, error) {
	b := newBinder(reflect.TypeFor[Req]())
	return func(r *http.Request) (*Req, error) {
		var req Req
		if err := b.request(r, &req); err != nil {
			return nil, err
		}
		return &req, nil
	}
}
