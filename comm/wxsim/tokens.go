package wxsim

import (
	"crypto/rand"
	"net/url"
	"strings"
	"time"
)

// tokenKind is what sort of access token an API wants.
type tokenKind int

const (
	tokenNone       tokenKind = iota
	tokenComponent            // component_access_token
	tokenAuthorizer           // authorizer_access_token
	tokenEither
)

const (
	ticketLife   = 12 * time.Hour
	keepTokens   = 3       // superseded tokens remembered per owner, to tell 42001 from 40001
	defaultQuota = 100_000 // calls per API, owner and day
	clearLimit   = 10      // clear_quota calls per account and month
	clearQuotaV2 = "/cgi-bin/component/clear_quota/v2"
)

// grant is an access token that was given out.
type grant struct {
	kind    tokenKind
	appID   string
	expires time.Time
	voided  time.Time // zero while it is the newest
}

type ticket struct {
	value string
	made  time.Time
}

type preAuthCode struct {
	expires time.Time
	used    bool
}

type authCode struct {
	appID   string
	expires time.Time
	used    bool
}

// tokenState is the token chain. Guarded by Sim.mu.
type tokenState struct {
	tickets   []ticket // newest last
	grants    map[string]*grant
	issued    map[string][]string // tokens per owner, newest last
	preAuth   map[string]*preAuthCode
	authCodes map[string]*authCode
	quotaDay  string
	quotaUsed map[string]map[string]int // owner → path → calls today
	cleared   map[string]int            // clear_quota calls per owner
}

func newTokenState() tokenState {
	return tokenState{
		grants: map[string]*grant{}, issued: map[string][]string{}, preAuth: map[string]*preAuthCode{},
		authCodes: map[string]*authCode{}, quotaUsed: map[string]map[string]int{}, cleared: map[string]int{},
	}
}

// randomText returns n letters and digits that no other run repeats.
func randomText(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(rand.Text())
	}
	return b.String()[:n]
}

// newTicket makes the ticket that is pushed next. The one before stays good.
func (t *tokenState) newTicket(now time.Time) string {
	v := "ticket@@@" + randomText(64)
	t.tickets = append(t.tickets, ticket{v, now})
	if extra := len(t.tickets) - 16; extra > 0 {
		t.tickets = t.tickets[extra:]
	}
	return v
}

// checkTicket accepts the newest two tickets for their 12 hours.
func (t *tokenState) checkTicket(value string, now time.Time) error {
	for i, k := range t.tickets {
		if k.value != value {
			continue
		}
		if i < len(t.tickets)-2 || now.Sub(k.made) > ticketLife {
			return fail(61005, "component ticket is expired")
		}
		return nil
	}
	return fail(61006, "component ticket is invalid")
}

// issue gives out a new access token; the owner's earlier ones work for overlap more.
func (t *tokenState) issue(kind tokenKind, appID string, now time.Time, ttl, overlap time.Duration) string {
	value := randomText(110)
	old := t.issued[appID]
	for _, v := range old {
		if g := t.grants[v]; g.voided.IsZero() {
			g.voided = now.Add(overlap)
		}
	}
	if extra := len(old) - keepTokens; extra > 0 {
		for _, v := range old[:extra] {
			delete(t.grants, v)
		}
		old = old[extra:]
	}
	t.issued[appID] = append(old, value)
	t.grants[value] = &grant{kind: kind, appID: appID, expires: now.Add(ttl)}
	return value
}

// spend counts a call against the day's quota.
func (t *tokenState) spend(owner, path string, limit int, now time.Time) error {
	if day := now.Format(time.DateOnly); day != t.quotaDay {
		t.quotaDay = day
		clear(t.quotaUsed)
	}
	if limit == 0 {
		limit = defaultQuota
	}
	used := t.quotaUsed[owner]
	if used == nil {
		used = map[string]int{}
		t.quotaUsed[owner] = used
	}
	if used[path] >= limit {
		return fail(45009, "reach max api daily quota limit")
	}
	used[path]++
	return nil
}

// checkToken finds the token in the query and says whose it is. The account of an authorizer's
// token exists and stands authorized when it returns no error.
func (s *Sim) checkToken(want tokenKind, q url.Values, now time.Time) (*grant, error) {
	if cloud := q.Get("cloudbase_access_token"); cloud != "" {
		return s.checkCloudToken(want, cloud)
	}
	value := q.Get("access_token")
	if value == "" && want != tokenAuthorizer {
		value = q.Get("component_access_token")
	}
	if value == "" {
		return nil, fail(41001, "access_token missing")
	}
	g := s.tokens.grants[value]
	switch {
	case g == nil:
		return nil, fail(40001, "invalid credential, access_token is invalid or not latest")
	case !now.Before(g.expires):
		return nil, fail(42001, "access_token expired")
	case !g.voided.IsZero() && !now.Before(g.voided):
		return nil, fail(40001, "invalid credential, access_token is invalid or not latest")
	case want != tokenEither && g.kind != want:
		return nil, fail(48001, "api unauthorized")
	case g.kind == tokenAuthorizer && !s.accounts.authorized(g.appID):
		return nil, fail(61003, "component is not authorized by this account")
	}
	return g, nil
}

// checkCloudToken accepts cloud hosting's token in place of the platform's and, followed by
// @appid, in place of an account's.
func (s *Sim) checkCloudToken(want tokenKind, value string) (*grant, error) {
	token, appID, forAccount := strings.Cut(value, "@")
	if s.settings.CloudBaseToken == "" || token != s.settings.CloudBaseToken {
		return nil, fail(40001, "invalid credential, cloudbase_access_token is invalid")
	}
	g := &grant{kind: tokenComponent, appID: s.appID}
	if forAccount {
		g = &grant{kind: tokenAuthorizer, appID: appID}
		if !s.accounts.authorized(appID) {
			return nil, fail(61003, "component is not authorized by this account")
		}
	}
	if want != tokenEither && g.kind != want {
		return nil, fail(48001, "api unauthorized")
	}
	return g, nil
}

func (s *Sim) checkComponent(appID string) error {
	switch appID {
	case "":
		return fail(41002, "appid missing")
	case s.appID:
		return nil
	}
	return fail(40013, "invalid appid")
}

func componentToken(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		AppID  string `json:"component_appid"`
		Secret string `json:"component_appsecret"`
		Ticket string `json:"component_verify_ticket"`
	}](r)
	if err != nil {
		return nil, err
	}
	if err := s.checkComponent(req.AppID); err != nil {
		return nil, err
	}
	if err := s.checkSecret(req.Secret); err != nil {
		return nil, err
	}
	if err := s.tokens.checkTicket(req.Ticket, r.now); err != nil {
		return nil, err
	}
	ttl := s.settings.ComponentTokenTTL
	token := s.tokens.issue(tokenComponent, s.appID, r.now, ttl.std(), s.settings.TokenOverlap.std())
	return obj{"component_access_token": token, "expires_in": ttl.seconds()}, nil
}

func (s *Sim) checkSecret(secret string) error {
	switch secret {
	case "":
		return fail(41004, "appsecret missing")
	case s.secret:
		return nil
	}
	return fail(40125, "invalid appsecret")
}

func startPushTicket(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		AppID  string `json:"component_appid"`
		Secret string `json:"component_secret"`
	}](r)
	if err != nil {
		return nil, err
	}
	if err := s.checkComponent(req.AppID); err != nil {
		return nil, err
	}
	if err := s.checkSecret(req.Secret); err != nil {
		return nil, err
	}
	if !s.settings.TicketStopped {
		return obj{"errcode": 0, "errmsg": "in a normal state"}, nil
	}
	s.settings.TicketStopped = false
	select {
	case s.wake <- struct{}{}:
	default: // it is wanted already
	}
	return done()
}

func createPreAuthCode(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		AppID string `json:"component_appid"`
	}](r)
	if err != nil {
		return nil, err
	}
	if err := s.checkComponent(req.AppID); err != nil {
		return nil, err
	}
	code := s.newPreAuthCode(r.now)
	return obj{"pre_auth_code": code, "expires_in": s.settings.PreAuthCodeTTL.seconds()}, nil
}

func (s *Sim) newPreAuthCode(now time.Time) string {
	for code, p := range s.tokens.preAuth {
		if now.Sub(p.expires) > ticketLife {
			delete(s.tokens.preAuth, code)
		}
	}
	code := "preauthcode@@@" + randomText(60)
	s.tokens.preAuth[code] = &preAuthCode{expires: now.Add(s.settings.PreAuthCodeTTL.std())}
	return code
}

func (s *Sim) newAuthCode(appID string, now time.Time) string {
	for code, c := range s.tokens.authCodes {
		if now.Sub(c.expires) > ticketLife {
			delete(s.tokens.authCodes, code)
		}
	}
	code := "queryauthcode@@@" + randomText(60)
	s.tokens.authCodes[code] = &authCode{appID: appID, expires: now.Add(s.settings.AuthCodeTTL.std())}
	return code
}
