package ingest

import (
	"context"

	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

// Store writes pushes.
type Store interface {
	// PushStream stores the pushes that next returns and that are new, each with its work, and asks for
	// more until there are none, all in one transaction. It tells for each whether it was a duplicate
	// of one stored before or earlier in the transaction.
	PushStream(ctx context.Context, next func() []*model.Push) (duplicates []bool, err error)
}

// row is what is stored of a push.
func row(p *event.Push, held bool, plan Planner) model.Push {
	r := model.Push{
		Channel: model.ChannelBiz, Identity: p.DedupKey(), CipherKey: p.CipherKey(), SignedAt: p.SignedAt,
		ReceiveTime: p.ReceivedAt, CreateTime: p.CreatedAt,
		InfoType: p.InfoType, AppID: p.AccountAppID(), ToUserName: p.ToUserName, MsgType: p.MsgType, Event: p.Event, Body: p.Body,
		Secrets: p.Secrets(),
	}
	if p.Channel == event.Component {
		r.Channel = model.ChannelComponent
	}
	switch {
	case held:
		r.Held, r.Original, r.Identity = true, r.Identity, p.HeldKey()
	case plan != nil:
		r.Work = plan(p)
	}
	return r
}
