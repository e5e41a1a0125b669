package inits

import (
	"context"
	"strings"

	"wxcomponent/comm/live"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/dao"
)

// userNames knows which account an original id (gh_…) belongs to.
type userNames struct {
	byUserName *live.Value[map[string]string] // appids; "" where several accounts have it
}

func newUserNames(store *dao.Store) *userNames {
	return &userNames{live.NewValue(func(ctx context.Context) (map[string]string, error) {
		list, err := store.AuthorizerUserNames(ctx)
		if err != nil {
			return nil, err
		}
		owners := make(map[string]string, len(list))
		for _, account := range list {
			if other, taken := owners[account.UserName]; taken && !strings.EqualFold(other, account.AppID) {
				account.AppID = ""
			}
			owners[account.UserName] = account.AppID
		}
		return owners, nil
	})}
}

// mismatch tells whether a message is of another account than its address says: the address is not signed.
// What is to an account that is not known, or whose original id is not known yet, is taken as its address
// says: details of a new account come after its first messages.
func (u *userNames) mismatch(p *event.Push) bool {
	if p.Channel != event.Biz || p.ToUserName == "" {
		return false
	}
	owner := u.byUserName.Get()[p.ToUserName]
	return owner != "" && !strings.EqualFold(owner, p.AppID)
}
