package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/console/refusals"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/log"
	"wxcomponent/db/model"
)

// SetPassword changes a user's own password and ends all tokens. A wrong old password gives
// errno.UserUpdate and counts like a failed login.
func (s *Service) SetPassword(ctx context.Context, userID int, old, password, address string) error {
	user, err := s.Users.UserByID(ctx, userID)
	if err != nil {
		return fmt.Errorf("look up the user: %w", err)
	}
	if err := checkPassword(password, user.Username); err != nil {
		return err
	}
	a := attempt{name: user.Username, network: auth.Network(address), known: true}
	if _, err := s.tryPair(ctx, a); err != nil {
		return s.refuse(err)
	}
	ok, err := s.Passwords.Verify(ctx, user.Password, old)
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("verify the old password: %w", err), s.takeBack(ctx, []string{a.pairKey()}))
	}
	if !ok {
		s.Refused(refusals.Login, "wrong_password")
		return errno.New(errno.UserUpdate, "the old password is wrong")
	}
	if err := s.Counters.CounterReset(ctx, a.pairKey()); err != nil {
		return fmt.Errorf("forget failed logins: %w", err)
	}
	return s.store(ctx, userID, password, true)
}

// Reset gives the user of that name a new random password and returns it; all tokens end.
func (s *Service) Reset(ctx context.Context, name string) (log.Secret, error) {
	user, err := s.Users.UserByName(ctx, name)
	if err != nil {
		if errors.Is(err, model.ErrNotFound) {
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

// Rename gives a user another name and ends all tokens.
func (s *Service) Rename(ctx context.Context, userID int, name string) error {
	if name = strings.TrimSpace(name); name == "" || utf8.RuneCountInString(name) > maxName {
		return errno.Param("username", fmt.Sprintf("must have 1 to %d characters", maxName))
	}
	err := s.Users.UserSetName(ctx, userID, name)
	if errors.Is(err, model.ErrDuplicate) {
		return errno.Wrap(errno.UserUpdate, err, "the user name is taken")
	}
	if err != nil {
		return fmt.Errorf("rename the user: %w", err)
	}
	return nil
}
