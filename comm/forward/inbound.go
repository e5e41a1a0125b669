package forward

import (
	"net/http"
	"net/url"
	"strings"

	"wxcomponent/comm/payload"
)

// inbound is the request that a push came with.
type inbound struct {
	header http.Header
	query  string
}

func inboundOf(r *http.Request) *inbound { return &inbound{header: r.Header, query: r.URL.RawQuery} }

// apply passes on what a target can use: the query, and the headers that are not about the
// connection or meant for this service alone.
func (in inbound) apply(req *http.Request, format payload.Format) {
	for name, values := range in.header {
		if in.passes(name) {
			req.Header[name] = values
		}
	}
	if !strings.Contains(strings.ToLower(req.Header.Get("Content-Type")), string(format)) {
		req.Header.Set("Content-Type", contentType(format))
	}
	req.URL.RawQuery = joinQuery(req.URL.RawQuery, clearQuery(in.query))
}

func (in inbound) passes(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer",
		"Transfer-Encoding", "Upgrade", "Host", "Content-Length", "Content-Encoding", "Accept-Encoding", "Expect",
		"Authorization", "Cookie":
		return false
	}
	lower := strings.ToLower(name)
	if strings.HasPrefix(lower, "webhook-") || strings.HasPrefix(lower, headerPrefix) {
		return false // ours to say
	}
	for _, list := range in.header["Connection"] {
		for field := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(strings.TrimSpace(field), name) {
				return false
			}
		}
	}
	return true
}

// clearQuery drops what says that the body is encrypted: the target gets it in clear, as WeChat
// itself would send it then.
func clearQuery(raw string) string {
	if raw == "" {
		return ""
	}
	var kept []string
	for part := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(part, "=")
		if name, err := url.QueryUnescape(name); err == nil && (name == "encrypt_type" || name == "msg_signature") {
			continue
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, "&")
}

func joinQuery(own, further string) string {
	if own == "" || further == "" {
		return own + further
	}
	return own + "&" + further
}

func contentType(format payload.Format) string {
	if format == payload.JSON {
		return "application/json; charset=utf-8"
	}
	return "text/xml; charset=utf-8" // as WeChat has it
}
