package event

import (
	"slices"

	"wxcomponent/comm/payload"
)

// numbers are the fields that WeChat's documentation calls numbers or writes without CDATA, with the
// page that does so. Every other field is a text, whatever it looks like: a shop may be called 12306, and
// an id may have more digits than a number keeps.
//
//nolint:gochecknoglobals // a constant, if Go had them
var numbers = map[string]bool{
	"CreateTime":                   true, // of every push: 接收普通消息, 授权变更通知推送
	"AuthorizationCodeExpiredTime": true, // authorized, updateauthorized: 授权变更通知推送
	"status":                       true, // notify_third_fasteregister and its like: 注册小程序结果推送
	"SuccTime":                     true, // weapp_audit_success: 代码审核结果推送
	"FailTime":                     true, // weapp_audit_fail: 代码审核结果推送; naming_verify_fail: 认证事件推送
	"DelayTime":                    true, // weapp_audit_delay: 代码审核结果推送
	"ExpiredTime":                  true, // qualification_verify_success and its like: 认证事件推送
	"ret":                          true, // wxa_nickname_audit, wxa_category_audit: 名称审核结果推送
	"Scale":                        true, // location: 接收普通消息
}

// JSON writes a push as an object of JSON, always a valid one. lists are the paths of what is a list even
// with one entry.
func JSON(body string, lists []string) string {
	typing := payload.Typing{Number: func(path string) bool { return numbers[path] }}
	if len(lists) > 0 {
		typing.List = func(path string) bool { return slices.Contains(lists, path) }
	}
	return payload.Parse([]byte(body)).JSON(typing)
}
