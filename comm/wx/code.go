package wx

import (
	"context"
	"net/http"
	"net/url"
)

// Commit is a version to upload to a mini program.
type Commit struct {
	TemplateID  int64  `json:"template_id"`
	ExtJSON     string `json:"ext_json"` // JSON inside a string
	UserVersion string `json:"user_version"`
	UserDesc    string `json:"user_desc"`
}

// Commit makes a template the mini program's trial version (wxa/commit). It takes up to a minute.
func (c *Client) Commit(ctx context.Context, appid string, commit Commit) error {
	e := endpoint{path: "/wxa/commit", as: account, effect: acts, timeout: commitTimeout}
	return c.call(ctx, e, appid, nil, commit, nil)
}

// PageList reads the pages of the committed code (get_page).
func (c *Client) PageList(ctx context.Context, appid string) ([]string, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/get_page", as: account}
	var res struct {
		List []string `json:"page_list"`
	}
	err := c.call(ctx, e, appid, nil, nil, &res)
	return res.List, err
}

// TrialQRCode is the image that opens the trial version (get_qrcode), at a page if path is set.
func (c *Client) TrialQRCode(ctx context.Context, appid, path string) ([]byte, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/get_qrcode", as: account, media: true}
	query := url.Values{}
	if path != "" {
		query.Set("path", path)
	}
	return c.image(ctx, e, appid, query, nil)
}

// CodeImage describes a mini program code. Only Scene is required.
type CodeImage struct {
	Scene      string `json:"scene"`
	Page       string `json:"page,omitempty"`
	CheckPath  *bool  `json:"check_path,omitempty"`
	EnvVersion string `json:"env_version,omitempty"` // release, trial or develop
	Width      int    `json:"width,omitempty"`
	IsHyaline  bool   `json:"is_hyaline,omitempty"`
}

// UnlimitedCode is the image of a mini program code (getwxacodeunlimit).
func (c *Client) UnlimitedCode(ctx context.Context, appid string, code CodeImage) ([]byte, error) {
	e := endpoint{path: "/wxa/getwxacodeunlimit", as: account, media: true}
	return c.image(ctx, e, appid, nil, code)
}

// AuditedCategory is a category that may be named at an audit.
type AuditedCategory struct {
	FirstClass  string `json:"first_class"`
	SecondClass string `json:"second_class"`
	ThirdClass  string `json:"third_class"`
	FirstID     Int    `json:"first_id"`
	SecondID    Int    `json:"second_id"`
	ThirdID     Int    `json:"third_id"`
}

// CategoryList reads the categories that may be named at an audit (get_category).
func (c *Client) CategoryList(ctx context.Context, appid string) ([]AuditedCategory, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/get_category", as: account}
	var res struct {
		List []AuditedCategory `json:"category_list"`
	}
	err := c.call(ctx, e, appid, nil, nil, &res)
	return res.List, err
}

// PrivacyInfo are privacy interfaces that the committed code uses and may not.
type PrivacyInfo struct {
	WithoutAuth []string `json:"without_auth_list"` // not granted
	WithoutConf []string `json:"without_conf_list"` // not in the privacy statement
}

// CodePrivacyInfo reads the check of the committed code (get_code_privacy_info). While the check
// runs it fails with CodePrivacyUnchecked.
func (c *Client) CodePrivacyInfo(ctx context.Context, appid string) (PrivacyInfo, error) {
	e := endpoint{method: http.MethodGet, path: "/wxa/security/get_code_privacy_info", as: account}
	var res PrivacyInfo
	err := c.call(ctx, e, appid, nil, nil, &res)
	return res, err
}

// VersionInfo are the versions that a mini program has; each is nil when there is none.
type VersionInfo struct {
	Trial *struct {
		Time    Int    `json:"exp_time"` // seconds
		Version string `json:"exp_version"`
		Desc    string `json:"exp_desc"`
	} `json:"exp_info"`
	Release *struct {
		Time    Int    `json:"release_time"` // seconds
		Version string `json:"release_version"`
		Desc    string `json:"release_desc"`
	} `json:"release_info"`
}

// VersionInfo reads the trial and the released version (getversioninfo).
func (c *Client) VersionInfo(ctx context.Context, appid string) (VersionInfo, error) {
	e := endpoint{path: "/wxa/getversioninfo", as: account}
	var res VersionInfo
	err := c.call(ctx, e, appid, nil, nil, &res)
	return res, err
}
