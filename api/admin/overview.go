package admin

import (
	"context"
	"strings"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/console/selfcheck"
	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Overview looks at the whole installation.
type Overview interface {
	Report(ctx context.Context) (*selfcheck.Report, error)
}

// Series counts pushes over time.
type Series interface {
	// PushSeries returns a point for every step from from until to; kind "" counts all kinds.
	PushSeries(ctx context.Context, channel int8, kind string, from, to time.Time, step time.Duration) ([]model.Point, error)
}

func (h *Handlers) overview(ctx context.Context, _ *api.None) (*selfcheck.Report, error) {
	return h.Overview.Report(ctx)
}

type seriesReq struct {
	From int64 `query:"from"` // unix seconds; default a day ago
	To   int64 `query:"to"`   // unix seconds; default now
	Step int64 `query:"step"` // seconds; default chosen so that some sixty points come out
	// Kind is the InfoType or Event, or the MsgType of pushes without an event; default all. Several
	// are joined by commas.
	Kind string `query:"kind" validate:"max=500"`
}

type seriesRes struct {
	Step   int64        `json:"step"` // seconds
	Series []seriesLine `json:"series"`
}

type seriesLine struct {
	Channel string     `json:"channel" enum:"component,biz"`
	Points  [][2]int64 `json:"points"` // unix seconds of the step's start, pushes within it
}

// Bounds of a series.
const (
	minStep   = 60
	maxPoints = 2000
)

func (h *Handlers) pushSeries(ctx context.Context, req *seriesReq) (*seriesRes, error) {
	if req.To == 0 {
		req.To = h.Now().Unix()
	}
	if req.From == 0 {
		req.From = req.To - 24*3600
	}
	if req.From >= req.To {
		return nil, errno.Param("from", "must be before to")
	}
	if req.Step == 0 {
		req.Step = max((req.To-req.From)/60/minStep, 1) * minStep
	}
	if req.Step < minStep || (req.To-req.From)/req.Step > maxPoints {
		return nil, errno.Param("step", "must be at least 60 and give at most 2000 points")
	}
	component, err := h.line(ctx, "component", model.ChannelComponent, req)
	if err != nil {
		return nil, err
	}
	biz, err := h.line(ctx, "biz", model.ChannelBiz, req)
	if err != nil {
		return nil, err
	}
	return &seriesRes{Step: req.Step, Series: []seriesLine{component, biz}}, nil
}

func (h *Handlers) line(ctx context.Context, name string, channel int8, req *seriesReq) (seriesLine, error) {
	line := seriesLine{Channel: name, Points: [][2]int64{}}
	kinds := strings.Split(req.Kind, ",")
	if len(kinds) > maxInfoTypes {
		return line, errno.Param("kind", "must be at most 20")
	}
	for _, kind := range kinds {
		points, err := h.Series.PushSeries(ctx, channel, kind, time.Unix(req.From, 0), time.Unix(req.To, 0),
			time.Duration(req.Step)*time.Second)
		if err != nil {
			return line, err
		}
		for i, p := range points {
			if i == len(line.Points) {
				line.Points = append(line.Points, [2]int64{p.At.Unix(), 0})
			}
			line.Points[i][1] += p.N
		}
	}
	return line, nil
}
