package encrypt_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/log"
)

// asTemplate stores a secret the template's way.
func asTemplate(t *testing.T, secret, password string) string {
	t.Helper()
	sum := md5.Sum([]byte(password))
	key := []byte(hex.EncodeToString(sum[:]))
	block, err := aes.NewCipher(key)
	require.NoError(t, err)
	pad := aes.BlockSize - len(secret)%aes.BlockSize
	text := append([]byte(secret), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(text, text)
	return base64.StdEncoding.EncodeToString(text)
}

func TestDecryptTemplateSecret(t *testing.T) {
	// Made with openssl.
	got, err := encrypt.DecryptTemplateSecret("qQi2O7+bFuhDuXaHbs8+ZztcrRUXqd0LkXXs0JhXStqhjyqI7tgHlBThcsbvi47a", "root")
	require.NoError(t, err)
	require.Equal(t, "fedcba9876543210fedcba9876543210", got.Reveal())

	for _, password := range []string{"", "root", "密码 with spaces"} {
		for _, secret := range []string{"0123456789abcdef0123456789abcdef", "s", "fifteen-letters"} {
			got, err := encrypt.DecryptTemplateSecret(asTemplate(t, secret, password), log.Secret(password))
			require.NoError(t, err)
			require.Equal(t, secret, got.Reveal())
		}
	}
}

func TestDecryptTemplateSecretRefuses(t *testing.T) {
	good := asTemplate(t, "0123456789abcdef0123456789abcdef", "right")
	for name, stored := range map[string]string{
		"nothing": "", "not base64": "***", "half a block": "AAAA", "noise": base64.StdEncoding.EncodeToString(make([]byte, 48)),
		"cut off": good[:20], "empty secret": asTemplate(t, "", "right"), "no text": asTemplate(t, "\x00\xff", "right"),
	} {
		_, err := encrypt.DecryptTemplateSecret(stored, "right")
		require.ErrorIs(t, err, encrypt.ErrTemplateSecret, name)
	}
	for i := range 2000 { // some wrong passwords yield a valid padding
		_, err := encrypt.DecryptTemplateSecret(good, log.Secret(hex.EncodeToString([]byte{byte(i), byte(i >> 8)})))
		require.ErrorIs(t, err, encrypt.ErrTemplateSecret)
	}
}

func FuzzDecryptTemplateSecret(f *testing.F) {
	f.Add("AAAAAAAAAAAAAAAAAAAAAA==", "root")
	f.Fuzz(func(_ *testing.T, stored, password string) {
		_, _ = encrypt.DecryptTemplateSecret(stored, log.Secret(password))
	})
}
