package wxsim

import (
	"fmt"
	"time"
)

func clearQuota(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		AppID string `json:"appid"`
	}](r)
	if err != nil {
		return nil, err
	}
	owner := s.appID
	if r.account != nil {
		owner = r.account.AppID
	}
	if req.AppID != owner {
		return nil, fail(40013, "invalid appid")
	}
	return s.clearOwnQuota(owner)
}

func clearQuotaBySecret(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		Component string `json:"component_appid"`
		Secret    string `json:"appsecret"`
		AppID     string `json:"appid"`
	}](r)
	if err != nil {
		return nil, err
	}
	if err := s.checkComponent(req.Component); err != nil {
		return nil, err
	}
	if err := s.checkSecret(req.Secret); err != nil {
		return nil, err
	}
	if req.AppID == "" {
		return s.clearOwnQuota(s.appID)
	}
	if !s.accounts.authorized(req.AppID) {
		return nil, fail(61003, "component is not authorized by this account")
	}
	return s.clearOwnQuota(req.AppID)
}

func (s *Sim) clearOwnQuota(owner string) (any, error) {
	if s.tokens.cleared[owner] >= clearLimit {
		return nil, fail(48006, "forbid to clear quota because of reaching the limit")
	}
	s.tokens.cleared[owner]++
	delete(s.tokens.quotaUsed, owner)
	return done()
}

func getQuota(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		Path string `json:"cgi_path"`
	}](r)
	if err != nil {
		return nil, err
	}
	if req.Path == "" {
		return nil, fail(76021, "cgi_path not found, please check")
	}
	owner := s.appID
	if r.account != nil {
		owner = r.account.AppID
	}
	limit := s.settings.DailyLimits[req.Path]
	if limit == 0 {
		limit = defaultQuota
	}
	used := s.tokens.quotaUsed[owner][req.Path]
	return answer(obj{
		"quota":      obj{"daily_limit": limit, "used": used, "remain": limit - used},
		"rate_limit": obj{"call_count": 3000, "refresh_second": 60},
	})
}

func callbackIPs(*Sim, *request) (any, error) {
	return obj{"ip_list": []string{"127.0.0.1", "101.89.47.18", "101.91.34.103", "112.60.0.226"}}, nil
}

// ridLog keeps the latest requests for rid/get. Guarded by Sim.mu.
type ridLog struct {
	count   uint64
	entries [512]ridEntry
}

type ridEntry struct {
	rid    string
	invoke time.Time
	cost   time.Duration
	url    string
	body   string
	answer string
}

func (l *ridLog) next(now time.Time, url string, body []byte) string {
	l.count++
	rid := fmt.Sprintf("%08x-%08x-%08x", now.Unix(), hashOf(url)&0xffffffff, l.count)
	l.entries[l.count%uint64(len(l.entries))] = ridEntry{rid: rid, invoke: now, url: url, body: cut(body)}
	return rid
}

func (l *ridLog) answered(rid string, now time.Time, answer []byte) {
	if e := &l.entries[l.count%uint64(len(l.entries))]; e.rid == rid {
		e.cost, e.answer = now.Sub(e.invoke), cut(answer)
	}
}

// cut keeps what rid/get shows of a body.
func cut(b []byte) string {
	return string(b[:min(len(b), 2048)])
}

func getRID(s *Sim, r *request) (any, error) {
	req, err := decode[struct {
		RID string `json:"rid"`
	}](r)
	if err != nil {
		return nil, err
	}
	for _, e := range s.rids.entries {
		if e.rid != "" && e.rid == req.RID {
			return answer(obj{"request": obj{
				"invoke_time": e.invoke.Unix(), "cost_in_ms": e.cost.Milliseconds(),
				"request_url": e.url, "request_body": e.body, "response_body": e.answer, "client_ip": "127.0.0.1",
			}})
		}
	}
	return nil, fail(76001, "rid not found")
}
