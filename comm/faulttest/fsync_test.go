package faulttest

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const notFlushed = "pushes were acknowledged before the disk had them"

// Between the writing of a push and its acknowledgement lies a completed flush of the file.
func TestAcknowledgedAfterTheFlush(t *testing.T) {
	parallel(t)
	t.Run("sqlite", func(t *testing.T) { traceFlushes(t, "") })
	t.Run("control", func(t *testing.T) { traceFlushes(t, "ack-early", notFlushed) })
}

func traceFlushes(t *testing.T, defects string, expected ...string) {
	pl := planned(t, defects, plan{rate: 60}, plan{rate: 150, time: 10 * time.Second})
	strace, err := exec.LookPath("strace")
	if err != nil || exec.CommandContext(t.Context(), strace, "-D", "-f", "-o", os.DevNull, "true").Run() != nil {
		require.False(t, pl.full, "strace is needed, and the right to trace")
		t.Skip("strace is needed, and the right to trace")
	}
	r := newReport(t, pl, defects)
	p := newProduct(t, sqlite(t), defects)
	trace := filepath.Join(p.dir, "trace")
	p.args = []string{
		strace, "-D", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "4200", "-o", trace, "-e", "trace=read,write,pwrite64,fsync,fdatasync",
		"-e", "signal=none",
	}
	gone, held, err := os.Pipe()
	require.NoError(t, err)
	defer gone.Close()
	p.files = []*os.File{held}
	p.start()
	require.NoError(t, held.Close())
	g := newGenerator(t, p, pl)
	g.steps(pl.time)
	p.stop()
	_, err = io.Copy(io.Discard, gone) // the tracer, which has the other end as well, outlives what it traces by a moment
	require.NoError(t, err)
	f := readTrace(t, trace)
	r.Counts["acknowledged"], r.Counts["traced"], r.Counts["flushes"] = int64(len(g.ledger.read())), int64(f.acks), int64(f.flushes)
	r.Counts["not_flushed"] = int64(f.early)
	r.check(f.acks > 0 && f.acks >= len(g.ledger.read())*9/10, neverTaken, "%d acknowledgements in the trace", f.acks)
	r.check(f.early == 0, notFlushed, "%d of %d", f.early, f.acks)
	r.close(expected...)
}

// flushing is what a trace tells of the order of writes, flushes and answers.
type flushing struct {
	acks, early, flushes int

	line    int
	written map[string]int    // push → line of the first write of it to the log
	reading map[string]string // connection → push that came last
	begun   map[string]int    // thread → line where its flush began
	latest  int               // line where the latest flush that has ended began
	half    map[string]string // thread → first part of a call that was interrupted
}

var (
	tracedCall    = regexp.MustCompile(`^(\d+) +(\w+)\((\d+<[^>]*>)(.*)$`)
	tracedResumed = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
	tracedID      = regexp.MustCompile(`2[4-9]\d{17}`)
)

const unfinished = "<unfinished ...>"

// readTrace reads what strace wrote.
func readTrace(t *testing.T, path string) *flushing {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	f := &flushing{
		written: map[string]int{}, reading: map[string]string{}, begun: map[string]int{}, half: map[string]string{}, latest: -1,
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for ; lines.Scan(); f.line++ {
		f.read(lines.Text())
	}
	require.NoError(t, lines.Err())
	return f
}

func (f *flushing) read(line string) {
	if m := tracedResumed.FindStringSubmatch(line); m != nil {
		thread, rest := m[1], m[3]
		if call := tracedCall.FindStringSubmatch(f.half[thread]); call != nil {
			f.end(thread, call[2], call[3], strings.TrimSuffix(call[4], unfinished)+rest)
		}
		delete(f.half, thread)
		return
	}
	m := tracedCall.FindStringSubmatch(line)
	if m == nil {
		return
	}
	f.begin(m[1], m[2], m[3], m[4])
	if strings.HasSuffix(line, unfinished) {
		f.half[m[1]] = line
		return
	}
	f.end(m[1], m[2], m[3], m[4])
}

// begin notes what counts from the beginning of a call: an answer may be seen before it has ended.
func (f *flushing) begin(thread, call, file, data string) {
	switch call {
	case "fsync", "fdatasync":
		f.begun[thread] = f.line
	case "write":
		if id := f.reading[file]; id != "" && strings.Contains(data, "HTTP/1.1 200 OK") {
			f.acknowledged(id)
		}
	}
}

// end notes what counts from the end of a call.
func (f *flushing) end(thread, call, file, data string) {
	switch call {
	case "read":
		if id := tracedID.FindString(data); id != "" {
			f.reading[file] = id
		}
	case "pwrite64":
		if !strings.Contains(file, "-wal>") {
			return
		}
		for _, id := range tracedID.FindAllString(data, -1) {
			if _, known := f.written[id]; !known {
				f.written[id] = f.line
			}
		}
	case "fsync", "fdatasync":
		if strings.Contains(file, "-wal>") && strings.HasSuffix(strings.TrimSpace(data), "= 0") {
			f.flushes++
			f.latest = max(f.latest, f.begun[thread])
		}
	}
}

// acknowledged looks whether a flush that has ended began after the push had been written.
func (f *flushing) acknowledged(id string) {
	f.acks++
	at, known := f.written[id]
	if !known || f.latest < at {
		f.early++
	}
}
