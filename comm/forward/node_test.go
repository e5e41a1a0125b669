package forward_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"wxcomponent/comm/forward"
)

const verifyScript = `
const { Webhook } = require('standardwebhooks');
const { secrets, body, headers } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
for (const secret of secrets) new Webhook(secret).verify(body, headers);
try {
  new Webhook(secrets[0]).verify(body + ' ', headers);
  process.exit(3);
} catch (e) {
  process.stdout.write('verified');
}`

// The library is one of the dashboard's development dependencies.
func TestNodeLibraryVerifiesWhatIsSent(t *testing.T) {
	client, err := filepath.Abs("../../client")
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(client, "node_modules")); err != nil && os.Getenv("CI") == "" {
		t.Skip("needs `npm ci` in client")
	}
	r := single(t, nil)
	s := r.receiver(nil)
	id, first, err := r.AddTarget(t.Context(), forward.TargetEntry{Name: "t", Port: s.port, Path: "/", Format: forward.AsJSON})
	require.NoError(t, err)
	second, err := r.RotateSecret(t.Context(), id, "", 1<<40)
	require.NoError(t, err)
	r.branch(forward.Conditions{}, forward.Async, false, id)
	r.receive(message(t, "wxacc", "你好 😀"))
	got := r.gets(s, 1)[0]
	input, err := json.Marshal(map[string]any{
		"secrets": []string{first.Reveal(), second.Reveal()}, "body": got.body,
		"headers": map[string]string{
			"webhook-id": got.header.Get("Webhook-Id"), "webhook-timestamp": got.header.Get("Webhook-Timestamp"),
			"webhook-signature": got.header.Get("Webhook-Signature"),
		},
	})
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "node", "-e", verifyScript)
	cmd.Dir, cmd.Stdin = client, bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "verified", string(out))
}
