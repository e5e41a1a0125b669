package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v4"

	"wxcomponent/comm/errno"
)

const (
	issuer   = "wxcomponent"
	lifetime = 12 * time.Hour
	maxToken = 4096 // characters
)

// KeySize is the length of a signing key in bytes.
const KeySize = 32

// Issuer makes and reads login tokens: JWTs signed with HS256 that count for twelve hours.
type Issuer struct {
	key    []byte
	parser *jwt.Parser
}

// NewIssuer returns an issuer that signs with key, which is random and of KeySize bytes.
func NewIssuer(key []byte) (*Issuer, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("login token key: has %d bytes, needs %d", len(key), KeySize)
	}
	return &Issuer{
		key:    key,
		parser: jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()})),
	}, nil
}

// claims has no time of issue on purpose: it would be checked, and the clocks of two instances
// may differ by seconds.
type claims struct {
	UserID   int    `json:"uid"`
	Epoch    int    `json:"epoch"`
	Username string `json:"username"`
	jwt.RegisteredClaims
}

// Issue returns a token for id.
func (i *Issuer) Issue(id Identity) (string, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		UserID:   id.UserID,
		Epoch:    id.Epoch,
		Username: id.Username,
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    issuer,
			ExpiresAt: jwt.NewNumericDate(time.Now().Add(lifetime)),
		},
	}).SignedString(i.key)
	if err != nil {
		return "", fmt.Errorf("sign login token: %w", err)
	}
	return token, nil
}

// Parse returns whose token it is. It fails with errno.LoginExpired for one of ours whose time is
// over, and with errno.BadToken for any other. Whether its epoch still counts is for the caller
// to see.
func (i *Issuer) Parse(token string) (Identity, error) {
	if len(token) > maxToken {
		return Identity{}, errno.New(errno.BadToken, "")
	}
	var c claims
	_, err := i.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return i.key, nil })
	if invalid, ok := errors.AsType[*jwt.ValidationError](err); ok && invalid.Errors == jwt.ValidationErrorExpired {
		return Identity{}, errno.New(errno.LoginExpired, "")
	}
	if err != nil {
		return Identity{}, errno.Wrap(errno.BadToken, err, "")
	}
	if c.Issuer != issuer || c.ExpiresAt == nil || c.UserID <= 0 {
		return Identity{}, errno.New(errno.BadToken, "")
	}
	return Identity{UserID: c.UserID, Username: c.Username, Epoch: c.Epoch}, nil
}
