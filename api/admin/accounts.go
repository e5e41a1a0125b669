package admin

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"wxcomponent/api"
	"wxcomponent/comm/account/authorizer"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/db/model"
)

// AccountRows are the stored accounts.
type AccountRows interface {
	AuthorizerList(ctx context.Context, f model.AuthorizerFilter) (model.Page[model.Authorizer], error)
	AuthorizerGet(ctx context.Context, appid string) (model.Authorizer, error)
	AuthorizerDetailGet(ctx context.Context, appid string) (string, error)
	// AccountTagsOf returns the tags of the accounts, by appid.
	AccountTagsOf(ctx context.Context, appids []string) (map[string][]string, error)
	AccountTagCounts(ctx context.Context) ([]model.TagCount, error)
}

// Accounts keeps them in step with WeChat.
type Accounts interface {
	StartSync(ctx context.Context) (id int64, err error)
	Sync(ctx context.Context, id int64) (authorizer.SyncJob, error)
	SyncLatest(ctx context.Context) (authorizer.SyncJob, bool, error)
	CancelSync(ctx context.Context, id int64) error
	RefreshDetails(ctx context.Context, appid string) error
	SetState(ctx context.Context, appid, state string) error
	SetTags(ctx context.Context, appid string, tags []string) ([]string, error)
	Timeline(ctx context.Context, appid string) ([]authorizer.Entry, error)
}

// AccountDeps are what the account endpoints work with.
type AccountDeps struct {
	Rows     AccountRows
	Accounts Accounts
}

// AccountHandlers are the endpoints of authorized accounts.
type AccountHandlers struct{ AccountDeps }

// NewAccounts returns the endpoints.
func NewAccounts(d AccountDeps) *AccountHandlers { return &AccountHandlers{d} }

// Routes lists the endpoints, relative to /wxcomponent.
func (h *AccountHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/authorizer-list", "Authorized accounts", h.list),
		api.GET("/admin/authorizer-detail", "All that is known of an account", h.detail),
		api.GET("/admin/authorizer-refresh-token", "The account's refresh token in clear", h.refreshToken).Audited("authorizer.refresh-token"),
		api.POST("/admin/authorizer-refresh", "Fetch the account's details from WeChat now", h.refresh).Takes(api.CallTime),
		api.POST("/admin/authorizer-state", "Bind the account to the provider's own id of the merchant", h.setState).Audited("authorizer.state"),
		api.POST("/admin/authorizer-tags", "Sort the account by tags; data is what it has then", h.setTags).Audited("authorizer.tags"),
		api.GET("/admin/authorizer-tag-list", "All tags of accounts, and how many accounts have them", h.tagList),
		api.GET("/admin/permission-sets", "WeChat's permission sets by name", h.permissionSets),
		api.POST("/admin/pull-authorizer-list", "Start a full sync with WeChat's list", h.startSync).Audited("authorizer.sync"),
		api.GET("/admin/pull-authorizer-job", "How a sync stands; without id the newest", h.syncJob),
		api.POST("/admin/pull-authorizer-cancel", "Stop a sync", h.cancelSync).Audited("authorizer.sync-cancel"),
	}
}

// accountListReq is what the list takes. limit is at most 20, as in the template.
type accountListReq struct {
	Offset     int    `query:"offset" validate:"gte=0"`
	Limit      *int   `query:"limit" validate:"omitempty,gte=1,lte=20"`
	AppID      string `query:"appid"`
	Search     string `query:"search" validate:"max=64"` // part of appid, name or principal
	Tag        string `query:"tag" validate:"max=32"`
	AppType    *int   `query:"appType" validate:"omitempty,oneof=0 1"`
	Kind       string `query:"kind" validate:"omitempty,oneof=miniProgram official subscription service store channels talent supplier other"`
	Permission int    `query:"permission" validate:"gte=0"` // id of a granted permission set
	Status     string `query:"status" validate:"omitempty,oneof=authorized unauthorized all"`
	Sort       string `query:"sort" validate:"omitempty,oneof=time name"`
	Cursor     string `query:"cursor"`
}

const accountLimit = 10

type basicConfig struct {
	IsPhoneConfigured bool `json:"isPhoneConfigured"`
	IsEmailConfigured bool `json:"isEmailConfigured"`
}

type account struct {
	ID            int         `json:"id"`
	AppID         string      `json:"appid"`
	AppType       int         `json:"appType"` // 0 mini program, 1 any other kind
	Kind          string      `json:"kind"`    // miniProgram, subscription, service, store, channels, talent, supplier, other
	ServiceType   int         `json:"serviceType"`
	NickName      string      `json:"nickName"`
	UserName      string      `json:"userName"`
	HeadImg       string      `json:"headImg"`
	QRCodeURL     string      `json:"qrcodeUrl"`
	PrincipalName string      `json:"principalName"`
	RefreshToken  string      `json:"refreshToken"` // masked
	FuncInfo      string      `json:"funcInfo"`     // "|1|18"
	VerifyInfo    int         `json:"verifyInfo"`
	AuthTime      int64       `json:"authTime"`
	RegisterType  int         `json:"registerType"`
	AccountStatus int         `json:"accountStatus"`
	BasicConfig   basicConfig `json:"basicConfig"`
	Status        string      `json:"status"`     // authorized or unauthorized
	StatusTime    int64       `json:"statusTime"` // unix seconds of the last change of status
	DetailsTime   int64       `json:"detailsTime"`
	State         string      `json:"state"` // the provider's own id of the merchant
	Tags          []string    `json:"tags"`
}

type accountListRes struct {
	page
	Records []account `json:"records"`
}

func (h *AccountHandlers) list(ctx context.Context, req *accountListReq) (*accountListRes, error) {
	list, err := h.Rows.AuthorizerList(ctx, req.filter())
	if err != nil {
		return nil, err
	}
	appids := make([]string, len(list.Rows))
	for i, row := range list.Rows {
		appids[i] = row.AppID
	}
	tags, err := h.Rows.AccountTagsOf(ctx, appids)
	if err != nil {
		return nil, err
	}
	res := &accountListRes{page: pageOf(list), Records: make([]account, 0, len(list.Rows))}
	for _, row := range list.Rows {
		res.Records = append(res.Records, toAccount(row, tags[row.AppID]))
	}
	return res, nil
}

func (r *accountListReq) filter() model.AuthorizerFilter {
	f := model.AuthorizerFilter{
		AppID: r.AppID, Search: r.Search, Tag: r.Tag, AppType: r.AppType, Permission: r.Permission, HideTest: true,
		Cursor: r.Cursor, Offset: r.Offset, Limit: accountLimit,
	}
	if r.Limit != nil {
		f.Limit = *r.Limit
	}
	switch r.Kind {
	case "":
	case "official":
		f.Kinds = []model.AccountKind{model.KindSubscription, model.KindService}
	default:
		f.Kinds = []model.AccountKind{model.AccountKind(r.Kind)}
	}
	switch r.Status {
	case "unauthorized":
		f.Status = model.OnlyUnauthorized
	case "all":
		f.Status = model.AnyStatus
	}
	if r.Sort == "name" {
		f.Sort = model.ByName
	}
	return f
}

func toAccount(row model.Authorizer, tags []string) account {
	a := account{
		ID: row.ID, AppID: row.AppID, AppType: row.AppType, Kind: string(row.Kind), ServiceType: row.ServiceType, NickName: row.NickName,
		UserName: row.UserName, HeadImg: row.HeadImg, QRCodeURL: row.QRCodeURL, PrincipalName: row.PrincipalName,
		RefreshToken: mask(log.Secret(row.RefreshToken)), FuncInfo: strings.TrimSuffix(row.FuncInfo, "|"), VerifyInfo: row.VerifyInfo,
		AuthTime: toUnix(row.AuthTime), RegisterType: row.RegisterType, AccountStatus: row.AccountStatus,
		Status: "unauthorized", StatusTime: row.StatusMS / 1000, DetailsTime: row.DetailsMS / 1000, State: row.BindState,
		Tags: append([]string{}, tags...),
	}
	if row.Status == model.Authorized {
		a.Status = "authorized"
	}
	_ = json.Unmarshal([]byte(row.BasicConfig), &a.BasicConfig) // empty means that nothing is configured
	return a
}

type accountDetailRes struct {
	Account     account         `json:"account"`
	Permissions []permissionSet `json:"permissions"`
	Info        json.RawMessage `json:"info,omitempty"` // WeChat's whole authorizer_info
	Timeline    []timelineEntry `json:"timeline"`
}

type timelineEntry struct {
	ID     string            `json:"id"`
	Time   int64             `json:"time"`
	Kind   string            `json:"kind"`
	Detail authorizer.Detail `json:"detail"`
}

func (h *AccountHandlers) detail(ctx context.Context, req *api.ByAppID) (*accountDetailRes, error) {
	row, err := h.account(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	info, err := h.Rows.AuthorizerDetailGet(ctx, req.AppID)
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		return nil, err
	}
	entries, err := h.Accounts.Timeline(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	a, err := h.withTags(ctx, row)
	if err != nil {
		return nil, err
	}
	res := &accountDetailRes{Account: a, Permissions: []permissionSet{}, Timeline: make([]timelineEntry, 0, len(entries))}
	if json.Valid([]byte(info)) {
		res.Info = json.RawMessage(info)
	}
	for _, id := range authorizer.ParsePermissions(row.FuncInfo) {
		res.Permissions = append(res.Permissions, toPermissionSet(id))
	}
	for _, e := range entries {
		res.Timeline = append(res.Timeline, timelineEntry{formatID(e.ID), e.At.Unix(), e.Kind, e.Detail})
	}
	return res, nil
}

func (h *AccountHandlers) account(ctx context.Context, appid string) (model.Authorizer, error) {
	row, err := h.Rows.AuthorizerGet(ctx, appid)
	if errors.Is(err, model.ErrNotFound) {
		return row, errno.Param("appid", "this account is not known")
	}
	return row, err
}

func (h *AccountHandlers) withTags(ctx context.Context, row model.Authorizer) (account, error) {
	tags, err := h.Rows.AccountTagsOf(ctx, []string{row.AppID})
	return toAccount(row, tags[row.AppID]), err
}

type refreshTokenRes struct {
	RefreshToken string `json:"refreshToken"`
}

func (h *AccountHandlers) refreshToken(ctx context.Context, req *api.ByAppID) (*refreshTokenRes, error) {
	row, err := h.account(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	if row.Status != model.Authorized {
		return nil, errno.Param("appid", "this account is not authorized")
	}
	api.Touched(ctx, req.AppID)
	return &refreshTokenRes{row.RefreshToken}, nil
}

func (h *AccountHandlers) refresh(ctx context.Context, req *api.ByAppID) (*account, error) {
	if err := h.Accounts.RefreshDetails(ctx, req.AppID); err != nil {
		return nil, err
	}
	row, err := h.account(ctx, req.AppID)
	if err != nil {
		return nil, err
	}
	a, err := h.withTags(ctx, row)
	return &a, err
}

type stateReq struct {
	AppID string `query:"appid" validate:"required"`
	State string `json:"state" validate:"max=128"`
}

func (h *AccountHandlers) setState(ctx context.Context, req *stateReq) (*api.None, error) {
	api.Touched(ctx, req.AppID)
	return nil, h.Accounts.SetState(ctx, req.AppID, req.State)
}

type permissionSet struct {
	ID          int    `json:"id"`
	Zh          string `json:"zh"` // empty for a set that WeChat added later
	En          string `json:"en"`
	MiniProgram bool   `json:"miniProgram"`
	Exclusive   bool   `json:"exclusive"`
}

func toPermissionSet(id int) permissionSet {
	p, _ := authorizer.PermissionByID(id)
	return permissionSet{id, p.Zh, p.En, p.MiniProgram, p.Exclusive}
}

type permissionSetsRes struct {
	Sets []permissionSet `json:"sets"`
}

func (h *AccountHandlers) permissionSets(context.Context, *api.None) (*permissionSetsRes, error) {
	res := &permissionSetsRes{Sets: []permissionSet{}}
	for _, p := range authorizer.Permissions() {
		res.Sets = append(res.Sets, permissionSet(p))
	}
	return res, nil
}
