package wxsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// maxBody bounds what the simulator reads of one request: WeChat's largest upload and its form.
const maxBody = 11 << 20

// endpoint is one path of the server API.
type endpoint struct {
	method string
	path   string
	token  tokenKind
	scopes []int // one of these permission sets must be granted; none = no set is needed
	serve  func(*Sim, *request) (any, error)
}

// request is a call of the server API that has passed the token check.
type request struct {
	query   url.Values
	header  http.Header
	body    []byte
	now     time.Time
	base    string   // address under which the caller reaches the simulator
	account *account // whose token it is; nil for the platform's own
}

// obj is a JSON object that an API answers with.
type obj = map[string]any

func done() (any, error) { return obj{"errcode": 0, "errmsg": "ok"}, nil }

// answer gives an API's members the errcode 0 that all but the token APIs carry.
func answer(o obj) (any, error) {
	o["errcode"], o["errmsg"] = 0, "ok"
	return o, nil
}

// apiError is a refusal in WeChat's terms.
type apiError struct {
	code int
	msg  string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.code, e.msg) }

func fail(code int, msg string) error { return &apiError{code, msg} }

// decode reads a JSON body as WeChat does: anything but an object of the right types is 47001.
func decode[T any](r *request) (T, error) {
	var v T
	if err := json.Unmarshal(r.body, &v); err != nil {
		return v, fail(47001, "data format error")
	}
	return v, nil
}

// looseID is a number that callers may also send as a string, as WeChat accepts for template ids.
type looseID int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *looseID) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(bytes.Trim(b, `"`), (*int64)(n))
}

// handler turns an endpoint into a net/http handler: counts, faults, token check, answer.
func (s *Sim) handler(e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := readBody(w, r)
		if err != nil {
			http.Error(w, "request entity too large", http.StatusRequestEntityTooLarge)
			return
		}
		end := s.calls.begin(e.path, r.URL.RawQuery, body)
		defer end()
		fault, broken := s.faults.take(e.path, func() string { return s.callerAppID(r.URL.Query(), body) })
		if broken && !fault.Executed && fault.alone() {
			fault.play(w, r, nil)
			return
		}
		res := s.serve(e, r, body)
		if broken {
			fault.play(w, r, &res)
			return
		}
		res.write(w)
	}
}

// readBody makes room for all of a body at once: a large one is not copied again and again.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(max(r.ContentLength, 0), maxBody)) + bytes.MinRead)
	_, err := b.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	return b.Bytes(), err
}

// response is an answer that is ready to be written. APIs return one for what is not JSON.
type response struct {
	contentType string
	data        []byte
}

func (p response) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", p.contentType)
	_, _ = w.Write(p.data)
}

// serve runs the endpoint under the lock and remembers the request by its rid.
func (s *Sim) serve(e endpoint, r *http.Request, body []byte) response {
	req := &request{query: r.URL.Query(), header: r.Header, body: body, now: s.now(), base: baseURL(r)}
	s.mu.Lock()
	defer s.mu.Unlock()
	rid := s.rids.next(req.now, r.URL.String(), body)
	v, err := s.call(e, r, req)
	if picture, ok := v.(response); ok && err == nil {
		return picture
	}
	res := errorResponse(v, err, rid)
	s.rids.answered(rid, s.now(), res.data)
	return res
}

func (s *Sim) call(e endpoint, r *http.Request, req *request) (any, error) {
	if e.method != r.Method {
		if e.method == http.MethodGet {
			return nil, fail(43001, "require GET method")
		}
		return nil, fail(43002, "require POST method")
	}
	if err := s.checkCaller(e, r, req); err != nil {
		return nil, err
	}
	return e.serve(s, req)
}

// checkCaller holds what comes before every API: address, token, permission set, quota.
func (s *Sim) checkCaller(e endpoint, r *http.Request, req *request) error {
	if e.token != tokenAuthorizer {
		if err := s.checkIP(r.RemoteAddr); err != nil {
			return err
		}
	}
	owner := s.appID
	if e.token != tokenNone {
		g, err := s.checkToken(e.token, req.query, req.now)
		if err != nil {
			return err
		}
		if g.kind == tokenAuthorizer {
			owner, req.account = g.appID, s.accounts.byID[g.appID]
			if !hasAny(req.account.Funcs, e.scopes) {
				return fail(61007, "api is unauthorized to component")
			}
		}
	}
	if e.path == "/cgi-bin/clear_quota" || e.path == clearQuotaV2 {
		return nil
	}
	return s.tokens.spend(owner, e.path, s.settings.DailyLimits[e.path], req.now)
}

func hasAny(have, want []int) bool {
	return len(want) == 0 || slices.ContainsFunc(want, func(id int) bool { return slices.Contains(have, id) })
}

func (s *Sim) checkIP(remote string) error {
	if len(s.settings.AllowedIPs) == 0 {
		return nil
	}
	host, _, err := net.SplitHostPort(remote)
	if err == nil && slices.Contains(s.settings.AllowedIPs, host) {
		return nil
	}
	return fail(61004, "access clientip is not registered requestIP: "+host)
}

// errorResponse writes v, or err in WeChat's form with the rid at the end.
func errorResponse(v any, err error, rid string) response {
	if err != nil {
		refused := &apiError{-1, "system error"}
		errors.As(err, &refused)
		v = obj{"errcode": refused.code, "errmsg": refused.msg + " rid: " + rid}
	}
	return response{jsonType, encodeJSON(v)}
}

// jsonType is the content type that WeChat's API sends, odd as it is.
const jsonType = "application/json; encoding=utf-8"

// encodeJSON leaves <, > and & as they are, as WeChat does.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return []byte(`{"errcode":-1,"errmsg":"system error"}`)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

func baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// callerAppID names the account that a call is about, from its token or its body, for faults that
// hit one account only.
func (s *Sim) callerAppID(q url.Values, body []byte) string {
	var req struct {
		AuthorizerAppID string `json:"authorizer_appid"`
	}
	if json.Unmarshal(body, &req) == nil && req.AuthorizerAppID != "" {
		return req.AuthorizerAppID
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.tokens.grants[q.Get("access_token")]; g != nil && g.kind == tokenAuthorizer {
		return g.appID
	}
	return ""
}
