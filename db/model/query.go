package model

import "time"

// Page is a part of a list.
type Page[T any] struct {
	Rows        []T
	Total       int64  // of the whole list, at most MaxTotal
	TotalCapped bool   // there are more than Total
	NextCursor  string // for the next page; "" on the last one
}

// ComponentRecordFilter chooses stored authorization events. Zero values do not limit.
type ComponentRecordFilter struct {
	From, To time.Time // of receiving, both included
	InfoType string
	Cursor   string // instead of Offset
	Offset   int
	Limit    int
}

// BizRecordFilter chooses stored messages and events of accounts. Zero values do not limit.
type BizRecordFilter struct {
	From, To              time.Time // of receiving, both included
	AppID, MsgType, Event string
	Cursor                string // instead of Offset
	Offset                int
	Limit                 int
}

// Push is a push to store, with the work that follows from it.
type Push struct {
	Channel  int8   // ChannelComponent or ChannelBiz
	Identity string // the same for every delivery of the push, begins with its time; "" is never a duplicate
	// Original is the identity of a push that this one is a duplicate of, although it does not stand for it;
	// "" for nearly all.
	Original    string
	Held        bool      // it waits for somebody to release it; on ChannelBiz
	CipherKey   string    // where not "", a push with the same one is a duplicate as well
	SignedAt    time.Time // the push is recognised for as long after this as after it was stored; zero in clear
	ReceiveTime time.Time
	CreateTime  time.Time // zero: ReceiveTime
	InfoType    string    // on ChannelComponent
	AppID       string    // of the account that the push is about, "" for none
	ToUserName  string    // on ChannelBiz, as the next two
	MsgType     string
	Event       string
	Body        string
	Secrets     []string // parts of Body that nobody may read in the table; on ChannelComponent
	Work        []Work
}

// Grant is what an authorization gives: the key to an account and the permission sets.
type Grant struct {
	AppID        string
	RefreshToken string // "" keeps the one that is stored
	FuncInfo     string // "|1|18|"; "|" is none, "" keeps what is stored
	AuthTime     time.Time
	EventMS      int64 // CreateTime of the event that brought it
	IsTest       bool
	IfGrantRev   *int64 // the row's GrantRev when WeChat was asked, 0 without a row; nil: any
}

// AuthorizerDetails is what WeChat tells of an account. "" and nil keep what is stored.
type AuthorizerDetails struct {
	AppID                                         string
	IfGrantRev                                    int64 // the row's GrantRev when WeChat was asked
	Kind                                          AccountKind
	NickName, UserName, HeadImg, QRCodeURL        string
	PrincipalName, FuncInfo, BasicConfig, Details string
	AppType, ServiceType, VerifyInfo              *int
	RegisterType, AccountStatus                   *int
}

// AuthorizerState is what a sync compares with WeChat's list.
type AuthorizerState struct {
	AppID     string `gorm:"column:appid"`
	Status    int8   `gorm:"column:status"`
	EventMS   int64  `gorm:"column:eventms"`
	StatusMS  int64  `gorm:"column:statusms"`
	DetailsMS int64  `gorm:"column:detailsms"`
	GrantRev  int64  `gorm:"column:grantrev"`

	AuthTime time.Time `gorm:"column:authtime"`
}

// StatusFilter chooses accounts by whether they are authorized.
type StatusFilter int8

// The zero value lists what is authorized.
const (
	OnlyAuthorized StatusFilter = iota
	OnlyUnauthorized
	AnyStatus
)

// AuthorizerSort is the order of a list of accounts.
type AuthorizerSort int8

// The orders.
const (
	NewestFirst AuthorizerSort = iota // by the time of authorization
	ByName
)

// AuthorizerFilter chooses accounts. Zero values do not limit, except Status.
type AuthorizerFilter struct {
	AppID      string // exactly
	Search     string // part of appid, nickname or principal
	Tag        string // one that the account has
	AppType    *int
	Kinds      []AccountKind // any of them
	Permission int           // id of a permission set that is granted
	Status     StatusFilter
	HideTest   bool // leaves out the accounts of WeChat's release test
	Sort       AuthorizerSort
	Cursor     string // instead of Offset, with NewestFirst
	Offset     int
	Limit      int
}

// WorkFilter chooses items. Kind or Group has to be given.
type WorkFilter struct {
	Kind   string
	Group  string
	State  *WorkState // nil: all
	Cursor string
	Limit  int
}

// AuditFilter chooses lines of the audit trail. Zero values do not limit.
type AuditFilter struct {
	From, To                 time.Time // both included
	Username, Action, Object string
	Cursor                   string
	Limit                    int
}

// Point is a number of pushes that came in from At until the next point.
type Point struct {
	At time.Time
	N  int64
}

// KindCount is how many pushes of a kind came in.
type KindCount struct {
	Kind string `gorm:"column:kind"` // InfoType; Event, or MsgType where there is no event
	N    int64  `gorm:"column:n"`
}
