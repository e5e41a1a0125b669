// Package ingest stores pushes by group commit: while one insert is under way the next batch
// gathers, so that the rate is bounded by rows a flush can carry and not by flushes. An idle store
// commits a lone push at once.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wxcomponent/comm/event"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

// Why a push was not stored, besides what the database says. All are answered so that WeChat
// pushes again.
var (
	ErrOverloaded = errors.New("too many pushes are waiting to be stored")
	ErrTimeout    = errors.New("the push could not be stored in time")
	ErrStopped    = errors.New("the service is stopping")
)

const (
	// defaultBatch is few enough that the next ones are read while one is stored.
	defaultBatch   = 96
	defaultBacklog = 4096
	defaultTimeout = 3 * time.Second
	// salvageTries bounds the transactions spent on a batch that fails: enough to single out several
	// bad rows of a batch.
	salvageTries = 40
)

// Planner names the follow-up work of a push. The work is stored in the push's own transaction.
type Planner func(p *event.Push) []model.Work

// Options are the settings; zero values mean the defaults.
type Options struct {
	Writers int           // transactions at the same time; SQLite has one writer, MySQL takes 2 to 4
	Batch   int           // most pushes in one transaction
	Backlog int           // most pushes that wait; more are refused
	Timeout time.Duration // after which a push that is not stored is refused
	Plan    Planner       // nil: no follow-up work
	Nudge   func()        // called after a commit that added work; nil: nobody is told
}

// Result tells how a push was stored.
type Result struct {
	Duplicate bool // it had been stored before; nothing was added
}

// Ingest takes pushes from many goroutines and writes them from few.
type Ingest struct {
	store   Store
	opt     Options
	backlog chan *waiter
	stopped chan struct{}
	metrics metrics
}

// waiter is a push whose sender waits for the answer.
type waiter struct {
	row     model.Push
	since   time.Time
	outcome chan outcome // takes one without blocking
}

type outcome struct {
	duplicate bool
	err       error
}

// New returns an ingest that stores nothing until Run.
func New(store Store, reg prometheus.Registerer, opt Options) *Ingest {
	opt.Writers = max(opt.Writers, 1)
	if opt.Batch <= 0 {
		opt.Batch = defaultBatch
	}
	if opt.Backlog <= 0 {
		opt.Backlog = defaultBacklog
	}
	if opt.Timeout <= 0 {
		opt.Timeout = defaultTimeout
	}
	g := &Ingest{
		store: store, opt: opt,
		backlog: make(chan *waiter, opt.Backlog),
		stopped: make(chan struct{}),
	}
	g.metrics = newMetrics(reg)
	return g
}

// Store returns when the push is committed, or known to have been committed before. When it
// returns an error the push may have been stored all the same; sent again, it is a duplicate then.
func (g *Ingest) Store(ctx context.Context, p *event.Push) (Result, error) {
	w := &waiter{row: row(p, g.opt.Plan), since: time.Now(), outcome: make(chan outcome, 1)}
	select {
	case g.backlog <- w:
	default:
		return Result{}, ErrOverloaded
	}
	timer := time.NewTimer(g.opt.Timeout)
	defer timer.Stop()
	select {
	case o := <-w.outcome:
		return Result{Duplicate: o.duplicate}, o.err
	case <-timer.C:
		return Result{}, ErrTimeout
	case <-g.stopped:
		select {
		case o := <-w.outcome: // it was among the last that were written
			return Result{Duplicate: o.duplicate}, o.err
		default:
			return Result{}, ErrStopped
		}
	case <-ctx.Done():
		return Result{}, fmt.Errorf("wait for the push to be stored: %w", ctx.Err())
	}
}

// Run writes until ctx ends; then it writes what is waiting and returns. The listener must have
// been drained before: a push that comes after that is refused.
func (g *Ingest) Run(ctx context.Context) {
	var writers sync.WaitGroup
	for range g.opt.Writers {
		writers.Go(func() { g.write(ctx) })
	}
	writers.Wait()
	close(g.stopped)
}

func (g *Ingest) write(ctx context.Context) {
	inserts := context.WithoutCancel(ctx) // a stop must not cut off a commit
	batch := make([]*waiter, 0, g.opt.Batch)
	for {
		select {
		case w := <-g.backlog:
			g.settle()
			batch = g.gather(g.admit(batch[:0], w))
		case <-ctx.Done():
			if len(g.backlog) == 0 {
				return
			}
			batch = g.gather(batch[:0])
		}
		if len(batch) > 0 {
			g.commit(inserts, batch)
		}
		clear(batch)
	}
}

// settle lets pushes that are being read right now join the batch: as long as more keep coming, the
// processor goes to them first. A lone push meets nobody and goes on at once.
func (g *Ingest) settle() {
	for waiting := -1; waiting < len(g.backlog) && waiting < g.opt.Batch; {
		waiting = len(g.backlog)
		runtime.Gosched()
	}
}

// gather adds what is waiting, without waiting for more.
func (g *Ingest) gather(batch []*waiter) []*waiter {
	for len(batch) < g.opt.Batch {
		select {
		case w := <-g.backlog:
			batch = g.admit(batch, w)
		default:
			return batch
		}
	}
	return batch
}

// admit leaves out a push whose sender was refused for the time it took.
func (g *Ingest) admit(batch []*waiter, w *waiter) []*waiter {
	if time.Since(w.since) >= g.opt.Timeout {
		return batch
	}
	return append(batch, w)
}

// commit stores a batch and answers everyone who waits for it.
func (g *Ingest) commit(ctx context.Context, batch []*waiter) {
	ctx, cancel := context.WithTimeout(ctx, g.opt.Timeout)
	defer cancel()
	begin := time.Now()
	tries := salvageTries
	added := g.insert(ctx, batch, &tries)
	g.metrics.committed(len(batch), time.Since(begin))
	if added && g.opt.Nudge != nil {
		g.opt.Nudge()
	}
}

// insert stores a batch in one transaction. When that fails although the database works, each half
// is tried by itself, so that a row that cannot be stored does not take its neighbours with it. It
// tells whether work was added.
func (g *Ingest) insert(ctx context.Context, batch []*waiter, tries *int) (added bool) {
	rows := make([]model.Push, len(batch))
	for i, w := range batch {
		rows[i] = w.row
	}
	*tries--
	duplicates, err := g.tryInsert(ctx, rows)
	if err == nil {
		return answer(batch, duplicates)
	}
	if len(batch) == 1 || *tries <= 0 || ctx.Err() != nil || errors.Is(err, dao.ErrUnavailable) {
		for _, w := range batch {
			w.outcome <- outcome{err: fmt.Errorf("store push: %w", err)}
		}
		return false
	}
	half := len(batch) / 2
	first := g.insert(ctx, batch[:half], tries)
	second := g.insert(ctx, batch[half:], tries)
	return first || second
}

func answer(batch []*waiter, duplicates []bool) (added bool) {
	for i, w := range batch {
		added = added || len(w.row.Work) > 0 && !duplicates[i]
		w.outcome <- outcome{duplicate: duplicates[i]}
	}
	return added
}

// tryInsert turns a panic into an error: the writers must go on.
func (g *Ingest) tryInsert(ctx context.Context, rows []model.Push) (duplicates []bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("insert panicked: %v", p)
		}
	}()
	duplicates, err = g.store.PushInsert(ctx, rows)
	if err == nil && len(duplicates) != len(rows) {
		err = fmt.Errorf("insert of %d rows answered for %d", len(rows), len(duplicates))
	}
	return duplicates, err
}
