package authorizer

import (
	"slices"
	"strconv"
	"strings"
)

// PermissionMiniProgramDev is the permission set that agency development needs: with it the
// platform may commit, submit and release an account's mini program.
const PermissionMiniProgramDev = 18

// Permission is one of WeChat's permission sets (funcscope_category), as a merchant grants it to
// the platform.
type Permission struct {
	ID          int
	Zh          string // the name in WeChat's own console
	En          string
	MiniProgram bool // belongs to mini programs, otherwise to official accounts
	Exclusive   bool // only one platform at a time may hold it
}

// PermissionByID returns the permission set with that number; false for one that WeChat added
// later, which is shown by its number.
func PermissionByID(id int) (Permission, bool) {
	all := Permissions()
	i, found := slices.BinarySearchFunc(all, id, func(p Permission, id int) int { return p.ID - id })
	if !found {
		return Permission{}, false
	}
	return all[i], true
}

// FormatPermissions joins numbers to the stored form "|1|18|", which a search for "|18|" finds
// exactly. An empty list gives "|", and nil, for what is not known, the empty string.
func FormatPermissions(ids []int) string {
	if ids == nil {
		return ""
	}
	var b strings.Builder
	b.WriteByte('|')
	for _, id := range ids {
		b.WriteString(strconv.Itoa(id))
		b.WriteByte('|')
	}
	return b.String()
}

// ParsePermissions reads the stored form; what is not a number is left out. The answer is never nil.
func ParsePermissions(stored string) []int {
	ids := []int{}
	for part := range strings.SplitSeq(stored, "|") {
		if id, err := strconv.Atoi(strings.TrimSpace(part)); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// Permissions returns every permission set known, by number.
func Permissions() []Permission {
	official := func(id int, zh, en string) Permission { return Permission{ID: id, Zh: zh, En: en} }
	mini := func(id int, zh, en string) Permission {
		return Permission{ID: id, Zh: zh, En: en, MiniProgram: true}
	}
	exclusive := func(p Permission) Permission {
		p.Exclusive = true
		return p
	}
	return []Permission{
		official(1, "消息管理", "Messages"),
		official(2, "用户管理", "Users"),
		official(3, "账号服务", "Account service"),
		exclusive(official(4, "网页服务", "Web pages")),
		official(5, "微信小店", "WeChat shop"),
		official(6, "多客服", "Customer service agents"),
		official(7, "群发与通知", "Mass messages and notices"),
		official(8, "微信卡券", "Cards and coupons"),
		official(9, "微信扫一扫", "Scan"),
		official(10, "微信连WIFI", "WeChat Wi-Fi"),
		official(11, "素材管理", "Materials"),
		official(12, "微信摇周边", "Shake nearby"),
		official(13, "微信门店", "Stores"),
		official(15, "自定义菜单", "Custom menu"),
		mini(17, "获取小程序码", "Mini program codes"),
		exclusive(mini(PermissionMiniProgramDev, "小程序开发与数据分析", "Mini program development and analytics")),
		mini(19, "小程序客服管理", "Mini program customer service"),
		official(22, "城市服务接口", "City services"),
		official(23, "广告管理", "Advertising"),
		exclusive(official(24, "开放平台账号管理", "Open platform account")),
		exclusive(mini(25, "小程序开放平台账号管理", "Mini program open platform account")),
		official(26, "微信电子发票", "Electronic invoices"),
		official(27, "快速注册小程序", "Fast mini program registration"),
		mini(30, "小程序基本信息管理", "Mini program basic information"),
		mini(31, "小程序认证名称检测", "Mini program name check"),
		official(33, "小程序关联管理", "Linked mini programs"),
		exclusive(official(34, "微信商品库", "Product library")),
		mini(37, "附近的小程序", "Nearby mini programs"),
		exclusive(mini(40, "小程序插件管理", "Mini program plug-ins")),
		exclusive(mini(41, "小程序好物圈", "Mini program recommendations")),
		official(44, "好物圈", "Recommendations"),
		exclusive(mini(45, "微信物流服务", "WeChat logistics")),
		official(46, "微信一物一码", "One code per item"),
		official(47, "微信财政电子票据", "Fiscal e-receipts"),
		mini(48, "小程序财政电子票据", "Mini program fiscal e-receipts"),
		exclusive(mini(49, "小程序云开发", "Cloud development")),
		exclusive(mini(51, "即时配送", "Instant delivery")),
		mini(52, "小程序直播", "Mini program live streaming"),
		exclusive(official(54, "服务号对话", "Service account conversations")),
		mini(65, "小程序广告管理", "Mini program advertising"),
		official(66, "服务市场", "Service market"),
		mini(67, "小程序服务市场", "Mini program service market"),
		mini(70, "标准版交易组件商品管理", "Standard trade component: products"),
		mini(71, "标准版交易组件订单物流售后", "Standard trade component: orders and after-sales"),
		exclusive(mini(73, "标准版交易组件接入", "Standard trade component: onboarding")),
		exclusive(mini(76, "小程序违规与交易投诉管理", "Violations and trade complaints")),
		exclusive(mini(81, "试用小程序快速认证", "Trial mini program verification")),
		mini(84, "标准版交易组件优惠券", "Standard trade component: coupons"),
		mini(85, "自定义版交易组件", "Custom trade component"),
		official(89, "服务号订阅通知", "Service account subscription notices"),
		official(113, "就医助手", "Medical assistant"),
	}
}
