package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

func grouped(t *testing.T) *db.DB {
	t.Helper()
	t.Parallel()
	d, err := db.Open(t.Context(), dbtest.EmptySQLite(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.Close() })
	require.NoError(t, d.Write.Exec("CREATE TABLE n (v INTEGER PRIMARY KEY)").Error)
	return d
}

func insert(v int) func(tx *gorm.DB) error {
	return func(tx *gorm.DB) error { return tx.Exec("INSERT INTO n (v) VALUES (?)", v).Error }
}

func stored(t *testing.T, d *db.DB) (values []int) {
	t.Helper()
	require.NoError(t, d.Read.Raw("SELECT v FROM n ORDER BY v").Scan(&values).Error)
	return values
}

// gather holds the writer until all of the transactions wait for it, so that they are committed
// together, and returns what became of each.
func gather(t *testing.T, d *db.DB, fns ...func(tx *gorm.DB) error) []error {
	t.Helper()
	begun, hold := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = d.Transact(t.Context(), func(*gorm.DB) error { close(begun); <-hold; return nil })
	})
	waittest.Receive(t, begun, "the writer has begun")
	errs := make([]error, len(fns))
	for i, fn := range fns {
		wg.Go(func() { errs[i] = d.Transact(t.Context(), fn) })
		waittest.Until(t, func() bool { return db.Waiting(d) == i+1 }, "%d transactions wait", i+1)
	}
	close(hold)
	wg.Wait()
	return errs
}

func TestTransactionsThatWaitAreCommittedTogether(t *testing.T) {
	d := grouped(t)
	errs := gather(t, d, insert(1), insert(2), insert(3))
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, []int{1, 2, 3}, stored(t, d))
}

func TestAFailedTransactionTakesNoOtherWithIt(t *testing.T) {
	d := grouped(t)
	bad := errors.New("bad")
	errs := gather(t, d, insert(1),
		func(tx *gorm.DB) error { return errors.Join(insert(2)(tx), bad) },
		insert(1), insert(3))
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], bad)
	require.True(t, db.IsDuplicate(errs[2]))
	require.NoError(t, errs[3])
	require.Equal(t, []int{1, 3}, stored(t, d))
}

// SQLite rolls the whole transaction back when a statement of it is cut off.
func TestATransactionThatIsCutOffTakesNoOtherWithIt(t *testing.T) {
	d := grouped(t)
	errs := gather(t, d, insert(1),
		func(tx *gorm.DB) error {
			if err := tx.Exec("ROLLBACK").Error; err != nil {
				return err
			}
			return errors.New("cut off")
		}, insert(3))
	require.NoError(t, errs[0])
	require.ErrorContains(t, errs[1], "cut off")
	require.NoError(t, errs[2])
	require.Equal(t, []int{1, 3}, stored(t, d))
}

func TestAPanicIsItsTransactionsAlone(t *testing.T) {
	d := grouped(t)
	errs := gather(t, d, func(tx *gorm.DB) error { panic(insert(1)(tx)) }, insert(2))
	require.ErrorContains(t, errs[0], "panicked")
	require.NoError(t, errs[1])
	require.Equal(t, []int{2}, stored(t, d))
}

func TestWaitingForTheWriterEndsWithItsContext(t *testing.T) {
	d := grouped(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Transact(t.Context(), func(*gorm.DB) error {
		cancel()
		return d.Transact(ctx, insert(1)) // would wait for itself
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, stored(t, d))
}
