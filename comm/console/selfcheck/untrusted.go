package selfcheck

import (
	"slices"
	"sync"
	"time"
)

const (
	untrustedMost = 8 // addresses that are remembered
	untrustedKept = time.Hour
)

// Untrusted remembers the proxies that this instance was reached through within the last hour and that
// TRUSTED_PROXIES does not name.
type Untrusted struct {
	now  func() time.Time
	mu   sync.Mutex
	seen map[string]time.Time
}

// NewUntrusted returns one that has seen none.
func NewUntrusted(now func() time.Time) *Untrusted {
	return &Untrusted{now: now, seen: make(map[string]time.Time)}
}

// Note remembers an address; strangers cannot make it remember more than a few.
func (u *Untrusted) Note(address string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, have := u.seen[address]; !have && len(u.seen) >= untrustedMost {
		if u.forget(); len(u.seen) >= untrustedMost {
			return
		}
	}
	u.seen[address] = u.now()
}

// Addresses returns what was noted, in order.
func (u *Untrusted) Addresses() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.forget()
	all := make([]string, 0, len(u.seen))
	for address := range u.seen {
		all = append(all, address)
	}
	slices.Sort(all)
	return all
}

func (u *Untrusted) forget() {
	for address, at := range u.seen {
		if u.now().Sub(at) >= untrustedKept {
			delete(u.seen, address)
		}
	}
}
