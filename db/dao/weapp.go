package dao

import (
	"context"
	"fmt"

	"wxcomponent/db/model"
)

// WeappGet returns what is known of a mini program; model.NewWeapp when that is nothing.
func (s *Store) WeappGet(ctx context.Context, appid string) (model.Weapp, error) {
	var rows []model.Weapp
	err := s.read(ctx).Raw("SELECT * FROM weapp WHERE appid = ?", appid).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return model.NewWeapp(appid), fail("find the mini program "+appid, err)
	}
	return rows[0], nil
}

// WeappUpdate changes the state of a mini program, beginning with model.NewWeapp when none is
// known. Changes of the same one wait for each other; change may run more than once.
func (s *Store) WeappUpdate(ctx context.Context, appid string, change func(w *model.Weapp)) error {
	update := func() error {
		return s.Tx(ctx, func(tx *Store) error { return tx.weappChange(ctx, appid, change) })
	}
	err := update()
	if isDuplicate(err) { // stored for the first time by another just now
		err = update()
	}
	return fail("store the state of "+appid, err)
}

func (s *Store) weappChange(ctx context.Context, appid string, change func(w *model.Weapp)) error {
	var known []model.Weapp
	g := s.write(ctx)
	err := g.Raw("SELECT * FROM weapp WHERE appid = ?"+s.db.Dialect.ForUpdate(), appid).Scan(&known).Error
	if err != nil {
		return err
	}
	if len(known) == 0 {
		row := model.NewWeapp(appid)
		change(&row)
		fitWeapp(&row)
		return g.Create(&row).Error
	}
	row := known[0]
	change(&row)
	fitWeapp(&row)
	if row == known[0] {
		return nil
	}
	return g.Select("*").Save(&row).Error
}

func fitWeapp(w *model.Weapp) {
	w.ReleaseVersion, w.ExpVersion, w.AuditVersion = cut(w.ReleaseVersion, 191), cut(w.ExpVersion, 191), cut(w.AuditVersion, 191)
	w.ReleaseDesc, w.ExpDesc, w.AuditDesc = cut(w.ReleaseDesc, 2000), cut(w.ExpDesc, 2000), cut(w.AuditDesc, 2000)
	w.AuditReason, w.AuditScreenshot = cut(w.AuditReason, 16000), cut(w.AuditScreenshot, 16000)
	w.ErrMsg = cut(w.ErrMsg, 1000)
}

// weappWhere are the conditions on authorizers.
func weappWhere(f model.WeappFilter) *where {
	miniProgram := 0
	w := authorizerWhere(model.AuthorizerFilter{
		AppID: f.AppID, Search: f.Search, AppType: &miniProgram, Permission: model.WeappPermission, HideTest: true,
	})
	switch {
	case f.AuditStatus == nil:
	case *f.AuditStatus == model.NoAudit:
		w.add("appid NOT IN (SELECT appid FROM weapp WHERE auditstatus <> ?)", model.NoAudit)
	default:
		w.add("appid IN (SELECT appid FROM weapp WHERE auditstatus = ?)", *f.AuditStatus)
	}
	return w
}

// weappColumns are those that lists show.
const weappColumns = "a.id, a.appid, a.nickname, a.username, a.headimg, a.qrcodeurl, a.principalname, a.funcinfo, a.authtime"

// WeappList returns mini programs that the platform develops, newest authorization first. Total is
// exact. A cursor that is none is model.ErrBadCursor.
func (s *Store) WeappList(ctx context.Context, f model.WeappFilter) (page model.Page[model.WeappRecord], err error) {
	after, err := parseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	all := weappWhere(f)
	w := all.clone()
	if after != nil {
		t := timeAt(after.at)
		w.add("authtime <= ? AND (authtime < ? OR id < ?)", t, t, after.id)
		f.Offset = 0
	}
	order := func(alias string) string { return " ORDER BY " + alias + "authtime DESC, " + alias + "id DESC" }
	var accounts []model.Authorizer // the ids are found first: sorting whole rows would take longer
	err = s.read(ctx).Raw("SELECT "+weappColumns+" FROM (SELECT id FROM authorizers"+w.String()+order("")+
		" LIMIT ? OFFSET ?) k JOIN authorizers a ON a.id = k.id"+order("a."), append(w.args, f.Limit+1, f.Offset)...).Scan(&accounts).Error
	if err != nil {
		return page, fail("list the mini programs", err)
	}
	rows, err := s.weappRecords(ctx, accounts)
	if err != nil {
		return page, fail("read the states of mini programs", err)
	}
	trim(&page, rows, f.Limit, func(r model.WeappRecord) position {
		return position{r.Account.AuthTime.Unix(), int64(r.Account.ID)}
	})
	if after == nil && f.Offset == 0 && page.NextCursor == "" {
		page.Total = int64(len(page.Rows)) // this is all there is
		return page, nil
	}
	err = s.read(ctx).Raw("SELECT COUNT(*) FROM authorizers"+all.String(), all.args...).Scan(&page.Total).Error
	return page, fail("count the mini programs", err)
}

// weappRecords puts the states to the accounts.
func (s *Store) weappRecords(ctx context.Context, accounts []model.Authorizer) ([]model.WeappRecord, error) {
	appids := make([]string, len(accounts))
	for i := range accounts {
		appids[i] = accounts[i].AppID
	}
	var states []model.Weapp
	if len(appids) > 0 {
		if err := s.read(ctx).Where("appid IN ?", appids).Find(&states).Error; err != nil {
			return nil, err
		}
	}
	known := make(map[string]model.Weapp, len(states))
	for i := range states {
		known[states[i].AppID] = states[i]
	}
	records := make([]model.WeappRecord, len(accounts))
	for i, a := range accounts {
		state, ok := known[a.AppID]
		if !ok {
			state = model.NewWeapp(a.AppID)
		}
		records[i] = model.WeappRecord{Account: a, State: state}
	}
	return records, nil
}

// weappJoin is what counts and the refresh go through: every mini program that the platform
// develops, with its state if one is known.
const weappJoin = " FROM (SELECT id, appid FROM authorizers%s) a LEFT JOIN weapp w ON w.appid = a.appid"

// WeappCounts counts the mini programs that the platform develops.
func (s *Store) WeappCounts(ctx context.Context) (model.WeappCounts, error) {
	counts := model.WeappCounts{ByAudit: map[int]int64{}}
	var rows []struct {
		AuditStatus, Released, Suspended int
		N                                int64
	}
	where := weappWhere(model.WeappFilter{})
	err := s.read(ctx).Raw("SELECT audit_status, released, suspended, COUNT(*) AS n FROM (SELECT"+
		" COALESCE(w.auditstatus, -1) AS audit_status,"+
		" CASE WHEN w.releasems > 0 OR w.releaseversion <> '' THEN 1 ELSE 0 END AS released,"+
		" CASE WHEN w.visitstatus = 0 THEN 1 ELSE 0 END AS suspended"+fmt.Sprintf(weappJoin, where)+
		") s GROUP BY audit_status, released, suspended", where.args...).Scan(&rows).Error
	for _, r := range rows {
		counts.Total += r.N
		counts.Released += r.N * int64(r.Released)
		counts.Suspended += r.N * int64(r.Suspended)
		counts.ByAudit[r.AuditStatus] += r.N
	}
	return counts, fail("count the mini programs", err)
}

// WeappStale returns the appids of up to limit mini programs that WeChat was not asked about since
// the time, those that have waited longest first.
func (s *Store) WeappStale(ctx context.Context, beforeMS int64, limit int) ([]string, error) {
	where := weappWhere(model.WeappFilter{})
	var appids []string
	err := s.read(ctx).Raw("SELECT a.appid"+fmt.Sprintf(weappJoin, where)+
		" WHERE COALESCE(w.refreshms, 0) < ? ORDER BY COALESCE(w.refreshms, 0), a.id LIMIT ?",
		append(where.args, beforeMS, limit)...).Scan(&appids).Error
	return appids, fail("list stale mini programs", err)
}
