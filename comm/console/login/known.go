package login

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
)

const (
	keyKnown    = "login.known"
	knownKept   = 90 * 24 * time.Hour
	knownPlaces = 256
	knownAnew   = 24 * time.Hour // between two notes of the same place
	knownFresh  = time.Second    // another instance's note counts here after this time
	knownWait   = 2 * time.Second
)

// known remembers the networks that names have logged in from, on all instances. Names and networks are
// kept as hashes. A note that is lost, as two instances write at once, is made again at the next login.
type known struct {
	values Values
	log    *zap.Logger

	mu     sync.Mutex
	places map[string]int64 // when each was last noted, Unix seconds
	read   time.Time
}

// knownKey brings together the names that MySQL finds to be the same.
func knownKey(name, network string) string {
	return strings.TrimPrefix(counterKey("known", strings.ToLower(strings.TrimRight(name, " ")), network), "login:")
}

func (k *known) has(ctx context.Context, name, network string) bool {
	key := knownKey(name, network)
	if places, stale := k.remembered(); !stale {
		return fresh(places[key])
	}
	return fresh(k.load(ctx)[key])
}

func fresh(at int64) bool { return time.Since(time.Unix(at, 0)) < knownKept }

// remembered returns what was read last. Only the first to find it stale is told so: the others of a
// flood must not read as well.
func (k *known) remembered() (places map[string]int64, stale bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	stale = time.Since(k.read) >= knownFresh
	if stale {
		k.read = time.Now()
	}
	return k.places, stale
}

// load reads the places. What was read last stays where they cannot be read.
func (k *known) load(ctx context.Context) map[string]int64 {
	ctx, cancel := context.WithTimeout(ctx, knownWait)
	defer cancel()
	text, err := k.values.KVGet(ctx, keyKnown)
	var places map[string]int64
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &places)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.log.Warn("the addresses that have logged in before cannot be read", zap.Error(err))
		return k.places
	}
	k.places = places
	return places
}

// add notes a place. A login does not fail for it.
func (k *known) add(ctx context.Context, name, network string) {
	key := knownKey(name, network)
	places := maps.Clone(k.load(ctx))
	if places == nil {
		places = make(map[string]int64)
	}
	if time.Since(time.Unix(places[key], 0)) < knownAnew {
		return
	}
	places[key] = time.Now().Unix()
	oldest := slices.SortedFunc(maps.Keys(places), func(a, b string) int { return cmp.Compare(places[a], places[b]) })
	for _, old := range oldest[:max(0, len(oldest)-knownPlaces)] {
		delete(places, old)
	}
	text, err := json.Marshal(places)
	if err == nil {
		err = k.values.KVPut(ctx, keyKnown, string(text))
	}
	if err != nil {
		k.log.Warn("an address that has logged in cannot be noted", zap.Error(err))
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.places = places
}
