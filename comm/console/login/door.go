package login

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"wxcomponent/comm/errno"
)

// How many logins are let in. Strangers, which are names at addresses that they have not logged in from
// before, share what leaves pushes most of a processor; whoever has logged in before does not stand in
// their queue.
const (
	addressPerMinute = 30
	addressBurst     = 60
	strangersPerSec  = 2 // on one instance, from everywhere
	strangersBurst   = 40
	strangersMost    = 32 // at the same time
	knownMost        = 16 // at the same time
	maxAddresses     = 10_000
)

// refusal is an error with the reason that it is counted by.
type refusal struct {
	cause *errno.Error
	name  string
}

func refuse(name string, code errno.Code) error { return &refusal{errno.New(code, ""), name} }

func (r *refusal) Error() string { return r.cause.Error() }
func (r *refusal) Unwrap() error { return r.cause }

// door is what logins pass before anything costs: those that find no place are refused at once.
type door struct {
	strangers, known chan struct{} // places
	turn             chan struct{} // of strangers: one password at a time
	pace             *rate.Limiter // of strangers

	mu        sync.Mutex
	addresses map[string]*rate.Limiter
}

func newDoor() *door {
	return &door{
		strangers: make(chan struct{}, strangersMost), known: make(chan struct{}, knownMost), turn: make(chan struct{}, 1),
		pace:      rate.NewLimiter(strangersPerSec, strangersBurst),
		addresses: make(map[string]*rate.Limiter),
	}
}

// enter lets a login in; leave gives its place to another.
func (d *door) enter(a attempt) (leave func(), err error) {
	places := d.known
	if !a.known {
		places = d.strangers
		if !d.budget(a.network).Allow() {
			return nil, refuse("address_budget", errno.RateLimited)
		}
	}
	select {
	case places <- struct{}{}:
	default:
		return nil, refuse("busy", errno.RateLimited)
	}
	leave = func() { <-places }
	if !a.known && !d.pace.Allow() {
		leave()
		return nil, refuse("busy", errno.RateLimited)
	}
	return leave, nil
}

// budget is what is left of a network's logins.
func (d *door) budget(network string) *rate.Limiter {
	d.mu.Lock()
	defer d.mu.Unlock()
	l, ok := d.addresses[network]
	if !ok {
		if len(d.addresses) >= maxAddresses {
			clear(d.addresses) // bounds the memory that strangers can take
		}
		l = rate.NewLimiter(rate.Every(time.Minute/addressPerMinute), addressBurst)
		d.addresses[network] = l
	}
	return l
}

// takeTurn waits until no other stranger's password is being looked at.
func (d *door) takeTurn(ctx context.Context) error {
	select {
	case d.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *door) endTurn() { <-d.turn }
