package wx

// The errcodes that code decides by.
const (
	CodeNotAuthorized     = 61003 // the account does not authorize this platform (seen transiently, too)
	CodeAuthCodeUsed      = 61009 // authorization code invalid, expired or used already
	CodeAuthCodeExpired   = 61010
	CodeRefreshToken      = 61023 // refresh token invalid
	CodePrivacyUnchecked  = 61039 // the check of the code's privacy interfaces has not ended
	CodeNoAudit           = 85058 // nothing was ever submitted for audit
	CodeNoReleasedVersion = 86001 // no version of this platform's was ever released
	codeIPNotListed       = 61004
	codeCredential        = 40001 // the token, or the AppSecret where there is no token
	codeSecret            = 40125
)

type errCode struct {
	action Action
	zh, en string
}

const (
	tokenZh = "access_token 无效或已过期，系统已自动重新获取；若反复出现，请检查是否有其他程序在刷新同一平台的令牌"
	tokenEn = "the access token is invalid or expired and was renewed automatically; if this keeps coming back, look for another program that refreshes the same platform's tokens"

	busyZh = "微信系统繁忙，请稍后重试"
	busyEn = "WeChat is busy, try again later"

	keyZh = "AppSecret 错误或缺失，请在微信开放平台核对第三方平台的 AppSecret 并重新填写"
	keyEn = "the AppSecret is wrong or missing: compare it with the one on the WeChat open platform and enter it again"

	codeZh = "授权码无效、已使用或已过期，请让商户重新打开授权链接"
	codeEn = "the authorization code is invalid, used or expired: let the merchant open the authorization page again"
)

// errCodes is what is known of WeChat's errcodes.
//
//nolint:gochecknoglobals // a table, never written to
var errCodes = map[int]errCode{
	-1:    {ActionRetry, busyZh, busyEn},
	-1000: {ActionRetry, busyZh, busyEn},

	codeCredential: {ActionHealToken, tokenZh, tokenEn},
	40014:          {ActionHealToken, tokenZh, tokenEn},
	41001:          {ActionHealToken, tokenZh, tokenEn},
	42001:          {ActionHealToken, tokenZh, tokenEn},

	40013:      {ActionConfig, "AppID 不正确，请检查第三方平台 AppID（WX_APPID）", "the appid is wrong: check the platform's appid (WX_APPID)"},
	codeSecret: {ActionConfig, keyZh, keyEn},
	41004:      {ActionConfig, keyZh, keyEn},
	41002:      {ActionConfig, "缺少 appid，请检查第三方平台 AppID（WX_APPID）", "the appid is missing: check the platform's appid (WX_APPID)"},
	45009:      {ActionStopQuota, "接口当日调用次数已用完，请明天再试，或点击“清空调用次数”（每月 10 次）", "the API's daily quota is used up: wait until tomorrow, or use the button “Reset the quota” (ten times a month)"},
	45011:      {ActionStopQuota, "调用过于频繁，请一分钟后重试", "called too often: try again in a minute"},
	47001:      {ActionFixRequest, "提交的数据格式不正确，请检查内容", "the data has the wrong format: check what was submitted"},
	48001:      {ActionPermission, "该账号没有此接口的权限，或未授予相应权限集，请在授权页勾选后重新授权", "the account may not use this API, or the permission set was not granted: authorize again with that set"},
	48006:      {ActionStopQuota, "本月清空调用次数的机会已用完，请下月再试", "this month's quota resets are used up: try again next month"},

	CodeNotAuthorized:   {ActionConfirmAccount, "该账号未授权给本平台，请同步账号列表确认；确已取消授权的，请商户重新授权", "the account does not authorize this platform: sync the account list to be sure, then let the merchant authorize again"},
	codeIPNotListed:     {ActionConfig, "服务器出口 IP 不在白名单，请在微信开放平台第三方平台的开发资料中，把它加入白名单 IP 地址列表。", "this server's IP is not on the platform's IP white list: add it in the platform's development settings on the WeChat open platform."},
	61005:               {ActionReloadTicket, "component_verify_ticket 已过期，请等待微信推送（每 10 分钟一次），或点击“启动 ticket 推送”", "the component_verify_ticket has expired: wait for the next push (every ten minutes), or use the button “Start the ticket push”"},
	61006:               {ActionReloadTicket, "component_verify_ticket 无效，请等待微信推送最新的 ticket，并确认 ticket 属于当前平台", "the component_verify_ticket is invalid: wait for the newest one and make sure that it belongs to this platform"},
	61007:               {ActionPermission, "账号未授予该接口所属的权限集，请在授权页勾选该权限集后重新授权", "the account has not granted the API's permission set: authorize again with that set"},
	CodeAuthCodeUsed:    {ActionRestartAuth, codeZh, codeEn},
	CodeAuthCodeExpired: {ActionRestartAuth, codeZh, codeEn},
	61011:               {ActionConfig, "该 AppID 不是第三方平台，请检查 WX_APPID", "the appid is not a third-party platform's: check WX_APPID"},
	CodeRefreshToken:    {ActionRecoverRefreshToken, "刷新令牌已失效且无法找回，请商户重新授权", "the refresh token is no longer valid and could not be recovered: let the merchant authorize again"},
	61024:               {ActionConfig, "该 AppID 是第三方平台，不能用公众号或小程序的方式获取令牌，请检查 WX_APPID 和 AppSecret", "the appid is a third-party platform's and cannot be used as an account's: check WX_APPID and the AppSecret"},

	CodePrivacyUnchecked: {ActionWait, "代码的隐私接口检查尚未完成，请一分钟后重试", "the check of the code's privacy interfaces has not ended: try again in a minute"},
	61040:                {ActionFixRequest, "代码中使用了未声明的隐私接口，请先配置用户隐私保护指引，或声明不使用这些接口", "the code uses privacy interfaces that are not declared: complete the privacy statement, or declare that they are not used"},

	85001: {ActionFixRequest, "微信号不存在，或该微信号设置为不可被搜索", "there is no such WeChat id, or it cannot be searched for"},
	85002: {ActionFixRequest, "该小程序的体验者数量已达上限", "the mini program has as many testers as it may have"},
	85003: {ActionFixRequest, "该微信号体验的小程序数量已达上限", "this WeChat id tests as many mini programs as it may"},
	85004: {ActionFixRequest, "该微信号已经是体验者", "this WeChat id is a tester already"},
	85006: {ActionFixRequest, "标签格式错误，请检查提审项的标签", "the tags have the wrong format: check the audit items"},
	85007: {ActionFixRequest, "页面路径错误，请从代码的页面列表中选择", "the page path is wrong: choose one of the code's pages"},
	85008: {ActionFixRequest, "类目填写错误或未添加，请在小程序后台添加类目后重选", "the category is wrong or was not added: add it in the mini program's back end and choose it again"},
	85009: {ActionWait, "已有版本正在审核，请等待结果或先撤回审核", "a version is being audited: wait for the result or withdraw it first"},
	85010: {ActionFixRequest, "提审项缺少必填信息，请补全页面、标签和类目", "an audit item lacks something required: complete page, tags and category"},
	85011: {ActionFixRequest, "提审项标题填写错误，请控制在 32 个字以内", "an audit item's title is wrong: at most 32 characters"},
	85012: {ActionFixRequest, "审核单 ID 无效，请刷新后重试", "the audit id is invalid: refresh and try again"},
	85013: {ActionFixRequest, "自定义配置 ext_json 无效，请检查 JSON 格式和字段", "ext_json is not valid: check its JSON and members"},
	85014: {ActionFixRequest, "模板 ID 不存在，请重新选择模板", "there is no such template: choose another"},
	85015: {ActionFixRequest, "版本号无效，或该模板不能用于此操作，请检查后重试", "the version or template cannot be used here: check it and try again"},
	85019: {ActionFixRequest, "没有审核通过的版本，请先提交审核", "there is no audited version: submit one for audit first"},
	85020: {ActionFixRequest, "当前审核状态不允许发布，请刷新后查看最新状态", "the audit's state does not allow the release: refresh and look at the state"},
	85023: {ActionFixRequest, "提审项数量须为 1 到 5 个", "there must be one to five audit items"},
	85043: {ActionFixRequest, "模板内容错误，请在开发者工具中检查后重新上传模板", "the template is faulty: check it in the developer tool and upload it again"},
	85044: {ActionFixRequest, "代码包超过大小限制，请精简或使用分包", "the code package is too large: shrink it or use sub-packages"},
	85045: {ActionFixRequest, "ext_json 中配置了不存在的页面路径", "ext_json names a page that does not exist"},
	85046: {ActionFixRequest, "ext_json 的 tabBar 缺少页面路径", "a page path is missing in ext_json's tabBar"},
	85047: {ActionFixRequest, "ext_json 的 pages 不能为空", "ext_json's pages must not be empty"},
	85048: {ActionFixRequest, "ext_json 解析失败，请检查 JSON 格式", "ext_json could not be read: check its JSON"},
	85051: {ActionFixRequest, "版本说明或预览素材超过限制，请缩短版本说明、减少预览图片和视频后重新提交", "the version's description or the preview media exceed the limits: shorten the one, reduce the other and submit again"},
	85064: {ActionFixRequest, "模板或草稿不存在，请刷新列表", "there is no such template or draft: refresh the list"},
	85065: {ActionFixRequest, "模板库已满，请先删除不用的模板", "the template library is full: delete templates that are not used"},
	85077: {ActionFixRequest, "小程序的类目已失效（含官方已下架的类目），请在小程序后台更换类目后重新选择并提交", "a category of the mini program has been withdrawn by WeChat: change it in the mini program's back end, choose it again and submit"},
	85085: {ActionStopQuota, "平台本月的提审额度已用完，请下月再试或申请提额", "the platform's audit quota for this month is used up: wait for the next month or apply for more"},
	85086: {ActionFixRequest, "提交审核之前须先上传代码", "commit code before you submit it for audit"},
	85087: {ActionFixRequest, "代码使用了 navigateToMiniProgram 跳转其他小程序，请在 ext_json 的 navigateToMiniProgramAppIdList 中声明目标 AppID，重新上传代码后再提交", "the code uses navigateToMiniProgram: declare the appids it leads to in ext_json's navigateToMiniProgramAppIdList, commit the code again and submit"},
	85092: {ActionFixRequest, "预览图片或视频无效，素材可能已过期（3 天），请重新上传", "the preview media are not valid, perhaps expired (three days): upload them again"},
	85093: {ActionFixRequest, "预览图片或视频的数量超过限制，请减少后重新提交", "there are too many preview pictures or videos: remove some and submit again"},
	86000: {ActionFixRequest, "此接口只能由第三方平台代小程序调用", "this API can only be called by a third-party platform for a mini program"},
	86002: {ActionFixRequest, "小程序尚未设置名称、头像或简介，请先在小程序后台补全", "the mini program has no name, avatar or introduction yet: complete it in its back end first"},
	86007: {ActionFixRequest, "该小程序被微信禁止提交审核，请商户登录小程序后台查看站内信中的违规通知，按要求整改或申诉后再提交", "WeChat does not let this mini program be submitted: let the merchant read the notices in the mini program's back end, mend or appeal, and submit then"},
	87006: {ActionFixRequest, "小游戏不能通过第三方平台提交审核，请商户在小程序后台自行提交", "mini games cannot be submitted by a third-party platform: let the merchant submit it in the mini program's back end"},
	87011: {ActionWait, "正在灰度发布，请先结束或取消灰度发布", "a gray release is under way: end or cancel it first"},
	87012: {ActionFixRequest, "该版本不能回退", "this version cannot be reverted"},
	87013: {ActionStopQuota, "撤回审核的次数已用完，请明天再试", "the withdrawals are used up: try again tomorrow"},
	87072: {ActionFixRequest, "隐私设置的内容格式错误，请检查存储期限等字段（例如“30天”）", "the privacy settings have the wrong format: check the storage period and other fields (such as 30天)"},
	89401: {ActionRetry, "系统不稳定，请稍后重试", "WeChat is unstable, try again later"},
	89402: {ActionFixRequest, "该小程序不在待审核队列，请检查是否已提交审核或已审完", "nothing of this mini program waits for audit: check whether it was submitted, or audited already"},
	89403: {ActionNone, "本单属于平台不支持加急的种类，请等待正常审核", "this kind of audit cannot be sped up: wait for the ordinary one"},
	89404: {ActionNone, "本单已加急成功，请勿重复提交", "the audit is sped up already"},
	89405: {ActionStopQuota, "本月加急额度已用完，请下月再试", "this month's quota of urgent audits is used up: try again next month"},
	91011: {ActionFixRequest, "没有这个改名审核单", "there is no such audit of a name"},
	91019: {ActionWait, "名称正在审核，请等待结果", "the name is being audited: wait for the result"},

	CodeNoAudit:           {ActionNone, "该小程序还没有提交过审核", "nothing has been submitted for audit yet"},
	CodeNoReleasedVersion: {ActionNone, "该小程序没有由本平台提交的代码", "there is no code of this platform's in the mini program"},
}
