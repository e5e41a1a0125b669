package releasecheck

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/db/model"
)

// State is how a check, an account in it, or a step of it stands.
type State string

// The states.
const (
	StateOK       State = "ok"
	StateFailed   State = "failed"
	StateRetrying State = "retrying" // of a step: another attempt follows
	StateRunning  State = "running"  // more may come
	StateWaiting  State = "waiting"  // of a step: it may still come
	StateMissing  State = "missing"  // it did not come: WeChat has not asked for it
	StateSkipped  State = "skipped"  // of a step: the one that it follows from failed
)

// Check is the last check with one group of WeChat's accounts.
type Check struct {
	Group     int
	State     State // ok, failed, running or missing, which means that some steps did not come
	StartedAt time.Time
	UpdatedAt time.Time
	Ticket    StepReport
	Accounts  []AccountReport
}

// AccountReport is an account in a check.
type AccountReport struct {
	Account authorizer.TestAccount
	State   State
	Steps   []StepReport // in the order of the check
}

// StepReport is a step. Times are zero for one that has not come.
type StepReport struct {
	Step     Step
	State    State
	At       time.Time
	Duration time.Duration
	Attempt  int
	ErrCode  int // WeChat's, 0 for none
	Error    string
	Hint     string // what to do about it
}

const (
	stepsRead = 1000             // of all checks: some twenty checks of all groups
	checkGap  = 10 * time.Minute // what is further apart belongs to two checks
	checkRuns = time.Minute      // after the last step; then no more is expected
)

// Checks returns the last check with each group, newest first.
func (s *Service) Checks(ctx context.Context) ([]Check, error) {
	rows, err := s.deps.Store.CheckStepList(ctx, stepsRead)
	if err != nil {
		return nil, fmt.Errorf("read the steps of release checks: %w", err)
	}
	return checksOf(rows, s.deps.Now()), nil
}

// checksOf sorts steps, which come oldest first, into checks.
func checksOf(rows []model.CheckStep, now time.Time) []Check {
	byAccount := map[string][]model.CheckStep{}
	for _, row := range rows {
		byAccount[row.AppID] = append(byAccount[row.AppID], row)
	}
	groups := map[int]*Check{}
	for _, account := range authorizer.TestAccounts() {
		c := groups[account.Group]
		if c == nil {
			c = &Check{Group: account.Group}
			groups[account.Group] = c
		}
		c.Accounts = append(c.Accounts, AccountReport{Account: account})
	}
	var checks []Check
	for _, c := range groups {
		if c.fill(byAccount, now) {
			checks = append(checks, *c)
		}
	}
	slices.SortFunc(checks, func(a, b Check) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.Group, b.Group))
	})
	return checks
}

// fill tells whether there ever was a check with the group.
func (c *Check) fill(byAccount map[string][]model.CheckStep, now time.Time) bool {
	runs := make([][]model.CheckStep, len(c.Accounts))
	for i, a := range c.Accounts {
		runs[i] = lastRun(byAccount[a.Account.AppID])
		if end := endOf(runs[i]); end.After(c.UpdatedAt) {
			c.UpdatedAt = end
		}
	}
	if c.UpdatedAt.IsZero() {
		return false
	}
	c.StartedAt = c.UpdatedAt
	for i := range c.Accounts {
		if c.UpdatedAt.Sub(endOf(runs[i])) > checkGap {
			runs[i] = nil // of an earlier check
		}
		for _, row := range runs[i] {
			if at := time.UnixMilli(row.AtMS); at.Before(c.StartedAt) {
				c.StartedAt = at
			}
		}
	}
	active := now.Sub(c.UpdatedAt) < checkRuns
	for i := range c.Accounts {
		c.Accounts[i].fill(runs[i], now, active)
	}
	c.Ticket = ticketAt(byAccount[""], c.UpdatedAt)
	c.State = c.summary()
	return true
}

// summary is the worst of the accounts' states. An account that WeChat left out altogether does not
// count once the check is over: WeChat checks what the platform's permission sets need.
func (c *Check) summary() State {
	worst := StateOK
	for _, state := range []State{StateMissing, StateRunning, StateFailed} {
		for _, a := range c.Accounts {
			begun := slices.ContainsFunc(a.Steps, func(s StepReport) bool { return !s.At.IsZero() })
			if a.State == state && (begun || state == StateRunning) {
				worst = state
			}
		}
	}
	return worst
}

// lastRun returns the steps of the last check with an account: a push that came again as a new one
// begins another check, and so does a long silence.
func lastRun(rows []model.CheckStep) []model.CheckStep {
	var run []model.CheckStep
	for _, row := range rows {
		if begins(run, row) {
			run = nil
		}
		if belongs(run, row) {
			run = append(run, row)
		}
	}
	return run
}

func begins(run []model.CheckStep, row model.CheckStep) bool {
	if len(run) > 0 && row.AtMS-run[len(run)-1].AtMS > checkGap.Milliseconds() {
		return true
	}
	switch Step(row.Step) {
	case StepAuthorized, StepText, StepCode:
		return find(run, Step(row.Step)) != nil
	case StepTicket, StepEvent, StepExchange, StepMessage:
	}
	return false
}

// belongs leaves out what is done late about the code of an earlier check.
func belongs(run []model.CheckStep, row model.CheckStep) bool {
	step := Step(row.Step)
	if step != StepExchange && step != StepMessage {
		return true
	}
	code := find(run, StepCode)
	return code == nil || code.PushKey == row.PushKey
}

// find returns the newest of a run's steps of that name, nil when there is none.
func find(run []model.CheckStep, step Step) *model.CheckStep {
	for i := len(run) - 1; i >= 0; i-- {
		if run[i].Step == string(step) {
			return &run[i]
		}
	}
	return nil
}

func endOf(run []model.CheckStep) time.Time {
	var end time.Time
	for _, row := range run {
		if at := time.UnixMilli(row.UpdateMS); at.After(end) {
			end = at
		}
	}
	return end
}

// fill puts an account's steps in order and says how they stand.
func (a *AccountReport) fill(run []model.CheckStep, now time.Time, active bool) {
	absent := StateMissing
	if active {
		absent = StateWaiting
	}
	a.State = StateOK
	for _, step := range stepsOf(a.Account, run) {
		report := StepReport{Step: step, State: absent}
		if row := find(run, step); row != nil {
			report = reportOf(row, now)
		} else if exchange := find(run, StepExchange); step == StepMessage && exchange != nil && exchange.State == model.CheckFailed {
			report.State = StateSkipped
		}
		a.State = worse(a.State, report.State)
		a.Steps = append(a.Steps, report)
	}
}

// stepsOf are the steps of the check with an account. Events are only answered for older versions
// of the check.
func stepsOf(account authorizer.TestAccount, run []model.CheckStep) []Step {
	steps := []Step{StepAuthorized}
	if !account.MiniProgram {
		steps = append(steps, StepText)
	}
	if find(run, StepEvent) != nil {
		steps = append(steps, StepEvent)
	}
	return append(steps, StepCode, StepExchange, StepMessage)
}

// worse is the state of an account with a step in the other state.
func worse(state, step State) State {
	switch {
	case state == StateFailed || step == StateFailed:
		return StateFailed
	case state == StateRunning || step == StateRetrying || step == StateWaiting:
		return StateRunning
	case state == StateMissing || step == StateMissing:
		return StateMissing
	}
	return StateOK
}

func reportOf(row *model.CheckStep, now time.Time) StepReport {
	r := StepReport{
		Step: Step(row.Step), State: StateOK, At: time.UnixMilli(row.AtMS), Attempt: row.Attempt,
		Duration: time.Duration(row.DurationMS) * time.Millisecond,
	}
	if row.State == model.CheckOK {
		return r
	}
	r.ErrCode, r.Error, r.Hint, r.State = row.ErrCode, row.Error, row.Hint, StateFailed
	if row.State == model.CheckRetrying && now.Sub(time.UnixMilli(row.UpdateMS)) < checkGap {
		r.State = StateRetrying
	}
	return r
}

// ticketAt returns the ticket that was the newest one at the time.
func ticketAt(rows []model.CheckStep, at time.Time) StepReport {
	ticket := StepReport{Step: StepTicket, State: StateMissing}
	for i := range rows {
		if time.UnixMilli(rows[i].AtMS).After(at) {
			break
		}
		ticket = reportOf(&rows[i], at)
	}
	return ticket
}
