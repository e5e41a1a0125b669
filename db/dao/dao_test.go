package dao_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// box seals visibly: what is bound to another row does not open.
type box struct{}

func (box) Seal(plain, aad string) (string, error) { return "enc1:" + aad + "|" + plain, nil }

func (box) Open(sealed, aad string) (string, error) {
	plain, ok := strings.CutPrefix(sealed, "enc1:"+aad+"|")
	if !ok {
		return "", errors.New("sealed for another row")
	}
	return plain, nil
}

// each runs a test on a new store of every kind of database, beside other tests: half of them wait for
// the server.
func each(t *testing.T, test func(t *testing.T, s *dao.Store, d *db.DB)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, dao.New(d, box{}).WithPatience(waittest.Limit), d) })
}

// raw reads one value past the DAOs.
func raw[T any](t *testing.T, d *db.DB, query string, args ...any) (value T) {
	t.Helper()
	require.NoError(t, d.Write.WithContext(t.Context()).Raw(query, args...).Scan(&value).Error)
	return value
}

// clock reads the database's clock.
func clock(t *testing.T, s *dao.Store) time.Time {
	t.Helper()
	now, err := s.Now(t.Context())
	require.NoError(t, err)
	return now
}

// requireSet holds that a time is as much later as more than what the database's clock has shown since begin.
func requireSet(t *testing.T, s *dao.Store, begin time.Time, more time.Duration, ms int64) {
	t.Helper()
	at, end := time.UnixMilli(ms).Add(-more), clock(t, s)
	require.False(t, at.Before(begin) || at.After(end), "%s is not between %s and %s", at, begin, end)
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
