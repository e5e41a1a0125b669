package httputils

import (
	"context"
	"net/http"
)

type originKey struct{}

// WithOrigin notes under which address, as scheme://host, a request reached the service.
func WithOrigin(r *http.Request) *http.Request {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return r.WithContext(context.WithValue(r.Context(), originKey{}, scheme+"://"+r.Host))
}

// OriginOf returns what WithOrigin noted, or "".
func OriginOf(ctx context.Context) string {
	origin, _ := ctx.Value(originKey{}).(string)
	return origin
}
