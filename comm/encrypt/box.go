package encrypt

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// sealPrefix starts every sealed value and names the form of what follows:
// enc1:<id of the data key>:<base64url of nonce and AES-256-GCM text>.
const sealPrefix = "enc1:"

// ErrSealed is returned for a sealed value that cannot be opened: it was changed, belongs to
// another row, or was sealed with another data key.
var ErrSealed = errors.New("sealed value does not open")

// Box seals the secrets that are kept in the database. It is safe for concurrent use.
type Box struct {
	keyID     string
	aead      cipher.AEAD
	protected bool
}

func newBox(key dataKey, protected bool) (*Box, error) {
	aead, err := newAEAD(key.bytes)
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	return &Box{keyID: key.id, aead: aead, protected: protected}, nil
}

// newAEAD returns AES-256-GCM that puts a random nonce ahead of each text. At 2^32 texts a key
// would wear out; secrets change a few times an hour.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal returns plain in sealed form. aad names the place of the value ("table|row|column"): it
// opens nowhere else, so that sealed values cannot be swapped within the database.
func (b *Box) Seal(plain, aad string) (string, error) {
	text := b.aead.Seal(nil, nil, []byte(plain), []byte(aad)) //nolint:gosec // the nonce is random and made by Seal
	return sealPrefix + b.keyID + ":" + base64.RawURLEncoding.EncodeToString(text), nil
}

// Open returns the plain value of what Seal returned for the same aad, or ErrSealed.
func (b *Box) Open(sealed, aad string) (string, error) {
	rest, ok := strings.CutPrefix(sealed, sealPrefix)
	keyID, encoded, found := strings.Cut(rest, ":")
	if !ok || !found {
		return "", fmt.Errorf("%w: not in sealed form", ErrSealed)
	}
	if keyID != b.keyID {
		return "", fmt.Errorf("%w: it needs data key %q, here is %q", ErrSealed, keyID, b.keyID)
	}
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return "", fmt.Errorf("%w: not base64", ErrSealed)
	}
	plain, err := b.aead.Open(nil, nil, text, []byte(aad))
	if err != nil {
		return "", fmt.Errorf("%w: changed, or of another row", ErrSealed)
	}
	return string(plain), nil
}

// IsSealed tells whether a stored value has the form that Seal makes; others are in clear.
func IsSealed(value string) bool { return strings.HasPrefix(value, sealPrefix) }

// Protected tells whether the data key is wrapped by SECRET_KEY. Where it is not, who has a copy
// of the database (and, with the embedded one, of its directory) has the secrets as well.
func (b *Box) Protected() bool { return b.protected }
