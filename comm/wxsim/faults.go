package wxsim

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Fault makes a path of the server API fail. Without Executed the request has no effect; with it,
// it takes effect and the answer is lost or wrong.
type Fault struct {
	Path        string   `json:"path"`                  // as in the API, "*" for every path
	AppID       string   `json:"appid,omitempty"`       // only calls about this account
	Errcode     int      `json:"errcode,omitempty"`     // answered in WeChat's form
	Errmsg      string   `json:"errmsg,omitempty"`      // beside Errcode
	Status      int      `json:"status,omitempty"`      // HTTP status
	Delay       Duration `json:"delay,omitempty"`       // wait before the answer; alone it is the only fault
	Hang        bool     `json:"hang,omitempty"`        // no answer until the caller gives up
	Reset       bool     `json:"reset,omitempty"`       // the connection is reset
	HTML        bool     `json:"html,omitempty"`        // an HTML page instead of JSON
	Truncated   bool     `json:"truncated,omitempty"`   // half of the answer
	Body        string   `json:"body,omitempty"`        // this body
	ContentType string   `json:"contentType,omitempty"` // of Body, default application/json
	Executed    bool     `json:"executed,omitempty"`    // the request takes effect all the same
	Times       int      `json:"times,omitempty"`       // calls that fail; 0 = until the faults are cleared
	Skip        int      `json:"skip,omitempty"`        // calls that still go well before
}

func (f Fault) check() error {
	switch {
	case f.Path != "*" && !strings.HasPrefix(f.Path, "/"):
		return errors.New(`path must be "*" or begin with /`)
	case f.Times < 0 || f.Skip < 0 || f.Delay < 0:
		return errors.New("times, skip and delay must not be negative")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return errors.New("status must be between 200 and 599")
	case f.Delay == 0 && f.alone() && !f.replaces() && !f.Hang && !f.Reset:
		return errors.New("the fault does nothing")
	}
	return nil
}

// replaces tells whether the fault has an answer of its own.
func (f Fault) replaces() bool {
	return f.Errcode != 0 || f.Status != 0 || f.HTML || f.Body != ""
}

// alone tells whether the fault can do without the real answer.
func (f Fault) alone() bool {
	return !f.Truncated && (f.Delay == 0 || f.replaces() || f.Hang || f.Reset)
}

// faultTable is the faults in force, in the order in which they were set.
type faultTable struct {
	mu   sync.Mutex
	list []*Fault
}

// take returns the fault that hits a call. appID tells whom the call is about; it is asked only
// when a fault depends on it.
func (t *faultTable) take(path string, appID func() string) (Fault, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, f := range t.list {
		if (f.Path != "*" && f.Path != path) || (f.AppID != "" && f.AppID != appID()) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		hit := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				t.list = slices.Delete(t.list, i, i+1)
			}
		}
		return hit, true
	}
	return Fault{}, false
}

// SetFault adds faults to those in force.
func (s *Sim) SetFault(faults ...Fault) error {
	for _, f := range faults {
		if err := f.check(); err != nil {
			return err
		}
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	for _, f := range faults {
		s.faults.list = append(s.faults.list, &f)
	}
	return nil
}

// Faults returns what is still in force, with the calls left.
func (s *Sim) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := []Fault{}
	for _, f := range s.faults.list {
		list = append(list, *f)
	}
	return list
}

// ClearFaults ends all faults.
func (s *Sim) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// play answers in the fault's way. full is the true answer, nil when the request was not carried
// out.
func (f Fault) play(w http.ResponseWriter, r *http.Request, full *response) {
	sleep(r.Context(), f.Delay.std())
	switch {
	case f.Hang:
		<-r.Context().Done()
		reset(w)
		return
	case f.Reset:
		reset(w)
		return
	}
	res := f.response(full)
	w.Header().Set("Content-Type", res.contentType)
	if f.Status != 0 {
		w.WriteHeader(f.Status)
	}
	if f.Truncated {
		res.data = res.data[:len(res.data)/2]
	}
	_, _ = w.Write(res.data)
}

func (f Fault) response(full *response) response {
	switch {
	case f.HTML:
		return response{"text/html", []byte("<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>")}
	case f.Body != "":
		if f.ContentType == "" {
			f.ContentType = jsonType
		}
		return response{f.ContentType, []byte(f.Body)}
	case f.Errcode != 0:
		if f.Errmsg == "" {
			f.Errmsg = "simulated fault"
		}
		return response{jsonType, encodeJSON(obj{"errcode": f.Errcode, "errmsg": f.Errmsg + " rid: 00000000-00000000-00000000"})}
	case full != nil && f.Status == 0:
		return *full
	}
	return response{"text/plain", []byte(http.StatusText(f.Status))}
}

// reset cuts the connection so that the caller sees it at once.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // HTTP/2, which the simulator does not serve
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
