package inits

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

const (
	keyProbe = "probe.writems" // written to see whether something can be
	// probeKept is how long a finding stays good, and a refused push counts against the database.
	probeKept = 2 * time.Second
)

var errRefused = errors.New("a push could not be stored")

// writable tells whether the database takes what is written to it: one that answers may be full, locked
// or read-only. It is asked for when somebody wants to know, and not more often than is bearable.
type writable struct {
	put  func(ctx context.Context, key, value string) error
	wait time.Duration // for one write
	now  func() time.Time

	mu      sync.Mutex // held while one looks, for all who ask
	looked  time.Time
	finding error

	failed failures
}

// failures remember when a push could not be stored.
type failures struct {
	mu   sync.Mutex
	last time.Time
}

func (f *failures) note(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = at
}

func (f *failures) since(at time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last.After(at)
}

// watched tells of pushes that the database has refused.
type watched struct {
	wxcallback.Ingester
	writable *writable
}

func (w watched) Store(ctx context.Context, p *event.Push) (ingest.Result, error) {
	res, err := w.Ingester.Store(ctx, p)
	if errors.Is(err, model.ErrUnavailable) && ctx.Err() == nil {
		w.writable.failed.note(w.writable.now())
	}
	return res, err
}

// check returns why nothing can be written, or nil.
func (w *writable) check(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed.since(w.now().Add(-probeKept)) {
		return errRefused
	}
	if w.now().Sub(w.looked) < probeKept {
		return w.finding
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.wait) // for those as well who ask next
	defer cancel()
	w.finding = w.put(ctx, keyProbe, strconv.FormatInt(w.now().UnixMilli(), 10))
	if w.finding != nil {
		w.finding = fmt.Errorf("write to the database: %w", w.finding)
	}
	w.looked = w.now()
	return w.finding
}
