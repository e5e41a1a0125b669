package forward

import (
	"time"

	"wxcomponent/comm/log"
)

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
