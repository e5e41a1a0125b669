package authorizer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/errno"
	"wxcomponent/db"
	"wxcomponent/db/dbtest"
)

func TestTagsAreCleanedAndInForceAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
		w.authorized(w.event("wx1", "code1", 100))
		tags, err := w.svc.SetTags(t.Context(), "wx1", []string{" VIP ", "华东", "VIP"})
		require.NoError(t, err)
		require.Equal(t, []string{"VIP", "华东"}, tags)
		require.Equal(t, 1, w.tagged)
		stored, err := w.store.AccountTagsOf(t.Context(), []string{"wx1"})
		require.NoError(t, err)
		require.Equal(t, tags, stored["wx1"])
		tags, err = w.svc.SetTags(t.Context(), "wx1", nil)
		require.NoError(t, err)
		require.Empty(t, tags)
	})
}

func TestTagsThatWillNotDoAreRefused(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.wechat.add(fakeAccount{appid: "wx1", refreshToken: "R1"})
	w.authorized(w.event("wx1", "code1", 100))
	many := make([]string, 21)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, tags := range [][]string{{""}, {"  "}, {strings.Repeat("长", 33)}, {"a,b"}, {"甲，乙"}, {"a\nb"}, {"\xff"}, many} {
		_, err := w.svc.SetTags(t.Context(), "wx1", tags)
		require.Equal(t, errno.BadParam, errno.As(err).Code, "%q", tags)
		require.Equal(t, "tags", errno.As(err).Field, "%q", tags)
	}
	_, err := w.svc.SetTags(t.Context(), "wx9", []string{"VIP"})
	require.Equal(t, "appid", errno.As(err).Field)
	require.Zero(t, w.tagged)
}
