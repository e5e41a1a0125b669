// Package pushlog is the log of all pushes that were received, of both channels, together with what
// became of them on their way to targets.
package pushlog

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Store reads stored pushes and the calls of targets.
type Store interface {
	// PushScan looks at about n pushes beyond a place in the list, and returns what the filter lets through.
	PushScan(ctx context.Context, f model.PushFilter, beyond *model.PushKey, n int) (model.PushScan, error)
	// PushRows returns pushes in the order of the list, their bodies cut after some characters; 0: whole.
	PushRows(ctx context.Context, keys []model.PushKey, characters int) ([]model.PushRow, error)
	PushRelease(ctx context.Context, id int64, work []model.Work) (bool, error)
	PushAt(ctx context.Context, places []model.PushPlace) ([]model.PushRow, error)
	PushSince(ctx context.Context, since time.Time, most int) (int64, error)
	AttemptTimes(ctx context.Context, since time.Time, limit int) ([]model.CallTimes, error)
	ForwardStatSeries(ctx context.Context, target string, from, to time.Time, step time.Duration) ([]model.ForwardStat, error)
}

// Forwarding knows what became of pushes.
type Forwarding interface {
	Outcomes(ctx context.Context, q forward.OutcomeQuery) ([]forward.Outcome, string, error)
	Messages(ctx context.Context, identities []string) (map[string]forward.Message, error)
	States(ctx context.Context, identities []string) (map[string]model.PushState, error)
	Render(ctx context.Context, channel event.Channel, id int64) (*forward.Rendering, error)
	Backlog(ctx context.Context) (*forward.Backlog, error)
}

// Service reads the log.
type Service struct {
	store      Store
	forwarding Forwarding
	follow     FollowUp
	now        func() time.Time
}

// FollowUp is what is done about a push after it was stored.
type FollowUp struct {
	Plan  func(p *event.Push) []model.Work
	Nudge func(kinds []string) // is told the kinds of work that were added
}

// New returns a service.
func New(s Store, f Forwarding, follow FollowUp, now func() time.Time) *Service {
	return &Service{s, f, follow, now}
}

// Query chooses pushes. Zero values do not limit.
type Query struct {
	model.PushFilter
	// ID is the number of a push, "biz-12" or "component-12" of one channel, or an identity.
	ID      string
	Outcome forward.DeliveryState // of one of its deliveries, or forward.Failed
	Target  string                // key, with Outcome
	Cursor  string
	Limit   int
}

// Page is a part of the list, newest first. With Outcome the newest delivery or call comes first, and
// a push may come again on a later page.
type Page struct {
	Pushes     []model.PushRow // bodies cut to their beginning, or to what was searched for
	NextCursor string          // for what comes after; "" at the end
	// SearchedTo is how far back a search has come that ended early because it took long; zero when
	// it did not. It goes on from NextCursor.
	SearchedTo time.Time
}

// ParseID reads the number of a push: "biz-12".
func ParseID(text string) (channel event.Channel, id int64, ok bool) {
	name, digits, found := strings.Cut(text, "-")
	id, err := strconv.ParseInt(digits, 10, 64)
	channel = event.Channel(name)
	if !found || err != nil || id <= 0 || channel != event.Biz && channel != event.Component {
		return "", 0, false
	}
	return channel, id, true
}

// FormatID is the number of a push across both channels.
func FormatID(key model.PushKey) string {
	return fmt.Sprintf("%s-%d", channelName(key.Channel), key.ID)
}

func channelName(channel int8) event.Channel {
	if channel == model.ChannelComponent {
		return event.Component
	}
	return event.Biz
}

func channelNumber(channel event.Channel) int8 {
	if channel == event.Component {
		return model.ChannelComponent
	}
	return model.ChannelBiz
}

const cursorForm = "p1"

func cursorOf(k model.PushKey) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s.%d.%d.%d", cursorForm, k.At, k.ID, k.Channel))
}

// parseCursor returns nil for the beginning of the list.
func parseCursor(text string) (*model.PushKey, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no cursor is not an error
	}
	bad := errno.Param("cursor", "is not one of this list")
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, bad
	}
	parts := strings.Split(string(plain), ".")
	if len(parts) != 4 || parts[0] != cursorForm {
		return nil, bad
	}
	at, err1 := strconv.ParseInt(parts[1], 10, 64)
	id, err2 := strconv.ParseInt(parts[2], 10, 64)
	channel, err3 := strconv.ParseInt(parts[3], 10, 8)
	if err1 != nil || err2 != nil || err3 != nil {
		return nil, bad
	}
	return &model.PushKey{At: at, ID: id, Channel: int8(channel)}, nil
}
