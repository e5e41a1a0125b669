package authorizer_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dbtest"
	"wxcomponent/db/model"
)

// People are told in the transaction that changes the account: of each change once, and of none that
// was undone.
func TestPeopleAreToldWithTheChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.tell = func(appid, kind string, _ time.Time) []model.Work {
			return []model.Work{{Kind: "test.told", Payload: kind + " " + appid}}
		}
		told := func() []string {
			work, err := w.store.WorkTake(t.Context(), []string{"test.told"}, "test", time.Hour, 100)
			require.NoError(t, err)
			texts := []string{}
			for _, item := range work {
				texts = append(texts, item.Payload)
			}
			return texts
		}
		w.wechat.add(fakeAccount{appid: "wx1", name: "店", refreshToken: "R1", funcs: []int{1, 18}, mini: true})
		ev := w.event("wx1", "code1", 100)
		w.txFail = errors.New("the database is away")
		require.Error(t, w.svc.Authorized(t.Context(), ev))
		require.Empty(t, told())
		w.authorized(ev)
		w.authorized(ev)
		require.Equal(t, []string{"authorized wx1"}, told())
		for range 2 {
			require.NoError(t, w.svc.Unauthorized(t.Context(), "wx1", w.at(200)))
		}
		require.NoError(t, w.svc.Unauthorized(t.Context(), "wx1", w.at(150)))
		require.Equal(t, []string{"unauthorized wx1"}, told())
	})
}
