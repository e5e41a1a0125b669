package authorizer

import (
	"context"
	"fmt"

	"wxcomponent/comm/wx"
)

// accountList is WeChat's list of authorizing accounts.
type accountList struct {
	accounts []wx.ListedAccount
	index    map[string]bool
	complete bool // as many as WeChat said, and it said the same on each page
}

func (l accountList) has(appid string) bool { return l.index[appid] }

// readList reads all pages. The list may change while it is read, so it may come out incomplete;
// then it is read once more.
func (r *syncRun) readList(ctx context.Context) (accountList, error) {
	list, err := r.readPages(ctx)
	if err != nil || list.complete {
		return list, err
	}
	return r.readPages(ctx)
}

func (r *syncRun) readPages(ctx context.Context) (accountList, error) {
	list := accountList{index: map[string]bool{}, complete: true}
	total := -1
	for offset := 0; ; {
		page, err := r.deps.WeChat.AccountList(ctx, offset, wx.AccountListMax)
		if err != nil {
			return accountList{}, fmt.Errorf("read WeChat's list of accounts from %d on: %w", offset, err)
		}
		r.turned()
		if total >= 0 && page.Total != total {
			list.complete = false
		}
		total = page.Total
		for _, account := range page.List {
			if account.AppID != "" && !list.index[account.AppID] {
				list.index[account.AppID] = true
				list.accounts = append(list.accounts, account)
			}
		}
		offset += len(page.List)
		if len(page.List) == 0 || offset >= total {
			break
		}
	}
	list.complete = list.complete && len(list.accounts) == total
	return list, nil
}

func (r *syncRun) turned() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.Page++
}
