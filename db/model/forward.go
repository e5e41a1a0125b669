package model

import "time"

// Why a delivery was attempted.
const (
	CausePush   = "push"   // the first time, or again by schedule
	CauseSync   = "sync"   // while WeChat waited for the answer
	CauseManual = "manual" // somebody asked for it
	CauseTest   = "test"   // with a sample
)

// Attempt is one call of a target.
type Attempt struct {
	ID         int64  `gorm:"column:id;primaryKey"`
	WorkID     int64  `gorm:"column:workid"` // the delivery's item of work, 0 for a call outside the queue
	Target     string `gorm:"column:target"` // the target's key
	Identity   string `gorm:"column:identity"`
	Channel    string `gorm:"column:channel"`
	AppID      string `gorm:"column:appid"`
	Event      string `gorm:"column:event"`
	AtMS       int64  `gorm:"column:atms"` // when it began
	DurationMS int64  `gorm:"column:durationms"`
	OK         bool   `gorm:"column:ok"`
	Status     int    `gorm:"column:status"` // of HTTP, 0 when there was no answer
	Error      string `gorm:"column:error"`
	Answer     string `gorm:"column:answer"` // its beginning
	Cause      string `gorm:"column:cause"`
	Attempt    int    `gorm:"column:attempt"` // counted from 1
}

// TableName implements gorm's Tabler.
func (Attempt) TableName() string { return "delivery_attempt" }

// Outcome is an attempt and what becomes of the delivery after it.
type Outcome struct {
	Attempt *Attempt // nil: nobody was called
	// Work is the delivery as it was taken. Key names it instead where it was never taken: the
	// delivery that stands behind a synchronous call.
	Work  Work
	Key   string
	State WorkState     // WorkDone, WorkDead, or WorkReady for another attempt
	After time.Duration // pause before that
	Error string        // kept with the delivery
}

// AttemptFilter chooses recorded calls of targets. Zero values do not limit.
type AttemptFilter struct {
	Target   string
	Identity string // of a push
	AppID    string
	OK       *bool
	From, To time.Time // both included
	Cursor   string
	Limit    int
}
