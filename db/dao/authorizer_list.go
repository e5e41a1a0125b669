package dao

import (
	"context"
	"fmt"

	"wxcomponent/db/model"
)

func authorizerWhere(f model.AuthorizerFilter) *where {
	w := &where{}
	switch f.Status {
	case model.OnlyAuthorized:
		w.add("status = ?", model.Authorized)
	case model.OnlyUnauthorized:
		w.add("status = ?", model.Unauthorized)
	case model.AnyStatus:
	}
	w.equal("appid", f.AppID)
	if f.Tag != "" {
		w.add("appid IN (SELECT appid FROM account_tag WHERE tag = ?)", f.Tag)
	}
	if f.Search != "" {
		p := likePattern(f.Search)
		w.add("(appid LIKE ? ESCAPE '!' OR nickname LIKE ? ESCAPE '!' OR principalname LIKE ? ESCAPE '!')", p, p, p)
	}
	if f.AppType != nil {
		w.add("apptype = ?", *f.AppType)
	}
	if len(f.Kinds) > 0 {
		w.add("kind IN ?", f.Kinds)
	}
	if f.Permission != 0 { // the bars make it the number, not a number that contains it
		w.add("CONCAT('|', funcinfo, '|') LIKE ?", fmt.Sprintf("%%|%d|%%", f.Permission))
	}
	if f.HideTest {
		w.add("istest = 0")
	}
	return w
}

// AuthorizerList returns accounts in a stable order. Total is exact. A refresh token that cannot be
// opened is empty in a list.
func (s *Store) AuthorizerList(ctx context.Context, f model.AuthorizerFilter) (page model.Page[model.Authorizer], err error) {
	w := authorizerWhere(f)
	if err := s.read(ctx).Raw("SELECT COUNT(*) FROM authorizers"+w.String(), w.args...).Scan(&page.Total).Error; err != nil {
		return page, fail("count the accounts", err)
	}
	after, err := parseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	order := "authtime DESC, id DESC"
	if f.Sort == model.ByName {
		order = "nickname, id"
	} else if after != nil {
		t := timeAt(after.at)
		w.add("authtime <= ? AND (authtime < ? OR id < ?)", t, t, after.id)
	}
	if page.Total == 0 {
		page.Rows = []model.Authorizer{}
		return page, nil
	}
	var rows []model.Authorizer // the ids of the page come from an index, and only then the rows
	err = s.read(ctx).Raw("SELECT a.* FROM (SELECT id FROM authorizers"+w.String()+" ORDER BY "+order+
		" LIMIT ? OFFSET ?) k JOIN authorizers a ON a.id = k.id ORDER BY "+order,
		append(w.args, f.Limit+1, f.Offset)...).Scan(&rows).Error
	if err != nil {
		return page, fail("list the accounts", err)
	}
	trim(&page, rows, f.Limit, func(a model.Authorizer) position { return position{a.AuthTime.Unix(), int64(a.ID)} })
	if f.Sort == model.ByName {
		page.NextCursor = ""
	}
	for i := range page.Rows {
		a := &page.Rows[i]
		if a.RefreshToken, err = s.open(a.RefreshToken, refreshAAD(a.AppID)); err != nil {
			a.RefreshToken = ""
		}
	}
	return page, nil
}

// AuthorizerStale returns up to limit authorized accounts whose details were fetched or tried
// before the time, those that have waited longest first. Refresh tokens are left out, and so are the
// accounts of WeChat's release check, whose details nobody looks at.
func (s *Store) AuthorizerStale(ctx context.Context, beforeMS int64, limit int) ([]model.Authorizer, error) {
	var rows []model.Authorizer
	err := s.read(ctx).Where("status = ? AND detailsms < ? AND istest = 0", model.Authorized, beforeMS).
		Order("detailsms, id").Limit(limit).Find(&rows).Error
	for i := range rows {
		rows[i].RefreshToken = ""
	}
	return rows, fail("list stale accounts", err)
}

// AuthorizerStates returns the state of every account, authorized or not.
func (s *Store) AuthorizerStates(ctx context.Context) ([]model.AuthorizerState, error) {
	var rows []model.AuthorizerState
	err := s.read(ctx).Raw("SELECT appid, status, eventms, statusms, detailsms, grantrev, authtime FROM authorizers ORDER BY id").
		Scan(&rows).Error
	return rows, fail("list the states of accounts", err)
}

// AuthorizerCounts returns how many accounts of each kind are authorized; kinds without any are
// left out.
func (s *Store) AuthorizerCounts(ctx context.Context) (map[model.AccountKind]int64, error) {
	var rows []struct {
		Kind model.AccountKind `gorm:"column:kind"`
		N    int64
	}
	err := s.read(ctx).Raw("SELECT kind, COUNT(*) AS n FROM authorizers WHERE status = ? AND istest = 0 GROUP BY kind",
		model.Authorized).Scan(&rows).Error
	counts := make(map[model.AccountKind]int64, len(rows))
	for _, r := range rows {
		counts[r.Kind] = r.N
	}
	return counts, fail("count the accounts", err)
}

// AuthorizerHistoryAdd notes what happened to an account.
func (s *Store) AuthorizerHistoryAdd(ctx context.Context, h model.AuthorizerHistory) error {
	_, err := s.exec(ctx, "INSERT INTO authorizer_history (appid, atms, kind, detail) VALUES (?, ?, ?, ?)",
		h.AppID, h.AtMS, cut(h.Kind, 32), cut(h.Detail, 16000))
	return fail("note the history of "+h.AppID, err)
}

// AuthorizerHistoryList returns what happened to an account, newest first.
func (s *Store) AuthorizerHistoryList(ctx context.Context, appid string, limit int) ([]model.AuthorizerHistory, error) {
	var rows []model.AuthorizerHistory
	err := s.read(ctx).Where("appid = ?", appid).Order("atms DESC, id DESC").Limit(limit).Find(&rows).Error
	return rows, fail("read the history of "+appid, err)
}
