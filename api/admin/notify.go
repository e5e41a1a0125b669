package admin

import (
	"context"
	"strconv"
	"time"

	"wxcomponent/api"
	"wxcomponent/comm/console/notify"
	"wxcomponent/comm/log"
	"wxcomponent/db/model"
)

// Notifier keeps the channels of notifications.
type Notifier interface {
	Channels(ctx context.Context) ([]notify.Channel, error)
	AddChannel(ctx context.Context, d notify.Draft) (int64, log.Secret, error)
	SetChannel(ctx context.Context, d notify.Draft) error
	DeleteChannel(ctx context.Context, id int64) error
	Test(ctx context.Context, id int64) error
	Resend(ctx context.Context, id int64) (int, error)
	Messages(ctx context.Context) ([]model.NotifyMessage, error)
	Base() string
	SetBase(ctx context.Context, base string) error
}

// NotifyHandlers are the endpoints of notifications.
type NotifyHandlers struct {
	notifier Notifier
}

// NewNotify returns the endpoints of notifications.
func NewNotify(n Notifier) *NotifyHandlers { return &NotifyHandlers{n} }

// Routes lists the endpoints, relative to /wxcomponent.
func (h *NotifyHandlers) Routes() []api.Route {
	return []api.Route{
		api.GET("/admin/notify-channel-list", "Notification channels, and what they can be told of", h.list),
		api.PUT("/admin/notify-channel", "Add a notification channel; a secret that was made for it is shown this once", h.add).Audited("notifyChannel.add"),
		api.POST("/admin/notify-channel", "Change a notification channel; an empty url or secret stays as it is", h.set).Audited("notifyChannel.change"),
		api.DELETE("/admin/notify-channel", "Remove a notification channel", h.remove).Audited("notifyChannel.delete"),
		api.POST("/admin/notify-test", "Send a test message now; 1010 with the channel's own words when it is refused", h.test).Audited("notifyChannel.test").Takes(api.CallTime),
		api.POST("/admin/notify-resend", "Send what a channel has missed", h.resend).Audited("notifyChannel.resend"),
		api.GET("/admin/notify-message-list", "The newest notifications and what became of them", h.messages),
		api.GET("/admin/notify-settings", "What holds for all notifications", h.settings),
		api.POST("/admin/notify-settings", "Set what holds for all notifications", h.setSettings).Audited("notifySettings.change"),
	}
}

type notifyChannel struct {
	ID         int64    `json:"id"`
	Name       string   `json:"name"`
	Kind       string   `json:"kind" enum:"wecom,feishu,dingtalk,webhook"`
	URL        string   `json:"url"`    // masked
	Secret     string   `json:"secret"` // masked; empty for none
	Language   string   `json:"language" enum:"zh,en"`
	Events     []string `json:"events"`
	Enabled    bool     `json:"enabled"`
	Missed     int      `json:"missed"`             // events that could not be delivered
	LastTime   int64    `json:"lastTime,omitempty"` // of the last call, unix seconds
	LastOK     bool     `json:"lastOk"`
	LastError  string   `json:"lastError,omitempty"`
	CreateTime int64    `json:"createTime"`
	UpdateTime int64    `json:"updateTime"`
}

type notifyChannelListRes struct {
	Channels []notifyChannel `json:"channels"`
	Kinds    []string        `json:"kinds"` // of events, what matters most first
}

func (h *NotifyHandlers) list(ctx context.Context, _ *api.None) (*notifyChannelListRes, error) {
	channels, err := h.notifier.Channels(ctx)
	if err != nil {
		return nil, err
	}
	res := &notifyChannelListRes{Channels: make([]notifyChannel, len(channels)), Kinds: texts(notify.Kinds())}
	for i, c := range channels {
		res.Channels[i] = notifyChannel{
			ID: c.ID, Name: c.Name, Kind: c.Kind, URL: c.Masked(), Secret: mask(c.Secret), Language: c.Language,
			Events: texts(c.Events), Enabled: c.Enabled, Missed: c.Missed, LastTime: unixOrNone(c.LastAt), LastOK: c.LastOK,
			LastError: c.LastError, CreateTime: c.CreatedAt.Unix(), UpdateTime: c.UpdatedAt.Unix(),
		}
	}
	return res, nil
}

func texts(kinds []notify.EventKind) []string {
	out := make([]string, len(kinds))
	for i, kind := range kinds {
		out[i] = string(kind)
	}
	return out
}

func unixOrNone(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

type notifyChannelBody struct {
	ID         api.Int  `json:"id"`
	Name       string   `json:"name"`
	Kind       string   `json:"kind"`
	URL        string   `json:"url"`
	Secret     string   `json:"secret"`
	DropSecret bool     `json:"dropSecret"` // the channel has no secret from now on
	Language   string   `json:"language"`   // default zh
	Events     []string `json:"events" validate:"max=50"`
	Enabled    flag     `json:"enabled"`
}

func (b *notifyChannelBody) draft() notify.Draft {
	d := notify.Draft{
		ID: int64(b.ID), Name: b.Name, Kind: b.Kind, URL: log.Secret(b.URL), Secret: log.Secret(b.Secret),
		DropSecret: b.DropSecret, Language: b.Language, Enabled: bool(b.Enabled),
	}
	for _, kind := range b.Events {
		d.Events = append(d.Events, notify.EventKind(kind))
	}
	return d
}

type notifyAdded struct {
	ID     int64  `json:"id"`
	Secret string `json:"secret,omitempty"` // in clear, this once, when it was made here
}

func (h *NotifyHandlers) add(ctx context.Context, req *notifyChannelBody) (*notifyAdded, error) {
	id, secret, err := h.notifier.AddChannel(ctx, req.draft())
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, channelObject(id))
	return &notifyAdded{id, secret.Reveal()}, nil
}

func (h *NotifyHandlers) set(ctx context.Context, req *notifyChannelBody) (*api.None, error) {
	if err := h.notifier.SetChannel(ctx, req.draft()); err != nil {
		return nil, err
	}
	api.Touched(ctx, channelObject(int64(req.ID)))
	return &api.None{}, nil
}

type notifyByID struct {
	ID int64 `query:"id" validate:"required"`
}

func (h *NotifyHandlers) remove(ctx context.Context, req *notifyByID) (*api.None, error) {
	if err := h.notifier.DeleteChannel(ctx, req.ID); err != nil {
		return nil, err
	}
	api.Touched(ctx, channelObject(req.ID))
	return &api.None{}, nil
}

type notifyIDReq struct {
	ID api.Int `json:"id" validate:"required"`
}

func (h *NotifyHandlers) test(ctx context.Context, req *notifyIDReq) (*api.None, error) {
	if err := h.notifier.Test(ctx, int64(req.ID)); err != nil {
		return nil, err
	}
	api.Touched(ctx, channelObject(int64(req.ID)))
	return &api.None{}, nil
}

type notifyResent struct {
	Events int `json:"events"`
}

func (h *NotifyHandlers) resend(ctx context.Context, req *notifyIDReq) (*notifyResent, error) {
	n, err := h.notifier.Resend(ctx, int64(req.ID))
	if err != nil {
		return nil, err
	}
	api.Touched(ctx, channelObject(int64(req.ID)))
	return &notifyResent{n}, nil
}

type notifyMessage struct {
	ID         string `json:"id"`
	ChannelID  int64  `json:"channelId"`
	State      string `json:"state" enum:"retrying,sent,failed"`
	Test       bool   `json:"test"`
	Events     int    `json:"events"`
	Title      string `json:"title"`
	Body       string `json:"body"` // Markdown
	Error      string `json:"error,omitempty"`
	Attempt    int    `json:"attempt"`
	CreateTime int64  `json:"createTime"` // of the first attempt, unix seconds
	UpdateTime int64  `json:"updateTime"` // of the last attempt
}

type notifyMessageListRes struct {
	Messages []notifyMessage `json:"messages"`
}

func (h *NotifyHandlers) messages(ctx context.Context, _ *api.None) (*notifyMessageListRes, error) {
	rows, err := h.notifier.Messages(ctx)
	if err != nil {
		return nil, err
	}
	states := map[model.NotifyMessageState]string{
		model.NotifyTrying: "retrying", model.NotifyDelivered: "sent", model.NotifyGivenUp: "failed",
	}
	res := &notifyMessageListRes{Messages: make([]notifyMessage, len(rows))}
	for i, m := range rows {
		res.Messages[i] = notifyMessage{
			ID: strconv.FormatInt(m.ID, 10), ChannelID: m.ChannelID, State: states[m.State], Test: m.Test, Events: m.Events,
			Title: m.Title, Body: m.Body, Error: m.Error, Attempt: m.Attempt, CreateTime: m.CreateMS / 1000, UpdateTime: m.UpdateMS / 1000,
		}
	}
	return res, nil
}

type notifySettings struct {
	BaseURL string `json:"baseUrl"` // public address of the dashboard, which messages lead to; may be empty
}

func (h *NotifyHandlers) settings(context.Context, *api.None) (*notifySettings, error) {
	return &notifySettings{h.notifier.Base()}, nil
}

func (h *NotifyHandlers) setSettings(ctx context.Context, req *notifySettings) (*api.None, error) {
	if err := h.notifier.SetBase(ctx, req.BaseURL); err != nil {
		return nil, err
	}
	return &api.None{}, nil
}

func channelObject(id int64) string { return "channel " + strconv.FormatInt(id, 10) }
