package dao

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
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
	if err := s.prepare(ctx, len(batch), insertIdentities, insertBiz, s.insertBundles()); err != nil {
		return nil, fail("store pushes", err)
	}
	for try := range insertRaces {
		look := try > 0 || s.inTx // nearly every push is new: only when one is not are they looked for
		err = s.Tx(ctx, func(tx *Store) error {
			dup, err = tx.pushInsert(ctx, batch, look)
			return err
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

func (s *Store) pushInsert(ctx context.Context, batch []model.Push, look bool) ([]bool, error) {
	dup, fresh, err := s.identify(ctx, batch, look)
	if err != nil {
		return nil, err
	}
	atms := s.now().UnixMilli()
	identities := make([][]any, len(fresh))
	for i, key := range fresh {
		identities[i] = []any{key, atms}
	}
	var component, biz [][]any
	var work []model.Work
	var bundles bundler
	for i := range batch {
		if dup[i] {
			continue
		}
		p := &batch[i]
		if p.Channel == model.ChannelComponent {
			component = append(component, componentRow(p))
		} else {
			biz = append(biz, bizRow(p))
		}
		if len(batch) < bundleFrom {
			work = append(work, p.Work...)
			continue
		}
		work = append(work, bundles.take(p.Work)...)
	}
	if err := insertIdentities.insert(ctx, s, identities); err != nil {
		return nil, err
	}
	if err := insertComponent.insert(ctx, s, component); err != nil {
		return nil, err
	}
	if err := insertBiz.insert(ctx, s, biz); err != nil {
		return nil, err
	}
	if err := s.insertBundles().insert(ctx, s, bundles.rows()); err != nil {
		return nil, err
	}
	return dup, s.workInsert(ctx, work)
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

// identify finds the duplicates, those of pushes stored before only if look is set, and returns the
// identities that are new, sorted: two instances that insert the same ones must not wait for each
// other crosswise.
func (s *Store) identify(ctx context.Context, batch []model.Push, look bool) (dup []bool, fresh []string, err error) {
	dup = make([]bool, len(batch))
	keys := make([]string, len(batch))
	for i := range batch {
		if batch[i].Identity != "" {
			keys[i] = identityKey(batch[i].Identity)
		}
	}
	seen := make(map[string]bool, len(keys))
	if look {
		var stored []string
		err = s.w.WithContext(ctx).Raw("SELECT dedupkey FROM push_identity WHERE dedupkey IN ?", keys).Scan(&stored).Error
		if err != nil {
			return nil, nil, err
		}
		for _, key := range stored {
			seen[key] = true
		}
	}
	for i, key := range keys {
		if key == "" {
			continue
		}
		if dup[i] = seen[key]; !dup[i] {
			seen[key] = true
			fresh = append(fresh, key)
		}
	}
	slices.Sort(fresh)
	return dup, fresh, nil
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
)

func pushTimes(p *model.Push) (receive, create time.Time) {
	create = p.CreateTime
	if create.Unix() <= 0 {
		create = p.ReceiveTime
	}
	return seconds(p.ReceiveTime), seconds(create)
}

func componentRow(p *model.Push) []any {
	receive, create := pushTimes(p)
	post, full := bodies(p.Body)
	return []any{receive, create, narrow(p.InfoType, keyWidth), narrow(p.AppID, keyWidth), post, full}
}

func bizRow(p *model.Push) []any {
	receive, create := pushTimes(p)
	post, full := bodies(p.Body)
	return []any{
		receive, create, narrow(p.ToUserName, keyWidth), narrow(p.AppID, keyWidth),
		narrow(p.MsgType, keyWidth), narrow(p.Event, keyWidth), post, full,
	}
}
