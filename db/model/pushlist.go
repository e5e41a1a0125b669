package model

import "time"

// PushFilter chooses stored pushes of both channels. Zero values do not limit. A filter on a field
// that a channel does not have leaves that channel out.
type PushFilter struct {
	Channel   int8      // 0 for both
	From, To  time.Time // of receiving, both included
	AppID     string    // of the account that the push is about
	InfoTypes []string  // of ChannelComponent: one of them
	MsgType   string    // of ChannelBiz
	Event     string    // of ChannelBiz
	Kind      string    // InfoType, Event or MsgType
	Text      string    // part of the body; letters of either case
}

// PushKey is a place in the list of pushes of both channels. The list begins with the newest: it is
// ordered by At, then ID, then Channel, all falling.
type PushKey struct {
	At      int64 // Unix seconds, of receiving
	ID      int64 // within its channel
	Channel int8
}

// PushScan is what a look at a part of the list found.
type PushScan struct {
	Keys   []PushKey // that the filter lets through, in the list's order
	Looked int       // entries of the indexes that were looked at
	Last   *PushKey  // how far the look went; nil when that is the end of the list
}

// PushRow is a stored push of either channel. Fields that its channel does not have are empty.
type PushRow struct {
	Channel     int8      `gorm:"-"`
	ID          int64     `gorm:"column:id"`
	ReceiveTime time.Time `gorm:"column:receivetime"`
	CreateTime  time.Time `gorm:"column:createtime"`
	InfoType    string    `gorm:"column:infotype"`
	AppID       string    `gorm:"column:appid"`
	ToUserName  string    `gorm:"column:tousername"`
	MsgType     string    `gorm:"column:msgtype"`
	Event       string    `gorm:"column:event"`
	Held        int8      `gorm:"column:held"` // 0 for nearly all
	Body        string    `gorm:"column:body"`
}

// Key is the push's place in the list.
func (r PushRow) Key() PushKey { return PushKey{r.ReceiveTime.Unix(), r.ID, r.Channel} }

// PushPlace is where a push that is known from its deliveries lies: pushes of one channel that were
// received within one second, on ChannelBiz those of one account.
type PushPlace struct {
	Channel int8
	AppID   string // of ChannelBiz
	At      int64  // Unix seconds
}

// PushState is what became of a push on its way to targets.
type PushState struct {
	Pending   int64 // deliveries that wait or are under way
	Delivered int64
	Dead      int64 // deliveries given up
	Cancelled int64
	Calls     int64 // of targets
	Failed    int64 // calls that failed
}

// FailedCall is a call of a target that failed.
type FailedCall struct {
	ID       int64  `gorm:"column:id"`
	AtMS     int64  `gorm:"column:atms"`
	Identity string `gorm:"column:identity"` // of the push
}

// CallTimes is how long the newest calls of targets took.
type CallTimes struct {
	OK         bool  `gorm:"column:ok"`
	DurationMS int64 `gorm:"column:durationms"`
}
