package wxsim

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

func queryAuth(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		AppID string `json:"component_appid"`
		Code  string `json:"authorization_code"`
	}](r)
	if err != nil {
		return nil, err
	}
	if err := s.checkComponent(req.AppID); err != nil {
		return nil, err
	}
	code := s.tokens.authCodes[req.Code]
	switch {
	case code == nil || code.used:
		return nil, fail(61009, "code is invalid")
	case !r.now.Before(code.expires):
		return nil, fail(61010, "code is expired")
	case !s.accounts.authorized(code.appID):
		return nil, fail(61003, "component is not authorized by this account")
	}
	code.used = true
	a := s.accounts.byID[code.appID]
	a.Exchanged = true
	info := obj{"authorizer_appid": a.AppID, "func_info": funcInfo(a, a.Kind == MiniProgram)}
	if len(a.Funcs) > 0 { // an account without API rights gets no tokens
		ttl := s.settings.AuthorizerTokenTTL
		info["authorizer_access_token"] = s.issueAccountToken(a, r.now)
		info["expires_in"] = ttl.seconds()
		info["authorizer_refresh_token"] = a.RefreshToken
	}
	return obj{"authorization_info": info}, nil
}

func (s *Sim) issueAccountToken(a *account, now time.Time) string {
	set := s.settings
	return s.tokens.issue(tokenAuthorizer, a.AppID, now, set.AuthorizerTokenTTL.std(), set.TokenOverlap.std())
}

func authorizerToken(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		AppID        string `json:"component_appid"`
		Account      string `json:"authorizer_appid"`
		RefreshToken string `json:"authorizer_refresh_token"`
	}](r)
	if err != nil {
		return nil, err
	}
	a, err := s.authorizedAccount(req.AppID, req.Account)
	if err != nil {
		return nil, err
	}
	if req.RefreshToken == "" || req.RefreshToken != a.RefreshToken {
		return nil, fail(61023, "refresh_token is invalid")
	}
	if s.settings.RotateRefreshToken {
		a.RefreshToken = newRefreshToken()
	}
	return obj{
		"authorizer_access_token":  s.issueAccountToken(a, r.now),
		"expires_in":               s.settings.AuthorizerTokenTTL.seconds(),
		"authorizer_refresh_token": a.RefreshToken,
	}, nil
}

// authorizedAccount checks the two appids that most component APIs take.
func (s *Sim) authorizedAccount(component, appID string) (*account, error) {
	if err := s.checkComponent(component); err != nil {
		return nil, err
	}
	if appID == "" {
		return nil, fail(41002, "appid missing")
	}
	if !s.accounts.authorized(appID) {
		return nil, fail(61003, "component is not authorized by this account")
	}
	return s.accounts.byID[appID], nil
}

func authorizerInfo(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		AppID   string `json:"component_appid"`
		Account string `json:"authorizer_appid"`
	}](r)
	if err != nil {
		return nil, err
	}
	a, err := s.authorizedAccount(req.AppID, req.Account)
	if err != nil {
		return nil, err
	}
	auth := obj{"authorizer_appid": a.AppID, "func_info": funcInfo(a, a.Kind == MiniProgram)}
	if a.Exchanged {
		auth["authorizer_refresh_token"] = a.RefreshToken
	}
	return obj{"authorizer_info": a.info(r.base), "authorization_info": auth}, nil
}

// info is authorizer_info: an official account's has no MiniProgramInfo.
func (a *account) info(base string) obj {
	info := obj{
		"nick_name": a.NickName, "head_img": base + "/_img/head/" + a.AppID + ".svg",
		"user_name": a.UserName, "principal_name": a.PrincipalName,
		"qrcode_url":        base + "/_img/qrcode/" + a.AppID + ".png",
		"service_type_info": obj{"id": a.ServiceType}, "verify_type_info": obj{"id": a.VerifyType},
		"business_info":  obj{"open_store": 0, "open_scan": 0, "open_pay": 1, "open_card": 0, "open_shake": 0},
		"account_status": a.AccountStatus, "alias": a.Alias, "idc": 1,
	}
	if a.weapp == nil {
		return info
	}
	info["signature"], info["register_type"] = a.Signature, a.RegisterType
	info["basic_config"] = obj{"is_phone_configured": true, "is_email_configured": a.VerifyType == 0}
	host := "https://api." + strings.TrimPrefix(a.UserName, "gh_") + ".example.com"
	info["MiniProgramInfo"] = obj{
		"network": obj{
			"RequestDomain": []string{host}, "WsRequestDomain": []string{strings.Replace(host, "https", "wss", 1)},
			"UploadDomain": []string{host}, "DownloadDomain": []string{host}, "BizDomain": []string{},
			"UDPDomain": []string{}, "TCPDomain": []string{}, "PrefetchDNSDomain": []string{},
			"NewRequestDomain": []string{},
		},
		"categories":   []obj{{"first": a.trade.first, "second": a.trade.second}},
		"visit_status": a.weapp.visitStatus(),
	}
	return info
}

// funcInfo lists the permission sets; mini programs' come with the state of their confirmation.
func funcInfo(a *account, confirm bool) []obj {
	list := make([]obj, 0, len(a.Funcs))
	for _, id := range a.Funcs {
		entry := obj{"funcscope_category": obj{"id": id}}
		if confirm {
			entry["confirm_info"] = obj{"need_confirm": 0, "already_confirm": 0, "can_confirm": 0}
		}
		list = append(list, entry)
	}
	return list
}

func authorizerList(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		AppID  string `json:"component_appid"`
		Offset int    `json:"offset"`
		Count  int    `json:"count"`
	}](r)
	if err != nil {
		return nil, err
	}
	if err := s.checkComponent(req.AppID); err != nil {
		return nil, err
	}
	if req.Offset < 0 || req.Count < 1 || req.Count > 500 {
		return nil, fail(40097, "invalid args")
	}
	total, list := 0, []obj{}
	for _, a := range s.accounts.order {
		if !a.Authorized {
			continue
		}
		if total >= req.Offset && len(list) < req.Count {
			list = append(list, listEntry(a))
		}
		total++
	}
	return obj{"total_count": total, "list": list}, nil
}

// listEntry leaves the refresh token empty as long as the authorization code was not exchanged.
func listEntry(a *account) obj {
	token := ""
	if a.Exchanged {
		token = a.RefreshToken
	}
	return obj{"authorizer_appid": a.AppID, "refresh_token": token, "auth_time": a.AuthTime.Unix()}
}

type optionRequest struct {
	AppID   string `json:"component_appid"`
	Account string `json:"authorizer_appid"`
	Name    string `json:"option_name"`
	Value   string `json:"option_value"`
}

// optionAccount is the token's account or, with the platform's token as in older callers, the one
// that the body names.
func (s *Sim) optionAccount(r *request) (*account, optionRequest, error) {
	req, err := decode[optionRequest](r)
	if err != nil || r.account != nil {
		return r.account, req, err
	}
	a, err := s.authorizedAccount(req.AppID, req.Account)
	return a, req, err
}

func getOption(s *Sim, r *request) (any, error) {
	a, req, err := s.optionAccount(r)
	if err != nil {
		return nil, err
	}
	value, ok := a.options[req.Name]
	if !ok {
		return nil, fail(61012, "invalid option name")
	}
	return answer(obj{"authorizer_appid": a.AppID, "option_name": req.Name, "option_value": value})
}

func setOption(s *Sim, r *request) (any, error) {
	a, req, err := s.optionAccount(r)
	if err != nil {
		return nil, err
	}
	if err := a.setOption(req.Name, req.Value); err != nil {
		return nil, err
	}
	return done()
}

func accountBasicInfo(_ *Sim, r *request) (any, error) {
	a := r.account
	kind := 2
	if a.Kind == MiniProgram {
		kind = 3
	}
	return answer(obj{
		"appid": a.AppID, "account_type": kind, "principal_type": 1, "principal_name": a.PrincipalName,
		"realname_status": 1, "nickname": a.NickName, "registered_country": 1017, "credential": "", "customer_type": 1,
		"wx_verify_info":  obj{"qualification_verify": a.VerifyType == 0, "naming_verify": a.VerifyType == 0, "annual_review": false},
		"signature_info":  obj{"signature": a.Signature, "modify_used_count": 0, "modify_quota": 5},
		"head_image_info": obj{"head_image_url": r.base + "/_img/head/" + a.AppID + ".svg", "modify_used_count": 0, "modify_quota": 5},
		"nickname_info":   obj{"nickname": a.NickName, "modify_used_count": 0, "modify_quota": 2},
	})
}

// customSend records a customer-service message to a user.
func customSend(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		ToUser  string `json:"touser"`
		MsgType string `json:"msgtype"`
		Text    struct {
			Content string `json:"content"`
		} `json:"text"`
	}](r)
	if err != nil {
		return nil, err
	}
	switch {
	case req.ToUser == "":
		return nil, fail(40003, "invalid openid")
	case req.MsgType == "":
		return nil, fail(40008, "invalid message type")
	case req.MsgType == "text" && req.Text.Content == "":
		return nil, fail(44004, "empty content")
	}
	s.records.addMessage(CustomMessage{
		AppID: r.account.AppID, OpenID: req.ToUser, MsgType: req.MsgType, Content: req.Text.Content,
		Body: string(r.body), At: r.now,
	})
	return done()
}

// withCode adds auth_code and expires_in to the query of a redirect address, and leaves the rest
// of it, query and hash included, as it is.
func withCode(redirect string, code string, expiresIn int64) (string, error) {
	u, err := url.Parse(redirect)
	if err != nil {
		return "", err
	}
	q := "auth_code=" + url.QueryEscape(code) + "&expires_in=" + strconv.FormatInt(expiresIn, 10)
	if u.RawQuery != "" {
		q = u.RawQuery + "&" + q
	}
	u.RawQuery = q
	return u.String(), nil
}
