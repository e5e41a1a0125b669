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

// ForwardTarget is a program of the provider's that pushes go to.
type ForwardTarget struct {
	ID          int64  `gorm:"column:id;primaryKey"`
	Name        string `gorm:"column:name"`
	URL         string `gorm:"column:url"` // stands in place of port and path
	Port        int    `gorm:"column:port"`
	Path        string `gorm:"column:path"`
	Format      string `gorm:"column:format"` // raw or json
	Lists       string `gorm:"column:lists"`  // paths that are lists in JSON even with one entry, joined by commas
	TimeoutMS   int64  `gorm:"column:timeoutms"`
	Concurrency int    `gorm:"column:concurrency"`
	RateLimit   int    `gorm:"column:ratelimit"` // deliveries a second, 0 for no limit
	Ordered     bool   `gorm:"column:ordered"`
	Schedule    string `gorm:"column:schedule"` // pauses in seconds, joined by commas; "" for the usual ones
	PauseMS     int64  `gorm:"column:pausems"`  // since when it gets nothing, 0 when it does
	PauseReason string `gorm:"column:pausereason"`
	CreateMS    int64  `gorm:"column:createms"`
	UpdateMS    int64  `gorm:"column:updatems"`
}

// TableName implements gorm's Tabler.
func (ForwardTarget) TableName() string { return "forward_target" }

// ForwardSecret is one of the secrets that sign what a target gets.
type ForwardSecret struct {
	ID       int64  `gorm:"column:id;primaryKey"`
	TargetID int64  `gorm:"column:targetid"`
	Secret   string `gorm:"column:secret"` // in clear here, sealed in the table
	CreateMS int64  `gorm:"column:createms"`
	ExpireMS int64  `gorm:"column:expirems"` // 0 for never
}

// TableName implements gorm's Tabler.
func (ForwardSecret) TableName() string { return "forward_secret" }

// ForwardRule leads the pushes that meet its conditions to its targets.
type ForwardRule struct {
	ID         int64  `gorm:"column:id;primaryKey"`
	Name       string `gorm:"column:name"`
	Position   int    `gorm:"column:position"` // rules are looked at in this order
	Open       bool   `gorm:"column:open"`
	Mode       string `gorm:"column:mode"`
	Stop       bool   `gorm:"column:stop"`       // no rule behind it is looked at
	Conditions string `gorm:"column:conditions"` // JSON
	Targets    string `gorm:"column:targets"`    // JSON: ids
	CreateMS   int64  `gorm:"column:createms"`
	UpdateMS   int64  `gorm:"column:updatems"`
}

// TableName implements gorm's Tabler.
func (ForwardRule) TableName() string { return "forward_rule" }

// ForwardStat is what became of the calls of a target within one minute.
type ForwardStat struct {
	Target     string `gorm:"column:target;primaryKey"`
	BucketMS   int64  `gorm:"column:bucketms;primaryKey"` // start of the minute
	Delivered  int64  `gorm:"column:delivered"`
	Failed     int64  `gorm:"column:failed"`
	DurationMS int64  `gorm:"column:durationms"` // of all calls together
	MaxMS      int64  `gorm:"column:maxms"`
}

// TableName implements gorm's Tabler.
func (ForwardStat) TableName() string { return "forward_stat" }

// ForwardSpan is since when a target has only failed.
type ForwardSpan struct {
	LastOKMS      int64 // the newest call that went well, 0 for none
	FirstFailedMS int64 // the oldest failed one after that, 0 for none
}

// DeliveryFilter chooses deliveries.
type DeliveryFilter struct {
	Kinds  []string
	States []WorkState
	Cursor string
	Limit  int
}

// PushRange chooses stored pushes of a channel, oldest first, beyond one.
type PushRange struct {
	Channel   int8
	AppID     string // of ChannelBiz; "" for all
	From, To  time.Time
	AfterTime time.Time // when the one was received
	AfterID   int64
	Limit     int
}

// DeliveryCounts says how many deliveries have not ended well.
type DeliveryCounts struct {
	Pending int64 // waiting or under way
	Dead    int64 // given up
}
