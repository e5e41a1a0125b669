// Package authlink makes the links by which merchants authorize the platform, and follows each
// visit to one until the account is bound to the provider's own tenant.
package authlink

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Store keeps links and visits. What does not exist is an error that Missing tells.
type Store interface {
	AuthLinkCreate(ctx context.Context, l model.AuthLink) error
	AuthLinkGet(ctx context.Context, id string) (model.AuthLink, error)
	AuthLinkList(ctx context.Context, limit int) ([]model.AuthLink, error)
	AuthLinkDelete(ctx context.Context, id string) error
	AuthVisitCreate(ctx context.Context, v model.AuthVisit) error
	AuthVisitGet(ctx context.Context, id string) (model.AuthVisit, error)
}

// PreAuth gets a pre-auth code from WeChat and says how long it is good for.
type PreAuth interface {
	PreAuthCode(ctx context.Context) (code string, valid time.Duration, err error)
}

// Accounts exchanges authorization codes and knows the accounts that came of them.
type Accounts interface {
	// Exchange turns a code into an authorized account, or finds the account that the code's event
	// has made already.
	Exchange(ctx context.Context, code string) (appid string, err error)
	// Bind notes the merchant's state at an account and tells its name.
	Bind(ctx context.Context, appid, state string) error
	Brief(ctx context.Context, appid string) (Account, error)
}

// Account is what a merchant is shown of the account that was authorized.
type Account struct {
	AppID    string `json:"appid"`
	NickName string `json:"nickName"`
	HeadImg  string `json:"headImg"`
}

// Deps are what a Service works with.
type Deps struct {
	Store     Store
	PreAuth   PreAuth
	Accounts  Accounts
	AppID     string                                                  // of the component
	PCBase    string                                                  // where the page to scan is
	H5Base    string                                                  // where the page for phones is
	Redirects func(ctx context.Context) (allowed []string, err error) // addresses that a visit may end below
	General   func(ctx context.Context) (address string, err error)   // where visits without a link go on to; may be empty
	Now       func() time.Time
}

// Service makes links and follows visits.
type Service struct{ Deps }

// New returns a Service.
func New(d Deps) *Service { return &Service{d} }

// Page is the kind of WeChat's authorization page.
type Page string

// The two pages.
const (
	PC Page = "pc" // the merchant scans a QR code with WeChat
	H5 Page = "h5" // the merchant opens the page inside WeChat
)

// DefaultAuthType lets the merchant choose from every type of account, as the template did.
const DefaultAuthType = 6

// Options choose what a merchant is asked to authorize.
type Options struct {
	AuthType    int    // 1 official accounts, 2 mini programs, 3 both, up to 6; 0 is DefaultAuthType
	BizAppID    string // only this account
	CategoryIDs []int  // permission sets; none means all that the platform has released
}

// Visit is a merchant's way to WeChat's page.
type Visit struct {
	ID        string // comes back with the merchant
	URL       string // WeChat's page
	ExpiresIn int    // seconds
}

// Start asks WeChat for a pre-auth code and makes the address of its page. origin is where the
// merchant's browser is, as scheme://host; link may be empty.
func (s *Service) Start(ctx context.Context, page Page, o Options, link, origin string) (Visit, error) {
	var state, redirect string
	if link != "" {
		l, err := s.link(ctx, link)
		if err != nil {
			return Visit{}, err
		}
		o = Options{AuthType: l.AuthType, BizAppID: l.BizAppID, CategoryIDs: splitIDs(l.CategoryIDs)}
		state, redirect = l.State, l.RedirectURL
	}
	code, valid, err := s.PreAuth.PreAuthCode(ctx)
	if err != nil {
		return Visit{}, err
	}
	now := s.Now()
	v := model.AuthVisit{
		ID: randomID(), LinkID: link, PreAuthHash: hash(code), State: state, RedirectURL: redirect,
		CreateMS: now.UnixMilli(), ExpireMS: now.Add(valid).UnixMilli(),
	}
	if err := s.Store.AuthVisitCreate(ctx, v); err != nil {
		return Visit{}, fmt.Errorf("store the visit: %w", err)
	}
	back := origin + "/?visit=" + v.ID + "#/redirectPage"
	return Visit{ID: v.ID, URL: s.address(page, o, code, back), ExpiresIn: int(valid.Seconds())}, nil
}

func (s *Service) address(page Page, o Options, code, back string) string {
	if o.AuthType == 0 {
		o.AuthType = DefaultAuthType
	}
	q := url.Values{
		"component_appid": {s.AppID}, "pre_auth_code": {code},
		"redirect_uri": {back}, "auth_type": {strconv.Itoa(o.AuthType)},
	}
	if o.BizAppID != "" {
		q.Set("biz_appid", o.BizAppID)
	}
	if len(o.CategoryIDs) > 0 {
		q.Set("category_id_list", joinIDs(o.CategoryIDs))
	}
	if page == H5 {
		q.Set("action", "bindcomponent")
		q.Set("no_scan", "1")
		return s.H5Base + "/wxaopen/safe/bindcomponent?" + q.Encode() + "#wechat_redirect"
	}
	return s.PCBase + "/cgi-bin/componentloginpage?" + q.Encode()
}

// Result is how a visit ended.
type Result struct {
	Account     Account
	RedirectURL string // where the merchant goes next; may be empty
}

// Return is what WeChat adds to the address that a merchant comes back to.
type Return struct {
	AuthCode  string
	ExpiresIn int64 // seconds that the code is good for; 0 where it did not say
}

// Land takes the code that a merchant came back with. The visit proves that the code belongs to a
// way that was begun here, so strangers cannot make us try codes.
func (s *Service) Land(ctx context.Context, visit string, back Return) (Result, error) {
	v, err := s.visit(ctx, visit)
	if err != nil {
		return Result{}, err
	}
	if s.Now().UnixMilli() > v.ExpireMS+landingGrace.Milliseconds() {
		return Result{}, errno.New(errno.BadState, "the visit has expired")
	}
	appid, err := s.Accounts.Exchange(ctx, back.AuthCode)
	if err != nil {
		return Result{}, err
	}
	if v.State != "" {
		if err := s.Accounts.Bind(ctx, appid, v.State); err != nil {
			return Result{}, fmt.Errorf("bind the account: %w", err)
		}
	}
	account, err := s.Accounts.Brief(ctx, appid)
	if err != nil {
		return Result{}, fmt.Errorf("look up the account: %w", err)
	}
	next, err := s.next(ctx, v, appid, back)
	if err != nil {
		return Result{}, err
	}
	return Result{Account: account, RedirectURL: next}, nil
}

// landingGrace is how long after its pre-auth code a merchant may still come back: the code that
// WeChat gives at the end has a validity of its own.
const landingGrace = time.Hour

// next is where the merchant of a visit goes on to.
func (s *Service) next(ctx context.Context, v model.AuthVisit, appid string, back Return) (string, error) {
	if v.LinkID == "" {
		return s.general(ctx, back)
	}
	if v.RedirectURL == "" {
		return "", nil
	}
	if err := s.CheckRedirect(ctx, v.RedirectURL); err != nil {
		return "", nil //nolint:nilerr // taken off the list since: the merchant stays on our own page
	}
	u, err := url.Parse(v.RedirectURL)
	if err != nil {
		return "", fmt.Errorf("parse the redirect address: %w", err)
	}
	q := u.Query()
	q.Set("appid", appid)
	if v.State != "" {
		q.Set("state", v.State)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// general is the address of visits without a link, as WeChat itself would call it were it the
// redirect_uri: what reads it may have done so before there was a page of ours between.
func (s *Service) general(ctx context.Context, back Return) (string, error) {
	target, err := s.General(ctx)
	if err != nil {
		return "", fmt.Errorf("read where general links lead to: %w", err)
	}
	nowhere := target == "" || checkAddress(target) != nil // taken over from before addresses were checked
	if nowhere {
		return "", nil
	}
	more := "auth_code=" + url.QueryEscape(back.AuthCode)
	if back.ExpiresIn > 0 {
		more += "&expires_in=" + strconv.FormatInt(back.ExpiresIn, 10)
	}
	return addQuery(target, more), nil
}

// addQuery adds to the query of an address, and leaves the rest of it as it is written.
func addQuery(address, more string) string {
	address, fragment, hasFragment := strings.Cut(address, "#")
	switch {
	case !strings.Contains(address, "?"):
		address += "?"
	case !strings.HasSuffix(address, "?") && !strings.HasSuffix(address, "&"):
		address += "&"
	}
	if hasFragment {
		more += "#" + fragment
	}
	return address + more
}

// checkAddress tells whether an address is one that a browser may be sent to.
func checkAddress(target string) error {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return errno.Param("redirectUrl", "must be a full http or https address")
	}
	return nil
}

// CheckRedirect tells whether merchants may be sent to an address: it has to lie below one of the
// allowed ones.
func (s *Service) CheckRedirect(ctx context.Context, target string) error {
	if err := checkAddress(target); err != nil {
		return err
	}
	u, err := url.Parse(target)
	if err != nil {
		return fmt.Errorf("parse the redirect address: %w", err)
	}
	allowed, err := s.Redirects(ctx)
	if err != nil {
		return fmt.Errorf("read the allowed redirect addresses: %w", err)
	}
	if slices.ContainsFunc(allowed, func(a string) bool { return below(u, a) }) {
		return nil
	}
	return errno.Param("redirectUrl", "is not below an allowed redirect address")
}

// below tells whether u has the scheme and host of base and a path that begins with base's.
func below(u *url.URL, base string) bool {
	b, err := url.Parse(base)
	if err != nil || b.Host == "" {
		return false
	}
	root := strings.TrimSuffix(b.Path, "/")
	path := u.Path
	return b.Scheme == u.Scheme && strings.EqualFold(b.Host, u.Host) &&
		!strings.Contains(path, "..") && (path == root || strings.HasPrefix(path, root+"/"))
}

func (s *Service) link(ctx context.Context, id string) (model.AuthLink, error) {
	l, err := s.Store.AuthLinkGet(ctx, id)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return l, errno.Param("link", "does not exist")
	case err != nil:
		return l, fmt.Errorf("look up the link: %w", err)
	case l.ExpireMS != 0 && s.Now().UnixMilli() > l.ExpireMS:
		return l, errno.New(errno.BadState, "the link has expired")
	}
	return l, nil
}

func (s *Service) visit(ctx context.Context, id string) (model.AuthVisit, error) {
	v, err := s.Store.AuthVisitGet(ctx, id)
	if errors.Is(err, model.ErrNotFound) {
		return v, errno.Param("visit", "does not exist")
	}
	if err != nil {
		return v, fmt.Errorf("look up the visit: %w", err)
	}
	return v, nil
}

// StateOf returns the merchant's state of the link that a pre-auth code was made for, "" when there
// is none. Authorization events name that code, so an account is bound even when the merchant
// closes the browser before coming back.
func (s *Service) StateOf(ctx context.Context, preAuthCode string) (string, error) {
	v, err := s.Store.AuthVisitGet(ctx, hash(preAuthCode))
	if errors.Is(err, model.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look up the visit: %w", err)
	}
	return v.State, nil
}

func randomID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func hash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

func joinIDs(ids []int) string {
	text := make([]string, len(ids))
	for i, id := range ids {
		text[i] = strconv.Itoa(id)
	}
	return strings.Join(text, "|")
}

func splitIDs(text string) []int {
	var ids []int
	for part := range strings.SplitSeq(text, "|") {
		if id, err := strconv.Atoi(part); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
