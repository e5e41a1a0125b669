package ingest

import (
	"context"

	"wxcomponent/comm/event"
	"wxcomponent/db/model"
)

// Store writes pushes.
type Store interface {
	// PushInsert stores the rows that are new, each with its work, in one transaction, and tells
	// for every row whether it was a duplicate of one stored before or earlier in the batch.
	PushInsert(ctx context.Context, rows []Row) (duplicates []bool, err error)
}

type Row struct {
	Push     *event.Push
	Identity string
	Work     []model.Work
}

func (g *Ingest) row(p *event.Push) Row {
	r := Row{Push: p, Identity: p.Identity()}
	if g.opt.Plan != nil {
		r.Work = g.opt.Plan(p)
	}
	return r
}
