package wx

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
)

// Authorization is what an account granted (authorization_info). AccessToken, RefreshToken and
// ExpiresIn are empty for an account without API rights; AccessToken and ExpiresIn also where the
// API does not return them.
type Authorization struct {
	AppID        string   `json:"authorizer_appid"`
	AccessToken  string   `json:"authorizer_access_token"`
	ExpiresIn    Int      `json:"expires_in"` // seconds
	RefreshToken string   `json:"authorizer_refresh_token"`
	FuncInfo     FuncInfo `json:"func_info"`
}

// Grant is the access token that came with the authorization; ok is false when there was none.
func (a Authorization) Grant() (g Grant, ok bool) {
	if a.AccessToken == "" || a.ExpiresIn <= 0 {
		return Grant{}, false
	}
	return Grant{Token: a.AccessToken, ExpiresIn: seconds(a.ExpiresIn)}, true
}

// QueryAuth exchanges an authorization code, which works once (api_query_auth).
func (c *Client) QueryAuth(ctx context.Context, code string) (*Authorization, error) {
	appid, err := c.componentAppID()
	if err != nil {
		return nil, err
	}
	e := endpoint{path: "/cgi-bin/component/api_query_auth", as: component, effect: acts}
	var res struct {
		Info Authorization `json:"authorization_info"`
	}
	req := map[string]string{"component_appid": appid, "authorization_code": code}
	if err := c.call(ctx, e, "", nil, req, &res); err != nil {
		return nil, err
	}
	if res.Info.AppID == "" {
		return nil, e.lacks("authorizer_appid")
	}
	return &res.Info, nil
}

// AuthorizerToken gets an authorizer_access_token (api_authorizer_token). The one before becomes
// invalid. The refresh token comes back, sometimes a new one; it may be empty.
func (c *Client) AuthorizerToken(ctx context.Context, appid, refreshToken string) (g Grant, newRefreshToken string, err error) {
	self, err := c.componentAppID()
	if err != nil {
		return Grant{}, "", err
	}
	e := endpoint{path: "/cgi-bin/component/api_authorizer_token", as: component, effect: once}
	req := map[string]string{
		"component_appid": self, "authorizer_appid": appid, "authorizer_refresh_token": refreshToken,
	}
	var res struct {
		Token        string `json:"authorizer_access_token"`
		ExpiresIn    Int    `json:"expires_in"`
		RefreshToken string `json:"authorizer_refresh_token"`
	}
	if err := c.call(ctx, e, "", nil, req, &res); err != nil {
		return Grant{}, "", err
	}
	g, err = grant(e, res.Token, res.ExpiresIn)
	return g, res.RefreshToken, err
}

// ID is an object that only tells an id.
type ID struct {
	ID Int `json:"id"`
}

// Account is an account's public details (authorizer_info). Members differ between kinds of
// accounts; the absent ones are zero.
type Account struct {
	NickName        string       `json:"nick_name"`
	HeadImg         string       `json:"head_img"`
	UserName        string       `json:"user_name"` // gh_…
	Alias           string       `json:"alias"`
	PrincipalName   string       `json:"principal_name"`
	QRCodeURL       string       `json:"qrcode_url"`
	Signature       string       `json:"signature"`
	ServiceType     ID           `json:"service_type_info"`
	VerifyType      ID           `json:"verify_type_info"`
	AccountStatus   Int          `json:"account_status"`
	RegisterType    Int          `json:"register_type"`
	BasicConfig     *BasicConfig `json:"basic_config"`
	MiniProgramInfo *MiniProgram `json:"MiniProgramInfo"` // nil: not a mini program

	// Of accounts of other kinds, an object each; see Kind.
	StoreInfo    json.RawMessage `json:"store_info"`
	ChannelsInfo json.RawMessage `json:"channels_info"`
	TalentInfo   json.RawMessage `json:"talent_info"`
	SupplierInfo json.RawMessage `json:"supplier_info"`

	Raw json.RawMessage `json:"-"` // the whole authorizer_info as it came; holds no token
}

// IsMiniProgram tells mini programs from official accounts and others.
func (a *Account) IsMiniProgram() bool { return a.MiniProgramInfo != nil }

// AccountKind is what an account is.
type AccountKind string

// The kinds of accounts that WeChat tells apart.
const (
	KindMiniProgram  AccountKind = "miniProgram"
	KindSubscription AccountKind = "subscription"
	KindService      AccountKind = "service"
	KindStore        AccountKind = "store"
	KindChannels     AccountKind = "channels"
	KindTalent       AccountKind = "talent"
	KindSupplier     AccountKind = "supplier"
	KindOther        AccountKind = "other"
)

// Kind tells what the account is: WeChat adds an object of its own for each kind but official accounts,
// which it tells apart by service_type_info.
func (a *Account) Kind() AccountKind {
	if a.IsMiniProgram() {
		return KindMiniProgram
	}
	if kind := a.commerceKind(); kind != KindOther {
		return kind
	}
	switch a.ServiceType.ID {
	case 0, 1: // 1: upgraded from an old subscription account
		return KindSubscription
	case 2:
		return KindService
	}
	return KindOther
}

// commerceKind is the kind that an object of the answer names: one that holds something, or the only
// one there is.
func (a *Account) commerceKind() AccountKind {
	empty := KindOther
	several := false
	for _, of := range []struct {
		kind AccountKind
		info json.RawMessage
	}{{KindStore, a.StoreInfo}, {KindChannels, a.ChannelsInfo}, {KindTalent, a.TalentInfo}, {KindSupplier, a.SupplierInfo}} {
		var members map[string]json.RawMessage
		if json.Unmarshal(of.info, &members) != nil || members == nil {
			continue // absent, null or no object
		}
		if len(members) > 0 {
			return of.kind
		}
		several = several || empty != KindOther
		empty = of.kind
	}
	if several {
		return KindOther
	}
	return empty
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *Account) UnmarshalJSON(b []byte) error {
	type plain Account
	if err := unmarshal(b, (*plain)(a)); err != nil {
		return err
	}
	a.Raw = slices.Clone(bytes.TrimSpace(b))
	return nil
}

// BasicConfig tells which contacts a mini program has set.
type BasicConfig struct {
	IsPhoneConfigured Bool `json:"is_phone_configured"`
	IsEmailConfigured Bool `json:"is_email_configured"`
}

// MiniProgram is the part of the details that only mini programs have.
type MiniProgram struct {
	Network     json.RawMessage `json:"network"`
	Categories  []Category      `json:"categories"`
	VisitStatus Int             `json:"visit_status"`
}

// Category is a mini program's category by name.
type Category struct {
	First  string `json:"first"`
	Second string `json:"second"`
}

// AccountInfo reads an account's details and what it granted (api_get_authorizer_info). The
// authorization has a refresh token but no access token.
func (c *Client) AccountInfo(ctx context.Context, appid string) (*Account, *Authorization, error) {
	self, err := c.componentAppID()
	if err != nil {
		return nil, nil, err
	}
	e := endpoint{path: "/cgi-bin/component/api_get_authorizer_info", as: component}
	var res struct {
		Account       *Account      `json:"authorizer_info"`
		Authorization Authorization `json:"authorization_info"`
	}
	req := map[string]string{"component_appid": self, "authorizer_appid": appid}
	if err := c.call(ctx, e, "", nil, req, &res); err != nil {
		return nil, nil, err
	}
	if res.Account == nil {
		return nil, nil, e.lacks("authorizer_info")
	}
	if res.Authorization.AppID == "" {
		res.Authorization.AppID = appid
	}
	return res.Account, &res.Authorization, nil
}

// AccountListMax is how many accounts AccountList returns at most.
const AccountListMax = 500

// AccountList is one page of the accounts that authorize the platform.
type AccountList struct {
	Total int
	List  []ListedAccount
}

// ListedAccount is one of them. RefreshToken is empty when the authorization code was never
// exchanged.
type ListedAccount struct {
	AppID        string `json:"authorizer_appid"`
	RefreshToken string `json:"refresh_token"`
	AuthTime     Int    `json:"auth_time"` // seconds
}

// AccountList reads a page of the authorizing accounts (api_get_authorizer_list).
func (c *Client) AccountList(ctx context.Context, offset, count int) (AccountList, error) {
	self, err := c.componentAppID()
	if err != nil {
		return AccountList{}, err
	}
	e := endpoint{path: "/cgi-bin/component/api_get_authorizer_list", as: component}
	req := map[string]any{"component_appid": self, "offset": offset, "count": count}
	var res struct {
		Total *Int            `json:"total_count"`
		List  []ListedAccount `json:"list"`
	}
	if err := c.call(ctx, e, "", nil, req, &res); err != nil {
		return AccountList{}, err
	}
	if res.Total == nil {
		return AccountList{}, e.lacks("total_count") // an answer without it must not pass for "no accounts"
	}
	return AccountList{Total: int(*res.Total), List: res.List}, nil
}

// Options of an account.
const (
	OptionLocationReport  = "location_report"  // 0 off, 1 when a chat starts, 2 every five seconds
	OptionVoiceRecognize  = "voice_recognize"  // 0, 1
	OptionCustomerService = "customer_service" // 0, 1
)

// Option reads an option of the account (get_authorizer_option).
func (c *Client) Option(ctx context.Context, appid, name string) (string, error) {
	e := endpoint{path: "/cgi-bin/component/get_authorizer_option", as: account}
	var res struct {
		Value string `json:"option_value"`
	}
	err := c.call(ctx, e, appid, nil, map[string]string{"option_name": name}, &res)
	return res.Value, err
}

// SetOption sets an option of the account (set_authorizer_option).
func (c *Client) SetOption(ctx context.Context, appid, name, value string) error {
	e := endpoint{path: "/cgi-bin/component/set_authorizer_option", as: account, effect: acts}
	return c.call(ctx, e, appid, nil, map[string]string{"option_name": name, "option_value": value}, nil)
}

// BasicInfo is an account's registration (getaccountbasicinfo).
type BasicInfo struct {
	AppID          string `json:"appid"`
	AccountType    Int    `json:"account_type"`
	PrincipalType  Int    `json:"principal_type"`
	PrincipalName  string `json:"principal_name"`
	RealNameStatus Int    `json:"realname_status"` // 1 confirmed, 2 pending, 3 failed
	Nickname       string `json:"nickname"`
	Verification   struct {
		Qualified         bool `json:"qualification_verify"`
		Named             bool `json:"naming_verify"`
		AnnualReview      bool `json:"annual_review"`
		AnnualReviewBegin Int  `json:"annual_review_begin_time"` // seconds
		AnnualReviewEnd   Int  `json:"annual_review_end_time"`   // seconds
	} `json:"wx_verify_info"`
	Signature struct {
		Text  string `json:"signature"`
		Used  Int    `json:"modify_used_count"`
		Quota Int    `json:"modify_quota"`
	} `json:"signature_info"`
	HeadImage struct {
		URL   string `json:"head_image_url"`
		Used  Int    `json:"modify_used_count"`
		Quota Int    `json:"modify_quota"`
	} `json:"head_image_info"`
	RegisteredCountry Int `json:"registered_country"`
	CustomerType      Int `json:"customer_type"`
}

// BasicInfo reads the account's registration (getaccountbasicinfo).
func (c *Client) BasicInfo(ctx context.Context, appid string) (*BasicInfo, error) {
	e := endpoint{path: "/cgi-bin/account/getaccountbasicinfo", as: account}
	var res BasicInfo
	if err := c.call(ctx, e, appid, nil, nil, &res); err != nil {
		return nil, err
	}
	return &res, nil
}

// SendText sends a customer service text message to a user of the account
// (message/custom/send).
func (c *Client) SendText(ctx context.Context, appid, openID, content string) error {
	e := endpoint{path: "/cgi-bin/message/custom/send", as: account}
	req := map[string]any{"touser": openID, "msgtype": "text", "text": map[string]string{"content": content}}
	return c.call(ctx, e, appid, nil, req, nil)
}
