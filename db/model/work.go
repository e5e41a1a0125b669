package model

// WorkState is where an item of the work queue stands.
type WorkState int8

// The states of work.
const (
	WorkReady     WorkState = 0 // waits for NextMS
	WorkLeased    WorkState = 1 // is being worked on until NextMS; after that anyone may take it
	WorkDone      WorkState = 2
	WorkDead      WorkState = 3 // given up
	WorkCancelled WorkState = 4
	WorkPaused    WorkState = 5
)

// Ended tells whether nothing more happens to the item by itself.
func (s WorkState) Ended() bool { return s == WorkDone || s == WorkDead || s == WorkCancelled }

// Work is an item of the durable work queue. All its times are of the database's clock.
type Work struct {
	ID      int64     `gorm:"column:id;primaryKey"`
	Kind    string    `gorm:"column:kind"`
	UKey    *string   `gorm:"column:ukey"` // its key until it has ended, unique; nil for none
	Key     *string   `gorm:"column:wkey"` // its key, also after it has ended; set from UKey
	Grp     string    `gorm:"column:grp"`  // what it is listed by, such as its target
	Payload string    `gorm:"column:payload"`
	State   WorkState `gorm:"column:state"`
	Attempt int       `gorm:"column:attempt"` // how often it has been taken
	// NextMS is when the item may be taken: the due time of a ready one, the end of the lease of a
	// leased one. Of an ended one it is the time of its end.
	NextMS    int64  `gorm:"column:nextms"`
	Owner     string `gorm:"column:owner"`  // the instance that took it last
	Taking    string `gorm:"column:taking"` // names the one statement that took it
	Fence     int64  `gorm:"column:fence"`  // grows each time it is taken; only its newest holder may change it
	Progress  string `gorm:"column:progress"`
	LastError string `gorm:"column:lasterror"`
	CreateMS  int64  `gorm:"column:createms"`
	UpdateMS  int64  `gorm:"column:updatems"`

	// MayWait lets a new item without a key be kept in a bundle until somebody has the time to put it
	// in: together with those of its push that differ from it in their kind alone, and with those of
	// other pushes for the same kinds.
	MayWait bool `gorm:"-"`
}

// TableName implements gorm's Tabler.
func (Work) TableName() string { return "work" }
