package token

import (
	"context"
	"sync"
	"time"
)

// clock follows the database's clock: between two looks at it, it goes by the host's monotonic one.
type clock struct {
	host  func() time.Time
	store Store

	mu         sync.Mutex
	known      bool
	base, seen time.Time // the database's clock said base when the host's said seen
}

func newClock(host func() time.Time, store Store) *clock {
	if host == nil {
		host = time.Now
	}
	return &clock{host: host, store: store}
}

// now is the database's time as far as it is known, else the host's.
func (k *clock) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	host := k.host()
	if !k.known {
		return host.UTC()
	}
	return k.base.Add(host.Sub(k.seen))
}

// sync looks at the database's clock unless that was done less than maxAge ago. While the database
// cannot be asked, the host's clock carries on.
func (k *clock) sync(ctx context.Context, maxAge time.Duration) {
	k.mu.Lock()
	age := k.host().Sub(k.seen)
	fresh := k.known && age >= 0 && age < maxAge
	k.mu.Unlock()
	if fresh {
		return
	}
	seen := k.host() // before the question: better a token that ends early than one used too long
	base, err := k.store.Now(ctx)
	if err != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known, k.base, k.seen = true, base.UTC(), seen
}
