package faulttest

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ledger is where the generator writes down what was acknowledged, on disk before anything else
// happens to the push: one writer flushes what has gathered.
type ledger struct {
	t       testing.TB
	file    *os.File
	waiting chan entry
	done    chan struct{}
}

type entry struct {
	line    string
	written chan struct{}
}

func newLedger(t testing.TB) *ledger {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "ledger"))
	require.NoError(t, err)
	l := &ledger{t: t, file: file, waiting: make(chan entry, 10_000), done: make(chan struct{})}
	go l.write()
	t.Cleanup(func() {
		close(l.waiting)
		<-l.done
		_ = file.Close()
	})
	return l
}

func (l *ledger) acknowledged(id int64, account string) {
	e := entry{line: strconv.FormatInt(id, 10) + " " + account + "\n", written: make(chan struct{})}
	l.waiting <- e
	<-e.written
}

func (l *ledger) write() {
	defer close(l.done)
	for e := range l.waiting {
		batch := []entry{e}
		for len(l.waiting) > 0 {
			batch = append(batch, <-l.waiting)
		}
		var text strings.Builder
		for _, e := range batch {
			text.WriteString(e.line)
		}
		_, err := l.file.WriteString(text.String())
		if err == nil {
			err = l.file.Sync()
		}
		if err != nil {
			l.t.Errorf("write the ledger: %v", err)
		}
		for _, e := range batch {
			close(e.written)
		}
	}
}

// read returns the accounts of the pushes that were acknowledged, by id.
func (l *ledger) read() map[int64]string {
	l.t.Helper()
	file, err := os.Open(l.file.Name())
	require.NoError(l.t, err)
	defer file.Close()
	out := make(map[int64]string)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var id int64
		var account string
		_, err := fmt.Sscan(lines.Text(), &id, &account)
		require.NoError(l.t, err)
		out[id] = account
	}
	return out
}
