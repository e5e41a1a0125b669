package settings

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"wxcomponent/comm/live"
)

// KeyReleaseCheck is the switch that has WeChat's release check answered.
const KeyReleaseCheck = "release.check"

// Switch is a setting that is on or off; every instance follows a change of it.
type Switch struct {
	store   SharedStore
	key     string
	initial bool
	live    *live.Value[bool]
}

// SharedStore is the key-value table and the revision that instances watch.
type SharedStore interface {
	Store
	RevisionBump(ctx context.Context) error
}

// NewSwitch returns the switch that is stored under key; initial is what it is until it was set.
func NewSwitch(store SharedStore, key string, initial bool) *Switch {
	s := &Switch{store: store, key: key, initial: initial}
	s.live = live.NewValue(s.load)
	return s
}

// Live is the snapshot to register with the watcher.
func (s *Switch) Live() *live.Value[bool] { return s.live }

// Get tells whether it is on.
func (s *Switch) Get() bool { return s.live.Get() }

// Set changes the switch, on this instance at once.
func (s *Switch) Set(ctx context.Context, on bool) error {
	if err := s.store.KVPut(ctx, s.key, strconv.FormatBool(on)); err != nil {
		return fmt.Errorf("store %s: %w", s.key, err)
	}
	return errors.Join(s.store.RevisionBump(ctx), s.live.Refresh(ctx))
}

func (s *Switch) load(ctx context.Context) (bool, error) {
	text, err := s.store.KVGet(ctx, s.key)
	if err != nil || text == "" {
		return s.initial, err
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		return false, fmt.Errorf("decode %s: %w", s.key, err)
	}
	return on, nil
}
