package forward_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/forward"
	"wxcomponent/comm/wx/event"
)

func TestTagsOfTheAccountDecideWhereAPushGoes(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		s := r.receiver(nil)
		hit := r.branch(forward.Conditions{Tags: []string{"新客", "VIP"}}, forward.Async, false, r.target(s))
		r.receive(message(t, "wxacc", "before"))
		require.NoError(t, r.store.AccountTagsSet(ctx, "wxacc", []string{"VIP", "华东"}))
		require.NoError(t, r.store.AccountTagsSet(ctx, "wxother", []string{"华东"}))
		require.NoError(t, r.Live().Refresh(ctx))
		r.receive(message(t, "wxacc", "tagged"))
		r.receive(message(t, "wxother", "another tag"))
		authorized := occurrence(t, event.Component, "<InfoType>updateauthorized</InfoType><AuthorizerAppid>wxacc</AuthorizerAppid>")
		r.receive(authorized)
		bodies := ""
		for _, got := range r.gets(s, 2) {
			bodies += got.body
		}
		require.Contains(t, bodies, "tagged")
		require.Contains(t, bodies, "updateauthorized", "the account that an event of the platform is about counts too")

		x, err := r.Explain(ctx, event.Biz, "wxacc", `{"MsgType":"text"}`)
		require.NoError(t, err)
		require.Equal(t, []string{"VIP", "华东"}, x.Tags)
		require.Len(t, x.Route.Async, 1)
		require.Equal(t, []forward.Check{{Field: "tags", Wanted: "新客, VIP", Found: "VIP, 华东", Matched: true}}, x.Verdicts[0].Checks)

		e := forward.BranchEntry{ID: hit, Name: "off", Mode: forward.Async, Conditions: forward.Conditions{Tags: []string{"华东"}}, Targets: []int64{1}}
		require.NoError(t, r.SetBranch(ctx, e))
		x, err = r.Explain(ctx, event.Biz, "wxother", `{"MsgType":"text"}`)
		require.NoError(t, err)
		require.True(t, x.Verdicts[0].Matched, "a rule that is off is explained with all tags as well")
		require.Empty(t, x.Route.Async)

		require.NoError(t, r.store.AccountTagsSet(ctx, "wxacc", nil))
		require.NoError(t, r.Live().Refresh(ctx))
		r.receive(message(t, "wxacc", "untagged"))
		r.gets(s, 2)
	})
}

// TestPushWithAListOfAccountsBelongsToEach: to rules for any of them, by appid and by tag.
func TestPushWithAListOfAccountsBelongsToEach(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		byTag, byAccount, other := r.receiver(nil), r.receiver(nil), r.receiver(nil)
		r.branch(forward.Conditions{Tags: []string{"VIP"}}, forward.Async, false, r.target(byTag))
		r.branch(forward.Conditions{Accounts: []string{"wxsec*"}}, forward.Async, false, r.target(byAccount))
		r.branch(forward.Conditions{Accounts: []string{"wxthird"}}, forward.Async, false, r.target(other))
		require.NoError(t, r.store.AccountTagsSet(ctx, "wxsecond", []string{"VIP"}))
		require.NoError(t, r.Live().Refresh(ctx))
		push := occurrence(t, event.Component, "<AppId>wxplatform</AppId><InfoType>order_path_audit_result_notify</InfoType>"+
			"<list><appid>wxfirst</appid><status>4</status></list><list><appid>wxsecond</appid><status>3</status></list>")
		r.receive(push)
		r.gets(byTag, 1)
		r.gets(byAccount, 1)
		x, err := r.Explain(ctx, event.Component, "", push.Body)
		require.NoError(t, err)
		require.Equal(t, []string{"VIP"}, x.Tags)
		require.Equal(t, []bool{true, true, false}, []bool{x.Verdicts[0].Matched, x.Verdicts[1].Matched, x.Verdicts[2].Matched})
		require.Equal(t, "wxfirst, wxsecond", x.Verdicts[1].Checks[0].Found)
	})
}

func TestBadTagsOfARuleAreRefused(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		id := r.target(r.receiver(nil))
		for _, tags := range [][]string{{""}, {strings.Repeat("长", 33)}, make([]string, 51)} {
			_, err := r.AddBranch(t.Context(), forward.BranchEntry{
				Name: "b", Targets: []int64{id}, Conditions: forward.Conditions{Tags: tags},
			})
			isParam(t, "conditions.tags", err)
		}
	})
}
