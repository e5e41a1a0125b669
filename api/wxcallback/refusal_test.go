package wxcallback_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/console/refusals"
)

// TestNoPushIsRefusedForAReasonThatOperatorsAreNotTold holds that the self-check knows every reason
// that the sources name.
func TestNoPushIsRefusedForAReasonThatOperatorsAreNotTold(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	named := regexp.MustCompile(`(?:reason: |unavailable\(|^\t\treturn )"(\w+)"`)
	known := refusals.Reasons()
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			for _, match := range named.FindAllStringSubmatch(line, -1) {
				found++
				require.True(t, slices.ContainsFunc(known, func(r refusals.Reason) bool {
					return r.Area == refusals.Push && r.Name == match[1]
				}), "%s: %s", file, match[1])
			}
		}
	}
	require.Greater(t, found, 15)
}
