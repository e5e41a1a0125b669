package authorizer_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/account/authorizer"
)

func TestPermissionsAreInOrderAndNamed(t *testing.T) {
	all := authorizer.Permissions()
	require.True(t, slices.IsSortedFunc(all, func(a, b authorizer.Permission) int { return a.ID - b.ID }))
	for _, p := range all {
		found, ok := authorizer.PermissionByID(p.ID)
		require.True(t, ok)
		require.Equal(t, p, found)
		require.NotEmpty(t, p.Zh)
		require.NotEmpty(t, p.En)
	}
	dev, _ := authorizer.PermissionByID(authorizer.PermissionMiniProgramDev)
	require.True(t, dev.Exclusive && dev.MiniProgram)
	_, ok := authorizer.PermissionByID(9999)
	require.False(t, ok)
}

func TestStoredPermissions(t *testing.T) {
	for stored, ids := range map[string][]int{
		"":         {},
		"|1|18|":   {1, 18},
		"1|118":    {1, 118},
		"|x||18| ": {18},
	} {
		require.Equal(t, ids, authorizer.ParsePermissions(stored), stored)
	}
	require.Equal(t, "|1|18|", authorizer.FormatPermissions([]int{1, 18}))
	require.Empty(t, authorizer.FormatPermissions(nil))
}

func TestTestAccounts(t *testing.T) {
	accounts := authorizer.TestAccounts()
	require.Len(t, accounts, 10)
	for _, a := range accounts {
		require.True(t, authorizer.IsTestAccount(a.AppID))
	}
	require.False(t, authorizer.IsTestAccount("wx1"))
}
