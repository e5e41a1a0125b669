package encrypt

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"wxcomponent/comm/payload"
)

// Envelope is the outer body of an encrypted push.
type Envelope struct {
	Format     payload.Format
	AppID      string // the platform, on authorization events
	ToUserName string // the account's original id, on messages and events of accounts
	Encrypt    string // the encrypted text, base64
}

// ErrMalformed is returned by ParseEnvelope for a text that is neither XML nor JSON.
var ErrMalformed = errors.New("neither XML nor JSON")

// ParseEnvelope reads the outer body of a push. It fails with ErrMalformed for a text that is neither
// XML nor JSON, or ends before anything encrypted came, and with ErrCipher for one that holds nothing
// encrypted.
func ParseEnvelope(body []byte) (Envelope, error) {
	doc := payload.Parse(body)
	e := Envelope{
		Format:     doc.Format,
		AppID:      strings.TrimSpace(doc.Get("AppId")),
		ToUserName: strings.TrimSpace(doc.Get("ToUserName")),
		Encrypt:    strings.TrimSpace(doc.Get("Encrypt")),
	}
	switch {
	case e.Encrypt != "":
		return e, nil
	case doc.Defect != "":
		return Envelope{}, fmt.Errorf("parse push envelope: %w: %s", ErrMalformed, doc.Defect)
	default:
		return Envelope{}, ErrCipher
	}
}

// EncryptReply returns the body that answers an encrypted push with plain: in the form of the
// push's envelope, with the key that decrypted it. timestamp (digits) and nonce are the reply's
// own.
func (c *MsgCrypt) EncryptReply(plain []byte, timestamp, nonce string, keyIndex int, format payload.Format) ([]byte, error) {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("encrypt reply: timestamp: %w", err)
	}
	encrypted, signature, err := c.encrypt(plain, timestamp, nonce, keyIndex)
	if err != nil {
		return nil, fmt.Errorf("encrypt reply: %w", err)
	}
	if format == payload.JSON {
		return json.Marshal(jsonReply{Encrypt: encrypted, MsgSignature: signature, TimeStamp: seconds, Nonce: nonce})
	}
	return []byte("<xml>" +
		xmlElement("Encrypt", encrypted) + xmlElement("MsgSignature", signature) +
		"<TimeStamp>" + timestamp + "</TimeStamp>" + xmlElement("Nonce", nonce) +
		"</xml>"), nil
}

type jsonReply struct {
	Encrypt      string
	MsgSignature string
	TimeStamp    int64
	Nonce        string
}

// DecryptReply returns the plain text of a reply made by EncryptReply, as WeChat reads it.
func (c *MsgCrypt) DecryptReply(body []byte) ([]byte, error) {
	doc := payload.Parse(body)
	plain, _, err := c.Decrypt(doc.Get("MsgSignature"), doc.Get("TimeStamp"), doc.Get("Nonce"), doc.Get("Encrypt"))
	return plain, err
}

// EncryptPush returns the body and the query of a push as WeChat sends it: plain encrypted with
// the current key, in the format and with the AppID or ToUserName of head.
func (c *MsgCrypt) EncryptPush(plain []byte, head Envelope, timestamp, nonce string) ([]byte, url.Values, error) {
	encrypted, signature, err := c.encrypt(plain, timestamp, nonce, 0)
	if err != nil {
		return nil, nil, err
	}
	head.Encrypt = encrypted
	body, err := head.marshal()
	if err != nil {
		return nil, nil, fmt.Errorf("encrypt push: %w", err)
	}
	return body, url.Values{
		"signature":     {c.sign(timestamp, nonce)},
		"timestamp":     {timestamp},
		"nonce":         {nonce},
		"encrypt_type":  {"aes"},
		"msg_signature": {signature},
	}, nil
}

func (e Envelope) marshal() ([]byte, error) {
	if e.Format == payload.JSON {
		return json.Marshal(struct {
			AppID      string `json:"AppId,omitempty"`
			ToUserName string `json:",omitempty"`
			Encrypt    string
		}{e.AppID, e.ToUserName, e.Encrypt})
	}
	var b strings.Builder
	b.WriteString("<xml>")
	if e.AppID != "" {
		b.WriteString(xmlElement("AppId", e.AppID))
	}
	if e.ToUserName != "" {
		b.WriteString(xmlElement("ToUserName", e.ToUserName))
	}
	b.WriteString(xmlElement("Encrypt", e.Encrypt) + "</xml>")
	return []byte(b.String()), nil
}

// xmlElement puts value into a CDATA section, or two where it holds the section's end.
func xmlElement(name, value string) string {
	return "<" + name + "><![CDATA[" + strings.ReplaceAll(value, "]]>", "]]]]><![CDATA[>") + "]]></" + name + ">"
}
