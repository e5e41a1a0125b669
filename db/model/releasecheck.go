package model

// CheckState is how a step of WeChat's release check stands.
type CheckState int8

// The states of a step.
const (
	CheckOK       CheckState = 1
	CheckRetrying CheckState = 2 // it failed, and another attempt follows
	CheckFailed   CheckState = 3
)

// CheckStep is one step of WeChat's release check of the platform.
type CheckStep struct {
	ID         int64      `gorm:"column:id;primaryKey"`
	PushKey    string     `gorm:"column:pushkey"` // of what the step follows from; unique together with Step
	Step       string     `gorm:"column:step"`
	AppID      string     `gorm:"column:appid"` // the account; "" for what concerns the platform
	AtMS       int64      `gorm:"column:atms"`  // when it began first
	DurationMS int64      `gorm:"column:durationms"`
	Attempt    int        `gorm:"column:attempt"`
	State      CheckState `gorm:"column:state"`
	ErrCode    int        `gorm:"column:errcode"` // WeChat's, 0 for none
	Error      string     `gorm:"column:error"`
	Hint       string     `gorm:"column:hint"` // what to do about it
	UpdateMS   int64      `gorm:"column:updatems"`
}

// TableName implements gorm's Tabler.
func (CheckStep) TableName() string { return "release_check" }
