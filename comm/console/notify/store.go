package notify

import (
	"context"
	"time"

	"wxcomponent/db/model"
)

// Store is what notifications are kept in; *dao.Store meets it.
type Store interface {
	channelRows
	itemRows
	stateRows
	workRows
	knownRows
}

type channelRows interface {
	NotifyChannelList(ctx context.Context) ([]model.NotifyChannel, error)
	NotifyChannelGet(ctx context.Context, id int64) (model.NotifyChannel, error)
	NotifyChannelCreate(ctx context.Context, c model.NotifyChannel) (int64, error)
	NotifyChannelUpdate(ctx context.Context, c model.NotifyChannel) error
	NotifyChannelDelete(ctx context.Context, id int64) error
	KVGet(ctx context.Context, key string) (string, error)
	KVPut(ctx context.Context, key, value string) error
	RevisionBump(ctx context.Context) error
}

type itemRows interface {
	NotifyItemAdd(ctx context.Context, item model.NotifyItem) (added bool, err error)
	NotifyItemWaiting(ctx context.Context, channelID int64, limit int) ([]model.NotifyItem, error)
	NotifyItemDrop(ctx context.Context, channelID int64) error
	NotifyItemRevive(ctx context.Context, channelID int64) (int, error)
	NotifyWaitingChannels(ctx context.Context) ([]int64, error)
	NotifyMissedCount(ctx context.Context, channelID int64) (int, error)
	NotifyRecord(ctx context.Context, o model.NotifyOutcome) error
	NotifyMessageList(ctx context.Context, limit int) ([]model.NotifyMessage, error)
}

type stateRows interface {
	NotifyStateSee(ctx context.Context, name, subject string, called bool) (model.NotifyState, error)
	NotifyStateTell(ctx context.Context, name string, paused bool, work model.Work) (told bool, err error)
	NotifyStateWell(ctx context.Context, name string) error
	NotifyStateEnd(ctx context.Context, name string, wellMS int64, work *model.Work) (ended bool, err error)
	NotifyStateList(ctx context.Context) ([]model.NotifyState, error)
}

type workRows interface {
	WorkAdd(ctx context.Context, item model.Work, delay time.Duration) (id int64, created bool, err error)
	WorkFind(ctx context.Context, kind, key string) (model.Work, error)
	// ForwardAgain makes an item that waits due at once.
	ForwardAgain(ctx context.Context, id int64, progress string) (bool, error)
}

// knownRows is what messages and the watch read of the rest.
type knownRows interface {
	AuthorizerGet(ctx context.Context, appid string) (model.Authorizer, error)
	ForwardSpan(ctx context.Context, target string) (model.ForwardSpan, error)
}
