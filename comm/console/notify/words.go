package notify

// Languages of messages.
const (
	Chinese = "zh"
	English = "en"
)

// level is how much a message matters.
type level int

const (
	good level = iota
	worth
	bad
)

// color is the level as the head of a Feishu card.
func (l level) color() string {
	switch l {
	case bad:
		return "red"
	case worth:
		return "orange"
	default:
		return "green"
	}
}

// wording is what is said of a kind of event.
type wording struct {
	level  level
	one    string
	many   string // with the number
	advice string
	page   string // of the dashboard
}

// words are the texts of a language.
type words struct {
	product, mixed               string
	account, target, at, why, do string
	since                        string
	colon, open, shut, comma     string
	more, missed, bySync, page   string
	platform, test, testText     string
	of                           map[EventKind]wording
}

// Pages of the dashboard that messages lead to.
const (
	pageHome     = "#/home"
	pageAccounts = "#/authorizedAccountManage"
	pageVersion  = "#/authorizedAccountManage/miniProgramVersion"
	pageAccess   = "#/developTools/token"
	pageForward  = "#/forwardMessage"
	pageNotify   = "#/notification"
)

func wordsOf(language string) *words {
	if language == English {
		return english()
	}
	return chinese()
}

func chinese() *words {
	return &words{
		product: "【微管家】", mixed: "%d 条通知",
		account: "账号", target: "目标", at: "时间", since: "起始时间", why: "原因", do: "建议",
		colon: "：", open: "（", shut: "）", comma: "，",
		more: "另有 %d 个，请到控制台查看", missed: "另有 %d 条较早的通知多次发送失败，未能送达",
		bySync: "同步账号列表时发现", page: "打开控制台", platform: "第三方平台", test: "测试通知",
		testText: "收到这条消息，说明通知渠道「%s」配置正确。",
		of: map[EventKind]wording{
			AccountAuthorized: {good, "账号已授权", "%d 个账号已授权", "", pageAccounts},
			AccountUnauthorized: {
				worth, "账号取消授权", "%d 个账号取消授权", "该账号已停止代调用和推送；如非商户本意，请商户重新扫码授权。", pageAccounts,
			},
			AuditApproved: {good, "代码审核通过", "%d 个小程序代码审核通过", "可以发布上线了。", pageVersion},
			AuditRejected: {bad, "代码审核未通过", "%d 个小程序代码审核未通过", "请按原因修改后重新提交审核。", pageVersion},
			AuditDelayed:  {worth, "代码审核延后", "%d 个小程序代码审核延后", "微信需要更长时间审核，请耐心等待结果。", pageVersion},
			ReviewPassed:  {good, "审核通过（非代码审核）", "%d 项非代码审核通过", "不是代码审核的结果，例如隐私保护指引的审核；代码能否发布请看版本管理。", pageVersion},
			ReviewRefused: {
				bad, "审核未通过（非代码审核）", "%d 项非代码审核未通过", "不是代码审核的结果，例如隐私保护指引的审核；请按原因修改后重新提交。", pageVersion,
			},
			ReviewDelayed: {worth, "审核延后（非代码审核）", "%d 项非代码审核延后", "不是代码审核的结果，例如隐私保护指引的审核；请耐心等待。", pageVersion},
			TicketMissing: {
				bad, "超过 25 分钟未收到 ticket", "%d 次超过 25 分钟未收到 ticket",
				"请检查服务能否从公网访问，以及开放平台上的授权事件接收 URL、消息校验 Token 和加解密 Key；ticket 超过 12 小时失效后将无法调用微信接口。", pageHome,
			},
			TicketRecovered: {good, "ticket 推送已恢复", "%d 次 ticket 推送恢复", "", pageHome},
			TokenFailing: {
				bad, "接口凭证刷新失败", "%d 个接口凭证刷新失败", "请检查 AppSecret、IP 白名单和网络；若是个别账号的授权失效，请商户重新授权。", pageAccess,
			},
			TokenRecovered: {good, "接口凭证刷新已恢复", "%d 个接口凭证刷新已恢复", "", pageAccess},
			TargetFailing:  {bad, "转发目标持续失败", "%d 个转发目标持续失败", "消息已保留并会按计划重试，请检查目标程序。", pageForward},
			TargetPaused: {
				bad, "转发目标已自动暂停", "%d 个转发目标已自动暂停", "目标连续多日失败，已停止推送；修复后请在控制台恢复，期间的消息仍会保留。", pageForward,
			},
			TargetRecovered: {good, "转发目标已恢复", "%d 个转发目标已恢复", "", pageForward},
		},
	}
}

func english() *words {
	return &words{
		product: "【微管家】", mixed: "%d notifications",
		account: "Account", target: "Target", at: "Time", since: "Since", why: "Reason", do: "What to do",
		colon: ": ", open: " (", shut: ")", comma: ", ",
		more: "and %d more, see the dashboard", missed: "%d earlier notifications could not be delivered",
		bySync: "found when syncing the list of accounts", page: "Open the dashboard", platform: "Third-party platform",
		test: "Test notification", testText: "This message shows that the notification channel \"%s\" works.",
		of: map[EventKind]wording{
			AccountAuthorized: {good, "Account authorized", "%d accounts authorized", "", pageAccounts},
			AccountUnauthorized: {
				worth, "Account unauthorized", "%d accounts unauthorized",
				"Calls and pushes for this account have ended. If that was a mistake, have the merchant authorize again.", pageAccounts,
			},
			AuditApproved: {good, "Code audit passed", "Code audits of %d mini programs passed", "It can be released now.", pageVersion},
			AuditRejected: {
				bad, "Code audit failed", "Code audits of %d mini programs failed", "Mend what the reason names and submit again.", pageVersion,
			},
			AuditDelayed: {
				worth, "Code audit delayed", "Code audits of %d mini programs delayed", "WeChat needs more time; wait for the result.", pageVersion,
			},
			ReviewPassed: {
				good, "Review passed (not of code)", "Reviews of %d mini programs passed (not of code)",
				"This is not about code but, for example, the privacy statement. Whether code can be released stands with the versions.", pageVersion,
			},
			ReviewRefused: {
				bad, "Review failed (not of code)", "Reviews of %d mini programs failed (not of code)",
				"This is not about code but, for example, the privacy statement. Mend what the reason names and submit again.", pageVersion,
			},
			ReviewDelayed: {
				worth, "Review delayed (not of code)", "Reviews of %d mini programs delayed (not of code)",
				"This is not about code but, for example, the privacy statement; wait for the result.", pageVersion,
			},
			TicketMissing: {
				bad, "No ticket for more than 25 minutes", "No ticket for more than 25 minutes, %d times",
				"Check that the service can be reached from the internet, and the authorization event URL, token and" +
					" AES key on the open platform. Once the ticket is 12 hours old, WeChat's API cannot be called any more.", pageHome,
			},
			TicketRecovered: {good, "Tickets arrive again", "Tickets arrived again, %d times", "", pageHome},
			TokenFailing: {
				bad, "Access token cannot be renewed", "%d access tokens cannot be renewed",
				"Check the AppSecret, the IP allow-list and the network. If it is the authorization of one account that has" +
					" become invalid, have the merchant authorize again.", pageAccess,
			},
			TokenRecovered: {good, "Access token is renewed again", "%d access tokens are renewed again", "", pageAccess},
			TargetFailing: {
				bad, "Forwarding target keeps failing", "%d forwarding targets keep failing",
				"Messages are kept and tried again; check the target's program.", pageForward,
			},
			TargetPaused: {
				bad, "Forwarding target paused", "%d forwarding targets paused",
				"It has been failing for days and gets nothing now. Mend it, then resume it in the dashboard; messages are kept.", pageForward,
			},
			TargetRecovered: {good, "Forwarding target is well again", "%d forwarding targets are well again", "", pageForward},
		},
	}
}
