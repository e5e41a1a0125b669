// Package notify tells people what they should know, in the chats they are in: WeCom, Feishu and
// DingTalk group robots, and programs behind a signed webhook.
//
// An event becomes work in the queue, where possible in the transaction that causes it. The work puts
// it on the list of every channel that wants it, once however often it is noticed. What gathers on a
// channel's list within a short time goes out as one message, and only one item of work at a time
// sends to a channel, on whichever instance: a burst makes few messages, none of which leaves
// anything out without saying so.
package notify

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/live"
	"wxcomponent/comm/log"
	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/queue"
	"wxcomponent/db/model"
)

const (
	usualWindow = 10 * time.Second
	usualWatch  = 30 * time.Second
	usualCall   = 15 * time.Second
)

// Deps are what a Service works with. Zero values of the times mean the usual ones.
type Deps struct {
	Store Store
	Guard outgoing.Limits // which addresses channels may have
	// IsTest tells of accounts that nobody is told about: those of WeChat's release check.
	IsTest func(appid string) bool
	// TicketAt is when the newest component_verify_ticket came in, zero when there was none yet.
	TicketAt func(ctx context.Context) (time.Time, error)
	Version  string // of this program, told to webhooks
	Log      *zap.Logger
	Now      func() time.Time
	Nudge    func() // wakes the work queue

	Window time.Duration // events of a channel that come within it make one message
	Watch  time.Duration // pause between two looks at what goes on
	// Backoff is the pauses after failed attempts at a message.
	Backoff []time.Duration
	Settle  time.Duration // a trouble that is gone for that long is over
	Call    time.Duration // how long one call of a channel may take
}

// Service sends notifications.
type Service struct {
	deps   Deps
	guard  *outgoing.Guard
	client *http.Client
	set    *live.Value[snapshot]
	began  time.Time
}

// snapshot is what every instance keeps in memory.
type snapshot struct {
	wanted map[EventKind][]int64 // ids of the channels that are told of a kind of event
	base   string                // public address of the dashboard, may be empty
}

// New returns a service that tells nobody before the first Refresh of Live.
func New(d Deps) *Service {
	orElse(&d.Window, usualWindow)
	orElse(&d.Watch, usualWatch)
	orElse(&d.Settle, usualSettle)
	orElse(&d.Call, usualCall)
	if d.Backoff == nil {
		d.Backoff = usualBackoff()
	}
	s := &Service{deps: d, guard: outgoing.NewGuard(d.Guard), began: d.Now()}
	s.client = s.guard.Client()
	s.set = live.NewValue(s.load)
	return s
}

func orElse(d *time.Duration, fallback time.Duration) {
	if *d <= 0 {
		*d = fallback
	}
}

// usualBackoff is some ten attempts within a day.
func usualBackoff() []time.Duration {
	return []time.Duration{
		15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
		30 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour,
	}
}

// Live is what instances keep of the channels, to register with the watcher.
func (s *Service) Live() live.Refresher { return s.set }

func (s *Service) load(ctx context.Context) (snapshot, error) {
	channels, err := s.deps.Store.NotifyChannelList(ctx)
	if err != nil {
		return snapshot{}, fmt.Errorf("load notification channels: %w", err)
	}
	base, err := s.deps.Store.KVGet(ctx, keyBase)
	if err != nil {
		return snapshot{}, fmt.Errorf("load the dashboard's address: %w", err)
	}
	set := snapshot{wanted: map[EventKind][]int64{}, base: base}
	for _, c := range channels {
		if !c.Enabled {
			continue
		}
		for _, kind := range splitKinds(c.Events) {
			set.wanted[kind] = append(set.wanted[kind], c.ID)
		}
	}
	return set, nil
}

// Kinds of work in the queue.
const (
	kindEvent = "notify.event" // puts an event on the lists of channels; payload: the event
	kindSend  = "notify.send"  // sends what is on a channel's list; payload: its id
	kindWatch = "notify.watch" // periodic: looks at what goes on
)

// QueueKinds are the kinds of work that the service handles.
func (s *Service) QueueKinds() []queue.Kind {
	return []queue.Kind{
		{
			Name: kindEvent, Concurrency: 4, MaxAttempts: 200, Handle: s.handleEvent,
			Backoff: queue.Exponential(time.Second, time.Minute),
		},
		{
			Name: kindSend, Concurrency: 8, Timeout: sendTime, MaxAttempts: s.attempts(), Handle: s.handleSend,
			Backoff: queue.Steps(s.deps.Backoff...),
		},
		{Name: kindWatch, Every: s.deps.Watch, Timeout: time.Minute, Handle: s.handleWatch},
	}
}

// attempts is how often a message is tried.
func (s *Service) attempts() int { return len(s.deps.Backoff) + 1 }

// Plan returns the work that tells people of an event, to be stored with what causes it; none when
// nobody wants to know.
func (s *Service) Plan(e Event) []model.Work {
	if len(s.set.Get().wanted[e.Kind]) == 0 || e.AppID != "" && s.deps.IsTest(e.AppID) {
		return nil
	}
	work, err := eventWork(e)
	if err != nil { // texts and times always encode
		s.deps.Log.Error("a notification could not be planned", zap.String("event", e.Key), zap.Error(err))
		return nil
	}
	return []model.Work{work}
}

func eventWork(e Event) (model.Work, error) {
	return queue.Item{Kind: kindEvent, Key: kindEvent + ":" + e.Key, Payload: e}.Work()
}

// Notify tells people of an event that has been stored already.
func (s *Service) Notify(ctx context.Context, e Event) error {
	for _, work := range s.Plan(e) {
		if _, _, err := s.deps.Store.WorkAdd(ctx, work, 0); err != nil {
			return fmt.Errorf("plan a notification: %w", err)
		}
		s.deps.Nudge()
	}
	return nil
}

// handleEvent is the queue handler of kindEvent. Running again, it adds nothing to lists that have
// the event.
func (s *Service) handleEvent(ctx context.Context, task *queue.Task) error {
	var e Event
	if err := task.Decode(&e); err != nil {
		return err
	}
	for _, channel := range s.set.Get().wanted[e.Kind] {
		_, err := s.deps.Store.NotifyItemAdd(ctx, model.NotifyItem{ChannelID: channel, EventKey: e.Key, Payload: task.Payload})
		if err != nil {
			return err
		}
		if err := s.plan(ctx, channel, s.deps.Window); err != nil {
			return err
		}
	}
	return nil
}

// plan makes sure that what is on a channel's list is sent: by the item of work that waits already, or
// by one that begins after the delay.
func (s *Service) plan(ctx context.Context, channel int64, delay time.Duration) error {
	work, err := queue.Item{Kind: kindSend, Key: sendKey(channel), Payload: channel}.Work()
	if err != nil {
		return err
	}
	if _, _, err := s.deps.Store.WorkAdd(ctx, work, delay); err != nil {
		return fmt.Errorf("plan to send notifications: %w", err)
	}
	return nil
}

func sendKey(channel int64) string { return fmt.Sprintf("%s:%d", kindSend, channel) }

func (s *Service) logger(ctx context.Context) *zap.Logger { return log.From(ctx, s.deps.Log) }
