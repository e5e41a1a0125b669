//go:build faultcontrol

package inits

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

// The defects that a fault test can switch on, to see that it finds them.
const (
	ackEarly    = "ack-early"     // "success" is answered before the push is stored
	patient     = "patient"       // a push waits for the database however long it takes
	noIdentity  = "no-identity"   // a push that comes again is stored again
	doneFirst   = "done-first"    // a delivery counts as made before the target is called
	retryAtOnce = "retry-at-once" // a failed delivery has no pause
	trusting    = "trusting"      // redirects are followed, and answers read to their end
	noRest      = "no-rest"       // a target that keeps failing is called all the same
	noStore     = "no-store"      // a push is acknowledged and not stored: what storing is measured against
	// shortRest is no defect: it shortens the rest of a failing target, for tests that have no time.
	shortRest = "rest="

	settingDefects = "WXCOMPONENT_DEFECTS" // joined by commas
	ackDelay       = 300 * time.Millisecond
)

// defects are what is wrong with the service on purpose.
type defects struct {
	names []string
	rest  time.Duration
}

func newDefects(getenv func(string) string) (d defects, err error) {
	for name := range strings.SplitSeq(getenv(settingDefects), ",") {
		if rest, ok := strings.CutPrefix(name, shortRest); ok {
			if d.rest, err = time.ParseDuration(rest); err != nil {
				return d, fmt.Errorf("%s: %w", settingDefects, err)
			}
		}
		d.names = append(d.names, name)
	}
	return d, nil
}

func (d defects) has(name string) bool { return slices.Contains(d.names, name) }

func (d defects) acknowledging(g *ingest.Ingest) wxcallback.Ingester {
	switch {
	case d.has(ackEarly):
		return hasty{g}
	case d.has(noStore):
		return discard{}
	default:
		return g
	}
}

type hasty struct{ *ingest.Ingest }

func (h hasty) Store(ctx context.Context, p *event.Push) (ingest.Result, error) {
	ctx = context.WithoutCancel(ctx)
	time.AfterFunc(ackDelay, func() { _, _ = h.Ingest.Store(ctx, p) })
	return ingest.Result{}, nil
}

type discard struct{}

func (discard) Store(_ context.Context, p *event.Push) (ingest.Result, error) {
	_ = p.Identity()
	return ingest.Result{}, nil
}

func (d defects) storing(s ingest.Store, o ingest.Options) (ingest.Store, ingest.Options) {
	if d.has(patient) {
		o.Timeout = time.Minute
		if store, ok := s.(*dao.Store); ok {
			s = store.WithPatience(time.Minute)
		}
	}
	if d.has(noIdentity) {
		s = forgetful{s}
	}
	return s, o
}

type forgetful struct{ ingest.Store }

func (f forgetful) PushStream(ctx context.Context, next func() []*model.Push) ([]bool, error) {
	return f.Store.PushStream(ctx, func() []*model.Push {
		batch := next()
		for _, p := range batch {
			p.Identity, p.CipherKey = "", ""
		}
		return batch
	})
}

func (d defects) forwarding(deps forward.Deps) forward.Deps {
	if d.rest > 0 {
		deps.Rest = d.rest
	}
	if d.has(noRest) {
		deps.Rest = time.Nanosecond
	}
	if d.has(doneFirst) {
		deps.Store = rash{deps.Store}
	}
	if d.has(retryAtOnce) {
		deps.Store = restless{deps.Store}
	}
	if d.has(trusting) {
		deps.Transport = func(t http.RoundTripper) http.RoundTripper { return credulous{t} }
	}
	return deps
}

type rash struct{ forward.Store }

func (r rash) WorkTake(ctx context.Context, kinds []string, owner string, lease time.Duration, n int) ([]model.Work, error) {
	items, err := r.Store.WorkTake(ctx, kinds, owner, lease, n)
	for _, item := range items {
		if _, err := r.WorkDone(ctx, item); err != nil {
			return nil, err
		}
	}
	return items, err
}

// WorkRenew says that everything is still held, for nothing is by now.
func (r rash) WorkRenew(_ context.Context, _ string, items []model.Work, _ time.Duration) ([]int64, error) {
	ids := make([]int64, len(items))
	for i := range items {
		ids[i] = items[i].ID
	}
	return ids, nil
}

type restless struct{ forward.Store }

func (r restless) ForwardRecord(ctx context.Context, outcomes []model.Outcome) ([]bool, error) {
	for i := range outcomes {
		outcomes[i].After = 0
	}
	return r.Store.ForwardRecord(ctx, outcomes)
}

type credulous struct{ http.RoundTripper }

func (c credulous) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if to, err := resp.Location(); err == nil {
		_ = resp.Body.Close()
		next, err := http.NewRequestWithContext(req.Context(), http.MethodGet, to.String(), nil)
		if err != nil {
			return nil, err
		}
		return c.RoundTripper.RoundTrip(next)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
