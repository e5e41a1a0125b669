package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Lease is a named lock that ends by itself. Its times are the database's clock, its fence grows
// with every taking.
type Lease struct {
	Name, Owner string
	Fence       int64
}

// TakeLease takes the lease for owner unless someone holds it, the same owner included.
func (d *DB) TakeLease(ctx context.Context, g *gorm.DB, name, owner string, ttl time.Duration) (Lease, bool, error) {
	l := Lease{Name: name, Owner: owner}
	var taken bool
	err := Transact(ctx, g, func(tx *gorm.DB) (err error) {
		taken, err = d.takeLease(tx, &l, ttl)
		return err
	})
	switch {
	case IsDuplicate(err): // another took it for the first time just now
		return l, false, nil
	case err != nil:
		return l, false, fmt.Errorf("take lease %s: %w", name, err)
	}
	return l, taken, nil
}

func (d *DB) takeLease(tx *gorm.DB, l *Lease, ttl time.Duration) (bool, error) {
	now := d.Dialect.NowMS()
	r := tx.Exec("UPDATE lease SET owner = ?, fence = fence + 1, expiresms = "+now+" + ? "+
		"WHERE name = ? AND expiresms <= "+now, l.Owner, ttl.Milliseconds(), l.Name)
	if r.Error != nil {
		return false, r.Error
	}
	if r.RowsAffected == 1 {
		return true, tx.Raw("SELECT fence FROM lease WHERE name = ?", l.Name).Scan(&l.Fence).Error
	}
	var known int64
	if err := tx.Raw("SELECT COUNT(*) FROM lease WHERE name = ?", l.Name).Scan(&known).Error; err != nil || known > 0 {
		return false, err
	}
	l.Fence = 1
	return true, tx.Exec("INSERT INTO lease (name, owner, fence, expiresms) VALUES (?, ?, 1, "+now+" + ?)",
		l.Name, l.Owner, ttl.Milliseconds()).Error
}

// RenewLease prolongs a lease that nobody else has taken and that was not given back, also one that has
// run out meanwhile; false means it is lost.
func (d *DB) RenewLease(ctx context.Context, g *gorm.DB, l Lease, ttl time.Duration) (bool, error) {
	r := g.WithContext(ctx).Exec("UPDATE lease SET expiresms = "+d.Dialect.NowMS()+" + ? "+
		"WHERE name = ? AND owner = ? AND fence = ? AND expiresms > 0",
		ttl.Milliseconds(), l.Name, l.Owner, l.Fence)
	if r.Error != nil {
		return false, fmt.Errorf("renew lease %s: %w", l.Name, r.Error)
	}
	return r.RowsAffected == 1, nil
}

// ReleaseLease gives the lease back, if it is still held.
func (d *DB) ReleaseLease(ctx context.Context, g *gorm.DB, l Lease) error {
	err := g.WithContext(ctx).Exec("UPDATE lease SET expiresms = 0 WHERE name = ? AND owner = ? AND fence = ?",
		l.Name, l.Owner, l.Fence).Error
	if err != nil {
		return fmt.Errorf("release lease %s: %w", l.Name, err)
	}
	return nil
}
