package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi3"
)

// Group is a set of routes under a common address.
type Group struct {
	Prefix  string
	Tag     string
	Routes  []Route
	Limited bool // a single address may call its public routes only so often
}

// OpenAPI describes the groups as an OpenAPI 3.0 document, indented JSON. The "data" member of the
// envelope is described, and the envelope around it.
func OpenAPI(groups ...Group) ([]byte, error) {
	r := openapi3.NewReflector()
	r.Spec.Info.WithTitle("wxcomponent").WithVersion("1").
		WithDescription("Manager of a WeChat third-party platform. Every answer is HTTP 200 with {code, errorMsg, data}; code 0 is success.")
	r.DefaultOptions = append(r.DefaultOptions, jsonschema.InlineRefs,
		jsonschema.InterceptProp(markRequired), jsonschema.InterceptNullability(neverNull))
	r.AddTypeMapping(Int(0), int64(0))
	for _, g := range groups {
		for _, route := range g.Routes {
			if err := describe(r, g, route); err != nil {
				return nil, fmt.Errorf("describe %s %s%s: %w", route.Method, g.Prefix, route.Path, err)
			}
		}
	}
	return json.MarshalIndent(r.Spec, "", "  ")
}

func describe(r *openapi3.Reflector, g Group, route Route) error {
	op, err := r.NewOperationContext(route.Method, ginPath(g.Prefix+route.Path))
	if err != nil {
		return err
	}
	op.SetTags(g.Tag)
	op.SetSummary(route.Summary)
	if route.Req != reflect.TypeFor[None]() {
		op.AddReqStructure(reflect.New(route.Req).Interface())
	}
	if route.Stream {
		op.AddRespStructure("", openapi.WithHTTPStatus(http.StatusOK), openapi.WithContentType("text/event-stream"))
	} else {
		op.AddRespStructure(envelopeType(route.Res), openapi.WithHTTPStatus(http.StatusOK))
	}
	return r.AddOperation(op)
}

// envelopeType is the envelope around data of type t, made at run time so that the document names
// the data of every endpoint.
func envelopeType(t reflect.Type) any {
	fields := []reflect.StructField{
		{Name: "Code", Type: reflect.TypeFor[int](), Tag: `json:"code"`},
		{Name: "ErrorMsg", Type: reflect.TypeFor[string](), Tag: `json:"errorMsg"`},
	}
	if t != reflect.TypeFor[None]() {
		fields = append(fields, reflect.StructField{Name: "Data", Type: t, Tag: `json:"data"`})
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}

// ginPath turns gin's ":name" and "*name" into OpenAPI's "{name}".
func ginPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if p != "" && (p[0] == ':' || p[0] == '*') {
			parts[i] = "{" + p[1:] + "}"
		}
	}
	return strings.Join(parts, "/")
}

// markRequired lists a member as required when it is always there: in an answer, a field without
// omitempty; in a request, a field whose validate tag says so.
func markRequired(p jsonschema.InterceptPropParams) error {
	if !p.Processed || p.ParentSchema == nil || slices.Contains(p.ParentSchema.Required, p.Name) {
		return nil
	}
	validate, tag := p.Field.Tag.Get("validate"), p.Field.Tag.Get("json")
	required := strings.HasPrefix(validate, "required")
	if validate == "" && !isRequestType(p) {
		required = tag != "" && !strings.Contains(tag, ",omitempty") && !strings.Contains(tag, ",omitzero")
	}
	if required {
		p.ParentSchema.Required = append(p.ParentSchema.Required, p.Name)
	}
	return nil
}

func isRequestType(p jsonschema.InterceptPropParams) bool {
	oc, ok := openapi.OperationCtx(p.Context)
	return ok && !oc.IsProcessingResponse()
}

// neverNull: a list without elements is [], and what there is nothing of is left out.
func neverNull(p jsonschema.InterceptNullabilityParams) {
	if p.NullAdded {
		p.Schema.RemoveType(jsonschema.Null)
	}
}
