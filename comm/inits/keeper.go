package inits

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/push/ingest"
	"wxcomponent/db/model"
)

// keeper does the housekeeping: it sums up pushes for the charts and deletes what is past its
// retention. Every instance runs it; what is done twice changes nothing.
type keeper struct {
	store                     keeperStore
	retention, auditRetention time.Duration // 0 keeps everything
	untouched                 time.Time     // messages are not deleted before
	now                       func() time.Time
	log                       *zap.Logger
}

// buildKeeper makes the housekeeping. A database that was taken over may hold years of messages: with
// the default retention nothing of it goes before operators have had that long to choose another.
func (a *app) buildKeeper(ctx context.Context) error {
	a.keeper = &keeper{
		store: a.store, retention: a.cfg.Retention, auditRetention: a.cfg.AuditRetention, now: time.Now, log: a.log,
	}
	if a.cfg.RetentionChosen {
		return nil
	}
	firstStart, err := a.store.KVRow(ctx, keyJWT)
	if err != nil {
		return fmt.Errorf("find the time of the first start: %w", err)
	}
	a.keeper.untouched = firstStart.CreateTime.Add(a.cfg.Retention)
	return nil
}

// keeperStore counts pushes, and deletes up to limit rows older than before and tells how many.
type keeperStore interface {
	PushRolledUp(ctx context.Context) (time.Time, error)
	PushFirst(ctx context.Context, since time.Time) (time.Time, error)
	PushRollup(ctx context.Context, minute time.Time) error
	PushPrune(ctx context.Context, channel int8, before time.Time, limit int) (int, error)
	IdentityPrune(ctx context.Context, before time.Time, limit int) (int, error)
	WorkPrune(ctx context.Context, before time.Time, limit int) (int, error)
	WorkDeadPrune(ctx context.Context, before time.Time, limit int) (int, error)
	AuditPrune(ctx context.Context, before time.Time, limit int) (int, error)
	AuthVisitPrune(ctx context.Context, before time.Time, limit int) (int, error)
	CounterPrune(ctx context.Context, before time.Time, limit int) (int, error)
	AttemptPrune(ctx context.Context, before time.Time, limit int) (int, error)
	CheckStepPrune(ctx context.Context, before time.Time, limit int) (int, error)
	PushStatPrune(ctx context.Context, before time.Time) (int, error)
	ForwardStatPrune(ctx context.Context, before time.Time) (int, error)
	NotifyPrune(ctx context.Context, before time.Time, limit int) (int, error)
}

const (
	rollupEvery = 20 * time.Second
	pruneEvery  = 10 * time.Minute
	pruneBatch  = 1000
	prunePause  = 50 * time.Millisecond // between batches, for the pushes' sake
	// identityKept leaves room for clocks of instances that differ.
	identityKept = ingest.IdentityKept + time.Hour
	// workKept is how long ended work stays to be looked at, at the least: what was given up stays as
	// long as the messages that it is about.
	workKept = 7 * 24 * time.Hour
	// shortKept is for what is of no use a day later: visits to authorization pages, login counters.
	shortKept = 24 * time.Hour
	// statKept is how far back charts go.
	statKept = 400 * 24 * time.Hour
	// notifyKept is how long notifications are shown, and their events recognised.
	notifyKept = 30 * 24 * time.Hour
	// rollupBack is how far back a start looks for minutes that nobody has summed up.
	rollupBack = 24 * time.Hour
)

func (k *keeper) run(ctx context.Context) {
	rollup, prune := time.NewTicker(rollupEvery), time.NewTicker(pruneEvery)
	defer rollup.Stop()
	defer prune.Stop()
	k.rollUp(ctx)
	k.prune(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-rollup.C:
			k.rollUp(ctx)
		case <-prune.C:
			k.prune(ctx)
		}
	}
}

// rollUp sums up every minute with pushes since the newest one that has been, that one included: more
// may have come since.
func (k *keeper) rollUp(ctx context.Context) {
	now := k.now()
	from, err := k.store.PushRolledUp(ctx)
	if oldest := now.Add(-rollupBack); from.Before(oldest) {
		from = oldest
	}
	if last := now.Add(-2 * time.Minute); from.After(last) {
		from = last
	}
	for at := from; err == nil && ctx.Err() == nil; at = at.Add(time.Minute) {
		at, err = k.store.PushFirst(ctx, at.Truncate(time.Minute))
		if at.IsZero() || at.After(now) {
			break
		}
		err = k.store.PushRollup(ctx, at)
	}
	if err != nil && ctx.Err() == nil {
		k.log.Warn("pushes could not be summed up", zap.Error(err))
	}
}

// pruner deletes up to limit rows older than before and returns how many there were.
type pruner func(ctx context.Context, before time.Time, limit int) (int, error)

func (k *keeper) prune(ctx context.Context) {
	now := k.now()
	for _, job := range []struct {
		name   string
		keep   time.Duration
		delete pruner
	}{
		{"authorization events", k.retention, k.pushes(model.ChannelComponent)},
		{"messages", k.retention, k.pushes(model.ChannelBiz)},
		{"delivery attempts", k.retention, k.store.AttemptPrune},
		{"release checks", k.retention, k.store.CheckStepPrune},
		{"push identities", identityKept, k.store.IdentityPrune},
		{"ended work", workKept, k.store.WorkPrune},
		{"work given up", k.deadKept(), k.store.WorkDeadPrune},
		{"audit trail", k.auditRetention, k.store.AuditPrune},
		{"visits", shortKept, k.store.AuthVisitPrune},
		{"counters", shortKept, k.store.CounterPrune},
		{"statistics", statKept, k.stats},
		{"notifications", notifyKept, k.store.NotifyPrune},
	} {
		if job.keep == 0 {
			continue
		}
		if err := pruneAll(ctx, now.Add(-job.keep), job.delete); err != nil && ctx.Err() == nil {
			k.log.Warn("old rows could not be deleted", zap.String("what", job.name), zap.Error(err))
		}
	}
}

// deadKept is 0 when everything is kept.
func (k *keeper) deadKept() time.Duration {
	if k.retention == 0 {
		return 0
	}
	return max(k.retention, workKept)
}

func (k *keeper) pushes(channel int8) pruner {
	return func(ctx context.Context, before time.Time, limit int) (int, error) {
		if k.now().Before(k.untouched) {
			return 0, nil
		}
		return k.store.PushPrune(ctx, channel, before, limit)
	}
}

// stats deletes all at once: there is at most one row a minute and kind.
func (k *keeper) stats(ctx context.Context, before time.Time, _ int) (int, error) {
	_, err := k.store.PushStatPrune(ctx, before)
	if err != nil {
		return 0, err
	}
	_, err = k.store.ForwardStatPrune(ctx, before)
	return 0, err
}

func pruneAll(ctx context.Context, before time.Time, del pruner) error {
	for {
		n, err := del(ctx, before, pruneBatch)
		if err != nil || n < pruneBatch {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(prunePause):
		}
	}
}
