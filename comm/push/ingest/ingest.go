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

	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Why a push was not stored, besides what the database says. All are answered so that WeChat
// pushes again.
var (
	ErrOverloaded = errors.New("too many pushes are waiting to be stored")
	ErrTimeout    = errors.New("the push could not be stored in time")
	ErrStopped    = errors.New("the service is stopping")
)

// IdentityKept is for how long a push that comes again is recognised, at the least; WeChat repeats within
// seconds. What was signed before that is to be refused: it could not be told from a push that was stored.
const IdentityKept = 3 * 24 * time.Hour

const (
	// beginWith is how many pushes a transaction begins with at the most; few enough that the next ones
	// are read meanwhile.
	beginWith      = 96
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
	// Hold tells which pushes are kept without follow-up work until somebody releases them; nil: none.
	Hold func(p *event.Push) bool
	// Nudge is told the kinds of the work that a commit added; nil: nobody is.
	Nudge func(kinds []string)
}

// Result tells how a push was stored.
type Result struct {
	Duplicate bool // it had been stored before; nothing was added
	Held      bool // it has no follow-up work until somebody releases it
}

// Ingest takes pushes from many goroutines and writes them from few.
type Ingest struct {
	store   Store
	opt     Options
	backlog backlog
	metrics metrics
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
	return &Ingest{
		store: store, opt: opt, metrics: newMetrics(reg),
		backlog: backlog{
			most: opt.Backlog, size: min(portionSize, opt.Batch), timeout: opt.Timeout, due: make(chan struct{}, 1),
		},
	}
}

// Store returns when the push is committed, or known to have been committed before. When it
// returns an error the push may have been stored all the same; sent again, it is a duplicate then.
func (g *Ingest) Store(ctx context.Context, p *event.Push) (Result, error) {
	held := g.opt.Hold != nil && g.opt.Hold(p)
	pushed := row(p, held, g.opt.Plan)
	portion, at, err := g.backlog.add(&pushed)
	if err != nil {
		return Result{}, err
	}
	select {
	case <-portion.done:
		o := portion.outcome(at)
		return Result{Duplicate: o.duplicate, Held: held}, o.err
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
	g.backlog.stop()
}

func (g *Ingest) write(ctx context.Context) {
	inserts := context.WithoutCancel(ctx) // a stop must not cut off a commit
	for {
		select {
		case <-g.backlog.due:
			g.linger()
			g.commit(inserts)
		case <-ctx.Done():
			if !g.commit(inserts) { // nothing is left, or another writer goes on with it
				return
			}
		}
	}
}

// linger lets pushes that are being read right now join the batch: as long as more keep coming, the
// processor goes to them first. A lone push meets nobody and goes on at once.
func (g *Ingest) linger() {
	for before := -1; ; {
		waiting := g.backlog.waiting()
		if waiting <= before || waiting >= g.opt.Batch {
			return
		}
		before = waiting
		runtime.Gosched()
	}
}

// commit stores what is waiting together with what comes in while it is stored, and tells everyone who
// waits for it. It returns false when there was nothing to do.
func (g *Ingest) commit(ctx context.Context) bool {
	if !g.backlog.begin() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, g.opt.Timeout)
	defer cancel()
	begin := time.Now()
	var batch []*portion
	var pushes []*model.Push
	take := func(most int, full bool) {
		taken := g.backlog.take(most, full)
		batch, pushes = append(batch, taken...), rows(pushes, taken)
	}
	given := 0
	outcomes, err := g.insert(ctx, func() []*model.Push {
		switch given {
		case 0:
			take(min(g.opt.Batch, beginWith), false)
		case len(batch):
			take(g.opt.Batch-len(pushes), true)
		}
		if given == len(batch) {
			return nil
		}
		given++
		return batch[given-1].rows
	})
	if err != nil {
		if len(batch) == 0 { // it did not come so far as to ask
			take(min(g.opt.Batch, beginWith), false)
		}
		tries := salvageTries
		outcomes = g.salvage(ctx, pushes, &tries, err)
	}
	g.backlog.end(len(pushes))
	if len(pushes) == 0 { // another writer was faster
		return true
	}
	kinds := added(pushes, outcomes)
	for _, p := range batch {
		n := len(p.rows)
		p.settle(outcomes[:n])
		outcomes = outcomes[n:]
	}
	g.metrics.committed(len(pushes), time.Since(begin))
	if len(kinds) > 0 && g.opt.Nudge != nil {
		g.opt.Nudge(kinds)
	}
	return true
}

func rows(pushes []*model.Push, of []*portion) []*model.Push {
	for _, p := range of {
		pushes = append(pushes, p.rows...)
	}
	return pushes
}

// added returns the kinds of the work that came with new pushes.
func added(pushes []*model.Push, outcomes []outcome) (kinds []string) {
	for i, push := range pushes {
		if outcomes[i].duplicate || outcomes[i].err != nil {
			continue
		}
		for _, item := range push.Work {
			if !slices.Contains(kinds, item.Kind) {
				kinds = append(kinds, item.Kind)
			}
		}
	}
	return kinds
}

// salvage is for pushes whose transaction failed. If the database works, each half is tried by itself, so
// that a row that cannot be stored does not take its neighbours with it.
func (g *Ingest) salvage(ctx context.Context, pushes []*model.Push, tries *int, err error) []outcome {
	if len(pushes) <= 1 || *tries <= 0 || ctx.Err() != nil || errors.Is(err, model.ErrUnavailable) {
		return slices.Repeat([]outcome{{err: fmt.Errorf("store push: %w", err)}}, len(pushes))
	}
	var outcomes []outcome
	middle := len(pushes) / 2
	for _, half := range [][]*model.Push{pushes[:middle], pushes[middle:]} {
		*tries--
		of, err := g.insert(ctx, once(half))
		if err != nil {
			of = g.salvage(ctx, half, tries, err)
		}
		outcomes = append(outcomes, of...)
	}
	return outcomes
}

func once(pushes []*model.Push) func() []*model.Push {
	return func() (next []*model.Push) {
		next, pushes = pushes, nil
		return next
	}
}

// insert stores what next returns. A panic is an error: the writers must go on.
func (g *Ingest) insert(ctx context.Context, next func() []*model.Push) (outcomes []outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("insert panicked: %v", p)
		}
	}()
	given := 0
	duplicates, err := g.store.PushStream(ctx, func() []*model.Push {
		part := next()
		given += len(part)
		return part
	})
	if err != nil {
		return nil, err
	}
	if len(duplicates) != given {
		return nil, fmt.Errorf("insert of %d rows answered for %d", given, len(duplicates))
	}
	outcomes = make([]outcome, given)
	for i := range duplicates {
		outcomes[i].duplicate = duplicates[i]
	}
	return outcomes, nil
}
