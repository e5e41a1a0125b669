package wxsim

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const keepRecords = 2000

// Reply is a passive reply that a user got as the answer to a message.
type Reply struct {
	AppID   string    `json:"appid"`
	OpenID  string    `json:"openid"`
	MsgType string    `json:"msgType"`
	Content string    `json:"content"` // of a text
	Body    string    `json:"body"`    // the whole, decrypted
	PushID  int64     `json:"pushId"`
	At      time.Time `json:"at"`
}

// CustomMessage is a customer-service message that was sent to a user.
type CustomMessage struct {
	AppID   string    `json:"appid"`
	OpenID  string    `json:"openid"`
	MsgType string    `json:"msgType"`
	Content string    `json:"content"`
	Body    string    `json:"body"`
	At      time.Time `json:"at"`
}

// records keeps what happened lately, oldest first.
type records struct {
	mu       sync.Mutex
	pushID   int64
	pushes   []PushResult
	replies  []Reply
	messages []CustomMessage
	msgIDs   atomic.Int64  // the latest MsgId: beyond 2^53, never repeated by another run
	changed  chan struct{} // closed when a message arrives; nil when nobody waits
}

// keep appends v and lets the oldest half go from time to time.
func keep[T any](list []T, v T) []T {
	if len(list) >= 2*keepRecords {
		list = slices.Clone(list[keepRecords:])
	}
	return append(list, v)
}

// newest returns up to limit entries, newest first; 0 means all.
func newest[T any](list []T, limit int) []T {
	if limit <= 0 || limit > len(list) {
		limit = len(list)
	}
	out := append([]T{}, list[len(list)-limit:]...)
	slices.Reverse(out)
	return out
}

// addPush numbers the result and keeps it with its reply.
func (r *records) addPush(p PushResult, at time.Time) PushResult {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pushID++
	p.ID, p.At = r.pushID, at
	if p.Reply != nil {
		p.Reply.PushID, p.Reply.At = p.ID, at
		r.replies = keep(r.replies, *p.Reply)
	}
	r.pushes = keep(r.pushes, p)
	return p
}

func (r *records) addMessage(m CustomMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages = keep(r.messages, m)
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// hasMessage tells whether a message like m was sent, and when it was not, returns a channel that
// is closed at the next message.
func (r *records) hasMessage(appID, openID, content string) (bool, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := slices.ContainsFunc(r.messages, func(m CustomMessage) bool {
		return m.AppID == appID && m.OpenID == openID && m.MsgType == "text" && m.Content == content
	})
	if found {
		return true, nil
	}
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return false, r.changed
}

// Replies returns the passive replies that users got, newest first.
func (s *Sim) Replies() []Reply {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	return newest(s.records.replies, 0)
}

// Messages returns the customer-service messages sent, newest first.
func (s *Sim) Messages() []CustomMessage {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	return newest(s.records.messages, 0)
}

// Pushes returns the latest pushes but for those of the traffic generator, newest first; 0 means
// as many as are kept.
func (s *Sim) Pushes(limit int) []PushResult {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	return newest(s.records.pushes, limit)
}

// ForgetReplies empties the list of passive replies.
func (s *Sim) ForgetReplies() {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	s.records.replies = nil
}

// ForgetMessages empties the list of customer-service messages.
func (s *Sim) ForgetMessages() {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	s.records.messages = nil
}
