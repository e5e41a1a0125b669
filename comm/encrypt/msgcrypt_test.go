package encrypt_test

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/comm/payload"
)

const (
	keyA = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	keyB = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
)

func newCrypt(t testing.TB, appid, token, key, previous string) *encrypt.MsgCrypt {
	t.Helper()
	c, err := encrypt.NewMsgCrypt(appid, log.Secret(token), log.Secret(key), log.Secret(previous))
	require.NoError(t, err)
	return c
}

type vector struct {
	token, key, appid, timestamp, nonce, signature, encrypted, plain string
}

// Published vectors; their paddings of 30 and 21 bytes go past AES's own block.
var vectors = map[string]vector{
	"padding 30": {
		token: "QDG6eK", key: keyB, appid: "wx5823bf96d3bd56c7", timestamp: "1409659813", nonce: "1372623149",
		signature: "477715d11cdb4164915debcba66cb864d751f3e6",
		encrypted: "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
		plain:     "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<FromUserName><![CDATA[mycreate]]></FromUserName>\n<CreateTime>1409659813</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hello]]></Content>\n<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>",
	},
	"padding 21": {
		token: "pamtest", key: keyA, appid: "wxb11529c136998cb6", timestamp: "1458300676", nonce: "260774613",
		signature: "4f3ad57b6989f09f4eb392acce4f9e93942ed890",
		encrypted: "rTNFcsut4LfGuAFKEUVVpwcaCOTJzOd9twZdIW910jb3k+iicx2uvhttIZ3Qg9Qgty3BEF2xbOrz6boTfb30dMomcgrkTqdFPwnhqbk+kIQ7rZiwny9D7NUrTgA5kpX3KsZvrXzUZyP2x9YOlxbgm572lmxKvM7HAQQhIQ/p6HBmoY30bGXFK0BtIu1pW9TjhOYrLQoU18nWYjWqDA1ynkmOytpv7QRI1P1+0NoxL0q2zO1DgeSvnE8CZGo/o5Ap/WHK5W2RAsinpzN4/LjPnmB6U01I5XCoJoC0GK/yMZycd2Oh8Nq6+wBkC1U85oy0ktOY4nLvsQMLrourmMGdZHuTbqpeJ8Ao/5PRYJ+WBvRUwPfGKBL2+2IKZF49vAJqkcGWSHGE76ZN2erXeuNazf/o9o3lIE3q739o4c8t9QGPe31GT2Go/rOz1BsrASwvauNulCh+++yz+CQzBIuikA==",
		plain:     "<xml><URL><![CDATA[http://wechat.laravel.so/server]]></URL><ToUserName><![CDATA[asdasdasd]]></ToUserName><FromUserName><![CDATA[asdasdasdsadasd]]></FromUserName><CreateTime>1234567898</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content><MsgId>12345</MsgId></xml>",
	},
}

func TestDecryptVectors(t *testing.T) {
	for name, v := range vectors {
		t.Run(name, func(t *testing.T) {
			plain, index, err := newCrypt(t, v.appid, v.token, v.key, "").Decrypt(v.signature, v.timestamp, v.nonce, v.encrypted)
			require.NoError(t, err)
			require.Equal(t, v.plain, string(plain))
			require.Zero(t, index)
		})
	}
}

// sign signs as WeChat does, so that what stands behind the signature can be tested.
func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

func TestDecryptRefuses(t *testing.T) {
	v := vectors["padding 21"]
	raw, err := base64.StdEncoding.DecodeString(v.encrypted)
	require.NoError(t, err)
	short := base64.StdEncoding.EncodeToString(raw[:16])
	cut := base64.StdEncoding.EncodeToString(raw[:len(raw)-32])
	odd := base64.StdEncoding.EncodeToString(raw[:len(raw)-1])
	raw[len(raw)-1] ^= 1
	turned := base64.StdEncoding.EncodeToString(raw)

	tests := map[string]struct {
		appid, token, key, encrypted, signature string
		want                                    error
	}{
		"wrong signature":       {v.appid, v.token, v.key, v.encrypted, strings.Repeat("0", 40), encrypt.ErrSignature},
		"no signature":          {v.appid, v.token, v.key, v.encrypted, "", encrypt.ErrSignature},
		"endless signature":     {v.appid, v.token, v.key, v.encrypted, strings.Repeat("0", 1<<20), encrypt.ErrSignature},
		"other token":           {v.appid, "other", v.key, v.encrypted, v.signature, encrypt.ErrSignature},
		"other text":            {v.appid, v.token, v.key, turned, v.signature, encrypt.ErrSignature},
		"other appid":           {"wx0", v.token, v.key, v.encrypted, v.signature, encrypt.ErrAppID},
		"longer appid":          {v.appid + "0", v.token, v.key, v.encrypted, v.signature, encrypt.ErrAppID},
		"other key":             {v.appid, v.token, keyB, v.encrypted, v.signature, encrypt.ErrCipher},
		"changed, but signed":   {v.appid, v.token, v.key, turned, "", encrypt.ErrCipher},
		"cut off, but signed":   {v.appid, v.token, v.key, cut, "", encrypt.ErrCipher},
		"one block, but signed": {v.appid, v.token, v.key, short, "", encrypt.ErrCipher},
		"half block":            {v.appid, v.token, v.key, odd, "", encrypt.ErrCipher},
		"not base64":            {v.appid, v.token, v.key, "***", "", encrypt.ErrCipher},
		"nothing":               {v.appid, v.token, v.key, "", "", encrypt.ErrCipher},
		"endless":               {v.appid, v.token, v.key, strings.Repeat("A", 5<<20), "", encrypt.ErrCipher},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			signature := tt.signature
			if signature == "" && !errors.Is(tt.want, encrypt.ErrSignature) {
				signature = sign(tt.token, v.timestamp, v.nonce, tt.encrypted)
			}
			plain, _, err := newCrypt(t, tt.appid, tt.token, tt.key, "").Decrypt(signature, v.timestamp, v.nonce, tt.encrypted)
			require.Equal(t, tt.want, err)
			require.Nil(t, plain)
		})
	}
}

func TestPreviousKey(t *testing.T) {
	v := vectors["padding 21"]
	rotated := newCrypt(t, v.appid, v.token, keyB, v.key)
	plain, index, err := rotated.Decrypt(v.signature, v.timestamp, v.nonce, v.encrypted)
	require.NoError(t, err)
	require.Equal(t, v.plain, string(plain))
	require.Equal(t, 1, index)

	reply, err := rotated.EncryptReply([]byte("answer"), v.timestamp, v.nonce, index, payload.XML)
	require.NoError(t, err)
	_, err = newCrypt(t, v.appid, v.token, keyB, "").DecryptReply(reply)
	require.Equal(t, encrypt.ErrCipher, err)
	answer, err := newCrypt(t, v.appid, v.token, v.key, "").DecryptReply(reply)
	require.NoError(t, err)
	require.Equal(t, "answer", string(answer))

	_, _, err = newCrypt(t, "wx0", v.token, keyB, v.key).Decrypt(v.signature, v.timestamp, v.nonce, v.encrypted)
	require.Equal(t, encrypt.ErrAppID, err)
}

func TestNewMsgCryptRefuses(t *testing.T) {
	tests := map[string]struct{ appid, token, key, previous, field string }{
		"no appid":           {"", "t", keyA, "", "appid"},
		"no token":           {"wx0", "", keyA, "", "token"},
		"no key":             {"wx0", "t", "", "", "aesKey"},
		"short key":          {"wx0", "t", keyA[1:], "", "aesKey"},
		"long key":           {"wx0", "t", keyA + "a", "", "aesKey"},
		"key with a sign":    {"wx0", "t", "+" + keyA[1:], "", "aesKey"},
		"wide letters":       {"wx0", "t", "é" + keyA[2:], "", "aesKey"},
		"bad previous key":   {"wx0", "t", keyA, "x", "previousAesKey"},
		"previous with sign": {"wx0", "t", keyA, "/" + keyA[1:], "previousAesKey"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := encrypt.NewMsgCrypt(tt.appid, log.Secret(tt.token), log.Secret(tt.key), log.Secret(tt.previous))
			require.True(t, errno.Is(err, errno.BadParam))
			require.Equal(t, tt.field, errno.As(err).Field)
			if tt.key != "" {
				require.NotContains(t, err.Error(), tt.key)
			}
		})
	}
}

// The last character of a key has two bits that belong to no byte; WeChat's generator sets them.
func TestKeyWithSpareBits(t *testing.T) {
	for _, last := range "EFGH" {
		newCrypt(t, "wx0", "t", keyA[:42]+string(last), "")
	}
}

func TestVerifyURL(t *testing.T) {
	c := newCrypt(t, "wx0", "token", keyA, "")
	require.True(t, c.VerifyURL(sign("token", "1", "2"), "1", "2"))
	require.False(t, c.VerifyURL(sign("token", "1", "2"), "1", "3"))
	require.False(t, c.VerifyURL(sign("", "1", "2"), "1", "2"))
	require.False(t, c.VerifyURL("", "", ""))
}

func TestPushAndEnvelope(t *testing.T) {
	c := newCrypt(t, "wxcomp", "token", keyA, "")
	heads := []encrypt.Envelope{
		{Format: payload.XML, AppID: "wxcomp"},
		{Format: payload.XML, ToUserName: "gh_1]]>2"},
		{Format: payload.JSON, AppID: "wxcomp"},
		{Format: payload.JSON, ToUserName: "gh_1"},
	}
	for _, head := range heads {
		body, query, err := c.EncryptPush([]byte("<xml>😀</xml>"), head, "1700000000", "n1")
		require.NoError(t, err)
		require.Equal(t, "aes", query.Get("encrypt_type"))
		require.True(t, c.VerifyURL(query.Get("signature"), query.Get("timestamp"), query.Get("nonce")))

		got, err := encrypt.ParseEnvelope(body)
		require.NoError(t, err)
		plain, _, err := c.Decrypt(query.Get("msg_signature"), query.Get("timestamp"), query.Get("nonce"), got.Encrypt)
		require.NoError(t, err)
		require.Equal(t, "<xml>😀</xml>", string(plain))
		head.Encrypt = got.Encrypt
		require.Equal(t, head, got)
	}
}

func TestParseEnvelopeRefuses(t *testing.T) {
	tests := map[string]error{
		"":                          encrypt.ErrMalformed,
		"success":                   encrypt.ErrMalformed,
		"<xml><AppId>x</AppId><Enc": encrypt.ErrMalformed,
		`<!DOCTYPE x [<!ENTITY e "x">]><xml><Encrypt>&e;</Encrypt></xml>`: encrypt.ErrMalformed,
		`{"Encrypt":`:                            encrypt.ErrMalformed,
		"<xml><ToUserName>gh</ToUserName></xml>": encrypt.ErrCipher,
		`{"Encrypt":{"x":1}}`:                    encrypt.ErrCipher,
		`{}`:                                     encrypt.ErrCipher,
	}
	for body, want := range tests {
		_, err := encrypt.ParseEnvelope([]byte(body))
		require.ErrorIs(t, err, want, body)
	}
}

func TestEncryptReply(t *testing.T) {
	c := newCrypt(t, "wxcomp", "token", keyA, "")
	for format, shape := range map[payload.Format]string{
		payload.XML:  `^<xml><Encrypt><!\[CDATA\[[\w+/=]+\]\]></Encrypt><MsgSignature><!\[CDATA\[[0-9a-f]{40}\]\]></MsgSignature><TimeStamp>1700000000</TimeStamp><Nonce><!\[CDATA\[n1\]\]></Nonce></xml>$`,
		payload.JSON: `^\{"Encrypt":"[\w+/=]+","MsgSignature":"[0-9a-f]{40}","TimeStamp":1700000000,"Nonce":"n1"\}$`,
	} {
		reply, err := c.EncryptReply([]byte("hello"), "1700000000", "n1", 0, format)
		require.NoError(t, err)
		require.Regexp(t, shape, string(reply))
		plain, err := c.DecryptReply(reply)
		require.NoError(t, err)
		require.Equal(t, "hello", string(plain))
	}
	_, err := c.EncryptReply(nil, "now", "n1", 0, payload.XML)
	require.Error(t, err)
	_, err = c.EncryptReply(nil, "1", "n1", 1, payload.XML)
	require.Error(t, err)
	_, err = c.EncryptReply(make([]byte, 3<<20), "1", "n1", 0, payload.XML)
	require.Error(t, err)
}

func TestSameTextEncryptsDifferently(t *testing.T) {
	c := newCrypt(t, "wxcomp", "token", keyA, "")
	one, err := c.EncryptReply([]byte("hello"), "1", "n", 0, payload.XML)
	require.NoError(t, err)
	two, err := c.EncryptReply([]byte("hello"), "1", "n", 0, payload.XML)
	require.NoError(t, err)
	require.NotEqual(t, one, two)
}

func FuzzPushRoundTrip(f *testing.F) {
	f.Add([]byte("<xml/>"), "1700000000", "nonce", true)
	f.Add([]byte{}, "", "]]>", false)
	c := newCrypt(f, "wxcomp", "token", keyA, "")
	f.Fuzz(func(t *testing.T, plain []byte, timestamp, nonce string, asJSON bool) {
		head := encrypt.Envelope{Format: payload.XML, AppID: "wxcomp"}
		if asJSON {
			head.Format = payload.JSON
		}
		body, query, err := c.EncryptPush(plain, head, timestamp, nonce)
		require.NoError(t, err)
		envelope, err := encrypt.ParseEnvelope(body)
		require.NoError(t, err)
		got, _, err := c.Decrypt(query.Get("msg_signature"), timestamp, nonce, envelope.Encrypt)
		if len(timestamp) > 128 || len(nonce) > 128 {
			require.Equal(t, encrypt.ErrSignature, err)
			return
		}
		require.NoError(t, err)
		require.Equal(t, string(plain), string(got))
	})
}

// Whatever is signed: it decrypts or is refused, and never panics.
func FuzzDecrypt(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.encrypted)
	}
	v := vectors["padding 21"]
	c := newCrypt(f, v.appid, v.token, v.key, keyB)
	f.Fuzz(func(t *testing.T, encrypted string) {
		_, _, err := c.Decrypt(sign(v.token, "1", "2", encrypted), "1", "2", encrypted)
		if err != nil && !errors.Is(err, encrypt.ErrAppID) {
			require.Equal(t, encrypt.ErrCipher, err)
		}
	})
}

func FuzzParseEnvelope(f *testing.F) {
	f.Add([]byte(`<xml><AppId>a</AppId><Encrypt><![CDATA[x]]></Encrypt></xml>`))
	f.Add([]byte(`{"ToUserName":"gh","Encrypt":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := encrypt.ParseEnvelope(body)
		require.Equal(t, err == nil, e.Encrypt != "")
	})
}

func BenchmarkDecrypt(b *testing.B) {
	v := vectors["padding 21"]
	c := newCrypt(b, v.appid, v.token, v.key, "")
	body := []byte("<xml><ToUserName><![CDATA[gh]]></ToUserName><Encrypt><![CDATA[" + v.encrypted + "]]></Encrypt></xml>")
	b.ReportAllocs()
	for b.Loop() {
		e, err := encrypt.ParseEnvelope(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := c.Decrypt(v.signature, v.timestamp, v.nonce, e.Encrypt); err != nil {
			b.Fatal(err)
		}
	}
}
