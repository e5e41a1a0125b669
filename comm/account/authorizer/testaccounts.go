package authorizer

// TestAccount is one of the accounts with which WeChat checks a platform before it is released to
// all merchants (全网发布检测). They authorize like any account and are never listed as customers.
type TestAccount struct {
	AppID       string
	UserName    string // the original id, "gh_…"
	MiniProgram bool
	Group       int // 1 to 5: WeChat checks with the two accounts of one group
}

// TestAccounts returns the accounts of WeChat's release check. WeChat picks one official account
// and one mini program of the same group at random.
func TestAccounts() []TestAccount {
	return []TestAccount{
		{AppID: "wx570bc396a51b8ff8", UserName: "gh_3c884a361561", Group: 1},
		{AppID: "wxd101a85aa106f53e", UserName: "gh_8dad206e9538", Group: 1, MiniProgram: true},
		{AppID: "wx9252c5e0bb1836fc", UserName: "gh_c0f28a78b318", Group: 2},
		{AppID: "wxc39235c15087f6f3", UserName: "gh_905ae9d01059", Group: 2, MiniProgram: true},
		{AppID: "wx8e1097c5bc82cde9", UserName: "gh_3f222ed8d140", Group: 3},
		{AppID: "wx7720d01d4b2a4500", UserName: "gh_393666f1fdf4", Group: 3, MiniProgram: true},
		{AppID: "wx14550af28c71a144", UserName: "gh_26128078e9ab", Group: 4},
		{AppID: "wx05d483572dcd5d8b", UserName: "gh_39abb5d4e1b7", Group: 4, MiniProgram: true},
		{AppID: "wxa35b9c23cfe664eb", UserName: "gh_2b3713f184a6", Group: 5},
		{AppID: "wx5910277cae6fd970", UserName: "gh_7818dcb60240", Group: 5, MiniProgram: true},
	}
}

// FindTestAccount returns the account of WeChat's release check that has the appid.
func FindTestAccount(appid string) (TestAccount, bool) {
	for _, a := range TestAccounts() {
		if a.AppID == appid {
			return a, true
		}
	}
	return TestAccount{}, false
}

// IsTestAccount tells whether appid belongs to WeChat's release check.
func IsTestAccount(appid string) bool {
	_, ok := FindTestAccount(appid)
	return ok
}
