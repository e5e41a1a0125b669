package db

import (
	"context"
	"fmt"
	"sync"

	"gorm.io/gorm"
)

// groupMost is how many transactions are committed as one at the most.
const groupMost = 64

// group commits transactions that wait for SQLite's one writer together, so that they share one flush
// to the disk: while one commit is under way the next ones gather. Each has a savepoint, so that one
// that fails takes nothing of the others with it. A lone transaction goes on at once.
type group struct {
	pool *gorm.DB

	mu      sync.Mutex
	waiting []*job
	running bool
}

// job is a transaction that somebody waits for.
type job struct {
	ctx  context.Context
	fn   func(tx *gorm.DB) error
	done chan struct{}
	err  error

	mu    sync.Mutex
	begun bool // fn has been called
	left  bool // nobody waits for it any more
}

// do returns when fn's changes are committed, or have failed. ctx ends the waiting for the writer.
func (g *group) do(ctx context.Context, fn func(tx *gorm.DB) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, j)
	if !g.running {
		g.running = true
		go g.run(context.WithoutCancel(ctx))
	}
	g.mu.Unlock()
	select {
	case <-j.done:
	case <-ctx.Done():
		if g.withdraw(j) || j.leave() {
			return fmt.Errorf("wait for the database's writer: %w", ctx.Err())
		}
		<-j.done // it has begun, and its statements end with ctx
	}
	return j.err
}

// leave gives a job up that the transaction has not come to: it may be waiting for a lock of the file.
func (j *job) leave() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.left = !j.begun
	return j.left
}

// begin tells whether somebody still waits for the job.
func (j *job) begin() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begun = !j.left
	return j.begun
}

// withdraw takes back a job that has not begun.
func (g *group) withdraw(j *job) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.waiting {
		if w == j {
			g.waiting = append(g.waiting[:i:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

func (g *group) run(ctx context.Context) {
	for {
		jobs := g.next()
		if len(jobs) == 0 {
			return
		}
		for begun := jobs; len(begun) > 0; {
			begun = g.commit(ctx, begun)
		}
		for _, j := range jobs {
			close(j.done)
		}
	}
}

func (g *group) next() []*job {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), groupMost)
	jobs := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	if n == 0 {
		g.waiting, g.running = nil, false
	}
	return jobs
}

// commit runs jobs in one transaction and returns those that have to be done again: a statement that
// was cut off by the end of its context takes the whole transaction with it.
func (g *group) commit(ctx context.Context, jobs []*job) (again []*job) {
	var lost *job
	err := Transact(ctx, g.pool, func(tx *gorm.DB) error {
		if len(jobs) == 1 {
			return jobs[0].call(tx)
		}
		for _, j := range jobs {
			if err := tx.Exec("SAVEPOINT job").Error; err != nil {
				return err
			}
			if j.err = j.call(tx); j.err == nil {
				continue
			}
			if err := tx.Exec("ROLLBACK TO job").Error; err != nil {
				lost = j
				return err
			}
		}
		return nil
	})
	if lost != nil {
		for _, j := range jobs {
			if j != lost {
				again = append(again, j)
			}
		}
		return again
	}
	if err != nil {
		for _, j := range jobs {
			j.err = err
		}
	}
	return nil
}

// call turns a panic into an error, so that the others go on.
func (j *job) call(tx *gorm.DB) (err error) {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	if !j.begin() {
		return context.Canceled
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the transaction panicked: %v", p)
		}
	}()
	return j.fn(tx.WithContext(j.ctx))
}
