package wxsim

import (
	"fmt"
	"math/rand/v2"
)

// trade is a line of business: what its accounts are called and how WeChat files them.
type trade struct {
	noun     string // end of the account's name
	company  string // what the company does
	first    string // category names and numbers
	second   string
	firstID  int
	secondID int
	intro    string
}

func trades() []trade {
	return []trade{
		{"咖啡", "餐饮管理", "餐饮服务", "餐厅排队", 220, 221, "每天现磨，手机点单免排队"},
		{"书店", "文化传播", "教育", "在线教育", 8, 590, "好书不贵，附近门店当日送达"},
		{"民宿", "酒店管理", "旅游", "住宿服务", 11, 660, "住进山里，看云起云落"},
		{"鲜花", "园艺", "商家自营", "鲜花/园艺/工艺品", 304, 321, "鲜花两小时送到，附手写卡片"},
		{"烘焙", "食品", "商家自营", "食品饮料", 304, 307, "不加防腐剂的欧式面包"},
		{"健身", "体育发展", "体育", "体育培训", 674, 678, "24 小时营业，按次付费"},
		{"宠物", "宠物服务", "生活服务", "宠物（非医院类）", 150, 157, "洗护、寄养、上门喂养"},
		{"家政", "家政服务", "生活服务", "家政", 150, 155, "保洁阿姨实名认证，不满意重做"},
		{"口腔", "医疗科技", "医疗服务", "就医服务", 287, 615, "预约挂号与复诊提醒"},
		{"茶舍", "茶业", "商家自营", "食品饮料", 304, 307, "一叶一味，来自武夷山的岩茶"},
		{"亲子乐园", "文化发展", "生活服务", "百货/超市/便利店", 150, 158, "周末带孩子去哪里玩"},
		{"数码", "信息技术", "商家自营", "3C数码", 304, 310, "官方授权，坏了只换不修"},
	}
}

// names makes the same accounts from the same seed. Names repeat only with a branch number.
type names struct {
	rnd  *rand.Rand
	used map[string]int
}

func newNames(seed int64) names {
	// Not for secrets: the same seed has to make the same accounts.
	return names{rand.New(rand.NewPCG(uint64(seed), 0x5eed)), map[string]int{}} //nolint:gosec // see above
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (n names) trade() trade { return pick(n.rnd, trades()) }

// brand returns a city, a brand and the brand's name in this trade.
func (n names) brand(t trade) (city, brand, name string) {
	city = pick(n.rnd, []string{"杭州", "成都", "广州", "苏州", "厦门", "长沙", "青岛", "昆明", "西安", "南京"})
	brand = pick(n.rnd, []string{
		"青禾", "山屿", "木棉", "一间", "拾光", "小满", "云栖", "半夏", "南风", "鹿鸣", "知味", "初见",
		"四时", "归野", "松间", "海盐", "橘子", "星河", "白露", "晴川", "暖阳", "麦田", "蓝鲸", "榕树",
	})
	name = brand + t.noun
	n.used[name]++
	if k := n.used[name]; k > 1 {
		name = fmt.Sprintf("%s%d店", name, k)
	}
	return city, brand, name
}

func (n names) hex(length int) string {
	b := make([]byte, length)
	for i := range b {
		b[i] = "0123456789abcdef"[n.rnd.IntN(16)]
	}
	return string(b)
}

// permissionName returns WeChat's name of a permission set of these accounts.
func permissionName(id int) string {
	name, ok := map[int]string{
		1: "消息管理权限", 2: "用户管理权限", 3: "账号服务权限", 4: "网页服务权限", 6: "多客服权限", 7: "群发与通知权限",
		11: "素材管理权限", 15: "自定义菜单权限", 24: "开放平台账号管理权限", 27: "快速注册小程序权限",
		33: "小程序关联管理权限", 89: "服务号订阅通知权限",
		17: "获取小程序码权限", 18: "小程序开发与数据分析权限", 19: "小程序客服管理权限", 25: "开放平台账号管理权限",
		30: "小程序基本信息管理权限", 31: "小程序认证名称检测权限", 37: "附近的小程序权限", 40: "小程序插件管理权限",
		49: "小程序云开发管理权限", 52: "小程序直播管理权限", 65: "小程序广告管理权限", 76: "小程序违规与交易投诉管理权限",
	}[id]
	if !ok {
		return fmt.Sprintf("权限集 %d", id)
	}
	return name
}

func officialFuncs() []int { return []int{1, 2, 3, 4, 6, 7, 11, 15, 24, 27, 33, 89} }

func miniFuncs() []int { return []int{17, 18, 19, 25, 30, 31, 37, 40, 49, 52, 65, 76} }
