package encrypt_test

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/encrypt"
	"wxcomponent/comm/log"
)

// memory is a KeyStore that instances share.
type memory struct {
	mu     sync.Mutex
	values map[string]string
	down   error
}

func newMemory() *memory { return &memory{values: map[string]string{}} }

func (m *memory) KVGet(_ context.Context, key string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.values[key]; ok && m.down == nil {
		return v, nil
	}
	return "", errors.Join(errors.New("not found"), m.down)
}

func (m *memory) KVCreate(_ context.Context, key, value string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down != nil {
		return "", m.down
	}
	if v, ok := m.values[key]; ok {
		return v, nil
	}
	m.values[key] = value
	return value, nil
}

func (m *memory) KVPut(_ context.Context, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = value
	return m.down
}

func open(t *testing.T, store encrypt.KeyStore, master log.Secret, dir string) *encrypt.Box {
	t.Helper()
	box, err := encrypt.OpenBoxCheaply(t.Context(), store, master, dir)
	require.NoError(t, err)
	require.Equal(t, master != "", box.Protected())
	return box
}

func sealed(t *testing.T, box *encrypt.Box) string {
	t.Helper()
	s, err := box.Seal("app secret", "comm|secret|value")
	require.NoError(t, err)
	return s
}

func requireOpens(t *testing.T, box *encrypt.Box, s string) {
	t.Helper()
	plain, err := box.Open(s, "comm|secret|value")
	require.NoError(t, err)
	require.Equal(t, "app secret", plain)
}

func TestBox(t *testing.T) {
	box := open(t, newMemory(), "", "")
	s := sealed(t, box)
	require.Regexp(t, `^enc1:[0-9a-f]{8}:[A-Za-z0-9_-]+$`, s)
	require.True(t, encrypt.IsSealed(s))
	require.False(t, encrypt.IsSealed("app secret"))
	requireOpens(t, box, s)
	require.NotEqual(t, s, sealed(t, box))

	flipped := []byte(s)
	flipped[len(flipped)-8] ^= 1
	for name, bad := range map[string]string{
		"changed": string(flipped), "cut off": s[:len(s)-4], "too short": s[:15], "in clear": "app secret", "empty": "",
		"no key": "enc1:", "no text": s[:14], "not base64": s[:14] + "***", "other key": "enc1:00000000" + s[13:],
	} {
		_, err := box.Open(bad, "comm|secret|value")
		require.ErrorIs(t, err, encrypt.ErrSealed, name)
	}
	_, err := box.Open(s, "comm|other|value")
	require.ErrorIs(t, err, encrypt.ErrSealed)
	_, err = open(t, newMemory(), "", "").Open(s, "comm|secret|value")
	require.ErrorIs(t, err, encrypt.ErrSealed)
}

// keyPlaces are the three ways in which an installation keeps its data key.
var keyPlaces = map[string]struct {
	master   log.Secret
	embedded bool
}{
	"SECRET_KEY, server":   {"correct horse", false},
	"SECRET_KEY, embedded": {"correct horse", true},
	"none, server":         {"", false},
	"none, embedded":       {"", true},
}

func TestDataKeyOutlivesRestarts(t *testing.T) {
	for name, place := range keyPlaces {
		t.Run(name, func(t *testing.T) {
			store, dir := newMemory(), ""
			if place.embedded {
				dir = t.TempDir()
			}
			s := sealed(t, open(t, store, place.master, dir))
			requireOpens(t, open(t, store, place.master, dir), s)
		})
	}
}

func TestInstancesAgreeOnOneDataKey(t *testing.T) {
	for name, place := range keyPlaces {
		t.Run(name, func(t *testing.T) {
			store, dir := newMemory(), ""
			if place.embedded {
				dir = t.TempDir()
			}
			boxes := make([]*encrypt.Box, 6)
			errs := make([]error, len(boxes))
			var wg sync.WaitGroup
			for i := range boxes {
				wg.Go(func() { boxes[i], errs[i] = encrypt.OpenBoxCheaply(t.Context(), store, place.master, dir) })
			}
			wg.Wait()
			require.NoError(t, errors.Join(errs...))
			for _, box := range boxes {
				requireOpens(t, boxes[0], sealed(t, box))
			}
		})
	}
}

func TestKeyFile(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	s := sealed(t, open(t, store, "", dir))
	path := filepath.Join(dir, "datakey")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	key := strings.Split(strings.TrimSpace(string(text)), ":")[2]
	require.NotContains(t, store.values["datakey"], key)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)

	require.NoError(t, os.WriteFile(path, []byte("damaged"), 0o600))
	_, err = encrypt.OpenBoxCheaply(t.Context(), store, "", dir)
	require.ErrorContains(t, err, path+" is damaged")
	require.NoError(t, os.Remove(path))
	_, err = encrypt.OpenBoxCheaply(t.Context(), store, "", dir)
	require.ErrorContains(t, err, path+" is missing")
	open(t, newMemory(), "", dir)
	_, err = encrypt.OpenBoxCheaply(t.Context(), store, "", dir)
	require.ErrorContains(t, err, "holds data key")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	requireOpens(t, open(t, store, "", dir), s)
	_, err = encrypt.OpenBoxCheaply(t.Context(), store, "", "")
	require.ErrorContains(t, err, "set SECRET_KEY")
}

func TestSecretKeySetLater(t *testing.T) {
	for name, embedded := range map[string]bool{"embedded": true, "server": false} {
		t.Run(name, func(t *testing.T) {
			store, dir := newMemory(), ""
			if embedded {
				dir = t.TempDir()
			}
			s := sealed(t, open(t, store, "", dir))
			requireOpens(t, open(t, store, "later", dir), s)
			require.True(t, strings.HasPrefix(store.values["datakey"], "wrapped1:"))
			if embedded {
				require.NoFileExists(t, filepath.Join(dir, "datakey"))
			}
			requireOpens(t, open(t, store, "later", dir), s)
		})
	}
}

// A start that ended between wrapping the key and removing its file leaves the file; the next one
// removes it, but not a file of another installation.
func TestLeftKeyFile(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	open(t, store, "", dir)
	path := filepath.Join(dir, "datakey")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	open(t, store, "later", dir)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	open(t, store, "later", dir)
	require.NoFileExists(t, path)

	open(t, newMemory(), "", dir)
	open(t, store, "later", dir)
	require.FileExists(t, path)
}

func TestWrongSecretKeyStopsTheStart(t *testing.T) {
	store := newMemory()
	s := sealed(t, open(t, store, "right", ""))
	for _, dir := range []string{"", t.TempDir()} {
		_, err := encrypt.OpenBoxCheaply(t.Context(), store, "wrong", dir)
		require.ErrorContains(t, err, "SECRET_KEY is not the one")
		require.NotContains(t, err.Error(), "\n")
		_, err = encrypt.OpenBoxCheaply(t.Context(), store, "", dir)
		require.ErrorContains(t, err, "SECRET_KEY is not set")
		require.NotContains(t, err.Error(), "\n")
	}
	requireOpens(t, open(t, store, "right", ""), s)
}

func TestRecordDoesNotShowTheKeys(t *testing.T) {
	store := newMemory()
	box, err := encrypt.OpenBox(t.Context(), store, "correct horse", "")
	require.NoError(t, err)
	require.True(t, box.Protected())
	require.Regexp(t, `^wrapped1:[0-9a-f]{8}:[\w-]{22}:[\w-]{80}$`, store.values["datakey"])
}

// What an installation has stored must open with every later version.
func TestARecordOfAnEarlierVersionOpens(t *testing.T) {
	store := newMemory()
	store.values["datakey"] = "wrapped1:5593c888:fK_DNORZKukfwOoL5yhjMQ:" +
		"PKz_ypHWauk-T0QyWaeodIdJ025vIUvO6MG6M9VgLJNqj54ms1gQGCHm6aW2c_St2s6g_QT5xUSFfyHo"
	box, err := encrypt.OpenBox(t.Context(), store, "correct horse", "")
	require.NoError(t, err)
	requireOpens(t, box, "enc1:5593c888:MVdVEcA4XlwfWSTq7iu8SuDVSLd3nJTjeaY6I1RgFvJFj5WQfhw")
}

func TestDamagedRecord(t *testing.T) {
	store := newMemory()
	open(t, store, "k", "")
	good := store.values["datakey"]
	for _, record := range []string{
		"", "x", ":", "plain1", "plain1:", "plain1:id", "plain1:id:***", "plain1:id:AAAA", "plain1::" + strings.Repeat("A", 43),
		"wrapped1:id", "wrapped1:id:***:AAAA", "wrapped1:id:AAAA:***", "wrapped1:id:AAAA:", "file1:id:x", "other:id:AAAA",
		strings.Replace(good, "wrapped1:", "wrapped1:0", 1),
	} {
		store.values["datakey"] = record
		_, err := encrypt.OpenBoxCheaply(t.Context(), store, "k", "")
		require.Error(t, err, record)
		require.Equal(t, record, store.values["datakey"])
	}
}

func TestStoreThatIsDown(t *testing.T) {
	store := newMemory()
	open(t, store, "", "")
	store.down = errors.New("the database is away")
	_, err := encrypt.OpenBoxCheaply(t.Context(), store, "", "")
	require.ErrorIs(t, err, store.down)
	_, err = encrypt.OpenBoxCheaply(t.Context(), newMemory(), "", filepath.Join(t.TempDir(), "nowhere"))
	require.Error(t, err)
}

func FuzzOpen(f *testing.F) {
	box, err := encrypt.OpenBoxCheaply(f.Context(), newMemory(), "", "")
	require.NoError(f, err)
	f.Add("plain", "a|b|c", "enc1:00000000:AAAA")
	f.Fuzz(func(t *testing.T, plain, aad, foreign string) {
		s, err := box.Seal(plain, aad)
		require.NoError(t, err)
		got, err := box.Open(s, aad)
		require.NoError(t, err)
		require.Equal(t, plain, got)
		_, err = box.Open(foreign, aad)
		require.ErrorIs(t, err, encrypt.ErrSealed)
		id := strings.Split(s, ":")[1]
		_, err = box.Open("enc1:"+id+":"+base64.RawURLEncoding.EncodeToString([]byte(foreign)), aad)
		require.ErrorIs(t, err, encrypt.ErrSealed)
	})
}
