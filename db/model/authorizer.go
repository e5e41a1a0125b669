package model

import "time"

// Whether the platform still acts for an account.
const (
	Unauthorized int8 = 0
	Authorized   int8 = 1
)

// AccountKind is what an account is.
type AccountKind string

// The kinds of accounts.
const (
	KindMiniProgram  AccountKind = "miniProgram"
	KindSubscription AccountKind = "subscription" // official account
	KindService      AccountKind = "service"      // official account
	KindStore        AccountKind = "store"
	KindChannels     AccountKind = "channels"
	KindTalent       AccountKind = "talent"
	KindSupplier     AccountKind = "supplier"
	KindOther        AccountKind = "other" // also where WeChat has not told yet
)

// Official tells whether the kind is one of the two of official accounts.
func (k AccountKind) Official() bool { return k == KindSubscription || k == KindService }

// Authorizer is an account that has authorized the platform. It stays as a row when the
// authorization ends.
type Authorizer struct {
	ID            int       `gorm:"column:id;primaryKey"`
	AppID         string    `gorm:"column:appid"`
	AppType       int       `gorm:"column:apptype"` // 0 mini program, 1 any other kind
	ServiceType   int       `gorm:"column:servicetype"`
	NickName      string    `gorm:"column:nickname"`
	UserName      string    `gorm:"column:username"` // the account's original id, gh_…
	HeadImg       string    `gorm:"column:headimg"`
	QRCodeURL     string    `gorm:"column:qrcodeurl"`
	PrincipalName string    `gorm:"column:principalname"`
	RefreshToken  string    `gorm:"column:refreshtoken"` // in clear here, sealed in the table
	FuncInfo      string    `gorm:"column:funcinfo"`     // granted permission sets, "|1|18|"; "|" is none, "" not known
	VerifyInfo    int       `gorm:"column:verifyinfo"`
	AuthTime      time.Time `gorm:"column:authtime"`
	UpdateTime    time.Time `gorm:"column:updatetime"`
	Status        int8      `gorm:"column:status"`
	StatusMS      int64     `gorm:"column:statusms"`  // when Status changed last
	EventMS       int64     `gorm:"column:eventms"`   // CreateTime of the newest event known of the account
	DetailsMS     int64     `gorm:"column:detailsms"` // when its details were fetched, or tried, last
	RegisterType  int       `gorm:"column:registertype"`
	AccountStatus int       `gorm:"column:accountstatus"`
	BasicConfig   string    `gorm:"column:basicconfig"` // JSON with isPhoneConfigured and isEmailConfigured, or empty
	BindState     string    `gorm:"column:bindstate"`   // the provider's own id of the merchant
	IsTest        bool      `gorm:"column:istest"`      // one of WeChat's accounts for the release test

	Kind AccountKind `gorm:"column:kind"`
	// GrantRev grows whenever the refresh token is replaced, an authorization comes in or the account
	// goes out of service. An answer of WeChat that was asked for at another GrantRev may be outdated.
	GrantRev int64 `gorm:"column:grantrev"`
}

// TableName implements gorm's Tabler.
func (Authorizer) TableName() string { return "authorizers" }

// AuthorizerDetail is the whole answer of WeChat's api_get_authorizer_info, kept apart from the
// rows that lists read.
type AuthorizerDetail struct {
	AppID   string `gorm:"column:appid;primaryKey"`
	Details string `gorm:"column:details"` // JSON
}

// TableName implements gorm's Tabler.
func (AuthorizerDetail) TableName() string { return "authorizer_detail" }

// AuthorizerHistory is something that happened to an account.
type AuthorizerHistory struct {
	ID     int64  `gorm:"column:id;primaryKey"`
	AppID  string `gorm:"column:appid"`
	AtMS   int64  `gorm:"column:atms"`
	Kind   string `gorm:"column:kind"` // authorized, updated, unauthorized, synced, vanished, …
	Detail string `gorm:"column:detail"`
}

// TableName implements gorm's Tabler.
func (AuthorizerHistory) TableName() string { return "authorizer_history" }

// AccountTag is a word that the provider sorts accounts by.
type AccountTag struct {
	AppID string `gorm:"column:appid;primaryKey"`
	Tag   string `gorm:"column:tag;primaryKey"`
}

// TableName implements gorm's Tabler.
func (AccountTag) TableName() string { return "account_tag" }

// TagCount says how many authorized accounts have a tag.
type TagCount struct {
	Tag      string `gorm:"column:tag"`
	Accounts int64  `gorm:"column:accounts"`
}

// Weapp is the state of a mini program that the platform develops as an agency. Times are Unix
// milliseconds, 0 when unknown.
type Weapp struct {
	AppID           string `gorm:"column:appid;primaryKey"`
	VisitStatus     int    `gorm:"column:visitstatus"`
	ReleaseVersion  string `gorm:"column:releaseversion"`
	ReleaseDesc     string `gorm:"column:releasedesc"`
	ReleaseMS       int64  `gorm:"column:releasems"`
	ExpVersion      string `gorm:"column:expversion"`
	ExpDesc         string `gorm:"column:expdesc"`
	ExpMS           int64  `gorm:"column:expms"`
	AuditID         int64  `gorm:"column:auditid"`
	AuditStatus     int    `gorm:"column:auditstatus"` // -1: none known
	AuditReason     string `gorm:"column:auditreason"`
	AuditScreenshot string `gorm:"column:auditscreenshot"`
	AuditVersion    string `gorm:"column:auditversion"`
	AuditDesc       string `gorm:"column:auditdesc"`
	SubmitMS        int64  `gorm:"column:submitms"`
	AuditMS         int64  `gorm:"column:auditms"`
	AuditSeenMS     int64  `gorm:"column:auditseenms"`  // when WeChat was first seen to say AuditStatus of AuditID
	AuditEventMS    int64  `gorm:"column:auditeventms"` // time of the event that told of it, 0 when none did yet
	PrivacyState    int    `gorm:"column:privacystate"`
	RefreshMS       int64  `gorm:"column:refreshms"` // when WeChat was asked last
	ErrCode         int    `gorm:"column:errcode"`   // of that last time, 0 when it went well
	ErrMsg          string `gorm:"column:errmsg"`
}

// TableName implements gorm's Tabler.
func (Weapp) TableName() string { return "weapp" }
