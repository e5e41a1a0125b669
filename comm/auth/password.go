package auth

import (
	"context"
	"crypto/md5" //nolint:gosec // the form in which the login page sends passwords
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/crypto/bcrypt"
)

// Cost is bcrypt's work factor in use: about 60 ms a password on a small server.
const Cost = 10

// concurrent bounds how many passwords are hashed at once, so that logins leave pushes a core.
const concurrent = 2

// Passwords hashes and verifies passwords.
//
// The login page sends the lower-case hex MD5 of a password, other callers may send it in clear.
// Both are brought to the MD5 form, and that is hashed with bcrypt: salted, slow to guess, and 60
// characters long, as the column kept from the template holds 64. (argon2id's text form with its
// parameters does not fit.) MD5 takes nothing away here: it only names the password.
type Passwords struct {
	cost    int
	slots   chan struct{}
	compare func(hash, password []byte) error // bcrypt's; tests look at what it is asked
}

// NewPasswords returns Passwords with a bcrypt work factor, which is Cost but in tests.
func NewPasswords(cost int) *Passwords {
	return &Passwords{cost: cost, slots: make(chan struct{}, concurrent), compare: bcrypt.CompareHashAndPassword}
}

// Sent returns what the login page sends for a password in clear. A password that is known to be
// in clear, as one from the settings, goes through it before Hash.
func Sent(password string) string {
	sum := md5.Sum([]byte(password)) //nolint:gosec // the form in which the login page sends passwords
	return hex.EncodeToString(sum[:])
}

// IsSent tells whether a password as sent is taken for the form that the login page sends.
func IsSent(password string) bool { return isDigest(password) }

// Hash returns the hash to store for a password as sent: 32 hex digits are taken for its MD5,
// anything else for the password itself. It fails only when ctx ends first.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if err := p.enter(ctx); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	defer p.leave()
	hash, err := bcrypt.GenerateFromPassword([]byte(readings(password)[0]), p.cost)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return string(hash), nil
}

// Verify tells whether a password as sent is the one of hash, which may be the template's hash.
// With an empty hash, for a user that does not exist, the answer is no and takes as long as any
// other no. An error means that ctx ended or that hash is damaged.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (bool, error) {
	if err := p.enter(ctx); err != nil {
		return false, fmt.Errorf("verify password: %w", err)
	}
	defer p.leave()
	unknown := hash == ""
	matches := false
	if isDigest(hash) {
		matches, unknown = matchesTemplate(hash, password), true
	}
	if unknown {
		hash = nobody(p.cost)
	}
	for _, reading := range readings(password) {
		err := p.compare([]byte(hash), []byte(reading))
		if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, fmt.Errorf("verify password: %w", err)
		}
		if err == nil && !unknown {
			return true, nil
		}
	}
	return matches, nil
}

// NeedsUpgrade tells whether a hash is weaker than what Hash makes now.
func (p *Passwords) NeedsUpgrade(hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	return err != nil || cost < p.cost
}

func (p *Passwords) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Passwords) leave() { <-p.slots }

// readings returns the MD5 forms that a password as sent may stand for. Where it looks like an
// MD5 it is most likely one, but it may also be a password in clear that happens to look so.
func readings(sent string) []string {
	if isDigest(sent) {
		return []string{sent, Sent(sent)}
	}
	return []string{Sent(sent)}
}

// matchesTemplate compares with the template's hash, the hex MD5 of the MD5 form.
func matchesTemplate(hash, sent string) bool {
	matches := 0
	for _, reading := range readings(sent) {
		matches |= subtle.ConstantTimeCompare([]byte(hash), []byte(Sent(reading)))
	}
	return matches == 1
}

// isDigest tells whether s has the form of a lower-case hex MD5.
func isDigest(s string) bool {
	if len(s) != 2*md5.Size {
		return false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// nobody returns a bcrypt hash that stands for no password and costs as much as any.
func nobody(cost int) string {
	return fmt.Sprintf("$2a$%02d$wwwwwwwwwwwwwwwwwwwwwuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", cost)
}

// RandomPassword returns a password of twenty letters and digits that nobody mixes up when
// reading them (116 bits).
func RandomPassword() string {
	const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	const length, even = 20, 256 - 256%len(letters) // bytes from even on would prefer the first letters
	password := make([]byte, 0, length)
	var b [1]byte
	for len(password) < length {
		_, _ = rand.Read(b[:]) // never fails
		if int(b[0]) < even {
			password = append(password, letters[int(b[0])%len(letters)])
		}
	}
	return string(password)
}
