package wxcallback

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

const (
	maxBody     = 1 << 20         // bytes of a push
	smallBody   = 16 << 10        // nearly all pushes are smaller; they are read without asking
	largeBodies = 16              // larger ones that are held in memory at the same time
	largeWait   = time.Second     // for room among those
	readTimeout = 5 * time.Second // for the whole body; WeChat itself waits no longer for an answer
)

// bodyReader reads bodies within bounds of length, time and memory.
type bodyReader struct {
	buffers sync.Pool // of *[]byte
	large   chan struct{}
	timeout time.Duration // for the whole body
}

// body is what was read; it is lent until free is called.
type body struct {
	from  *bodyReader
	buf   *[]byte
	large bool // holds one of the places for large bodies
}

func newBodyReader(timeout time.Duration) *bodyReader {
	return &bodyReader{
		buffers: sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }},
		large:   make(chan struct{}, largeBodies),
		timeout: timeout,
	}
}

func (b *body) bytes() []byte { return *b.buf }

func (b *body) free() {
	if b.large {
		<-b.from.large
		return // its memory is not worth keeping
	}
	b.from.buffers.Put(b.buf)
}

// read reads the whole body of a request. A sender that is slower than the timeout is cut off.
func (r *bodyReader) read(w http.ResponseWriter, req *http.Request) (*body, error) {
	if req.ContentLength > maxBody {
		return nil, errTooLarge
	}
	// A writer without deadlines (a recorder in a test) leaves the limit to the server.
	ctl := http.NewResponseController(w)
	_ = ctl.SetReadDeadline(time.Now().Add(r.timeout))

	buf, _ := r.buffers.Get().(*[]byte)
	b := &body{from: r, buf: buf}
	if err := r.fill(b, req); err != nil {
		b.free()
		return nil, err
	}
	_ = ctl.SetReadDeadline(time.Time{}) // or it would end the request while the push is being stored
	return b, nil
}

func (r *bodyReader) fill(b *body, req *http.Request) error {
	all, err := appendFrom(req.Body, (*b.buf)[:0], smallBody)
	*b.buf = all
	if err == nil { // there is more
		if err := r.waitForPlace(req); err != nil {
			return err
		}
		b.large = true
		all, err = appendFrom(req.Body, all, maxBody+1)
		*b.buf = all
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errTooSlow
	default:
		return errUnreadable
	}
}

// waitForPlace takes one of the places for large bodies.
func (r *bodyReader) waitForPlace(req *http.Request) error {
	timer := time.NewTimer(largeWait)
	defer timer.Stop()
	select {
	case r.large <- struct{}{}:
		return nil
	case <-timer.C:
		return errBusy
	case <-req.Context().Done():
		return errUnreadable
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
