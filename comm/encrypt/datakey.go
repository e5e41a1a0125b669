package encrypt

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"wxcomponent/comm/log"
)

// KeyStore is where the data key's record is kept: the table of keys and values.
type KeyStore interface {
	// KVGet returns a value; where there is none, "" or an error.
	KVGet(ctx context.Context, key string) (string, error)
	// KVCreate stores a value where there is none and returns what is stored then.
	KVCreate(ctx context.Context, key, value string) (string, error)
	KVPut(ctx context.Context, key, value string) error
}

// recordKey is the record's key in the KeyStore. A record has one of three forms:
//
//	wrapped1:<id>:<salt>:<key sealed by a key made of SECRET_KEY>
//	plain1:<id>:<key>      no SECRET_KEY, database server
//	file1:<id>             no SECRET_KEY, embedded database: the key is in a file beside it
const recordKey = "datakey"

const (
	formWrapped = "wrapped1"
	formPlain   = "plain1"
	formFile    = "file1"
)

const (
	keySize  = 32
	saltSize = 16
)

var (
	errSecretKeyMissing = errors.New("SECRET_KEY is not set, but the stored secrets are encrypted with one: set the SECRET_KEY that was in use")
	errSecretKeyWrong   = errors.New("SECRET_KEY is not the one that the stored secrets are encrypted with: set the SECRET_KEY that was in use")
	errRecord           = errors.New("the record \"datakey\" in the table comm is damaged: restore it from a backup")
)

// dataKey is the key that seals secrets.
type dataKey struct {
	id    string
	bytes []byte
}

// OpenBox returns the Box of this installation and makes its data key at the first start.
// Instances that start at once agree on one key.
//
// With a master key (SECRET_KEY) the data key is kept wrapped by it, and one that was kept
// unwrapped before is wrapped now. Without, it is kept in a file of mode 0600 in dataDir, or,
// with an empty dataDir (the database is a server), in the database itself. A wrong or removed
// SECRET_KEY is an error that says so.
func OpenBox(ctx context.Context, store KeyStore, master log.Secret, dataDir string) (*Box, error) {
	return opener{store: store, master: master, file: keyFile{dir: dataDir}, guessKiB: guessKiB}.open(ctx)
}

func (o opener) open(ctx context.Context) (*Box, error) {
	record, err := o.record(ctx)
	if err != nil {
		return nil, fmt.Errorf("open data key: %w", err)
	}
	key, form, err := o.read(record)
	if err != nil {
		return nil, fmt.Errorf("open data key: %w", err)
	}
	if o.master == "" {
		return newBox(key, false)
	}
	if form != formWrapped {
		if err := o.rewrap(ctx, key); err != nil {
			return nil, fmt.Errorf("wrap data key by SECRET_KEY: %w", err)
		}
	}
	if err := o.file.remove(key.id); err != nil {
		return nil, fmt.Errorf("remove the unwrapped data key: %w", err)
	}
	return newBox(key, true)
}

type opener struct {
	store    KeyStore
	master   log.Secret
	file     keyFile
	guessKiB uint32
}

// record returns the stored record; where there is none it makes a key and stores its record,
// unless another instance has been faster.
func (o opener) record(ctx context.Context) (string, error) {
	if record, err := o.store.KVGet(ctx, recordKey); err == nil && record != "" {
		return record, nil
	}
	// Most likely there is none. Should the database have failed instead, so does KVCreate.
	record, err := o.create()
	if err != nil {
		return "", err
	}
	return o.store.KVCreate(ctx, recordKey, record)
}

func (o opener) create() (string, error) {
	key := newDataKey()
	switch {
	case o.master != "":
		return o.wrap(key)
	case o.file.dir != "":
		stored, err := o.file.create(key)
		return join(formFile, stored.id), err
	}
	return plainRecord(key), nil
}

// read returns the key of a record and the record's form.
func (o opener) read(record string) (dataKey, string, error) {
	parts := strings.Split(record, ":")
	if len(parts) < 2 {
		return dataKey{}, "", errRecord
	}
	form, id := parts[0], parts[1]
	switch {
	case form == formWrapped && len(parts) == 4:
		key, err := o.unwrap(id, parts[2], parts[3])
		return key, form, err
	case form == formPlain:
		key, err := parsePlain(record)
		return key, form, err
	case form == formFile && len(parts) == 2:
		key, err := o.file.read()
		if err == nil && key.id != id {
			err = fmt.Errorf("%s holds data key %q, the database needs %q: restore the file", o.file.path(), key.id, id)
		}
		return key, form, err
	}
	return dataKey{}, "", errRecord
}

func (o opener) rewrap(ctx context.Context, key dataKey) error {
	record, err := o.wrap(key)
	if err != nil {
		return err
	}
	return o.store.KVPut(ctx, recordKey, record)
}

func (o opener) wrap(key dataKey) (string, error) {
	salt := random(saltSize)
	aead, err := newAEAD(o.wrappingKey(salt))
	if err != nil {
		return "", err
	}
	text := aead.Seal(nil, nil, key.bytes, []byte(join(recordKey, key.id))) //nolint:gosec // the nonce is random and made by Seal
	return join(formWrapped, key.id, encode(salt), encode(text)), nil
}

func (o opener) unwrap(id, salt, sealed string) (dataKey, error) {
	if o.master == "" {
		return dataKey{}, errSecretKeyMissing
	}
	saltBytes, err := decode(salt)
	if err != nil {
		return dataKey{}, errRecord
	}
	text, err := decode(sealed)
	if err != nil {
		return dataKey{}, errRecord
	}
	aead, err := newAEAD(o.wrappingKey(saltBytes))
	if err != nil {
		return dataKey{}, err
	}
	key, err := aead.Open(nil, nil, text, []byte(join(recordKey, id)))
	if err != nil {
		return dataKey{}, errSecretKeyWrong
	}
	return dataKey{id: id, bytes: key}, nil
}

// guessKiB is what a guess at SECRET_KEY costs. Every record is wrapped so: another number opens none.
const guessKiB = 19 * 1024

// wrappingKey makes a key of SECRET_KEY. People choose it, so it may be a word that can be
// guessed: argon2id makes every guess cost 19 MiB and some 30 ms, which a start can spare once.
func (o opener) wrappingKey(salt []byte) []byte {
	return argon2.IDKey([]byte(o.master.Reveal()), salt, 2, o.guessKiB, 1, keySize)
}

func newDataKey() dataKey {
	return dataKey{id: hex.EncodeToString(random(4)), bytes: random(keySize)}
}

func plainRecord(key dataKey) string { return join(formPlain, key.id, encode(key.bytes)) }

func parsePlain(record string) (dataKey, error) {
	parts := strings.Split(record, ":")
	if len(parts) != 3 || parts[0] != formPlain || parts[1] == "" {
		return dataKey{}, errRecord
	}
	key, err := decode(parts[2])
	if err != nil || len(key) != keySize {
		return dataKey{}, errRecord
	}
	return dataKey{id: parts[1], bytes: key}, nil
}

func join(parts ...string) string { return strings.Join(parts, ":") }

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
