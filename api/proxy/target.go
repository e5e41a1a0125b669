package proxy

import (
	"context"
	"net/url"
)

type targetKey struct{}

// withTarget keeps the target that was read at the start of a request: a change of the switch in
// its middle must not tear it.
func withTarget(ctx context.Context, target *url.URL) context.Context {
	return context.WithValue(ctx, targetKey{}, target)
}

func targetOf(ctx context.Context) *url.URL {
	target, _ := ctx.Value(targetKey{}).(*url.URL)
	return target
}
