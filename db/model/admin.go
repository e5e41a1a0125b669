package model

import "time"

// User is an administrator.
type User struct {
	ID         int       `gorm:"column:id;primaryKey"`
	Username   string    `gorm:"column:username"`
	Password   string    `gorm:"column:password"` // a hash
	Epoch      int       `gorm:"column:epoch"`    // generation of login tokens: older ones no longer count
	CreateTime time.Time `gorm:"column:createtime"`
	UpdateTime time.Time `gorm:"column:updatetime"`
}

// TableName implements gorm's Tabler.
func (User) TableName() string { return "user" }

// KV is a setting or a key.
type KV struct {
	Key        string    `gorm:"column:key;primaryKey"`
	Value      string    `gorm:"column:value"`
	CreateTime time.Time `gorm:"column:createtime"`
	UpdateTime time.Time `gorm:"column:updatetime"`
}

// TableName implements gorm's Tabler.
func (KV) TableName() string { return "comm" }

// Counter counts hits since CreateTime.
type Counter struct {
	ID         int       `gorm:"column:id;primaryKey"`
	Key        string    `gorm:"column:key"`
	Value      int       `gorm:"column:value"`
	CreateTime time.Time `gorm:"column:createtime"`
	UpdateTime time.Time `gorm:"column:updatetime"`
}

// TableName implements gorm's Tabler.
func (Counter) TableName() string { return "counter" }

// RuleHTTP is the only type of a rule.
const RuleHTTP = 1

// Rule says where pushes of one InfoType, or of one MsgType and Event, are forwarded to.
type Rule struct {
	ID         int       `gorm:"column:id;primaryKey"`
	Name       string    `gorm:"column:name"`
	InfoType   string    `gorm:"column:infotype"`
	MsgType    string    `gorm:"column:msgtype"`
	Event      string    `gorm:"column:event"`
	Type       int       `gorm:"column:type"`
	Open       bool      `gorm:"column:open"`
	Info       string    `gorm:"column:info"`   // JSON: port, path and more
	Secret     string    `gorm:"column:secret"` // signs deliveries; in clear here, sealed in the table
	CreateTime time.Time `gorm:"column:createtime"`
	UpdateTime time.Time `gorm:"column:updatetime"`
}

// TableName implements gorm's Tabler.
func (Rule) TableName() string { return "wxcallback_rules" }

// Types of tokens.
const (
	TokenAuthorizer = 1
	TokenComponent  = 2 // its AppID is ""
)

// Token is an access token of WeChat's API.
type Token struct {
	ID         int       `gorm:"column:id;primaryKey"`
	Type       int       `gorm:"column:type"`
	AppID      string    `gorm:"column:appid"`
	Token      string    `gorm:"column:token"` // in clear here, sealed in the table
	ExpireTime time.Time `gorm:"column:expiretime"`
	Lifetime   int       `gorm:"column:lifetime"` // seconds that it was good for when it was new, 0 when unknown
	CreateTime time.Time `gorm:"column:createtime"`
	UpdateTime time.Time `gorm:"column:updatetime"`
}

// TableName implements gorm's Tabler.
func (Token) TableName() string { return "wxtoken" }

// Audit is one line of the audit trail: who did what to which object.
type Audit struct {
	ID        int64  `gorm:"column:id;primaryKey"`
	AtMS      int64  `gorm:"column:atms"`
	Username  string `gorm:"column:username"`
	Address   string `gorm:"column:address"`
	Action    string `gorm:"column:action"`
	Object    string `gorm:"column:object"`
	Result    string `gorm:"column:result"`
	RequestID string `gorm:"column:requestid"`
	Detail    string `gorm:"column:detail"`
}

// TableName implements gorm's Tabler.
func (Audit) TableName() string { return "audit_trail" }
