package wxsim

import "time"

// sampleComponent returns what WeChat sends with an InfoType beyond the common fields.
func sampleComponent(infoType, appID string) Fields {
	status := Fields{{"appid", appID}, {"status", 0}, {"msg", "OK"}}
	company := Fields{
		{"name", "杭州青禾餐饮管理有限公司"},
		{"code", "91330100MA2XXXXX0X"},
		{"code_type", 1},
		{"legal_persona_wechat", "qinghe_boss"},
		{"legal_persona_name", "陈青"},
		{"component_phone", "13800000000"},
	}
	switch infoType {
	case "component_verify_ticket":
		return Fields{{"ComponentVerifyTicket", "ticket@@@" + randomText(64)}}
	case "authorized", "updateauthorized":
		return Fields{
			{"AuthorizerAppid", appID},
			{"AuthorizationCode", "queryauthcode@@@" + randomText(60)},
			{"AuthorizationCodeExpiredTime", 3600},
			{"PreAuthCode", "preauthcode@@@" + randomText(60)},
		}
	case "unauthorized":
		return Fields{{"AuthorizerAppid", appID}}
	case "notify_third_fasteregister":
		return append(status, Field{"auth_code", ""}, Field{"info", company})
	case "notify_third_fastregisterbetaapp":
		return append(status, Field{"info", Fields{{"unique_id", "beta-" + appID}, {"name", "试用小程序"}}})
	case "notify_third_fastverifybetaapp":
		return append(status, Field{"info", company})
	case "notify_icpfiling_verify_result":
		return Fields{{"task_id", "icp-task-1"}, {"verify_appid", appID}, {"result", 3}}
	case "notify_apply_icpfiling_result":
		return Fields{{"authorizer_appid", appID}, {"beian_status", 6}}
	case "notify_3rd_wxa_auth":
		return Fields{
			{"appid", appID},
			{"taskid", "verify-task-1"},
			{"task_status", 12},
			{"apply_status", 2},
			{"message", "已派单"},
			{"dispatch_info", Fields{{"provider", "审核机构"}, {"contact", "0755-00000000"}, {"dispatch_time", 1700000000}}},
		}
	case "notify_3rd_wxa_wxverify":
		return Fields{{"appid", appID}, {"expired", 1800000000}, {"message", "微信认证即将到期"}}
	}
	return nil
}

// sampleMessage returns the fields of a user's message.
func sampleMessage(msgType, content string, a *account) Fields {
	media := "media_" + a.AppID[2:10]
	picture := "https://mmbiz.qpic.cn/mmbiz_jpg/" + a.AppID + "/0"
	switch msgType {
	case "text":
		if content == "" {
			content = "你好，请问今天营业到几点？😊"
		}
		return Fields{{"Content", content}}
	case "image":
		return Fields{{"PicUrl", picture}, {"MediaId", media}}
	case "voice":
		return Fields{{"MediaId", media}, {"Format", "amr"}, {"Recognition", "明天上午十点两位"}}
	case "video", "shortvideo":
		return Fields{{"MediaId", media}, {"ThumbMediaId", media + "_thumb"}}
	case "location":
		return Fields{{"Location_X", 30.245853}, {"Location_Y", 120.209947}, {"Scale", 15}, {"Label", "杭州市上城区解放东路 18 号"}}
	case "link":
		return Fields{{"Title", "周末去哪儿"}, {"Description", "三条适合带孩子的路线 🚲"}, {"Url", "https://example.com/weekend"}}
	case "miniprogrampage":
		return Fields{
			{"Title", a.NickName},
			{"AppId", a.AppID},
			{"PagePath", "pages/order/detail?id=1024"},
			{"ThumbUrl", picture},
			{"ThumbMediaId", media + "_thumb"},
		}
	}
	return nil
}

// sampleEvent returns the fields of an event beyond its name.
func sampleEvent(event string, a *account, now time.Time) Fields {
	if f := sampleUserEvent(event, a); f != nil {
		return f
	}
	return sampleManagementEvent(event, a, now.Unix())
}

// sampleUserEvent covers what users cause.
func sampleUserEvent(event string, a *account) Fields {
	switch event {
	case "subscribe":
		return Fields{{"EventKey", ""}}
	case "unsubscribe":
		return Fields{{"EventKey", ""}}
	case "SCAN":
		return Fields{{"EventKey", "table-12"}, {"Ticket", "gQH_" + a.AppID}}
	case "LOCATION":
		return Fields{{"Latitude", 30.245853}, {"Longitude", 120.209947}, {"Precision", 65.0}}
	case "CLICK":
		return Fields{{"EventKey", "MENU_COUPON"}}
	case "VIEW":
		return Fields{{"EventKey", "https://example.com/menu"}}
	case "view_miniprogram":
		return Fields{{"EventKey", "pages/index/index"}, {"MenuId", "MENUID"}}
	case "scancode_push", "scancode_waitmsg":
		return Fields{{"EventKey", "MENU_SCAN"}, {"ScanCodeInfo", Fields{{"ScanType", "qrcode"}, {"ScanResult", "https://example.com/t/12"}}}}
	case "user_enter_tempsession":
		return Fields{{"SessionFrom", "pages/mine/mine"}}
	case "user_authorization_revoke":
		return Fields{{"OpenID", openID(a.AppID, 1)}, {"AppID", a.AppID}, {"RevokeInfo", "301"}}
	case "user_info_modified":
		return Fields{{"openid", openID(a.AppID, 1)}, {"appid", a.AppID}}
	case "TEMPLATESENDJOBFINISH":
		return Fields{{"MsgID", 200163836}, {"Status", "success"}}
	case "MASSSENDJOBFINISH":
		return Fields{{"MsgID", 1000001625}, {"Status", "send success"}, {"TotalCount", 1200}, {"FilterCount", 1180}, {"SentCount", 1175}, {"ErrorCount", 5}}
	}
	return nil
}

// sampleManagementEvent covers what WeChat's reviewers cause.
func sampleManagementEvent(event string, a *account, now int64) Fields {
	switch event {
	case "weapp_audit_success":
		return Fields{{"SuccTime", now}}
	case "weapp_audit_fail":
		return Fields{{"Reason", "1:页面无法打开:<br>(1):首页白屏<br>"}, {"FailTime", now}, {"ScreenShot", "shot-1|shot-2"}}
	case "weapp_audit_delay":
		return Fields{{"Reason", "为了更好的服务小程序，您的服务商正在进行提审系统的优化，可能会导致审核时效的增长"}, {"DelayTime", now}}
	case "wxa_nickname_audit":
		return Fields{{"ret", 3}, {"nickname", a.NickName}, {"reason", ""}}
	case "wxa_category_audit":
		return Fields{{"ret", 2}, {"first", 150}, {"second", 155}, {"reason", "资质不清晰"}}
	case "wxa_privacy_apply":
		return Fields{{"result_info", Fields{
			{"api_name", "wx.getLocation"},
			{"apply_time", now - 3600},
			{"audit_id", firstAuditID},
			{"audit_time", now},
			{"reason", "请补充使用场景"},
			{"status", 2},
		}}}
	case "wxa_appeal_record":
		return Fields{
			{"appeal_record_id", 12345678901},
			{"appid", a.AppID},
			{"appeal_time", now},
			{"appeal_count", 1},
			{"appeal_from", 0},
			{"appeal_status", 2},
			{"punish_description", "违规信息"},
			{"audit_reason", "材料不足"},
			{"material", []Fields{
				{
					{"illegal_material", Fields{{"content", "页面截图"}, {"content_url", "https://example.com/1.png"}}},
					{"appeal_material", Fields{{"reason", "已整改"}, {"proof_material_id", "proof-1"}}},
				},
				{
					{"illegal_material", Fields{{"content", "客服会话"}, {"content_url", "https://example.com/2.png"}}},
					{"appeal_material", Fields{{"reason", "已培训"}, {"proof_material_id", "proof-2"}}},
				},
			}},
		}
	case "betaapp_verify_event", "betaapp_verify_apply_event", "betaapp_authorization_apply_event":
		return Fields{{"ApplyAuthorizationInfoNoitfy", Fields{
			{"appid", a.AppID}, {"mp_appid", a.AppID}, {"status", 0}, {"msg", "OK"}, {"operation_time", now},
		}}}
	}
	return nil
}
