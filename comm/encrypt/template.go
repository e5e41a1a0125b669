package encrypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5" //nolint:gosec // the template's key derivation
	"encoding/base64"
	"encoding/hex"
	"errors"

	"wxcomponent/comm/log"
)

// ErrTemplateSecret is returned for a value that is not the template's encryption of an
// AppSecret with that database password.
var ErrTemplateSecret = errors.New("the AppSecret stored by the template does not decrypt with MYSQL_PASSWORD")

// DecryptTemplateSecret returns the AppSecret that the template stored under "secret" in its
// table comm: AES-CBC with PKCS#7, the hex MD5 of the database password as the key's 32 bytes,
// and their first half as IV. The caller seals it anew; this form protects nothing.
func DecryptTemplateSecret(stored string, mysqlPassword log.Secret) (log.Secret, error) {
	text, err := base64.StdEncoding.DecodeString(stored)
	if err != nil || len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return "", ErrTemplateSecret
	}
	sum := md5.Sum([]byte(mysqlPassword.Reveal())) //nolint:gosec // the template's key derivation
	key := hex.AppendEncode(nil, sum[:])
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", ErrTemplateSecret
	}
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(text, text)
	secret, ok := unpad(text, aes.BlockSize)
	if !ok || !printable(secret) {
		return "", ErrTemplateSecret
	}
	return log.Secret(secret), nil
}

// printable tells a secret from the noise that a wrong password now and then yields.
func printable(text []byte) bool {
	for _, c := range text {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return len(text) > 0
}
