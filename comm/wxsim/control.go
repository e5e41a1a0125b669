package wxsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// State is the simulator at a glance.
type State struct {
	AppID      string        `json:"appid"`
	Target     string        `json:"target"`
	Format     Format        `json:"format"`
	Accounts   int           `json:"accounts"`
	Authorized int           `json:"authorized"`
	LastTicket time.Time     `json:"lastTicket"`
	Traffic    TrafficReport `json:"traffic"`
}

// State returns the simulator at a glance.
func (s *Sim) State() State {
	st := State{AppID: s.appID, Traffic: s.TrafficReport()}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Target, st.Format = s.settings.Target, s.settings.Format
	for _, a := range s.accounts.order {
		if a.ReleaseCheck {
			continue
		}
		st.Accounts++
		if a.Authorized {
			st.Authorized++
		}
	}
	if n := len(s.tokens.tickets); n > 0 {
		st.LastTicket = s.tokens.tickets[n-1].made
	}
	return st
}

// controlFunc is one control: what it returns is answered as JSON, an error as HTTP 400.
type controlFunc func(r *http.Request, body []byte) (any, error)

func (s *Sim) control(mux *http.ServeMux) {
	on := func(pattern string, f controlFunc) { mux.HandleFunc(pattern, controlHandler(f)) }
	on("GET /_sim/state", func(*http.Request, []byte) (any, error) { return s.State(), nil })
	on("GET /_sim/settings", func(*http.Request, []byte) (any, error) { return s.Settings(), nil })
	on("POST /_sim/settings", s.controlSettings)
	on("GET /_sim/faults", func(*http.Request, []byte) (any, error) { return s.Faults(), nil })
	on("POST /_sim/faults", s.controlFaults)
	on("DELETE /_sim/faults", nothing(s.ClearFaults))
	on("GET /_sim/calls", s.controlCalls)
	on("DELETE /_sim/calls", nothing(s.ResetCalls))
	on("GET /_sim/accounts", s.controlAccounts)
	on("POST /_sim/accounts", s.controlAddAccounts)
	on("GET /_sim/accounts/{appid}", s.controlAccount)
	on("POST /_sim/accounts/{appid}/{action}", s.controlAccountAction)
	on("POST /_sim/fast-register", func(r *http.Request, _ []byte) (any, error) {
		a, _ := s.FastRegister(r.Context())
		return a, nil
	})
	on("GET /_sim/push", func(r *http.Request, _ []byte) (any, error) { return s.Pushes(number(r, "limit")), nil })
	on("POST /_sim/push", s.controlPush)
	on("POST /_sim/ticket", func(r *http.Request, _ []byte) (any, error) { return s.PushTicket(r.Context()), nil })
	on("POST /_sim/check-url", s.controlCheckURL)
	on("POST /_sim/audit", s.controlAudit)
	on("GET /_sim/traffic", func(*http.Request, []byte) (any, error) { return s.TrafficReport(), nil })
	on("POST /_sim/traffic", s.controlTraffic)
	on("DELETE /_sim/traffic", nothing(s.StopTraffic))
	on("GET /_sim/replies", func(*http.Request, []byte) (any, error) { return s.Replies(), nil })
	on("DELETE /_sim/replies", nothing(s.ForgetReplies))
	on("GET /_sim/messages", func(*http.Request, []byte) (any, error) { return s.Messages(), nil })
	on("DELETE /_sim/messages", nothing(s.ForgetMessages))
	on("POST /_sim/releasecheck", s.controlReleaseCheck)
	on("POST /_sim/rotate-key", s.controlRotateKey)
	on("POST /_sim/outage", s.controlOutage)
}

func nothing(f func()) controlFunc {
	return func(*http.Request, []byte) (any, error) {
		f()
		return obj{}, nil
	}
}

func controlHandler(f controlFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var v any
		if err == nil {
			v, err = f(r, body)
		}
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			v = obj{"error": err.Error()}
		}
		_, _ = w.Write(encodeJSON(v))
	}
}

// parse reads a control's body into v; an empty body leaves v as it is. Numbers of any length keep
// their digits.
func parse(body []byte, v any) error {
	if len(body) == 0 {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return nil
}

func number(r *http.Request, name string) int {
	n, _ := strconv.Atoi(r.URL.Query().Get(name)) // not a number: the default
	return n
}

func (s *Sim) controlSettings(_ *http.Request, body []byte) (any, error) {
	err := s.configure(func(set *Settings) error { return parse(body, set) })
	return s.Settings(), err
}

func (s *Sim) controlFaults(_ *http.Request, body []byte) (any, error) {
	var list []Fault
	if len(body) > 0 && body[0] == '[' {
		if err := parse(body, &list); err != nil {
			return nil, err
		}
	} else {
		list = make([]Fault, 1)
		if err := parse(body, &list[0]); err != nil {
			return nil, err
		}
	}
	err := s.SetFault(list...)
	return s.Faults(), err
}

func (s *Sim) controlCalls(r *http.Request, _ []byte) (any, error) {
	if path := r.URL.Query().Get("path"); path != "" {
		return s.Calls(path), nil
	}
	return s.AllCalls(), nil
}

func (s *Sim) controlAccounts(r *http.Request, _ []byte) (any, error) {
	q := r.URL.Query()
	f := AccountFilter{
		Query: q.Get("q"), Kind: q.Get("kind"), ReleaseCheck: q.Get("releaseCheck") == "true",
		Offset: number(r, "offset"), Limit: number(r, "limit"),
	}
	if v := q.Get("authorized"); v != "" {
		want := v == "true"
		f.Authorized = &want
	}
	total, list := s.Accounts(f)
	return obj{"total": total, "accounts": list}, nil
}

func (s *Sim) controlAddAccounts(_ *http.Request, body []byte) (any, error) {
	var req struct {
		Count      int  `json:"count"`
		Authorized bool `json:"authorized"`
	}
	if err := parse(body, &req); err != nil {
		return nil, err
	}
	if req.Count < 1 || req.Count > 200_000 {
		return nil, errors.New("count must be between 1 and 200000")
	}
	list := s.AddAccounts(req.Count, req.Authorized)
	return obj{"total": len(list), "accounts": list}, nil
}

func (s *Sim) controlAccount(r *http.Request, _ []byte) (any, error) {
	a, ok := s.Account(r.PathValue("appid"))
	if !ok {
		return nil, errNoAccount
	}
	return a, nil
}

func (s *Sim) controlAccountAction(r *http.Request, body []byte) (any, error) {
	var req struct {
		PreAuthCode   string `json:"preAuthCode"`
		Funcs         []int  `json:"funcs"`
		Silent        bool   `json:"silent"`
		AccountStatus int    `json:"accountStatus"`
	}
	if err := parse(body, &req); err != nil {
		return nil, err
	}
	appID := r.PathValue("appid")
	var err error
	switch action := r.PathValue("action"); action {
	case "authorize":
		return s.Authorize(r.Context(), appID, AuthorizeOptions{req.PreAuthCode, req.Funcs, req.Silent})
	case "unauthorize":
		err = s.Unauthorize(r.Context(), appID, req.Silent)
	case "refresh-token":
		_, err = s.ChangeRefreshToken(appID)
	case "status":
		err = s.SetAccountStatus(appID, req.AccountStatus)
	default:
		err = fmt.Errorf("there is no action %q", action)
	}
	a, _ := s.Account(appID)
	return a, err
}

func (s *Sim) controlPush(r *http.Request, body []byte) (any, error) {
	var spec PushSpec
	if err := parse(body, &spec); err != nil {
		return nil, err
	}
	return s.Push(r.Context(), spec)
}

func (s *Sim) controlCheckURL(r *http.Request, body []byte) (any, error) {
	var req struct {
		AppID string `json:"appid"`
	}
	if err := parse(body, &req); err != nil {
		return nil, err
	}
	return obj{}, s.CheckURL(r.Context(), req.AppID)
}

func (s *Sim) controlAudit(r *http.Request, body []byte) (any, error) {
	var req struct {
		AppID    string `json:"appid"`
		Decision string `json:"decision"`
		Reason   string `json:"reason"`
		Of       string `json:"of"` // "code", which is meant when it is empty, or "privacy"
	}
	if err := parse(body, &req); err != nil {
		return nil, err
	}
	status := slices.Index([]string{auditApproved: "approve", auditRejected: "reject", auditDelayed: "delay"}, req.Decision)
	if status < 0 || req.Decision == "" {
		return nil, errors.New("decision must be approve, reject or delay")
	}
	switch req.Of {
	case "", "code":
	case "privacy":
		return s.review(r.Context(), req.AppID, status, req.Reason)
	default:
		return nil, errors.New("of must be code or privacy")
	}
	return s.decide(r.Context(), req.AppID, status, req.Reason)
}

func (s *Sim) controlTraffic(_ *http.Request, body []byte) (any, error) {
	var t Traffic
	if err := parse(body, &t); err != nil {
		return nil, err
	}
	err := s.StartTraffic(t)
	return s.TrafficReport(), err
}

func (s *Sim) controlReleaseCheck(r *http.Request, body []byte) (any, error) {
	var req struct {
		Group int `json:"group"`
	}
	if err := parse(body, &req); err != nil {
		return nil, err
	}
	return s.RunReleaseCheck(r.Context(), req.Group)
}

func (s *Sim) controlRotateKey(_ *http.Request, body []byte) (any, error) {
	var req struct {
		AESKey      string `json:"aesKey"`
		Token       string `json:"token"`
		UsePrevious bool   `json:"usePrevious"`
	}
	if err := parse(body, &req); err != nil {
		return nil, err
	}
	if req.AESKey != "" {
		if err := s.RotateKey(req.Token, req.AESKey); err != nil {
			return nil, err
		}
	}
	if err := s.UsePreviousKey(req.UsePrevious); err != nil {
		return nil, err
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	return obj{"aesKey": s.keys.aesKey, "token": s.keys.token, "usePrevious": s.keys.usePrevious}, nil
}

func (s *Sim) controlOutage(_ *http.Request, body []byte) (any, error) {
	var req struct {
		Duration Duration `json:"duration"`
	}
	if err := parse(body, &req); err != nil {
		return nil, err
	}
	return obj{}, s.Outage(req.Duration.std())
}
