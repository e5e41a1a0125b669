// Package settings keeps what operators set in the dashboard and the template kept as JSON in its
// key-value table.
package settings

import (
	"context"
	"encoding/json"
	"fmt"
)

const (
	keyComponentInfo = "authinfo"
	keyRedirects     = "auth.redirects"
)

// Store is the key-value table. KVGet returns "" for a key that is not there.
type Store interface {
	KVGet(ctx context.Context, key string) (string, error)
	KVPut(ctx context.Context, key, value string) error
}

// ComponentInfo is what the merchants' authorization pages show, and where they lead to.
type ComponentInfo struct {
	Name        string `json:"name"`
	Desc        string `json:"desc"`
	RedirectURL string `json:"redirectUrl"`
}

// Service reads and writes settings.
type Service struct{ store Store }

// New returns a Service.
func New(store Store) *Service { return &Service{store} }

// ComponentInfo returns what was set last, the zero value when nothing was.
func (s *Service) ComponentInfo(ctx context.Context) (ComponentInfo, error) {
	var info ComponentInfo
	text, err := s.store.KVGet(ctx, keyComponentInfo)
	if err != nil {
		return info, fmt.Errorf("read %s: %w", keyComponentInfo, err)
	}
	if text == "" {
		return info, nil
	}
	if err := json.Unmarshal([]byte(text), &info); err != nil {
		return info, fmt.Errorf("decode %s: %w", keyComponentInfo, err)
	}
	return info, nil
}

// SetComponentInfo stores info.
func (s *Service) SetComponentInfo(ctx context.Context, info ComponentInfo) error {
	text, err := json.Marshal(info)
	if err != nil {
		return fmt.Errorf("encode %s: %w", keyComponentInfo, err)
	}
	if err := s.store.KVPut(ctx, keyComponentInfo, string(text)); err != nil {
		return fmt.Errorf("store %s: %w", keyComponentInfo, err)
	}
	return nil
}

// Redirects returns the addresses that merchants may be sent on to after authorizing: those that
// were allowed, and the one of the component info.
func (s *Service) Redirects(ctx context.Context) ([]string, error) {
	allowed, err := s.AllowedRedirects(ctx)
	if err != nil {
		return nil, err
	}
	info, err := s.ComponentInfo(ctx)
	if err != nil {
		return nil, err
	}
	if info.RedirectURL != "" {
		allowed = append(allowed, info.RedirectURL)
	}
	return allowed, nil
}

// AllowedRedirects returns what SetRedirects stored.
func (s *Service) AllowedRedirects(ctx context.Context) ([]string, error) {
	text, err := s.store.KVGet(ctx, keyRedirects)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", keyRedirects, err)
	}
	allowed := []string{}
	if text == "" {
		return allowed, nil
	}
	if err := json.Unmarshal([]byte(text), &allowed); err != nil {
		return nil, fmt.Errorf("decode %s: %w", keyRedirects, err)
	}
	if allowed == nil { // what was stored is null
		allowed = []string{}
	}
	return allowed, nil
}

// SetRedirects stores the addresses below which merchants may be sent on.
func (s *Service) SetRedirects(ctx context.Context, allowed []string) error {
	text, err := json.Marshal(allowed)
	if err != nil {
		return fmt.Errorf("encode %s: %w", keyRedirects, err)
	}
	if err := s.store.KVPut(ctx, keyRedirects, string(text)); err != nil {
		return fmt.Errorf("store %s: %w", keyRedirects, err)
	}
	return nil
}
