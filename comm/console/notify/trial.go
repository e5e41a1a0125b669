package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Test sends a test message to a channel now. errno.CallFailed, with the channel's own words, when it
// was not taken.
func (s *Service) Test(ctx context.Context, id int64) error {
	channel, err := s.channel(ctx, id)
	if err != nil {
		return err
	}
	w := wordsOf(channel.Language)
	now := s.deps.Now()
	m := &message{
		id:    fmt.Sprintf("ntf_test_%d_%d", id, now.UnixNano()),
		title: w.product + w.test, test: true,
		body: fmt.Sprintf(w.testText, safe(channel.Name, maxName)) + "\n" + bold(w.at) + w.colon + clock(w, now, "2006-01-02 15:04:05"),
	}
	if base := s.Base(); base != "" {
		m.body += "\n[" + w.page + "](" + base + "/" + pageNotify + ")"
	}
	failure := s.call(ctx, &channel, m)
	o := model.NotifyOutcome{Message: model.NotifyMessage{
		ChannelID: id, Test: true, Title: m.title, Body: m.body, Attempt: 1, State: model.NotifyDelivered,
	}}
	if failure != nil {
		o.Message.State, o.Message.Error = model.NotifyGivenUp, failure.Error()
	}
	if err := s.record(ctx, o); err != nil {
		return errors.Join(err, failure)
	}
	if failure != nil {
		return errno.New(errno.CallFailed, failure.Error())
	}
	return nil
}

func portOf(u *url.URL) (int, error) {
	if u.Port() == "" {
		if u.Scheme == "https" {
			return 443, nil
		}
		return 80, nil
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil || port < 1 || port > 65535 {
		return 0, errors.New("has no valid port")
	}
	return port, nil
}
