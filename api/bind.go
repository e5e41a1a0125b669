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
	"strconv"
	"strings"

	"github.com/go-playground/form/v4"
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
// the body; then it validates once, by the fields' `validate` tags.
type binder struct {
	query    *form.Decoder
	validate *validator.Validate
	hasQuery bool
	hasBody  bool
}

func newBinder(t reflect.Type) *binder {
	b := &binder{query: form.NewDecoder(), validate: validator.New(validator.WithRequiredStructEnabled())}
	b.query.SetTagName("query")
	b.query.SetMode(form.ModeExplicit)
	b.validate.RegisterTagNameFunc(wireName)
	b.hasQuery, b.hasBody = uses(t)
	return b
}

// uses tells which of the two sources a request type, or a struct embedded in it, draws from.
func uses(t reflect.Type) (query, body bool) {
	for f := range t.Fields() {
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			q, j := uses(f.Type)
			query, body = query || q, body || j
			continue
		}
		query = query || f.Tag.Get("query") != ""
		body = body || f.Tag.Get("json") != "" && f.Tag.Get("json") != "-"
	}
	return query, body
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
	if b.hasQuery {
		if err := b.bindQuery(r.URL.RawQuery, req); err != nil {
			return err
		}
	}
	if b.hasBody {
		if err := bindBody(r, req); err != nil {
			return err
		}
	}
	return b.check(req)
}

// bindQuery also understands a query that ends in a stray '?' or '&': the template's pages send those.
func (b *binder) bindQuery(raw string, req any) error {
	values, err := url.ParseQuery(strings.TrimRight(raw, "?&"))
	if err != nil {
		return errno.Wrap(errno.BadParam, err, "malformed query string")
	}
	for name, v := range values {
		if len(v) == 1 && v[0] == "" {
			delete(values, name) // "limit=" means the same as no limit
		}
	}
	err = b.query.Decode(req, values)
	if bad, ok := errors.AsType[form.DecodeErrors](err); ok {
		for name := range bad {
			return errno.Param(b.wireNameOf(req, name), "not a valid value")
		}
	}
	return err
}

// wireNameOf turns the decoder's name of a field into the caller's.
func (b *binder) wireNameOf(req any, name string) string {
	if f, ok := reflect.TypeOf(req).Elem().FieldByName(name); ok {
		return wireName(f)
	}
	return name
}

func bindBody(r *http.Request, req any) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return errno.New(errno.BadParam, fmt.Sprintf("body: more than %d bytes", maxBody))
		}
		return errno.Wrap(errno.BadParam, err, "body: could not be read")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	err = json.Unmarshal(body, req)
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return errno.Param(cmp.Or(bad.Field, "body"), "must be "+kindName(bad.Type)+", not "+bad.Value)
	}
	if err != nil {
		return errno.Wrap(errno.BadParam, err, "body: not valid JSON")
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
		return errno.Param(fieldPath(bad[0].Namespace()), reason(bad[0]))
	}
	return err
}

// fieldPath drops the struct's own name: "submitAuditReq.itemList[0].title" → "itemList[0].title".
func fieldPath(namespace string) string {
	_, path, _ := strings.Cut(namespace, ".")
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
