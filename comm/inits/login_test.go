package inits_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/stretchr/testify/require"

	"wxcomponent/comm/auth"
	"wxcomponent/comm/config"
	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/log"
	"wxcomponent/comm/waittest"
	"wxcomponent/db"
	"wxcomponent/db/dao"
	"wxcomponent/db/dbtest"
)

const anyPath = "/wxcomponent/admin/callback-config" // any endpoint that needs a login and nothing else

// code is what an endpoint answers to a login token.
func (c *client) code(jwt string) int {
	c.t.Helper()
	e := c.as(jwt).call(http.MethodGet, anyPath, "")
	require.Equal(c.t, http.StatusOK, e.Status)
	return e.Code
}

// localAdmin is the settings of a service without a platform.
func localAdmin() environment {
	return environment{"ADMIN_USERNAME": adminName, "ADMIN_PASSWORD": adminPassword, "WX_API_BASE": "http://127.0.0.1:1"}
}

// databaseBeside opens the database of a service beside it.
func databaseBeside(t *testing.T, env environment) *db.DB {
	t.Helper()
	opts := db.Options{SQLitePath: filepath.Join(env["DATA_DIR"], "wxcomponent.db")}
	if env["MYSQL_ADDRESS"] != "" {
		opts = db.Options{MySQL: config.MySQL{
			Address: env["MYSQL_ADDRESS"], Username: env["MYSQL_USERNAME"],
			Password: log.Secret(env["MYSQL_PASSWORD"]), Database: env["MYSQL_DATABASE"],
		}}
	}
	return dbtest.Open(t, opts)
}

// openBeside is databaseBeside, with the secrets in it.
func openBeside(t *testing.T, env environment) *dao.Store {
	t.Helper()
	d := databaseBeside(t, env)
	box, err := encrypt.OpenBox(t.Context(), dao.New(d, nil).WithPatience(waittest.Limit), log.Secret(env["SECRET_KEY"]), env["DATA_DIR"])
	require.NoError(t, err)
	return dao.New(d, box).WithPatience(waittest.Limit)
}

type forgery struct {
	UserID   int    `json:"uid"`
	Epoch    int    `json:"epoch"`
	Username string `json:"username"`
	jwt.RegisteredClaims
}

func forge(t *testing.T, method jwt.SigningMethod, key any, expires time.Time) string {
	t.Helper()
	text, err := jwt.NewWithClaims(method, forgery{
		UserID: 1, Username: adminName,
		RegisteredClaims: jwt.RegisteredClaims{Issuer: "wxcomponent", ExpiresAt: jwt.NewNumericDate(expires)},
	}).SignedString(key)
	require.NoError(t, err)
	return text
}

// signingKey is the installation's own key, read from its database.
func signingKey(t *testing.T, env environment) []byte {
	t.Helper()
	text, err := openBeside(t, env).KVSecretGet(t.Context(), "jwtkey")
	require.NoError(t, err)
	key, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	return key
}

func TestForgedLoginIsRefused(t *testing.T) {
	t.Parallel()
	const password = "database-password"
	env := onSQLite(t).with(localAdmin()).with(environment{"MYSQL_PASSWORD": password})
	s := start(t, env)
	later := time.Now().Add(time.Hour)
	key := signingKey(t, env)
	for name, token := range map[string]string{
		"md5 of the database password": forge(t, jwt.SigningMethodHS256, []byte(auth.Sent(password)), later),
		"md5 of nothing":               forge(t, jwt.SigningMethodHS256, []byte(auth.Sent("")), later),
		"empty key":                    forge(t, jwt.SigningMethodHS256, []byte{}, later),
		"no signature":                 forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, later),
		"another algorithm":            forge(t, jwt.SigningMethodHS512, key, later),
		"no token at all":              "not-a-token",
		"a dot too many":               "a.b.c.d",
	} {
		require.Equal(t, 1004, s.code(token), name)
	}
	require.Equal(t, 1000, s.code(""))
	require.Equal(t, 1003, s.code(forge(t, jwt.SigningMethodHS256, key, time.Now().Add(-time.Second))))
	require.Zero(t, s.code(forge(t, jwt.SigningMethodHS256, key, later)), "the forger would succeed with the real key")
}

func TestChangesEndTheLoginsGivenOutBefore(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		env := database.with(localAdmin())
		s := start(t, env)
		before := s.admin()
		fresh := get[struct{ JWT string }](before, "/wxcomponent/admin/refresh-auth").JWT
		require.Zero(t, s.code(fresh))

		before.post("/wxcomponent/admin/logout", nil)
		require.Equal(t, 1003, s.code(before.jwt))
		require.Equal(t, 1003, s.code(fresh))

		before = s.admin()
		require.Equal(t, 1005, before.call(http.MethodPost, "/wxcomponent/admin/userpwd", asJSON(t, map[string]string{
			"oldPassword": auth.Sent("wrong"), "password": auth.Sent("new"),
		})).Code)
		require.Zero(t, s.code(before.jwt), "a failed change ends nothing")
		const longer = "a password of more than twenty characters 密码"
		before.post("/wxcomponent/admin/userpwd", map[string]string{"oldPassword": auth.Sent(adminPassword), "password": auth.Sent(longer)})
		require.Equal(t, 1003, s.code(before.jwt))

		token, code := s.login(adminName, longer)
		require.Zero(t, code)
		s.as(token).post("/wxcomponent/admin/username", map[string]string{"username": "renamed"})
		require.Equal(t, 1003, s.code(token))
		token, code = s.login("renamed", longer)
		require.Zero(t, code)

		require.NoError(t, s.stop())
		s = start(t, env)
		require.Zero(t, s.code(token), "a restart ends no login")
		_, code = s.login(adminName, adminPassword)
		require.Equal(t, 1006, code, "a restart brings the renamed administrator back")
	})
}

func TestPasswordInClearIsAcceptedAsWell(t *testing.T) {
	t.Parallel()
	s := start(t, onSQLite(t).with(localAdmin()))
	e := s.call(http.MethodPut, "/wxcomponent/auth", asJSON(t, map[string]string{"username": adminName, "password": adminPassword}))
	require.Zero(t, e.Code)
}

func TestManyFailedLoginsLockOutOneAddress(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		env := database.with(localAdmin()).with(environment{"TRUSTED_PROXIES": "127.0.0.0/8"})
		s := start(t, env)
		names := []string{adminName}
		if env["MYSQL_ADDRESS"] != "" { // it finds all of them
			names = append(names, strings.ToUpper(adminName), adminName+"  ")
		}
		guesser := s.from("198.51.100.1")
		for i := range 10 {
			_, code := guesser.login(names[i%len(names)], fmt.Sprint("guess", i))
			require.Equal(t, 1006, code, "guess %d", i+1)
		}
		for _, name := range names {
			_, code := guesser.login(name, adminPassword)
			require.Equal(t, 1011, code, "%q", name)
		}
		_, code := s.from("192.0.2.1, 198.51.100.1").login(adminName, adminPassword)
		require.Equal(t, 1011, code, "what the client itself wrote in front of its address counts")
		_, code = s.from("198.51.100.2").login(adminName, adminPassword)
		require.Zero(t, code, "another address is locked out as well")

		require.NoError(t, s.stop())
		_, code = start(t, env).from("198.51.100.1").login(adminName, adminPassword)
		require.Equal(t, 1011, code, "a restart lets the guesser go on")
	})
}

func TestGuessesAtTheSameTimeAreCounted(t *testing.T) {
	t.Parallel()
	s := start(t, onSQLite(t).with(localAdmin()))
	var wrong, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			switch _, code := s.login(adminName, fmt.Sprint("guess", i)); code {
			case 1006:
				wrong.Add(1)
			case 1011:
				refused.Add(1)
			}
		})
	}
	wg.Wait()
	require.Equal(t, [2]int32{10, 20}, [2]int32{wrong.Load(), refused.Load()})
}

func TestForwardedAddressOfAStrangerCountsForNothing(t *testing.T) {
	t.Parallel()
	s := start(t, onSQLite(t).with(localAdmin())) // no trusted proxies
	for i := range 10 {
		_, code := s.from(fmt.Sprintf("198.51.100.%d", i)).login(adminName, "guess")
		require.Equal(t, 1006, code)
	}
	_, code := s.from("198.51.100.99").login(adminName, adminPassword)
	require.Equal(t, 1011, code)
}

func TestWrongSecretKeyEndsTheStart(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		env := database.with(localAdmin()).with(environment{"PORT": "127.0.0.1:0", "INNER_ADDRESS": "127.0.0.1:0"})
		require.NoError(t, start(t, env.with(environment{"SECRET_KEY": "the right one"})).stop())
		for _, key := range []string{"a wrong one", ""} {
			err := runToItsEnd(t, env.with(environment{"SECRET_KEY": key}), "serve")
			require.ErrorContains(t, err, "SECRET_KEY")
			require.NotContains(t, err.Error(), "\n")
			require.NotContains(t, err.Error(), "a wrong one")
		}
		require.NoError(t, start(t, env.with(environment{"SECRET_KEY": "the right one"})).stop())
	})
}

func TestResetPassword(t *testing.T) {
	t.Parallel()
	env := onSQLite(t).with(localAdmin())
	s := start(t, env)
	before := s.admin()
	out := &output{}
	require.NoError(t, program(env, out).Run(t.Context(), []string{"reset-password", "--username", adminName}))
	_, password, found := strings.Cut(strings.TrimSpace(out.String()), "new password ")
	require.True(t, found)
	require.Equal(t, 1003, s.code(before.jwt))
	_, code := s.login(adminName, adminPassword)
	require.Equal(t, 1006, code)
	_, code = s.login(adminName, password)
	require.Zero(t, code)
	require.ErrorContains(t, program(env, out).Run(t.Context(), []string{"reset-password", "--username", "nobody"}), "nobody")
}

// TestAStreamDoesNotOutliveItsLogin holds that whoever reads along is cut off, on every instance.
func TestAStreamDoesNotOutliveItsLogin(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		env := database.with(localAdmin())
		s := start(t, env)
		const other = "another good password"
		for _, end := range []struct {
			path string
			body obj
		}{
			{"logout", nil},
			{"userpwd", obj{"oldPassword": adminPassword, "password": other}},
			{"username", obj{"username": "renamed"}},
		} {
			password := adminPassword
			if end.path == "username" {
				password = other
			}
			jwt, code := s.login(adminName, password)
			require.Zero(t, code)
			reader := s.as(jwt)
			req := reader.request(http.MethodGet, "/wxcomponent/admin/push-stream", "")
			res, err := reader.http.Do(req)
			require.NoError(t, err)
			reader.post("/wxcomponent/admin/"+end.path, end.body)
			_, err = io.Copy(io.Discard, res.Body) // returns when the stream ends
			require.NoError(t, err, end.path)
			require.NoError(t, res.Body.Close())
		}
	})
}

// TestRefusalsDoNotGoUnseen holds that the self-check of any instance names what was refused, and
// whoever comes through a proxy that is not trusted.
func TestRefusalsDoNotGoUnseen(t *testing.T) {
	onEach(t, func(t *testing.T, database environment) {
		s := start(t, database.with(localAdmin()).with(environment{"WX_APPID": appID, "WX_TOKEN": pushToken, "WX_AES_KEY": aesKey}))
		type overview struct {
			Refusals []struct {
				Area, Reason string
				Count        int
			}
			Checks []struct {
				ID, Level string
				Params    map[string]string
			}
		}
		levels := func() map[string]string {
			t.Helper()
			found := map[string]string{}
			for _, check := range get[overview](s.admin(), "/wxcomponent/admin/overview").Checks {
				found[check.ID] = check.Level + check.Params["addresses"]
			}
			return found
		}
		before := levels()
		require.Equal(t, "ok", before["refusals"])
		require.NotContains(t, before, "trustedProxies")

		const wrong = "/wxcallback/component?timestamp=1&nonce=2&encrypt_type=aes&msg_signature=no"
		res, _ := s.do(s.request(http.MethodPost, wrong, `{"Encrypt":"abc"}`))
		require.Equal(t, http.StatusUnauthorized, res.StatusCode)
		_, code := s.from("198.51.100.1").login(adminName, "wrong")
		require.Equal(t, 1006, code)

		after := levels()
		require.Equal(t, "warn", after["refusals"])
		require.Equal(t, "warn127.0.0.1", after["trustedProxies"])
		reasons := map[string]int{}
		for _, sum := range get[overview](s.admin(), "/wxcomponent/admin/overview").Refusals {
			reasons[sum.Area+" "+sum.Reason] = sum.Count
		}
		require.Equal(t, map[string]int{"push signature": 1, "login wrong_password": 1}, reasons)
	})
}

func TestOneLoginCannotOpenStreamsWithoutEnd(t *testing.T) {
	t.Parallel()
	reader := start(t, onSQLite(t).with(localAdmin())).admin()
	open := func() *http.Response {
		res, err := reader.http.Do(reader.request(http.MethodGet, "/wxcomponent/admin/push-stream", ""))
		require.NoError(t, err)
		return res
	}
	streams := make([]*http.Response, 64)
	for i := range streams {
		streams[i] = open()
		require.Equal(t, "text/event-stream", streams[i].Header.Get("Content-Type"))
	}
	require.Equal(t, 1001, reader.call(http.MethodGet, "/wxcomponent/admin/push-stream", "").Code)
	for _, stream := range streams {
		require.NoError(t, stream.Body.Close())
	}
	eventually(t, "places are given back", func() bool {
		res := open()
		defer func() { _ = res.Body.Close() }()
		return res.Header.Get("Content-Type") == "text/event-stream"
	})
}
