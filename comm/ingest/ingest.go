// Package ingest stores pushes by group commit: while one insert is under way the next batch
// gathers, so that the rate is bounded by rows a flush can carry and not by flushes. An idle store
// commits a lone push at once.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
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
	// beginWith is how many pushes a transaction begins with at the most; few enough that the next ones
	// are read meanwhile.
	beginWith = 96
	// portion is what more of them are taken along in: as many as the database's statements for many.
	portion        = 32
	defaultBatch   = 256
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
	Writers int           // transactions at the same time; 0 means 1
	Batch   int           // most pushes in one transaction
	Backlog int           // most pushes that wait; more are refused
	Timeout time.Duration // after which a push that is not stored is refused
	Plan    Planner       // nil: no follow-up work
	// Nudge is told the kinds of the work that a commit added; nil: nobody is.
	Nudge func(kinds []string)
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
	timers  sync.Pool // of *time.Timer that do not run
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
	timer := g.timer()
	defer g.timers.Put(timer)
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

func (g *Ingest) timer() *time.Timer {
	timer, _ := g.timers.Get().(*time.Timer)
	if timer == nil {
		return time.NewTimer(g.opt.Timeout)
	}
	timer.Reset(g.opt.Timeout)
	return timer
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
			batch = g.admit(batch[:0], w)
		case <-ctx.Done():
			if len(g.backlog) == 0 {
				return
			}
			batch = g.gather(batch[:0], 1)
		}
		if len(batch) > 0 {
			batch = g.commit(inserts, batch)
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

// gather adds what is waiting, without waiting for more, until the batch has so many.
func (g *Ingest) gather(batch []*waiter, most int) []*waiter {
	for len(batch) < most {
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

// commit stores a batch together with what waits when its turn comes, and with what comes in while it is
// stored, and answers everyone who waits for it. It returns the whole batch.
func (g *Ingest) commit(ctx context.Context, batch []*waiter) []*waiter {
	ctx, cancel := context.WithTimeout(ctx, g.opt.Timeout)
	defer cancel()
	begin := time.Now()
	given := 0
	duplicates, err := try(&batch, func() ([]bool, error) {
		return g.store.PushStream(ctx, func() []*model.Push {
			if given == 0 {
				batch = g.gather(batch, min(g.opt.Batch, beginWith))
			} else {
				batch = g.more(batch)
			}
			next := rows(batch[given:])
			given = len(batch)
			return next
		})
	})
	var added []string
	if err == nil {
		added = answer(batch, duplicates)
	} else {
		tries := salvageTries
		added = g.salvage(ctx, batch, &tries, err)
	}
	g.metrics.committed(len(batch), time.Since(begin))
	if len(added) > 0 && g.opt.Nudge != nil {
		g.opt.Nudge(added)
	}
	return batch
}

// more takes along what has come in, if that is a portion at least.
func (g *Ingest) more(batch []*waiter) []*waiter {
	room := min(len(g.backlog), g.opt.Batch-len(batch))
	return g.gather(batch, len(batch)+room-room%portion)
}

func rows(batch []*waiter) []*model.Push {
	rows := make([]*model.Push, len(batch))
	for i, w := range batch {
		rows[i] = &w.row
	}
	return rows
}

func once(rows []*model.Push) func() []*model.Push {
	return func() (next []*model.Push) {
		next, rows = rows, nil
		return next
	}
}

// salvage is for a batch that failed. If the database works, each half is tried by itself, so that a
// row that cannot be stored does not take its neighbours with it. It returns the kinds of the work that
// was added.
func (g *Ingest) salvage(ctx context.Context, batch []*waiter, tries *int, err error) (added []string) {
	if len(batch) == 1 || *tries <= 0 || ctx.Err() != nil || errors.Is(err, dao.ErrUnavailable) {
		for _, w := range batch {
			w.outcome <- outcome{err: fmt.Errorf("store push: %w", err)}
		}
		return nil
	}
	half := len(batch) / 2
	return append(g.insert(ctx, batch[:half], tries), g.insert(ctx, batch[half:], tries)...)
}

func (g *Ingest) insert(ctx context.Context, batch []*waiter, tries *int) (added []string) {
	*tries--
	duplicates, err := try(&batch, func() ([]bool, error) { return g.store.PushStream(ctx, once(rows(batch))) })
	if err != nil {
		return g.salvage(ctx, batch, tries, err)
	}
	return answer(batch, duplicates)
}

func answer(batch []*waiter, duplicates []bool) (added []string) {
	for i, w := range batch {
		if !duplicates[i] {
			for _, item := range w.row.Work {
				if !slices.Contains(added, item.Kind) {
					added = append(added, item.Kind)
				}
			}
		}
		w.outcome <- outcome{duplicate: duplicates[i]}
	}
	return added
}

// try turns a panic of an insert into an error: the writers must go on.
func try(batch *[]*waiter, insert func() ([]bool, error)) (duplicates []bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("insert panicked: %v", p)
		}
	}()
	duplicates, err = insert()
	if err == nil && len(duplicates) != len(*batch) {
		err = fmt.Errorf("insert of %d rows answered for %d", len(*batch), len(duplicates))
	}
	return duplicates, err
}
