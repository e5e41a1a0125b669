package faulttest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"wxcomponent/db/dbtest"
)

// atOnce is how many short runs go on at the same time. They mostly wait.
const atOnce = 6

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", strconv.Itoa(atOnce))
	code := dbtest.Main(m)
	if binaries.dir != "" {
		_ = os.RemoveAll(binaries.dir)
	}
	os.Exit(code)
}

// binaries are the service as it is shipped, and as it can be given defects. Each is built once, when
// it is first needed.
var binaries struct {
	folder         sync.Once
	dir            string
	err            error
	shipped, tamed binary
}

type binary struct {
	once sync.Once
	path string
	err  error
}

// build returns the path of the service that can be given defects, or of the one that cannot. Its
// options are those of `make build`, so that most of it is in Go's cache by then.
func build(defects bool) (string, error) {
	binaries.folder.Do(func() { binaries.dir, binaries.err = os.MkdirTemp("", "wxcomponent-fault-") })
	if binaries.err != nil {
		return "", binaries.err
	}
	b, name, tags := &binaries.shipped, "wxcomponent", "nomsgpack"
	if defects {
		b, name, tags = &binaries.tamed, "faultcontrol", "nomsgpack,faultcontrol"
	}
	b.once.Do(func() {
		b.path = filepath.Join(binaries.dir, name)
		cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-tags", tags, "-ldflags", "-s -w", "-o", b.path, ".")
		cmd.Dir, cmd.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.err = fmt.Errorf("build the service: %w\n%s", err, out)
		}
	})
	return b.path, b.err
}

// plan is how much a run does.
type plan struct {
	full  bool
	seed  uint64
	rate  int           // pushes per second
	time  time.Duration // that they come for in a full run
	kills int           // at least
}

// planned returns the short plan or the full one, with the changes that the environment makes. A
// run with defects is short: it need only find them.
func planned(t *testing.T, defects string, short, full plan) plan {
	t.Helper()
	parallel(t)
	p := short
	if isFull() && defects == "" {
		p = full
		p.full = true
	}
	number := func(name string, usual int) int {
		text := os.Getenv(name)
		if text == "" {
			return usual
		}
		n, err := strconv.Atoi(text)
		require.NoError(t, err, name)
		return n
	}
	p.seed = uint64(number("FAULT_SEED", int(time.Now().UnixNano()%1_000_000_000)))
	p.rate = number("FAULT_RATE", p.rate)
	p.time = time.Duration(number("FAULT_SECONDS", int(p.time.Seconds()))) * time.Second
	p.kills = number("FAULT_KILLS", p.kills)
	return p
}

func isFull() bool { return os.Getenv("FAULT_FULL") != "" }

// parallel lets short runs share the machine. Full ones have it to themselves.
func parallel(t *testing.T) {
	t.Helper()
	if !isFull() {
		t.Parallel()
	}
}

// pick is one duration in a full run and another in a short one.
func (p plan) pick(full, short time.Duration) time.Duration {
	if p.full {
		return full
	}
	return short
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
