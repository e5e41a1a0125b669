package model

// NotifyChannel is where notifications go: a group robot or a program.
type NotifyChannel struct {
	ID        int64  `gorm:"column:id;primaryKey"`
	Name      string `gorm:"column:name"`
	Kind      string `gorm:"column:kind"`
	URL       string `gorm:"column:url"`    // in clear here, sealed in the table, as is the secret
	Secret    string `gorm:"column:secret"` // signs what is sent; may be empty
	Language  string `gorm:"column:language"`
	Events    string `gorm:"column:events"` // kinds of events, joined by commas
	Enabled   bool   `gorm:"column:enabled"`
	LastMS    int64  `gorm:"column:lastms"` // when it was called last, 0 for never
	LastOK    bool   `gorm:"column:lastok"`
	LastError string `gorm:"column:lasterror"`
	CreateMS  int64  `gorm:"column:createms"`
	UpdateMS  int64  `gorm:"column:updatems"`
}

// TableName implements gorm's Tabler.
func (NotifyChannel) TableName() string { return "notify_channel" }

// NotifyItemState is where an event stands on its way to a channel.
type NotifyItemState int8

// The states of items.
const (
	NotifyWaiting   NotifyItemState = 0
	NotifySent      NotifyItemState = 1
	NotifyMissed    NotifyItemState = 2 // given up, which no message has told of yet
	NotifyMentioned NotifyItemState = 3 // given up, which a later message has told of
	NotifyDropped   NotifyItemState = 4 // the channel was switched off
)

// NotifyItem is an event that a channel is to be told of.
type NotifyItem struct {
	ID        int64           `gorm:"column:id;primaryKey"`
	ChannelID int64           `gorm:"column:channelid"`
	EventKey  string          `gorm:"column:ekey"`    // the same whenever the event is noticed
	Payload   string          `gorm:"column:payload"` // the event as JSON
	State     NotifyItemState `gorm:"column:state"`
	CreateMS  int64           `gorm:"column:createms"`
}

// TableName implements gorm's Tabler.
func (NotifyItem) TableName() string { return "notify_item" }

// NotifyMessageState is what became of a message.
type NotifyMessageState int8

// The states of messages.
const (
	NotifyTrying    NotifyMessageState = 0 // the last attempt failed, there will be another
	NotifyDelivered NotifyMessageState = 1
	NotifyGivenUp   NotifyMessageState = 2
)

// NotifyMessage is one message to a channel, of one or more events.
type NotifyMessage struct {
	ID        int64              `gorm:"column:id;primaryKey"`
	ChannelID int64              `gorm:"column:channelid"`
	WorkID    int64              `gorm:"column:workid"` // the item of work that sends it, 0 for a test
	State     NotifyMessageState `gorm:"column:state"`
	Test      bool               `gorm:"column:test"`
	Events    int                `gorm:"column:events"` // how many
	Title     string             `gorm:"column:title"`
	Body      string             `gorm:"column:body"`
	Error     string             `gorm:"column:error"` // of the last attempt
	Attempt   int                `gorm:"column:attempt"`
	CreateMS  int64              `gorm:"column:createms"`
	UpdateMS  int64              `gorm:"column:updatems"` // time of the last attempt
}

// TableName implements gorm's Tabler.
func (NotifyMessage) TableName() string { return "notify_message" }

// NotifyOutcome is what an attempt to send a message came to.
type NotifyOutcome struct {
	Message NotifyMessage
	ItemIDs []int64
	Items   NotifyItemState // what becomes of them; NotifyWaiting for another attempt
}

// NotifyState is a trouble that is going on, kept so that people are told once of each.
type NotifyState struct {
	Name     string `gorm:"column:name;primaryKey"`
	SinceMS  int64  `gorm:"column:sincems"`
	SeenMS   int64  `gorm:"column:seenms"`   // when it was noticed last
	ToldMS   int64  `gorm:"column:toldms"`   // when people were told, 0 for not yet
	PausedMS int64  `gorm:"column:pausedms"` // when people were told that its target was paused, 0 for not
	WellMS   int64  `gorm:"column:wellms"`   // since when it looks mended, 0 when it does not
	Subject  string `gorm:"column:subject"`  // what the trouble is with, for people
}

// TableName implements gorm's Tabler.
func (NotifyState) TableName() string { return "notify_state" }
