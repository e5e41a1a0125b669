package wxcallback

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"wxcomponent/comm/console/refusals"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/httputils"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/wx/event"
)

// refusal is why a push is not acknowledged, as a status, a code and a reason. The reason goes to
// the metrics and the log; a sender who is not WeChat learns only the text of the code.
type refusal struct {
	status  int
	code    errno.Code
	reason  string
	message string // shown; empty: the code's own text
	cause   error  // logged
}

func (r *refusal) Error() string { return r.reason }
func (r *refusal) Unwrap() error { return r.cause }

// public is what the sender is told.
func (r *refusal) public() error { return errno.New(r.code, r.message) }

// The refusals that need no further data.
var (
	errNoSource      = &refusal{status: http.StatusUnauthorized, code: errno.NotAuthorized, reason: "no_source"}
	errPlainOff      = &refusal{status: http.StatusUnauthorized, code: errno.NotAuthorized, reason: "plain_off"}
	errNotConfigured = &refusal{status: http.StatusUnauthorized, code: errno.NotAuthorized, reason: "not_configured"}
	errSignature     = &refusal{status: http.StatusUnauthorized, code: errno.NotAuthorized, reason: "signature"}
	errCipher        = &refusal{status: http.StatusUnauthorized, code: errno.NotAuthorized, reason: "cipher"}
	errOtherAppID    = &refusal{status: http.StatusUnauthorized, code: errno.NotAuthorized, reason: "appid"}
	errClock         = &refusal{status: http.StatusUnauthorized, code: errno.NotAuthorized, reason: "clock_or_replay"}
	errMalformed     = &refusal{status: http.StatusBadRequest, code: errno.BadParam, reason: "malformed", message: "body: neither JSON nor XML"}
	errBadAddress    = &refusal{status: http.StatusBadRequest, code: errno.BadParam, reason: "address", message: "appid: not an appid"}
	errUnreadable    = &refusal{status: http.StatusBadRequest, code: errno.BadParam, reason: "unreadable", message: "body: could not be read"}
	errTooSlow       = &refusal{status: http.StatusRequestTimeout, code: errno.BadParam, reason: "too_slow", message: "body: came too slowly"}
	errTooLarge      = &refusal{status: http.StatusRequestEntityTooLarge, code: errno.BadParam, reason: "too_large", message: "body: more than 1 MiB"}
	errBusy          = &refusal{status: http.StatusServiceUnavailable, code: errno.System, reason: "busy"}
	errCrowded       = &refusal{status: http.StatusServiceUnavailable, code: errno.System, reason: "busy_address"}
)

// unavailable means that the push is not known to be stored: WeChat shall push it again.
func unavailable(reason string, cause error) error {
	return &refusal{status: http.StatusServiceUnavailable, code: errno.System, reason: reason, cause: cause}
}

func storeReason(err error) string {
	switch {
	case errors.Is(err, ingest.ErrOverloaded):
		return "overloaded"
	case errors.Is(err, ingest.ErrTimeout):
		return "timeout"
	case errors.Is(err, ingest.ErrStopped):
		return "stopping"
	default:
		return "not_stored"
	}
}

// refuse answers a push that is not acknowledged.
func (h *Handler) refuse(c *gin.Context, channel event.Channel, err error) {
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		r = &refusal{status: http.StatusInternalServerError, code: errno.System, reason: "internal", cause: err}
	}
	outcome := outcomeRefused
	if r.status >= http.StatusInternalServerError {
		outcome = outcomeUnavailable
	}
	h.metrics.refused(channel, outcome, r.reason)
	h.refused(refusals.Push, r.reason)
	h.quiet.warn("push refused", r.reason, zap.String("channel", string(channel)), zap.NamedError("cause", r.cause))
	if r == errTooLarge || r == errTooSlow || r == errBusy || r == errCrowded {
		c.Header("Connection", "close") // the rest of the body is not read
	}
	_ = httputils.WriteErrorStatus(c.Writer, r.status, r.public())
}

// quietFor is how long a reason stays out of the log after a line about it: a flood of bad pushes
// is counted by the metrics, and must not flood the log as well.
const quietFor = time.Minute

// quiet logs a line for each reason at most once a minute.
type quiet struct {
	log  *zap.Logger
	mu   sync.Mutex
	seen map[string]*quietReason
}

type quietReason struct {
	logged  time.Time
	skipped int
}

func newQuiet(l *zap.Logger) *quiet { return &quiet{log: l, seen: map[string]*quietReason{}} }

// warn takes reasons of a small fixed set only: it remembers each.
func (q *quiet) warn(message, reason string, fields ...zap.Field) {
	skipped, due := q.due(message + "\x00" + reason)
	if !due {
		return
	}
	q.log.Warn(message, append(fields, zap.String("reason", reason), zap.Int("moreSinceLast", skipped))...)
}

func (q *quiet) due(key string) (skipped int, due bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.seen[key]
	if r == nil {
		r = &quietReason{}
		q.seen[key] = r
	}
	if time.Since(r.logged) < quietFor {
		r.skipped++
		return 0, false
	}
	skipped, r.skipped, r.logged = r.skipped, 0, time.Now()
	return skipped, true
}
