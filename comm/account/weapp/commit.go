package weapp

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/queue"
	"wxcomponent/comm/wx"
	"wxcomponent/db/model"
)

// Limits of a commit. WeChat documents the version's; the others keep mistakes from being sent.
const (
	maxExtJSON     = 512 << 10 // bytes
	maxUserVersion = 64
	maxUserDesc    = 2000
)

// The check of committed code takes WeChat a minute or so; its end is looked for until half an hour
// has gone by.
const (
	privacyFirst = 5 * time.Second
	privacyEvery = 20 * time.Second
	privacyTime  = 30 * time.Minute
)

// Commit makes a template the mini program's trial version (wxa/commit), and has the check of its
// privacy interfaces polled until it ends.
func (s *Service) Commit(ctx context.Context, appid string, c wx.Commit) error {
	if err := CheckCommit(c); err != nil {
		return err
	}
	return s.exclusive(ctx, appid, commitTime, func(ctx context.Context) error {
		if err := s.deps.WeChat.Commit(ctx, appid, c); err != nil {
			return err
		}
		now := s.nowMS()
		s.acted(ctx, appid, func(w *model.Weapp) {
			w.ExpVersion, w.ExpDesc, w.ExpMS = c.UserVersion, c.UserDesc, now
			w.PrivacyState = model.PrivacyChecking
		})
		s.pollPrivacy(ctx, privacyPoll{AppID: appid, UntilMS: now + privacyTime.Milliseconds()}, privacyFirst)
		return nil
	})
}

// CheckCommit tells what WeChat would refuse: errno.BadParam that names the field.
func CheckCommit(c wx.Commit) error {
	switch {
	case c.TemplateID < 0:
		return errno.Param("templateId", "must be a template's id")
	case c.UserVersion == "":
		return errno.Param("userVersion", "is required")
	case utf8.RuneCountInString(c.UserVersion) > maxUserVersion:
		return errno.Param("userVersion", "must be at most 64 characters")
	case utf8.RuneCountInString(c.UserDesc) > maxUserDesc:
		return errno.Param("userDesc", "must be at most 2000 characters")
	case len(c.ExtJSON) > maxExtJSON:
		return errno.Param("extJson", "must be at most 512 KiB")
	}
	return checkExtJSON(c.ExtJSON)
}

// checkExtJSON says where ext.json is not a JSON object.
func checkExtJSON(text string) error {
	if !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return errno.Param("extJson", "must be a JSON object, {} when there is nothing to set")
	}
	var members map[string]json.RawMessage
	err := json.Unmarshal([]byte(text), &members)
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		read := text[:min(max(int(bad.Offset)-1, 0), len(text))]
		line := strings.Count(read, "\n") + 1
		column := utf8.RuneCountInString(read[strings.LastIndexByte(read, '\n')+1:]) + 1
		return errno.Param("extJson", "is not JSON at line "+strconv.Itoa(line)+", column "+strconv.Itoa(column)+": "+bad.Error())
	}
	if err != nil {
		return errno.Param("extJson", "must be a JSON object")
	}
	return nil
}

// Privacy is how the check of the committed code's privacy interfaces stands.
type Privacy struct {
	State int // model.PrivacyChecking …
	wx.PrivacyInfo
}

// Privacy asks WeChat how the check stands, and stores it. A running check is no error.
func (s *Service) Privacy(ctx context.Context, appid string) (Privacy, error) {
	info, err := s.deps.WeChat.CodePrivacyInfo(ctx, appid)
	p := Privacy{PrivacyInfo: info, State: model.PrivacyClean}
	switch {
	case wx.CodeOf(err) == wx.CodePrivacyUnchecked:
		p.State = model.PrivacyChecking
	case err != nil:
		return Privacy{}, err
	case len(info.WithoutAuth)+len(info.WithoutConf) > 0:
		p.State = model.PrivacyFindings
	}
	// Should a commit have come in between, its own polling sets this right.
	err = s.deps.Rows.WeappUpdate(ctx, appid, func(w *model.Weapp) { w.PrivacyState = p.State })
	return p, err
}

// privacyPoll is the payload of KindPrivacy: one look at the check.
type privacyPoll struct {
	AppID   string `json:"appid"`
	UntilMS int64  `json:"until"` // no further look after that
}

// pollPrivacy plans a look. It has no key: the look of an earlier commit may be ending just now.
func (s *Service) pollPrivacy(ctx context.Context, p privacyPoll, delay time.Duration) {
	s.later(ctx, queue.Item{Kind: KindPrivacy, Payload: p, Delay: delay})
}

// handlePrivacy is the queue handler of KindPrivacy.
func (s *Service) handlePrivacy(ctx context.Context, task *queue.Task) error {
	var poll privacyPoll
	if err := task.Decode(&poll); err != nil {
		return err
	}
	if _, err := s.account(ctx, poll.AppID); err != nil {
		return unlessGone(err)
	}
	p, err := s.Privacy(ctx, poll.AppID)
	switch {
	case wx.CodeOf(err) == wx.CodeNoReleasedVersion:
		return nil // the code is gone
	case err != nil:
		return err
	case p.State == model.PrivacyChecking && s.nowMS() < poll.UntilMS:
		s.pollPrivacy(ctx, poll, privacyEvery)
	}
	return nil
}
