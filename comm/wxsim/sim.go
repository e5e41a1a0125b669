package wxsim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
)

// Format is how a push is written and whether it is encrypted.
type Format string

// The three ways in which WeChat delivers a push.
const (
	FormatXML   Format = "xml"   // encrypted XML, what self-hosted platforms get
	FormatJSON  Format = "json"  // encrypted JSON
	FormatPlain Format = "plain" // JSON in clear with x-wx-source, inside cloud hosting
)

// Config is what a simulator is made from. AppID, Secret, Token and AESKey are the platform's own,
// the same that the product is given.
type Config struct {
	AppID  string
	Secret string
	Token  string
	AESKey string // 43 characters; may be empty when Plain is set
	Plain  bool   // push JSON in clear, as cloud hosting does
	// Hosts are names besides localhost by which the control may be called.
	Hosts []string

	Accounts   int   // accounts made at the start; default 12
	Authorized int   // how many of them have authorized the platform already
	Seed       int64 // the same seed makes the same accounts

	Settings  Settings          // zero values mean the defaults
	Now       func() time.Time  // default time.Now
	Transport http.RoundTripper // carries pushes; default: connections of its own
	// OutageGrace is what calls that are under way have left when an outage begins; default 200ms.
	OutageGrace time.Duration
	Logger      *zap.Logger // default: none
}

// Settings can be changed while the simulator runs. In a Config a zero means the default; later on
// a zero is a zero.
type Settings struct {
	Target             string   `json:"target"`             // base URL of the product, to which pushes go
	Format             Format   `json:"format"`             // default xml, plain when Config.Plain
	TicketInterval     Duration `json:"ticketInterval"`     // default 10m
	TicketStopped      bool     `json:"ticketStopped"`      // no tickets until api_start_push_ticket
	ComponentTokenTTL  Duration `json:"componentTokenTTL"`  // default 2h
	AuthorizerTokenTTL Duration `json:"authorizerTokenTTL"` // default 2h
	PreAuthCodeTTL     Duration `json:"preAuthCodeTTL"`     // default 30m
	AuthCodeTTL        Duration `json:"authCodeTTL"`        // default 1h
	TokenOverlap       Duration `json:"tokenOverlap"`       // how long a superseded token still works; default 0
	RotateRefreshToken bool     `json:"rotateRefreshToken"` // api_authorizer_token returns a new refresh token each time
	PrivacyCheck       Duration `json:"privacyCheck"`       // how long 61039 is answered after a commit; default 0
	AutoAudit          Duration `json:"autoAudit"`          // audits are approved after so long; 0 = by hand
	PushTimeout        Duration `json:"pushTimeout"`        // default 5s
	PushAttempts       int      `json:"pushAttempts"`       // default 3
	RetryGap           Duration `json:"retryGap"`           // wait between attempts; default 0
	ReplyLimit         Duration `json:"replyLimit"`         // how long the release check waits for custom/send; default 10s
	CloudBaseToken     string   `json:"cloudBaseToken"`     // accepted as cloudbase_access_token when set
	AllowedIPs         []string `json:"allowedIPs"`         // other callers of component APIs get 61004; empty = everyone may call
	RedirectHost       string   `json:"redirectHost"`       // the only host redirect_uri may have; empty = any
	// DailyLimits maps API paths to the calls allowed before 45009; 0 or absent means 100 000.
	DailyLimits map[string]int `json:"dailyLimits"`
}

func (s *Settings) setDefaults(plain bool) {
	def := func(d *Duration, v time.Duration) {
		if *d == 0 {
			*d = Duration(v)
		}
	}
	def(&s.TicketInterval, 10*time.Minute)
	def(&s.ComponentTokenTTL, 2*time.Hour)
	def(&s.AuthorizerTokenTTL, 2*time.Hour)
	def(&s.PreAuthCodeTTL, 30*time.Minute)
	def(&s.AuthCodeTTL, time.Hour)
	def(&s.PushTimeout, 5*time.Second)
	def(&s.ReplyLimit, 10*time.Second)
	if s.PushAttempts == 0 {
		s.PushAttempts = 3
	}
	if s.Format == "" {
		s.Format = FormatXML
		if plain {
			s.Format = FormatPlain
		}
	}
}

func (s Settings) check() error {
	switch s.Format {
	case FormatXML, FormatJSON, FormatPlain:
	default:
		return fmt.Errorf("format must be xml, json or plain, not %q", s.Format)
	}
	if s.TicketInterval <= 0 || s.PushTimeout <= 0 || s.PushAttempts <= 0 {
		return errors.New("ticketInterval, pushTimeout and pushAttempts must be above 0")
	}
	return nil
}

func (s Settings) clone() Settings {
	s.AllowedIPs, s.DailyLimits = slices.Clone(s.AllowedIPs), maps.Clone(s.DailyLimits)
	return s
}

// Duration is a time.Duration that is written "1m30s" in JSON.
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = Duration(v)
	return err
}

func (d Duration) std() time.Duration { return time.Duration(d) }
func (d Duration) seconds() int64     { return int64(time.Duration(d) / time.Second) }

// Sim is one simulated platform. Its methods may be used by many goroutines at once.
type Sim struct {
	appID  string
	secret string
	now    func() time.Time
	log    *zap.Logger
	client *http.Client
	pages  *pages
	grace  time.Duration // of an outage

	keys    keyring
	faults  faultTable
	calls   callLog
	records records
	traffic trafficRunner
	hosts   []string // of the control
	outages *outageSwitch
	pending sync.WaitGroup // pushes that nobody waits for
	wake    chan struct{}  // a ticket is wanted before its time

	mu       sync.Mutex // guards what follows; API handlers run with it held
	settings Settings
	tokens   tokenState
	accounts accountBook
	library  templateLibrary
	rids     ridLog
}

// New makes a simulator. It does nothing by itself: serve [Sim.Handler], and call [Sim.Run] for
// tickets, automatic audits and traffic.
func New(cfg Config) (*Sim, error) {
	if cfg.AppID == "" || cfg.Secret == "" {
		return nil, errors.New("the simulator needs the platform's appid and secret")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	if cfg.Accounts == 0 {
		cfg.Accounts = 12
	}
	if cfg.Transport == nil {
		cfg.Transport = pushTransport()
	}
	cfg.OutageGrace = cmp.Or(cfg.OutageGrace, outageGrace)
	cfg.Settings.setDefaults(cfg.Plain)
	if err := cfg.Settings.check(); err != nil {
		return nil, err
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	s := &Sim{
		appID: cfg.AppID, secret: cfg.Secret, now: cfg.Now, log: cfg.Logger,
		client: pushClient(cfg.Transport), pages: pages, settings: cfg.Settings,
		hosts: cfg.Hosts, grace: cfg.OutageGrace, outages: newOutageSwitch(), wake: make(chan struct{}, 1),
	}
	s.keys.appID, s.traffic.wake = cfg.AppID, make(chan struct{}, 1)
	if cfg.AESKey != "" || !cfg.Plain {
		if err := s.keys.set(cfg.Token, cfg.AESKey); err != nil {
			return nil, err
		}
	}
	s.records.msgIDs.Store(cfg.Now().UnixMilli() * 10_000)
	s.tokens = newTokenState()
	s.accounts = newAccountBook(cfg.Seed)
	s.library = sampleLibrary(cfg.Now())
	s.AddAccounts(cfg.Accounts, false)
	s.preauthorize(cfg.Authorized)
	return s, nil
}

// Settings returns the settings in force.
func (s *Sim) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings.clone()
}

// Configure changes settings: change gets a copy of the present ones, which comes into force when
// it is valid.
func (s *Sim) Configure(change func(*Settings)) error {
	return s.configure(func(set *Settings) error {
		change(set)
		return nil
	})
}

func (s *Sim) configure(change func(*Settings) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.settings.clone()
	if err := change(&next); err != nil {
		return err
	}
	if err := next.check(); err != nil {
		return err
	}
	next.Target = strings.TrimRight(next.Target, "/")
	s.settings = next
	return nil
}

// SetTarget names the product's base URL, for tests that start it after the simulator.
func (s *Sim) SetTarget(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings.Target = strings.TrimRight(url, "/")
}

// Wait returns when the pushes that were sent on the side (after an approval, say) have ended.
func (s *Sim) Wait() { s.pending.Wait() }

// aside runs f without making the caller wait, beyond the life of the request that asked for it.
// Its pushes end by themselves after their attempts.
func (s *Sim) aside(ctx context.Context, f func(context.Context)) {
	ctx = context.WithoutCancel(ctx)
	s.pending.Go(func() { f(ctx) })
}

// Run pushes tickets, approves audits that are due and sends the traffic that [Sim.StartTraffic]
// asks for, until ctx ends.
func (s *Sim) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { s.runTickets(ctx) })
	wg.Go(func() { s.runAudits(ctx) })
	wg.Go(func() { s.runTraffic(ctx) })
	wg.Wait()
}

// runTickets pushes a ticket at once and then every interval. Until the product has taken its
// first ticket it asks every second: in a demo both start at the same time.
func (s *Sim) runTickets(ctx context.Context) {
	taken := false
	for ctx.Err() == nil {
		if set := s.Settings(); !set.TicketStopped && set.Target != "" {
			res := s.PushTicket(ctx)
			taken = taken || res.Accepted
		}
		wait := time.Second
		if taken {
			wait = s.Settings().TicketInterval.std()
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(wait):
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
