package authorizer_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"wxcomponent/comm/wx"
)

// fakeWeChat is WeChat's side of the accounts.
type fakeWeChat struct {
	mu       sync.Mutex
	accounts []*fakeAccount
	codes    map[string]string // appid by authorization code; a used one is gone
	calls    map[string]int
	pageSize int
	under    int           // calls under way
	most     int           // of them at one time
	delay    time.Duration // that a call takes, in a bubble
	noToken  bool          // accounts have no API rights
	empty    bool          // details are an empty object

	passing int           // so many calls for details are answered; the others are held until they are given up
	held    chan struct{} // one for each call that is held; nil: none is

	overstate int // the list says that it has so many more

	// Faults; nil means none. They are called without the lock.
	queryAuth func(code string) error // before the exchange
	lost      func(code string) error // after the exchange: the answer is lost
	info      func(appid string) error
	list      func(offset int) error

	// They run once, after the next answer was made and before it is returned.
	infoHook, listHook func()
}

type fakeAccount struct {
	appid, name, refreshToken string
	funcs                     []int
	mini                      bool
	unlisted                  bool // not in the list, refused by info
	authTime                  int64
}

func newWeChat() *fakeWeChat {
	return &fakeWeChat{codes: map[string]string{}, calls: map[string]int{}, pageSize: wx.AccountListMax}
}

func (f *fakeWeChat) add(a fakeAccount) *fakeAccount {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts = append(f.accounts, &a)
	return &a
}

func (f *fakeWeChat) change(fn func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fn()
}

// hide takes an account off the list.
func (f *fakeWeChat) hide(appid string) {
	f.change(func() { f.find(appid).unlisted = true })
}

func (f *fakeWeChat) count(api string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[api]
}

func (f *fakeWeChat) find(appid string) *fakeAccount {
	i := slices.IndexFunc(f.accounts, func(a *fakeAccount) bool { return a.appid == appid && !a.unlisted })
	if i < 0 {
		return nil
	}
	return f.accounts[i]
}

func (f *fakeWeChat) called(api string) {
	f.mu.Lock()
	f.calls[api]++
	f.under++
	f.most = max(f.most, f.under)
	delay := f.delay
	f.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay) //nolint:forbidigo // the bubble's time, beside the test's own goroutine
	}
	f.change(func() { f.under-- })
}

// hold has so many further calls for details answered, and the others held until they are given up.
// What it returns receives one for each that is held.
func (f *fakeWeChat) hold(after int) <-chan struct{} {
	held := make(chan struct{}, 1000)
	f.change(func() { f.passing, f.held = after, held })
	return held
}

// release has all calls answered from now on.
func (f *fakeWeChat) release() { f.change(func() { f.held = nil }) }

func (f *fakeWeChat) wait(ctx context.Context) error {
	f.mu.Lock()
	f.passing--
	held := f.held
	if f.passing >= 0 {
		held = nil
	}
	f.mu.Unlock()
	if held == nil {
		return nil
	}
	held <- struct{}{}
	<-ctx.Done()
	return &wx.Unreachable{Path: "/fake", Cause: ctx.Err()}
}

// duringDetails has something happen while the next answer to a question for details is on its way.
func (f *fakeWeChat) duringDetails(happen func()) { f.change(func() { f.infoHook = happen }) }

// duringList is the same for the list of accounts.
func (f *fakeWeChat) duringList(happen func()) { f.change(func() { f.listHook = happen }) }

func refuse(code int, msg string) error { return &wx.Error{Path: "/fake", Code: code, Msg: msg} }

func (f *fakeWeChat) QueryAuth(_ context.Context, code string) (*wx.Authorization, error) {
	f.called("query_auth")
	if f.queryAuth != nil {
		if err := f.queryAuth(code); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	a := f.find(f.codes[code])
	delete(f.codes, code)
	f.mu.Unlock()
	if a == nil {
		return nil, refuse(wx.CodeAuthCodeUsed, "code is invalid rid: 1")
	}
	if f.lost != nil {
		if err := f.lost(code); err != nil {
			return nil, err
		}
	}
	if f.noToken {
		return &wx.Authorization{AppID: a.appid}, nil
	}
	return &wx.Authorization{
		AppID: a.appid, AccessToken: "access-" + a.refreshToken, ExpiresIn: 7200,
		RefreshToken: a.refreshToken, FuncInfo: a.funcs,
	}, nil
}

func (f *fakeWeChat) AccountInfo(ctx context.Context, appid string) (*wx.Account, *wx.Authorization, error) {
	f.called("info")
	if err := f.wait(ctx); err != nil {
		return nil, nil, err
	}
	if f.info != nil {
		if err := f.info(appid); err != nil {
			return nil, nil, err
		}
	}
	f.mu.Lock()
	if f.empty {
		f.mu.Unlock()
		return &wx.Account{Raw: []byte(`{}`)}, &wx.Authorization{AppID: appid}, nil
	}
	a := f.find(appid)
	if a == nil {
		f.mu.Unlock()
		return nil, nil, refuse(wx.CodeNotAuthorized, "component is not authorized by this account")
	}
	account := &wx.Account{NickName: a.name, PrincipalName: "某某公司", UserName: "gh_" + a.appid, AccountStatus: 1}
	account.Raw = []byte(`{"nick_name":"` + a.name + `","verify_type_info":{"id":-1},"service_type_info":{"id":2}}`)
	account.VerifyType.ID, account.ServiceType.ID = -1, 2
	if a.mini {
		account.MiniProgramInfo = &wx.MiniProgram{}
	}
	auth := &wx.Authorization{AppID: a.appid, RefreshToken: a.refreshToken, FuncInfo: a.funcs}
	hook := f.infoHook
	f.infoHook = nil
	f.mu.Unlock()
	if hook != nil {
		hook()
	}
	return account, auth, nil
}

func (f *fakeWeChat) AccountList(_ context.Context, offset, count int) (wx.AccountList, error) {
	f.called("list")
	if f.list != nil {
		if err := f.list(offset); err != nil {
			return wx.AccountList{}, err
		}
	}
	f.mu.Lock()
	var all []wx.ListedAccount
	for _, a := range f.accounts {
		if !a.unlisted {
			all = append(all, wx.ListedAccount{AppID: a.appid, RefreshToken: a.refreshToken, AuthTime: wx.Int(a.authTime)})
		}
	}
	page := all[min(offset, len(all)):]
	answer := wx.AccountList{Total: len(all) + f.overstate, List: page[:min(len(page), count, f.pageSize)]}
	hook := f.listHook
	f.listHook = nil
	f.mu.Unlock()
	if hook != nil {
		hook()
	}
	return answer, nil
}

// fakeTokens remembers what it was told.
type fakeTokens struct {
	mu     sync.Mutex
	tokens map[string]string
	forgot map[string]int
	fail   error
}

func newTokens() *fakeTokens {
	return &fakeTokens{tokens: map[string]string{}, forgot: map[string]int{}}
}

func (f *fakeTokens) Put(_ context.Context, appid string, g wx.Grant) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens[appid] = g.Token
	return f.fail
}

func (f *fakeTokens) Forget(_ context.Context, appid string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return f.fail
	}
	delete(f.tokens, appid)
	f.forgot[appid]++
	return nil
}

func (f *fakeTokens) get(appid string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokens[appid]
}
