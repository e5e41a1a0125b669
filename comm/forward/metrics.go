package forward

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	attempts *prometheus.CounterVec
	lag      prometheus.Histogram
	dead     prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) metrics {
	f := promauto.With(reg)
	return metrics{
		attempts: f.NewCounterVec(prometheus.CounterOpts{
			Name: "wxcomponent_forward_attempts_total", Help: "Calls of forwarding targets, by cause and outcome.",
		}, []string{"cause", "outcome"}),
		dead: f.NewCounter(prometheus.CounterOpts{
			Name: "wxcomponent_forward_dead_total", Help: "Deliveries given up after their last attempt.",
		}),
		lag: f.NewHistogram(prometheus.HistogramOpts{
			Name: "wxcomponent_forward_lag_seconds", Help: "Time from the arrival of a push until a target has it.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 5, 10, 60, 600, 3600, 86400},
		}),
	}
}

func (m metrics) delivered(cause string, ok bool, lag time.Duration) {
	outcome := "failed"
	if ok {
		outcome = "delivered"
		m.lag.Observe(lag.Seconds())
	}
	m.attempts.WithLabelValues(cause, outcome).Inc()
}
