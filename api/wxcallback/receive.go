package wxcallback

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"go.uber.org/zap"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/payload"
	"wxcomponent/comm/push/ingest"
	"wxcomponent/comm/wx/event"
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
	in, err := h.openSealed(c.Request.Context(), c.Request.URL, body, channel, now)
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
func (h *Handler) openSealed(ctx context.Context, u *url.URL, body []byte, channel event.Channel, now time.Time) (*incoming, error) {
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
	signedAt, err := signedTime(q.Get("timestamp"), now)
	if err != nil {
		h.refusedClock(ctx, signedAt, now)
		return nil, err
	}
	// WeChat has signed it: whatever it holds, it is kept.
	in := read(channel, text)
	in.push.Cipher, in.push.SignedAt = env.Encrypt, signedAt
	in.sealed = &sealed{crypt: crypt, keyIndex: keyIndex, format: env.Format}
	return in, nil
}

// signedAhead is how far a signed timestamp may be ahead of this host's clock.
const signedAhead = 24 * time.Hour

// signedTime reads the timestamp that is signed with an encrypted push. Once a push is no longer
// recognised it could count again, so that an old one is refused; and a clock that is wrong by days, here
// or at WeChat, is to be seen.
func signedTime(timestamp string, now time.Time) (time.Time, error) {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return time.Time{}, errClock
	}
	at := time.Unix(seconds, 0).UTC()
	if at.Before(now.Add(-ingest.IdentityKept)) || at.After(now.Add(signedAhead)) {
		return at, errClock
	}
	return at, nil
}

// refusedClock has the self-check tell of the refusal, with a row that is written once a minute at the
// most.
func (h *Handler) refusedClock(ctx context.Context, signedAt, now time.Time) {
	if h.clock == nil {
		return
	}
	if _, due := h.quiet.due("noted\x00" + errClock.reason); !due {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, h.ticketTime)
	defer cancel()
	if err := h.clock.ClockRefused(ctx, signedAt, now); err != nil {
		h.quiet.warn("refused push could not be noted", errClock.reason, zap.Error(err))
	}
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

// openPlain reads a push in clear, in which anything is found that a push could be. Whoever asks whether the address answers gets to know it: the
// answer is the same for all and nothing is stored.
func (h *Handler) openPlain(c *gin.Context, body []byte, channel event.Channel) (*incoming, error) {
	var refused error
	switch {
	case c.GetHeader("X-Wx-Source") == "":
		refused = errNoSource
	case !h.plain:
		refused = errPlainOff
	}
	in := read(channel, body)
	switch {
	case refused != nil && !in.probe:
		return nil, refused
	case in.push.Format == "":
		return nil, errMalformed
	}
	return in, nil
}

func read(channel event.Channel, text []byte) *incoming {
	p := event.Parse(channel, text)
	return &incoming{push: p, probe: p.Field("action") == "CheckContainerPath"}
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
