// Package login knows who may use the dashboard: it checks passwords, gives out login tokens, ends
// them, and slows down guessing.
package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/db/model"
)

// Limits of guessing.
const (
	window       = time.Hour       // failures are counted from the first one on for this long
	maxFailures  = 10              // of one name from one address
	freeFailures = 20              // of one name from anywhere, before answers get slower
	maxDelay     = 3 * time.Second // of an answer, while a name is being guessed from many addresses
)

// Users is where accounts are kept. A user that does not exist is an error.
type Users interface {
	UserByName(ctx context.Context, name string) (model.User, error)
	UserByID(ctx context.Context, id int) (model.User, error)
	UserCount(ctx context.Context) (int64, error)
	UserCreateFirst(ctx context.Context, name, hash string) (created bool, err error)
	UserSetPassword(ctx context.Context, id int, hash string, endSessions bool) error
	UserSetName(ctx context.Context, id int, name string) error
	UserBumpEpoch(ctx context.Context, id int) error
}

// Counters count failures in the database, so that all instances and restarts share them.
type Counters interface {
	// CounterGet returns the hits since the key's first one, 0 when that is more than window ago.
	CounterGet(ctx context.Context, key string, window time.Duration) (int, error)
	// CounterHit adds one and returns the new count.
	CounterHit(ctx context.Context, key string, window time.Duration) (int, error)
	CounterReset(ctx context.Context, key string) error
}

// Issuer makes and reads login tokens.
type Issuer interface {
	Issue(id auth.Identity) (string, error)
	Parse(token string) (auth.Identity, error)
}

// Passwords hashes and verifies passwords.
type Passwords interface {
	Hash(ctx context.Context, password string) (string, error)
	// Verify also spends its time when hash is empty, so that an unknown name cannot be told apart.
	Verify(ctx context.Context, hash, password string) (bool, error)
	NeedsUpgrade(hash string) bool
}

// Deps are what a Service works with.
type Deps struct {
	Users     Users
	Counters  Counters
	Issuer    Issuer
	Passwords Passwords
	Missing   func(error) bool // tells that an error of Users means "no such user"
	Taken     func(error) bool // tells that an error of Users means "name taken"
}

// Service logs users in and out.
type Service struct{ Deps }

// New returns a Service.
func New(d Deps) *Service { return &Service{d} }

// Login checks a name and password (its lower-case hex MD5, or in clear) and returns a token that
// counts for twelve hours. It fails with errno.LoginFailed, or errno.TooManyFailures when this name
// was tried too often from this address.
func (s *Service) Login(ctx context.Context, name, password, address string) (string, error) {
	user, err := s.find(ctx, name)
	if err != nil {
		return "", err
	}
	if user.Username != "" {
		// MySQL finds names that differ in case or end in spaces: all of them share one count.
		name = user.Username
	}
	pairKey, nameKey := counterKey("pair", name, address), counterKey("name", name)
	if err := s.try(ctx, pairKey); err != nil {
		return "", err
	}
	if err := s.slowDown(ctx, nameKey); err != nil {
		return "", err
	}
	ok, err := s.verify(ctx, user, password)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", s.failed(ctx, nameKey)
	}
	if err := s.Counters.CounterReset(ctx, pairKey); err != nil {
		return "", fmt.Errorf("forget failed logins: %w", err)
	}
	return s.issue(user)
}

// find returns the zero user for a name that nobody has.
func (s *Service) find(ctx context.Context, name string) (model.User, error) {
	user, err := s.Users.UserByName(ctx, name)
	if err == nil || s.Missing(err) {
		return user, nil
	}
	return user, fmt.Errorf("look up the user: %w", err)
}

// verify checks a password and stores its hash anew where that is weaker than today's.
func (s *Service) verify(ctx context.Context, user model.User, password string) (bool, error) {
	ok, err := s.Passwords.Verify(ctx, user.Password, password)
	if err != nil {
		return false, fmt.Errorf("verify the password: %w", err)
	}
	if ok && s.Passwords.NeedsUpgrade(user.Password) {
		return true, s.store(ctx, user.ID, password, false)
	}
	return ok, nil
}

// try counts a login as failed before its password is looked at, so that guesses that come all at
// once are no more than the same number one after the other. A login that succeeds takes it back.
func (s *Service) try(ctx context.Context, pairKey string) error {
	failures, err := s.Counters.CounterGet(ctx, pairKey, window)
	if err == nil && failures < maxFailures {
		failures, err = s.Counters.CounterHit(ctx, pairKey, window)
		failures-- // this one is not over yet
	}
	if err != nil {
		return fmt.Errorf("count failed logins: %w", err)
	}
	if failures >= maxFailures {
		return errno.New(errno.TooManyFailures, "")
	}
	return nil
}

func (s *Service) failed(ctx context.Context, nameKey string) error {
	if _, err := s.Counters.CounterHit(ctx, nameKey, window); err != nil {
		return fmt.Errorf("count a failed login: %w", err)
	}
	return errno.New(errno.LoginFailed, "")
}

// slowDown delays the answer while one name is guessed from many addresses. It never refuses: a
// stranger must not be able to lock the administrator out.
func (s *Service) slowDown(ctx context.Context, nameKey string) error {
	n, err := s.Counters.CounterGet(ctx, nameKey, window)
	if err != nil {
		return fmt.Errorf("count failed logins: %w", err)
	}
	if n < freeFailures {
		return nil
	}
	timer := time.NewTimer(min(time.Duration(n-freeFailures+1)*100*time.Millisecond, maxDelay))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) issue(u model.User) (string, error) {
	token, err := s.Issuer.Issue(auth.Identity{UserID: u.ID, Username: u.Username, Epoch: u.Epoch})
	if err != nil {
		return "", fmt.Errorf("issue a login token: %w", err)
	}
	return token, nil
}

// Check returns whose a token is. A token from before a change of password or name, or before a
// log-out, gives errno.LoginExpired.
func (s *Service) Check(ctx context.Context, token string) (auth.Identity, error) {
	id, err := s.Issuer.Parse(token)
	if err != nil {
		return auth.Identity{}, err
	}
	user, err := s.Users.UserByID(ctx, id.UserID)
	if err != nil {
		if s.Missing(err) {
			return auth.Identity{}, errno.New(errno.BadToken, "")
		}
		return auth.Identity{}, fmt.Errorf("look up the token's user: %w", err)
	}
	if user.Epoch != id.Epoch {
		return auth.Identity{}, errno.New(errno.LoginExpired, "")
	}
	id.Username = user.Username
	return id, nil
}

// Refresh returns a new token for a user who has one.
func (s *Service) Refresh(ctx context.Context, userID int) (string, error) {
	user, err := s.Users.UserByID(ctx, userID)
	if err != nil {
		return "", fmt.Errorf("look up the user: %w", err)
	}
	return s.issue(user)
}

// Logout ends all tokens of a user.
func (s *Service) Logout(ctx context.Context, userID int) error {
	if err := s.Users.UserBumpEpoch(ctx, userID); err != nil {
		return fmt.Errorf("end the user's tokens: %w", err)
	}
	return nil
}

// maxName is the width of the column, kept from the template.
const maxName = 32

// Rename gives a user another name and ends all tokens.
func (s *Service) Rename(ctx context.Context, userID int, name string) error {
	if name = strings.TrimSpace(name); name == "" || utf8.RuneCountInString(name) > maxName {
		return errno.Param("username", fmt.Sprintf("must have 1 to %d characters", maxName))
	}
	err := s.Users.UserSetName(ctx, userID, name)
	if err != nil && s.Taken(err) {
		return errno.Wrap(errno.UserUpdate, err, "the user name is taken")
	}
	if err != nil {
		return fmt.Errorf("rename the user: %w", err)
	}
	return nil
}

// SetPassword changes a user's own password and ends all tokens. A wrong old password gives
// errno.UserUpdate.
func (s *Service) SetPassword(ctx context.Context, userID int, old, password string) error {
	if password == "" {
		return errno.Param("password", "is required")
	}
	user, err := s.Users.UserByID(ctx, userID)
	if err != nil {
		return fmt.Errorf("look up the user: %w", err)
	}
	ok, err := s.Passwords.Verify(ctx, user.Password, old)
	if err != nil {
		return fmt.Errorf("verify the old password: %w", err)
	}
	if !ok {
		return errno.New(errno.UserUpdate, "the old password is wrong")
	}
	return s.store(ctx, userID, password, true)
}

// Reset gives the user of that name a new random password and returns it; all tokens end.
func (s *Service) Reset(ctx context.Context, name string) (log.Secret, error) {
	user, err := s.Users.UserByName(ctx, name)
	if err != nil {
		if s.Missing(err) {
			return "", fmt.Errorf("there is no user %q", name)
		}
		return "", fmt.Errorf("look up the user: %w", err)
	}
	password := auth.RandomPassword()
	return log.Secret(password), s.store(ctx, user.ID, auth.Sent(password), true)
}

func (s *Service) store(ctx context.Context, userID int, password string, endSessions bool) error {
	hash, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	if err := s.Users.UserSetPassword(ctx, userID, hash, endSessions); err != nil {
		return fmt.Errorf("store the password: %w", err)
	}
	return nil
}

// First creates the first administrator when there is no user at all. Without a password it makes
// one up and shows it once on w.
func (s *Service) First(ctx context.Context, name string, password log.Secret, w io.Writer) error {
	if n, err := s.Users.UserCount(ctx); err != nil || n > 0 {
		return err // a hash takes long, so it is made only when it is needed
	}
	plain := password.Reveal()
	if plain == "" {
		plain = auth.RandomPassword()
	}
	hash, err := s.Passwords.Hash(ctx, auth.Sent(plain))
	if err != nil {
		return fmt.Errorf("hash the first password: %w", err)
	}
	created, err := s.Users.UserCreateFirst(ctx, name, hash)
	if err != nil {
		return fmt.Errorf("create the first user: %w", err)
	}
	if created && password == "" {
		_, err = fmt.Fprintf(w, "first administrator: user %s, password %s (shown only once)\n", name, plain)
	}
	return err
}

// counterKey hashes its parts: names and addresses come from outside and may be long.
func counterKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "login:" + hex.EncodeToString(sum[:16])
}
