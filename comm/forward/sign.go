package forward

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"wxcomponent/comm/log"
)

const secretPrefix = "whsec_"

// checkSecret accepts any text, and with the prefix of Standard Webhooks only what its libraries
// accept after it.
func checkSecret(secret string) error {
	if len(secret) > 256 {
		return errors.New("must be at most 256 characters")
	}
	encoded, ok := strings.CutPrefix(secret, secretPrefix)
	if !ok {
		return nil
	}
	if key, err := base64.StdEncoding.DecodeString(encoded); err != nil || len(key) == 0 {
		return errors.New("must be base64 after " + secretPrefix)
	}
	return nil
}

// sign sets the headers of Standard Webhooks: the id that a receiver recognises repetitions by, the
// time, and one signature for each secret.
func sign(h http.Header, id string, at time.Time, body []byte, secrets []log.Secret) error {
	h.Set(webhooks.HeaderWebhookID, id)
	h.Set(webhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	signatures := make([]string, 0, len(secrets))
	for _, secret := range secrets {
		signer, err := newSigner(secret.Reveal())
		if err != nil {
			return fmt.Errorf("signing secret: %w", err)
		}
		signature, err := signer.Sign(id, at, body)
		if err != nil {
			return fmt.Errorf("sign: %w", err)
		}
		signatures = append(signatures, signature)
	}
	if len(signatures) > 0 {
		h.Set(webhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	}
	return nil
}

// secretsAt are the secrets that have not expired.
func (t *Target) secretsAt(now time.Time) []log.Secret {
	secrets := make([]log.Secret, 0, len(t.Secrets))
	for _, s := range t.Secrets {
		if s.ExpiresAt.IsZero() || s.ExpiresAt.After(now) {
			secrets = append(secrets, s.Text)
		}
	}
	return secrets
}

// newSigner takes what follows the prefix as base64, and any other secret as it is.
func newSigner(secret string) (*webhooks.Webhook, error) {
	if strings.HasPrefix(secret, secretPrefix) {
		return webhooks.NewWebhook(secret)
	}
	return webhooks.NewWebhookRaw([]byte(secret))
}
