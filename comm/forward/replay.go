package forward

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx/event"
	"wxcomponent/db/model"
)

const (
	replayKind  = "forward-replay"
	replayTime  = 24 * time.Hour
	replayRate  = 50 // deliveries a second, when none is given
	replayBatch = 100
	perSecond   = 5 // batches
)

// ReplaySource is what a replay sends again.
type ReplaySource string

// The sources.
const (
	ReplayDead   ReplaySource = "dead"   // deliveries to the target that were given up
	ReplayPushes ReplaySource = "pushes" // stored pushes, whether they went to the target before or not
)

// Replay says what is to be sent again, and where to.
type Replay struct {
	Source  ReplaySource  `json:"source"`
	Target  string        `json:"target"`            // key
	Channel event.Channel `json:"channel,omitempty"` // of pushes
	AppID   string        `json:"appid,omitempty"`   // of pushes: only those about this account
	Missing bool          `json:"missing,omitempty"` // of pushes: only those that the target has not taken
	FromMS  int64         `json:"from,omitempty"`    // when the push was received, the delivery begun
	ToMS    int64         `json:"to,omitempty"`
	Rate    int           `json:"rate,omitempty"` // deliveries a second
	// Total is how many deliveries or pushes there were to look at when it began, 0 when not known.
	Total int64 `json:"total,omitempty"`
}

// ReplayProgress is how far a replay has come. It goes on from there after a restart.
type ReplayProgress struct {
	Sent    int64 `json:"sent"`
	Skipped int64 `json:"skipped"` // taken before, no longer given up, or not readable
	// Where it stands: the id of a delivery, or time and id of a push.
	AfterID int64 `json:"afterId,omitempty"`
	AfterMS int64 `json:"afterMs,omitempty"`
}

// ReplayJob is a replay that was asked for.
type ReplayJob struct {
	ID        int64
	State     string // waiting, running, done, failed or cancelled
	Replay    Replay
	Progress  ReplayProgress
	LastError string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// QueueKind is the kind of work that replays are, for the work queue.
func (s *Service) QueueKind() queue.Kind {
	return queue.Kind{
		Name: replayKind, Concurrency: 2, Timeout: replayTime, MaxAttempts: 20,
		Backoff: queue.Exponential(time.Second, time.Minute), Handle: s.replay,
	}
}

// StartReplay puts a replay in and returns the id of its job.
func (s *Service) StartReplay(ctx context.Context, r Replay) (int64, error) {
	if err := s.checkReplay(&r); err != nil {
		return 0, err
	}
	n, capped, err := s.replayTotal(ctx, &r)
	if err != nil {
		return 0, err
	}
	if !capped {
		r.Total = n
	}
	item, err := queue.Item{Kind: replayKind, Group: r.Target, Payload: r}.Work()
	if err != nil {
		return 0, err
	}
	id, _, err := s.deps.Store.WorkAdd(ctx, item, 0)
	if err != nil {
		return 0, fmt.Errorf("start the replay: %w", err)
	}
	return id, nil
}

// PreviewReplay counts what a replay would look at, exactly unless capped. A replay that leaves out
// what the target has taken looks at that as well.
func (s *Service) PreviewReplay(ctx context.Context, r Replay) (n int64, capped bool, err error) {
	if err := s.checkReplay(&r); err != nil {
		return 0, false, err
	}
	return s.replayTotal(ctx, &r)
}

// maxPreview bounds what is counted before a replay begins, maxDead the deliveries given up among it,
// which no index orders by time.
const (
	maxPreview = 100_000
	maxDead    = 20_000
)

func (s *Service) replayTotal(ctx context.Context, r *Replay) (n int64, capped bool, err error) {
	from, to := time.UnixMilli(r.FromMS), time.UnixMilli(r.ToMS)
	if r.Source == ReplayDead {
		n, capped, err = s.deps.Store.ForwardDeadCount(ctx, deliverKind+r.Target, from, to, maxDead)
	} else {
		n, err = s.deps.Store.PushRangeCount(ctx, model.PushRange{
			Channel: channelNumber(r.Channel), AppID: r.AppID, From: from, To: to,
		}, maxPreview)
		capped = n >= maxPreview
	}
	if err != nil {
		return 0, false, fmt.Errorf("count what is to be sent again: %w", err)
	}
	return n, capped, nil
}

func (s *Service) checkReplay(r *Replay) error {
	switch {
	case s.set.Get().Target(r.Target) == nil:
		return errno.Param("target", "is not a target in force")
	case r.Source != ReplayDead && r.Source != ReplayPushes:
		return errno.Param("source", "must be dead or pushes")
	case r.Source == ReplayPushes && r.Channel != event.Component && r.Channel != event.Biz:
		return errno.Param("channel", "must be component or biz")
	case r.Source == ReplayPushes && r.FromMS <= 0:
		return errno.Param("from", "is required")
	case r.ToMS != 0 && r.ToMS < r.FromMS:
		return errno.Param("to", "must not be before from")
	case r.Rate < 0 || r.Rate > maxRate:
		return errno.Param("rate", fmt.Sprintf("must be at most %d", maxRate))
	}
	if r.ToMS == 0 {
		r.ToMS = s.deps.Now().UnixMilli()
	}
	if r.Rate == 0 {
		r.Rate = replayRate
	}
	return nil
}

// ReplayJob returns a replay.
func (s *Service) ReplayJob(ctx context.Context, id int64) (*ReplayJob, error) {
	row, err := s.deps.Store.WorkGet(ctx, id)
	if errors.Is(err, model.ErrNotFound) || err == nil && row.Kind != replayKind {
		return nil, errno.Param("id", "there is no replay with this id")
	}
	if err != nil {
		return nil, fmt.Errorf("read the replay: %w", err)
	}
	return replayJob(row), nil
}

// ReplayJobs returns the newest replays.
func (s *Service) ReplayJobs(ctx context.Context, limit int) ([]*ReplayJob, error) {
	page, err := s.deps.Store.ForwardList(ctx, model.DeliveryFilter{Kinds: []string{replayKind}, States: workStates(""), Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("list replays: %w", err)
	}
	jobs := make([]*ReplayJob, len(page.Rows))
	for i, row := range page.Rows {
		jobs[i] = replayJob(row)
	}
	return jobs, nil
}

func replayJob(row model.Work) *ReplayJob {
	j := &ReplayJob{
		ID: row.ID, LastError: row.LastError,
		CreatedAt: time.UnixMilli(row.CreateMS), UpdatedAt: time.UnixMilli(row.UpdateMS),
	}
	switch row.State {
	case model.WorkLeased:
		j.State = "running"
	case model.WorkDone:
		j.State = "done"
	case model.WorkDead:
		j.State = "failed"
	case model.WorkCancelled:
		j.State = "cancelled"
	case model.WorkReady, model.WorkPaused:
		j.State = "waiting"
	}
	// Both were written here; what cannot be read is shown as not begun.
	_ = json.Unmarshal([]byte(row.Payload), &j.Replay)
	_ = json.Unmarshal([]byte(row.Progress), &j.Progress)
	return j
}

// CancelReplay stops a replay. What it has sent stays sent.
func (s *Service) CancelReplay(ctx context.Context, id int64) error {
	if _, err := s.ReplayJob(ctx, id); err != nil {
		return err
	}
	ok, err := s.deps.Store.WorkCancel(ctx, id)
	if err != nil {
		return fmt.Errorf("cancel the replay: %w", err)
	}
	if !ok {
		return errno.New(errno.BadState, "the replay has ended")
	}
	return nil
}

// replay is the handler of a replay.
func (s *Service) replay(ctx context.Context, task *queue.Task) error {
	var r Replay
	var p ReplayProgress
	if err := task.Decode(&r); err != nil {
		return err
	}
	_ = json.Unmarshal([]byte(task.Progress), &p) // none yet: from the beginning
	size := min(max(r.Rate/perSecond, 1), replayBatch)
	pace := rate.NewLimiter(rate.Limit(r.Rate), size)
	step := s.replayPushes
	if r.Source == ReplayDead {
		step = s.replayDead
	}
	for {
		if err := pace.WaitN(ctx, size); err != nil {
			return fmt.Errorf("wait for the replay's turn: %w", err)
		}
		n, err := step(ctx, &r, &p, size)
		if err != nil {
			return err
		}
		text, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encode progress: %w", err)
		}
		if err := task.SetProgress(ctx, string(text)); err != nil {
			return err
		}
		s.Nudge()
		if n < size {
			return nil
		}
	}
}

// replayDead sends some of the deliveries that were given up, and returns how many it looked at.
func (s *Service) replayDead(ctx context.Context, r *Replay, p *ReplayProgress, size int) (int, error) {
	rows, err := s.deps.Store.ForwardDead(ctx, deliverKind+r.Target, time.UnixMilli(r.FromMS), time.UnixMilli(r.ToMS), p.AfterID, size)
	if err != nil {
		return 0, fmt.Errorf("find deliveries to send again: %w", err)
	}
	for _, row := range rows {
		ok, err := s.deps.Store.ForwardAgain(ctx, row.ID, model.CauseManual)
		if err != nil {
			return 0, fmt.Errorf("deliver again: %w", err)
		}
		p.count(ok)
		p.AfterID = row.ID
	}
	return len(rows), nil
}

func (p *ReplayProgress) count(sent bool) {
	if sent {
		p.Sent++
	} else {
		p.Skipped++
	}
}

// replayPushes sends some of the stored pushes, oldest first, and returns how many it looked at.
func (s *Service) replayPushes(ctx context.Context, r *Replay, p *ReplayProgress, size int) (int, error) {
	rows, err := s.deps.Store.ForwardPushes(ctx, model.PushRange{
		Channel: channelNumber(r.Channel), AppID: r.AppID, From: time.UnixMilli(r.FromMS), To: time.UnixMilli(r.ToMS),
		AfterTime: time.UnixMilli(p.AfterMS), AfterID: p.AfterID, Limit: size,
	})
	if err != nil {
		return 0, fmt.Errorf("find pushes to send again: %w", err)
	}
	var items []model.Work
	for _, row := range rows {
		item, ok, err := s.replayed(ctx, r, row)
		if err != nil {
			return 0, err
		}
		p.count(ok)
		if ok {
			items = append(items, item)
		}
		p.AfterID, p.AfterMS = row.ID, row.ReceiveTime.UnixMilli()
	}
	return len(rows), s.add(ctx, items)
}

// replayed is the delivery of a stored push; false when the push is to be left out.
func (s *Service) replayed(ctx context.Context, r *Replay, row model.BizRecord) (model.Work, bool, error) {
	if row.Held == model.PushHeld {
		return model.Work{}, false, nil
	}
	push := parseStored(r.Channel, row.AppID, row.PostBody, row.ReceiveTime)
	if r.Channel == event.Component && r.AppID != "" && !slices.Contains(push.AccountAppIDs(), r.AppID) {
		return model.Work{}, false, nil
	}
	m := newMessage(push)
	if r.Missing {
		known, err := s.deps.Store.ForwardOf(ctx, m.Identity)
		if err != nil {
			return model.Work{}, false, fmt.Errorf("look for earlier deliveries: %w", err)
		}
		if slices.ContainsFunc(known, func(w model.Work) bool { return has(w, r.Target) }) {
			return model.Work{}, false, nil
		}
	}
	text, err := s.messages.encode(&m)
	return manual(r.Target, m.Identity, text), err == nil, err
}

// has tells whether a delivery to the target succeeded or is on its way.
func has(w model.Work, target string) bool {
	_, key, _ := strings.Cut(w.Kind, ":")
	return key == target && w.State != model.WorkDead && w.State != model.WorkCancelled
}

func channelNumber(c event.Channel) int8 {
	if c == event.Component {
		return model.ChannelComponent
	}
	return model.ChannelBiz
}
