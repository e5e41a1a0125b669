package queue

import (
	"context"
	"time"

	"wxcomponent/db/model"
)

// Store is the table of work. The methods that end a lease take the item as it was taken and
// return false, changing nothing, when its lease is no longer held: another owner or fence has it,
// or it was cancelled.
type Store interface {
	// WorkTake leases up to n items of the kinds that are due, or whose lease has ended, to owner:
	// oldest first, with a new fence and the attempt counted.
	WorkTake(ctx context.Context, kinds []string, owner string, lease time.Duration, n int) ([]model.Work, error)
	// WorkRenew prolongs the leases of owner's items and returns the ids of those it still holds.
	WorkRenew(ctx context.Context, owner string, items []model.Work, lease time.Duration) ([]int64, error)
	// WorkHeld returns the ids of owner's items that it still holds.
	WorkHeld(ctx context.Context, owner string, items []model.Work) ([]int64, error)
	WorkDone(ctx context.Context, item model.Work) (bool, error)
	WorkRetry(ctx context.Context, item model.Work, after time.Duration, lastError string) (bool, error)
	WorkDead(ctx context.Context, item model.Work, lastError string) (bool, error)
	// WorkRelease gives the item back as if it had not been taken.
	WorkRelease(ctx context.Context, item model.Work) (bool, error)
	WorkProgress(ctx context.Context, item model.Work, progress string) (bool, error)
	// WorkAdd puts an item in, due after the delay. When its key belongs to an unfinished item, it
	// returns that item's id and false.
	WorkAdd(ctx context.Context, item model.Work, delay time.Duration) (id int64, created bool, err error)
}
