package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/outgoing"
	"wxcomponent/db/model"
)

const (
	keyBase = "notify.base" // of the key-value table: public address of the dashboard

	maxChannels = 50
	maxName     = 64 // characters
	maxURL      = 2000
	maxBase     = 200

	messagesShown = 50
)

// errBadAddress does not name the address: it is a secret.
var errBadAddress = errors.New("the channel's address cannot be read")

// Channel is a channel as people see it.
type Channel struct {
	ID        int64
	Name      string
	Kind      string
	URL       log.Secret
	Secret    log.Secret
	Language  string
	Events    []EventKind
	Enabled   bool
	LastAt    time.Time // when it was called last, zero for never
	LastOK    bool
	LastError string
	Missed    int // events that were given up
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Draft is a channel to store. Of one that is there already, an empty URL or Secret stays as it is.
type Draft struct {
	ID         int64
	Name       string
	Kind       string
	URL        log.Secret
	Secret     log.Secret
	DropSecret bool // the channel has no secret from now on
	Language   string
	Events     []EventKind
	Enabled    bool
}

// Channels returns all channels, oldest first.
func (s *Service) Channels(ctx context.Context) ([]Channel, error) {
	rows, err := s.deps.Store.NotifyChannelList(ctx)
	if err != nil {
		return nil, err
	}
	channels := make([]Channel, len(rows))
	for i, row := range rows {
		c := Channel{
			ID: row.ID, Name: row.Name, Kind: row.Kind, URL: log.Secret(row.URL), Secret: log.Secret(row.Secret),
			Language: row.Language, Events: splitKinds(row.Events), Enabled: row.Enabled, LastOK: row.LastOK,
			LastError: row.LastError, CreatedAt: time.UnixMilli(row.CreateMS), UpdatedAt: time.UnixMilli(row.UpdateMS),
		}
		if row.LastMS != 0 {
			c.LastAt = time.UnixMilli(row.LastMS)
		}
		if c.Missed, err = s.deps.Store.NotifyMissedCount(ctx, row.ID); err != nil {
			return nil, err
		}
		channels[i] = c
	}
	return channels, nil
}

// Masked is the channel's address as far as it may be shown: where it leads, and its last characters.
func (c Channel) Masked() string {
	const tail = 4
	text := c.URL.Reveal()
	u, err := url.Parse(text)
	if err != nil || len(text) < tail {
		return "…"
	}
	return u.Scheme + "://" + u.Host + "/…" + text[len(text)-tail:]
}

// AddChannel stores a new channel. A webhook without a secret gets one, which is returned this once.
func (s *Service) AddChannel(ctx context.Context, d Draft) (id int64, secret log.Secret, err error) {
	d.ID = 0
	rows, err := s.deps.Store.NotifyChannelList(ctx)
	if err != nil {
		return 0, "", err
	}
	if len(rows) >= maxChannels {
		return 0, "", errno.New(errno.BadState, fmt.Sprintf("there are %d channels already", maxChannels))
	}
	if d.Kind == Webhook && d.Secret == "" {
		secret = outgoing.NewSecret()
		d.Secret = secret
	}
	row, err := s.row(ctx, d, model.NotifyChannel{})
	if err != nil {
		return 0, "", err
	}
	if id, err = s.deps.Store.NotifyChannelCreate(ctx, row); err != nil {
		return 0, "", err
	}
	return id, secret, s.set.Refresh(ctx)
}

// SetChannel changes a channel. What waits for it is sent at once.
func (s *Service) SetChannel(ctx context.Context, d Draft) error {
	before, err := s.channel(ctx, d.ID)
	if err != nil {
		return err
	}
	row, err := s.row(ctx, d, before)
	if err != nil {
		return err
	}
	if err := s.deps.Store.NotifyChannelUpdate(ctx, row); err != nil {
		return s.gone(err)
	}
	return errors.Join(s.set.Refresh(ctx), s.hurry(ctx, d.ID))
}

// DeleteChannel removes a channel and what waits for it.
func (s *Service) DeleteChannel(ctx context.Context, id int64) error {
	if err := s.deps.Store.NotifyChannelDelete(ctx, id); err != nil {
		return s.gone(err)
	}
	return s.set.Refresh(ctx)
}

// Resend sends what was given up after all, and returns how many events that are.
func (s *Service) Resend(ctx context.Context, id int64) (int, error) {
	channel, err := s.channel(ctx, id)
	if err != nil {
		return 0, err
	}
	if !channel.Enabled {
		return 0, errno.New(errno.BadState, "the channel is switched off")
	}
	n, err := s.deps.Store.NotifyItemRevive(ctx, id)
	if err != nil {
		return 0, err
	}
	if err := s.plan(ctx, id, 0); err != nil {
		return n, err
	}
	return n, s.hurry(ctx, id)
}

// hurry makes the work due at once that waits to send to a channel, if there is any.
func (s *Service) hurry(ctx context.Context, id int64) error {
	work, err := s.deps.Store.WorkFind(ctx, kindSend, sendKey(id))
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	if err != nil || work.State != model.WorkReady {
		return err
	}
	_, err = s.deps.Store.ForwardAgain(ctx, work.ID, "")
	s.deps.Nudge()
	return err
}

// Messages returns the newest messages, newest first.
func (s *Service) Messages(ctx context.Context) ([]model.NotifyMessage, error) {
	return s.deps.Store.NotifyMessageList(ctx, messagesShown)
}

// Base is the public address of the dashboard that messages lead to, "" for none.
func (s *Service) Base() string { return s.set.Get().base }

// SetBase changes the public address of the dashboard.
func (s *Service) SetBase(ctx context.Context, base string) error {
	base = strings.TrimRight(strings.TrimSpace(base), "/")
	if base != "" {
		u, err := url.Parse(base)
		bad := err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
			u.RawQuery != "" || strings.ContainsAny(base, "#()[]<>\"'\\ ") || len(base) > maxBase
		if bad {
			return errno.Param("baseUrl", "must be an http or https address without query, at most 200 characters")
		}
	}
	if err := s.deps.Store.KVPut(ctx, keyBase, base); err != nil {
		return err
	}
	return errors.Join(s.deps.Store.RevisionBump(ctx), s.set.Refresh(ctx))
}

func (s *Service) channel(ctx context.Context, id int64) (model.NotifyChannel, error) {
	row, err := s.deps.Store.NotifyChannelGet(ctx, id)
	return row, s.gone(err)
}

func (s *Service) gone(err error) error {
	if errors.Is(err, model.ErrNotFound) {
		return errno.Param("id", "there is no channel with this id")
	}
	return err
}

// row checks a draft and makes a row of it.
func (s *Service) row(ctx context.Context, d Draft, before model.NotifyChannel) (model.NotifyChannel, error) {
	if d.URL == "" {
		d.URL = log.Secret(before.URL)
	}
	if d.Secret == "" && !d.DropSecret && d.Kind != WeCom {
		d.Secret = log.Secret(before.Secret)
	}
	if d.Language == "" {
		d.Language = Chinese
	}
	d.Name = strings.TrimSpace(d.Name)
	if err := s.check(ctx, d); err != nil {
		return model.NotifyChannel{}, err
	}
	return model.NotifyChannel{
		ID: d.ID, Name: d.Name, Kind: d.Kind, URL: d.URL.Reveal(), Secret: d.Secret.Reveal(), Language: d.Language,
		Events: joinKinds(d.Events), Enabled: d.Enabled,
	}, nil
}

func (s *Service) check(ctx context.Context, d Draft) error {
	if n := len([]rune(d.Name)); n == 0 || n > maxName {
		return errno.Param("name", fmt.Sprintf("must have 1 to %d characters", maxName))
	}
	if !slices.Contains([]string{WeCom, Feishu, DingTalk, Webhook}, d.Kind) {
		return errno.Param("kind", "must be wecom, feishu, dingtalk or webhook")
	}
	if d.Language != Chinese && d.Language != English {
		return errno.Param("language", "must be zh or en")
	}
	if len(d.Events) == 0 {
		return errno.Param("events", "must name at least one")
	}
	for _, kind := range d.Events {
		if !slices.Contains(Kinds(), kind) {
			return errno.Param("events", "has one that does not exist: "+cut(safe(string(kind), maxName), maxName))
		}
	}
	if err := outgoing.CheckSecret(d.Secret); err != nil {
		return errno.Param("secret", err.Error())
	}
	switch {
	case d.Kind == Webhook && d.Secret == "":
		return errno.Param("secret", "is needed to sign what a webhook gets")
	case d.Kind == WeCom && d.Secret != "":
		return errno.Param("secret", "WeCom's robots have none")
	}
	return s.checkURL(ctx, d)
}

// checkURL accepts the addresses that the chats give for their robots, wherever they are hosted, and
// that may be reached.
func (s *Service) checkURL(ctx context.Context, d Draft) error {
	text := d.URL.Reveal()
	u, err := url.Parse(text)
	switch {
	case text == "":
		return errno.Param("url", "is required")
	case err != nil, len(text) > maxURL, strings.ContainsAny(text, " \t\r\n\\"):
		return errno.Param("url", "is not a valid address")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return errno.Param("url", "must begin with http:// or https://")
	case u.User != nil, u.Fragment != "":
		return errno.Param("url", "must hold neither a user name nor a fragment (#)")
	case d.Kind == WeCom && u.Query().Get("key") == "":
		return errno.Param("url", "has no key=…; copy the robot's whole address")
	case d.Kind == DingTalk && u.Query().Get("access_token") == "":
		return errno.Param("url", "has no access_token=…; copy the robot's whole address")
	case d.Kind == Feishu && !strings.Contains(u.Path, "/hook/"):
		return errno.Param("url", "has no /hook/…; copy the robot's whole address")
	}
	port, err := portOf(u)
	if err != nil {
		return errno.Param("url", err.Error())
	}
	if err := s.guard.CheckHost(ctx, u.Hostname(), port); err != nil {
		return errno.Param("url", outgoing.Why(err))
	}
	return nil
}
