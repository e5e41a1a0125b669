package dao_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

func TestAuditTrail(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		for i := range 5 {
			require.NoError(t, s.AuditAdd(ctx, model.Audit{
				AtMS: noon.UnixMilli() + int64(i/2), Username: fmt.Sprint("u", i%2), Action: "login", Object: strings.Repeat("对", 300),
			}))
		}
		page, err := s.AuditList(ctx, model.AuditFilter{Limit: 3, Action: "login", From: noon, To: noon.Add(time.Second)})
		require.NoError(t, err)
		require.EqualValues(t, 5, page.Total)
		require.Len(t, page.Rows, 3)
		page, err = s.AuditList(ctx, model.AuditFilter{Limit: 3, Cursor: page.NextCursor})
		require.NoError(t, err)
		require.Len(t, page.Rows, 2)
		require.Empty(t, page.NextCursor)
		page, err = s.AuditList(ctx, model.AuditFilter{Limit: 3, Username: "u1"})
		require.NoError(t, err)
		require.EqualValues(t, 2, page.Total)
		n, err := s.AuditPrune(ctx, noon.Add(time.Millisecond), 10)
		require.NoError(t, err)
		require.Equal(t, 2, n)
	})
}

func TestAuthLinks(t *testing.T) {
	each(t, func(t *testing.T, s *dao.Store, _ *db.DB) {
		ctx := t.Context()
		link := model.AuthLink{ID: "l1", Name: "店 😀", AuthType: 6, CreateMS: 1}
		require.NoError(t, s.AuthLinkCreate(ctx, link))
		require.ErrorIs(t, s.AuthLinkCreate(ctx, link), model.ErrDuplicate)
		got, err := s.AuthLinkGet(ctx, "l1")
		require.NoError(t, err)
		require.Equal(t, link, got)
		links, err := s.AuthLinkList(ctx, 10)
		require.NoError(t, err)
		require.Len(t, links, 1)
		visit := model.AuthVisit{ID: "v1", LinkID: "l1", PreAuthHash: "h1", CreateMS: 1, ExpireMS: 2}
		require.NoError(t, s.AuthVisitCreate(ctx, visit))
		for _, id := range []string{"v1", "h1"} {
			v, err := s.AuthVisitGet(ctx, id)
			require.NoError(t, err)
			require.Equal(t, visit, v)
		}
		n, err := s.AuthVisitPrune(ctx, time.UnixMilli(3), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.NoError(t, s.AuthLinkDelete(ctx, "l1"))
		require.ErrorIs(t, s.AuthLinkDelete(ctx, "l1"), model.ErrNotFound)
	})
}
