package dao

import (
	"context"

	"wxcomponent/db/model"
)

// noAudit is the audit status of a mini program of which no audit is known.
const noAudit = -1

// WeappGet returns the state of a mini program, or ErrNotFound.
func (s *Store) WeappGet(ctx context.Context, appid string) (model.Weapp, error) {
	var w model.Weapp
	err := s.read(ctx).Where("appid = ?", appid).Take(&w).Error
	return w, fail("find the mini program "+appid, err)
}

// WeappByAppIDs returns the known states of mini programs by appid.
func (s *Store) WeappByAppIDs(ctx context.Context, appids []string) (map[string]model.Weapp, error) {
	found := map[string]model.Weapp{}
	if len(appids) == 0 {
		return found, nil
	}
	var rows []model.Weapp
	err := s.read(ctx).Where("appid IN ?", appids).Find(&rows).Error
	for i := range rows {
		found[rows[i].AppID] = rows[i]
	}
	return found, fail("find mini programs", err)
}

// WeappUpdate changes the state of a mini program, beginning with an empty one when none is known.
// Changes of the same one wait for each other; change may run more than once.
func (s *Store) WeappUpdate(ctx context.Context, appid string, change func(w *model.Weapp)) error {
	update := func() error {
		return s.Tx(ctx, func(tx *Store) error {
			row := model.Weapp{AppID: appid, AuditStatus: noAudit}
			var known []model.Weapp
			g := tx.w.WithContext(ctx)
			err := g.Raw("SELECT * FROM weapp WHERE appid = ?"+tx.db.Dialect.ForUpdate(), appid).Scan(&known).Error
			if err != nil {
				return err
			}
			if len(known) > 0 {
				row = known[0]
			}
			change(&row)
			row.AppID = appid
			fitWeapp(&row)
			if len(known) > 0 {
				return g.Select("*").Save(&row).Error
			}
			return g.Create(&row).Error
		})
	}
	err := update()
	if isDuplicate(err) { // stored for the first time by another just now
		err = update()
	}
	return fail("store the state of "+appid, err)
}

func fitWeapp(w *model.Weapp) {
	w.ReleaseVersion, w.ExpVersion, w.AuditVersion = cut(w.ReleaseVersion, 191), cut(w.ExpVersion, 191), cut(w.AuditVersion, 191)
	w.ReleaseDesc, w.ExpDesc, w.AuditDesc = cut(w.ReleaseDesc, 2000), cut(w.ExpDesc, 2000), cut(w.AuditDesc, 2000)
	w.AuditReason, w.AuditScreenshot = cut(w.AuditReason, 16000), cut(w.AuditScreenshot, 16000)
	w.ErrMsg = cut(w.ErrMsg, 1000)
}

// WeappStale returns up to limit mini programs that WeChat was not asked about since the time,
// those that have waited longest first.
func (s *Store) WeappStale(ctx context.Context, beforeMS int64, limit int) ([]model.Weapp, error) {
	var rows []model.Weapp
	err := s.read(ctx).Where("refreshms < ?", beforeMS).Order("refreshms, appid").Limit(limit).Find(&rows).Error
	return rows, fail("list stale mini programs", err)
}
