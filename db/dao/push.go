package dao

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxcomponent/db"
	"wxcomponent/db/model"
)

const (
	insertRaces    = 8  // how often a batch is begun again because a part of it is there already
	keyWidth       = 64 // of the columns that pushes are found by
	workKeyWidth   = 128
	identityLength = 64
	timePrefix     = len("00000000-") // of an identity
)

func pushTable(channel int8) string {
	if channel == model.ChannelComponent {
		return model.ComponentRecord{}.TableName()
	}
	return model.BizRecord{}.TableName()
}

// PushInsert stores the pushes that are new, with their work, in one transaction, and tells for
// each whether it was a duplicate of one stored before or earlier in the batch. Texts that are too
// long for their column are cut; bodies are stored whole. Work whose key belongs to unfinished work
// is left out.
func (s *Store) PushInsert(ctx context.Context, batch []model.Push) (dup []bool, err error) {
	all := make([]*model.Push, len(batch))
	for i := range batch {
		all[i] = &batch[i]
	}
	return s.PushStream(ctx, func() (part []*model.Push) {
		part, all = all, nil
		return part
	})
}

// PushStream stores what next returns as PushInsert does, and asks it again, until it returns none:
// the transaction takes along what comes in while it is being made.
func (s *Store) PushStream(ctx context.Context, next func() []*model.Push) (dup []bool, err error) {
	if err := s.prepare(ctx, preparedRows, insertIdentities, insertBiz, s.insertBundles()); err != nil {
		return nil, fail("store pushes", err)
	}
	var all []*model.Push
	for try := range insertRaces {
		err = s.Tx(ctx, func(tx *Store) error {
			w := pushWriter{s: tx, look: try > 0 || s.inTx, dup: []bool{}}
			for part := all; ; {
				if err := w.add(ctx, part); err != nil {
					return err
				}
				if part = next(); len(part) == 0 {
					break
				}
				all = append(all, part...) // the transaction may have to be made again
			}
			dup = w.dup
			return w.end(ctx)
		})
		if !db.IsDuplicate(err) || s.inTx {
			break
		}
	}
	if err != nil {
		return nil, fail("store pushes", err)
	}
	return dup, nil
}

// pushWriter writes the pushes of one transaction.
type pushWriter struct {
	s *Store
	// look has it look for pushes that were stored before. Nearly every push is new: only when one was
	// not are they looked for.
	look    bool
	seen    map[string]bool // identities
	dup     []bool
	work    []model.Work
	bundles bundler
	// messages is how many of ChannelBiz were written.
	messages int
}

func (w *pushWriter) add(ctx context.Context, batch []*model.Push) error {
	if len(batch) == 0 {
		return nil
	}
	dup, fresh, err := w.identify(ctx, batch)
	if err != nil {
		return err
	}
	identities := make([][]any, len(fresh))
	for i, id := range fresh {
		identities[i] = []any{id.key, id.atMS}
	}
	var component, biz, held [][]any
	for i, p := range batch {
		if dup[i] {
			continue
		}
		switch {
		case p.Channel == model.ChannelComponent:
			row, err := w.s.componentRow(p)
			if err != nil {
				return err
			}
			component = append(component, row)
		case p.Held:
			held = append(held, bizRow(p))
		default:
			biz = append(biz, bizRow(p))
		}
		work := p.Work
		if len(batch) >= bundleFrom {
			work = w.bundles.take(work)
		}
		w.work = append(w.work, work...)
	}
	w.dup = append(w.dup, dup...)
	w.messages += len(biz) + len(held)
	if err := insertIdentities.insert(ctx, w.s, identities); err != nil {
		return err
	}
	if err := insertComponent.insert(ctx, w.s, component); err != nil {
		return err
	}
	if err := insertHeld.insert(ctx, w.s, held); err != nil {
		return err
	}
	return insertBiz.insert(ctx, w.s, biz)
}

// end writes what is written once for all.
func (w *pushWriter) end(ctx context.Context) error {
	if err := w.s.insertBundles().insert(ctx, w.s, w.bundles.rows()); err != nil {
		return err
	}
	if err := w.s.workInsert(ctx, w.work); err != nil {
		return err
	}
	return w.s.enterByAccount(ctx, w.messages)
}

// identityKey makes an identity fit its column, which is plain ASCII.
func identityKey(identity string) string {
	plain := strings.IndexFunc(identity, func(r rune) bool { return r < ' ' || r > '~' }) < 0
	if plain && len(identity) <= identityLength {
		return identity
	}
	sum := sha256.Sum256([]byte(identity))
	key := hex.EncodeToString(sum[:])
	if plain { // the time that it begins with keeps the index growing at its end
		key = identity[:timePrefix] + key
	}
	return key[:identityLength]
}

// identity is a row of push_identity. It is not forgotten before atMS is long past: of a push that was
// signed ahead of its time, that time.
type identity struct {
	key  string
	atMS int64
}

// identify finds the duplicates, and returns the identities that are new, sorted: two instances that
// insert the same ones must not wait for each other crosswise.
func (w *pushWriter) identify(ctx context.Context, batch []*model.Push) (dup []bool, fresh []identity, err error) {
	if w.seen == nil {
		w.seen = make(map[string]bool, len(batch))
	}
	if w.look || slices.ContainsFunc(batch, func(p *model.Push) bool { return p.Original != "" }) {
		if err := w.recall(ctx, batch); err != nil {
			return nil, nil, err
		}
	}
	now := w.s.now().UnixMilli()
	dup = make([]bool, len(batch))
	for i, p := range batch {
		if p.Original != "" && w.seen[identityKey(p.Original)] {
			dup[i] = true
			continue
		}
		for _, key := range identityKeys(p) {
			if w.seen[key] {
				dup[i] = true
				continue
			}
			w.seen[key] = true
			fresh = append(fresh, identity{key, max(now, p.SignedAt.UnixMilli())})
		}
	}
	slices.SortFunc(fresh, func(a, b identity) int { return strings.Compare(a.key, b.key) })
	return dup, fresh, nil
}

// recall finds those of the identities that were stored before.
func (w *pushWriter) recall(ctx context.Context, batch []*model.Push) error {
	var keys, stored []string
	for _, p := range batch {
		keys = append(keys, identityKeys(p)...)
		if p.Original != "" {
			keys = append(keys, identityKey(p.Original))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	err := w.s.write(ctx).Raw("SELECT dedupkey FROM push_identity WHERE dedupkey IN ?", keys).Scan(&stored).Error
	for _, key := range stored {
		w.seen[key] = true
	}
	return err
}

// identityKeys returns what a push is recognised by: nearly always its identity alone.
func identityKeys(p *model.Push) (keys []string) {
	for _, id := range [...]string{p.Identity, p.CipherKey} {
		if id != "" {
			keys = append(keys, identityKey(id))
		}
	}
	return keys
}

//nolint:gochecknoglobals // constants, if Go had them
var (
	insertIdentities = rowInserter{head: "INSERT INTO push_identity (dedupkey, atms) VALUES ", row: "(?,?)"}
	insertComponent  = rowInserter{
		head: "INSERT INTO wxcallback_component (receivetime, createtime, infotype, appid, postbody, fullbody) VALUES ",
		row:  "(?,?,?,?,?,?)",
	}
	insertBiz = rowInserter{
		head: "INSERT INTO wxcallback_biz (receivetime, createtime, tousername, appid, msgtype, event, postbody, fullbody) VALUES ",
		row:  "(?,?,?,?,?,?,?,?)",
	}
	insertHeld = rowInserter{
		head: "INSERT INTO wxcallback_biz (receivetime, createtime, tousername, appid, msgtype, event, postbody, fullbody, held) VALUES ",
		row:  "(?,?,?,?,?,?,?,?," + strconv.Itoa(int(model.PushHeld)) + ")",
	}
)

func pushTimes(p *model.Push) (receive, create time.Time) {
	create = p.CreateTime
	if create.Unix() <= 0 {
		create = p.ReceiveTime
	}
	return seconds(p.ReceiveTime), seconds(create)
}

func (s *Store) componentRow(p *model.Push) (row []any, err error) {
	receive, create := pushTimes(p)
	post, full := bodies(p.Body)
	if len(p.Secrets) > 0 {
		post, full, err = s.sealedBodies(p.Body, p.Secrets)
	}
	return []any{receive, create, narrow(p.InfoType, keyWidth), narrow(p.AppID, keyWidth), post, full}, err
}

func bizRow(p *model.Push) []any {
	receive, create := pushTimes(p)
	post, full := bodies(p.Body)
	return []any{
		receive, create, narrow(p.ToUserName, keyWidth), narrow(p.AppID, keyWidth),
		narrow(p.MsgType, keyWidth), narrow(p.Event, keyWidth), post, full,
	}
}
