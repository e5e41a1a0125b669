package wxsim

import (
	"sync"
	"time"
)

// Calls is what was asked of one API path. Faulty answers count too.
type Calls struct {
	Count       int       `json:"count"`
	MaxInFlight int       `json:"maxInFlight"` // most at one time
	LastQuery   string    `json:"lastQuery"`
	LastBody    string    `json:"lastBody"`
	LastAt      time.Time `json:"lastAt"`
	inFlight    int
}

// callLog counts calls by path.
type callLog struct {
	mu    sync.Mutex
	paths map[string]*Calls
}

// begin counts a call and returns what ends it.
func (l *callLog) begin(path, query string, body []byte) (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.paths == nil {
		l.paths = map[string]*Calls{}
	}
	c := l.paths[path]
	if c == nil {
		c = &Calls{}
		l.paths[path] = c
	}
	c.Count++
	c.inFlight++
	c.MaxInFlight = max(c.MaxInFlight, c.inFlight)
	c.LastQuery, c.LastBody, c.LastAt = query, string(body), time.Now()
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		c.inFlight--
	}
}

// Calls returns the calls of one path since the last reset.
func (s *Sim) Calls(path string) Calls { return s.AllCalls()[path] }

// AllCalls returns the calls of every path that was called.
func (s *Sim) AllCalls() map[string]Calls {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	all := make(map[string]Calls, len(s.calls.paths))
	for path, c := range s.calls.paths {
		all[path] = *c
	}
	return all
}

// ResetCalls starts counting anew.
func (s *Sim) ResetCalls() {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	s.calls.paths = nil
}
