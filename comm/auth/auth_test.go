package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/errno"
	"wxcomponent/comm/waittest"
)

var signingKey = bytes.Repeat([]byte{7}, auth.KeySize)

func newIssuer(t *testing.T, key []byte) *auth.Issuer {
	t.Helper()
	i, err := auth.NewIssuer(key)
	require.NoError(t, err)
	return i
}

func TestToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := newIssuer(t, signingKey)
		want := auth.Identity{UserID: 3, Username: "管理员", Epoch: 5}
		token, err := issuer.Issue(auth.Identity{UserID: 3, Username: "管理员", Epoch: 5, Address: "192.0.2.1"})
		require.NoError(t, err)

		waittest.Pass(12*time.Hour - time.Minute)
		got, err := issuer.Parse(token)
		require.NoError(t, err)
		require.Equal(t, want, got)

		waittest.Pass(2 * time.Minute)
		_, err = issuer.Parse(token)
		require.True(t, errno.Is(err, errno.LoginExpired), err)

		_, err = newIssuer(t, bytes.Repeat([]byte{8}, auth.KeySize)).Parse(token)
		require.True(t, errno.Is(err, errno.BadToken), "expired and signed by somebody else: %v", err)
	})
}

func TestTokenCarriesNoTimeOfIssue(t *testing.T) {
	token, err := newIssuer(t, signingKey).Issue(auth.Identity{UserID: 1})
	require.NoError(t, err)
	body, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	require.NoError(t, err)
	require.NotContains(t, string(body), "iat")
	require.Contains(t, string(body), `"iss":"wxcomponent"`)
}

func TestParseRefusesForeignTokens(t *testing.T) {
	later := time.Now().Add(time.Hour).Unix()
	good := jwt.MapClaims{"uid": 1, "epoch": 0, "username": "a", "iss": "wxcomponent", "exp": later}
	with := func(key string, value any) jwt.MapClaims {
		c := jwt.MapClaims{}
		for k, v := range good {
			c[k] = v
		}
		if c[key] = value; value == nil {
			delete(c, key)
		}
		return c
	}
	signed := func(m jwt.SigningMethod, key any, c jwt.MapClaims) string {
		s, err := jwt.NewWithClaims(m, c).SignedString(key)
		require.NoError(t, err)
		return s
	}
	hs := jwt.SigningMethodHS256
	issuer := newIssuer(t, signingKey)
	_, err := issuer.Parse(signed(hs, signingKey, good))
	require.NoError(t, err)

	tests := map[string]string{
		"nothing":       "",
		"text":          "abc",
		"two dots":      "..",
		"endless":       strings.Repeat("a", 1<<20),
		"empty key":     signed(hs, []byte(""), good),
		"other key":     signed(hs, []byte("d41d8cd98f00b204e9800998ecf8427e"), good),
		"no algorithm":  signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good),
		"HS512":         signed(jwt.SigningMethodHS512, signingKey, good),
		"other issuer":  signed(hs, signingKey, with("iss", "other")),
		"no issuer":     signed(hs, signingKey, with("iss", nil)),
		"no end":        signed(hs, signingKey, with("exp", nil)),
		"no user":       signed(hs, signingKey, with("uid", nil)),
		"not yet valid": signed(hs, signingKey, with("nbf", later)),
		"wrong types":   signed(hs, signingKey, with("uid", "1")),
		"cut off":       strings.TrimRight(signed(hs, signingKey, good), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := issuer.Parse(token)
			require.True(t, errno.Is(err, errno.BadToken), err)
		})
	}
}

func TestIssuerNeedsAKey(t *testing.T) {
	for _, key := range [][]byte{nil, {}, make([]byte, 31), make([]byte, 33)} {
		_, err := auth.NewIssuer(key)
		require.Error(t, err)
	}
}

func FuzzParse(f *testing.F) {
	issuer, err := auth.NewIssuer(signingKey)
	require.NoError(f, err)
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.eyJ1aWQiOjF9.")
	f.Fuzz(func(t *testing.T, token string) {
		_, err := issuer.Parse(token)
		require.True(t, errno.Is(err, errno.BadToken))
	})
}

func TestVerify(t *testing.T) {
	p := auth.NewPasswords(bcrypt.MinCost)
	const hexLike = "0123456789abcdef0123456789abcdef"
	hash := func(sent string) string {
		h, err := p.Hash(t.Context(), sent)
		require.NoError(t, err)
		require.LessOrEqual(t, len(h), 64)
		return h
	}
	long := strings.Repeat("long 密码 ", 40)
	pw, digest := hash("pw"), hash(auth.Sent(hexLike))
	tests := map[string]struct {
		hash, password string
		want           bool
	}{
		"sent as digest":                   {hash(auth.Sent("pw")), auth.Sent("pw"), true},
		"in clear":                         {hash(auth.Sent("pw")), "pw", true},
		"set in clear, sent as digest":     {pw, auth.Sent("pw"), true},
		"wrong digest":                     {pw, auth.Sent("pw2"), false},
		"wrong":                            {pw, "pw2", false},
		"empty":                            {pw, "", false},
		"digest in capitals is no digest":  {pw, strings.ToUpper(auth.Sent("pw")), false},
		"long":                             {hash(long), auth.Sent(long), true},
		"long, last character differs":     {hash(long), long + "x", false},
		"looks like a digest, in clear":    {digest, hexLike, true},
		"looks like a digest, as digest":   {digest, auth.Sent(hexLike), true},
		"looks like a digest, set unknown": {hash(hexLike), hexLike, true},
		"template, as digest":              {auth.Sent(auth.Sent("pw")), auth.Sent("pw"), true},
		"template, in clear":               {auth.Sent(auth.Sent("pw")), "pw", true},
		"template, like a digest":          {auth.Sent(auth.Sent(hexLike)), hexLike, true},
		"template, wrong":                  {auth.Sent(auth.Sent("pw")), "pw2", false},
		"template's hash is no password":   {auth.Sent(auth.Sent("pw")), auth.Sent(auth.Sent("pw")), false},
		"no such user":                     {"", "", false},
		"no such user, a password":         {"", "pw", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ok, err := p.Verify(t.Context(), tt.hash, tt.password)
			require.NoError(t, err)
			require.Equal(t, tt.want, ok)
		})
	}
	_, err := p.Verify(t.Context(), "damaged", "pw")
	require.Error(t, err)
}

func TestEqualPasswordsHashDifferently(t *testing.T) {
	p := auth.NewPasswords(bcrypt.MinCost)
	one, err := p.Hash(t.Context(), "pw")
	require.NoError(t, err)
	two, err := p.Hash(t.Context(), "pw")
	require.NoError(t, err)
	require.NotEqual(t, one, two)
}

func TestNeedsUpgrade(t *testing.T) {
	p := auth.NewPasswords(bcrypt.MinCost + 1)
	now, err := p.Hash(t.Context(), "pw")
	require.NoError(t, err)
	weak, err := auth.NewPasswords(bcrypt.MinCost).Hash(t.Context(), "pw")
	require.NoError(t, err)
	require.False(t, p.NeedsUpgrade(now))
	require.True(t, p.NeedsUpgrade(weak))
	require.True(t, p.NeedsUpgrade(auth.Sent(auth.Sent("pw"))))
}

// Neither a name that does not exist nor a user with the template's hash is told by a quick no: bcrypt
// computes as often and as long for them as for any other.
func TestUnknownUserTakesAsLong(t *testing.T) {
	const cost = bcrypt.MinCost + 1 // not bcrypt's least, which it would take for a lesser one
	var costs []int
	p := auth.NewPasswords(cost).WithCompare(func(hash, password []byte) error {
		cost, err := bcrypt.Cost(hash)
		require.NoError(t, err)
		costs = append(costs, cost)
		err = bcrypt.CompareHashAndPassword(hash, password)
		require.ErrorIs(t, err, bcrypt.ErrMismatchedHashAndPassword, "a hash that it cannot read costs nothing")
		return err
	})
	known, err := p.Hash(t.Context(), "pw")
	require.NoError(t, err)
	for wrong, want := range map[string][]int{"wrong": {cost}, auth.Sent("wrong"): {cost, cost}} {
		for _, hash := range []string{known, "", auth.Sent(auth.Sent("pw"))} {
			costs = nil
			ok, err := p.Verify(t.Context(), hash, wrong)
			require.NoError(t, err)
			require.False(t, ok)
			require.Equal(t, want, costs, "%q", hash)
		}
	}
}

func TestHashingWaitsItsTurnAndGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const concurrent = 2
		var under atomic.Int64
		goOn := make(chan struct{})
		p := auth.NewPasswords(bcrypt.MinCost).WithCompare(func([]byte, []byte) error {
			under.Add(1)
			<-goOn
			under.Add(-1)
			return bcrypt.ErrMismatchedHashAndPassword
		})
		verify := func(ctx context.Context) <-chan error {
			done := make(chan error, 1)
			go func() {
				_, err := p.Verify(ctx, "", "pw")
				done <- err
			}()
			synctest.Wait()
			return done
		}
		var patient []<-chan error
		for range concurrent + 1 {
			patient = append(patient, verify(t.Context()))
		}
		require.EqualValues(t, concurrent, under.Load())
		ctx, cancel := context.WithCancel(t.Context())
		hasty := verify(ctx)
		require.Empty(t, hasty, "it waits its turn")
		cancel()
		require.ErrorIs(t, <-hasty, context.Canceled)
		_, err := p.Hash(ctx, "pw")
		require.ErrorIs(t, err, context.Canceled)

		goOn <- struct{}{}
		synctest.Wait()
		require.EqualValues(t, concurrent, under.Load(), "the third has its turn")
		close(goOn)
		for _, done := range patient {
			require.NoError(t, <-done)
		}
		for range concurrent + 1 { // every slot was given back
			_, err := p.Hash(t.Context(), "pw")
			require.NoError(t, err)
		}
	})
}

func TestRandomPassword(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		pw := auth.RandomPassword()
		require.Regexp(t, `^[a-km-np-zA-HJ-NP-Z2-9]{20}$`, pw)
		require.False(t, seen[pw])
		seen[pw] = true
	}
}

func TestContext(t *testing.T) {
	ctx := t.Context()
	require.Zero(t, auth.IdentityOf(ctx))
	require.Empty(t, auth.AddressOf(ctx))
	id := auth.Identity{UserID: 1, Username: "a", Address: "192.0.2.1"}
	require.Equal(t, id, auth.IdentityOf(auth.WithIdentity(ctx, id)))
	require.Equal(t, "192.0.2.1", auth.AddressOf(auth.WithAddress(ctx, "192.0.2.1")))
}

func BenchmarkHash(b *testing.B) {
	p := auth.NewPasswords(auth.Cost)
	for b.Loop() {
		if _, err := p.Hash(b.Context(), "pw"); err != nil {
			b.Fatal(err)
		}
	}
}
