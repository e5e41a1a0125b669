package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// Values of model.Authorizer.AppType, which knows mini programs and the rest.
const (
	TypeMiniProgram     = 0
	TypeOfficialAccount = 1
)

// detailsTries is how often the details of an account are asked for whose grant changes each time
// while WeChat answers.
const detailsTries = 3

// errOutdated says that every answer was outdated when it came.
var errOutdated = errors.New("the account was authorized anew while WeChat was asked for its details")

// RefreshDetails fetches what WeChat tells of the account (api_get_authorizer_info) and stores it.
// What WeChat does not tell stays as it is, and a failed call changes nothing but when it is tried
// again. The stored refresh token is replaced only when there is none. An answer that is outdated
// when it comes is asked for again. errno.BadParam when the account does not authorize the platform.
func (s *Service) RefreshDetails(ctx context.Context, appid string) error {
	for range detailsTries {
		if stored, err := s.refreshDetails(ctx, appid); err != nil || stored {
			return err
		}
	}
	return fmt.Errorf("read the details of %s: %w", appid, errOutdated)
}

func (s *Service) refreshDetails(ctx context.Context, appid string) (stored bool, err error) {
	before, found, err := s.find(ctx, s.deps.Rows, appid)
	if err != nil {
		return false, err
	}
	if !found || before.Status != model.Authorized {
		return false, errNotAuthorized()
	}
	account, auth, err := s.deps.WeChat.AccountInfo(ctx, appid)
	if err != nil {
		return false, errors.Join(fmt.Errorf("read the details of %s: %w", appid, err), s.putOff(ctx, s.deps.Rows, appid, err))
	}
	return s.storeDetails(ctx, appid, before.GrantRev, account, auth)
}

// putOff lets an account whose details could not be had wait its time, so that it does not keep
// others from their turn. What is wrong on our own side (no ticket yet) is no account's fault.
func (s *Service) putOff(ctx context.Context, rows Rows, appid string, why error) error {
	if _, ours := errors.AsType[*errno.Error](why); ours {
		return nil
	}
	return rows.AuthorizerDetailsTried(ctx, appid, s.deps.Now().Add(refreshRetry-refreshAge).UnixMilli())
}

// storeDetails stores an answer that was asked for when the account's grant was ifGrantRev. If it has
// changed since, the answer may be older than what changed it, and is dropped.
func (s *Service) storeDetails(ctx context.Context, appid string, ifGrantRev int64, account *wx.Account, auth *wx.Authorization) (stored bool, err error) {
	err = s.deps.Tx(ctx, func(tx Rows) (err error) {
		stored, err = s.putDetails(ctx, tx, appid, ifGrantRev, account, auth)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("store the details of %s: %w", appid, err)
	}
	return stored, nil
}

func (s *Service) putDetails(ctx context.Context, tx Rows, appid string, ifGrantRev int64, account *wx.Account, auth *wx.Authorization) (stored bool, err error) {
	before, _, err := s.find(ctx, tx, appid)
	if err != nil {
		return false, err
	}
	details := detailsOf(account, auth)
	details.AppID, details.IfGrantRev = appid, ifGrantRev
	stored, err = tx.AuthorizerSaveDetails(ctx, details)
	if err != nil || !stored {
		return false, err
	}
	if changes := changesOf(before, details); len(changes) > 0 {
		if err := s.record(ctx, tx, appid, HistoryDetails, Detail{Changes: changes}); err != nil {
			return false, err
		}
	}
	return true, s.fillToken(ctx, tx, before, auth.RefreshToken)
}

// fillToken keeps the refresh token of an account whose own was lost. One that is there is newer
// than any answer: it came with an event or with its last use.
func (s *Service) fillToken(ctx context.Context, tx Rows, before model.Authorizer, refreshToken string) error {
	if before.RefreshToken != "" || refreshToken == "" {
		return nil
	}
	filled, err := tx.AuthorizerFillToken(ctx, before.AppID, refreshToken)
	if err != nil || !filled {
		return err
	}
	return s.record(ctx, tx, before.AppID, HistoryRecovered, Detail{})
}

// detailsOf is what an answer tells; members that WeChat left out stay empty.
func detailsOf(account *wx.Account, auth *wx.Authorization) model.AuthorizerDetails {
	d := model.AuthorizerDetails{
		NickName: account.NickName, UserName: account.UserName, HeadImg: account.HeadImg, QRCodeURL: account.QRCodeURL,
		PrincipalName: account.PrincipalName, FuncInfo: FormatPermissions(auth.FuncInfo), Details: string(account.Raw),
	}
	if account.NickName != "" || account.UserName != "" || account.IsMiniProgram() {
		d.Kind = model.AccountKind(account.Kind())
		d.AppType = new(TypeOfficialAccount)
		if account.IsMiniProgram() {
			d.AppType = new(TypeMiniProgram)
		}
	}
	if c := account.BasicConfig; c != nil {
		d.BasicConfig = fmt.Sprintf(`{"isPhoneConfigured":%t,"isEmailConfigured":%t}`, c.IsPhoneConfigured, c.IsEmailConfigured)
	}
	// A zero means something in each of these, so it counts only where WeChat sent it.
	var sent struct {
		ServiceType   *json.RawMessage `json:"service_type_info"`
		VerifyType    *json.RawMessage `json:"verify_type_info"`
		AccountStatus *json.RawMessage `json:"account_status"`
		RegisterType  *json.RawMessage `json:"register_type"`
	}
	if err := json.Unmarshal(account.Raw, &sent); err != nil {
		return d
	}
	d.ServiceType = number(sent.ServiceType, account.ServiceType.ID)
	d.VerifyInfo = number(sent.VerifyType, account.VerifyType.ID)
	d.AccountStatus = number(sent.AccountStatus, account.AccountStatus)
	d.RegisterType = number(sent.RegisterType, account.RegisterType)
	return d
}

func number(sent *json.RawMessage, value wx.Int) *int {
	if sent == nil {
		return nil
	}
	return new(int(value))
}

// changesOf tells what is different for an account whose details were known before.
func changesOf(before model.Authorizer, after model.AuthorizerDetails) map[string]Change {
	if before.UserName == "" && before.NickName == "" {
		return nil
	}
	changes := map[string]Change{}
	text := func(field, from, to string) {
		if to != "" && to != from {
			changes[field] = Change{From: from, To: to}
		}
	}
	number := func(field string, from int, to *int) {
		if to != nil && *to != from {
			changes[field] = Change{From: strconv.Itoa(from), To: strconv.Itoa(*to)}
		}
	}
	text("nickName", before.NickName, after.NickName)
	text("principalName", before.PrincipalName, after.PrincipalName)
	text("funcInfo", before.FuncInfo, after.FuncInfo)
	number("verifyInfo", before.VerifyInfo, after.VerifyInfo)
	if before.AccountStatus != 0 { // 0: it was not known
		number("accountStatus", before.AccountStatus, after.AccountStatus)
	}
	return changes
}
