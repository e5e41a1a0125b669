package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"wxcomponent/api"
	"wxcomponent/comm/auth"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/push/pushlog"
	"wxcomponent/db/model"
)

// How the live tail reads: pushes may be stored by any instance, and a commit may land a moment
// after one with a later id, so each look goes back a little and leaves out what was sent already.
const (
	tailEvery = time.Second
	tailBack  = 10 * time.Second
	tailPage  = 200
	keepAlive = 15 * time.Second
	// lookEvery is how often a stream asks whether its login still counts.
	lookEvery = 2 * time.Second
	// maxStreams are open on one instance at the same time: each asks the database once a second.
	maxStreams = 64
	// streamLimit ends a stream before its login token does; the page opens a new one.
	streamLimit = time.Hour
)

func (h *PushHandlers) stream() api.Route {
	bind := api.Binder[pushFilterReq]()
	r := api.Raw[pushFilterReq, api.None](http.MethodGet, "/admin/push-stream", "Pushes as they come, as server-sent events", func(c *gin.Context) {
		req, err := bind(c.Request)
		if err != nil {
			api.Fail(c, err)
			return
		}
		filter, err := req.filter()
		if err != nil {
			api.Fail(c, err)
			return
		}
		select {
		case h.streams <- struct{}{}:
			defer func() { <-h.streams }()
		default:
			api.Fail(c, errno.New(errno.BadParam, fmt.Sprintf("%d streams of pushes are open already, which is the most", maxStreams)))
			return
		}
		if err := h.follow(c, newTail(h.log, h.now, req.Channel, filter)); err != nil {
			_ = c.Error(err)
		}
	})
	r.Stream = true
	return r.Takes(0)
}

// follow sends an event for each look that found something, and a comment now and then so that
// gateways keep the connection.
func (h *PushHandlers) follow(c *gin.Context, tail *tail) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), streamLimit)
	defer cancel()
	control := http.NewResponseController(c.Writer)
	if err := control.SetWriteDeadline(time.Time{}); err != nil {
		return errno.Wrap(errno.System, err, "")
	}
	c.Header("Content-Type", "text/event-stream")
	c.Header("Cache-Control", "no-store")
	c.Header("X-Accel-Buffering", "no") // nginx would collect the stream otherwise
	tick := time.NewTicker(tailEvery)
	defer tick.Stop()
	sent, looked := time.Time{}, time.Now()
	for {
		if time.Since(looked) >= lookEvery {
			if ok, err := h.lasts(ctx, auth.IdentityOf(ctx)); err != nil || !ok {
				return ignoreEnd(ctx, err)
			}
			looked = time.Now()
		}
		event, err := tail.next(ctx)
		if err != nil {
			return ignoreEnd(ctx, err)
		}
		if event != nil || time.Since(sent) > keepAlive {
			if err := send(c.Writer, control, event); err != nil {
				return ignoreEnd(ctx, err)
			}
			sent = time.Now()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-h.stopping:
			return nil
		case <-tick.C:
		}
	}
}

func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the reader has gone
	}
	return err
}

func send(w http.ResponseWriter, control *http.ResponseController, event *streamEvent) error {
	text := []byte(": keep-alive\n\n")
	if event != nil {
		body, err := json.Marshal(event)
		if err != nil {
			return fmt.Errorf("encode the event: %w", err)
		}
		text = fmt.Appendf(nil, "data: %s\n\n", body)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("send the event: %w", err)
	}
	return control.Flush()
}

// tail remembers which pushes its reader has got.
type tail struct {
	log     PushLog
	now     func() time.Time
	channel string
	filter  model.PushFilter
	seen    map[model.PushKey]bool
	since   time.Time
}

func newTail(l PushLog, now func() time.Time, channel string, f model.PushFilter) *tail {
	return &tail{log: l, now: now, channel: channel, filter: f, seen: make(map[model.PushKey]bool), since: now()}
}

type streamEvent struct {
	Channel string       `json:"channel"` // that was asked for, "" for both
	Records []pushRecord `json:"records"` // newest first
	// Gap says that more came than an event holds: some are missing behind these.
	Gap bool `json:"gap,omitempty"`
}

// next returns what came since the last look, newest first, nil when nothing did.
func (t *tail) next(ctx context.Context) (*streamEvent, error) {
	defer t.forget()
	f := t.filter
	f.From = t.since.Add(-tailBack)
	rows, err := t.log.Tail(ctx, f, tailPage)
	if err != nil {
		return nil, err
	}
	out := &streamEvent{Channel: t.channel}
	for _, row := range rows {
		if t.seen[row.Key()] {
			continue
		}
		t.seen[row.Key()] = true
		r := pushRecordOf(row)
		r.PostBody, r.Preview = row.Body, pushlog.Excerpt(row.Body)
		out.Records = append(out.Records, r)
	}
	if len(out.Records) == 0 {
		return nil, nil //nolint:nilnil // nothing came
	}
	out.Gap = len(out.Records) >= tailPage
	return out, nil
}

func (t *tail) forget() {
	t.since = t.now()
	for key := range t.seen {
		if time.Unix(key.At, 0).Before(t.since.Add(-2 * tailBack)) {
			delete(t.seen, key)
		}
	}
}
