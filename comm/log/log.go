// Package log sets up structured logging and carries request fields through a context. Nothing
// secret is ever handed to it: values that must not be read are of type Secret, which prints as
// stars whatever formats it.
package log

import (
	"context"
	"fmt"
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// New returns a logger that writes one JSON object a line to w, from level ("debug", "info",
// "warn" or "error") up.
func New(level string, w io.Writer) (*zap.Logger, error) {
	lv, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, fmt.Errorf("log level %q: %w", level, err)
	}
	cfg := zap.NewProductionEncoderConfig()
	cfg.TimeKey = "time"
	cfg.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	core := zapcore.NewCore(zapcore.NewJSONEncoder(cfg), zapcore.Lock(zapcore.AddSync(w)), lv)
	return zap.New(core), nil
}

type fieldsKey struct{}

// With returns a context whose fields From adds to every line.
func With(ctx context.Context, fields ...zap.Field) context.Context {
	have, _ := ctx.Value(fieldsKey{}).([]zap.Field)
	return context.WithValue(ctx, fieldsKey{}, append(have[:len(have):len(have)], fields...))
}

// From returns the logger with the context's fields (request id, user, …).
func From(ctx context.Context, l *zap.Logger) *zap.Logger {
	if fields, _ := ctx.Value(fieldsKey{}).([]zap.Field); len(fields) > 0 {
		return l.With(fields...)
	}
	return l
}

// Secret is a string that shows as stars in every format; Reveal is the only way to its text.
type Secret string

const stars = "***"

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String implements fmt.Stringer.
func (s Secret) String() string { return stars }

// Format implements fmt.Formatter, so that no verb prints the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, stars) }

// MarshalText implements encoding.TextMarshaler, for JSON, YAML and zap alike.
func (s Secret) MarshalText() ([]byte, error) { return []byte(stars), nil }
