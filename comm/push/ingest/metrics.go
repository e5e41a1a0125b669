package ingest

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	rows    prometheus.Histogram
	seconds prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) metrics {
	f := promauto.With(reg)
	return metrics{
		rows: f.NewHistogram(prometheus.HistogramOpts{
			Name: "wxcomponent_ingest_batch_rows", Help: "Pushes stored in one transaction.",
			Buckets: []float64{1, 2, 5, 10, 20, 50, 100, 200},
		}),
		seconds: f.NewHistogram(prometheus.HistogramOpts{
			Name: "wxcomponent_ingest_commit_seconds", Help: "Time to store one batch of pushes.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
	}
}

func (m metrics) committed(rows int, took time.Duration) {
	m.rows.Observe(float64(rows))
	m.seconds.Observe(took.Seconds())
}
