package dao

import (
	"context"
	"time"

	"wxcomponent/db/model"
)

// PushLatest returns when the newest push of a channel came in, the zero time when none did.
func (s *Store) PushLatest(ctx context.Context, channel int8) (time.Time, error) {
	var rows []model.ComponentRecord // only its time of receiving, which both channels have
	err := s.read(ctx).Raw("SELECT receivetime FROM " + pushTable(channel) + " ORDER BY receivetime DESC LIMIT 1").
		Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return time.Time{}, fail("find the newest push", err)
	}
	return rows[0].ReceiveTime, nil
}

// PushFirst returns when the oldest push since a time came in, of either channel; the zero time when
// none did.
func (s *Store) PushFirst(ctx context.Context, since time.Time) (first time.Time, err error) {
	for _, channel := range []int8{model.ChannelComponent, model.ChannelBiz} {
		var rows []model.ComponentRecord // only its time of receiving, which both channels have
		err := s.read(ctx).Raw("SELECT receivetime FROM "+pushTable(channel)+" WHERE receivetime >= ? ORDER BY receivetime LIMIT 1",
			seconds(since)).Scan(&rows).Error
		if err != nil {
			return first, fail("find the oldest push", err)
		}
		if len(rows) > 0 && (first.IsZero() || rows[0].ReceiveTime.Before(first)) {
			first = rows[0].ReceiveTime
		}
	}
	return first, nil
}

// PushRollup counts the pushes of one minute into the statistics. Done again it replaces what it
// counted before.
func (s *Store) PushRollup(ctx context.Context, minute time.Time) error {
	begin := minute.UTC().Truncate(time.Minute)
	for channel, kind := range map[int8]string{
		model.ChannelComponent: "infotype",
		model.ChannelBiz:       "CASE WHEN event <> '' THEN event ELSE msgtype END",
	} {
		var counts []model.KindCount
		err := s.read(ctx).Raw("SELECT "+kind+" AS kind, COUNT(*) AS n FROM "+pushTable(channel)+
			" WHERE receivetime >= ? AND receivetime < ? GROUP BY 1", begin, begin.Add(time.Minute)).Scan(&counts).Error
		if err != nil {
			return fail("count the pushes of a minute", err)
		}
		if err := s.statReplace(ctx, channel, begin.UnixMilli(), counts); err != nil {
			return fail("store the statistics of a minute", err)
		}
	}
	return nil
}

// PushRolledUp returns the newest minute that has statistics, the zero time when none has.
func (s *Store) PushRolledUp(ctx context.Context) (time.Time, error) {
	var newest int64
	err := s.read(ctx).Raw("SELECT COALESCE(MAX(bucketms), 0) FROM push_stat").Scan(&newest).Error
	if err != nil || newest == 0 {
		return time.Time{}, fail("find the newest statistics of pushes", err)
	}
	return time.UnixMilli(newest).UTC(), nil
}

//nolint:gochecknoglobals // a constant, if Go had it
var insertStats = rowInserter{head: "INSERT INTO push_stat (channel, kind, bucketms, n) VALUES ", row: "(?,?,?,?)"}

func (s *Store) statReplace(ctx context.Context, channel int8, bucketMS int64, counts []model.KindCount) error {
	if len(counts) == 0 {
		return nil // a minute without pushes needs no row
	}
	sums := map[string]int64{}
	for _, c := range counts {
		sums[c.Kind] += c.N
		sums[""] += c.N
	}
	rows := make([][]any, 0, len(sums))
	for kind, n := range sums {
		rows = append(rows, []any{channel, kind, bucketMS, n})
	}
	return s.Tx(ctx, func(tx *Store) error {
		if _, err := tx.exec(ctx, "DELETE FROM push_stat WHERE bucketms = ? AND channel = ?", bucketMS, channel); err != nil {
			return err
		}
		return insertStats.insert(ctx, tx, rows)
	})
}

// PushSeries returns the number of pushes of a channel for every step from from until to, also
// where it is 0. kind "" counts all kinds. Steps are whole minutes, and from is rounded down to one.
func (s *Store) PushSeries(ctx context.Context, channel int8, kind string, from, to time.Time, step time.Duration) ([]model.Point, error) {
	stepMS := max(step.Truncate(time.Minute), time.Minute).Milliseconds()
	first := from.UnixMilli() / stepMS * stepMS
	var rows []struct {
		AtMS int64 `gorm:"column:atms"`
		N    int64 `gorm:"column:n"`
	}
	err := s.read(ctx).Raw("SELECT bucketms - bucketms % ? AS atms, SUM(n) AS n FROM push_stat"+
		" WHERE channel = ? AND kind = ? AND bucketms >= ? AND bucketms < ? GROUP BY 1 ORDER BY 1",
		stepMS, channel, kind, first, to.UnixMilli()).Scan(&rows).Error
	if err != nil {
		return nil, fail("read the statistics of pushes", err)
	}
	points := []model.Point{}
	for at := first; at < to.UnixMilli(); at += stepMS {
		p := model.Point{At: time.UnixMilli(at).UTC()}
		if len(rows) > 0 && rows[0].AtMS == at {
			p.N, rows = rows[0].N, rows[1:]
		}
		points = append(points, p)
	}
	return points, nil
}

// PushKinds returns the most frequent kinds of pushes from from until to.
func (s *Store) PushKinds(ctx context.Context, channel int8, from, to time.Time, limit int) ([]model.KindCount, error) {
	counts := []model.KindCount{}
	err := s.read(ctx).Raw("SELECT kind, SUM(n) AS n FROM push_stat WHERE bucketms >= ? AND bucketms < ?"+
		" AND channel = ? AND kind <> '' GROUP BY kind ORDER BY n DESC, kind LIMIT ?",
		from.UnixMilli(), to.UnixMilli(), channel, limit).Scan(&counts).Error
	return counts, fail("read the statistics of pushes", err)
}
