// Package platform holds the credentials of the third-party platform: its appid, AppSecret, push
// token and EncodingAESKeys, from the settings and from what was entered in the dashboard. Every
// instance works from an immutable snapshot that follows changes made on any other.
package platform

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"wxcomponent/comm/config"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/live"
	"wxcomponent/comm/log"
)

// Keys of the key-value table. "secret" is the template's own.
const (
	keySecret         = "secret"
	keyToken          = "push.token"
	keyAESKey         = "push.aeskey"
	keyAESKeyPrevious = "push.aeskeyprevious"
)

// Store keeps secrets, sealed, under a key. Both ways of reading return "" for a key that is not
// there; KVGet returns the value as it is kept.
type Store interface {
	KVGet(ctx context.Context, key string) (string, error)
	KVSecretGet(ctx context.Context, key string) (string, error)
	KVSecretPut(ctx context.Context, key, value string) error
	RevisionBump(ctx context.Context) error
}

// Snapshot is the platform as it is now. Crypt is nil while token or AES key are missing.
type Snapshot struct {
	AppID                         string
	Secret                        log.Secret
	Token, AESKey, AESKeyPrevious Value
	Crypt                         *encrypt.MsgCrypt
}

// Value is a push credential; Fixed says that the environment sets it, so the dashboard cannot.
type Value struct {
	log.Secret
	Fixed bool
}

// Service owns the credentials.
type Service struct {
	conf          config.WX
	mysqlPassword log.Secret // opens a secret that the template stored
	store         Store
	log           *zap.Logger
	live          *live.Value[Snapshot]
}

// New returns the service; Live must be loaded before Get is used.
func New(conf config.WX, mysqlPassword log.Secret, store Store, l *zap.Logger) *Service {
	s := &Service{conf: conf, mysqlPassword: mysqlPassword, store: store, log: l}
	s.live = live.NewValue(s.load)
	return s
}

// Live is the snapshot to register with the watcher.
func (s *Service) Live() *live.Value[Snapshot] { return s.live }

// Get returns the current snapshot.
func (s *Service) Get() Snapshot { return s.live.Get() }

// Crypt returns the push cryptography, nil while it is not configured.
func (s *Service) Crypt() *encrypt.MsgCrypt { return s.live.Get().Crypt }

// AppID is the component's appid.
func (s *Service) AppID() string { return s.conf.AppID }

// Secret is the component's AppSecret; errno.NotConfigured when none was given yet.
func (s *Service) Secret() (log.Secret, error) {
	if v := s.live.Get().Secret; v != "" {
		return v, nil
	}
	return "", errno.New(errno.NotConfigured, "the platform's AppSecret is not set (WX_SECRET, or the dashboard's settings page)")
}

// Init stores the settings' AppSecret when none is stored yet, and replaces the form in which the
// template stored it.
func (s *Service) Init(ctx context.Context) error {
	stored, err := s.store.KVGet(ctx, keySecret)
	if err != nil {
		return fmt.Errorf("read the AppSecret: %w", err)
	}
	if encrypt.IsSealed(stored) {
		return nil
	}
	if stored != "" {
		plain, err := encrypt.DecryptTemplateSecret(stored, s.mysqlPassword)
		if err == nil {
			return s.putSecret(ctx, plain)
		}
		s.log.Warn("the AppSecret has to be entered again", zap.Error(err))
	}
	if s.conf.Secret != "" {
		return s.putSecret(ctx, s.conf.Secret)
	}
	return nil
}

// secret returns the stored AppSecret, "" when there is none. What the template stored and does not
// decrypt any more is none: WeChat would only count failures.
func (s *Service) secret(ctx context.Context) (string, error) {
	stored, err := s.store.KVGet(ctx, keySecret)
	if err != nil || !encrypt.IsSealed(stored) {
		return "", err
	}
	return s.store.KVSecretGet(ctx, keySecret)
}

func (s *Service) load(ctx context.Context) (Snapshot, error) {
	snap := Snapshot{AppID: s.conf.AppID}
	secret, err := s.secret(ctx)
	if err != nil {
		return snap, fmt.Errorf("read the AppSecret: %w", err)
	}
	snap.Secret = log.Secret(secret)
	for _, v := range []struct {
		to   *Value
		conf log.Secret
		key  string
	}{
		{&snap.Token, s.conf.Token, keyToken},
		{&snap.AESKey, s.conf.AESKey, keyAESKey},
		{&snap.AESKeyPrevious, s.conf.AESKeyPrevious, keyAESKeyPrevious},
	} {
		if v.conf != "" {
			*v.to = Value{Secret: v.conf, Fixed: true}
			continue
		}
		stored, err := s.store.KVSecretGet(ctx, v.key)
		if err != nil {
			return snap, fmt.Errorf("read %s: %w", v.key, err)
		}
		v.to.Secret = log.Secret(stored)
	}
	snap.Crypt, err = snap.crypt()
	return snap, err
}

func (s Snapshot) crypt() (*encrypt.MsgCrypt, error) {
	if s.AppID == "" || s.Token.Secret == "" || s.AESKey.Secret == "" {
		return nil, nil //nolint:nilnil // "not configured" is a state of its own, not a failure
	}
	return encrypt.NewMsgCrypt(s.AppID, s.Token.Secret, s.AESKey.Secret, s.AESKeyPrevious.Secret)
}

// SetSecret stores a new AppSecret.
func (s *Service) SetSecret(ctx context.Context, secret log.Secret) error {
	if err := s.putSecret(ctx, secret); err != nil {
		return err
	}
	return s.changed(ctx)
}

// PushCredentials is a change to what pushes are checked and decrypted with; nil leaves a value as
// it is.
type PushCredentials struct {
	Token, AESKey, AESKeyPrevious *string
}

// SetPush stores new push credentials. A new AES key makes the one before it the previous key, so
// that pushes encrypted with either are understood while WeChat switches over.
func (s *Service) SetPush(ctx context.Context, p PushCredentials) error {
	now := s.Get()
	if p.AESKey != nil && p.AESKeyPrevious == nil && now.AESKey.Secret != "" && *p.AESKey != now.AESKey.Reveal() {
		before := now.AESKey.Reveal()
		p.AESKeyPrevious = &before
	}
	changes := []struct {
		value *string
		was   Value
		key   string
		field string
	}{
		{p.Token, now.Token, keyToken, "token"},
		{p.AESKey, now.AESKey, keyAESKey, "aesKey"},
		{p.AESKeyPrevious, now.AESKeyPrevious, keyAESKeyPrevious, "aesKeyPrevious"},
	}
	for _, c := range changes {
		if c.value == nil {
			continue
		}
		if c.was.Fixed {
			return errno.Param(c.field, "is set by the environment and cannot be changed here")
		}
		if c.key != keyToken && *c.value != "" {
			if err := encrypt.CheckAESKey(c.field, log.Secret(*c.value)); err != nil {
				return err
			}
		}
	}
	for _, c := range changes {
		if c.value == nil {
			continue
		}
		if err := s.store.KVSecretPut(ctx, c.key, *c.value); err != nil {
			return fmt.Errorf("store %s: %w", c.key, err)
		}
	}
	return s.changed(ctx)
}

func (s *Service) putSecret(ctx context.Context, secret log.Secret) error {
	if err := s.store.KVSecretPut(ctx, keySecret, secret.Reveal()); err != nil {
		return fmt.Errorf("store the AppSecret: %w", err)
	}
	return nil
}

func (s *Service) changed(ctx context.Context) error {
	return errors.Join(s.store.RevisionBump(ctx), s.live.Refresh(ctx))
}
