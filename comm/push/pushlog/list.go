package pushlog

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

const (
	previewLength = 400 // characters of a body that lists show
	before        = 60  // characters of it before what was searched for

	firstLook  = 128
	widestLook = 4096
	// A search ends for the time being after so many rows, or so much time.
	searchRows = 50_000
	searchTime = 1500 * time.Millisecond
)

// List returns a page of the log.
func (s *Service) List(ctx context.Context, q Query) (*Page, error) {
	switch {
	case q.ID != "":
		return s.byID(ctx, q)
	case q.Outcome != "":
		return s.byOutcome(ctx, q)
	}
	beyond, err := parseCursor(q.Cursor)
	if err != nil {
		return nil, err
	}
	found, last, err := s.search(ctx, q, beyond)
	if err != nil {
		return nil, err
	}
	page := &Page{}
	switch {
	case len(found) > q.Limit:
		found = found[:q.Limit]
		page.NextCursor = cursorOf(found[q.Limit-1])
	case last != nil:
		page.NextCursor, page.SearchedTo = cursorOf(*last), time.Unix(last.At, 0).UTC()
	}
	page.Pushes, err = s.rows(ctx, found, q.Text)
	return page, err
}

// search looks for one push more than a page has. last is set when it ended early, at the place that
// it had come to.
func (s *Service) search(ctx context.Context, q Query, beyond *model.PushKey) (found []model.PushKey, last *model.PushKey, err error) {
	begin, looked := s.now(), 0
	for width := max(firstLook, q.Limit+1); ; width = min(4*width, widestLook) {
		scan, err := s.store.PushScan(ctx, q.PushFilter, beyond, width)
		if err != nil {
			return nil, nil, fmt.Errorf("list pushes: %w", err)
		}
		found, looked = append(found, scan.Keys...), looked+scan.Looked
		if len(found) > q.Limit || scan.Last == nil {
			return found, nil, nil
		}
		beyond = scan.Last
		if looked >= searchRows || s.now().Sub(begin) >= searchTime {
			return found, beyond, nil
		}
	}
}

// rows reads pushes with the beginning of their bodies, or with what was searched for in them.
func (s *Service) rows(ctx context.Context, keys []model.PushKey, text string) ([]model.PushRow, error) {
	characters := previewLength
	if text != "" {
		characters = 0
	}
	rows, err := s.store.PushRows(ctx, keys, characters)
	if err != nil {
		return nil, fmt.Errorf("list pushes: %w", err)
	}
	for i := range rows {
		rows[i].Body = excerpt(rows[i].Body, text)
	}
	return append([]model.PushRow{}, rows...), nil // never nil
}

// excerpt is the part of a body around a text, or its beginning.
func excerpt(body, text string) string {
	at := 0
	if text != "" {
		at = max(strings.Index(strings.ToLower(body), strings.ToLower(text)), 0)
		at = min(at, len(body)) // letters may change their length with their case
	}
	for range before {
		_, size := utf8.DecodeLastRuneInString(body[:at])
		at -= size
	}
	cut := ""
	if at > 0 {
		cut = "…"
	}
	return cut + first(body[at:], previewLength)
}

func first(s string, characters int) string {
	n := 0
	for i := range s {
		if n++; n > characters {
			return s[:i]
		}
	}
	return s
}

// byID finds the pushes that a number or an identity means; filters besides do not count.
func (s *Service) byID(ctx context.Context, q Query) (*Page, error) {
	var keys []model.PushKey
	text := strings.TrimSpace(q.ID)
	if channel, id, ok := ParseID(text); ok {
		keys = []model.PushKey{{ID: id, Channel: channelNumber(channel)}}
	} else if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		keys = []model.PushKey{{ID: id, Channel: model.ChannelBiz}, {ID: id, Channel: model.ChannelComponent}}
	} else {
		messages, err := s.forwarding.Messages(ctx, []string{text})
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			rows, err := s.locate(ctx, []forwardMessage{m})
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				keys = append(keys, r.Key())
			}
		}
	}
	rows, err := s.rows(ctx, keys, "")
	return &Page{Pushes: rows}, err
}

// Tail returns the newest pushes since a time that a filter lets through, whole, newest first.
func (s *Service) Tail(ctx context.Context, f model.PushFilter, limit int) ([]model.PushRow, error) {
	scan, err := s.store.PushScan(ctx, f, nil, limit)
	if err != nil {
		return nil, fmt.Errorf("read new pushes: %w", err)
	}
	rows, err := s.store.PushRows(ctx, scan.Keys, 0)
	if err != nil {
		return nil, fmt.Errorf("read new pushes: %w", err)
	}
	return rows, nil
}

// Excerpt is what lists show of a body.
func Excerpt(body string) string { return excerpt(body, "") }

// Channel is the channel of a push by its name.
func Channel(row model.PushRow) event.Channel { return channelName(row.Channel) }

// ChannelNumber is the number that a channel has in filters; 0 for "", which is both.
func ChannelNumber(name string) int8 {
	if name == "" {
		return 0
	}
	return channelNumber(event.Channel(name))
}
