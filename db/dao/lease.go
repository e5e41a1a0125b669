package dao

import (
	"context"
	"time"

	"wxcomponent/db"
)

// LeaseTake takes a named lease unless it is held, by the same owner or another.
func (s *Store) LeaseTake(ctx context.Context, name, owner string, ttl time.Duration) (fence int64, ok bool, err error) {
	l, ok, err := s.db.TakeLease(ctx, s.w, name, owner, ttl)
	return l.Fence, ok, fail("take a lease", err)
}

// LeaseRelease gives a lease back, if it is still held.
func (s *Store) LeaseRelease(ctx context.Context, name, owner string, fence int64) error {
	return fail("release a lease", s.db.ReleaseLease(ctx, s.w, db.Lease{Name: name, Owner: owner, Fence: fence}))
}
