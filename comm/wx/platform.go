package wx

import (
	"context"
	"errors"
	"net/http"
	"time"

	"wxcomponent/comm/log"
)

// Grant is an access token and how long it lives.
type Grant struct {
	Token     string
	ExpiresIn time.Duration
}

const componentTokenPath = "/cgi-bin/component/api_component_token" //nolint:gosec // a path

// ComponentToken gets a component_access_token (api_component_token). The one before becomes
// invalid.
func (c *Client) ComponentToken(ctx context.Context, secret log.Secret, ticket string) (Grant, error) {
	appid, err := c.componentAppID()
	if err != nil {
		return Grant{}, err
	}
	e := endpoint{path: componentTokenPath, effect: once}
	req := map[string]string{
		"component_appid": appid, "component_appsecret": secret.Reveal(), "component_verify_ticket": ticket,
	}
	var res struct {
		Token     string `json:"component_access_token"`
		ExpiresIn Int    `json:"expires_in"`
	}
	if err := c.call(ctx, e, "", nil, req, &res); err != nil {
		return Grant{}, err
	}
	return grant(e, res.Token, res.ExpiresIn)
}

// StartPushTicket makes WeChat push component_verify_ticket again (api_start_push_ticket).
func (c *Client) StartPushTicket(ctx context.Context, secret log.Secret) error {
	appid, err := c.componentAppID()
	if err != nil {
		return err
	}
	e := endpoint{path: "/cgi-bin/component/api_start_push_ticket", effect: acts}
	req := map[string]string{"component_appid": appid, "component_secret": secret.Reveal()}
	return c.call(ctx, e, "", nil, req, nil)
}

// PreAuthCode opens one authorization page.
type PreAuthCode struct {
	Code      string
	ExpiresIn time.Duration
}

// CreatePreAuthCode makes a code for one visit to an authorization page (api_create_preauthcode).
func (c *Client) CreatePreAuthCode(ctx context.Context) (PreAuthCode, error) {
	appid, err := c.componentAppID()
	if err != nil {
		return PreAuthCode{}, err
	}
	e := endpoint{path: "/cgi-bin/component/api_create_preauthcode", as: component, effect: acts}
	var res struct {
		Code      string `json:"pre_auth_code"`
		ExpiresIn Int    `json:"expires_in"`
	}
	if err := c.call(ctx, e, "", nil, map[string]string{"component_appid": appid}, &res); err != nil {
		return PreAuthCode{}, err
	}
	if res.Code == "" {
		return PreAuthCode{}, e.lacks("pre_auth_code")
	}
	return PreAuthCode{Code: res.Code, ExpiresIn: seconds(res.ExpiresIn)}, nil
}

// ClearQuota gives the appid's API quotas back (clear_quota): the platform's for its own appid, else
// an authorized account's. Ten times a month.
func (c *Client) ClearQuota(ctx context.Context, appid string) error {
	e, holder := c.either(appid, endpoint{path: "/cgi-bin/clear_quota", effect: acts})
	return c.call(ctx, e, holder, nil, map[string]string{"appid": appid}, nil)
}

// ClearQuotaBySecret is ClearQuota for when no token can be got any more
// (clearComponentQuotaByAppSecret); appid "" is the platform itself.
func (c *Client) ClearQuotaBySecret(ctx context.Context, secret log.Secret, appid string) error {
	self, err := c.componentAppID()
	if err != nil {
		return err
	}
	e := endpoint{path: "/cgi-bin/component/clear_quota/v2", effect: acts}
	req := struct {
		Component string `json:"component_appid"`
		Secret    string `json:"appsecret"`
		AppID     string `json:"appid,omitempty"`
	}{self, secret.Reveal(), appid}
	return c.call(ctx, e, "", nil, req, nil)
}

// Quota is how often an API may be called today.
type Quota struct {
	DailyLimit Int `json:"daily_limit"`
	Used       Int `json:"used"`
	Remain     Int `json:"remain"`
}

// Quota reads the quota of one API path for the appid (openapi/quota/get); "" and the platform's
// appid are the platform.
func (c *Client) Quota(ctx context.Context, appid, cgiPath string) (Quota, error) {
	e, holder := c.either(appid, endpoint{path: "/cgi-bin/openapi/quota/get"})
	var res struct {
		Quota Quota `json:"quota"`
	}
	err := c.call(ctx, e, holder, nil, map[string]string{"cgi_path": cgiPath}, &res)
	return res.Quota, err
}

// CallTrace is what WeChat kept of a call that failed.
type CallTrace struct {
	InvokeTime   Int    `json:"invoke_time"` // seconds
	CostMS       Int    `json:"cost_in_ms"`
	RequestURL   string `json:"request_url"` // without its tokens
	RequestBody  string `json:"request_body"`
	ResponseBody string `json:"response_body"`
	ClientIP     string `json:"client_ip"`
}

// Trace looks up a call by the rid of its errmsg (openapi/rid/get). appid is the one that the call
// was made for; "" and the platform's appid are the platform. WeChat keeps a trace for seven days.
func (c *Client) Trace(ctx context.Context, appid, rid string) (CallTrace, error) {
	e, holder := c.either(appid, endpoint{path: "/cgi-bin/openapi/rid/get"})
	var res struct {
		Request CallTrace `json:"request"`
	}
	err := c.call(ctx, e, holder, nil, map[string]string{"rid": rid}, &res)
	res.Request.RequestURL = withoutTokens(res.Request.RequestURL)
	return res.Request, err
}

// CallbackIPs are the addresses that WeChat pushes from (getcallbackip).
func (c *Client) CallbackIPs(ctx context.Context) ([]string, error) {
	e := endpoint{method: http.MethodGet, path: "/cgi-bin/getcallbackip", as: component}
	var res struct {
		IPs []string `json:"ip_list"`
	}
	err := c.call(ctx, e, "", nil, nil, &res)
	return res.IPs, err
}

// either makes e a call of the platform or of an account, whichever appid is; holder is the appid to
// take the token for.
func (c *Client) either(appid string, e endpoint) (_ endpoint, holder string) {
	if appid == "" || appid == c.platform.AppID {
		e.as = component
		return e, ""
	}
	e.as = account
	return e, appid
}

// defaultLife is assumed of a token that comes without expires_in.
const defaultLife = 2 * time.Hour

func grant(e endpoint, token string, expiresIn Int) (Grant, error) {
	if token == "" {
		return Grant{}, e.lacks("access token")
	}
	g := Grant{Token: token, ExpiresIn: seconds(expiresIn)}
	if g.ExpiresIn <= 0 {
		g.ExpiresIn = defaultLife
	}
	return g, nil
}

func (e endpoint) lacks(what string) error {
	return &Unreachable{Path: e.path, Status: http.StatusOK, Cause: errors.New("the answer has no " + what)}
}

func seconds(n Int) time.Duration { return time.Duration(n) * time.Second }
