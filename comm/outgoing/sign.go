package outgoing

import (
	"crypto/rand"
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

const (
	secretPrefix = "whsec_"
	secretBytes  = 24
	maxSecret    = 256 // characters
)

// NewSecret is a random secret in the form of Standard Webhooks.
func NewSecret() log.Secret {
	key := make([]byte, secretBytes)
	_, _ = rand.Read(key) // never fails
	return log.Secret(secretPrefix + base64.StdEncoding.EncodeToString(key))
}

// CheckSecret accepts any text, and with the prefix of Standard Webhooks only what its libraries
// accept after it. Its errors complete the sentence "<field>: <why>".
func CheckSecret(secret log.Secret) error {
	if len(secret) > maxSecret {
		return fmt.Errorf("must be at most %d characters", maxSecret)
	}
	encoded, ok := strings.CutPrefix(secret.Reveal(), secretPrefix)
	if !ok {
		return nil
	}
	if key, err := base64.StdEncoding.DecodeString(encoded); err != nil || len(key) == 0 {
		return errors.New("must be base64 after " + secretPrefix)
	}
	return nil
}

// Sign sets the headers of Standard Webhooks: the id that a receiver recognises repetitions by, the
// time, and one signature for each secret.
func Sign(h http.Header, id string, at time.Time, body []byte, secrets []log.Secret) error {
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

// newSigner takes what follows the prefix as base64, and any other secret as it is.
func newSigner(secret string) (*webhooks.Webhook, error) {
	if strings.HasPrefix(secret, secretPrefix) {
		return webhooks.NewWebhook(secret)
	}
	return webhooks.NewWebhookRaw([]byte(secret))
}
