package dao

import (
	"context"
	"strings"
	"time"

	"wxcomponent/db/model"
)

func refreshAAD(appid string) string { return "authorizers.refreshtoken:" + appid }

// AuthorizerGet returns an account, authorized or not, or model.ErrNotFound.
func (s *Store) AuthorizerGet(ctx context.Context, appid string) (model.Authorizer, error) {
	var a model.Authorizer
	err := s.read(ctx).Where("appid = ?", appid).Take(&a).Error
	if err == nil && a.AppID != appid { // MySQL compares without regard to case and spaces at the end
		err = model.ErrNotFound
	}
	if err == nil {
		a.RefreshToken, err = s.open(a.RefreshToken, refreshAAD(appid))
	}
	return a, fail("find account "+appid, err)
}

// AuthorizerDetailGet returns WeChat's whole answer about an account, or model.ErrNotFound.
func (s *Store) AuthorizerDetailGet(ctx context.Context, appid string) (string, error) {
	var d model.AuthorizerDetail
	err := s.read(ctx).Where("appid = ?", appid).Take(&d).Error
	return d.Details, fail("find the details of "+appid, err)
}

// AuthorizerSaveToken makes an account authorized. It changes nothing and returns false when a
// newer event of the account is known, or its grant is no longer the one of IfGrantRev.
func (s *Store) AuthorizerSaveToken(ctx context.Context, g model.Grant) (applied bool, err error) {
	sealed, err := s.seal(g.RefreshToken, refreshAAD(g.AppID))
	if err != nil {
		return false, fail("seal a refresh token", err)
	}
	now := s.now()
	set := assignments{}
	// statusms looks at the old status, and MySQL assigns from left to right
	set.expr("statusms", "CASE WHEN status = ? THEN statusms ELSE ? END", model.Authorized, now.UnixMilli())
	set.put("status", model.Authorized)
	set.expr("grantrev", "grantrev + 1")
	set.put("eventms", g.EventMS)
	set.put("authtime", seconds(g.AuthTime))
	set.put("istest", g.IsTest)
	set.put("updatetime", seconds(now))
	set.text("refreshtoken", sealed)
	set.text("funcinfo", g.FuncInfo)
	condition, args := "appid = ? AND eventms <= ?", []any{g.AppID, g.EventMS}
	if g.IfGrantRev != nil {
		condition, args = condition+" AND grantrev = ?", append(args, *g.IfGrantRev)
	}
	err = s.upsert(
		func() (int64, error) {
			n, err := s.authorizerUpdate(ctx, set, condition, args...)
			applied = n > 0
			return n, err
		},
		func() error {
			_, err := s.exec(ctx, "INSERT INTO authorizers (appid, refreshtoken, funcinfo, authtime, updatetime, status,"+
				" statusms, eventms, grantrev, istest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)", g.AppID, sealed, g.FuncInfo,
				seconds(g.AuthTime), seconds(now), model.Authorized, now.UnixMilli(), g.EventMS, g.IsTest)
			applied = err == nil
			return err
		},
	)
	return applied, fail("store the authorization of "+g.AppID, err)
}

// AuthorizerEventSeen notes the time of an event that tells nothing but what is stored of an
// authorized account already.
func (s *Store) AuthorizerEventSeen(ctx context.Context, appid string, at time.Time) error {
	set := assignments{}
	set.put("eventms", at.UnixMilli())
	set.put("authtime", seconds(at))
	set.put("updatetime", seconds(s.now()))
	_, err := s.authorizerUpdate(ctx, set, "appid = ? AND status = ? AND eventms <= ?", appid, model.Authorized, at.UnixMilli())
	return fail("note an event of "+appid, err)
}

// AuthorizerFillToken stores the refresh token of an authorized account that has none.
func (s *Store) AuthorizerFillToken(ctx context.Context, appid, refreshToken string) (filled bool, err error) {
	return s.refreshTokenUpdate(ctx, appid, refreshToken,
		"status = ? AND (refreshtoken IS NULL OR refreshtoken = '')", model.Authorized)
}

// AuthorizerRotateToken replaces the refresh token by one that WeChat gave when it was used,
// unless another was stored, or the account is no longer authorized, since ifGrantRev.
func (s *Store) AuthorizerRotateToken(ctx context.Context, appid string, ifGrantRev int64, refreshToken string) (bool, error) {
	return s.refreshTokenUpdate(ctx, appid, refreshToken, "status = ? AND grantrev = ?", model.Authorized, ifGrantRev)
}

func (s *Store) refreshTokenUpdate(ctx context.Context, appid, token, condition string, args ...any) (bool, error) {
	sealed, err := s.seal(token, refreshAAD(appid))
	if err != nil {
		return false, fail("seal a refresh token", err)
	}
	set := assignments{}
	set.text("refreshtoken", sealed)
	set.expr("grantrev", "grantrev + 1")
	set.put("updatetime", seconds(s.now()))
	n, err := s.authorizerUpdate(ctx, set, "appid = ? AND "+condition, append([]any{appid}, args...)...)
	return n > 0, fail("store the refresh token of "+appid, err)
}

// AuthorizerSaveDetails stores what WeChat told of an account, unless its grant is no longer the
// one that WeChat was asked about. It never touches the refresh token.
func (s *Store) AuthorizerSaveDetails(ctx context.Context, d model.AuthorizerDetails) (applied bool, err error) {
	now := s.now()
	set := assignments{}
	set.put("detailsms", now.UnixMilli())
	set.put("updatetime", seconds(now))
	set.text("nickname", cut(d.NickName, 191))
	set.text("username", cut(d.UserName, 32))
	set.text("headimg", cut(d.HeadImg, 512))
	set.text("qrcodeurl", cut(d.QRCodeURL, 512))
	set.text("principalname", cut(d.PrincipalName, 191))
	set.text("funcinfo", d.FuncInfo)
	set.text("basicconfig", d.BasicConfig)
	set.text("kind", string(d.Kind))
	set.number("apptype", d.AppType)
	set.number("servicetype", d.ServiceType)
	set.number("verifyinfo", d.VerifyInfo)
	set.number("registertype", d.RegisterType)
	set.number("accountstatus", d.AccountStatus)
	err = s.Tx(ctx, func(tx *Store) error {
		renamed, err := tx.userNameChanges(ctx, d.AppID, cut(d.UserName, 32))
		if err != nil {
			return err
		}
		n, err := tx.authorizerUpdate(ctx, set, "appid = ? AND grantrev = ?", d.AppID, d.IfGrantRev)
		applied = n > 0
		if err == nil && applied && renamed { // instances keep the names in memory
			err = tx.RevisionBump(ctx)
		}
		if err != nil || !applied || d.Details == "" {
			return err
		}
		return tx.detailsPut(ctx, d.AppID, strings.ToValidUTF8(d.Details, "\uFFFD"))
	})
	return applied, fail("store the details of "+d.AppID, err)
}

// userNameChanges tells whether an account's original id is about to become another.
func (s *Store) userNameChanges(ctx context.Context, appid, userName string) (bool, error) {
	if userName == "" {
		return false, nil
	}
	var same int64
	err := s.write(ctx).Raw("SELECT COUNT(*) FROM authorizers WHERE appid = ? AND username = ?", appid, userName).
		Scan(&same).Error
	return same == 0, err
}

func (s *Store) detailsPut(ctx context.Context, appid, details string) error {
	return s.upsert(
		func() (int64, error) {
			return s.exec(ctx, "UPDATE authorizer_detail SET details = ? WHERE appid = ?", details, appid)
		},
		func() error {
			_, err := s.exec(ctx, "INSERT INTO authorizer_detail (appid, details) VALUES (?, ?)", appid, details)
			return err
		},
	)
}

// AuthorizerDetailsTried notes that details were asked for in vain, so that an account that always
// fails does not keep the others from their turn.
func (s *Store) AuthorizerDetailsTried(ctx context.Context, appid string, atMS int64) error {
	set := assignments{}
	set.put("detailsms", atMS)
	set.expr("updatetime", "updatetime")
	_, err := s.authorizerUpdate(ctx, set, "appid = ? AND detailsms < ?", appid, atMS)
	return fail("note the failed refresh of "+appid, err)
}

// AuthorizerUnauthorize takes an account out of service and forgets its access token. It changes
// nothing and returns false when a newer event is known. An account that is not known is stored
// without authorization, so that an older event that comes late cannot bring it to life.
func (s *Store) AuthorizerUnauthorize(ctx context.Context, appid string, eventMS int64) (changed bool, err error) {
	now := s.now()
	err = s.Tx(ctx, func(tx *Store) error {
		err := tx.upsert(
			func() (int64, error) {
				n, err := tx.unauthorize(ctx, now, &eventMS, "appid = ? AND eventms <= ?", appid, eventMS)
				changed = n > 0
				return n, err
			},
			func() error {
				_, err := tx.exec(ctx, "INSERT INTO authorizers (appid, refreshtoken, funcinfo, authtime, updatetime, status,"+
					" statusms, eventms, grantrev) VALUES (?, '', '', ?, ?, ?, ?, ?, 1)", appid, seconds(now), seconds(now),
					model.Unauthorized, now.UnixMilli(), eventMS)
				changed = err == nil
				return err
			},
		)
		if err != nil || !changed {
			return err
		}
		return tx.TokenDelete(ctx, appid)
	})
	return changed, fail("take "+appid+" out of service", err)
}

// AuthorizerVanish takes an account out of service that WeChat no longer lists, unless anything
// happened to it since it was seen with these times. Its refresh token stays, in case the list was
// wrong.
func (s *Store) AuthorizerVanish(ctx context.Context, appid string, ifEventMS, ifStatusMS int64) (changed bool, err error) {
	err = s.Tx(ctx, func(tx *Store) error {
		n, err := tx.unauthorize(ctx, s.now(), nil, "appid = ? AND eventms = ? AND statusms = ? AND status = ?",
			appid, ifEventMS, ifStatusMS, model.Authorized)
		changed = n > 0
		if err != nil || !changed {
			return err
		}
		return tx.TokenDelete(ctx, appid)
	})
	return changed, fail("take "+appid+" out of service", err)
}

func (s *Store) unauthorize(ctx context.Context, now time.Time, eventMS *int64, condition string, args ...any) (int64, error) {
	set := assignments{}
	set.expr("statusms", "CASE WHEN status = ? THEN statusms ELSE ? END", model.Unauthorized, now.UnixMilli())
	set.put("status", model.Unauthorized)
	set.expr("grantrev", "grantrev + 1")
	set.put("updatetime", seconds(now))
	if eventMS != nil { // WeChat said so: the refresh token is dead as well
		set.put("eventms", *eventMS)
		set.put("refreshtoken", "")
	}
	return s.authorizerUpdate(ctx, set, condition, args...)
}

// AuthorizerSetState binds an account to the provider's own id of the merchant, or returns
// model.ErrNotFound.
func (s *Store) AuthorizerSetState(ctx context.Context, appid, state string) error {
	set := assignments{}
	set.put("bindstate", cut(state, 191))
	set.put("updatetime", seconds(s.now()))
	n, err := s.authorizerUpdate(ctx, set, "appid = ?", appid)
	if err == nil && n == 0 {
		err = model.ErrNotFound
	}
	return fail("bind account "+appid, err)
}

func (s *Store) authorizerUpdate(ctx context.Context, set assignments, condition string, args ...any) (int64, error) {
	return s.exec(ctx, "UPDATE authorizers SET "+set.String()+" WHERE "+condition,
		append(append([]any{}, set.args...), args...)...)
}
