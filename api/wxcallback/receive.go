package wxcallback

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/event"
	"wxcomponent/comm/payload"
)

// maxAppID is the length of the columns that hold an appid.
const maxAppID = 64

// sealed is what the reply to an encrypted push needs.
type sealed struct {
	crypt    *encrypt.MsgCrypt
	keyIndex int
	format   payload.Format
}

// open authenticates a body and reads the push in it. A body with Encrypt that comes with a
// msg_signature is an encrypted push; any other is one in clear, and accepted only where those are.
func (h *Handler) open(c *gin.Context, channel event.Channel, body []byte, now time.Time) (*incoming, error) {
	in, err := h.openSealed(c.Request.URL, body, channel)
	if err == nil && in == nil {
		in, err = h.openPlain(c, body, channel)
	}
	if err != nil {
		return nil, err
	}
	in.push.ReceivedAt = now.UTC()
	if channel == event.Biz {
		in.push.AppID = c.Param("appid")
		// The console's probe may come to the address as it was entered, with $APPID$ in it.
		if !in.probe && !isAppID(in.push.AppID) {
			return nil, errBadAddress
		}
	}
	return in, nil
}

// openSealed returns nil when the push is not an encrypted one.
func (h *Handler) openSealed(u *url.URL, body []byte, channel event.Channel) (*incoming, error) {
	if u.RawQuery == "" {
		return nil, nil //nolint:nilnil // "not an encrypted push" is neither a push nor a failure
	}
	q := u.Query()
	signature := q.Get("msg_signature")
	if signature == "" {
		return nil, nil //nolint:nilnil // as above
	}
	env, err := encrypt.ParseEnvelope(body)
	switch {
	case errors.Is(err, encrypt.ErrCipher):
		if h.plain {
			return nil, nil //nolint:nilnil // as above: no Encrypt in it
		}
		return nil, errCipher
	case err != nil:
		return nil, errMalformed
	}
	crypt := h.creds.Crypt()
	if crypt == nil {
		return nil, errNotConfigured
	}
	text, keyIndex, err := crypt.Decrypt(signature, q.Get("timestamp"), q.Get("nonce"), env.Encrypt)
	if err != nil {
		return nil, decryptRefusal(err)
	}
	in, err := read(channel, text)
	if err != nil {
		return nil, err
	}
	in.sealed = &sealed{crypt: crypt, keyIndex: keyIndex, format: env.Format}
	return in, nil
}

func decryptRefusal(err error) error {
	switch {
	case errors.Is(err, encrypt.ErrSignature):
		return errSignature
	case errors.Is(err, encrypt.ErrAppID):
		return errOtherAppID
	default:
		return errCipher
	}
}

// openPlain reads a push in clear. Whoever asks whether the address answers gets to know it: the
// answer is the same for all and nothing is stored.
func (h *Handler) openPlain(c *gin.Context, body []byte, channel event.Channel) (*incoming, error) {
	var refused error
	switch {
	case c.GetHeader("X-Wx-Source") == "":
		refused = errNoSource
	case !h.plain:
		refused = errPlainOff
	}
	in, err := read(channel, body)
	if refused != nil && (err != nil || !in.probe) {
		return nil, refused
	}
	return in, err
}

func read(channel event.Channel, text []byte) (*incoming, error) {
	p, err := event.Parse(channel, text)
	if err != nil {
		return nil, errMalformed
	}
	return &incoming{push: p, probe: p.Field("action") == "CheckContainerPath"}, nil
}

// reply encrypts the answer to the push the way the push was encrypted.
func (s *sealed) reply(plain []byte, now time.Time) (body []byte, contentType string, err error) {
	timestamp := strconv.FormatInt(now.Unix(), 10)
	nonce := strconv.FormatUint(uint64(rand.Uint32()), 10) //nolint:gosec // WeChat wants a number, not a secret
	body, err = s.crypt.EncryptReply(plain, timestamp, nonce, s.keyIndex, s.format)
	if err != nil {
		return nil, "", fmt.Errorf("reply to an encrypted push: %w", err)
	}
	if s.format == payload.JSON {
		return body, "application/json; charset=utf-8", nil
	}
	return body, "application/xml; charset=utf-8", nil
}

// isAppID keeps what a rule's path could be bent with out of $APPID$.
func isAppID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-':
		default:
			return false
		}
	}
	return s != "" && len(s) <= maxAppID
}
