package dao

import (
	"context"
	"time"

	"wxcomponent/db/model"
)

// ForwardStatAdd adds to the statistics of targets.
func (s *Store) ForwardStatAdd(ctx context.Context, stats []model.ForwardStat) error {
	return fail("store the statistics of targets", s.Tx(ctx, func(tx *Store) error {
		for _, st := range stats {
			err := tx.upsert(func() (int64, error) {
				return tx.exec(ctx, "UPDATE forward_stat SET delivered = delivered + ?, failed = failed + ?,"+
					" durationms = durationms + ?, maxms = CASE WHEN maxms < ? THEN ? ELSE maxms END"+
					" WHERE target = ? AND bucketms = ?",
					st.Delivered, st.Failed, st.DurationMS, st.MaxMS, st.MaxMS, st.Target, st.BucketMS)
			}, func() error { return tx.w.WithContext(ctx).Create(&st).Error })
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// ForwardStatSeries returns the statistics of a target (of all when it is "") between the times,
// put together into steps.
func (s *Store) ForwardStatSeries(ctx context.Context, target string, from, to time.Time, step time.Duration) ([]model.ForwardStat, error) {
	w := &where{}
	w.equal("target", target)
	w.add("bucketms >= ? AND bucketms < ?", from.UnixMilli(), to.UnixMilli())
	stepMS := max(step.Milliseconds(), time.Minute.Milliseconds())
	var rows []model.ForwardStat
	err := s.read(ctx).Raw("SELECT target, bucketms - bucketms % ? AS bucketms, SUM(delivered) AS delivered,"+
		" SUM(failed) AS failed, SUM(durationms) AS durationms, MAX(maxms) AS maxms FROM forward_stat"+w.String()+
		" GROUP BY target, bucketms - bucketms % ? ORDER BY 1, 2",
		append(append([]any{stepMS}, w.args...), stepMS)...).Scan(&rows).Error
	return rows, fail("read the statistics of targets", err)
}

// ForwardStatPrune removes up to limit minutes of statistics from before the time.
func (s *Store) ForwardStatPrune(ctx context.Context, before time.Time) (int, error) {
	n, err := s.exec(ctx, "DELETE FROM forward_stat WHERE bucketms < ?", before.UnixMilli())
	return int(n), fail("remove old statistics of targets", err)
}

// ForwardSpan tells since when a target has only failed.
func (s *Store) ForwardSpan(ctx context.Context, target string) (span model.ForwardSpan, err error) {
	err = s.read(ctx).Raw("SELECT COALESCE(MAX(atms), 0) FROM delivery_attempt WHERE target = ? AND ok = ?", target, true).
		Scan(&span.LastOKMS).Error
	if err == nil {
		err = s.read(ctx).Raw("SELECT COALESCE(MIN(atms), 0) FROM delivery_attempt WHERE target = ? AND ok = ? AND atms > ?",
			target, false, span.LastOKMS).Scan(&span.FirstFailedMS).Error
	}
	return span, fail("read how a target has been", err)
}
