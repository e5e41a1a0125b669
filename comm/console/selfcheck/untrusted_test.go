package selfcheck_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/console/selfcheck"
)

func TestStrangersCannotFillTheListOfProxies(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	u := selfcheck.NewUntrusted(func() time.Time { return now })
	for i := range 1000 {
		u.Note(fmt.Sprintf("198.51.100.%d", i%250))
	}
	require.Len(t, u.Addresses(), 8)
	now = now.Add(time.Hour)
	u.Note("10.0.0.1")
	require.Equal(t, []string{"10.0.0.1"}, u.Addresses())
}
