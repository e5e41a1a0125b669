package wxcallback

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"wxcomponent/comm/auth"
)

const (
	maxBody     = 1 << 20         // bytes of a push
	smallBody   = 16 << 10        // nearly all pushes are smaller; they are read without asking
	largeBodies = 16              // larger ones that are worked on at the same time
	largeWait   = time.Second     // for room among those
	readTimeout = 5 * time.Second // for the whole body; WeChat itself waits no longer for an answer
	// fullTimeBytes is how much of a larger body must have come for its sender to have the whole time: one
	// of whom less has come has a fifth of it and as much of the rest as there is of these bytes.
	fullTimeBytes = 128 << 10

	gatherMost        = 32 << 20 // bytes of larger bodies that are held in memory, come or on their way
	gatherFromAddress = gatherMost / 4
)

// bodyReader reads bodies within bounds of length, time and memory.
type bodyReader struct {
	buffers sync.Pool // of *[]byte
	large   chan struct{}
	room    room
	timeout time.Duration // for the whole body
}

// body is what was read; it is lent until free is called.
type body struct {
	from   *bodyReader
	buf    *[]byte
	sender string // its network
	held   int    // bytes of the room for large bodies
	large  bool   // holds one of the places for large bodies
}

func newBodyReader(timeout time.Duration) *bodyReader {
	return &bodyReader{
		buffers: sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }},
		large:   make(chan struct{}, largeBodies),
		room:    room{most: gatherMost, mostEach: gatherFromAddress, by: make(map[string]int)},
		timeout: timeout,
	}
}

func (b *body) bytes() []byte { return *b.buf }

func (b *body) free() {
	if b.large {
		<-b.from.large
	}
	if b.held > 0 {
		b.from.room.give(b.sender, b.held)
		return // its memory is not worth keeping
	}
	b.from.buffers.Put(b.buf)
}

// read reads the whole body of a request that came from an address. A sender that is slower than the
// timeout is cut off.
func (r *bodyReader) read(w http.ResponseWriter, req *http.Request, address string) (*body, error) {
	if req.ContentLength > maxBody {
		return nil, errTooLarge
	}
	// A writer without deadlines (a recorder in a test) leaves the limit to the server.
	ctl, begin := http.NewResponseController(w), time.Now()
	_ = ctl.SetReadDeadline(begin.Add(r.timeout))

	buf, _ := r.buffers.Get().(*[]byte)
	b := &body{from: r, buf: buf}
	all, err := appendFrom(req.Body, (*buf)[:0], smallBody)
	*buf = all
	if err == nil { // there is more
		b.sender = auth.Network(address)
		err = b.readOn(req, func(n int) { _ = ctl.SetReadDeadline(begin.Add(r.timeFor(n))) })
	}
	if err = b.verdict(req, err); err != nil {
		b.free()
		return nil, err
	}
	_ = ctl.SetReadDeadline(time.Time{}) // or it would end the request while the push is being stored
	return b, nil
}

// timeFor is how long a large body may take of which n bytes have come.
func (r *bodyReader) timeFor(n int) time.Duration {
	first := r.timeout / 5
	return first + (r.timeout-first)*time.Duration(min(n, fullTimeBytes))/fullTimeBytes
}

// readOn reads a large body to its end, at a least rate and into memory that it asks for as the body
// grows: who promises much and sends little holds little.
func (b *body) readOn(req *http.Request, progress func(n int)) error {
	all := *b.buf
	for len(all) <= maxBody {
		if len(all) == cap(all) || b.held == 0 {
			grown, err := b.grow(all)
			if err != nil {
				return err
			}
			all = grown
		}
		progress(len(all))
		n, err := req.Body.Read(all[len(all):cap(all)])
		all = all[:len(all)+n]
		*b.buf = all
		if err != nil {
			return err
		}
	}
	return nil
}

// grow moves what has come to memory of twice the size.
func (b *body) grow(all []byte) ([]byte, error) {
	size := min(2*max(len(all), smallBody), maxBody+1)
	if err := b.from.room.take(b.sender, size-b.held); err != nil {
		return nil, err
	}
	b.held = size
	return append(make([]byte, 0, size), all...), nil
}

// verdict is what the end of reading means. A large body that is there takes its place among those that
// are worked on.
func (b *body) verdict(req *http.Request, err error) error {
	switch {
	case errors.Is(err, io.EOF) && b.held > 0:
		return b.waitForPlace(req)
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errTooSlow
	case errors.Is(err, errBusy), errors.Is(err, errCrowded):
		return err
	default:
		return errUnreadable
	}
}

// waitForPlace takes one of the places for large bodies.
func (b *body) waitForPlace(req *http.Request) error {
	timer := time.NewTimer(largeWait)
	defer timer.Stop()
	select {
	case b.from.large <- struct{}{}:
		b.large = true
		return nil
	case <-timer.C:
		return errBusy
	case <-req.Context().Done():
		return errUnreadable
	}
}

// room is memory that senders share. None of them gets all of it.
type room struct {
	most, mostEach int

	mu   sync.Mutex
	used int
	by   map[string]int
}

func (r *room) take(sender string, n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.by[sender]+n > r.mostEach:
		return errCrowded
	case r.used+n > r.most:
		return errBusy
	}
	r.used += n
	r.by[sender] += n
	return nil
}

func (r *room) give(sender string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= n
	if r.by[sender] -= n; r.by[sender] == 0 {
		delete(r.by, sender)
	}
}

// appendFrom reads until buf has limit bytes, and returns nil then, or until an error or io.EOF.
func appendFrom(from io.Reader, buf []byte, limit int) ([]byte, error) {
	for len(buf) < limit {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := from.Read(buf[len(buf):min(cap(buf), limit)])
		buf = buf[:len(buf)+n]
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}
