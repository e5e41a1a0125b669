package dao

import (
	"context"
	"errors"
	"strings"
	"time"

	"wxcomponent/db/model"
)

const (
	// bundleFrom is how many pushes come in one transaction when there are so many of them that
	// storing them goes before working on them. The work of fewer is put in at once.
	bundleFrom      = 16
	bundleKindWidth = 191
	kindMark        = "," // before, between and behind the kinds of a bundle
)

// errBundleGone says that another instance has put in some of the same bundles.
var errBundleGone = errors.New("another instance has been faster")

// workBundle is a row of items of work that differ in their kind alone.
type workBundle struct {
	ID       int64  `gorm:"column:id"`
	Kinds    string `gorm:"column:kinds"`
	Grp      string `gorm:"column:grp"`
	Payload  string `gorm:"column:payload"`
	CreateMS int64  `gorm:"column:createms"`
}

// bundleOf makes one row of all the items that may wait and are like the first of them, and returns
// the others.
func bundleOf(items []model.Work) (bundle []any, rest []model.Work) {
	kinds := kindMark
	var first *model.Work
	for i := range items {
		w := &items[i]
		switch {
		case !w.MayWait || w.UKey != nil || w.State != model.WorkReady || w.Progress != "":
			rest = append(rest, *w)
		case first == nil || w.Payload == first.Payload && w.Grp == first.Grp && len(kinds)+len(w.Kind) < bundleKindWidth:
			if first == nil {
				first = w
			}
			kinds += w.Kind + kindMark
		default:
			rest = append(rest, *w)
		}
	}
	if first == nil || len(kinds) > bundleKindWidth {
		return nil, items
	}
	return []any{kinds, cut(first.Grp, workKeyWidth), first.Payload}, rest
}

func (s *Store) insertBundles() rowInserter {
	return rowInserter{
		"INSERT INTO work_bundle (kinds, grp, payload, createms) VALUES ", "(?,?,?," + s.db.Dialect.NowMS() + ")",
	}
}

func (b *workBundle) items() []model.Work {
	var items []model.Work
	for kind := range strings.SplitSeq(strings.Trim(b.Kinds, kindMark), kindMark) {
		if kind != "" {
			items = append(items, model.Work{Kind: kind, Grp: b.Grp, Payload: b.Payload, NextMS: b.CreateMS, CreateMS: b.CreateMS, UpdateMS: b.CreateMS})
		}
	}
	return items
}

// WorkBundles returns the lists of kinds that bundles wait for, and how old the newest bundle is.
func (s *Store) WorkBundles(ctx context.Context) (lists [][]string, age time.Duration, err error) {
	routes, err := s.bundleRoutes(ctx)
	if err != nil || len(routes) == 0 {
		return nil, 0, fail("look for bundles of work", err)
	}
	for _, r := range routes {
		lists = append(lists, strings.Split(strings.Trim(r, kindMark), kindMark))
	}
	var ms int64
	err = s.read(ctx).Raw("SELECT " + s.db.Dialect.NowMS() + " - createms FROM work_bundle ORDER BY id DESC LIMIT 1").Scan(&ms).Error
	return lists, time.Duration(ms) * time.Millisecond, fail("look for bundles of work", err)
}

func (s *Store) bundleRoutes(ctx context.Context) (routes []string, err error) {
	for last := ""; ; last = routes[len(routes)-1] {
		// the index knows where the next begins
		next, err := often[string](ctx, s, "SELECT kinds FROM work_bundle WHERE kinds > ? ORDER BY kinds LIMIT 1", last)
		if err != nil || len(next) == 0 {
			return routes, err
		}
		routes = append(routes, next[0])
	}
}

// WorkUnbundle puts in the work of up to limit bundles for the kinds, oldest first, and returns how
// many there were. It puts in none when another instance does the same just now.
func (s *Store) WorkUnbundle(ctx context.Context, kinds []string, limit int) (n int, err error) {
	var bundles []workBundle
	err = s.read(ctx).Raw("SELECT * FROM work_bundle WHERE kinds = ? ORDER BY id LIMIT ?",
		kindMark+strings.Join(kinds, kindMark)+kindMark, limit).Scan(&bundles).Error
	if err != nil || len(bundles) == 0 {
		return 0, fail("look for bundles of work", err)
	}
	if err = s.prepare(ctx, len(bundles), insertUnbundled); err != nil {
		return 0, fail("put bundles of work in", err)
	}
	err = s.Tx(ctx, func(tx *Store) error { return tx.unbundle(ctx, bundles) })
	if errors.Is(err, errBundleGone) {
		return 0, nil
	}
	return len(bundles), fail("put bundles of work in", err)
}

func (s *Store) unbundle(ctx context.Context, bundles []workBundle) error {
	ids := make([]int64, len(bundles))
	var rows [][]any
	for i := range bundles {
		b := &bundles[i]
		ids[i] = b.ID
		for _, w := range b.items() {
			rows = append(rows, []any{w.Kind, w.Grp, w.Payload, w.NextMS, w.CreateMS, w.UpdateMS})
		}
	}
	deleted, err := s.exec(ctx, "DELETE FROM work_bundle WHERE id IN ?", ids)
	if err != nil {
		return err
	}
	if int(deleted) != len(ids) {
		return errBundleGone
	}
	return insertUnbundled.insert(ctx, s, rows)
}

//nolint:gochecknoglobals // a constant, if Go had them
var insertUnbundled = rowInserter{
	"INSERT INTO work (kind, grp, payload, nextms, createms, updatems) VALUES ", "(?,?,?,?,?,?)",
}

// WorkDue counts the work of each kind that is due, up to limit.
func (s *Store) WorkDue(ctx context.Context, kinds []string, limit int) (map[string]int, error) {
	counts := make(map[string]int, len(kinds))
	u := union{}
	for _, kind := range kinds {
		u.add("SELECT COUNT(*) AS n, ? AS kind FROM (SELECT 1 FROM work WHERE kind = ? AND state = ? AND nextms <= "+
			s.db.Dialect.NowMS()+limitTo(limit)+") x", kind, kind, model.WorkReady)
	}
	type due struct {
		Kind string
		N    int
	}
	rows, err := often[due](ctx, s, u.String(), u.args...)
	for _, r := range rows {
		counts[r.Kind] = r.N
	}
	return counts, fail("count due work", err)
}

// bundled are the items of a group that are still in a bundle.
func (s *Store) bundled(ctx context.Context, group string) (items []model.Work, err error) {
	var bundles []workBundle
	err = s.read(ctx).Raw("SELECT * FROM work_bundle WHERE grp = ? ORDER BY id", group).Scan(&bundles).Error
	for i := range bundles {
		items = append(items, bundles[i].items()...)
	}
	return items, err
}

// bundleCount counts the items of the kinds that are still in bundles, those of each list of kinds
// up to MaxTotal + 1.
func (s *Store) bundleCount(ctx context.Context, kinds []string) (total int64, err error) {
	routes, err := s.bundleRoutes(ctx)
	if err != nil {
		return 0, err
	}
	for _, route := range routes {
		for _, kind := range kinds {
			if !strings.Contains(route, kindMark+kind+kindMark) {
				continue
			}
			var n int64
			err := s.read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM work_bundle WHERE kinds = ? LIMIT ?) x", route, MaxTotal+1).
				Scan(&n).Error
			if err != nil {
				return 0, err
			}
			total += n
		}
	}
	return total, nil
}

// WorkBundleDrop takes a kind out of up to limit bundles that were made before the time, and returns
// how many they were.
func (s *Store) WorkBundleDrop(ctx context.Context, kind string, before time.Time, limit int) (n int64, err error) {
	routes, err := s.bundleRoutes(ctx)
	if err != nil {
		return 0, fail("look for unwanted deliveries", err)
	}
	for _, route := range routes {
		left := strings.Replace(route, kindMark+kind+kindMark, kindMark, 1)
		if left == route {
			continue
		}
		some, err := s.bundleRoute(ctx, route, left, before, limit-int(n))
		if n += some; err != nil || int(n) >= limit {
			return n, fail("cancel deliveries", err)
		}
	}
	return n, nil
}

// bundleRoute gives up to limit bundles for a list of kinds another list, or removes those that have
// none left.
func (s *Store) bundleRoute(ctx context.Context, from, to string, before time.Time, limit int) (int64, error) {
	var ids []int64
	err := s.read(ctx).Raw("SELECT id FROM work_bundle WHERE kinds = ? AND createms < ? ORDER BY id LIMIT ?",
		from, before.UnixMilli(), limit).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if to == kindMark {
		return s.exec(ctx, "DELETE FROM work_bundle WHERE id IN ? AND kinds = ?", ids, from)
	}
	return s.exec(ctx, "UPDATE work_bundle SET kinds = ? WHERE id IN ? AND kinds = ?", to, ids, from)
}
