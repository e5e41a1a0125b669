//go:build !faultcontrol

package inits

import (
	"wxcomponent/api/wxcallback"
	"wxcomponent/comm/forward"
	"wxcomponent/comm/push/ingest"
)

// defects are what is wrong with the service on purpose: nothing. Only a build with the tag
// "faultcontrol", which fault tests and benchmarks make for themselves, can have any.
type defects struct{}

func newDefects(func(string) string) (defects, error) { return defects{}, nil }

func (defects) acknowledging(g *ingest.Ingest) wxcallback.Ingester { return g }

func (defects) storing(s ingest.Store, o ingest.Options) (ingest.Store, ingest.Options) { return s, o }

func (defects) forwarding(d forward.Deps) forward.Deps { return d }
