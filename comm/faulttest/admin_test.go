package faulttest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/waittest"
)

// admin is a person at the dashboard. Log-ins outlive the process.
type admin struct {
	t         testing.TB
	base, jwt string
	client    *http.Client
}

func login(t testing.TB, p *product) *admin {
	t.Helper()
	a := &admin{t: t, base: "http://" + p.public + "/wxcomponent", client: &http.Client{Timeout: waittest.Limit}}
	var data struct{ JWT string }
	a.do(http.MethodPut, "/auth", map[string]any{"username": adminUser, "password": adminPassword}, &data)
	a.jwt = data.JWT
	return a
}

func (a *admin) call(ctx context.Context, method, path string, body, data any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, strings.NewReader(string(text)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+a.jwt)
	res, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer := struct {
		Code     int
		ErrorMsg string
		Data     any
	}{Data: data}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return err
	}
	if answer.Code != 0 {
		return fmt.Errorf("%s: %d %s", path, answer.Code, answer.ErrorMsg)
	}
	return nil
}

func (a *admin) do(method, path string, body, data any) {
	a.t.Helper()
	require.NoError(a.t, a.call(a.t.Context(), method, path, body, data))
}

// target adds a target and returns its id.
func (a *admin) target(fields map[string]any) int64 {
	a.t.Helper()
	var added struct{ ID int64 }
	a.do(http.MethodPut, "/admin/forward-target", fields, &added)
	return added.ID
}

// rule leads all messages of the accounts, or of all when there are none, to targets.
func (a *admin) rule(mode string, accounts []string, targets ...int64) {
	a.t.Helper()
	a.do(http.MethodPut, "/admin/forward-rule", map[string]any{
		"name": mode, "open": true, "mode": mode, "conditions": map[string]any{"accounts": accounts}, "targets": targets,
	}, nil)
}

// askEvery is the pause between two looks at the dashboard, which cost the service something.
const askEvery = 50 * time.Millisecond

// health is what the dashboard shows of a target.
type health struct {
	Paused      bool
	PauseReason string
	Health      struct {
		Pending, Dead, Delivered int64
		Breaker                  string
		BreakerSince             int64 // seconds since 1970
	}
}

func (a *admin) health(id int64) (h health, err error) {
	err = a.call(a.t.Context(), http.MethodGet, fmt.Sprintf("/admin/forward-target?id=%d", id), nil, &h)
	return h, err
}

// drained waits until nothing waits for the targets, and returns how long that took.
func (a *admin) drained(limit time.Duration, targets ...int64) (took time.Duration, ok bool) {
	a.t.Helper()
	begin := time.Now()
	for time.Since(begin) < limit {
		pending := int64(0)
		for _, id := range targets {
			h, err := a.health(id)
			if err != nil {
				pending++
			}
			pending += h.Health.Pending
		}
		if pending == 0 {
			return time.Since(begin), true
		}
		time.Sleep(askEvery)
	}
	return time.Since(begin), false
}

// attempt is a call of a target as the dashboard shows it.
type attempt struct {
	Time, DurationMS int64
	OK               bool
	Status           int
	Error, Answer    string
}

// attempts are the calls of a target, oldest first.
func (a *admin) attempts(id int64) []attempt {
	a.t.Helper()
	var data struct{ Attempts []attempt }
	a.do(http.MethodGet, fmt.Sprintf("/admin/attempt-list?limit=200&target=t%d", id), nil, &data)
	out := make([]attempt, 0, len(data.Attempts))
	for i := len(data.Attempts) - 1; i >= 0; i-- {
		out = append(out, data.Attempts[i])
	}
	return out
}
