package releasecheck

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/account/authorizer"
	"wxcomponent/db/model"
)

var begin = time.UnixMilli(1_800_000_000_000)

// rows reads steps from lines of "second account step key [state]", where account is an index
// into the accounts of the check, or - for the platform.
func rows(t *testing.T, lines string) []model.CheckStep {
	t.Helper()
	var out []model.CheckStep
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		var second int64
		var account, step, key, state string
		n, err := fmt.Sscan(line+" ok", &second, &account, &step, &key, &state)
		require.NoError(t, err, "%d of %s", n, line)
		at := begin.Add(time.Duration(second) * time.Second).UnixMilli()
		row := model.CheckStep{Step: step, PushKey: key, AtMS: at, UpdateMS: at, Attempt: 1, State: model.CheckOK}
		if account != "-" {
			row.AppID = authorizer.TestAccounts()[account[0]-'0'].AppID
		}
		switch state {
		case "failed":
			row.State, row.ErrCode, row.Error = model.CheckFailed, 61004, "no"
		case "retrying":
			row.State = model.CheckRetrying
		}
		out = append(out, row)
	}
	return out
}

// sketch is a check in one line: "group state: ticket / account steps / account steps", a step that
// went well by its first letter, others with their state.
func sketch(c Check) string {
	out := fmt.Sprintf("%d %s: %s", c.Group, c.State, c.Ticket.State)
	for _, a := range c.Accounts {
		out += " / " + string(a.State)
		for _, s := range a.Steps {
			out += " " + string(s.Step)
			if s.State != StateOK {
				out += "=" + string(s.State)
			}
		}
	}
	return out
}

func TestChecks(t *testing.T) {
	const (
		whole = "0 - ticket t\n1 0 authorized a\n2 1 authorized b\n3 0 text c\n4 0 code d\n5 0 exchange d\n6 0 message d\n7 1 code e\n8 1 exchange e\n9 1 message e\n"
		ok0   = "ok authorized text code exchange message"
		ok1   = "ok authorized code exchange message"
		none1 = "missing authorized=missing code=missing exchange=missing message=missing"
	)
	tests := map[string]struct {
		rows  string
		after int // seconds after the beginning
		want  []string
	}{
		"nothing":        {"0 - ticket t", 10, nil},
		"all of it":      {whole, 10, []string{"1 ok: ok / " + ok0 + " / " + ok1}},
		"and days later": {whole, 400_000, []string{"1 ok: ok / " + ok0 + " / " + ok1}},
		"under way": {"0 - ticket t\n1 0 authorized a\n3 0 text c", 20, []string{
			"1 running: ok / running authorized text code=waiting exchange=waiting message=waiting" +
				" / running authorized=waiting code=waiting exchange=waiting message=waiting",
		}},
		"given up half-way": {"0 - ticket t\n1 0 authorized a\n3 0 text c", 100, []string{
			"1 missing: ok / missing authorized text code=missing exchange=missing message=missing / " + none1,
		}},
		"only the official account": {"1 0 authorized a\n3 0 text c\n4 0 code d\n5 0 exchange d\n6 0 message d", 100, []string{
			"1 ok: missing / " + ok0 + " / " + none1,
		}},
		"failed": {"1 0 authorized a\n3 0 text c\n4 0 code d\n5 0 exchange d failed", 100, []string{
			"1 failed: missing / failed authorized text code exchange=failed message=skipped / " + none1,
		}},
		"failed at once": {"4 0 code d\n5 0 exchange d failed", 6, []string{
			"1 failed: missing / failed authorized=waiting text=waiting code exchange=failed message=skipped" +
				" / running authorized=waiting code=waiting exchange=waiting message=waiting",
		}},
		"retrying": {"1 1 authorized b\n7 1 code e\n8 1 exchange e\n9 1 message e retrying", 100, []string{
			"1 running: missing / missing authorized=missing text=missing code=missing exchange=missing message=missing" +
				" / running authorized code exchange message=retrying",
		}},
		"retrying no more": {"1 1 authorized b\n7 1 code e\n8 1 exchange e\n9 1 message e retrying", 1000, []string{
			"1 failed: missing / missing authorized=missing text=missing code=missing exchange=missing message=missing" +
				" / failed authorized code exchange message=failed",
		}},
		"done again at once": {
			whole + "10 0 authorized f\n11 0 text g", 12, []string{
				"1 running: ok / running authorized text code=waiting exchange=waiting message=waiting / " + ok1,
			},
		},
		"done again, the event handled late": {
			"1 0 text c\n2 0 code d\n3 0 authorized a\n4 0 text f\n5 0 code g\n6 0 message d\n7 0 authorized h\n8 0 exchange g\n9 0 message g", 100,
			[]string{"1 ok: missing / " + ok0 + " / " + none1},
		},
		"done again on another day": {whole + "90000 1 code z", 90_100, []string{
			"1 missing: ok / missing authorized=missing text=missing code=missing exchange=missing message=missing" +
				" / missing authorized=missing code exchange=missing message=missing",
		}},
		"an old check's event": {"1 0 authorized a\n2 0 event x\n3 0 text c\n4 0 event y\n5 0 code d\n6 0 exchange d\n7 0 message d", 100, []string{
			"1 ok: missing / ok authorized text event code exchange message / " + none1,
		}},
		"two groups": {whole + "20 2 text q\n21 - ticket later", 400, []string{
			"2 missing: ok / missing authorized=missing text code=missing exchange=missing message=missing / " + none1,
			"1 ok: ok / " + ok0 + " / " + ok1,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range checksOf(rows(t, tt.rows), begin.Add(time.Duration(tt.after)*time.Second)) {
				got = append(got, sketch(c))
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestCheckTimes(t *testing.T) {
	c := checksOf(rows(t, "0 - ticket t\n1 0 authorized a\n30 - ticket u\n50 0 text c failed\n90 - ticket v"), begin.Add(time.Hour))[0]
	require.Equal(t, begin.Add(time.Second), c.StartedAt)
	require.Equal(t, begin.Add(50*time.Second), c.UpdatedAt)
	require.Equal(t, begin.Add(30*time.Second), c.Ticket.At, "the newest one of that time")
	text := c.Accounts[0].Steps[1]
	require.Equal(t, StepReport{
		Step: StepText, State: StateFailed, At: begin.Add(50 * time.Second), Attempt: 1, ErrCode: 61004, Error: "no",
	}, text)
}
