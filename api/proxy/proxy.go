// Package proxy hands requests for paths that are not ours to the provider's own service on the
// same host.
package proxy

import (
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/console/settings"
	"wxcomponent/comm/log"
)

// Switch tells where to, and whether at all.
type Switch interface {
	Get() settings.Proxy
}

// Proxy is the reverse proxy. It streams in both directions and passes protocol upgrades
// (WebSocket) through.
type Proxy struct {
	conf    Switch
	log     *zap.Logger
	reverse *httputil.ReverseProxy
}

// New returns a proxy that follows conf. The transport decides about connections and time limits.
func New(conf Switch, transport http.RoundTripper, l *zap.Logger) *Proxy {
	p := &Proxy{conf: conf, log: l}
	p.reverse = &httputil.ReverseProxy{
		Rewrite:       p.rewrite,
		Transport:     transport,
		FlushInterval: -1, // streams (SSE, long polls) reach the browser as they come
		ErrorHandler:  p.failed,
		ErrorLog:      zap.NewStdLog(l.WithOptions(zap.IncreaseLevel(zap.WarnLevel))),
	}
	return p
}

// Serve answers through the provider's service and tells whether the proxy is switched on.
func (p *Proxy) Serve(w http.ResponseWriter, r *http.Request) bool {
	conf := p.conf.Get()
	if !conf.Open {
		return false
	}
	target, err := url.Parse(conf.URL)
	if err != nil {
		p.failed(w, r, err)
		return true
	}
	control := http.NewResponseController(w)
	unlimited(control)
	r = r.WithContext(withTarget(r.Context(), target))
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = upload{r.Body, control}
	}
	p.reverse.ServeHTTP(w, r)
	return true
}

// unlimited lifts the listener's time limits: how long an upload or a stream of the service behind
// takes is not for us to say. A writer without limits has none to lift.
func unlimited(control *http.ResponseController) {
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Time{})
}

// silence is how long nothing may come of a body that has not ended.
const silence = time.Minute

// upload is a body that may take as long as it likes, but not stop in the middle.
type upload struct {
	io.ReadCloser
	control *http.ResponseController
}

func (u upload) Read(p []byte) (int, error) {
	_ = u.control.SetReadDeadline(time.Now().Add(silence))
	n, err := u.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) { // what is read from now on is another request, or whether the browser is still there
		_ = u.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// rewrite keeps path, query and the Host that the browser asked for; X-Forwarded-* tell the service
// who asked.
func (p *Proxy) rewrite(pr *httputil.ProxyRequest) {
	target := targetOf(pr.In.Context())
	pr.Out.URL.Scheme, pr.Out.URL.Host = target.Scheme, target.Host
	pr.Out.Host = pr.In.Host
	pr.Out.URL.RawQuery = pr.In.URL.RawQuery
	pr.Out.Header["X-Forwarded-For"] = pr.In.Header["X-Forwarded-For"]
	pr.SetXForwarded()
	if proto := pr.In.Header.Get("X-Forwarded-Proto"); proto != "" {
		pr.Out.Header.Set("X-Forwarded-Proto", proto)
	}
}

func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the browser is gone
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusRequestTimeout)
		return
	}
	log.From(r.Context(), p.log).Warn("proxy target failed", zap.String("path", r.URL.Path), zap.Error(err))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusBadGateway)
	_, _ = w.Write([]byte(badGateway))
}

const badGateway = `<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>502 - 服务暂不可用</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1.5em;color:#333}
h1{font-size:1.4em}@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}}</style>
<h1>服务暂不可用</h1>
<p>已开启自定义服务转发，但目标服务没有响应。请检查该服务是否已启动、端口是否正确。</p>
<p lang="en">The proxy is on, but the service behind it does not answer. Check that it runs and that the port is right.</p>
</html>
`
