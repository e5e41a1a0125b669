package pushlog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Detail is one push in full.
type Detail struct {
	Row       model.PushRow
	Rendering *forward.Rendering // the push as targets get it
}

// Get returns one push.
func (s *Service) Get(ctx context.Context, channel event.Channel, id int64) (*Detail, error) {
	rows, err := s.store.PushRows(ctx, []model.PushKey{{ID: id, Channel: channelNumber(channel)}}, 0)
	if err != nil {
		return nil, fmt.Errorf("read the push: %w", err)
	}
	if len(rows) == 0 {
		return nil, errno.Param("id", "there is no push with this id")
	}
	d := &Detail{Row: rows[0]}
	r, err := s.forwarding.Render(ctx, channel, id)
	if err != nil {
		return nil, err
	}
	d.Rendering = r
	return d, nil
}

const (
	pulseOf    = time.Minute // pushes
	pulseCalls = time.Hour   // calls of targets
	pulseMost  = 200_000     // pushes that are counted
	pulseTimes = 1000        // calls whose times are looked at
)

// Pulse is how things go at the moment.
type Pulse struct {
	PerSecond         float64 // pushes of the last minute
	Delivered, Failed int64   // calls of targets in the last hour
	Median, P95       int64   // milliseconds, of the newest thousand good calls of that hour; 0 without any
	Backlog           forward.Backlog
}

// Pulse measures how things go.
func (s *Service) Pulse(ctx context.Context) (*Pulse, error) {
	now := s.now()
	n, err := s.store.PushSince(ctx, now.Add(-pulseOf), pulseMost)
	if err != nil {
		return nil, fmt.Errorf("count pushes: %w", err)
	}
	p := &Pulse{PerSecond: float64(n) / pulseOf.Seconds()}
	stats, err := s.store.ForwardStatSeries(ctx, "", now.Add(-pulseCalls), now.Add(time.Minute), pulseCalls)
	if err != nil {
		return nil, fmt.Errorf("count calls of targets: %w", err)
	}
	for _, st := range stats {
		p.Delivered += st.Delivered
		p.Failed += st.Failed
	}
	calls, err := s.store.AttemptTimes(ctx, now.Add(-pulseCalls), pulseTimes)
	if err != nil {
		return nil, fmt.Errorf("read the times of calls: %w", err)
	}
	p.Median, p.P95 = percentiles(calls)
	backlog, err := s.forwarding.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	p.Backlog = *backlog
	return p, nil
}

func percentiles(calls []model.CallTimes) (median, p95 int64) {
	took := make([]int64, 0, len(calls))
	for _, c := range calls {
		if c.OK {
			took = append(took, c.DurationMS)
		}
	}
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*95/100]
}
