package login

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/errno"
)

// shortest is how many characters a password needs. Of one that comes as its MD5 that cannot be told:
// such a one must only not be among those that are guessed first.
const shortest = 8

// commonPasswords are the ones guessed first, one a line.
//
//go:embed common_passwords.txt
var commonPasswords string

// checkPassword tells what is wrong with a new password, as sent, of a user.
func checkPassword(sent, username string) error {
	digest := auth.IsSent(sent)
	if sent == "" || digest && sent == auth.Sent("") {
		return errno.Param("password", "is required")
	}
	if !digest && utf8.RuneCountInString(sent) < shortest {
		return errno.Param("password", fmt.Sprintf("must have at least %d characters", shortest))
	}
	same := func(guess string) bool { return strings.EqualFold(sent, guess) }
	if digest {
		same = func(guess string) bool { return sent == auth.Sent(guess) }
	}
	for _, name := range []string{username, strings.ToLower(username), strings.ToUpper(username)} {
		if same(name) {
			return errno.Param("password", "must not be the user name")
		}
	}
	for guess := range strings.Lines(commonPasswords) {
		if same(strings.TrimSpace(guess)) {
			return errno.Param("password", "is among the most common ones")
		}
	}
	return nil
}
