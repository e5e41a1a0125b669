package wxsim

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// releaseCheckPair is one group of WeChat's test accounts.
type releaseCheckPair struct {
	officialAppID, officialUser string
	miniAppID, miniUser         string
}

// releaseCheckAccounts are the accounts with which WeChat checks a platform before its full-network
// release. One group is picked at random.
func releaseCheckAccounts() []releaseCheckPair {
	return []releaseCheckPair{
		{"wx570bc396a51b8ff8", "gh_3c884a361561", "wxd101a85aa106f53e", "gh_8dad206e9538"},
		{"wx9252c5e0bb1836fc", "gh_c0f28a78b318", "wxc39235c15087f6f3", "gh_905ae9d01059"},
		{"wx8e1097c5bc82cde9", "gh_3f222ed8d140", "wx7720d01d4b2a4500", "gh_393666f1fdf4"},
		{"wx14550af28c71a144", "gh_26128078e9ab", "wx05d483572dcd5d8b", "gh_39abb5d4e1b7"},
		{"wxa35b9c23cfe664eb", "gh_2b3713f184a6", "wx5910277cae6fd970", "gh_7818dcb60240"},
	}
}

// ReleaseReport is the outcome of a release check.
type ReleaseReport struct {
	Passed bool          `json:"passed"`
	Steps  []ReleaseStep `json:"steps"`
}

// ReleaseStep is one step of it.
type ReleaseStep struct {
	Group    int      `json:"group"`
	Name     string   `json:"name"`
	Passed   bool     `json:"passed"`
	Reason   string   `json:"reason,omitempty"` // why it did not pass
	Duration Duration `json:"duration"`
}

// RunReleaseCheck does WeChat's full-network release check with a group of test accounts (1 to 5,
// 0 for all in turn).
func (s *Sim) RunReleaseCheck(ctx context.Context, group int) (ReleaseReport, error) {
	pairs := releaseCheckAccounts()
	if group < 0 || group > len(pairs) {
		return ReleaseReport{}, fmt.Errorf("group must be 0 to %d", len(pairs))
	}
	report := ReleaseReport{Passed: true}
	for i, pair := range pairs {
		if group != 0 && group != i+1 {
			continue
		}
		for _, step := range s.releaseSteps(pair) {
			start := time.Now()
			err := step.run(ctx)
			done := ReleaseStep{Group: i + 1, Name: step.name, Passed: err == nil, Duration: Duration(time.Since(start))}
			if err != nil {
				done.Reason, report.Passed = err.Error(), false
			}
			report.Steps = append(report.Steps, done)
		}
	}
	return report, nil
}

type releaseStep struct {
	name string
	run  func(context.Context) error
}

func (s *Sim) releaseSteps(pair releaseCheckPair) []releaseStep {
	return []releaseStep{
		{"component_verify_ticket", func(ctx context.Context) error { return accepted(s.PushTicket(ctx)) }},
		{"authorized", func(ctx context.Context) error { return s.checkAuthorized(ctx, pair) }},
		{"TESTCOMPONENT_MSG_TYPE_TEXT", func(ctx context.Context) error { return s.checkTextReply(ctx, pair.officialAppID) }},
		{"QUERY_AUTH_CODE official account", func(ctx context.Context) error { return s.checkQueryAuthCode(ctx, pair.officialAppID) }},
		{"QUERY_AUTH_CODE mini program", func(ctx context.Context) error { return s.checkQueryAuthCode(ctx, pair.miniAppID) }},
	}
}

// accepted turns the failure of a push into an error.
func accepted(p PushResult) error {
	if p.Accepted {
		return nil
	}
	if len(p.Attempts) == 0 {
		return errors.New("the push could not be sent")
	}
	return errors.New(p.Attempts[len(p.Attempts)-1].Error)
}

// checkAuthorized has both accounts of the group authorize anew.
func (s *Sim) checkAuthorized(ctx context.Context, pair releaseCheckPair) error {
	for _, appID := range []string{pair.officialAppID, pair.miniAppID} {
		if a, _ := s.Account(appID); a.Authorized {
			if err := s.Unauthorize(ctx, appID, false); err != nil {
				return err
			}
		}
		auth, err := s.Authorize(ctx, appID, AuthorizeOptions{})
		if err != nil {
			return err
		}
		if err := accepted(*auth.Push); err != nil {
			return err
		}
	}
	return nil
}

// checkTextReply wants the passive reply to the fixed text, at the first attempt.
func (s *Sim) checkTextReply(ctx context.Context, appID string) error {
	const text = "TESTCOMPONENT_MSG_TYPE_TEXT"
	res, err := s.Push(ctx, PushSpec{AppID: appID, OpenID: openID(appID, 7), Content: text, Attempts: 1})
	if err != nil {
		return err
	}
	if err := accepted(res); err != nil {
		return err
	}
	if res.Reply == nil {
		return fmt.Errorf("no passive reply, the answer was %q", res.Attempts[0].Answer)
	}
	if res.Reply.MsgType != "text" || res.Reply.Content != text+"_callback" {
		return fmt.Errorf("the reply is %s %q", res.Reply.MsgType, res.Reply.Content)
	}
	return nil
}

// checkQueryAuthCode wants an empty body, then the exchange of the code, then the code back as a
// customer-service message.
func (s *Sim) checkQueryAuthCode(ctx context.Context, appID string) error {
	s.mu.Lock()
	code := s.newAuthCode(appID, s.now())
	wait := s.settings.ReplyLimit.std()
	s.mu.Unlock()
	user := openID(appID, 7)
	res, err := s.Push(ctx, PushSpec{AppID: appID, OpenID: user, Content: "QUERY_AUTH_CODE:" + code, Attempts: 1})
	if err != nil {
		return err
	}
	if err := accepted(res); err != nil {
		return err
	}
	if body := res.Attempts[0].Answer; body != "" {
		return fmt.Errorf("the answer must be empty, it was %q", body)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if err := s.awaitMessage(ctx, appID, user, code+"_from_api"); err != nil {
		s.mu.Lock()
		used := s.tokens.authCodes[code].used
		s.mu.Unlock()
		if !used {
			return errors.New("the code was not exchanged with api_query_auth in time")
		}
		return err
	}
	return nil
}

func (s *Sim) awaitMessage(ctx context.Context, appID, user, content string) error {
	for {
		found, next := s.records.hasMessage(appID, user, content)
		if found {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("the message <code>_from_api was not sent to the user in time")
		case <-next:
		}
	}
}
