package wxsim

import (
	"errors"
	"fmt"
	"sync"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/log"
)

// keyring holds the message token and keys that pushes are signed and encrypted with.
type keyring struct {
	appID string

	mu          sync.Mutex
	token       string
	aesKey      string
	current     *encrypt.MsgCrypt
	previous    *encrypt.MsgCrypt // the one before the last change
	usePrevious bool
}

// set puts new keys in force and keeps those before.
func (k *keyring) set(token, aesKey string) error {
	crypt, err := encrypt.NewMsgCrypt(k.appID, log.Secret(token), log.Secret(aesKey), "")
	if err != nil {
		return fmt.Errorf("message keys: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.previous, k.current = k.current, crypt
	k.token, k.aesKey, k.usePrevious = token, aesKey, false
	return nil
}

// inUse returns what pushes are encrypted with now.
func (k *keyring) inUse() (*encrypt.MsgCrypt, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.usePrevious {
		return k.previous, nil
	}
	if k.current == nil {
		return nil, errors.New("no EncodingAESKey is set, only plain pushes can be sent")
	}
	return k.current, nil
}

// RotateKey changes the EncodingAESKey, and the message token unless token is empty. Pushes use
// the new ones from then on.
func (s *Sim) RotateKey(token, aesKey string) error {
	if token == "" {
		s.keys.mu.Lock()
		token = s.keys.token
		s.keys.mu.Unlock()
	}
	return s.keys.set(token, aesKey)
}

// UsePreviousKey makes pushes use the keys before the last rotation again, as WeChat does for a
// while on some of its machines; false ends that.
func (s *Sim) UsePreviousKey(on bool) error {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if on && s.keys.previous == nil {
		return errors.New("there is no previous key")
	}
	s.keys.usePrevious = on
	return nil
}
