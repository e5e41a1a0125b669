package faulttest

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/outgoing"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/model"
)

// What can be found wrong.
const (
	lostPush       = "acknowledged pushes are not stored"
	ackedInVain    = "pushes were acknowledged while nothing could be stored"
	storedTwice    = "pushes are stored more than once"
	lostDelivery   = "stored pushes neither reached their target nor wait for it"
	forwardedAgain = "pushes were forwarded again without need"
	notDrained     = "deliveries still wait"
	slowStart      = "it was not ready in time"
	slowAnswer     = "pushes were not answered in time"
	slowRecovery   = "it did not recover in time"
	neverTaken     = "no push was taken"
)

// report is what comes out of a run: one line of JSON.
type report struct {
	t       testing.TB
	Test    string             `json:"test"`
	Seed    uint64             `json:"seed"`
	Full    bool               `json:"full"`
	Defects string             `json:"defects,omitempty"` // that the service was given
	Counts  map[string]int64   `json:"counts"`
	Figures map[string]float64 `json:"figures"` // times in milliseconds
	Wrong   []string           `json:"wrong"`
	Verdict string             `json:"verdict"`
}

func newReport(t testing.TB, p plan, defects string) *report {
	return &report{
		t: t, Test: t.Name(), Seed: p.seed, Full: p.full, Defects: defects,
		Counts: map[string]int64{}, Figures: map[string]float64{}, Wrong: []string{},
	}
}

// check notes what is wrong unless it is right.
func (r *report) check(right bool, wrong, format string, args ...any) {
	if !right {
		r.Wrong = append(r.Wrong, wrong)
		r.t.Logf("%s: "+format, append([]any{wrong}, args...)...)
	}
}

// within holds a full run to a limit of time.
func (r *report) within(limit, took time.Duration, wrong string) {
	r.check(!r.Full || took <= limit, wrong, "%s", took)
}

func (r *report) time(name string, d time.Duration) time.Duration {
	r.Figures[name+"_ms"] = float64(d.Microseconds()) / 1000
	return d
}

// close prints the line. A run of the service as it is must have nothing wrong; one with defects
// must have found each of what they do.
func (r *report) close(expected ...string) {
	r.t.Helper()
	slices.Sort(r.Wrong)
	r.Wrong = slices.Compact(r.Wrong)
	r.Verdict = "pass"
	if len(r.Wrong) > 0 {
		r.Verdict = "fail"
	}
	line, err := json.Marshal(r)
	require.NoError(r.t, err)
	_, err = fmt.Fprintf(os.Stdout, "%s\n", line)
	require.NoError(r.t, err)
	if len(expected) == 0 {
		require.Empty(r.t, r.Wrong, "%s", line)
	}
	for _, wrong := range expected {
		require.Contains(r.t, r.Wrong, wrong, "the defect was not found: %s", line)
	}
}

// stored is what the database holds at the end.
type stored struct {
	rows  map[int64]int    // how often each push is there
	of    map[int64]string // its account
	works map[string]map[int64]delivery
}

func (s stored) worksOf(k *sink) map[int64]delivery { return s.works[fmt.Sprintf("t%d", k.target)] }

// delivery is what became of a push on its way to a target.
type delivery struct {
	state model.WorkState
	late  int // calls that the service gave up because the target took too long
}

const pageSize = 5000

// read reads the database of a service that has been stopped, or of a server that others use too.
func read(t testing.TB, o db.Options, targets ...int64) stored {
	t.Helper()
	d, err := db.Open(t.Context(), o)
	require.NoError(t, err)
	defer func() { _ = d.Close() }()
	s := dao.New(d, nil).WithPatience(waittest.Limit)
	out := stored{map[int64]int{}, map[int64]string{}, map[string]map[int64]delivery{}}
	for cursor, first := "", true; first || cursor != ""; first = false {
		page, err := s.BizRecordList(t.Context(), model.BizRecordFilter{Cursor: cursor, Limit: pageSize})
		require.NoError(t, err)
		for _, row := range page.Rows {
			id := idOf(row.PostBody)
			out.rows[id]++
			out.of[id] = row.AppID
		}
		cursor = page.NextCursor
	}
	for _, target := range targets {
		key := fmt.Sprintf("t%d", target)
		out.works[key] = works(t, s, key)
	}
	return out
}

// works are the deliveries to a target, by push.
func works(t testing.TB, s *dao.Store, target string) map[int64]delivery {
	t.Helper()
	out, late := map[int64]delivery{}, lateCalls(t, s, target)
	filter := model.DeliveryFilter{
		Kinds: []string{"deliver:" + target, "hold:" + target}, Limit: pageSize,
		States: []model.WorkState{
			model.WorkReady, model.WorkLeased, model.WorkDone, model.WorkDead, model.WorkCancelled, model.WorkPaused,
		},
	}
	for first := true; first || filter.Cursor != ""; first = false {
		page, err := s.ForwardList(t.Context(), filter)
		require.NoError(t, err)
		for _, row := range page.Rows {
			var message struct{ Body string }
			require.NoError(t, json.Unmarshal([]byte(row.Payload), &message))
			out[idOf(message.Body)] = delivery{row.State, late[row.Grp]}
		}
		filter.Cursor = page.NextCursor
	}
	return out
}

// lateCalls counts the calls of a target that were given up for their time, by the push's identity.
func lateCalls(t testing.TB, s *dao.Store, target string) map[string]int {
	t.Helper()
	out := map[string]int{}
	filter := model.AttemptFilter{Target: target, OK: new(false), Limit: pageSize}
	for first := true; first || filter.Cursor != ""; first = false {
		page, err := s.AttemptList(t.Context(), filter)
		require.NoError(t, err)
		for _, row := range page.Rows {
			if row.Error == outgoing.ErrTimeout.Error() {
				out[row.Identity]++
			}
		}
		filter.Cursor = page.NextCursor
	}
	return out
}

// leaseOver is longer than any lease, and any wait of a delivery behind a synchronous call.
const leaseOver = "60000"

// pass lets a minute pass for the leases of a service that is dead, instead of waiting.
func pass(t testing.TB, o db.Options) {
	t.Helper()
	d, err := db.Open(t.Context(), o)
	require.NoError(t, err)
	defer func() { _ = d.Close() }()
	require.NoError(t, d.Write.Exec("UPDATE work SET nextms = nextms - "+leaseOver+" WHERE state IN (?, ?) AND (kind LIKE 'deliver:%' OR kind LIKE 'hold:%')",
		model.WorkReady, model.WorkLeased).Error)
}

// nothingLost compares what was acknowledged, what is stored and what reached the sinks.
func (r *report) nothingLost(acknowledged map[int64]string, s stored, sinks ...*sink) {
	r.t.Helper()
	r.Counts["acknowledged"], r.Counts["stored"] = int64(len(acknowledged)), int64(len(s.rows))
	r.check(len(acknowledged) > 0, neverTaken, "the generator's ledger is empty")
	missing, twice := 0, 0
	for id := range acknowledged {
		if s.rows[id] == 0 {
			missing++
		}
	}
	for _, n := range s.rows {
		if n > 1 {
			twice++
		}
	}
	r.Counts["lost"], r.Counts["stored_twice"] = int64(missing), int64(twice)
	r.check(missing == 0, lostPush, "%d of %d", missing, len(acknowledged))
	r.check(twice == 0, storedTwice, "%d of %d", twice, len(s.rows))
	for _, k := range sinks {
		r.delivered(s, k)
	}
}

// delivered looks for pushes that neither reached a sink nor wait or were given up.
func (r *report) delivered(s stored, k *sink) {
	taken, works := k.taken(), s.worksOf(k)
	lost, pending, dead := 0, 0, 0
	for id := range s.rows {
		if !k.wants(id, s.of[id]) || taken[id] > 0 {
			continue
		}
		switch work, known := works[id]; {
		case known && work.state == model.WorkDead:
			dead++
		case known && !work.state.Ended():
			pending++
		default:
			lost++
		}
	}
	calls, ids := 0, map[int64]bool{}
	for _, c := range k.all() {
		calls++
		ids[c.id] = true
	}
	r.Counts[k.name+"_delivered"], r.Counts[k.name+"_pending"], r.Counts[k.name+"_dead"] = int64(len(taken)), int64(pending), int64(dead)
	r.Counts[k.name+"_lost"], r.Counts[k.name+"_again"] = int64(lost), int64(calls-len(ids))
	r.check(lost == 0, lostDelivery, "%d of %d to %s", lost, len(s.rows), k.name)
}
