package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/queue"
	"wxcomponent/db/model"
)

const (
	sendTime = 10 * time.Minute // of one run of the sending work
	sendMost = 40               // calls of a webhook in one run; what is left after them waits for the next

	robotBatch   = 1000 // events that one message to a robot tells of, at most
	webhookBatch = 50   // events in one call of a webhook, at most

	recordTries   = 4
	recordTimeout = 5 * time.Second
	recordPause   = 500 * time.Millisecond
)

// limitedPause is how long a robot that says "too many messages" is left alone.
const limitedPause = 10 * time.Minute

// handleSend is the queue handler of kindSend. A chat gets one message of what is on its list; what
// comes onto the list meanwhile, or is too much for one, goes out with the next look of the watch. A
// program gets all there is, in calls of a bounded size.
func (s *Service) handleSend(ctx context.Context, task *queue.Task) error {
	id, err := strconv.ParseInt(task.Payload, 10, 64)
	if err != nil {
		return queue.Dead(fmt.Errorf("read the payload: %w", err))
	}
	for sent := 1; ; sent++ {
		more, err := s.sendNext(ctx, task, id)
		if err != nil || !more || sent == sendMost {
			return err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sendNext sends one message, if there is anything to tell, and says whether another is to follow.
func (s *Service) sendNext(ctx context.Context, task *queue.Task, id int64) (more bool, err error) {
	channel, err := s.deps.Store.NotifyChannelGet(ctx, id)
	deleted := errors.Is(err, model.ErrNotFound)
	if err != nil && !deleted {
		return false, err
	}
	if deleted || !channel.Enabled {
		return false, s.deps.Store.NotifyItemDrop(ctx, id)
	}
	limit := robotBatch
	if channel.Kind == Webhook {
		limit = webhookBatch
	}
	items, err := s.deps.Store.NotifyItemWaiting(ctx, id, limit)
	if err != nil || len(items) == 0 {
		return false, err
	}
	m, err := s.message(ctx, &channel, items)
	if err != nil {
		return false, err
	}
	return channel.Kind == Webhook && len(items) == limit, s.attempt(ctx, task, &channel, m, items)
}

// message is what tells a channel of the items.
func (s *Service) message(ctx context.Context, channel *model.NotifyChannel, items []model.NotifyItem) (*message, error) {
	missed, err := s.deps.Store.NotifyMissedCount(ctx, channel.ID)
	if err != nil {
		return nil, err
	}
	events := make([]Event, 0, len(items))
	for _, item := range items {
		var e Event
		if err := json.Unmarshal([]byte(item.Payload), &e); err != nil {
			s.logger(ctx).Error("a notification cannot be read and is counted as missed", zap.Int64("item", item.ID), zap.Error(err))
			missed++
			continue
		}
		events = append(events, e)
	}
	m := &message{
		id:     fmt.Sprintf("ntf_%d_%d_%d", channel.ID, items[0].ID, items[len(items)-1].ID),
		events: events, missed: missed, names: map[string]string{},
	}
	err = s.compose(ctx, m, channel)
	return m, err
}

// attempt calls the channel and stores what came of it.
func (s *Service) attempt(ctx context.Context, task *queue.Task, channel *model.NotifyChannel, m *message, items []model.NotifyItem) error {
	err := s.call(ctx, channel, m)
	if ctx.Err() != nil && err != nil {
		return context.Cause(ctx) // cut off from here: that says nothing about the channel
	}
	o := model.NotifyOutcome{
		Message: model.NotifyMessage{
			ChannelID: channel.ID, WorkID: task.ID, Events: len(items), Title: m.title, Body: m.body, Attempt: task.Attempt,
		},
		ItemIDs: make([]int64, len(items)),
	}
	for i, item := range items {
		o.ItemIDs[i] = item.ID
	}
	last := task.Attempt >= s.attempts()
	switch {
	case err == nil:
		o.Message.State, o.Items = model.NotifyDelivered, model.NotifySent
	case last:
		o.Message.State, o.Items = model.NotifyGivenUp, model.NotifyMissed
	}
	if err != nil {
		o.Message.Error = err.Error()
	}
	if recordErr := s.record(ctx, o); recordErr != nil || err == nil {
		return recordErr
	}
	err = fmt.Errorf("send notifications to channel %d: %w", channel.ID, err)
	switch {
	case last:
		return queue.Dead(err)
	case limited(err):
		return queue.RetryAfter(max(limitedPause, s.pauseAfter(task.Attempt)), err)
	}
	return err
}

func (s *Service) pauseAfter(attempt int) time.Duration {
	return queue.Steps(s.deps.Backoff...)(attempt)
}

// record stores an outcome, however this attempt ends: what is not recorded is sent again.
func (s *Service) record(ctx context.Context, o model.NotifyOutcome) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	for try := range recordTries {
		if try > 0 {
			if err := wait(ctx, recordPause); err != nil {
				return err
			}
		}
		if err = s.recordOnce(ctx, o); err == nil {
			return nil
		}
	}
	return err
}

func (s *Service) recordOnce(ctx context.Context, o model.NotifyOutcome) error {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	return s.deps.Store.NotifyRecord(ctx, o)
}

// limited tells whether the channel wants to be left alone for a while.
func limited(err error) bool {
	refused, ok := errors.AsType[*refusal](err)
	return ok && refused.limited
}
