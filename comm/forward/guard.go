package forward

import (
	"context"

	"wxcomponent/comm/outgoing"
)

// admit is the check when a target is saved. A name that does not resolve now is admitted: it is
// checked whenever it is dialled.
func admit(ctx context.Context, g *outgoing.Guard, a Address) error {
	if a.local {
		if g.OwnPort(a.port) {
			return fieldError{"port", "is this service's own"}
		}
		return nil
	}
	if err := g.CheckHost(ctx, a.name, a.port); err != nil {
		return fieldError{"url", outgoing.Why(err)}
	}
	return nil
}
