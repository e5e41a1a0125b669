package config

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExampleNamesEverySetting(t *testing.T) {
	text, err := os.ReadFile("../../.env.example")
	require.NoError(t, err)
	var want, got []string
	for _, s := range settings() {
		want = append(want, s.name)
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			require.Empty(t, value, "%s: the example sets nothing, so that a copy of it is the default", name)
			got = append(got, name)
		}
	}
	require.ElementsMatch(t, want, got)
}

func TestExampleIsTheDefault(t *testing.T) {
	text, err := os.ReadFile("../../.env.example")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/.env", text, 0o600))
	getenv := func(string) string { return "" }
	with, err := Load(Options{Getenv: getenv, Dir: dir})
	require.NoError(t, err)
	without, err := Load(Options{Getenv: getenv, Dir: t.TempDir()})
	require.NoError(t, err)
	require.Equal(t, without, with)
}
