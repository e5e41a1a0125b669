// Package encrypt holds the cryptography of pushes (MsgCrypt), the envelope of secrets at rest
// (Box) and the old format that has to be read once (DecryptTemplateSecret).
package encrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // WeChat's signature is SHA-1
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
)

// What can be wrong with an encrypted push. The errors say nothing more, so that a sender who
// guesses learns nothing from them.
var (
	ErrSignature = errors.New("push signature is wrong")
	ErrCipher    = errors.New("push does not decrypt")
	ErrAppID     = errors.New("push is for another appid")
)

const (
	aesKeyLength  = 43      // characters of an EncodingAESKey
	paddingBlock  = 32      // PKCS#7 block, although AES has 16
	randomLength  = 16      // random bytes ahead of the length
	headLength    = 16 + 4  // and with the length
	maxCipherText = 4 << 20 // characters; the receiver's limit of a body is far lower
	maxParameter  = 128     // characters of timestamp, nonce and signature
)

// MsgCrypt signs, encrypts and decrypts pushes of one platform, as laid down for 消息加解密. It
// is safe for concurrent use.
type MsgCrypt struct {
	appID string
	token log.Secret
	keys  []messageKey // the current one and, when there is one, the one before
}

// messageKey is an AES-256 key; its first half is the IV, always.
type messageKey struct {
	block cipher.Block
	iv    []byte
}

// NewMsgCrypt returns the cryptography of the platform appID with its 消息校验Token and
// EncodingAESKey. previousKey, which may be empty, is the key before the last change: WeChat
// goes on using it for a while. A missing or wrong value is errno.BadParam and names its field.
func NewMsgCrypt(appID string, token, aesKey, previousKey log.Secret) (*MsgCrypt, error) {
	if appID == "" {
		return nil, errno.Param("appid", "is missing")
	}
	if token == "" {
		return nil, errno.Param("token", "is missing")
	}
	c := &MsgCrypt{appID: appID, token: token}
	if err := c.addKey("aesKey", aesKey); err != nil {
		return nil, err
	}
	if previousKey == "" {
		return c, nil
	}
	if err := c.addKey("previousAesKey", previousKey); err != nil {
		return nil, err
	}
	return c, nil
}

// CheckAESKey tells whether key can be an EncodingAESKey: 43 letters and digits. The error is
// errno.BadParam for field and does not repeat the key.
func CheckAESKey(field string, key log.Secret) error {
	if len(key.Reveal()) != aesKeyLength {
		return errno.Param(field, "must have 43 characters")
	}
	for _, c := range key.Reveal() {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return errno.Param(field, "must consist of letters a-z, A-Z and digits")
		}
	}
	return nil
}

func (c *MsgCrypt) addKey(field string, encoded log.Secret) error {
	if err := CheckAESKey(field, encoded); err != nil {
		return err
	}
	// The last character may carry bits beyond the 32 bytes; this decoder does not mind.
	key, err := base64.StdEncoding.DecodeString(encoded.Reveal() + "=")
	if err != nil {
		return errno.Param(field, "is not base64")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return errno.Param(field, "is no AES key")
	}
	c.keys = append(c.keys, messageKey{block: block, iv: key[:aes.BlockSize]})
	return nil
}

// VerifyURL checks the parameter "signature", which covers no body: it proves that the caller of
// the address knows the token, no more.
func (c *MsgCrypt) VerifyURL(signature, timestamp, nonce string) bool {
	return c.verify(signature, timestamp, nonce)
}

// Decrypt checks msgSignature over the encrypted text of a push and returns its plain text, and
// the index of the key that worked (0 current, 1 previous): the reply has to use the same. It
// fails with ErrSignature, ErrCipher or ErrAppID.
func (c *MsgCrypt) Decrypt(msgSignature, timestamp, nonce, encrypted string) (plain []byte, keyIndex int, err error) {
	if len(encrypted) > maxCipherText {
		return nil, 0, ErrCipher
	}
	if !c.verify(msgSignature, timestamp, nonce, encrypted) {
		return nil, 0, ErrSignature
	}
	text, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return nil, 0, ErrCipher
	}
	failure := ErrCipher
	for i, key := range c.keys {
		plain, err := key.open(text, c.appID)
		if err == nil {
			return plain, i, nil
		}
		if errors.Is(err, ErrAppID) {
			failure = ErrAppID
		}
	}
	return nil, 0, failure
}

// open decrypts text: 16 random bytes, the length of the message, the message, the appid.
func (k messageKey) open(text []byte, appID string) ([]byte, error) {
	plain := make([]byte, len(text))
	cipher.NewCBCDecrypter(k.block, k.iv).CryptBlocks(plain, text)
	plain, ok := unpad(plain, paddingBlock)
	if !ok || len(plain) < headLength {
		return nil, ErrCipher
	}
	length := uint64(binary.BigEndian.Uint32(plain[randomLength:]))
	rest := plain[headLength:]
	if length > uint64(len(rest)) {
		return nil, ErrCipher
	}
	if string(rest[length:]) != appID {
		return nil, ErrAppID
	}
	return rest[:length:length], nil
}

// seal is the reverse of open, in base64.
func (k messageKey) seal(message []byte, appID string) string {
	text := make([]byte, headLength, headLength+len(message)+len(appID)+paddingBlock)
	_, _ = rand.Read(text[:randomLength])                                 // never fails
	binary.BigEndian.PutUint32(text[randomLength:], uint32(len(message))) //nolint:gosec // bounded by encrypt
	text = append(append(text, message...), appID...)
	pad := paddingBlock - len(text)%paddingBlock
	text = append(text, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(k.block, k.iv).CryptBlocks(text, text)
	return base64.StdEncoding.EncodeToString(text)
}

// encrypt returns message encrypted with a key and the msg_signature over it.
func (c *MsgCrypt) encrypt(message []byte, timestamp, nonce string, keyIndex int) (encrypted, signature string, err error) {
	if keyIndex < 0 || keyIndex >= len(c.keys) {
		return "", "", fmt.Errorf("encrypt push: there is no key %d", keyIndex)
	}
	if len(message) > maxCipherText/2 {
		return "", "", fmt.Errorf("encrypt push: %d bytes are too many", len(message))
	}
	encrypted = c.keys[keyIndex].seal(message, c.appID)
	return encrypted, c.sign(timestamp, nonce, encrypted), nil
}

// sign returns the hex SHA-1 of the token and the parts, sorted and joined.
func (c *MsgCrypt) sign(parts ...string) string {
	parts = append(parts, c.token.Reveal())
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // WeChat's signature is SHA-1
	return hex.EncodeToString(sum[:])
}

func (c *MsgCrypt) verify(signature, timestamp, nonce string, encrypted ...string) bool {
	if len(signature) > maxParameter || len(timestamp) > maxParameter || len(nonce) > maxParameter {
		return false
	}
	want := c.sign(append(encrypted, timestamp, nonce)...)
	return subtle.ConstantTimeCompare([]byte(want), []byte(signature)) == 1
}

// unpad takes PKCS#7 padding off.
func unpad(text []byte, block int) ([]byte, bool) {
	if len(text) == 0 {
		return nil, false
	}
	pad := int(text[len(text)-1])
	if pad < 1 || pad > block || pad > len(text) {
		return nil, false
	}
	body := text[:len(text)-pad]
	for _, b := range text[len(body):] {
		if int(b) != pad {
			return nil, false
		}
	}
	return body, true
}
