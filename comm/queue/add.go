package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wxcomponent/db/model"
)

const seedEvery = time.Minute // how often missing items of periodic kinds are put in

// Item is work to put in.
type Item struct {
	Kind    string
	Key     string // at most one unfinished item of the whole table has it; may be empty
	Group   string
	Payload any           // stored as JSON; a string is stored as it is
	Delay   time.Duration // before the first attempt
}

// Work is the row of the item, for those who store it in a transaction of their own and nudge the
// queue afterwards. A row has no delay.
func (i Item) Work() (model.Work, error) {
	w := model.Work{Kind: i.Kind, Grp: i.Group}
	if i.Key != "" {
		w.UKey = &i.Key
	}
	if text, ok := i.Payload.(string); ok {
		w.Payload = text
		return w, nil
	}
	if i.Payload != nil {
		text, err := json.Marshal(i.Payload)
		if err != nil {
			return model.Work{}, fmt.Errorf("payload of %s: %w", i.Kind, err)
		}
		w.Payload = string(text)
	}
	return w, nil
}

// Add puts an item in and wakes the queue. When an unfinished item has the same key, it returns
// that item's id and false.
func (q *Queue) Add(ctx context.Context, item Item) (id int64, created bool, err error) {
	w, err := item.Work()
	if err != nil {
		return 0, false, err
	}
	id, created, err = q.store.WorkAdd(ctx, w, item.Delay)
	if err != nil {
		return 0, false, fmt.Errorf("add work %s: %w", item.Kind, err)
	}
	if created && item.Delay <= 0 {
		q.Nudge()
	}
	return id, created, nil
}

// seedAfter puts in the items of periodic kinds that are not there, once a minute: on the first
// start ever, and after an instance died between an item's end and its next beginning.
func (q *Queue) seedAfter(ctx context.Context, last *time.Time) error {
	if time.Since(*last) < seedEvery {
		return nil
	}
	for _, l := range q.lanes {
		if l.kind.Every > 0 {
			if err := q.addPeriodic(ctx, l.kind, 0); err != nil {
				return err
			}
		}
	}
	*last = time.Now()
	return nil
}

func (q *Queue) addPeriodic(ctx context.Context, kind Kind, delay time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, q.opt.StoreTimeout)
	defer cancel()
	_, _, err := q.Add(ctx, Item{Kind: kind.Name, Key: "every:" + kind.Name, Delay: delay})
	return err
}
