// Package login knows who may use the dashboard: it checks passwords, gives out login tokens, ends
// them, and slows down guessing.
package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/console/refusals"
	"wxcomponent/comm/errno"
	"wxcomponent/db/model"
)

// Limits of guessing. An address is an IPv4 address or an IPv6 /64.
const (
	window       = time.Hour // failures are counted from the first one on for this long
	maxFailures  = 10        // of one name from one address
	maxGuesses   = 10        // of one name from all addresses that it never logged in from, until they rest
	guessRest    = 15 * time.Minute
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
	// CounterTake adds one where the count is below most; one that has rested since its last hit begins
	// anew. It tells whether it did.
	CounterTake(ctx context.Context, key string, most int, rest time.Duration) (bool, error)
	// CounterBack takes one back.
	CounterBack(ctx context.Context, key string) error
}

// Values keep what instances and restarts share.
type Values interface {
	// KVGet returns the value of a key, "" when there is none.
	KVGet(ctx context.Context, key string) (string, error)
	KVPut(ctx context.Context, key, value string) error
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
	Values    Values
	Issuer    Issuer
	Passwords Passwords
	Log       *zap.Logger
	// Refused is told the area and the reason of every login that is refused, see refusals.Counter.
	Refused func(area, reason string)
}

// Service logs users in and out.
type Service struct {
	Deps
	door  *door
	known *known
}

// New returns a Service.
func New(d Deps) *Service {
	return &Service{Deps: d, door: newDoor(), known: &known{values: d.Values, log: d.Log}}
}

// Login checks a name and password (its lower-case hex MD5, or in clear) and returns a token that
// counts for twelve hours. It fails with errno.LoginFailed, errno.TooManyFailures when this name was
// tried too often from this address, or errno.RateLimited when too much is going on.
func (s *Service) Login(ctx context.Context, name, password, address string) (string, error) {
	a := attempt{name: name, network: auth.Network(address)}
	a.known = s.known.has(ctx, a.name, a.network)
	leave, err := s.door.enter(a)
	if err != nil {
		return "", s.refuse(err)
	}
	defer leave()
	user, err := s.find(ctx, name)
	if err != nil {
		return "", err
	}
	if user.Username != "" {
		// MySQL finds names that differ in case or end in spaces: all of them share one count.
		a.name = user.Username
	}
	if err := s.admit(ctx, a, user, password); err != nil {
		return "", s.refuse(err)
	}
	return s.issue(user)
}

// refuse counts why a login is refused.
func (s *Service) refuse(err error) error {
	if reason, ok := errors.AsType[*refusal](err); ok {
		s.Refused(refusals.Login, reason.name)
	}
	return err
}

// admit counts a guess and looks at its password. What ends without a verdict, because the caller has
// gone or the database has, is no failure: it is not counted.
func (s *Service) admit(ctx context.Context, a attempt, user model.User, password string) error {
	taken, err := s.try(ctx, a)
	if err != nil {
		return err
	}
	ok, err := s.guess(ctx, a, user, password)
	// The verdict counts, and what had none is taken back, also when the caller no longer waits. The store
	// itself does not wait for ever.
	ctx = context.WithoutCancel(ctx)
	switch {
	case err != nil:
		return errors.Join(err, s.takeBack(ctx, taken))
	case !ok:
		return s.failed(ctx, a)
	}
	if err := s.Counters.CounterReset(ctx, a.pairKey()); err != nil {
		return fmt.Errorf("forget failed logins: %w", err)
	}
	s.known.add(ctx, a.name, a.network)
	return s.takeBack(ctx, taken[1:])
}

func (s *Service) guess(ctx context.Context, a attempt, user model.User, password string) (bool, error) {
	if !a.known {
		if err := s.slowDown(ctx, a.failuresKey()); err != nil {
			return false, err
		}
		if err := s.door.takeTurn(ctx); err != nil {
			return false, err
		}
		defer s.door.endTurn()
	}
	return s.verify(ctx, user, password)
}

// attempt is one login.
type attempt struct {
	name, network string
	known         bool // this name has logged in from this network before
}

func (a attempt) pairKey() string     { return counterKey("pair", a.name, a.network) }
func (a attempt) guessesKey() string  { return counterKey("guesses", a.name) }
func (a attempt) failuresKey() string { return counterKey("name", a.name) }

// find returns the zero user for a name that nobody has.
func (s *Service) find(ctx context.Context, name string) (model.User, error) {
	user, err := s.Users.UserByName(ctx, name)
	if err == nil || errors.Is(err, model.ErrNotFound) {
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
// once are no more than the same number one after the other. It returns what it counted, the pair
// first.
func (s *Service) try(ctx context.Context, a attempt) (taken []string, err error) {
	failures, err := s.tryPair(ctx, a)
	if err != nil {
		return nil, err
	}
	taken = []string{a.pairKey()}
	// The last try of an address is not counted against others: one that has used up its own tries
	// alone does not keep another address out.
	if a.known || failures == maxFailures {
		return taken, nil
	}
	free, err := s.Counters.CounterTake(ctx, a.guessesKey(), maxGuesses, guessRest)
	if err == nil && free {
		return append(taken, a.guessesKey()), nil
	}
	if err == nil {
		err = refuse("name_budget", errno.RateLimited)
	}
	ctx = context.WithoutCancel(ctx)
	return nil, errors.Join(err, s.takeBack(ctx, taken))
}

// tryPair counts a failure of this name from this network, and returns how many there are with it.
func (s *Service) tryPair(ctx context.Context, a attempt) (failures int, err error) {
	failures, err = s.Counters.CounterGet(ctx, a.pairKey(), window)
	if err == nil && failures >= maxFailures {
		return 0, refuse("locked", errno.TooManyFailures)
	}
	if err == nil {
		failures, err = s.Counters.CounterHit(ctx, a.pairKey(), window)
	}
	if err != nil {
		return 0, fmt.Errorf("count failed logins: %w", err)
	}
	if failures > maxFailures {
		return 0, refuse("locked", errno.TooManyFailures)
	}
	return failures, nil
}

func (s *Service) takeBack(ctx context.Context, keys []string) error {
	for _, key := range keys {
		if err := s.Counters.CounterBack(ctx, key); err != nil {
			return fmt.Errorf("take back the count of a login: %w", err)
		}
	}
	return nil
}

func (s *Service) failed(ctx context.Context, a attempt) error {
	if _, err := s.Counters.CounterHit(ctx, a.failuresKey(), window); err != nil {
		return fmt.Errorf("count a failed login: %w", err)
	}
	return refuse("wrong_password", errno.LoginFailed)
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
		if errors.Is(err, model.ErrNotFound) {
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

// Lasts tells whether a login that was checked before still counts, for what goes on for long.
func (s *Service) Lasts(ctx context.Context, id auth.Identity) (bool, error) {
	user, err := s.Users.UserByID(ctx, id.UserID)
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		return false, fmt.Errorf("look up the login's user: %w", err)
	}
	return err == nil && user.Epoch == id.Epoch, nil
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

// counterKey hashes its parts: names and addresses come from outside and may be long.
func counterKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "login:" + hex.EncodeToString(sum[:16])
}
