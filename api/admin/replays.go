package admin

import (
	"context"

	"wxcomponent/api"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx/event"
)

type replayPreviewReq struct {
	Source  string `query:"source"` // dead or pushes
	Target  string `query:"target" validate:"required"`
	Channel string `query:"channel"`
	AppID   string `query:"appid" validate:"max=64"`
	From    int64  `query:"from"` // unix seconds
	To      int64  `query:"to"`
}

type replayPreviewRes struct {
	Count  int64 `json:"count"` // of what a replay would look at
	Capped bool  `json:"capped,omitempty"`
}

func (h *DeliveryHandlers) previewReplay(ctx context.Context, req *replayPreviewReq) (*replayPreviewRes, error) {
	n, capped, err := h.deliveries.PreviewReplay(ctx, forward.Replay{
		Source: forward.ReplaySource(req.Source), Target: req.Target, Channel: event.Channel(req.Channel), AppID: req.AppID,
		FromMS: req.From * 1000, ToMS: req.To * 1000,
	})
	if err != nil {
		return nil, err
	}
	return &replayPreviewRes{n, capped}, nil
}

type destinationListRes struct {
	Destinations []destination `json:"destinations"`
}

type destination struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	InForce bool   `json:"inForce"` // deliveries to it can be made
	Paused  bool   `json:"paused"`
	Pending int64  `json:"pending"` // deliveries, counted up to 10 001
	Dead    int64  `json:"dead"`
}

func (h *DeliveryHandlers) destinations(ctx context.Context, _ *api.None) (*destinationListRes, error) {
	list, err := h.deliveries.Destinations(ctx)
	if err != nil {
		return nil, err
	}
	res := &destinationListRes{Destinations: make([]destination, len(list))}
	for i, d := range list {
		res.Destinations[i] = destination(d)
	}
	return res, nil
}
