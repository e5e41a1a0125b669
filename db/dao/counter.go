package dao

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"wxcomponent/db/model"
)

const counterKeyLength = 64

// counterKey makes a key of any length fit the column.
func counterKey(key string) string {
	if len(key) <= counterKeyLength {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// CounterGet returns the hits since the key's first one, 0 when that is more than window ago.
func (s *Store) CounterGet(ctx context.Context, key string, window time.Duration) (int, error) {
	var rows []model.Counter
	err := s.read(ctx).Where("`key` = ? AND createtime > ?", counterKey(key), seconds(s.now().Add(-window))).
		Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, fail("read a counter", err)
	}
	return rows[0].Value, nil
}

// CounterHit adds one and returns the new count. A first hit more than window ago begins anew.
func (s *Store) CounterHit(ctx context.Context, key string, window time.Duration) (n int, err error) {
	err = s.Tx(ctx, func(tx *Store) error {
		if err := tx.counterAdd(ctx, counterKey(key), window); err != nil {
			return err
		}
		return tx.w.WithContext(ctx).Raw("SELECT value FROM counter WHERE `key` = ?", counterKey(key)).Scan(&n).Error
	})
	return n, fail("raise a counter", err)
}

func (s *Store) counterAdd(ctx context.Context, key string, window time.Duration) error {
	now := seconds(s.now())
	begin := seconds(s.now().Add(-window))
	add := func() (int64, error) {
		n, err := s.exec(ctx, "UPDATE counter SET value = value + 1, updatetime = ? WHERE `key` = ? AND createtime > ?",
			now, key, begin)
		if err != nil || n > 0 {
			return n, err
		}
		return s.exec(ctx, "UPDATE counter SET value = 1, createtime = ?, updatetime = ? WHERE `key` = ?"+
			" AND createtime <= ?", now, now, key, begin)
	}
	return s.upsert(add, func() error {
		_, err := s.exec(ctx, "INSERT INTO counter (`key`, value, createtime, updatetime) VALUES (?, 1, ?, ?)",
			key, now, now)
		return err
	})
}

// CounterTake adds one where the count is below most; one that has rested since its last hit begins anew.
// It tells whether it did.
func (s *Store) CounterTake(ctx context.Context, key string, most int, rest time.Duration) (taken bool, err error) {
	now, rested, key := seconds(s.now()), seconds(s.now().Add(-rest)), counterKey(key)
	take := func() (int64, error) {
		n, err := s.exec(ctx, "UPDATE counter SET value = CASE WHEN updatetime <= ? THEN 1 ELSE value + 1 END,"+
			" createtime = ?, updatetime = ? WHERE `key` = ? AND (updatetime <= ? OR value < ?)",
			rested, now, now, key, rested, most)
		taken = n > 0
		return n, err
	}
	err = s.upsert(take, func() error {
		_, err := s.exec(ctx, "INSERT INTO counter (`key`, value, createtime, updatetime) VALUES (?, 1, ?, ?)", key, now, now)
		taken = err == nil
		return err
	})
	return taken, fail("take from a counter", err)
}

// CounterBack takes one hit back; when the last one was stays.
func (s *Store) CounterBack(ctx context.Context, key string) error {
	_, err := s.exec(ctx, "UPDATE counter SET value = value - 1, updatetime = updatetime WHERE `key` = ? AND value > 0",
		counterKey(key))
	return fail("take back a hit", err)
}

// CounterAdd adds to the values of keys, all of which fit the column.
func (s *Store) CounterAdd(ctx context.Context, counts map[string]int64) error {
	now := seconds(s.now())
	return fail("raise counters", s.Tx(ctx, func(tx *Store) error {
		for _, key := range slices.Sorted(maps.Keys(counts)) { // in the same order everywhere: no deadlocks
			n := counts[key]
			err := tx.upsert(func() (int64, error) {
				return tx.exec(ctx, "UPDATE counter SET value = value + ?, updatetime = ? WHERE `key` = ?", n, now, key)
			}, func() error {
				_, err := tx.exec(ctx, "INSERT INTO counter (`key`, value, createtime, updatetime) VALUES (?, ?, ?, ?)",
					key, n, now, now)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// CounterRange returns the values of the keys from first until before end.
func (s *Store) CounterRange(ctx context.Context, first, end string) (map[string]int64, error) {
	var rows []model.Counter
	err := s.read(ctx).Where("`key` >= ? AND `key` < ?", first, end).Find(&rows).Error
	counts := make(map[string]int64, len(rows))
	for _, row := range rows {
		counts[row.Key] = int64(row.Value)
	}
	return counts, fail("read counters", err)
}

// CounterReset forgets a key.
func (s *Store) CounterReset(ctx context.Context, key string) error {
	_, err := s.exec(ctx, "DELETE FROM counter WHERE `key` = ?", counterKey(key))
	return fail("reset a counter", err)
}

// CounterPrune removes up to limit counters whose first hit is before the time.
func (s *Store) CounterPrune(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := s.prune(ctx, "counter", "id", "createtime < ? ORDER BY id", limit, seconds(before))
	return n, fail("remove old counters", err)
}
