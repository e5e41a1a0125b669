package dao_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

func TestTagsOfAccounts(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		for _, appid := range []string{"wx1", "wx2", "wx3"} {
			authorize(t, s, model.Grant{AppID: appid, EventMS: 100})
		}
		authorize(t, s, model.Grant{AppID: "wxtest", EventMS: 100, IsTest: true})
		before, err := s.RevisionGet(ctx)
		require.NoError(t, err)
		require.NoError(t, s.AccountTagsSet(ctx, "wx1", []string{"VIP", "华东 😀"}))
		require.NoError(t, s.AccountTagsSet(ctx, "wx2", []string{"VIP", "vip"}))
		require.NoError(t, s.AccountTagsSet(ctx, "wxtest", []string{"VIP"}))
		after, err := s.RevisionGet(ctx)
		require.NoError(t, err)
		require.Equal(t, before+3, after, "other instances learn of each change")

		tags, err := s.AccountTagsOf(ctx, []string{"wx1", "wx3", ""})
		require.NoError(t, err)
		require.Equal(t, map[string][]string{"wx1": {"VIP", "华东 😀"}}, tags)
		tags, err = s.AccountsTagged(ctx, []string{"vip", "华东 😀", "Vip", "nobody's"})
		require.NoError(t, err)
		require.Equal(t, map[string][]string{"wx1": {"华东 😀"}, "wx2": {"vip"}}, tags)
		tags, err = s.AccountsTagged(ctx, nil)
		require.NoError(t, err)
		require.Empty(t, tags)

		_, err = s.AuthorizerUnauthorize(ctx, "wx2", 200)
		require.NoError(t, err)
		counts, err := s.AccountTagCounts(ctx)
		require.NoError(t, err)
		require.Equal(t, []model.TagCount{{Tag: "VIP", Accounts: 1}, {Tag: "vip", Accounts: 0}, {Tag: "华东 😀", Accounts: 1}}, counts)
		list, err := s.AuthorizerList(ctx, model.AuthorizerFilter{Tag: "VIP", HideTest: true, Limit: 10})
		require.NoError(t, err)
		require.EqualValues(t, 1, list.Total)
		require.Equal(t, "wx1", list.Rows[0].AppID)

		require.NoError(t, s.AccountTagsSet(ctx, "wx1", []string{"新客"}))
		tags, err = s.AccountTagsOf(ctx, []string{"wx1"})
		require.NoError(t, err)
		require.Equal(t, []string{"新客"}, tags["wx1"])
		require.NoError(t, s.AccountTagsSet(ctx, "wx1", nil))
		tags, err = s.AccountTagsOf(ctx, []string{"wx1"})
		require.NoError(t, err)
		require.Empty(t, tags)
	})
}

func TestTagsOfManyAccounts(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, d *db.DB) {
		const accounts = 1100 // more than one statement looks for
		appids, rows := make([]string, accounts), make([]model.AccountTag, accounts)
		for i := range appids {
			appids[i] = fmt.Sprintf("wx%d", i)
			rows[i] = model.AccountTag{AppID: appids[i], Tag: "of " + appids[i]}
		}
		require.NoError(t, d.Write.CreateInBatches(rows, 500).Error)
		tags, err := s.AccountTagsOf(t.Context(), appids)
		require.NoError(t, err)
		require.Len(t, tags, accounts)
		require.Equal(t, []string{"of wx1099"}, tags["wx1099"])
	})
}
