package ingest

import (
	"sync"
	"sync/atomic"
	"time"

	"wxcomponent/db/model"
)

const (
	// portionSize is as many pushes as the database's statements for many rows take.
	portionSize = 32
	// joinable is for how long a portion takes pushes: all its senders are refused when the first of them
	// has waited too long.
	joinable = 50 * time.Millisecond
	// patience is how long a transaction may take until pushes are not left waiting for its end.
	patience = 50 * time.Millisecond
)

// portion is a few pushes that came in one after the other. Their senders wait for it together: that
// costs a fraction of waking each by itself.
type portion struct {
	rows    []*model.Push
	born    time.Time
	expires *time.Timer
	told    atomic.Bool
	done    chan struct{} // closed when outcome knows
	// outcomes are those of the rows; none when all were refused with err.
	outcomes []outcome
	err      error
}

type outcome struct {
	duplicate bool
	err       error
}

func newPortion(now time.Time, timeout time.Duration) *portion {
	p := &portion{born: now, done: make(chan struct{})}
	p.expires = time.AfterFunc(timeout, func() { p.tell(nil, ErrTimeout) })
	return p
}

// settle tells the senders what became of their pushes, unless they were refused before.
func (p *portion) settle(outcomes []outcome) {
	p.expires.Stop()
	p.tell(outcomes, nil)
}

func (p *portion) tell(outcomes []outcome, err error) {
	if p.told.Swap(true) {
		return
	}
	p.outcomes, p.err = outcomes, err
	close(p.done)
}

// outcome returns what became of a row, once done is closed.
func (p *portion) outcome(row int) outcome {
	if p.err != nil {
		return outcome{err: p.err}
	}
	return p.outcomes[row]
}

// backlog holds what waits to be stored, in portions; the last one grows.
type backlog struct {
	most    int // pushes
	size    int // of a full portion
	timeout time.Duration
	due     chan struct{} // holds a token when a writer is to begin

	mu       sync.Mutex
	portions []*portion
	pushes   int
	storing  int       // writers that are
	began    time.Time // when the last of them did
	enough   int       // pushes for a second writer to begin
	stopped  bool
}

// add puts a push in, and returns where.
func (b *backlog) add(row *model.Push) (p *portion, at int, err error) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.stopped:
		return nil, 0, ErrStopped
	case b.pushes >= b.most:
		return nil, 0, ErrOverloaded
	}
	if n := len(b.portions); n > 0 && len(b.portions[n-1].rows) < b.size && now.Sub(b.portions[n-1].born) < joinable {
		p = b.portions[n-1]
	} else {
		p = newPortion(now, b.timeout)
		b.portions = append(b.portions, p)
	}
	p.rows = append(p.rows, row)
	b.pushes++
	b.call(now)
	return p, len(p.rows) - 1, nil
}

// take removes portions of so many pushes at the most, from the oldest on; only full ones if full is set.
func (b *backlog) take(most int, full bool) (taken []*portion) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.portions) > 0 {
		p := b.portions[0]
		n := len(p.rows)
		if n > most || full && n < b.size {
			break
		}
		b.portions[0] = nil
		b.portions = b.portions[1:]
		b.pushes -= n
		if now.Sub(p.born) < b.timeout { // its senders are still there
			most -= n
			taken = append(taken, p)
		}
	}
	b.call(now)
	return taken
}

// ready tells whether another writer is to begin. What waits goes with the next transaction of one that
// is storing, which spares a flush, unless it is enough for a transaction of its own.
func (b *backlog) ready(now time.Time) bool {
	return b.pushes > 0 && (b.storing == 0 || b.pushes >= b.enough || now.Sub(b.began) > patience)
}

func (b *backlog) call(now time.Time) {
	if !b.ready(now) {
		return
	}
	select {
	case b.due <- struct{}{}:
	default:
	}
}

// begin tells whether there is something to do for a writer, who calls end after it.
func (b *backlog) begin() bool {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ready(now) {
		return false
	}
	b.storing++
	b.began = now
	return true
}

func (b *backlog) end(stored int) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.storing--
	b.enough = min(b.size, stored/2)
	b.call(now)
}

func (b *backlog) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pushes
}

// stop refuses what is waiting and what comes from now on.
func (b *backlog) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	for _, p := range b.portions {
		p.tell(nil, ErrStopped)
	}
	b.portions, b.pushes = nil, 0
}
