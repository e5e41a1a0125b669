package wxcallback

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"wxcomponent/comm/wx/event"
)

// What became of a push.
const (
	outcomeStored      = "stored"
	outcomeDuplicate   = "duplicate"
	outcomeHeld        = "held"
	outcomeProbe       = "probe"
	outcomeRefused     = "refused"
	outcomeUnavailable = "unavailable"
)

type metrics struct {
	pushes  *prometheus.CounterVec
	refusal *prometheus.CounterVec
	ack     *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	return &metrics{
		pushes: f.NewCounterVec(prometheus.CounterOpts{
			Name: "wxcomponent_pushes_total", Help: "Pushes received, by channel and what became of them.",
		}, []string{"channel", "outcome"}),
		refusal: f.NewCounterVec(prometheus.CounterOpts{
			Name: "wxcomponent_pushes_refused_total", Help: "Pushes not acknowledged, by channel and reason.",
		}, []string{"channel", "reason"}),
		ack: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "wxcomponent_push_ack_seconds", Help: "Time from the arrival of a push until it is stored.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"channel"}),
	}
}

func (m *metrics) pushed(channel event.Channel, outcome string, took time.Duration) {
	m.pushes.WithLabelValues(string(channel), outcome).Inc()
	m.ack.WithLabelValues(string(channel)).Observe(took.Seconds())
}

func (m *metrics) refused(channel event.Channel, outcome, reason string) {
	m.pushes.WithLabelValues(string(channel), outcome).Inc()
	m.refusal.WithLabelValues(string(channel), reason).Inc()
}
