//go:build bench

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// admin is a logged-in client of the admin API.
type admin struct {
	base, jwt string
	client    *http.Client
}

func login(t testing.TB, p *process) admin {
	t.Helper()
	a := admin{base: "http://" + p.address + "/wxcomponent", client: &http.Client{Timeout: 30 * time.Second}}
	var data struct{ JWT string }
	require.NoError(t, a.call(t.Context(), http.MethodPut, "/auth", fmt.Sprintf(`{"username":%q,"password":%q}`, adminUser, adminPassword), &data))
	a.jwt = data.JWT
	return a
}

func (a admin) call(ctx context.Context, method, path, body string, data any) error {
	answer := struct {
		Code     int
		ErrorMsg string
		Data     any
	}{Data: data}
	if err := send(ctx, a.client, method, a.base+path, a.jwt, body, &answer); err != nil {
		return err
	}
	if answer.Code != 0 {
		return fmt.Errorf("%s: %d %s", path, answer.Code, answer.ErrorMsg)
	}
	return nil
}

// askJSON calls one of the helping processes and reads its answer.
func askJSON(ctx context.Context, method, url, body string, answer any) error {
	return send(ctx, http.DefaultClient, method, url, "", body, answer)
}

func send(ctx context.Context, client *http.Client, method, url, jwt, body string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if jwt != "" {
		req.Header.Set("Authorization", "Bearer "+jwt)
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, url, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// listing is one page of a list that is measured.
type listing struct {
	name, path string
	query      url.Values
}

// page asks for it and returns how many records came and the cursor of the next.
func (a admin) page(ctx context.Context, l listing) (records int, next string, err error) {
	var data struct {
		Records    []json.RawMessage
		NextCursor string
	}
	err = a.call(ctx, http.MethodGet, l.path+"?"+l.query.Encode(), "", &data)
	return len(data.Records), data.NextCursor, err
}

// listings are the first page, one deep in the list, and each filter: a frequent value, a rare one
// and one that nothing matches.
func listings(t testing.TB, a admin) []listing {
	t.Helper()
	const biz, component = "/admin/wx-biz-records", "/admin/wx-component-records"
	since := strconv.FormatInt(time.Now().Add(-2*seedSpan).Unix(), 10)
	middle := strconv.FormatInt(time.Now().Add(-seedSpan/2).Unix(), 10)
	with := func(pairs ...string) url.Values {
		v := url.Values{"startTime": {since}, "limit": {"15"}}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	deep := func(path string) listing {
		records, cursor, err := a.page(t.Context(), listing{path: path, query: with("endTime", middle)})
		require.NoError(t, err)
		require.Equal(t, 15, records)
		require.NotEmpty(t, cursor)
		return listing{"deep cursor", path, with("cursor", cursor)}
	}
	return []listing{
		{"messages, first page", biz, with()},
		{"messages, deep cursor", biz, deep(biz).query},
		{"messages, middle of the time range", biz, with("endTime", middle)},
		{"messages, appid", biz, with("appid", account(7))},
		{"messages, appid that nothing matches", biz, with("appid", "wxnobody")},
		{"messages, msgType", biz, with("msgType", "text")},
		{"messages, event", biz, with("event", "event_4")},
		{"messages, event that nothing matches", biz, with("event", "nothing")},
		{"messages, appid and event", biz, with("appid", account(4), "event", "event_4")},
		{"events, first page", component, with()},
		{"events, deep cursor", component, deep(component).query},
		{"events, infoType", component, with("infoType", "unauthorized")},
		{"events, infoType that nothing matches", component, with("infoType", "nothing")},
	}
}

// measure asks for a page again and again.
func (a admin) measure(t testing.TB, l listing, times int) result {
	t.Helper()
	var r result
	begin := time.Now()
	for i := range times + 10 {
		sent := time.Now()
		_, _, err := a.page(t.Context(), l)
		require.NoError(t, err, l.name)
		if i >= 10 { // the first ones warm up
			r.latencies = append(r.latencies, time.Since(sent))
		}
	}
	r.elapsed = time.Since(begin)
	slices.Sort(r.latencies)
	return r
}

// people page through the lists until ctx ends, each asking for a page every pause.
func (a admin) people(ctx context.Context, t testing.TB, n int, pause time.Duration, lists []listing) {
	for i := range n {
		go func() {
			for turn := i; ctx.Err() == nil; turn++ {
				if _, _, err := a.page(ctx, lists[turn%len(lists)]); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
			}
		}()
	}
}
