package dao

import (
	"context"
	"fmt"
	"time"

	"wxcomponent/db/model"
)

// prune deletes up to limit rows. No statement deletes with a limit of its own: not every database
// can. condition may end in an order.
func (s *Store) prune(ctx context.Context, table, id, condition string, limit int, args ...any) (int, error) {
	var ids []string
	err := s.write(ctx).Raw("SELECT "+id+" FROM "+table+" WHERE "+condition+" LIMIT ?", append(args, limit)...).
		Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	n, err := s.exec(ctx, "DELETE FROM "+table+" WHERE "+id+" IN ?", ids)
	return int(n), err
}

// PushPrune removes up to limit of the oldest pushes of a channel that came in before the time.
func (s *Store) PushPrune(ctx context.Context, channel int8, before time.Time, limit int) (int, error) {
	n, err := s.prune(ctx, pushTable(channel), "id", "receivetime < ? ORDER BY receivetime, id", limit, seconds(before))
	return n, fail("remove old pushes", err)
}

// IdentityPrune forgets up to limit identities of pushes that were made, and stored, before the
// time. One of them that came again would be stored again.
func (s *Store) IdentityPrune(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.prune(ctx, "push_identity", "dedupkey", "dedupkey < ? AND atms < ? ORDER BY dedupkey", limit,
		fmt.Sprintf("%08x", before.Unix()), before.UnixMilli())
	return n, fail("forget old pushes", err)
}

// PushStatPrune removes the statistics of minutes before the time.
func (s *Store) PushStatPrune(ctx context.Context, before time.Time) (int, error) {
	n, err := s.exec(ctx, "DELETE FROM push_stat WHERE bucketms < ?", before.UnixMilli())
	return int(n), fail("remove old statistics", err)
}

// AuditPrune removes up to limit lines of the audit trail from before the time.
func (s *Store) AuditPrune(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.prune(ctx, "audit_trail", "id", "atms < ? ORDER BY atms", limit, before.UnixMilli())
	return n, fail("remove old lines of the audit trail", err)
}

// AuthVisitPrune removes up to limit visits that expired before the time.
func (s *Store) AuthVisitPrune(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.prune(ctx, "auth_visit", "id", "expirems < ? ORDER BY expirems", limit, before.UnixMilli())
	return n, fail("remove old visits", err)
}

// WorkPrune removes up to limit items of each kind and way of ending that ended before the time.
// What was given up stays.
func (s *Store) WorkPrune(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.workPrune(ctx, []model.WorkState{model.WorkDone, model.WorkCancelled}, before, limit)
	return n, fail("remove ended work", err)
}

// WorkDeadPrune removes up to limit items of each kind that were given up before the time.
func (s *Store) WorkDeadPrune(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.workPrune(ctx, []model.WorkState{model.WorkDead}, before, limit)
	return n, fail("remove work that was given up", err)
}

func (s *Store) workPrune(ctx context.Context, states []model.WorkState, before time.Time, limit int) (removed int, err error) {
	kind := ""
	for {
		var next *string // the kinds one by one: the index knows where the next begins
		if err := s.read(ctx).Raw("SELECT MIN(kind) FROM work WHERE kind > ?", kind).Scan(&next).Error; err != nil || next == nil {
			return removed, err
		}
		kind = *next
		for _, state := range states {
			n, err := s.prune(ctx, "work", "id", "kind = ? AND state = ? AND nextms < ? ORDER BY nextms", limit,
				kind, state, before.UnixMilli())
			if err != nil {
				return removed, err
			}
			removed += n
		}
	}
}
