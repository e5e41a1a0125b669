package api

import (
	"context"
	"fmt"
	"net/http"
)

// Auditor writes the audit trail: what somebody did, to what. Who that was is known from the context.
type Auditor interface {
	Record(ctx context.Context, action, object string) error
}

// Audited returns the route with the action, such as "target.add", that the audit trail gets when a call
// has gone well. The handler tells with Touched what the call was about.
func (r Route) Audited(action string) Route {
	r.Audit = action
	return r
}

// Touched tells the audit trail what the call of an audited route is about, such as "target 5".
func Touched(ctx context.Context, object string) {
	if e, ok := ctx.Value(entryKey{}).(*entry); ok {
		e.object = object
	}
}

// TouchedBy is Touched where the same route does more than one thing: the action is another than the
// route's.
func TouchedBy(ctx context.Context, action, object string) {
	if e, ok := ctx.Value(entryKey{}).(*entry); ok {
		e.action, e.object = action, object
	}
}

type entryKey struct{}

// entry is what the audit trail will get of a call.
type entry struct {
	auditor        Auditor
	action, object string
	reads          bool
}

// begin is the context of a call that the audit trail is to know of.
func (r Route) begin(ctx context.Context, auditor Auditor) context.Context {
	if r.Audit == "" {
		return ctx
	}
	return context.WithValue(ctx, entryKey{}, &entry{auditor: auditor, action: r.Audit, reads: r.Method == http.MethodGet})
}

// audit writes a call that has gone well into the audit trail. What was only to be shown is not shown
// without a trace: then the error ends the call. What has been done is done: the error is for the log
// alone, since nobody is to do it again.
func audit(ctx context.Context) (ends bool, failed error) {
	e, ok := ctx.Value(entryKey{}).(*entry)
	if !ok {
		return false, nil
	}
	if err := e.auditor.Record(ctx, e.action, e.object); err != nil {
		return e.reads, fmt.Errorf("write %s of %q into the audit trail: %w", e.action, e.object, err)
	}
	return false, nil
}
