// Package selfcheck tells an operator whether the installation works: what is configured, what was
// received, what is missing and therefore has to be done next.
package selfcheck

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"wxcomponent/comm/console/refusals"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/wx/platform"
	"wxcomponent/comm/wx/token"
)

// Level says how much a finding matters.
type Level string

// The levels.
const (
	OK    Level = "ok"
	Warn  Level = "warn"
	Error Level = "error"
)

// Check is one finding. ID names it; the dashboard has its text and its remedy.
type Check struct {
	ID     string            `json:"id"`
	Level  Level             `json:"level" enum:"ok,warn,error"`
	Params map[string]string `json:"params,omitempty"`
}

// Report is the state of the installation. Times are unix seconds, 0 for never.
type Report struct {
	Platform struct {
		AppID         string `json:"appid"`
		SecretSet     bool   `json:"secretSet"`
		PushTokenSet  bool   `json:"pushTokenSet"`
		AESKeySet     bool   `json:"aesKeySet"`
		PlainCallback bool   `json:"plainCallback"` // unencrypted pushes are accepted
	} `json:"platform"`
	Ticket struct {
		ReceivedAt int64 `json:"receivedAt"`
		AgeSeconds int64 `json:"ageSeconds"`
	} `json:"ticket"`
	LastPush struct {
		Component int64 `json:"component"`
		Biz       int64 `json:"biz"`
	} `json:"lastPush"`
	ComponentToken struct {
		State      string          `json:"state" enum:"ok,missing,failing"`
		ExpireTime int64           `json:"expireTime"`
		LastError  string          `json:"lastError,omitempty"`
		WX         *errno.Upstream `json:"wx,omitempty"`
	} `json:"componentToken"`
	WeChat   Reachability `json:"wechat"`
	Database struct {
		Kind    string `json:"kind"` // mysql or sqlite
		Version string `json:"version"`
	} `json:"database"`
	SecretsProtected bool           `json:"secretsProtected"` // by SECRET_KEY
	Counts           Counts         `json:"counts"`
	Refusals         []refusals.Sum `json:"refusals"` // of the last hour, by all instances
	Checks           []Check        `json:"checks"`
}

// Counts are the accounts that are authorized now.
type Counts struct {
	Authorizers      int64 `json:"authorizers"`
	OfficialAccounts int64 `json:"officialAccounts"`
	MiniPrograms     int64 `json:"miniPrograms"`

	Kinds map[string]int64 `json:"kinds"` // by the name of the kind, those that there are
}

// Reachability is the result of the last try to reach WeChat's server API.
type Reachability struct {
	Reachable bool   `json:"reachable"`
	LatencyMS int64  `json:"latencyMs"`
	CheckedAt int64  `json:"checkedAt"`
	Error     string `json:"error,omitempty"`
}

// Facts are what the report is made from; the database meets it.
type Facts interface {
	TicketReceivedAt(ctx context.Context) (time.Time, error) // zero when there is none
	LastPush(ctx context.Context) (component, biz time.Time, err error)
	AuthorizerCounts(ctx context.Context) (Counts, error)
	// ClockRefusal tells when a push was last refused for the time signed with it, and that time; zero when
	// none was.
	ClockRefusal(ctx context.Context) (signedAt, at time.Time, err error)
}

// Tokens gives out the component token.
type Tokens interface {
	Component(ctx context.Context) (token.Token, error)
}

// Refusals tell what was refused within the last hour.
type Refusals interface {
	LastHour(ctx context.Context) ([]refusals.Sum, error)
	// Notable tells whether any of the sums is worth an operator's attention.
	Notable(sums []refusals.Sum) bool
}

// Deps are what a Service works with.
type Deps struct {
	Facts            Facts
	Refusals         Refusals
	Untrusted        *Untrusted
	Tokens           Tokens
	Platform         func() platform.Snapshot
	APIBase          string // of WeChat
	Client           *http.Client
	PlainCallback    bool
	OnCloud          bool
	DatabaseKind     string
	DatabaseVersion  string
	SecretsProtected bool
	Exposed          func() []string                 // files and folders of the database that other users of the host have access to
	Writable         func(ctx context.Context) error // nil when the database takes pushes
	Now              func() time.Time
}

// Service makes reports.
type Service struct {
	Deps
	mu    sync.Mutex
	reach Reachability
}

// New returns a Service.
func New(d Deps) *Service { return &Service{Deps: d} }

// tokenWait bounds how long a page waits for a component token that has to be fetched first.
const tokenWait = 3 * time.Second

// Report looks at everything.
func (s *Service) Report(ctx context.Context) (*Report, error) {
	r := &Report{SecretsProtected: s.SecretsProtected, Checks: []Check{}}
	snap := s.Platform()
	r.Platform.AppID = snap.AppID
	r.Platform.SecretSet = snap.Secret != ""
	r.Platform.PushTokenSet = snap.Token.Secret != ""
	r.Platform.AESKeySet = snap.AESKey.Secret != ""
	r.Platform.PlainCallback = s.PlainCallback
	r.Database.Kind, r.Database.Version = s.DatabaseKind, s.DatabaseVersion

	ticketAt, err := s.Facts.TicketReceivedAt(ctx)
	if err != nil {
		return nil, err
	}
	if !ticketAt.IsZero() {
		r.Ticket.ReceivedAt = ticketAt.Unix()
		r.Ticket.AgeSeconds = int64(s.Now().Sub(ticketAt).Seconds())
	}
	component, biz, err := s.Facts.LastPush(ctx)
	if err != nil {
		return nil, err
	}
	r.LastPush.Component, r.LastPush.Biz = unix(component), unix(biz)
	if r.Counts, err = s.Facts.AuthorizerCounts(ctx); err != nil {
		return nil, err
	}
	if r.Refusals, err = s.Refusals.LastHour(ctx); err != nil {
		return nil, err
	}
	clock, err := s.clock(ctx)
	if err != nil {
		return nil, err
	}
	s.componentToken(ctx, r)
	r.WeChat = s.reachability(ctx)
	r.Checks = append(s.judge(r), clock...)
	if s.Writable(ctx) != nil {
		r.Checks = append(r.Checks, Check{ID: "storing", Level: Error})
	}
	if open := s.Exposed(); len(open) > 0 {
		r.Checks = append(r.Checks, Check{ID: "files", Level: Warn, Params: map[string]string{"paths": strings.Join(open, ", ")}})
	}
	return r, nil
}

func (s *Service) componentToken(ctx context.Context, r *Report) {
	ctx, cancel := context.WithTimeout(ctx, tokenWait)
	defer cancel()
	t, err := s.Tokens.Component(ctx)
	switch {
	case err == nil:
		r.ComponentToken.State, r.ComponentToken.ExpireTime = "ok", t.ExpiresAt.Unix()
		return
	case errno.Is(err, errno.NoTicket), errno.Is(err, errno.NotConfigured):
		r.ComponentToken.State = "missing"
	default:
		r.ComponentToken.State = "failing"
	}
	r.ComponentToken.LastError = errno.As(err).Text()
	if up, ok := errors.AsType[errno.UpstreamError](err); ok {
		info := up.Upstream()
		r.ComponentToken.WX = &info
		r.ComponentToken.LastError = info.ErrMsg
	}
}

// How long a finding about WeChat's reachability stays good, and how long it is looked for.
const (
	reachTTL  = 30 * time.Second
	reachWait = 2 * time.Second
)

func (s *Service) reachability(ctx context.Context) Reachability {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if now.Sub(time.Unix(s.reach.CheckedAt, 0)) < reachTTL {
		return s.reach
	}
	s.reach = Reachability{CheckedAt: now.Unix()}
	ctx, cancel := context.WithTimeout(ctx, reachWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, s.APIBase, nil)
	if err != nil {
		s.reach.Error = "WX_API_BASE is no address"
		return s.reach
	}
	res, err := s.Client.Do(req)
	if err != nil {
		s.reach.Error = err.Error()
		return s.reach
	}
	_ = res.Body.Close()
	s.reach.Reachable, s.reach.LatencyMS = true, s.Now().Sub(now).Milliseconds()
	return s.reach
}

// Ages of a ticket; WeChat pushes one every ten minutes, and each is good for twelve hours.
const (
	ticketLate = 25 * time.Minute
	ticketLost = 2 * time.Hour
)

func (s *Service) judge(r *Report) []Check {
	var out []Check
	add := func(id string, level Level, params ...string) {
		c := Check{ID: id, Level: level}
		for i := 0; i+1 < len(params); i += 2 {
			if c.Params == nil {
				c.Params = make(map[string]string)
			}
			c.Params[params[i]] = params[i+1]
		}
		out = append(out, c)
	}
	pick := func(good bool, bad Level) Level {
		if good {
			return OK
		}
		return bad
	}
	add("appid", pick(r.Platform.AppID != "", Error))
	add("secret", pick(r.Platform.SecretSet, Error))
	encrypted := r.Platform.PushTokenSet && r.Platform.AESKeySet
	add("push", pick(encrypted || s.OnCloud && s.PlainCallback, Error))
	if s.PlainCallback && !s.OnCloud {
		add("plain", Warn)
	}
	age := time.Duration(r.Ticket.AgeSeconds) * time.Second
	switch {
	case r.Ticket.ReceivedAt == 0:
		add("ticket", Error)
	case age > ticketLost:
		add("ticket", Error, "age", age.String())
	case age > ticketLate:
		add("ticket", Warn, "age", age.String())
	default:
		add("ticket", OK)
	}
	add("componentToken", pick(r.ComponentToken.State == "ok", Error))
	add("wechat", pick(r.WeChat.Reachable, Error))
	add("authorizer", pick(r.Counts.Authorizers > 0, Warn))
	add("message", pick(r.LastPush.Biz != 0, Warn))
	add("database", pick(r.Database.Kind != "sqlite", Warn))
	add("secretKey", pick(r.SecretsProtected, Warn))
	if addresses := s.Untrusted.Addresses(); len(addresses) > 0 {
		add("trustedProxies", Warn, "addresses", strings.Join(addresses, ", "))
	}
	add("refusals", pick(!s.Refusals.Notable(r.Refusals), Warn))
	return out
}

// clockShown is for how long a push that was refused for its time is a finding.
const clockShown = 24 * time.Hour

// clock finds that pushes are refused for the time signed with them: a clock is wrong, and pushes are
// lost, or somebody sends old ones.
func (s *Service) clock(ctx context.Context) ([]Check, error) {
	signedAt, at, err := s.Facts.ClockRefusal(ctx)
	if err != nil || at.IsZero() || s.Now().Sub(at) > clockShown {
		return nil, err
	}
	return []Check{{ID: "clock", Level: Error, Params: map[string]string{
		"at": at.Format(time.DateTime) + " UTC", "signed": signedAt.Format(time.DateTime) + " UTC",
	}}}, nil
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
