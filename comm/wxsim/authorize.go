package wxsim

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// AuthorizeOptions are the merchant's choices. The zero value grants all that the account can.
type AuthorizeOptions struct {
	PreAuthCode string // empty: one is made
	Funcs       []int  // permission sets; nil: all that the account has
	Silent      bool   // no push
}

// Authorization is what an approval leads to.
type Authorization struct {
	AuthCode  string `json:"authCode"`
	ExpiresIn int64  `json:"expiresIn"` // seconds
	// InfoType is the event that was pushed: authorized, updateauthorized, or none when the account
	// had granted the same sets already.
	InfoType string      `json:"infoType"`
	Push     *PushResult `json:"push,omitempty"`
}

var (
	errPreAuthCode = errors.New("pre_auth_code is unknown, used or expired")
	errUnfit       = errors.New("a deregistered, banned or frozen account cannot authorize")
)

// Authorize does what the approve button does and waits for the push.
func (s *Sim) Authorize(ctx context.Context, appID string, opt AuthorizeOptions) (Authorization, error) {
	auth, fields, err := s.approve(appID, opt)
	if err != nil {
		return auth, err
	}
	if auth.InfoType != "" && !opt.Silent {
		res := s.pushComponent(ctx, appID, auth.InfoType, fields)
		auth.Push = &res
	}
	return auth, nil
}

// approve makes the authorization stand and returns the fields of its event.
func (s *Sim) approve(appID string, opt AuthorizeOptions) (auth Authorization, fields Fields, err error) {
	now := s.now()
	err = s.change(appID, func(a *account) error {
		if slices.Contains([]int{14, 16, 19}, a.AccountStatus) {
			return errUnfit
		}
		funcs := opt.Funcs
		if funcs == nil {
			funcs = a.Available
		}
		if opt.PreAuthCode == "" {
			opt.PreAuthCode = s.newPreAuthCode(now)
		}
		pre := s.tokens.preAuth[opt.PreAuthCode]
		if pre == nil || pre.used || !now.Before(pre.expires) {
			return errPreAuthCode
		}
		pre.used = true
		switch {
		case !a.Authorized:
			auth.InfoType = "authorized"
		case !sameSets(a.Funcs, funcs):
			auth.InfoType = "updateauthorized"
		}
		a.grant(slices.Clone(funcs), now)
		auth.AuthCode, auth.ExpiresIn = s.newAuthCode(appID, now), s.settings.AuthCodeTTL.seconds()
		fields = Fields{
			{"AuthorizerAppid", appID},
			{"AuthorizationCode", auth.AuthCode},
			{"AuthorizationCodeExpiredTime", auth.ExpiresIn},
			{"PreAuthCode", opt.PreAuthCode},
		}
		return nil
	})
	return auth, fields, err
}

func sameSets(a, b []int) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// Unauthorize is the merchant's withdrawal: tokens and refresh token end, `unauthorized` is pushed
// unless silent.
func (s *Sim) Unauthorize(ctx context.Context, appID string, silent bool) error {
	err := s.change(appID, func(a *account) error {
		if !a.Authorized {
			return errors.New("the account has not authorized the platform")
		}
		a.Authorized, a.Exchanged, a.RefreshToken, a.Funcs = false, false, "", nil
		return nil
	})
	if err == nil && !silent {
		s.pushComponent(ctx, appID, "unauthorized", Fields{{"AuthorizerAppid", appID}})
	}
	return err
}

// FastRegister makes a mini program by interface: it stands authorized and its code comes with
// notify_third_fasteregister.
func (s *Sim) FastRegister(ctx context.Context) (Account, PushResult) {
	s.mu.Lock()
	a := s.accounts.generate(MiniProgram)
	a.RegisterType = 6
	a.grant(slices.Clone(a.Available), s.now())
	code, made := s.newAuthCode(a.AppID, s.now()), a.Account
	s.mu.Unlock()
	fields := sampleComponent("notify_third_fasteregister", made.AppID).with(map[string]any{"auth_code": code})
	return made, s.pushComponent(ctx, made.AppID, "notify_third_fasteregister", fields)
}

// authQuery is what the authorization page is opened with.
type authQuery struct {
	Component   string
	PreAuthCode string
	RedirectURI string
	AuthType    string
	BizAppID    string
	Categories  []int
}

func parseAuthQuery(q url.Values) (authQuery, error) {
	a := authQuery{
		Component: q.Get("component_appid"), PreAuthCode: q.Get("pre_auth_code"), RedirectURI: q.Get("redirect_uri"),
		AuthType: q.Get("auth_type"), BizAppID: q.Get("biz_appid"),
	}
	for part := range strings.SplitSeq(q.Get("category_id_list"), "|") {
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return a, fmt.Errorf("category_id_list 参数错误：%q", part)
		}
		a.Categories = append(a.Categories, n)
	}
	return a, nil
}

// check returns what WeChat's page says instead of the list of accounts, in its language.
func (s *Sim) checkAuthQuery(a authQuery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	redirect, err := url.Parse(a.RedirectURI)
	pre := s.tokens.preAuth[a.PreAuthCode]
	switch {
	case a.Component != s.appID:
		return errors.New("参数错误：component_appid 无效，请联系服务商")
	case pre == nil || pre.used || !s.now().Before(pre.expires):
		return errors.New("请求的 pre_auth_code 不存在或已失效，请返回服务商页面重新发起授权")
	case err != nil || (redirect.Scheme != "http" && redirect.Scheme != "https") || redirect.Host == "":
		return errors.New("参数错误：redirect_uri 无效，请联系服务商")
	case s.settings.RedirectHost != "" && redirect.Host != s.settings.RedirectHost:
		return errors.New("redirect_uri 域名与授权发起页域名不一致，请联系服务商")
	case !slices.Contains([]string{"", "1", "2", "3", "4", "5", "6"}, a.AuthType):
		return errors.New("参数错误：auth_type 无效")
	}
	return nil
}

// offers tells whether the page lists the account: its kind, its state, or that it was asked for.
func (a authQuery) offers(acc *account) bool {
	if acc.ReleaseCheck || slices.Contains([]int{14, 16, 19}, acc.AccountStatus) {
		return false
	}
	if a.BizAppID != "" {
		return acc.AppID == a.BizAppID
	}
	switch a.AuthType {
	case "1":
		return acc.Kind == Official
	case "2":
		return acc.Kind == MiniProgram
	case "4", "5": // kinds of account that the simulator does not have
		return false
	}
	return true
}

// sets are the permission sets that the page offers for the account.
func (a authQuery) sets(acc *account) []int {
	if a.Categories == nil {
		return acc.Available
	}
	return slices.DeleteFunc(slices.Clone(acc.Available), func(id int) bool { return !slices.Contains(a.Categories, id) })
}
