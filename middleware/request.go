// Package middleware holds what every request passes through: identity of the request, access log,
// recovery, login, limits and security headers. Nothing here touches the database itself.
package middleware

import (
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/httputils"
	"wxcomponent/comm/log"
)

// HeaderRequestID carries the id of a request from a front proxy, and back to the caller.
const HeaderRequestID = "X-Request-Id"

// RequestID gives every request an id: the front proxy's where it is well formed, else a new one.
func RequestID() gin.HandlerFunc {
	wellFormed := regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)
	return func(c *gin.Context) {
		id := c.GetHeader(HeaderRequestID)
		if id == "" || !wellFormed.MatchString(id) {
			id = uuid.NewString()
		}
		c.Header(HeaderRequestID, id)
		c.Request = c.Request.WithContext(log.With(c.Request.Context(), zap.String("request", id)))
		c.Next()
	}
}

// AccessLog writes one line for each request that failed, and one at debug level for each other:
// method, path without its query, status, time. Errors that handlers left in the gin context are
// logged here and nowhere else.
func AccessLog(l *zap.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		start := time.Now()
		c.Next()
		level, failure := zap.DebugLevel, c.Errors.Last()
		if failure != nil {
			level = levelOf(failure.Err)
		}
		if !l.Core().Enabled(level) { // before the fields of the request are copied
			return
		}
		fields := []zap.Field{
			zap.String("method", c.Request.Method), zap.String("path", c.Request.URL.Path),
			zap.Int("status", c.Writer.Status()), zap.Duration("took", time.Since(start)),
			zap.String("client", c.ClientIP()),
		}
		if failure != nil {
			fields = append(fields, zap.Error(failure.Err))
		}
		log.From(c.Request.Context(), l).Log(level, "request", fields...)
	}
}

// levelOf keeps the caller's own mistakes out of the error log.
func levelOf(err error) zapcore.Level {
	switch errno.As(err).Code {
	case errno.System:
		return zap.ErrorLevel
	case errno.CallFailed, errno.LoginFailed, errno.TooManyFailures:
		return zap.WarnLevel
	case errno.RateLimited: // comes in floods; what is refused is counted and told as a sum
		return zap.DebugLevel
	default:
		return zap.InfoLevel
	}
}

// Recovery answers a panic with a system error and logs where it happened.
func Recovery(l *zap.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // net/http's own convention compares the value
				panic(cause) //nolint:forbidigo // net/http closes the connection on it
			}
			log.From(c.Request.Context(), l).Error("panic", zap.Any("cause", cause), zap.ByteString("stack", debug.Stack()))
			if !c.Writer.Written() {
				_ = httputils.WriteErrorStatus(c.Writer, http.StatusInternalServerError, errno.New(errno.System, ""))
			}
			c.Abort()
		}()
		c.Next()
	}
}
