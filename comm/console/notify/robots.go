package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxcomponent/comm/log"
	"wxcomponent/comm/outgoing"
	"wxcomponent/db/model"
)

// Kinds of channels.
const (
	WeCom    = "wecom"
	Feishu   = "feishu"
	DingTalk = "dingtalk"
	Webhook  = "webhook" // a program: JSON with the signature of Standard Webhooks
)

const (
	maxAnswer  = 64 << 10 // bytes of an answer that are read
	maxRefusal = 300      // characters of a channel's own words
)

// refusal is what a channel said instead of taking a message.
type refusal struct {
	text    string
	limited bool // it was sent too much
}

func (r *refusal) Error() string { return r.text }

// call sends a message to a channel. Only the channel's own word that it was taken counts: robots
// answer HTTP 200 to what they refuse. Errors hold neither the address nor the secret.
func (s *Service) call(ctx context.Context, channel *model.NotifyChannel, m *message) error {
	ctx, cancel := context.WithTimeout(ctx, s.deps.Call)
	defer cancel()
	req, err := s.request(ctx, channel, m)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return outgoing.Plain(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("the answer broke off: %w", outgoing.Plain(err))
	}
	if refused := judge(channel.Kind, resp.StatusCode, body); refused != nil {
		refused.text = scrub(refused.text, channel)
		return refused
	}
	return nil
}

func (s *Service) request(ctx context.Context, channel *model.NotifyChannel, m *message) (*http.Request, error) {
	now := s.deps.Now()
	body, err := json.Marshal(content(channel, m, now))
	if err != nil {
		return nil, fmt.Errorf("encode the message: %w", err)
	}
	to := channel.URL
	if channel.Kind == DingTalk && channel.Secret != "" {
		if to, err = dingTalkURL(to, channel.Secret, now); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, errBadAddress
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "wxcomponent/"+s.deps.Version)
	if channel.Kind == Webhook {
		err = outgoing.Sign(req.Header, m.id, now, body, []log.Secret{log.Secret(channel.Secret)})
	}
	return req, err
}

// content is the body of a call.
func content(channel *model.NotifyChannel, m *message, now time.Time) any {
	switch channel.Kind {
	case WeCom:
		return map[string]any{"msgtype": "markdown", "markdown": map[string]string{"content": "**" + m.title + "**\n" + m.body}}
	case DingTalk:
		text := "### " + m.title + "\n\n" + strings.ReplaceAll(m.body, "\n", "\n\n")
		return map[string]any{"msgtype": "markdown", "markdown": map[string]string{"title": m.title, "text": text}}
	case Feishu:
		card := map[string]any{
			"config": map[string]bool{"wide_screen_mode": true},
			"header": map[string]any{
				"title": map[string]string{"tag": "plain_text", "content": m.title}, "template": m.level.color(),
			},
			"elements": []any{map[string]string{"tag": "markdown", "content": m.body}},
		}
		body := map[string]any{"msg_type": "interactive", "card": card}
		if channel.Secret != "" {
			at := strconv.FormatInt(now.Unix(), 10)
			body["timestamp"], body["sign"] = at, hmac256(at+"\n"+channel.Secret, "")
		}
		return body
	default:
		return m.forPrograms(now)
	}
}

// dingTalkURL adds the signature (加签) to a robot's address.
func dingTalkURL(address, secret string, now time.Time) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errBadAddress
	}
	at := strconv.FormatInt(now.UnixMilli(), 10)
	query := u.Query()
	query.Set("timestamp", at)
	query.Set("sign", hmac256(secret, at+"\n"+secret))
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// hmac256 is the HMAC-SHA256 of a text in base64.
func hmac256(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte(text)) // never fails
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// verdict is what robots answer: WeCom and DingTalk errcode and errmsg, Feishu code and msg, and
// formerly StatusCode and StatusMessage.
type verdict struct {
	ErrCode       *int64 `json:"errcode"`
	ErrMsg        string `json:"errmsg"`
	Code          *int64 `json:"code"`
	Msg           string `json:"msg"`
	StatusCode    *int64 `json:"StatusCode"`
	StatusMessage string `json:"StatusMessage"`
}

// judge returns nil when the channel has taken the message.
func judge(kind string, status int, body []byte) *refusal {
	ok := status >= 200 && status < 300
	if kind == Webhook {
		if ok {
			return nil
		}
		return &refusal{text: fmt.Sprintf("HTTP %d", status), limited: status == http.StatusTooManyRequests}
	}
	var v verdict
	if err := json.Unmarshal(body, &v); err != nil {
		v = verdict{}
	}
	name, code, text := "errcode", v.ErrCode, v.ErrMsg
	if kind == Feishu {
		name, code, text = "code", v.Code, v.Msg
		if code == nil {
			code, text = v.StatusCode, v.StatusMessage
		}
	}
	switch {
	case code == nil && ok:
		return &refusal{text: "the answer is not one of this kind of robot"}
	case code == nil:
		return &refusal{text: fmt.Sprintf("HTTP %d", status), limited: status == http.StatusTooManyRequests}
	case *code == 0 && ok:
		return nil
	case *code == 0:
		return &refusal{text: fmt.Sprintf("HTTP %d", status)}
	}
	return &refusal{
		text:    cut(fmt.Sprintf("%s %d: %s", name, *code, text), maxRefusal),
		limited: slices.Contains(tooMany(kind), *code),
	}
}

// tooMany are the codes that mean "too many messages". Robots take 20 a minute; DingTalk takes none
// for ten minutes after more.
func tooMany(kind string) []int64 {
	switch kind {
	case WeCom:
		return []int64{45009, 45033}
	case DingTalk:
		return []int64{130101, 410100, 660026, 90018, 90030}
	default:
		return []int64{9499, 11232, 99991400}
	}
}

// scrub takes the channel's secrets out of its own words.
func scrub(text string, channel *model.NotifyChannel) string {
	for _, secret := range secretsOf(channel) {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// secretsOf are the parts of a channel that nobody may read.
func secretsOf(channel *model.NotifyChannel) []string {
	secrets := []string{channel.URL}
	if u, err := url.Parse(channel.URL); err == nil {
		for _, values := range u.Query() {
			secrets = append(secrets, values...)
		}
		secrets = append(secrets, u.Path[strings.LastIndexByte(u.Path, '/')+1:])
	}
	secrets = append(secrets, channel.Secret)
	const shortest = 8 // shorter texts are words
	return slices.DeleteFunc(secrets, func(s string) bool { return len(s) < shortest })
}
