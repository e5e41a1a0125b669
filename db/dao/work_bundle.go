package dao

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"wxcomponent/db/model"
)

const (
	// bundleFrom is how many pushes have to be stored in one transaction for a bundle to cost less than
	// their work would. The work of fewer is put in at once.
	bundleFrom = 4
	// bundleCrowd is how many pushes come in one transaction when there are so many of them that
	// storing them goes before working on them.
	bundleCrowd     = 16
	bundlesLooked   = 8 // of the newest, for a crowd
	bundleKindWidth = 191
	// A bundle is put in whole: it must not hold much more than can be delivered in a moment.
	bundleMost    = 64        // pushes
	bundleBytes   = 256 << 10 // of text, after which another bundle is begun
	bundlesAtOnce = 16        // rows of them that are put in together
	singlesAtOnce = 200
	kindMark      = ","  // before, between and behind the kinds of a bundle
	partMark      = "\n" // behind each group and payload
)

// errBundleGone says that another instance has put in some of the same bundles.
var errBundleGone = errors.New("another instance has been faster")

// workBundle is a row that holds the work of many pushes for the same kinds: an item of each kind for
// each of its groups.
type workBundle struct {
	ID       int64  `gorm:"column:id"`
	Kinds    string `gorm:"column:kinds"`
	N        int    `gorm:"column:n"`        // groups
	FirstGrp string `gorm:"column:firstgrp"` // the least of them
	LastGrp  string `gorm:"column:lastgrp"`  // the greatest
	Parts    string `gorm:"column:parts"`    // group and payload of each, in turn
	CreateMS int64  `gorm:"column:createms"`
}

// bundler gathers the work of a batch of pushes.
type bundler struct {
	all  []*bundle
	open map[string]*bundle // the newest for its kinds
}

// bundle is a workBundle in the making.
type bundle struct {
	kinds       string
	n           int
	first, last string
	parts       strings.Builder
}

// take puts those items of a push in a bundle that may wait and are like the first of them, and
// returns the others.
func (b *bundler) take(items []model.Work) (rest []model.Work) {
	kinds := kindMark
	var first *model.Work
	for i := range items {
		w := &items[i]
		switch {
		case !mayWait(w):
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
		return items
	}
	b.at(kinds).add(first)
	return rest
}

func mayWait(w *model.Work) bool {
	return w.MayWait && w.UKey == nil && w.State == model.WorkReady && w.Progress == "" &&
		len(w.Grp) <= workKeyWidth && !strings.Contains(w.Grp, partMark) && !strings.Contains(w.Payload, partMark)
}

// at returns the bundle for the kinds that still has room.
func (b *bundler) at(kinds string) *bundle {
	u := b.open[kinds]
	if u == nil || u.n >= bundleMost || u.parts.Len() >= bundleBytes {
		u = &bundle{kinds: kinds}
		if b.open == nil {
			b.open = make(map[string]*bundle)
		}
		b.open[kinds], b.all = u, append(b.all, u)
	}
	return u
}

func (b *bundle) add(w *model.Work) {
	if b.n++; b.n == 1 { // the others are about as long
		b.parts.Grow(min(bundleMost*(len(w.Grp)+len(w.Payload)+2*len(partMark)), bundleBytes))
	}
	if b.n == 1 || w.Grp < b.first {
		b.first = w.Grp
	}
	b.last = max(b.last, w.Grp)
	for _, part := range [...]string{w.Grp, partMark, w.Payload, partMark} {
		b.parts.WriteString(part)
	}
}

func (b *bundler) rows() [][]any {
	rows := make([][]any, len(b.all))
	for i, u := range b.all {
		rows[i] = []any{u.kinds, u.n, u.first, u.last, u.parts.String()}
	}
	return rows
}

func (s *Store) insertBundles() rowInserter {
	return rowInserter{
		head: "INSERT INTO delivery_bundle (kinds, n, firstgrp, lastgrp, parts, createms) VALUES ",
		row:  "(?,?,?,?,?," + s.db.Dialect.NowMS() + ")", most: 1,
	}
}

// items are those of the bundle, in the order of the pushes.
func (b *workBundle) items() []model.Work {
	kinds := splitKinds(b.Kinds)
	items := make([]model.Work, 0, b.N*len(kinds))
	for rest := b.Parts; rest != ""; {
		var group, payload string
		group, rest, _ = strings.Cut(rest, partMark)
		payload, rest, _ = strings.Cut(rest, partMark)
		for _, kind := range kinds {
			items = append(items, model.Work{
				Kind: kind, Grp: group, Payload: payload, NextMS: b.CreateMS, CreateMS: b.CreateMS, UpdateMS: b.CreateMS,
			})
		}
	}
	return items
}

func joinKinds(kinds []string) string { return kindMark + strings.Join(kinds, kindMark) + kindMark }

func splitKinds(joined string) []string {
	return strings.Split(strings.Trim(joined, kindMark), kindMark)
}

// WorkBundles returns the lists of kinds that bundles wait for, and how long ago pushes came in crowds
// that went before all work; far more than a day if there is no sign of that.
func (s *Store) WorkBundles(ctx context.Context) (lists [][]string, crowd time.Duration, err error) {
	if err := s.adoptSingles(ctx); err != nil {
		return nil, 0, fail("put old bundles of work in", err)
	}
	routes, err := s.bundleRoutes(ctx)
	if err != nil || len(routes) == 0 {
		return nil, 0, fail("look for bundles of work", err)
	}
	for _, r := range routes {
		lists = append(lists, splitKinds(r))
	}
	type newest struct{ N, Age int64 }
	rows, err := often[newest](ctx, s, "SELECT n, "+s.db.Dialect.NowMS()+" - createms AS age FROM delivery_bundle ORDER BY id DESC"+
		limitTo(bundlesLooked))
	crowd = math.MaxInt64
	for _, b := range rows {
		if b.N >= bundleCrowd {
			crowd = min(crowd, time.Duration(b.Age)*time.Millisecond)
		}
	}
	return lists, crowd, fail("look for bundles of work", err)
}

// adoptSingles puts in the work of bundles of one push each, which versions before this one made and
// may still make beside it.
func (s *Store) adoptSingles(ctx context.Context) error {
	if old, err := often[int64](ctx, s, "SELECT id FROM work_bundle LIMIT 1"); err != nil || len(old) == 0 {
		return err
	}
	return s.Tx(ctx, func(tx *Store) error {
		var singles []struct {
			ID                  int64
			Kinds, Grp, Payload string
			CreateMS            int64 `gorm:"column:createms"`
		}
		err := tx.w.WithContext(ctx).Raw("SELECT * FROM work_bundle ORDER BY id LIMIT ?"+s.db.Dialect.ForUpdate(), singlesAtOnce).
			Scan(&singles).Error
		if err != nil || len(singles) == 0 {
			return err
		}
		ids := make([]int64, len(singles))
		var rows [][]any
		for i, b := range singles {
			ids[i] = b.ID
			for _, kind := range splitKinds(b.Kinds) {
				rows = append(rows, []any{kind, b.Grp, b.Payload, b.CreateMS, b.CreateMS, b.CreateMS})
			}
		}
		if _, err := tx.exec(ctx, "DELETE FROM work_bundle WHERE id IN ?", ids); err != nil {
			return err
		}
		return insertUnbundled.insert(ctx, tx, rows)
	})
}

func (s *Store) bundleRoutes(ctx context.Context) (routes []string, err error) {
	for last := ""; ; last = routes[len(routes)-1] {
		// the index knows where the next begins
		next, err := often[string](ctx, s, "SELECT kinds FROM delivery_bundle WHERE kinds > ? ORDER BY kinds LIMIT 1", last)
		if err != nil || len(next) == 0 {
			return routes, err
		}
		routes = append(routes, next[0])
	}
}

// WorkUnbundle puts in the work of the oldest bundles for the kinds, of limit pushes or those of one
// bundle at least, and returns of how many. It puts in none when another instance does the same just
// now.
func (s *Store) WorkUnbundle(ctx context.Context, kinds []string, limit int) (n int, err error) {
	ids, n, err := s.oldestBundles(ctx, joinKinds(kinds), limit)
	if err != nil || len(ids) == 0 {
		return 0, fail("look for bundles of work", err)
	}
	if err = s.prepare(ctx, n*len(kinds), insertUnbundled); err != nil {
		return 0, fail("put bundles of work in", err)
	}
	err = s.Tx(ctx, func(tx *Store) error { return tx.unbundle(ctx, ids) })
	if errors.Is(err, errBundleGone) {
		return 0, nil
	}
	return n, fail("put bundles of work in", err)
}

func (s *Store) oldestBundles(ctx context.Context, kinds string, limit int) (ids []int64, n int, err error) {
	rows, err := often[workBundle](ctx, s, "SELECT id, n FROM delivery_bundle WHERE kinds = ? ORDER BY id"+limitTo(bundlesAtOnce), kinds)
	for _, b := range rows {
		if n > 0 && n+b.N > limit {
			break
		}
		ids, n = append(ids, b.ID), n+b.N
	}
	return ids, n, err
}

func (s *Store) unbundle(ctx context.Context, ids []int64) error {
	var bundles []workBundle
	err := s.write(ctx).Raw("SELECT * FROM delivery_bundle WHERE id IN ? ORDER BY id"+s.db.Dialect.ForUpdate(), ids).Scan(&bundles).Error
	if err != nil {
		return err
	}
	deleted, err := s.exec(ctx, "DELETE FROM delivery_bundle WHERE id IN ?", ids)
	if err != nil {
		return err
	}
	if int(deleted) != len(ids) || len(bundles) != len(ids) {
		return errBundleGone
	}
	var rows [][]any
	for i := range bundles {
		for _, w := range bundles[i].items() {
			rows = append(rows, []any{w.Kind, w.Grp, w.Payload, w.NextMS, w.CreateMS, w.UpdateMS})
		}
	}
	return insertUnbundled.insert(ctx, s, rows)
}

//nolint:gochecknoglobals // a constant, if Go had them
var insertUnbundled = rowInserter{
	head: "INSERT INTO work (kind, grp, payload, nextms, createms, updatems) VALUES ", row: "(?,?,?,?,?,?)",
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
	err = s.read(ctx).Raw("SELECT * FROM delivery_bundle WHERE lastgrp >= ? AND firstgrp <= ? ORDER BY id", group, group).
		Scan(&bundles).Error
	for i := range bundles {
		for _, w := range bundles[i].items() {
			if w.Grp == group {
				items = append(items, w)
			}
		}
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
			err := s.read(ctx).Raw("SELECT COALESCE(SUM(n), 0) FROM (SELECT n FROM delivery_bundle WHERE kinds = ? LIMIT ?) x",
				route, MaxTotal+1).Scan(&n).Error
			if err != nil {
				return 0, err
			}
			total += min(n, MaxTotal+1)
		}
	}
	return total, nil
}

// WorkBundleDrop takes a kind out of up to limit bundles that were made before the time, and returns
// how many bundles they were.
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
	err := s.read(ctx).Raw("SELECT id FROM delivery_bundle WHERE kinds = ? AND createms < ? ORDER BY id LIMIT ?",
		from, before.UnixMilli(), limit).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if to == kindMark {
		return s.exec(ctx, "DELETE FROM delivery_bundle WHERE id IN ? AND kinds = ?", ids, from)
	}
	return s.exec(ctx, "UPDATE delivery_bundle SET kinds = ? WHERE id IN ? AND kinds = ?", to, ids, from)
}
