// Package wxcallback answers WeChat's pushes: authorization events on /wxcallback/component,
// messages and events of accounts on /wxcallback/biz/:appid.
//
// A push is read within bounds, authenticated, stored together with its follow-up work, and only
// then acknowledged. Nothing else happens before the answer.
package wxcallback

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"wxcomponent/comm/console/refusals"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/httputils"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/wx/event"
)

const (
	// ticketTimeout and the ingest's own limit together stay below the 5 s after which WeChat hangs up.
	ticketTimeout = time.Second
	// replyDeadline counts from the arrival of a push, and bounds the wait for a synchronous target.
	replyDeadline = 4500 * time.Millisecond
	success       = "success"
)

// Credentials are the platform's, as they are now.
type Credentials interface {
	// Crypt checks and decrypts pushes; nil while token or EncodingAESKey are not set.
	Crypt() *encrypt.MsgCrypt
}

// Ingester stores a push and its follow-up work durably, once.
type Ingester interface {
	Store(ctx context.Context, p *event.Push) (ingest.Result, error)
}

// TicketStore keeps the newest component_verify_ticket, apart from the log of pushes: a full or
// broken log must not cost the platform its tokens.
type TicketStore interface {
	// TicketSave does nothing when a ticket made later is already there.
	TicketSave(ctx context.Context, ticket string, createdAt time.Time) error
}

// ClockStore keeps when a push was last refused for the time that was signed with it.
type ClockStore interface {
	ClockRefused(ctx context.Context, signedAt, at time.Time) error
}

// Reply is what a push is answered with instead of "success".
type Reply struct {
	Body        []byte
	ContentType string
}

// Asked is a stored push that waits for its answer.
type Asked struct {
	Push      *event.Push
	Request   *http.Request // that it came with
	Duplicate bool          // it had been stored before: WeChat pushes again while the first delivery still waits
	Deadline  time.Time     // to answer by
}

// Replier asks a synchronous target for the answer to a stored push.
type Replier interface {
	// Reply returns before the deadline. false means "success".
	Reply(ctx context.Context, a Asked) (Reply, bool)
}

// Deps are what the endpoints need.
type Deps struct {
	Log         *zap.Logger
	Metrics     prometheus.Registerer
	Credentials Credentials
	Ingest      Ingester
	Tickets     TicketStore
	Clock       ClockStore // nil: nobody is told
	Replier     Replier    // nil: every stored push is answered "success"
	// Refused is told the area and the reason of whatever is refused, see refusals.Counter; nil is nobody.
	Refused func(area, reason string)
	Plain   bool // pushes in clear that carry x-wx-source are accepted

	// Zero values mean the usual times.
	BodyTime   time.Duration // for a body to come
	TicketTime time.Duration // for a ticket to be kept
}

// Handler holds the endpoints.
type Handler struct {
	log     *zap.Logger
	creds   Credentials
	ingest  Ingester
	tickets TicketStore
	clock   ClockStore
	replier Replier
	plain   bool
	bodies  *bodyReader
	metrics *metrics
	refused func(area, reason string)
	quiet   *quiet

	ticketTime time.Duration
}

// New returns the endpoints.
func New(d Deps) *Handler {
	if d.Refused == nil {
		d.Refused = func(string, string) {}
	}
	return &Handler{
		log: d.Log, creds: d.Credentials, ingest: d.Ingest, tickets: d.Tickets, clock: d.Clock, replier: d.Replier,
		plain: d.Plain, bodies: newBodyReader(cmp.Or(d.BodyTime, readTimeout)), metrics: newMetrics(d.Metrics),
		refused: d.Refused, quiet: newQuiet(d.Log), ticketTime: cmp.Or(d.TicketTime, ticketTimeout),
	}
}

// Register adds the routes below g, which is /wxcallback.
func (h *Handler) Register(g gin.IRoutes) {
	for _, end := range []string{"", "/"} { // an address may have been entered with a slash at its end
		g.POST("/component"+end, func(c *gin.Context) { h.push(c, event.Component) })
		g.GET("/component"+end, h.echo)
		g.POST("/biz/:appid"+end, func(c *gin.Context) { h.push(c, event.Biz) })
		g.GET("/biz/:appid"+end, h.echo)
	}
}

// push answers one delivery.
func (h *Handler) push(c *gin.Context, channel event.Channel) {
	begin := time.Now()
	in, err := h.accept(c, channel, begin)
	if err != nil {
		h.refuse(c, channel, err)
		return
	}
	h.metrics.pushed(channel, in.outcome(), time.Since(begin))
	h.answer(c, in, begin)
}

// accept reads a delivery and makes the push in it durable.
func (h *Handler) accept(c *gin.Context, channel event.Channel, begin time.Time) (*incoming, error) {
	b, err := h.bodies.read(c.Writer, c.Request, c.ClientIP())
	if err != nil {
		return nil, err
	}
	defer b.free()
	in, err := h.open(c, channel, b.bytes(), begin)
	if err != nil {
		return nil, err
	}
	return in, h.store(c.Request.Context(), in)
}

// incoming is a push that was authenticated and read.
type incoming struct {
	push      *event.Push
	sealed    *sealed // nil for a push that came in clear
	probe     bool    // the cloud console looks whether the address answers
	duplicate bool
	held      bool // nobody is asked for the answer
}

func (in *incoming) outcome() string {
	switch {
	case in.probe:
		return outcomeProbe
	case in.duplicate:
		return outcomeDuplicate
	case in.held:
		return outcomeHeld
	default:
		return outcomeStored
	}
}

// store makes the push durable. A ticket comes first and by a way of its own: it counts even when
// the log of pushes cannot be written.
func (h *Handler) store(ctx context.Context, in *incoming) error {
	if in.probe {
		return nil
	}
	if err := h.saveTicket(ctx, in.push); err != nil {
		return unavailable("ticket_not_stored", err)
	}
	res, err := h.ingest.Store(ctx, in.push)
	if err != nil {
		return unavailable(storeReason(err), err)
	}
	in.duplicate, in.held = res.Duplicate, res.Held
	return nil
}

func (h *Handler) saveTicket(ctx context.Context, p *event.Push) error {
	if p.Channel != event.Component || p.InfoType != "component_verify_ticket" {
		return nil
	}
	ticket := p.Field("ComponentVerifyTicket")
	if ticket == "" {
		return nil
	}
	madeAt := p.CreatedAt
	if madeAt.IsZero() {
		madeAt = p.ReceivedAt
	}
	ctx, cancel := context.WithTimeout(ctx, h.ticketTime)
	defer cancel()
	return h.tickets.TicketSave(ctx, ticket, madeAt)
}

// answer acknowledges a stored push, with the reply of a synchronous target where there is one.
func (h *Handler) answer(c *gin.Context, in *incoming, begin time.Time) {
	reply, ok := h.reply(c, in, begin)
	if !ok {
		writeText(c.Writer, success)
		return
	}
	if in.sealed != nil && len(reply.Body) > 0 && string(reply.Body) != success {
		body, contentType, err := in.sealed.reply(reply.Body, time.Now())
		if err != nil {
			h.log.Error("cannot encrypt the reply to a push", zap.Error(err))
			writeText(c.Writer, success) // it is stored: pushing it again would not help
			return
		}
		reply = Reply{Body: body, ContentType: contentType}
	}
	c.Data(http.StatusOK, reply.ContentType, reply.Body)
}

func (h *Handler) reply(c *gin.Context, in *incoming, begin time.Time) (Reply, bool) {
	if h.replier == nil || in.probe || in.held {
		return Reply{}, false
	}
	return h.replier.Reply(c.Request.Context(), Asked{in.push, c.Request, in.duplicate, begin.Add(replyDeadline)})
}

// echo proves to WeChat that the address is ours: the signature shows that the caller knows the
// token, and gets its text back.
func (h *Handler) echo(c *gin.Context) {
	q := c.Request.URL.Query()
	crypt := h.creds.Crypt()
	if crypt == nil || !crypt.VerifyURL(q.Get("signature"), q.Get("timestamp"), q.Get("nonce")) {
		err := errSignature
		if crypt == nil {
			err = errNotConfigured
		}
		h.refused(refusals.Push, err.reason)
		h.quiet.warn("address check refused", err.reason)
		_ = httputils.WriteErrorStatus(c.Writer, err.status, err.public())
		return
	}
	writeText(c.Writer, q.Get("echostr"))
}

// writeText answers with a text that no browser takes for a page.
func writeText(w http.ResponseWriter, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(text)) // the caller hung up: it will push again
}
