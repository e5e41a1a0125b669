package wx

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"wxcomponent/comm/errno"
)

// Action is what a program can do about a failed call.
type Action string

// The actions. All but the first four need a person.
const (
	ActionNone                Action = ""                      // nothing helps, or the code is not known
	ActionRetry               Action = "retry"                 // WeChat is busy: the same call may work soon
	ActionHealToken           Action = "heal-token"            // get a new token, once
	ActionReloadTicket        Action = "reload-ticket"         // use the newest component_verify_ticket
	ActionRecoverRefreshToken Action = "recover-refresh-token" // read the refresh token again
	ActionConfirmAccount      Action = "confirm-account"       // check with the list whether the account is still authorized
	ActionStopQuota           Action = "stop-quota"            // no more calls until the quota is there again
	ActionConfig              Action = "config"                // a setting is wrong
	ActionPermission          Action = "permission"            // a permission set is not granted
	ActionRestartAuth         Action = "restart-auth"          // the account has to be authorized again
	ActionFixRequest          Action = "fix-request"           // what was submitted has to be changed
	ActionWait                Action = "wait"                  // the state will change by itself
)

// Error is WeChat's refusal of a call.
type Error struct {
	Path string // the API's path
	Code int    // errcode
	Msg  string // errmsg as it came
	RID  string // WeChat's id of the call, from errmsg; may be empty
}

var (
	ridPattern   = regexp.MustCompile(`(?i)\brid:\s*([0-9A-Za-z_-]+)`)
	ipPattern    = regexp.MustCompile(`(?i)requestIP:\s*([0-9A-Fa-f.:]*[0-9A-Fa-f])`)
	tokenPattern = regexp.MustCompile(`(?i)((?:access_token|secret|ticket)=)[^&\s]*`)
)

func newError(path string, code int, msg string) *Error {
	e := &Error{Path: path, Code: code, Msg: msg}
	if m := ridPattern.FindStringSubmatch(msg); m != nil {
		e.RID = m[1]
	}
	return e
}

func (e *Error) Error() string {
	return fmt.Sprintf("WeChat %s: errcode %d: %s", e.Path, e.Code, e.Msg)
}

// Action is what a program can do about it.
func (e *Error) Action() Action { return e.known().action }

// known is what is known of the errcode. Where a token is got with the AppSecret, an invalid
// credential is the AppSecret.
func (e *Error) known() errCode {
	if e.Code == codeCredential && e.Path == componentTokenPath {
		return errCodes[codeSecret]
	}
	return errCodes[e.Code]
}

// Hint says in Chinese and English what a person can do about it; "" for a code that is not known.
func (e *Error) Hint() string {
	known := e.known()
	if known.zh == "" {
		return ""
	}
	zh, en := known.zh, known.en
	if e.Code == codeIPNotListed {
		if ip := e.RequestIP(); ip != "" {
			zh, en = zh+" IP："+ip, en+" IP: "+ip
		}
	}
	return zh + " / " + en
}

// RequestIP is the address that WeChat saw the call come from, where errmsg tells it.
func (e *Error) RequestIP() string {
	if m := ipPattern.FindStringSubmatch(e.Msg); m != nil {
		return m[1]
	}
	return ""
}

// Upstream implements errno.UpstreamError.
func (e *Error) Upstream() errno.Upstream {
	return errno.Upstream{ErrCode: e.Code, ErrMsg: e.Msg, RID: e.RID, Hint: e.Hint()}
}

// Unreachable says that no understandable answer came: no connection, a timeout, a gateway's page,
// half a body. WeChat may or may not have done what was asked.
type Unreachable struct {
	Path   string // the API's path
	Status int    // HTTP status, 0 when no answer came at all
	Cause  error
}

func (e *Unreachable) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("WeChat %s: %v", e.Path, e.Cause)
	}
	return fmt.Sprintf("WeChat %s: HTTP %d %s: %v", e.Path, e.Status, http.StatusText(e.Status), e.Cause)
}

// Unwrap gives the cause.
func (e *Unreachable) Unwrap() error { return e.Cause }

// Upstream implements errno.UpstreamError. There is no errcode: it stays 0.
func (e *Unreachable) Upstream() errno.Upstream {
	return errno.Upstream{
		ErrMsg: strings.TrimPrefix(e.Error(), "WeChat "),
		Hint: "微信服务器无法访问或返回了无法识别的内容，请检查本服务的网络、DNS 和出口代理后重试 / " +
			"WeChat could not be reached or its answer was not understandable: check this service's network, DNS and outgoing proxy, then try again",
	}
}

// CodeOf is the errcode of err, 0 when it is no *Error.
func CodeOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return 0
}

// ActionOf is the action of err, ActionNone when it is no *Error.
func ActionOf(err error) Action {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Action()
	}
	return ActionNone
}
