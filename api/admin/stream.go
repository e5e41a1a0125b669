package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"wxcomponent/api"
	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// How the live tail reads: pushes may be stored by any instance, and a commit may land a moment
// after one with a later id, so each look goes back a little and leaves out what was sent already.
const (
	tailEvery = time.Second
	tailBack  = 10 * time.Second
	tailPage  = 200
	keepAlive = 15 * time.Second
	// streamLimit ends a stream before its login token does; the page opens a new one.
	streamLimit = time.Hour
)

type streamReq struct {
	Channel  string `query:"channel" validate:"required,oneof=component biz"`
	InfoType string `query:"infoType"`
	AppID    string `query:"appid"`
	MsgType  string `query:"msgType"`
	Event    string `query:"event"`
}

func (h *Handlers) pushStream() api.Route {
	bind := api.Binder[streamReq]()
	r := api.Raw[streamReq, api.None](http.MethodGet, "/admin/push-stream", "Pushes as they come, as server-sent events", func(c *gin.Context) {
		req, err := bind(c.Request)
		if err != nil {
			api.Fail(c, err)
			return
		}
		if err := h.stream(c, req); err != nil {
			_ = c.Error(err)
		}
	})
	r.Stream = true
	return r
}

// stream sends an event for each look that found something, and a comment now and then so that
// gateways keep the connection.
func (h *Handlers) stream(c *gin.Context, req *streamReq) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), streamLimit)
	defer cancel()
	control := http.NewResponseController(c.Writer)
	if err := control.SetWriteDeadline(time.Time{}); err != nil {
		return errno.Wrap(errno.System, err, "")
	}
	c.Header("Content-Type", "text/event-stream")
	c.Header("Cache-Control", "no-store")
	c.Header("X-Accel-Buffering", "no") // nginx would collect the stream otherwise
	tail := newTail(h, req)
	tick := time.NewTicker(tailEvery)
	defer tick.Stop()
	sent := time.Time{}
	for {
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
		case <-h.Stopping:
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

func send(w http.ResponseWriter, control *http.ResponseController, event any) error {
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

// tail remembers which records its reader has got.
type tail struct {
	h     *Handlers
	req   *streamReq
	seen  map[int64]time.Time // id → when received
	since time.Time
}

func newTail(h *Handlers, req *streamReq) *tail {
	return &tail{h: h, req: req, seen: make(map[int64]time.Time), since: h.Now()}
}

// next returns what came since the last look, newest first, nil when nothing did.
func (t *tail) next(ctx context.Context) (any, error) {
	defer t.forget()
	from := t.since.Add(-tailBack)
	if t.req.Channel == "component" {
		list, err := t.h.Records.ComponentRecordList(ctx, model.ComponentRecordFilter{
			From: from, InfoType: t.req.InfoType, Limit: tailPage,
		})
		return batch(t, list.Rows, toComponentRecord, func(r componentRecord) (int64, int64) { return r.ID, r.ReceiveTime }), err
	}
	list, err := t.h.Records.BizRecordList(ctx, model.BizRecordFilter{
		From: from, AppID: t.req.AppID, MsgType: t.req.MsgType, Event: t.req.Event, Limit: tailPage,
	})
	return batch(t, list.Rows, toBizRecord, func(r bizRecord) (int64, int64) { return r.ID, r.ReceiveTime }), err
}

func (t *tail) forget() {
	t.since = t.h.Now()
	for id, at := range t.seen {
		if at.Before(t.since.Add(-2 * tailBack)) {
			delete(t.seen, id)
		}
	}
}

type streamEvent[T any] struct {
	Channel string `json:"channel"`
	Records []T    `json:"records"`
}

func batch[Row, T any](t *tail, rows []Row, convert func(Row) T, key func(T) (id, at int64)) any {
	out := streamEvent[T]{Channel: t.req.Channel}
	for _, row := range rows {
		r := convert(row)
		id, at := key(r)
		if _, known := t.seen[id]; known {
			continue
		}
		t.seen[id] = time.Unix(at, 0)
		out.Records = append(out.Records, r)
	}
	if len(out.Records) == 0 {
		return nil
	}
	return out
}
