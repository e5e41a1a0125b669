package wxsim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/log"
	"wxcomponent/comm/payload"
)

// The two addresses that a platform registers with WeChat.
const (
	ChannelComponent = "component" // authorization events
	ChannelBiz       = "biz"       // messages and events of authorized accounts
)

const maxAnswer = 2 << 20 // bytes read of an answer

// PushResult tells how a push went.
type PushResult struct {
	ID       int64     `json:"id"`
	At       time.Time `json:"at"`
	Channel  string    `json:"channel"`
	AppID    string    `json:"appid"` // the account, or the platform on authorization events
	Kind     string    `json:"kind"`  // InfoType, Event or MsgType
	Accepted bool      `json:"accepted"`
	Attempts []Attempt `json:"attempts"`
	Reply    *Reply    `json:"reply,omitempty"` // what the user got
}

// Attempt is one of WeChat's tries.
type Attempt struct {
	Status   int      `json:"status"` // 0: no answer
	Duration Duration `json:"duration"`
	Answer   string   `json:"answer"` // the beginning of it, as it came
	Error    string   `json:"error,omitempty"`
}

// outgoing is a push that is ready to be sent.
type outgoing struct {
	channel  string
	appID    string
	userName string // gh_… of the account
	openID   string
	kind     string
	plain    []byte
	format   Format
	replies  bool // the account's users can get passive replies
	attempts int
}

// pushTransport keeps its connections.
func pushTransport() http.RoundTripper {
	return &http.Transport{MaxIdleConnsPerHost: 1024, IdleConnTimeout: 90 * time.Second}
}

// pushClient follows no redirect and leaves time-outs to the context.
func pushClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// send tries the push as often as WeChat does and keeps the result.
func (s *Sim) send(ctx context.Context, p outgoing) PushResult {
	res := s.records.addPush(s.deliver(ctx, p), s.now())
	if err := accepted(res); err != nil {
		log.From(ctx, s.log).Warn("push was not taken", zap.String("kind", res.Kind), zap.String("appid", res.AppID),
			zap.Int("attempts", len(res.Attempts)), zap.Error(err))
	}
	return res
}

// deliver pushes p until it is taken. Every attempt has the same plain text and is signed and
// encrypted anew.
func (s *Sim) deliver(ctx context.Context, p outgoing) PushResult {
	set := s.Settings()
	if p.attempts == 0 {
		p.attempts = set.PushAttempts
	}
	res := PushResult{Channel: p.channel, AppID: p.appID, Kind: p.kind}
	for i := range p.attempts {
		if i > 0 {
			sleep(ctx, set.RetryGap.std())
		}
		if ctx.Err() != nil {
			break
		}
		a, reply, again := s.attempt(ctx, p, set)
		res.Attempts = append(res.Attempts, a)
		res.Accepted, res.Reply = a.Error == "", reply
		if !again {
			break
		}
	}
	return res
}

// attempt pushes once. again tells whether WeChat would try another time.
func (s *Sim) attempt(ctx context.Context, p outgoing, set Settings) (a Attempt, reply *Reply, again bool) {
	ctx, cancel := context.WithTimeout(ctx, set.PushTimeout.std())
	defer cancel()
	start := time.Now()
	defer func() { a.Duration = Duration(time.Since(start)) }()

	req, crypt, err := s.pushRequest(ctx, p, set.Target)
	if err != nil {
		return Attempt{Error: err.Error()}, nil, false
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return Attempt{Error: withoutURL(err).Error()}, nil, true
	}
	defer func() { _ = resp.Body.Close() }()
	a.Status = resp.StatusCode
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	a.Answer = cut(body)
	switch {
	case err != nil:
		a.Error = "read answer: " + err.Error()
		return a, nil, true
	case resp.StatusCode/100 != 2:
		a.Error = "answered with status " + strconv.Itoa(resp.StatusCode)
		return a, nil, true
	}
	got, replied, err := judge(p, crypt, body)
	if err != nil {
		a.Error = err.Error()
	}
	if replied {
		reply = &got
	}
	// A wrong answer to a message is the end of it: the user is told that the service is down.
	return a, reply, err != nil && p.channel == ChannelComponent
}

// withoutURL takes the address out of a client's error: its query is noise in a report.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// pushRequest makes the request of one attempt and tells what its answer is encrypted with, nil
// in plain mode.
func (s *Sim) pushRequest(ctx context.Context, p outgoing, target string) (*http.Request, *encrypt.MsgCrypt, error) {
	address := target + "/wxcallback/component"
	if p.channel == ChannelBiz {
		address = target + "/wxcallback/biz/" + url.PathEscape(p.appID)
	}
	if p.format == FormatPlain {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(p.plain))
		if err != nil {
			return nil, nil, fmt.Errorf("make push: %w", err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Wx-Source", "wx_unknown")
		return req, nil, nil
	}
	crypt, err := s.keys.inUse()
	if err != nil {
		return nil, nil, err
	}
	head := encrypt.Envelope{Format: payload.XML, ToUserName: p.userName}
	contentType := "text/xml"
	if p.format == FormatJSON {
		head.Format, contentType = payload.JSON, "application/json"
	}
	if p.channel == ChannelComponent {
		head.AppID = s.appID
	}
	body, query, err := crypt.EncryptPush(p.plain, head, strconv.FormatInt(s.now().Unix(), 10), nonce())
	if err != nil {
		return nil, nil, err
	}
	if p.openID != "" {
		query.Set("openid", p.openID)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("make push: %w", err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "Mozilla/4.0")
	return req, crypt, nil
}

// judge reads the answer as WeChat does: an authorization event wants `success` and nothing else,
// a message wants that, nothing, or a reply to the user. replied tells whether the user gets one.
func judge(p outgoing, crypt *encrypt.MsgCrypt, body []byte) (reply Reply, replied bool, err error) {
	text := strings.TrimSpace(string(body))
	if text == "success" || (text == "" && p.channel == ChannelBiz) {
		return reply, false, nil
	}
	if p.channel == ChannelComponent {
		return reply, false, errors.New("the answer is not success")
	}
	plain := body
	if crypt != nil {
		if plain, err = crypt.DecryptReply(body); err != nil {
			return reply, false, fmt.Errorf("the answer is no encrypted reply: %w", err)
		}
	}
	doc := payload.Parse(plain)
	switch {
	case doc.Defect != "":
		return reply, false, fmt.Errorf("the answer is no reply: %s", doc.Defect)
	case doc.Get("ToUserName") != p.openID || doc.Get("FromUserName") != p.userName:
		return reply, false, errors.New("the reply's ToUserName and FromUserName are not the message's in turn")
	case doc.Get("MsgType") == "":
		return reply, false, errors.New("the reply has no MsgType")
	case !p.replies: // a mini program's user sees nothing of it
		return reply, false, nil
	}
	return Reply{
		AppID: p.appID, OpenID: p.openID, MsgType: doc.Get("MsgType"), Content: doc.Get("Content"), Body: string(plain),
	}, true, nil
}

func nonce() string { return strconv.FormatUint(hashOf(randomText(16))%10_000_000_000, 10) }

// CheckURL asks for the echo of the component address, or with an appid of that account's message
// address, as saving it in WeChat's console does. In plain mode it sends the console's probe.
func (s *Sim) CheckURL(ctx context.Context, appID string) error {
	set := s.Settings()
	ctx, cancel := context.WithTimeout(ctx, set.PushTimeout.std())
	defer cancel()
	p := outgoing{channel: ChannelComponent, format: set.Format, plain: []byte(`{"action":"CheckContainerPath"}`)}
	if appID != "" {
		p.channel, p.appID = ChannelBiz, appID
	}
	req, _, err := s.pushRequest(ctx, p, set.Target)
	if err != nil {
		return err
	}
	echo := "success"
	if set.Format != FormatPlain {
		echo = strconv.FormatUint(hashOf(randomText(16)), 10)
		q := req.URL.Query()
		req, err = http.NewRequestWithContext(ctx, http.MethodGet, req.URL.Scheme+"://"+req.URL.Host+req.URL.Path+"?"+url.Values{
			"signature": q["signature"], "timestamp": q["timestamp"], "nonce": q["nonce"], "echostr": {echo},
		}.Encode(), nil)
		if err != nil {
			return fmt.Errorf("make check: %w", err)
		}
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("check address: %w", withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("check address: %w", err)
	}
	if resp.StatusCode != http.StatusOK || string(body) != echo {
		return fmt.Errorf("check address: status %d, answer %q instead of %q", resp.StatusCode, cut(body), echo)
	}
	return nil
}
