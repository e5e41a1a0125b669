package wx

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"sync"

	"wxcomponent/comm/httputils"
)

// body is a request's content, of known size, that can be sent more than once.
type body struct {
	open        func() (io.Reader, error)
	contentType string
	size        int64
}

// content is req as JSON; a GET has none.
func (e endpoint) content(req any) (*body, error) {
	if e.verb() != http.MethodPost {
		return nil, nil //nolint:nilnil // no body is what a GET has
	}
	if req == nil {
		req = struct{}{} // WeChat wants an empty object, not an empty body
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // WeChat shows \u003c as it stands
	if err := enc.Encode(req); err != nil {
		return nil, fmt.Errorf("%s: encode the request: %w", e.path, err)
	}
	raw := buf.Bytes()
	return &body{
		open:        func() (io.Reader, error) { return bytes.NewReader(raw), nil },
		contentType: "application/json; charset=utf-8",
		size:        int64(len(raw)),
	}, nil
}

// File is a file to upload. Content is read from its start, twice when the first token is refused.
type File struct {
	Name    string
	Type    string // MIME type, application/octet-stream when empty
	Content io.ReadSeeker
}

// form is the file as the one part of a multipart form, streamed from where it is.
func (f File) form(field string) (*body, error) {
	size, err := f.Content.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("measure the file: %w", err)
	}
	var frame bytes.Buffer
	w := multipart.NewWriter(&frame)
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition(field, f.Name))
	header.Set("Content-Type", f.mimeType())
	if _, err := w.CreatePart(header); err != nil {
		return nil, fmt.Errorf("write the form: %w", err)
	}
	start := frame.Len()
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write the form: %w", err)
	}
	before, after := frame.Bytes()[:start], frame.Bytes()[start:]
	var last *stream
	return &body{
		open: func() (io.Reader, error) {
			if last != nil {
				last.stop()
			}
			if _, err := f.Content.Seek(0, io.SeekStart); err != nil {
				return nil, err
			}
			last = &stream{next: io.MultiReader(bytes.NewReader(before), f.Content, bytes.NewReader(after))}
			return last, nil
		},
		contentType: w.FormDataContentType(),
		size:        size + int64(frame.Len()),
	}, nil
}

// stream is a reader that can be taken away from net/http, which may go on reading a body after the
// answer has come.
type stream struct {
	mu   sync.Mutex
	next io.Reader // nil once stopped
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		return 0, io.ErrClosedPipe
	}
	return s.next.Read(p)
}

func (s *stream) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = nil
}

func (f File) mimeType() string {
	if f.Type == "" || strings.ContainsAny(f.Type, "\r\n") {
		return "application/octet-stream"
	}
	return f.Type
}

// decode reads an answer in JSON: WeChat's error if it is one, else res, which may be nil. Only an
// errcode that cannot be read spoils an answer: it might be an error.
func decode(path string, a *httputils.Answer, res any) error {
	garbled := func(cause error) error { return &Unreachable{Path: path, Status: a.Status, Cause: cause} }
	var head struct {
		Code json.RawMessage `json:"errcode"`
		Msg  string          `json:"errmsg"`
	}
	if err := unmarshal(a.Body, &head); err != nil {
		return garbled(fmt.Errorf("the answer is not JSON: %w", err))
	}
	var code Int
	if len(head.Code) > 0 && code.UnmarshalJSON(head.Code) != nil {
		return garbled(errors.New("the answer has an errcode that is not a number"))
	}
	if code != 0 {
		return newError(path, int(code), head.Msg)
	}
	if a.Status != http.StatusOK {
		return garbled(errors.New("not the status of an answer"))
	}
	if res == nil {
		return nil
	}
	if err := unmarshal(a.Body, res); err != nil {
		return garbled(fmt.Errorf("the answer is not what was expected: %w", err))
	}
	return nil
}

// withoutTokens cuts the values of token parameters out of an address that WeChat returns.
func withoutTokens(address string) string { return tokenPattern.ReplaceAllString(address, "${1}***") }
