package wxsim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The two kinds of account that the simulator has.
const (
	Official    = "official"
	MiniProgram = "miniprogram"
)

// Account is an official account or a mini program as the control API shows it.
type Account struct {
	AppID         string `json:"appid"`
	UserName      string `json:"userName"` // gh_…
	Kind          string `json:"kind"`     // Official or MiniProgram
	NickName      string `json:"nickName"`
	PrincipalName string `json:"principalName"`
	Alias         string `json:"alias"`
	Signature     string `json:"signature"`
	ServiceType   int    `json:"serviceType"`
	VerifyType    int    `json:"verifyType"`
	AccountStatus int    `json:"accountStatus"` // 1 normal, 14 deregistered, 16 banned, 18 warned, 19 frozen
	RegisterType  int    `json:"registerType"`
	ReleaseCheck  bool   `json:"releaseCheck"` // one of the ten test accounts

	Authorized   bool      `json:"authorized"`
	AuthTime     time.Time `json:"authTime"`
	RefreshToken string    `json:"refreshToken"`
	Exchanged    bool      `json:"exchanged"` // the code of the authorization was exchanged
	Funcs        []int     `json:"funcs"`     // permission sets granted
	Available    []int     `json:"available"` // permission sets that it can grant
}

// account is an Account with what else the simulator knows of it. Guarded by Sim.mu.
type account struct {
	Account
	trade   trade
	options map[string]string
	weapp   *weapp // nil for official accounts
}

// accountBook holds all accounts. Guarded by Sim.mu.
type accountBook struct {
	names names
	byID  map[string]*account
	order []*account // as they were made
}

func newAccountBook(seed int64) accountBook {
	b := accountBook{names: newNames(seed), byID: map[string]*account{}}
	for i, pair := range releaseCheckAccounts() {
		b.addReleaseCheck(i+1, pair)
	}
	return b
}

func (b *accountBook) authorized(appID string) bool {
	a := b.byID[appID]
	return a != nil && a.Authorized
}

func (b *accountBook) add(a *account) {
	a.options = map[string]string{"location_report": "0", "voice_recognize": "0", "customer_service": "0"}
	a.AccountStatus = 1
	if a.Kind == MiniProgram {
		a.Available, a.weapp = miniFuncs(), newWeapp(a.trade)
	} else {
		a.Available = officialFuncs()
	}
	b.byID[a.AppID] = a
	b.order = append(b.order, a)
}

// generate makes one account; every second one is a mini program.
func (b *accountBook) generate(kind string) *account {
	n := b.names
	t := n.trade()
	city, brand, name := n.brand(t)
	a := &account{trade: t}
	a.AppID, a.UserName, a.Kind = "wx"+n.hex(16), "gh_"+n.hex(12), kind
	a.NickName, a.Signature = name, t.intro
	a.PrincipalName = city + brand + t.company + "有限公司"
	if n.rnd.IntN(6) == 0 {
		a.VerifyType = -1
	}
	if kind == Official {
		a.ServiceType = 2 * n.rnd.IntN(2)
		a.Alias = "shop" + n.hex(6)
	} else {
		a.RegisterType = pick(n.rnd, []int{0, 0, 2, 6})
	}
	b.add(a)
	return a
}

func (b *accountBook) addReleaseCheck(group int, pair releaseCheckPair) {
	for _, x := range []struct{ kind, appID, userName string }{
		{Official, pair.officialAppID, pair.officialUser}, {MiniProgram, pair.miniAppID, pair.miniUser},
	} {
		a := &account{trade: trades()[0]}
		a.AppID, a.UserName, a.Kind, a.ReleaseCheck = x.appID, x.userName, x.kind, true
		a.NickName, a.PrincipalName = fmt.Sprintf("全网发布检测%d", group), "腾讯科技"
		b.add(a)
	}
}

// grant makes the authorization stand. Without a new code exchange the refresh token stays.
func (a *account) grant(funcs []int, now time.Time) {
	if !a.Authorized {
		a.RefreshToken, a.Exchanged = newRefreshToken(), false
	}
	a.Authorized, a.AuthTime, a.Funcs = true, now, funcs
}

func newRefreshToken() string { return "refreshtoken@@@" + randomText(43) }

// AddAccounts makes n more accounts, official accounts and mini programs in turn. Authorized ones
// stand in WeChat's list with their codes exchanged, without a push.
func (s *Sim) AddAccounts(n int, authorized bool) []Account {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	made := make([]Account, 0, n)
	for i := range n {
		kind := Official
		if len(s.accounts.order)%2 == 1 {
			kind = MiniProgram
		}
		a := s.accounts.generate(kind)
		if authorized {
			a.grant(a.Available, now.Add(-time.Duration(n-i)*time.Minute))
			a.Exchanged = true
		}
		made = append(made, a.Account)
	}
	return made
}

// preauthorize makes the first n ordinary accounts authorized from the start.
func (s *Sim) preauthorize(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts.order {
		if n == 0 {
			return
		}
		if !a.ReleaseCheck {
			a.grant(a.Available, s.now().Add(-time.Duration(n)*time.Hour))
			a.Exchanged = true
			n--
		}
	}
}

// AccountFilter chooses accounts. The zero value means the first 20 ordinary ones.
type AccountFilter struct {
	Query        string // part of the appid, the name or the principal
	Kind         string
	Authorized   *bool
	ReleaseCheck bool // the test accounts instead of the ordinary ones
	Offset       int
	Limit        int // default 20
}

func (f AccountFilter) match(a *account) bool {
	return a.ReleaseCheck == f.ReleaseCheck &&
		(f.Kind == "" || f.Kind == a.Kind) &&
		(f.Authorized == nil || *f.Authorized == a.Authorized) &&
		(f.Query == "" || strings.Contains(a.AppID+" "+a.NickName+" "+a.PrincipalName, f.Query))
}

// Accounts returns the accounts that f chooses and how many there are without its limit.
func (s *Sim) Accounts(f AccountFilter) (total int, list []Account) {
	if f.Limit <= 0 {
		f.Limit = 20
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list = []Account{}
	for _, a := range s.accounts.order {
		if !f.match(a) {
			continue
		}
		if total >= f.Offset && len(list) < f.Limit {
			list = append(list, a.Account)
		}
		total++
	}
	return total, list
}

// Account returns one account.
func (s *Sim) Account(appID string) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts.byID[appID]
	if a == nil {
		return Account{}, false
	}
	return a.Account, true
}

var errNoAccount = errors.New("there is no such account")

func (s *Sim) change(appID string, f func(*account) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts.byID[appID]
	if a == nil {
		return errNoAccount
	}
	return f(a)
}

// ChangeRefreshToken gives an account a new refresh token behind the platform's back: the old one
// is answered with 61023 from then on.
func (s *Sim) ChangeRefreshToken(appID string) (string, error) {
	token := newRefreshToken()
	return token, s.change(appID, func(a *account) error {
		if !a.Authorized {
			return errors.New("the account has not authorized the platform")
		}
		a.RefreshToken = token
		return nil
	})
}

// SetAccountStatus changes WeChat's judgement of an account: 1 normal, 14 deregistered, 16
// banned, 18 warned, 19 frozen.
func (s *Sim) SetAccountStatus(appID string, status int) error {
	if !slices.Contains([]int{1, 14, 16, 18, 19}, status) {
		return errors.New("accountStatus must be 1, 14, 16, 18 or 19")
	}
	return s.change(appID, func(a *account) error {
		a.AccountStatus = status
		return nil
	})
}

// setOption checks an option's name and value, which differ only in location_report's range.
func (a *account) setOption(name, value string) error {
	if _, ok := a.options[name]; !ok {
		return fail(61012, "invalid option name, want one of "+strings.Join(slices.Sorted(maps.Keys(a.options)), ", "))
	}
	if value != "0" && value != "1" && (name != "location_report" || value != "2") {
		return fail(61013, "invalid option value")
	}
	a.options[name] = value
	return nil
}
