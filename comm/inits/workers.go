package inits

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"wxcomponent/db"
)

// start runs the workers. The returned function stops them in the reverse order and returns when
// they have ended, or when its context does.
func (a *app) start(ctx context.Context) func(context.Context) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	for name, work := range map[string]func(context.Context){
		"ingest": a.ingest.Run, "queue": a.queue.Run, "watcher": a.watcher.Run,
		"forwarding": a.forward.Run, "release check": a.check.Run, "keeper": a.keeper.run, "online migrations": a.migrateOnline,
		"notices": a.tellOfTargets, "refusals": a.refusals.Run,
	} {
		running.Go(func() { a.guard(ctx, name, work) })
	}
	return func(stop context.Context) {
		cancel()
		ended := make(chan struct{})
		go func() {
			running.Wait()
			a.tokens.Close(stop)
			close(ended)
		}()
		select {
		case <-ended:
		case <-stop.Done():
			a.log.Warn("some workers did not end in time")
		}
	}
}

// restartPause keeps a worker that panics at once from turning into a busy loop.
const restartPause = time.Second

// guard runs a worker until ctx ends; one that panics is logged and started again.
func (a *app) guard(ctx context.Context, name string, work func(context.Context)) {
	for {
		panicked := a.runOnce(ctx, name, work)
		if !panicked || ctx.Err() != nil {
			return
		}
		select {
		case <-time.After(restartPause):
		case <-ctx.Done():
			return
		}
	}
}

func (a *app) runOnce(ctx context.Context, name string, work func(context.Context)) (panicked bool) {
	defer func() {
		if cause := recover(); cause != nil {
			panicked = true
			a.log.Error("worker panicked", zap.String("worker", name), zap.String("cause", fmt.Sprint(cause)), zap.Stack("stack"))
		}
	}()
	work(ctx)
	return false
}

// migrateOnline brings big tables of the template up to date beside the running service.
func (a *app) migrateOnline(ctx context.Context) {
	if err := db.MigrateOnline(ctx, a.db); err != nil && ctx.Err() == nil {
		a.log.Error("background migration failed; it is tried again at the next start", zap.Error(err))
	}
}
