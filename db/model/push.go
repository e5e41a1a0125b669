// Package model holds the rows of the database. The tables of the template keep their names and
// columns. Columns of type TIMESTAMP hold whole seconds; columns that end in ms hold Unix
// milliseconds. All times are UTC.
package model

import "time"

// The two channels that WeChat pushes on, as push_stat numbers them.
const (
	ChannelComponent int8 = 1 // authorization events of the platform
	ChannelBiz       int8 = 2 // messages and events of authorized accounts
)

// What a push that was held is marked with.
const (
	PushHeld     int8 = 1 // it waits for somebody to release it
	PushReleased int8 = 2
)

// AccountUserName is the original id (gh_…) of an account.
type AccountUserName struct {
	UserName string `gorm:"column:username"`
	AppID    string `gorm:"column:appid"`
}

// ComponentRecord is a stored authorization event. PostBody is the whole body.
type ComponentRecord struct {
	ID          int64     `gorm:"column:id;primaryKey"`
	ReceiveTime time.Time `gorm:"column:receivetime"`
	CreateTime  time.Time `gorm:"column:createtime"`
	InfoType    string    `gorm:"column:infotype"`
	PostBody    string    `gorm:"column:postbody"`
}

// TableName implements gorm's Tabler.
func (ComponentRecord) TableName() string { return "wxcallback_component" }

// BizRecord is a stored message or event of an authorized account. PostBody is the whole body.
type BizRecord struct {
	ID          int64     `gorm:"column:id;primaryKey"`
	ReceiveTime time.Time `gorm:"column:receivetime"`
	CreateTime  time.Time `gorm:"column:createtime"`
	ToUserName  string    `gorm:"column:tousername"`
	AppID       string    `gorm:"column:appid"`
	MsgType     string    `gorm:"column:msgtype"`
	Event       string    `gorm:"column:event"`
	Held        int8      `gorm:"column:held"` // 0 for nearly all
	PostBody    string    `gorm:"column:postbody"`
}

// TableName implements gorm's Tabler.
func (BizRecord) TableName() string { return "wxcallback_biz" }

// PushStat is the number of pushes of one kind that came in within one minute. Kind "" is the sum
// of all kinds.
type PushStat struct {
	Channel  int8   `gorm:"column:channel;primaryKey"`
	Kind     string `gorm:"column:kind;primaryKey"`
	BucketMS int64  `gorm:"column:bucketms;primaryKey"` // start of the minute
	N        int64  `gorm:"column:n"`
}

// TableName implements gorm's Tabler.
func (PushStat) TableName() string { return "push_stat" }
