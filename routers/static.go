package routers

import (
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// static serves the built dashboard. Files under assets/ carry a hash in their name and are cached
// for good; the pages that name them are asked for anew each time. A file that was compressed at
// build time lies beside its original as .br or .gz.
type static struct {
	files fs.FS
}

// has tells whether a request is for a file of the dashboard.
func (s static) has(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	info, err := fs.Stat(s.files, fileName(r))
	return err == nil && !info.IsDir()
}

func fileName(r *http.Request) string {
	if name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/"); name != "" {
		return name
	}
	return "index.html"
}

// serve answers a GET or HEAD for a file that the dashboard has.
func (s static) serve(w http.ResponseWriter, r *http.Request) {
	name := fileName(r)
	body, encoding := s.open(name, r.Header.Get("Accept-Encoding"))
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Add("Vary", "Accept-Encoding")
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	switch {
	case strings.HasPrefix(name, "assets/"):
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	case strings.HasSuffix(name, ".html"):
		h.Set("Cache-Control", "no-store")
	default:
		h.Set("Cache-Control", "public, max-age=3600")
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body)
	}
}

// open finds the smallest stored form of a file that the caller accepts.
func (s static) open(name, accept string) (body []byte, encoding string) {
	for _, form := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}} {
		if form.encoding != "" && !accepts(accept, form.encoding) {
			continue
		}
		if body, err := fs.ReadFile(s.files, name+form.suffix); err == nil {
			return body, form.encoding
		}
	}
	return nil, ""
}

// accepts tells whether an Accept-Encoding header names an encoding and does not rule it out.
func accepts(header, encoding string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			return strings.Trim(weight, " q=0.") != "" || strings.TrimSpace(weight) == ""
		}
	}
	return false
}

func contentType(name string) string {
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
